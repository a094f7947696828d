# SPDX-License-Identifier: Apache-2.0
"""The merges that were made, by their pages, and undoing them after a look (D2)."""

import re

import pytest

from server.database import Database
from server.domain.permissions import Viewer
from server.services.contacts import delete_contact
from server.services.contacts.merging import merge_contacts, preview_merge
from tests.factories.access import viewer_of
from tests.factories.merging import Pair, make_pair
from tests.web.visiting import Person, SignIn, text_of

RENAME = """mutation ($id: ID!) { editContact(input: {id: $id, company: "Acme"}) {
  userErrors { message } } }"""


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await viewer_of(database, tenant)


@pytest.fixture
async def pair(database: Database, tenant: int, viewer: Viewer) -> Pair:
    async with database.transaction(tenant) as session:
        return await make_pair(session, viewer)


@pytest.fixture
async def url(database: Database, tenant: int, viewer: Viewer, pair: Pair) -> str:
    """Where the merge of the two is undone."""
    async with database.transaction(tenant) as session:
        found = await preview_merge(session, viewer, pair.keys)
        merged = await merge_contacts(
            session, viewer, pair.keys, pair.keys[0], seen=found.fingerprint
        )
    return f"/merges/merge_{merged.merge_id}/undo"


async def test_the_merges_say_who_when_and_which_into_which(
    admin: Person, viewer: Viewer, pair: Pair, url: str
) -> None:
    page = await admin.browser.get("/merges")
    said = text_of(page)
    assert "Ada Rossi Ada Rosi 06 1234 0004" in said
    assert viewer.name in said
    assert "30 days" in said
    assert f'href="{url}"' in page.text
    for key in (pair.ada, pair.rosi):
        assert f'href="{url}"' in (await admin.browser.get(f"/merges?contact={key}")).text
    nobody = text_of(await admin.browser.get("/merges?contact=contact_999999999"))
    assert "No merges" in nobody


async def test_an_undo_says_what_changed_since_and_brings_both_back(
    admin: Person, pair: Pair, url: str
) -> None:
    await admin.browser.graphql(RENAME, id=pair.ada)
    asked = await admin.browser.get(url)
    said = text_of(asked)
    assert "Undo the merge into Ada Rossi?" in said
    assert re.search(r"Changed since the merge Company Acme", said)
    # The toast of the merge does not undo blindly what was changed since.
    toast = await admin.browser.send_form(url)
    assert (toast.status_code, toast.headers["location"]) == (303, url)
    done = await admin.browser.send_form(url, confirmed="1")
    assert (done.status_code, done.headers["location"]) == (303, f"/contacts/{pair.ada}")
    record = text_of(await admin.browser.get(f"/contacts/{pair.ada}"))
    assert "The merge was undone: 2 contacts are there again." in record
    assert "Acme" in record
    assert "06 1234 0005" not in record
    other = await admin.browser.get(f"/contacts/{pair.rosi}")
    assert other.status_code == 200
    assert "06 1234 0005" in text_of(other)
    again = await admin.browser.send_form(url, confirmed="1")
    assert again.status_code == 422
    assert "Undo the merge" not in re.findall(r"<button[^>]*>([^<]+)", again.text)
    assert "Undone" in text_of(await admin.browser.get("/merges"))


async def test_the_toast_undoes_at_once_what_nobody_touched(
    admin: Person, pair: Pair, url: str
) -> None:
    assert "Nothing changed since." in text_of(await admin.browser.get(url))
    done = await admin.browser.post(url, headers={"HX-Request": "true"})
    assert (done.status_code, done.headers["hx-redirect"]) == (204, f"/contacts/{pair.ada}")
    assert (await admin.browser.get(f"/contacts/{pair.rosi}")).status_code == 200


async def test_a_merge_of_a_deleted_contact_says_what_to_do_first(
    admin: Person, pair: Pair, url: str, database: Database, tenant: int, viewer: Viewer
) -> None:
    async with database.transaction(tenant) as session:
        await delete_contact(session, viewer, pair.keys[0])
    page = await admin.browser.get(url)
    assert f'href="/contacts/{pair.ada}"' in page.text
    assert "Undo the merge" not in re.findall(r"<button[^>]*>([^<]+)", page.text)
    assert "Nothing changed since." not in text_of(page)
    refused = await admin.browser.send_form(url, confirmed="1")
    assert refused.status_code == 422
    assert (await admin.browser.get("/merges/merge_999999999/undo")).status_code == 404
