# SPDX-License-Identifier: Apache-2.0
"""Contacts by the pages: list, search, record, form, deletion, selections (X-11 to X-17)."""

import re

import pytest

from server.app import create_app
from server.database import Database
from server.domain.counts import COUNT_CAP
from server.domain.permissions import Permission, Role, Viewer
from server.settings import Settings
from tests.factories.access import make_account, sign_in, viewer_of
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.watched import Watched
from tests.web.visiting import Person, SignIn, Visitor, text_of

HTMX = {"HX-Request": "true", "HX-Target": "drawer-body"}
OVER_LIST = HTMX | {"HX-Current-URL": "http://127.0.0.1:8000/contacts?q=ro&columns=company"}
AS_AGENT = (
    Permission.CONTACTS_VIEW,
    Permission.CONTACTS_CREATE,
    Permission.CONTACTS_EDIT,
    Permission.LISTS_VIEW,
)
BLANK = {"lastName": "", "company": "", "email": "", "phone": "", "priority": "2", "notBefore": ""}


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await viewer_of(database, tenant)


def names(page: str) -> list[str]:
    return re.findall(r'href="/contacts/contact_\d+" data-open>([^<]+)</a>', page)


def boxes(page: str, name: str) -> list[str]:
    """The values of the boxes with this name, without those of scripts and of blank rows."""
    page = re.sub(r"<template.*?</template>", "", page, flags=re.S)
    return [value for value in re.findall(rf'name="{name}" value="([^"]*)"', page) if value]


async def test_the_list_is_searched_filtered_sorted_and_shows_what_is_asked_for(
    admin: Person, viewer: Viewer, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer)
        spring = await make_list(session, viewer)
        await make_contact(session, viewer, "Ada", "Rossi", list_ids=[spring.id])
        additional = phones(("055123456", office.id), "055123457")
        await make_contact(session, viewer, "Bruno", "Abate", additional=additional)

    async def page(query: str = "") -> str:
        answer = await admin.browser.get(f"/contacts{query}")
        assert answer.status_code == 200
        return answer.text

    everybody = await page()
    assert names(everybody) == ["Bruno Abate", "Ada Rossi"]
    assert 'aria-sort="ascending"' in everybody
    assert re.search(r'class="chip c-aabbcc">Office<.*class="chip ">No type<', everybody, re.S)
    assert "06 1234 5000" in everybody  # as the reader writes it
    assert "2 of 2" in everybody
    assert names(await page("?sort=-name")) == ["Ada Rossi", "Bruno Abate"]
    assert names(await page("?sort=created")) == ["Ada Rossi", "Bruno Abate"]
    assert names(await page("?q=055 123457")) == ["Bruno Abate"]
    assert names(await page(f"?list=list_{spring.id}")) == ["Ada Rossi"]
    filtered = await page(f"?list=list_{spring.id}&q=ad")
    assert 'aria-label="Remove filter: List: Spring"' in filtered
    assert f'href="/contacts/new?list=list_{spring.id}"' in filtered
    assert "Nothing matches “zoe”" in text_of(await admin.browser.get("/contacts?q=zoe"))
    assert names(await page("?list=list_999999999")) == []
    shown = await page("?columns=lists,created")
    assert "Spring" in shown
    assert 'data-label="Company"' not in shown
    assert names(await page("?columns=,,nonsense")) == ["Bruno Abate", "Ada Rossi"]


async def test_a_broken_address_of_a_list_is_refused_and_not_an_error(admin: Person) -> None:
    for query, status in (
        ("?after=nonsense", 400),
        ("?before=W10", 400),
        ("?q=%00", 400),
        ("?sort=nonsense&columns=%ff", 200),
        (f"?q={'x' * 5000}", 200),
    ):
        assert (await admin.browser.get(f"/contacts{query}")).status_code == status, query[:30]


async def test_a_long_list_says_more_than_it_counted_and_asks_for_the_rest(
    admin: Person, database: Database, tenant: int
) -> None:
    async with database.connection(tenant) as connection:
        await connection.execute(
            "INSERT INTO contacts (first_name, name_key, given_key)"
            " SELECT 'A' || n, 'a' || n, 'a' || n FROM generate_series(1, $1) n",
            COUNT_CAP + 5,
        )
    page = await admin.browser.get("/contacts?sort=-name")
    assert "50 of 10.000+" in text_of(page)
    asked = re.search(r'data-hx-get="(/contacts/count[^"]+)"', page.text)
    assert asked is not None
    count = await admin.browser.get(asked[1].replace("&amp;", "&"))
    assert text_of(count) == "50 of 10.005"
    # A search goes no further than its own cap, and so says nothing of a whole.
    page = await admin.browser.get("/contacts?q=a")
    assert "50 of 1.000+" in text_of(page)
    assert "/contacts/count" not in page.text
    assert "50 of 117" in text_of(await admin.browser.get("/contacts?q=a10&sort=created"))


