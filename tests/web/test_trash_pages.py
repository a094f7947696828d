# SPDX-License-Identifier: Apache-2.0
"""The trash by its pages: seen, restored from, emptied; and the address of who is in it (D4)."""

import html
import re

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.models import ContactList
from server.services import contacts
from tests.factories.access import viewer_of
from tests.factories.contacts import make_contact, phones
from tests.factories.lists import make_list
from tests.web.visiting import Person, SignIn, text_of

VIEW = Permission.CONTACTS_VIEW
DELETE = Permission.CONTACTS_DELETE
OVER_LIST = {
    "HX-Request": "true",
    "HX-Target": "dialog-body",
    "HX-Current-URL": "http://127.0.0.1:8000/contacts?q=ro",
}
OVER_TRASH = OVER_LIST | {"HX-Current-URL": "http://127.0.0.1:8000/trash?sort=name"}


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await viewer_of(database, tenant)


@pytest.fixture
async def spring(database: Database, tenant: int, viewer: Viewer) -> ContactList:
    async with database.transaction(tenant) as session:
        return await make_list(session, viewer)


@pytest.fixture
async def deleted(
    database: Database, tenant: int, viewer: Viewer, spring: ContactList
) -> list[int]:
    """Ada Rossi with a number more and on a list, Bruno Abate: both in the trash, Bruno last."""
    async with database.transaction(tenant) as session:
        additional = phones("055123456")
        ada = await make_contact(
            session, viewer, "Ada", "Rossi", additional=additional, list_ids=[spring.id]
        )
        bruno = await make_contact(session, viewer, "Bruno", "Abate", phone="02 5551234")
        await contacts.delete_contact(session, viewer, ada.id)
    async with database.transaction(tenant) as session:
        await contacts.delete_contact(session, viewer, bruno.id)
    return [ada.id, bruno.id]


def names(page: str) -> list[str]:
    return re.findall(r'href="/contacts/contact_\d+" data-open>([^<]+)</a>', page)


def boxes(page: str) -> list[str]:
    return re.findall(r'name="ids" value="(trashed_\d+)"', page)


async def test_the_trash_is_searched_and_sorted_and_says_who_and_how_long(
    admin: Person, viewer: Viewer, deleted: list[int]
) -> None:
    page = (await admin.browser.get("/trash")).text
    assert names(page) == ["Bruno Abate", "Ada Rossi"]
    assert 'aria-sort="descending"' in page
    assert names((await admin.browser.get("/trash?sort=name")).text) == ["Bruno Abate", "Ada Rossi"]
    assert names((await admin.browser.get("/trash?sort=deleted")).text) == [
        "Ada Rossi",
        "Bruno Abate",
    ]
    found = await admin.browser.get("/trash?q=055 1234")
    assert names(found.text) == ["Ada Rossi"]
    said = text_of(found)
    assert "06 1234 5000 and 1 more" in said
    assert viewer.name in said
    assert "30 days" in said
    nobody = text_of(await admin.browser.get("/trash?q=zoe"))
    assert "Nothing in the trash matches “zoe”" in nobody


async def test_an_empty_trash_says_what_it_is_for(admin: Person) -> None:
    assert "Deleted contacts wait here for thirty days" in text_of(
        await admin.browser.get("/trash")
    )


async def test_a_deletion_is_undone_from_its_toast(admin: Person, viewer: Viewer) -> None:
    created = await admin.browser.graphql(
        'mutation { createContact(input: {firstName: "Eva"}) { contact { id } } }'
    )
    contact_id = created["data"]["createContact"]["contact"]["id"]
    url = f"/contacts/{contact_id}"
    await admin.browser.post(f"{url}/deletion", data={"version": "1"}, headers=OVER_LIST)
    after = await admin.browser.get("/contacts?q=ro")
    assert "Eva was deleted." in text_of(after)
    undo = f"/trash/{contact_id}/restorations"
    assert f'action="{undo}"' in after.text
    back = await admin.browser.post(undo, headers=OVER_LIST)
    assert (back.status_code, back.headers["hx-redirect"]) == (204, "/contacts?q=ro")
    assert "Eva is back." in text_of(await admin.browser.get("/contacts"))
    assert "Eva" in text_of(await admin.browser.get(url))
    # Pressed twice it says that there is nothing to undo.
    again = await admin.browser.post(undo)
    assert (again.status_code, again.headers["location"]) == (303, "/trash")


