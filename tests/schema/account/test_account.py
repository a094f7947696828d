# SPDX-License-Identifier: Apache-2.0
"""`viewer`, `sessions` and what people do to their own account."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import AGENT_CEILING, Permission, Role, Viewer
from server.services.access import ViewerCache
from server.services.account import log_in
from tests.factories.access import PASSWORD, make_account, sign_in
from tests.schema.asking import Ask

ME = """{ viewer { id name fullName role roleLabel permissions locale timezone theme density region
  sessionId tokenId } }"""
SESSIONS = """{ sessions { totalCount edges { node { id ip userAgent createdAt lastSeenAt
  expiresAt } } } }"""
ERRORS = "userErrors { code field message }"
PREFERENCES = f"""mutation ($input: EditPreferencesInput!) {{
  result: editPreferences(input: $input) {{ viewer {{ name }} {ERRORS} }} }}"""
PASSWORDS = f"""mutation ($input: ChangePasswordInput!) {{
  result: changePassword(input: $input) {{ sessionsEnded {ERRORS} }} }}"""
END = f"""mutation ($input: EndSessionInput!) {{
  result: endSession(input: $input) {{ sessionsEnded {ERRORS} }} }}"""
END_OTHERS = f"mutation {{ result: endOtherSessions {{ sessionsEnded {ERRORS} }} }}"
LOG_OUT = f"mutation {{ result: logOut {{ loggedOut {ERRORS} }} }}"


def faults(answer: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["field"]) for error in answer["data"]["result"]["userErrors"]]


async def test_nobody_is_the_viewer_before_a_log_in(ask: Ask) -> None:
    assert await ask(ME, as_=None) == {"data": {"viewer": None}}


async def test_the_viewer_is_who_asks_with_what_they_may(
    ask: Ask, database: Database, tenant: int
) -> None:
    rights = (Permission.LISTS_VIEW, Permission.LISTS_DELETE, Permission.CONTACTS_VIEW)
    account = await make_account(database, tenant, Role.AGENT, rights)
    _, agent = await sign_in(database, account)
    me = (await ask(ME, as_=agent))["data"]["viewer"]
    assert me == {
        "id": f"user_{account.user_id}",
        "name": account.name,
        "fullName": agent.full_name,
        "role": "AGENT",
        "roleLabel": "Agent",
        "permissions": ["contacts.view", "lists.view"],
        "locale": "en",
        "timezone": "Europe/Rome",
        "theme": "auto",
        "density": "comfortable",
        "region": "IT",
        "sessionId": f"session_{agent.session_id}",
        "tokenId": None,
    }
    assert Permission.LISTS_DELETE not in AGENT_CEILING


async def test_everybody_sees_their_own_sessions_only(
    ask: Ask, viewer: Viewer, database: Database, tenant: int
) -> None:  # ASVS 7.5.2
    account = await make_account(database, tenant, Role.AGENT, ())
    _, first = await sign_in(database, account)
    _, second = await sign_in(database, account)
    answer = await ask(SESSIONS, as_=first)
    nodes = [edge["node"] for edge in answer["data"]["sessions"]["edges"]]
    assert [node["id"] for node in nodes] == [
        f"session_{second.session_id}",
        f"session_{first.session_id}",
    ]
    assert await ask(SESSIONS, as_=first, ordinary=True) == answer
    node = "query ($id: ID!) { node(id: $id) { id } }"
    mine = f"session_{first.session_id}"
    assert (await ask(node, as_=second, id=mine))["data"]["node"] == {"id": mine}
    # An administrator signs others out, yet does not read where they sit.
    assert (await ask(SESSIONS))["data"]["sessions"]["totalCount"] == 0
    assert (await ask(node, id=mine))["data"]["node"] is None
    assert faults(await ask(END, input={"id": mine})) == [("NOT_FOUND", "id")]


async def test_sessions_end_at_the_server(ask: Ask, database: Database, tenant: int) -> None:
    account = await make_account(database, tenant, Role.AGENT)
    signed_in = [await sign_in(database, account) for _ in range(4)]
    (_, me), (_, second), *_ = signed_in
    answer = await ask(END, as_=me, input={"id": f"session_{second.session_id}"})
    assert answer["data"]["result"] == {"sessionsEnded": 1, "userErrors": []}
    answer = await ask(END_OTHERS, as_=me)
    assert answer["data"]["result"] == {"sessionsEnded": 2, "userErrors": []}
    answer = await ask(LOG_OUT, as_=me)
    assert answer["data"]["result"] == {"loggedOut": True, "userErrors": []}
    for token, _ in signed_in:
        assert await ViewerCache().viewer_of_session(database, token) is None


async def test_a_token_has_no_session_to_end(ask: Ask, viewer: Viewer) -> None:
    assert faults(await ask(LOG_OUT)) == [("WRONG_STATE", None)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"locale": "it", "theme": "dark", "density": "compact", "timezone": "UTC"}, []),
        ({"locale": "tlh"}, [("INVALID", "locale")]),
        ({"theme": "pink", "density": "huge"}, [("INVALID", "theme"), ("INVALID", "density")]),
        ({"timezone": "Rome"}, [("UNKNOWN_TIMEZONE", "timezone")]),
        ({"fullName": "a\x00b"}, [("INVALID_CHARACTER", "fullName")]),
    ],
)
async def test_preferences_are_saved_or_refused_by_field(
    ask: Ask, viewer: Viewer, database: Database, given: dict[str, str], expected: object
) -> None:
    answer = await ask(PREFERENCES, input=given)
    assert faults(answer) == expected
    [row] = await database.read(
        viewer.tenant_id,
        "SELECT locale, timezone, theme, density FROM users WHERE id = $1",
        viewer.user_id,
    )
    saved = ("it", "UTC", "dark", "compact")
    assert tuple(row) == (("en", "Europe/Rome", "auto", "comfortable") if expected else saved)


async def test_the_own_password_is_changed_against_the_present_one(
    ask: Ask, database: Database, tenant: int
) -> None:
    account = await make_account(database, tenant, Role.AGENT)
    other, _ = await sign_in(database, account)
    token, me = await sign_in(database, account)
    new = "grape-lantern-77"
    wrong = {"currentPassword": "not this one", "newPassword": new}
    answer = await ask(PASSWORDS, as_=me, input=wrong)
    assert faults(answer) == [("CREDENTIALS", "currentPassword")]
    weak = {"currentPassword": PASSWORD, "newPassword": account.name}
    assert faults(await ask(PASSWORDS, as_=me, input=weak)) == [("WEAK_PASSWORD", "newPassword")]
    right = {"currentPassword": PASSWORD, "newPassword": new}
    answer = await ask(PASSWORDS, as_=me, input=right)
    assert answer["data"]["result"] == {"sessionsEnded": 1, "userErrors": []}
    assert await ViewerCache().viewer_of_session(database, other) is None
    assert await ViewerCache().viewer_of_session(database, token) is not None
    assert (await log_in(database, account.name, new))[1].user_id == account.user_id


async def test_guessing_the_own_password_is_throttled_with_the_seconds(
    ask: Ask, database: Database, tenant: int
) -> None:  # ASVS 6.3.1
    account = await make_account(database, tenant, Role.AGENT)
    _, me = await sign_in(database, account)
    guess = {"currentPassword": "not this one", "newPassword": "grape-lantern-77"}
    guesses = [faults(await ask(PASSWORDS, as_=me, input=guess)) for _ in range(5)]
    assert guesses == [[("CREDENTIALS", "currentPassword")]] * 5
    answer = await ask(PASSWORDS, as_=me, input={**guess, "currentPassword": PASSWORD})
    [error] = answer["data"]["result"]["userErrors"]
    assert (error["code"], error["field"]) == ("THROTTLED", "currentPassword")
    assert error["message"] == "Too many tries. Wait 30 seconds, then try again."
