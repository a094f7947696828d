# SPDX-License-Identifier: Apache-2.0
"""API tokens and the audit by the pages."""

import re

import httpx
import pytest

from server.domain.permissions import Permission, Role
from tests.web.visiting import Person, SignIn, Visitor, text_of

OWN = tuple(permission for permission in Permission if permission.subject == "tokens")


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


def secret_of(page: httpx.Response) -> str:
    found = re.search(r'<code id="secret">(rub_[\w-]+)</code>', page.text)
    assert found is not None
    return found[1]


async def bearing(visitor: Visitor, secret: str, query: str) -> object:
    visitor.headers["authorization"] = f"Bearer {secret}"
    return await visitor.graphql(query)


async def test_the_secret_is_on_one_page_and_opens_the_api(admin: Person, visitor: Visitor) -> None:
    page = await admin.browser.send_form(
        "/tokens", name="CRM", days="30", extent="some", scopes=["item_types.view"]
    )
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    secret = secret_of(page)
    assert 'data-copy="secret"' in page.text
    assert f"Authorization: Bearer {secret}" in page.text
    listed = await admin.browser.get("/tokens")
    assert secret not in listed.text
    assert f"rub_…{secret[-4:]}" in listed.text
    assert await bearing(visitor, secret, "{ contactItemTypes { totalCount } }") == {
        "data": {"contactItemTypes": {"totalCount": 0}}
    }
    answer = await bearing(visitor, secret, "{ users { totalCount } }")
    assert "FORBIDDEN" in str(answer)


async def test_a_token_without_scopes_may_what_its_user_may(
    admin: Person, visitor: Visitor
) -> None:
    page = await admin.browser.send_form(
        "/tokens", name="All", days="30", extent="all", scopes=["item_types.view"]
    )
    answer = await bearing(visitor, secret_of(page), "{ viewer { name sessionId permissions } }")
    assert answer == {
        "data": {
            "viewer": {
                "name": admin.account.name,
                "sessionId": None,
                "permissions": sorted(permission.value for permission in Permission),
            }
        }
    }
    assert "All of the user" in text_of(await admin.browser.get("/tokens"))


async def test_revoking_asks_first_and_acts_on_the_next_request(
    admin: Person, visitor: Visitor
) -> None:
    secret = secret_of(await admin.browser.send_form("/tokens", name="CRM", days="30"))
    listed = (await admin.browser.get("/tokens")).text
    found = re.search(r'href="(/tokens/token_\d+/revocation)"', listed)
    assert found is not None
    assert "Revoke API token “CRM”?" in text_of(await admin.browser.get(found[1]))
    assert (await admin.browser.post(found[1])).status_code == 303
    page = await admin.browser.get("/tokens")
    assert "API token “CRM” was revoked." in text_of(page)
    assert found[1] not in page.text
    assert await bearing(visitor, secret, "{ viewer { name } }") == {"data": {"viewer": None}}


async def test_a_refused_form_keeps_what_was_chosen(admin: Person) -> None:
    answer = await admin.browser.send_form(
        "/tokens", name=" ", days="400", extent="some", scopes=["lists.view"]
    )
    assert answer.status_code == 422
    assert "This cannot be blank. Fill it in." in text_of(answer)
    assert "This must be between 1 and 365." in text_of(answer)
    assert 'name="scopes" value="lists.view" checked' in answer.text
    assert "No API tokens yet" in text_of(await admin.browser.get("/tokens"))


async def test_the_scopes_offered_are_those_one_has(signed_in: SignIn) -> None:
    person = await signed_in(Role.SUPERVISOR, (*OWN, Permission.LISTS_VIEW))
    page = (await person.browser.get("/tokens/new")).text
    offered = set(re.findall(r'name="scopes" value="([^"]+)"', page))
    assert offered == {"lists.view", *(permission.value for permission in OWN)}
    answer = await person.browser.send_form("/tokens", name="x", toggle="everything")
    ticked = re.findall(r'name="scopes" value="([^"]+)" checked', answer.text)
    assert set(ticked) == offered
    given = {"name": "x", "days": "30", "extent": "some", "scopes": ["users.delete"]}
    refused = await person.browser.send_form("/tokens", **given)
    assert refused.status_code == 422
    assert "You cannot give what you do not have" in text_of(refused)


async def test_who_may_not_is_refused(signed_in: SignIn) -> None:
    reader = (await signed_in(Role.SUPERVISOR, (Permission.TOKENS_VIEW,))).browser
    assert (await reader.get("/tokens")).status_code == 200
    assert (await reader.get("/tokens/new")).status_code == 403
    assert (await reader.send_form("/tokens", name="x", days="30")).status_code == 403
    assert (await reader.get("/tokens/token_1/revocation")).status_code == 403
    assert (await reader.get("/events")).status_code == 403


async def test_the_audit_shows_who_did_what_and_filters_it(
    admin: Person, signed_in: SignIn
) -> None:
    other = await signed_in()
    await admin.browser.send_form("/item-types", name="Office", orderBy="1", color="#AABBCC")
    await other.browser.send_form("/tokens", name="CRM", days="30")
    text = text_of(await admin.browser.get("/events"))
    assert text.index("Created an API token CRM") < text.index("Created an item type Office")
    assert "name: Office · order_by: 1" in text
    only = text_of(await admin.browser.get(f"/events?user=user_{other.account.user_id}"))
    assert "Created an API token CRM" in only
    assert "Created an item type Office" not in only
    kind = text_of(await admin.browser.get("/events?kind=item_type.created"))
    assert "Created an item type Office" in kind
    assert "Created an API token CRM" not in kind
    noun = text_of(await admin.browser.get("/events?kind=token"))
    assert "Created an API token CRM" in noun
    assert "Nothing of this kind was done" in text_of(
        await admin.browser.get("/events?about=user_0")
    )