async def test_a_deletion_names_the_person_and_what_goes_along(
    admin: Person, viewer: Viewer, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        spring = await make_list(session, viewer)
        additional = phones("055123456", "055123457")
        ada = await make_contact(
            session, viewer, "Ada", "Rossi", additional=additional, list_ids=[spring.id]
        )
    url = f"/contacts/contact_{ada.id}"
    question = text_of(await admin.browser.get(f"{url}/deletion"))
    assert "Delete Ada Rossi?" in question
    assert "2 additional phones go with it." in question
    assert "It leaves the lists: Spring." in question
    assert (await admin.browser.send_form(url, **BLANK, firstName="Eva", version="1")).is_redirect
    late = await admin.browser.send_form(f"{url}/deletion", version="1")
    assert late.status_code == 422
    assert "Somebody else changed this since you opened it." in text_of(late)
    over = HTMX | {"HX-Current-URL": "http://127.0.0.1:8000/contacts?q=ro"}
    gone = await admin.browser.post(f"{url}/deletion", data={"version": "2"}, headers=over)
    assert (gone.status_code, gone.headers["hx-redirect"]) == (204, "/contacts?q=ro")
    assert "Eva was deleted." in text_of(await admin.browser.get("/contacts"))
    assert "This contact is in the trash." in text_of(await admin.browser.get(url))
    assert (await admin.browser.send_form(f"{url}/deletion")).status_code == 404


async def test_an_agent_adds_and_edits_and_no_more(
    signed_in: SignIn, viewer: Viewer, database: Database, tenant: int
) -> None:
    person = await signed_in(Role.AGENT, AS_AGENT)
    agent, browser = person.account.user_id, person.browser
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer)
        mine = await make_list(session, viewer, "Mine", agent_ids=[agent])
        await make_list(session, viewer, "Other")
        ada = await make_contact(session, viewer, "Ada", list_ids=[mine.id])
        eva = await make_contact(session, viewer, "Eva")
    page = (await browser.get("/contacts")).text
    assert names(page) == ["Ada"]
    assert f'href="/contacts/contact_{ada.id}/quick"' in page
    assert 'href="/contacts/new"' in page
    assert "/deletion" not in page
    assert 'name="ids"' not in page
    form = (await browser.get("/contacts/new")).text
    assert re.search(rf'value="list_{mine.id}" checked', form)  # the only one that they see
    assert "Other" not in form
    assert f'value="type_{office.id}"' in form  # without the right to item types
    given = BLANK | {
        "firstName": "Zoe",
        "listIds": f"list_{mine.id}",
        "additionalPhones.id": "",
        "additionalPhones.number": "055 123456",
        "additionalPhones.itemTypeId": f"type_{office.id}",
        "additionalPhones.description": "desk",
    }
    made = await browser.send_form("/contacts", **given)
    assert made.status_code == 303
    told = text_of(await browser.get(made.headers["location"]))
    assert "055 123456 Office desk" in told
    for path in ("", "/edit"):
        assert (await browser.get(f"/contacts/contact_{eva.id}{path}")).status_code == 404
    assert (await browser.get(f"/contacts/contact_{ada.id}/deletion")).status_code == 403
    assert (await browser.send_form(f"/contacts/contact_{ada.id}/deletion")).status_code == 403


async def test_a_supervisor_is_offered_what_the_profile_allows(
    signed_in: SignIn, viewer: Viewer, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        ada = await make_contact(session, viewer, "Ada")
    reader = (await signed_in(Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))).browser
    page = (await reader.get("/contacts?columns=lists&list=list_1")).text
    assert names(page) == ["Ada"]
    for hidden in ("/contacts/new", "/edit", "/deletion", 'name="ids"', 'data-label="Lists"'):
        assert hidden not in page, hidden
    record = await reader.get(f"/contacts/contact_{ada.id}")
    assert record.status_code == 200
    assert "/edit" not in record.text
    for path in ("/contacts/new", f"/contacts/contact_{ada.id}/edit"):
        assert (await reader.get(path)).status_code == 403
    for path in ("/contacts", f"/contacts/contact_{ada.id}", "/contacts/bulk/tag"):
        assert (await reader.send_form(path, firstName="x")).status_code == 403, path
    nobody = (await signed_in(Role.SUPERVISOR, ())).browser
    assert (await nobody.get("/contacts")).status_code == 403


async def test_missing_and_foreign_contacts_look_alike(
    admin: Person, database: Database, new_tenant: object
) -> None:
    other = await new_tenant()  # type: ignore[operator]
    stranger = await viewer_of(database, other)
    async with database.transaction(other) as session:
        foreign = await make_contact(session, stranger)
    for path in ("", "/edit", "/deletion"):
        pages = []
        for key in (f"contact_{foreign.id}", "contact_0", "list_1", "nonsense"):
            answer = await admin.browser.get(f"/contacts/{key}{path}")
            assert answer.status_code == 404
            pages.append(text_of(answer).replace(key, ""))
        assert len(set(pages)) == 1


async def test_the_list_costs_the_same_for_one_contact_and_for_seven(
    database: Database, tenant: int, viewer: Viewer
) -> None:
    watched = Watched(database)
    account = await make_account(database, tenant)
    token, _ = await sign_in(database, account)
    async with Visitor(create_app(Settings(), watched), token) as browser:
        counts = []
        for more in (1, 6):
            async with database.transaction(tenant) as session:
                for place in range(more):
                    additional = phones(f"05512345{place}", f"05512346{place}")
                    await make_contact(session, viewer, f"A{place}", additional=additional)
            await browser.get("/contacts")
            before = watched.opened
            answer = await browser.get("/contacts?columns=phones,lists,created")
            assert len(names(answer.text)) in (1, 7)
            counts.append(watched.opened - before)
    assert counts[0] == counts[1] <= 8  # also what the menus of filters and columns hold