async def test_the_address_of_a_deleted_contact_says_so_and_restores(
    admin: Person, deleted: list[int], viewer: Viewer
) -> None:
    url = f"/contacts/contact_{deleted[0]}"
    page = await admin.browser.get(url)
    assert page.status_code == 200
    said = text_of(page)
    assert "This contact is in the trash." in said
    assert f"By {viewer.name}" in said
    assert "Left 30 days" in said
    assert "Additional phones 1" in said
    action = f"/trash/contact_{deleted[0]}/restorations"
    assert f'action="{action}"' in page.text
    back = await admin.browser.post(action, headers={"Referer": f"http://127.0.0.1:8000{url}"})
    assert (back.status_code, back.headers["location"]) == (303, url)
    said = text_of(await admin.browser.get(url))
    assert "Ada Rossi is back." in said
    assert "Spring" in said
    assert (await admin.browser.get("/contacts/contact_999999999")).status_code == 404


async def test_who_may_not_delete_sees_no_way_to_restore(
    signed_in: SignIn, deleted: list[int]
) -> None:
    reader = await signed_in(Role.SUPERVISOR, (VIEW,))
    page = await reader.browser.get(f"/contacts/contact_{deleted[0]}")
    assert "Somebody who may delete contacts can restore it." in text_of(page)
    assert "restorations" not in page.text
    assert (await reader.browser.get("/trash")).status_code == 403
    undo = await reader.browser.post(f"/trash/contact_{deleted[0]}/restorations")
    assert undo.status_code == 403
    agent = await signed_in(Role.AGENT, (VIEW,))
    assert (await agent.browser.get(f"/contacts/contact_{deleted[0]}")).status_code == 404


async def test_a_selection_is_restored_and_the_toast_names_what_stays_out(
    admin: Person, deleted: list[int], spring: ContactList
) -> None:
    await admin.browser.graphql(
        f'mutation {{ deleteContactList(input: {{id: "list_{spring.id}"}}) {{ deleted }} }}'
    )
    page = (await admin.browser.get("/trash")).text
    answer = await admin.browser.send_form(
        "/trash/restorations", ids=boxes(page), matching="?sort=name"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/trash?sort=name")
    said = text_of(await admin.browser.get("/trash?sort=name"))
    assert "2 contacts are back. Not put back: Spring (The list is gone)." in said
    assert names((await admin.browser.get("/contacts")).text) == ["Bruno Abate", "Ada Rossi"]
    for ids in ([], ["trashed_999999999"], ["contact_1"], ["nonsense"]):
        await admin.browser.send_form("/trash/restorations", ids=ids)
        said = text_of(await admin.browser.get("/trash"))
        assert "Nothing is selected that is still in the trash." in said


async def test_a_purge_names_who_goes_and_sends_the_count(
    admin: Person, deleted: list[int]
) -> None:
    ids = boxes((await admin.browser.get("/trash")).text)
    one = text_of(await admin.browser.get(f"/trash/purge?ids={ids[0]}"))
    assert "Delete Bruno Abate for good?" in one
    asked = await admin.browser.get(f"/trash/purge?ids={ids[0]}&ids={ids[1]}")
    assert "Delete 2 contacts for good?" in text_of(asked)
    assert "Ada Rossi" in text_of(asked)
    assert re.findall(r'name="count" value="(\d+)"', asked.text) == ["2"]
    # One of them came back meanwhile: the count is another one, and it is asked again.
    await admin.browser.send_form("/trash/restorations", ids=[ids[1]])
    again = await admin.browser.send_form("/trash/purge", ids=ids, count="2")
    assert again.status_code == 422
    assert "There are 1 now. Look at them again, then confirm." in html.unescape(again.text)
    assert "Delete Bruno Abate for good?" in text_of(again)
    assert names((await admin.browser.get("/trash")).text) == ["Bruno Abate"]
    gone = await admin.browser.post(
        "/trash/purge", data={"ids": [ids[0]], "count": "1"}, headers=OVER_TRASH
    )
    assert (gone.status_code, gone.headers["hx-redirect"]) == (204, "/trash?sort=name")
    assert "1 contact was deleted for good." in text_of(await admin.browser.get("/trash"))
    assert (await admin.browser.get(f"/contacts/contact_{deleted[1]}")).status_code == 404
    assert (await admin.browser.get(f"/contacts/contact_{deleted[0]}")).status_code == 200


async def test_only_who_may_purge_is_offered_it(signed_in: SignIn, deleted: list[int]) -> None:
    supervisor = await signed_in(Role.SUPERVISOR, (VIEW, DELETE))
    page = (await supervisor.browser.get("/trash")).text
    assert "/trash/purge" not in page
    ids = boxes(page)
    assert (await supervisor.browser.get(f"/trash/purge?ids={ids[0]}")).status_code == 403
    answer = await supervisor.browser.send_form("/trash/purge", ids=ids, count="2")
    assert answer.status_code == 403
    assert names((await supervisor.browser.get("/trash")).text) == ["Bruno Abate", "Ada Rossi"]
