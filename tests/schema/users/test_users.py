# SPDX-License-Identifier: Apache-2.0
"""`users`, `user` and what is done to them: roles, profiles, activation, passwords (X-09)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.services.access import ViewerCache
from server.services.account import log_in
from tests.factories.access import PASSWORD, make_account, sign_in, viewer_of
from tests.schema.asking import Ask

FIELDS = """id name fullName role roleLabel profileName isActive locale timezone version
  profile { id name }"""
USERS = f"""query ($filter: UserFilter, $sort: UserSort, $direction: SortDirection, $first: Int) {{
  users(filter: $filter, sort: $sort, direction: $direction, first: $first) {{
    totalCount edges {{ node {{ {FIELDS} lastLoginAt createdAt }} }} }} }}"""
USER = f"query ($id: ID!) {{ user(id: $id) {{ {FIELDS} }} }}"
ERRORS = "userErrors { code field message }"
CREATE = f"""mutation ($input: CreateUserInput!) {{
  result: createUser(input: $input) {{ user {{ {FIELDS} }} {ERRORS} }} }}"""
EDIT = f"""mutation ($input: EditUserInput!) {{
  result: editUser(input: $input) {{ user {{ {FIELDS} }} {ERRORS} }} }}"""
STATES = {
    name: f"""mutation ($input: UserStateInput!) {{
  result: {name}(input: $input) {{ user {{ isActive version }} {ERRORS} }} }}"""
    for name in ("deactivateUser", "reactivateUser")
}
PASSWORDS = f"""mutation ($input: SetUserPasswordInput!) {{
  result: setUserPassword(input: $input) {{ user {{ name }} {ERRORS} }} }}"""
SESSIONS = f"""mutation ($input: EndUserSessionsInput!) {{
  result: endUserSessions(input: $input) {{ sessionsEnded user {{ name }} {ERRORS} }} }}"""


def faults(answer: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["field"]) for error in answer["data"]["result"]["userErrors"]]


async def created(ask: Ask, **given: object) -> Any:
    answer = await ask(CREATE, input={"role": "AGENT", **given})
    assert faults(answer) == []
    return answer["data"]["result"]["user"]


async def test_a_user_is_created_and_can_log_in(ask: Ask, database: Database) -> None:
    given = {"name": "Sara.L", "fullName": "Sara Łuczak", "password": PASSWORD, "locale": "it"}
    user = await created(ask, **given, role="SUPERVISOR", timezone="Europe/Warsaw")
    assert user == {
        "id": user["id"],
        "name": "Sara.L",
        "fullName": "Sara Łuczak",
        "role": "SUPERVISOR",
        "roleLabel": "Supervisor",
        "profileName": None,
        "profile": None,
        "isActive": True,
        "locale": "it",
        "timezone": "Europe/Warsaw",
        "version": 1,
    }
    _, viewer = await log_in(database, "sara.l", PASSWORD)
    assert (f"user_{viewer.user_id}", viewer.locale) == (user["id"], "it")


async def test_users_are_filtered_and_sorted_alike_by_both_paths(
    ask: Ask, viewer: Viewer, database: Database, tenant: int
) -> None:
    account = await make_account(database, tenant, Role.SUPERVISOR, (Permission.LISTS_VIEW,))
    profile = f"profile_{account.profile_id}"
    await created(ask, name=f"zoe-{tenant}", fullName="Anna Rossi")
    away = await created(ask, name=f"bob-{tenant}", fullName="Bob")
    await ask(STATES["deactivateUser"], input={"id": away["id"]})
    everybody = [viewer.name, account.name, f"zoe-{tenant}", f"bob-{tenant}"]
    by_name = sorted(everybody, key=str.casefold)
    for variables, names in (
        ({}, by_name),
        ({"direction": "DESC"}, by_name[::-1]),
        ({"sort": "CREATED_AT"}, everybody),
        ({"filter": {"search": "rOSS"}}, [f"zoe-{tenant}"]),
        ({"filter": {"search": f"OB-{tenant}"}}, [f"bob-{tenant}"]),
        ({"filter": {"search": "no_one"}}, []),
        ({"filter": {"role": "SUPERVISOR"}}, [account.name]),
        ({"filter": {"isActive": False}}, [f"bob-{tenant}"]),
        ({"filter": {"profileId": profile}}, [account.name]),
        ({"filter": {"profileId": "user_1"}}, []),
        ({"sort": "ROLE", "first": 2}, [viewer.name, f"bob-{tenant}"]),
    ):
        answer = await ask(USERS, **variables)
        nodes = [edge["node"] for edge in answer["data"]["users"]["edges"]]
        assert [node["name"] for node in nodes] == names, variables
        assert await ask(USERS, ordinary=True, **variables) == answer
    [node] = [
        edge["node"]
        for edge in (await ask(USERS, filter={"profileId": profile}))["data"]["users"]["edges"]
    ]
    assert node["profile"] == {"id": profile, "name": node["profileName"]}


async def test_each_fault_names_its_field(ask: Ask, tenant: int) -> None:
    await created(ask, name=f"Taken {tenant}")
    right = {"name": f"new {tenant}", "role": "AGENT"}
    for given, expected in (
        ({"name": ""}, [("REQUIRED", "name")]),
        ({"name": f"TAKEN {tenant}"}, [("TAKEN", "name")]),
        ({"password": "12345678"}, [("WEAK_PASSWORD", "password")]),
        ({"password": "short"}, [("WEAK_PASSWORD", "password")]),
        ({"profileId": "profile_0"}, [("NOT_FOUND", "profileId")]),
        ({"profileId": "rubbish"}, [("NOT_FOUND", "profileId")]),
        ({"timezone": "Mars/Olympus"}, [("UNKNOWN_TIMEZONE", "timezone")]),
        (
            {"name": " ", "locale": "tlh", "fullName": "x" * 201},
            [("REQUIRED", "name"), ("TOO_LONG", "fullName"), ("INVALID", "locale")],
        ),
    ):
        answer = await ask(CREATE, input={**right, **given})
        assert faults(answer) == expected, given
        assert answer["data"]["result"]["user"] is None
    assert (await ask(USERS, filter={"search": f"new {tenant}"}))["data"]["users"]["edges"] == []


async def test_null_takes_the_profile_away_and_what_is_left_out_stays(
    ask: Ask, database: Database, tenant: int
) -> None:
    account = await make_account(database, tenant, Role.SUPERVISOR, (Permission.LISTS_VIEW,))
    user = f"user_{account.user_id}"
    answer = await ask(EDIT, input={"id": user, "fullName": "Somebody"})
    assert answer["data"]["result"]["user"]["profileName"] is not None
    answer = await ask(EDIT, input={"id": user, "profileId": None, "version": 2})
    shown = answer["data"]["result"]["user"]
    assert (shown["profile"], shown["profileName"], shown["fullName"]) == (None, None, "Somebody")
    assert faults(await ask(EDIT, input={"id": user, "name": "x", "version": 2})) == [
        ("CONFLICT", "version")
    ]


async def test_a_deactivated_user_is_out_at_once_and_may_be_let_in_again(
    ask: Ask, database: Database, tenant: int
) -> None:  # ASVS 7.4.2
    account = await make_account(database, tenant, Role.AGENT)
    token, _ = await sign_in(database, account)
    given = {"id": f"user_{account.user_id}"}
    answer = await ask(STATES["deactivateUser"], input=given)
    assert answer["data"]["result"] == {"user": {"isActive": False, "version": 2}, "userErrors": []}
    assert await ViewerCache().viewer_of_session(database, token) is None
    answer = await ask(STATES["reactivateUser"], input=given)
    assert answer["data"]["result"]["user"] == {"isActive": True, "version": 3}
    assert await ViewerCache().viewer_of_session(database, token) is None
    _, viewer = await log_in(database, account.name, PASSWORD)
    assert viewer.user_id == account.user_id


async def test_the_last_administrator_and_oneself_stay(
    ask: Ask, viewer: Viewer, database: Database, tenant: int
) -> None:
    me = {"id": f"user_{viewer.user_id}"}
    assert faults(await ask(STATES["deactivateUser"], input=me)) == [("LAST_ADMIN", "id")]
    assert faults(await ask(EDIT, input={**me, "role": "AGENT"})) == [("LAST_ADMIN", "role")]
    await make_account(database, tenant, Role.ADMIN)
    assert faults(await ask(STATES["deactivateUser"], input=me)) == [("WRONG_STATE", "id")]
    assert (await ask(USER, id=me["id"]))["data"]["user"]["isActive"] is True


async def test_a_password_set_for_somebody_signs_them_out(
    ask: Ask, viewer: Viewer, database: Database, tenant: int
) -> None:
    account = await make_account(database, tenant, Role.AGENT)
    token, _ = await sign_in(database, account)
    user = f"user_{account.user_id}"
    weak = {"id": user, "password": "password"}
    assert faults(await ask(PASSWORDS, input=weak)) == [("WEAK_PASSWORD", "password")]
    assert await ViewerCache().viewer_of_session(database, token) is not None
    new = "grape-lantern-77"
    answer = await ask(PASSWORDS, input={"id": user, "password": new})
    assert answer["data"]["result"] == {"user": {"name": account.name}, "userErrors": []}
    assert await ViewerCache().viewer_of_session(database, token) is None
    assert (await log_in(database, account.name, new))[1].user_id == account.user_id
    mine = {"id": f"user_{viewer.user_id}", "password": new}
    assert faults(await ask(PASSWORDS, input=mine)) == [("WRONG_STATE", "id")]


async def test_somebody_is_signed_out_everywhere(
    ask: Ask, database: Database, tenant: int
) -> None:  # ASVS 7.4.5
    account = await make_account(database, tenant, Role.AGENT)
    tokens = [(await sign_in(database, account))[0] for _ in range(2)]
    answer = await ask(SESSIONS, input={"id": f"user_{account.user_id}"})
    assert answer["data"]["result"] == {
        "sessionsEnded": 2,
        "user": {"name": account.name},
        "userErrors": [],
    }
    for token in tokens:
        assert await ViewerCache().viewer_of_session(database, token) is None


async def test_only_an_administrator_makes_one_or_touches_one(
    ask: Ask, viewer: Viewer, database: Database, tenant: int
) -> None:
    rights = tuple(Permission)
    editor = await viewer_of(database, tenant, Role.SUPERVISOR, rights)
    given = {"name": f"boss {tenant}", "role": "ADMIN"}
    assert faults(await ask(CREATE, as_=editor, input=given)) == [("ESCALATION", "role")]
    for name, document in (("editUser", EDIT), ("deactivateUser", STATES["deactivateUser"])):
        answer = await ask(document, as_=editor, input={"id": f"user_{viewer.user_id}"})
        assert faults(answer) == [("ESCALATION", "id")], name


@pytest.mark.parametrize("ordinary", [False, True])
async def test_another_centres_user_is_not_there(
    ask: Ask, viewer: Viewer, database: Database, new_tenant: Any, ordinary: bool
) -> None:
    other = await viewer_of(database, await new_tenant())
    theirs = f"user_{viewer.user_id}"
    answer = await ask(USER, as_=other, ordinary=ordinary, id=theirs)
    assert answer == {"data": {"user": None}}
    answer = await ask(EDIT, as_=other, input={"id": theirs, "name": "mine"})
    assert faults(answer) == [("NOT_FOUND", "id")]


async def test_the_profile_of_a_user_needs_the_right_to_profiles(
    ask: Ask, database: Database, tenant: int
) -> None:  # ASVS 8.2.3
    reader = await viewer_of(database, tenant, Role.SUPERVISOR, (Permission.USERS_VIEW,))
    user = f"user_{reader.user_id}"
    answer = await ask("query ($id: ID!) { user(id: $id) { profileName } }", as_=reader, id=user)
    assert answer["data"]["user"]["profileName"].startswith("Profile ")
    answer = await ask(
        "query ($id: ID!) { user(id: $id) { profile { permissions } } }", as_=reader, id=user
    )
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["permission"] == "profiles.view"
