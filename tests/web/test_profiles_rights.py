# SPDX-License-Identifier: Apache-2.0
"""A right in a profile acts on the next request, in menu, route and API, without log-in (X-09)."""

from starlette.types import ASGIApp

from server.domain.permissions import Permission, Role
from tests.web.visiting import Person, SignIn, error_codes

ITEM_TYPES = tuple(p for p in Permission if p.subject == "item_types")
MENU_ENTRY = 'href="/item-types"'
READ = "{ contactItemTypes { totalCount } }"
CREATE = """mutation ($input: CreateContactItemTypeInput!) {
  createContactItemType(input: $input) { contactItemType { name } userErrors { code } }
}"""
EDIT_PROFILE = """mutation ($input: EditProfileInput!) {
  editProfile(input: $input) { profile { permissions } userErrors { code field } }
}"""


async def grant(admin: Person, person: Person, *permissions: Permission) -> None:
    """As an administrator does it in Staff > User profile > Permission."""
    answer = await admin.browser.send_form(
        f"/profiles/profile_{person.account.profile_id}",
        name=f"Profile of {person.account.name}",
        permissions=[permission.value for permission in permissions],
    )
    assert answer.status_code == 303


async def test_without_the_right_there_is_no_menu_entry_no_page_and_no_field(
    signed_in: SignIn,
) -> None:
    person = await signed_in(Role.SUPERVISOR, (Permission.LISTS_VIEW,))
    assert MENU_ENTRY not in (await person.browser.get("/account")).text
    for path in ("/item-types", "/item-types/new"):
        refused = await person.browser.get(path)
        assert refused.status_code == 403
        assert "Ask an administrator" in refused.text
    given = {"name": "Office", "orderBy": "1", "color": "#AABBCC"}
    assert (await person.browser.send_form("/item-types", **given)).status_code == 403
    answer = await person.browser.graphql(READ)
    assert error_codes(answer) == ["FORBIDDEN"]
    assert answer["data"] is None
    answer = await person.browser.graphql(
        CREATE, input={"name": "Office", "orderBy": 1, "color": "#AABBCC"}
    )
    assert error_codes(answer) == ["FORBIDDEN"]


async def test_a_right_switched_on_and_off_acts_on_the_next_page(signed_in: SignIn) -> None:
    admin = await signed_in()
    person = await signed_in(Role.SUPERVISOR, ())
    assert (await person.browser.get("/item-types")).status_code == 403

    await grant(admin, person, *ITEM_TYPES)
    shown = await person.browser.get("/item-types")
    assert shown.status_code == 200
    assert MENU_ENTRY in shown.text
    given = {"name": "Office", "orderBy": "1", "color": "#AABBCC"}
    assert (await person.browser.send_form("/item-types", **given)).status_code == 303

    await grant(admin, person)
    assert (await person.browser.get("/item-types")).status_code == 403
    assert MENU_ENTRY not in (await person.browser.get("/account")).text


async def test_the_menu_itself_follows_on_the_very_next_page(signed_in: SignIn) -> None:
    admin = await signed_in()
    person = await signed_in(Role.SUPERVISOR, ())
    assert MENU_ENTRY not in (await person.browser.get("/account/password")).text
    await grant(admin, person, Permission.ITEM_TYPES_VIEW)
    assert MENU_ENTRY in (await person.browser.get("/account/password")).text
    await grant(admin, person)
    assert MENU_ENTRY not in (await person.browser.get("/account/password")).text


async def test_a_right_switched_on_and_off_acts_on_the_next_query(
    signed_in: SignIn,
) -> None:
    admin = await signed_in()
    person = await signed_in(Role.SUPERVISOR, ())
    profile = f"profile_{person.account.profile_id}"
    assert error_codes(await person.browser.graphql(READ)) == ["FORBIDDEN"]

    given = {"id": profile, "permissions": ["item_types.view"]}
    answer = await admin.browser.graphql(EDIT_PROFILE, input=given)
    assert answer["data"]["editProfile"] == {
        "profile": {"permissions": ["item_types.view"]},
        "userErrors": [],
    }
    answer = await person.browser.graphql(READ)
    assert answer == {"data": {"contactItemTypes": {"totalCount": 0}}}

    answer = await admin.browser.graphql(EDIT_PROFILE, input={"id": profile, "permissions": []})
    assert answer["data"]["editProfile"]["profile"] == {"permissions": []}
    assert error_codes(await person.browser.graphql(READ)) == ["FORBIDDEN"]


async def test_a_right_changed_in_another_process_acts_as_soon(
    signed_in: SignIn, other_application: ASGIApp
) -> None:
    admin = await signed_in(at=other_application)
    person = await signed_in(Role.SUPERVISOR, ())
    assert error_codes(await person.browser.graphql(READ)) == ["FORBIDDEN"]
    await grant(admin, person, Permission.ITEM_TYPES_VIEW)
    assert error_codes(await person.browser.graphql(READ)) == []
    await grant(admin, person)
    assert error_codes(await person.browser.graphql(READ)) == ["FORBIDDEN"]


async def test_another_profile_acts_on_the_next_request_too(signed_in: SignIn) -> None:
    admin = await signed_in()
    rich = await signed_in(Role.SUPERVISOR, ITEM_TYPES)
    person = await signed_in(Role.SUPERVISOR, ())
    assert error_codes(await person.browser.graphql(READ)) == ["FORBIDDEN"]
    answer = await admin.browser.send_form(
        f"/users/user_{person.account.user_id}", profileId=f"profile_{rich.account.profile_id}"
    )
    assert answer.status_code == 303
    assert error_codes(await person.browser.graphql(READ)) == []


async def test_a_supervisor_with_the_right_works_like_an_administrator(
    signed_in: SignIn,
) -> None:
    person = await signed_in(Role.SUPERVISOR, ITEM_TYPES)
    browser = person.browser
    given = {"name": "Office", "orderBy": "1", "color": "#AABBCC"}
    assert (await browser.send_form("/item-types", **given)).status_code == 303
    answer = await browser.graphql("{ contactItemTypes { edges { node { id name } } } }")
    [edge] = answer["data"]["contactItemTypes"]["edges"]
    assert edge["node"]["name"] == "Office"
    path = f"/item-types/{edge['node']['id']}"
    edited = await browser.send_form(path, **{**given, "name": "Work"})
    assert edited.status_code == 303
    assert "Work" in (await browser.get("/item-types")).text
    assert (await browser.send_form(f"{path}/deletion")).status_code == 303
    assert await browser.graphql(READ) == {"data": {"contactItemTypes": {"totalCount": 0}}}


async def test_the_right_to_read_the_schema_acts_on_the_next_query_too(
    signed_in: SignIn, other_application: ASGIApp
) -> None:
    admin = await signed_in(at=other_application)
    person = await signed_in(Role.SUPERVISOR, ())
    introspection = "{ __schema { queryType { name } } }"
    for given in (False, True, False):
        await grant(admin, person, *([Permission.SCHEMA_INTROSPECT] if given else []))
        answer = await person.browser.graphql(introspection)
        assert error_codes(answer) == ([] if given else ["FORBIDDEN"])
        assert (await person.browser.get("/graphiql")).status_code == (200 if given else 403)
