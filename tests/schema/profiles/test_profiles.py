# SPDX-License-Identifier: Apache-2.0
"""`profiles`, `profile` and their mutations: what a profile grants, and who may grant it (X-09)."""

from server.database import Database
from server.domain.permissions import Permission, Role
from tests.factories.access import viewer_of
from tests.schema.asking import Ask

PROFILES = """query ($filter: ProfileFilter, $sort: ProfileSort, $direction: SortDirection) {
  profiles(filter: $filter, sort: $sort, direction: $direction) {
    totalCount
    edges { node { id name description permissions userCount version } }
  }
}"""
PROFILE = "query ($id: ID!) { profile(id: $id) { name permissions } }"
CREATE = """mutation ($input: CreateProfileInput!) { createProfile(input: $input) {
  profile { id name description permissions version } userErrors { code field message } } }"""
EDIT = """mutation ($input: EditProfileInput!) { editProfile(input: $input) {
  profile { name permissions version } userErrors { code field message } } }"""
DELETE = """mutation ($input: DeleteProfileInput!) { deleteProfile(input: $input) {
  deleted name userErrors { code field message } } }"""


async def created(ask: Ask, name: str, *permissions: str) -> str:
    answer = await ask(CREATE, input={"name": name, "permissions": list(permissions)})
    payload = answer["data"]["createProfile"]
    assert payload["userErrors"] == []
    found: str = payload["profile"]["id"]
    return found


async def test_a_profile_is_created_with_its_permissions_in_the_trees_order(ask: Ask) -> None:
    given = {
        "name": "  Supervisors ",
        "description": "They plan",
        "permissions": ["item_types.edit", "contacts.view", "item_types.view"],
    }
    answer = await ask(CREATE, input=given)
    payload = answer["data"]["createProfile"]
    assert payload["userErrors"] == []
    assert payload["profile"] == {
        "id": payload["profile"]["id"],
        "name": "Supervisors",
        "description": "They plan",
        "permissions": ["contacts.view", "item_types.view", "item_types.edit"],
        "version": 1,
    }


async def test_profiles_are_listed_searched_and_sorted_alike_by_both_paths(ask: Ask) -> None:
    for name in ("Zeta", "alpha", "Beta 100%"):
        await created(ask, name, "lists.view")
    for variables, names in (
        ({}, ["alpha", "Beta 100%", "Zeta"]),
        ({"sort": "CREATED_AT", "direction": "DESC"}, ["Beta 100%", "alpha", "Zeta"]),
        ({"filter": {"search": "BET"}}, ["Beta 100%"]),
        ({"filter": {"search": "0%"}}, ["Beta 100%"]),
        ({"filter": {"search": "%%"}}, []),
    ):
        answer = await ask(PROFILES, **variables)
        edges = answer["data"]["profiles"]["edges"]
        assert [edge["node"]["name"] for edge in edges] == names
        assert answer["data"]["profiles"]["totalCount"] == len(names)
        assert await ask(PROFILES, ordinary=True, **variables) == answer


async def test_a_profile_is_changed_in_part(ask: Ask) -> None:
    profile = await created(ask, "Agents", "contacts.view", "lists.view")
    answer = await ask(EDIT, input={"id": profile, "permissions": ["lists.view"], "version": 1})
    assert answer["data"]["editProfile"] == {
        "profile": {"name": "Agents", "permissions": ["lists.view"], "version": 2},
        "userErrors": [],
    }


async def test_each_fault_names_its_field(ask: Ask) -> None:
    await created(ask, "Agents")
    for given, faults in (
        ({"name": " "}, [("REQUIRED", "name")]),
        ({"name": "x" * 101}, [("TOO_LONG", "name")]),
        ({"name": "AGENTS"}, [("TAKEN", "name")]),
        (
            {"name": "", "permissions": ["lists.view", "lists.fly"]},
            [("REQUIRED", "name"), ("INVALID", "permissions.1")],
        ),
    ):
        answer = await ask(CREATE, input=given)
        errors = answer["data"]["createProfile"]["userErrors"]
        assert [(error["code"], error["field"]) for error in errors] == faults
        assert answer["data"]["createProfile"]["profile"] is None
    answer = await ask(PROFILES)
    assert [edge["node"]["name"] for edge in answer["data"]["profiles"]["edges"]] == ["Agents"]


