# SPDX-License-Identifier: Apache-2.0
"""Fast edit by the pages: filled in, saved in one go, the row in its place (X-18, X-19, X-20)."""

import json
import re

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.models import Contact
from tests.factories.access import viewer_of
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.web.visiting import Person, SignIn, text_of

HTMX = {"HX-Request": "true", "HX-Target": "dialog-body"}
AT = "http://127.0.0.1:8000"
PHONES = "additionalPhones"


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await viewer_of(database, tenant)


@pytest.fixture
async def ada(database: Database, tenant: int, viewer: Viewer) -> Contact:
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer, "Office", 2, "#0B5394")
        return await make_contact(
            session,
            viewer,
            "Ada",
            "Rossi",
            email="ada@example.com",
            additional=phones(("055123456", office.id), "055123457"),
            priority=1,
        )


def boxes(page: str, name: str) -> list[str]:
    """The values of the boxes with this name, without those of scripts and of blank rows."""
    page = re.sub(r"<template.*?</template>", "", page, flags=re.S)
    return [
        value
        for value in re.findall(rf'name="{name}"(?: type="[a-z]+")? value="([^"]*)"', page)
        if value
    ]


def sent(page: str, **changed: object) -> dict[str, object]:
    """What a browser would send of the form, with some of it changed."""
    names = ("version", "firstName", "lastName", "company", "email", "phone")
    found: dict[str, object] = {name: "".join(boxes(page, name)) for name in names}
    found[f"{PHONES}.id"] = boxes(page, f"{PHONES}.id")
    found[f"{PHONES}.number"] = boxes(page, f"{PHONES}.number")
    return found | changed


