# SPDX-License-Identifier: Apache-2.0
"""The contact form by the pages: numbers kept, faults marked, rows in place (X-11 to X-15)."""

import re

import pytest

from server.database import Database
from server.domain.permissions import Viewer
from tests.factories.access import viewer_of
from tests.factories.contacts import make_contact
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.web.visiting import Person, SignIn, text_of

HTMX = {"HX-Request": "true", "HX-Target": "drawer-body"}
OVER_LIST = HTMX | {"HX-Current-URL": "http://127.0.0.1:8000/contacts?q=ro&columns=company"}
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


async def test_a_contact_is_made_edited_and_read_back(
    admin: Person, viewer: Viewer, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer, "Office", 2)
        mobile = await make_item_type(session, viewer, "Mobile", 1, "#0B5394")
        spring = await make_list(session, viewer)
    given = BLANK | {
        "firstName": "Anna",
        "lastName": "Verdi",
        "phone": "06 1234 5000",
        "priority": "1",
        "notBefore": "2027-03-01T09:30",
        "listIds": [f"list_{spring.id}"],
        "additionalPhones.id": ["", "", ""],
        "additionalPhones.number": ["055 123456", "347 111 2233", "02 998877"],
        "additionalPhones.itemTypeId": [f"type_{office.id}", f"type_{mobile.id}", ""],
        "additionalPhones.description": ["desk", "", ""],
    }
    answer = await admin.browser.send_form("/contacts", **given)
    assert answer.status_code == 303
    url = answer.headers["location"]
    record = await admin.browser.get(url)
    told = text_of(record)
    assert "Anna Verdi was created." in told
    # In dial order: the primary, then by the types' order, the untyped last (X-05, X-06).
    order = ["06 1234 5000 Primary", "347 111 2233 Mobile", "055 123456 Office desk", "02 998877"]
    places = [told.rindex(text) for text in order]
    assert places == sorted(places)
    assert "1 Mar 2027, 09:30" in told
    form = (await admin.browser.get(f"{url}/edit")).text
    assert boxes(form, "additionalPhones.number") == ["055 123456", "347 111 2233", "02 998877"]
    assert boxes(form, "additionalPhones.description") == ["desk"]
    assert 'value="2027-03-01T09:30"' in form
    assert re.search(rf'value="list_{spring.id}" checked', form)
    ids = boxes(form, "additionalPhones.id")
    edited = given | {
        "version": "1",
        "company": "Fiat",
        "notBefore": "",
        "listIds": [],
        "additionalPhones.id": [ids[2], ids[0]],
        "additionalPhones.number": ["02 998877", "055 123456"],
        "additionalPhones.itemTypeId": [f"type_{mobile.id}", ""],
        "additionalPhones.description": ["", "door"],
    }
    answer = await admin.browser.send_form(url, **edited)
    assert (answer.status_code, answer.headers["location"]) == (303, url)
    form = (await admin.browser.get(f"{url}/edit")).text
    assert boxes(form, "additionalPhones.number") == ["02 998877", "055 123456"]
    assert boxes(form, "additionalPhones.id") == [ids[2], ids[0]]
    assert "checked" not in form
    assert "On no list: no campaign calls it." in text_of(await admin.browser.get(url))


async def test_a_refused_form_marks_the_chip_and_keeps_what_was_typed(
    admin: Person,
) -> None:  # X-20c
    given = BLANK | {
        "firstName": "",
        "phone": "055 123456",
        "notBefore": "tomorrow",
        "additionalPhones.id": ["", ""],
        "additionalPhones.number": ["055 12 34 56", "12ab"],
        "additionalPhones.itemTypeId": ["", ""],
        "additionalPhones.description": ["x", "y"],
    }
    answer = await admin.browser.post("/contacts", data=given, headers=HTMX)
    assert answer.status_code == 422
    assert "<html" not in answer.text
    told = text_of(answer)
    assert "+39055123456 is already on this contact. Remove one of the two." in told
    assert "“12ab” is not a phone number." in told
    assert "This must lie between 1 Jan 1970, 00:00 UTC and 1 Jan 3000, 00:00 UTC." in told
    assert boxes(answer.text, "additionalPhones.number") == ["055 12 34 56", "12ab"]
    assert boxes(answer.text, "additionalPhones.description") == ["x", "y"]
    marked = re.findall(r'<li class="phone-row [^"]*invalid"', answer.text)
    assert len(marked) == 2
    assert answer.text.count("autofocus") == 1
    assert 'value="tomorrow"' in answer.text


async def test_without_scripts_more_rows_are_there_to_be_filled(admin: Person) -> None:
    answer = await admin.browser.send_form(
        "/contacts", **BLANK, firstName="Anna", **{"additionalPhones.number": "1"}, add_phone="1"
    )
    assert answer.status_code == 200
    assert answer.text.count('id="phone-blank-') == 0
    rows = re.sub(r"<template.*?</template>", "", answer.text, flags=re.S)
    assert rows.count('class="phone-number"') == 4
    assert 'value="Anna"' in rows


async def test_saving_over_the_list_changes_the_row_in_its_place(
    admin: Person, viewer: Viewer, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        ada = await make_contact(session, viewer, "Ada", "Rossi")
    url = f"/contacts/contact_{ada.id}"
    given = BLANK | {"firstName": "Eva", "company": "Fiat", "version": "1"}
    answer = await admin.browser.post(url, data=given, headers=OVER_LIST)
    assert answer.status_code == 200
    assert answer.headers["hx-trigger"] == "dialog:close"
    assert f'data-hx-target="#contact-contact_{ada.id}"' in answer.text
    assert names(answer.text) == ["Eva"]
    assert 'data-label="Company"' in answer.text
    assert 'data-label="E-mail"' not in answer.text  # the columns are those of the list below
    assert "Eva was saved." in text_of(answer)
    for version, place in enumerate((url, "//evil.example/contacts", "[", "/contactsx"), start=2):
        elsewhere = HTMX | {"HX-Current-URL": f"http://127.0.0.1:8000{place}"}
        if place == "[":
            elsewhere["HX-Current-URL"] = "http://[/contacts"
        sent = given | {"version": str(version)}
        answer = await admin.browser.post(url, data=sent, headers=elsewhere)
        assert (answer.status_code, answer.headers["hx-redirect"]) == (204, url), place