async def test_an_old_version_and_an_unknown_id_are_refused(ask: Ask) -> None:
    profile = await created(ask, "Agents")
    await ask(EDIT, input={"id": profile, "name": "Callers", "version": 1})
    answer = await ask(EDIT, input={"id": profile, "name": "People", "version": 1})
    [error] = answer["data"]["editProfile"]["userErrors"]
    assert (error["code"], error["field"]) == ("CONFLICT", "version")
    assert (await ask(PROFILE, id=profile))["data"]["profile"]["name"] == "Callers"
    for wrong in ("profile_0", "user_1", "nonsense", profile + "9"):
        answer = await ask(EDIT, input={"id": wrong, "name": "People"})
        [error] = answer["data"]["editProfile"]["userErrors"]
        assert (error["code"], error["field"]) == ("NOT_FOUND", "id")


async def test_nobody_grants_what_they_do_not_have(
    ask: Ask, database: Database, tenant: int
) -> None:
    rights = (Permission.PROFILES_VIEW, Permission.PROFILES_EDIT, Permission.PROFILES_CREATE)
    editor = await viewer_of(database, tenant, Role.SUPERVISOR, rights)
    profile = await created(ask, "Agents", "lists.view")
    beyond = {"id": profile, "permissions": ["lists.view", "contacts.delete"]}
    answer = await ask(EDIT, as_=editor, input=beyond)
    [error] = answer["data"]["editProfile"]["userErrors"]
    assert (error["code"], error["field"]) == ("ESCALATION", "permissions")
    assert error["message"] == "You cannot give what you do not have: “Contacts: Delete”."
    # What the profile has already was somebody else's to give; the editor's own may be added.
    answer = await ask(
        EDIT, as_=editor, input={"id": profile, "permissions": ["lists.view", "profiles.view"]}
    )
    assert answer["data"]["editProfile"]["userErrors"] == []
    shown = (await ask(PROFILE, id=profile))["data"]["profile"]
    assert shown["permissions"] == ["lists.view", "profiles.view"]


async def test_a_profile_that_somebody_carries_stays(
    ask: Ask, database: Database, tenant: int
) -> None:
    person = await viewer_of(database, tenant, Role.AGENT, (Permission.LISTS_VIEW,))
    answer = await ask(PROFILES)
    [node] = [edge["node"] for edge in answer["data"]["profiles"]["edges"]]
    assert node["userCount"] == 1
    answer = await ask(DELETE, input={"id": node["id"]})
    [error] = answer["data"]["deleteProfile"]["userErrors"]
    assert (error["code"], error["field"]) == ("IN_USE", "id")
    assert person.name in error["message"]
    assert (await ask(PROFILES))["data"]["profiles"]["totalCount"] == 1


async def test_a_profile_that_nobody_carries_is_deleted(ask: Ask) -> None:
    profile = await created(ask, "Agents")
    answer = await ask(DELETE, input={"id": profile})
    assert answer["data"]["deleteProfile"] == {"deleted": True, "name": "Agents", "userErrors": []}
    assert (await ask(PROFILE, id=profile))["data"]["profile"] is None


async def test_another_centres_profile_is_not_there(
    ask: Ask, database: Database, new_tenant: object, tenant: int
) -> None:
    other = await viewer_of(database, await new_tenant())  # type: ignore[operator]
    profile = await created(ask, "Agents")
    for ordinary in (False, True):
        answer = await ask(PROFILE, as_=other, ordinary=ordinary, id=profile)
        assert answer == {"data": {"profile": None}}
    answer = await ask(EDIT, as_=other, input={"id": profile, "name": "Mine"})
    [error] = answer["data"]["editProfile"]["userErrors"]
    assert (error["code"], error["field"]) == ("NOT_FOUND", "id")