async def test_every_phone_stands_there_with_its_type_and_description_and_is_saved(
    admin: Person, ada: Contact, viewer: Viewer, database: Database, tenant: int
) -> None:
    url = f"/contacts/contact_{ada.id}/quick"
    page = (await admin.browser.get(url, headers=HTMX)).text
    assert "<html" not in page
    assert boxes(page, f"{PHONES}.number") == ["055 123456", "055 123457"]
    shown = re.sub(r"<template.*?</template>", "", page, flags=re.S)
    types = re.findall(r"additionalPhones.itemTypeId.*?</select>", shown, flags=re.S)
    assert re.findall(r"selected>([^<]+)</option>", "".join(types)) == ["Office"]
    assert re.search(r'<li class="phone-row c-0b5394', page)  # in its type's colour
    [office] = re.findall(r'<option value="(type_\d+)"[^>]*selected', page)
    given = sent(page, company="Fiat", phone="06 999 8877")
    given[f"{PHONES}.number"] = ["055 123456", "347 111 2233"]
    given[f"{PHONES}.itemTypeId"] = ["", office]
    given[f"{PHONES}.description"] = ["door", "evenings"]
    headers = HTMX | {"HX-Current-URL": f"{AT}/contacts?sort=-name&columns=company"}
    answer = await admin.browser.post(url, data=given, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["hx-trigger"] == "dialog:close"
    assert f'data-hx-target="#contact-contact_{ada.id}" data-hx-swap="outerMorph"' in answer.text
    assert "Fiat" in text_of(answer)
    page = (await admin.browser.get(url, headers=HTMX)).text
    assert boxes(page, f"{PHONES}.number") == ["055 123456", "347 111 2233"]
    assert boxes(page, f"{PHONES}.description") == ["door", "evenings"]
    assert boxes(page, "phone") == ["06 999 8877"]
    async with database.connection(tenant) as connection:
        row = await connection.fetchrow("SELECT * FROM contacts WHERE id = $1", ada.id)
    # What fast edit does not show stays as it was.
    assert (row["priority"], row["company"], row["version"]) == (1, "Fiat", 2)


async def test_over_any_other_page_the_dialog_closes_and_the_page_is_told(
    admin: Person, ada: Contact
) -> None:
    url = f"/contacts/contact_{ada.id}/quick"
    given = sent((await admin.browser.get(url)).text, lastName="Verdi")
    for place in ("/campaigns/campaign_1/hopper?state=READY", "/contacts/contact_1", "/"):
        headers = HTMX | {"HX-Current-URL": AT + place}
        answer = await admin.browser.post(url, data=given, headers=headers)
        assert answer.status_code == 200, place
        told = {"dialog:close": "", "contact:changed": {"id": f"contact_{ada.id}"}}
        assert json.loads(answer.headers["hx-trigger"]) == told
        assert "Ada Verdi was saved." in text_of(answer)
        given["version"] = str(int(str(given["version"])) + 1)


async def test_without_scripts_it_is_a_page_and_leads_back_to_where_it_was_opened(
    admin: Person, ada: Contact
) -> None:
    url = f"/contacts/contact_{ada.id}/quick"
    at = "/contacts?q=ada&sort=-name"
    page = (await admin.browser.get(url, headers={"Referer": AT + at})).text
    assert "<html" in page
    given = sent(page, company="Fiat", next=boxes(page, "next")[-1].replace("&amp;", "&"))
    assert given["next"] == at
    more = await admin.browser.send_form(url, **given, add_phone="1")
    assert more.status_code == 200
    assert more.text.count('id="phone-blank-') == 0  # no errors to point at
    assert len(re.findall(r'class="phone-row [^"]*" data-phone', more.text)) == 2 + 3 + 1
    assert boxes(more.text, "next")[-1] == "/contacts?q=ada&amp;sort=-name"
    answer = await admin.browser.send_form(url, **given)
    assert (answer.status_code, answer.headers["location"]) == (303, at)
    for elsewhere in ("//evil.example", "https://evil.example/", "/\\evil.example", ""):
        given |= {"version": str(int(str(given["version"])) + 1), "next": elsewhere}
        answer = await admin.browser.send_form(url, **given)
        assert answer.headers["location"] == f"/contacts/contact_{ada.id}"
    foreign = await admin.browser.get(url, headers={"Referer": "https://evil.example/contacts"})
    assert set(boxes(foreign.text, "next")) == {url}  # those of the frame's own forms


async def test_a_refusal_marks_the_chip_and_keeps_what_was_typed(
    admin: Person, ada: Contact
) -> None:  # X-20c
    url = f"/contacts/contact_{ada.id}/quick"
    given = sent((await admin.browser.get(url)).text, firstName="")
    given[f"{PHONES}.number"] = ["055 123456", "055/12 34 56"]
    answer = await admin.browser.post(url, data=given, headers=HTMX)
    assert answer.status_code == 422
    assert "+39055123456 is already on this contact." in text_of(answer)
    assert boxes(answer.text, f"{PHONES}.number") == ["055 123456", "055/12 34 56"]
    assert len(re.findall(r'<li class="phone-row [^"]*invalid"', answer.text)) == 1
    assert answer.text.count("autofocus") == 1
    assert boxes(answer.text, "version") == ["1"]


async def test_all_fields_goes_on_with_what_was_typed(
    admin: Person, ada: Contact, viewer: Viewer, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        await make_list(session, viewer)
    url = f"/contacts/contact_{ada.id}/quick"
    given = sent((await admin.browser.get(url)).text, lastName="Bianchi", all_fields="1")
    answer = await admin.browser.post(url, data=given, headers=HTMX)
    assert answer.status_code == 200
    assert boxes(answer.text, "lastName") == ["Bianchi"]
    assert re.search(r'<option value="1" selected>High', answer.text)
    assert "Spring" in text_of(answer)
    assert f'action="/contacts/contact_{ada.id}"' in answer.text
    assert 'data-hx-target="#dialog-body"' in answer.text


async def test_it_is_for_those_who_may_edit_and_of_what_they_see(
    signed_in: SignIn, ada: Contact, database: Database, tenant: int, viewer: Viewer
) -> None:
    url = f"/contacts/contact_{ada.id}/quick"
    reader = await signed_in(Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))
    assert (await reader.browser.get(url)).status_code == 403
    assert (await reader.browser.post(url, data={"firstName": "X"})).status_code == 403
    agent = await signed_in(Role.AGENT, (Permission.CONTACTS_VIEW, Permission.CONTACTS_EDIT))
    assert (await agent.browser.get(url)).status_code == 404
    async with database.transaction(tenant) as session:
        mine = await make_list(session, viewer, "Mine", agent_ids=[agent.account.user_id])
        eva = await make_contact(session, viewer, "Eva", list_ids=[mine.id])
    url = f"/contacts/contact_{eva.id}/quick"
    given = sent((await agent.browser.get(url)).text, lastName="Neri")
    assert (await agent.browser.post(url, data=given)).status_code == 303
