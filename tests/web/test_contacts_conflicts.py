# SPDX-License-Identifier: Apache-2.0
"""Two who edit the same contact by the pages: both values, a choice each, nothing lost (X-19)."""

import asyncio
import html
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from starlette.datastructures import FormData

from server.database import Database
from server.domain.permissions import Viewer
from server.models import Contact
from tests.factories.access import viewer_of
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.web.visiting import Person, SignIn, text_of
from web.pages.contacts.conflicts import FIELDS, PHONES
from web.pages.contacts.forms import given_contact
from web.pages.contacts.value_conflicts import VALUES

HTMX = {"HX-Request": "true", "HX-Target": "dialog-body"}
FORMS = ["", "/quick"]


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
        await make_item_type(session, viewer, "Mobile", 1)
        spring = await make_list(session, viewer)
        numbers = phones(("055123456", office.id), "055123457", "055123458")
        return await make_contact(
            session,
            viewer,
            "Ada",
            "Rossi",
            email="ada@example.com",
            additional=numbers,
            list_ids=[spring.id],
        )


class Form(HTMLParser):
    """What a browser with scripts would send of the page's guarded form, by name."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.is_inside = False
        self.hidden = 0  # inside what only a script copies, or what only a page without one shows
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        is_choice = given.get("type") in ("radio", "checkbox")
        if tag == "form":
            self.is_inside = "data-guard" in given
        elif tag == "template" or "no-js" in given.get("class", ""):
            self.hidden += tag in ("template", "ol")
        elif not self.is_inside or self.hidden:
            return
        elif tag == "select":
            self.select = name
            self.fields.setdefault(name, []).append("")
        elif tag == "option" and "selected" in given:
            self.fields[self.select][-1] = value
        elif tag == "input" and name and (not is_choice or "checked" in given):
            self.fields.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False
        elif self.hidden and tag in ("template", "ol"):
            self.hidden -= 1


def fields_of(page: str) -> dict[str, list[str]]:
    form = Form()
    form.feed(page)
    return form.fields


def shown(page: str) -> dict[str, list[str]]:
    """What each field of the choice shows: yours, theirs, and what both started from."""
    found = {}
    for field in re.findall(r'<fieldset class="difference.*?</fieldset>', page, re.S):
        name = re.search(r'name="choice\.([^"]+)"', field)
        assert name is not None
        values = re.findall(r'<span class="value">(.*?)</span></span></label>', field, re.S)
        values += re.findall(r'<p class="hint">[^:]*:(.*?)</p>', field, re.S)
        plain = [" ".join(re.sub(r"<[^>]+>", " ", value).split()) for value in values]
        found[name[1]] = [html.unescape(value) for value in plain]
    return found


async def stored(database: Database, tenant: int, contact: Contact) -> tuple[Any, list[Any]]:
    async with database.connection(tenant) as connection:
        row = await connection.fetchrow("SELECT * FROM contacts WHERE id = $1", contact.id)
        numbers = await connection.fetch(
            "SELECT * FROM additional_phones WHERE contact_id = $1 ORDER BY position", contact.id
        )
    return row, numbers


@pytest.mark.parametrize("form", FORMS)
async def test_each_field_that_differs_stands_there_with_both_values(
    signed_in: SignIn, ada: Contact, database: Database, tenant: int, form: str
) -> None:
    anna, bruno = await signed_in(), await signed_in()
    record = f"/contacts/contact_{ada.id}"
    url, opened = record + form, record + (form or "/edit")
    first = fields_of((await anna.browser.get(opened)).text)
    second = fields_of((await bruno.browser.get(opened)).text)
    first |= {"company": ["Fiat"], "lastName": ["Verdi"]}
    assert (await anna.browser.post(url, data=first)).status_code == 303
    second |= {"company": ["Olivetti"], "email": ["new@example.com"]}
    answer = await bruno.browser.post(url, data=second, headers=HTMX)
    assert answer.status_code == 409
    assert "<html" not in answer.text
    assert shown(answer.text) == {
        "company": ["Olivetti", "Fiat", "Blank"],
        "lastName": ["Rossi", "Verdi", "Rossi"],
        "email": ["new@example.com", "ada@example.com", "ada@example.com"],
    }
    assert f"{anna.account.name} saved this contact" in text_of(answer)
    assert f"Theirs, by {anna.account.name}" in text_of(answer)
    # Theirs where only they have changed it, yours where only you have; else it is yours to say.
    choice = fields_of(answer.text)
    assert choice["choice.lastName"] == ["theirs"]
    assert choice["choice.email"] == ["yours"]
    assert "choice.company" not in choice
    row, _ = await stored(database, tenant, ada)
    assert (row["company"], row["last_name"], row["version"]) == ("Fiat", "Verdi", 2)
    unchosen = await bruno.browser.post(url, data=choice, headers=HTMX)
    assert unchosen.status_code == 422
    assert text_of(unchosen).count("Choose one of the two.") == 1
    again = fields_of(unchosen.text) | {"choice.company": ["yours"]}
    assert again["version"] == ["2"]
    assert (await bruno.browser.post(url, data=again)).status_code == 303
    row, numbers = await stored(database, tenant, ada)
    assert [row[name] for name in ("company", "last_name", "email", "version")] == [
        "Olivetti",
        "Verdi",
        "new@example.com",
        3,
    ]
    assert len(numbers) == 3


@pytest.mark.parametrize("form", FORMS)
async def test_phones_stand_side_by_side_and_are_chosen_one_by_one(
    signed_in: SignIn, ada: Contact, database: Database, tenant: int, form: str
) -> None:
    anna, bruno = await signed_in(), await signed_in()
    record = f"/contacts/contact_{ada.id}"
    url, opened = record + form, record + (form or "/edit")
    first = fields_of((await anna.browser.get(opened)).text)
    second = fields_of((await bruno.browser.get(opened)).text)
    ids, office = first[f"{PHONES}.id"], first[f"{PHONES}.itemTypeId"][0]
    columns = [name for name in first if name.startswith(f"{PHONES}.")]
    # Anna corrects the first number, describes the second, removes the third and adds one.
    first[f"{PHONES}.number"] = ["055 123499", "055 123457", "", "02 998877"]
    first[f"{PHONES}.description"] = ["", "door", "", ""]
    # Bruno corrects the first too, removes the second, describes the third and adds the same one.
    second[f"{PHONES}.number"] = ["055 123400", "", "055 123458", "+39 02 998877"]
    second[f"{PHONES}.description"] = ["", "", "desk", ""]
    for given, new_type in ((first, office), (second, "")):
        for name in columns:
            given[name] = (given[name] + [""])[:4]
        given[f"{PHONES}.itemTypeId"][3] = new_type
    assert (await anna.browser.post(url, data=first)).status_code == 303
    answer = await bruno.browser.post(url, data=second)
    assert answer.status_code == 409
    _, numbers = await stored(database, tenant, ada)
    new = f"phone_{numbers[-1]['id']}"
    assert shown(answer.text) == {
        f"phone.{ids[0]}": ["055 123400 Office", "055 123499 Office", "055 123456 Office"],
        f"phone.{ids[1]}": ["No such number", "055 123457 No type door", "055 123457 No type"],
        f"phone.{ids[2]}": ["055 123458 No type desk", "No such number", "055 123458 No type"],
        f"phone.{new}": ["02 998877 No type", "02 998877 Office", "No such number"],
    }
    choice = fields_of(answer.text)
    assert [name for name in choice if name.startswith("choice.")] == []  # both changed each
    choice |= {f"choice.phone.{ids[0]}": ["theirs"], f"choice.phone.{ids[1]}": ["theirs"]}
    choice |= {f"choice.phone.{ids[2]}": ["yours"], f"choice.phone.{new}": ["theirs"]}
    answer = await bruno.browser.post(url, data=choice)
    assert answer.status_code == 303
    _, numbers = await stored(database, tenant, ada)
    assert {(row["number"], row["description"]) for row in numbers} == {
        ("+39055123499", ""),
        ("+39055123457", "door"),
        ("+39055123458", "desk"),
        ("+3902998877", ""),
    }
    assert [f"phone_{row['id']}" for row in numbers[:2]] == ids[:2]


async def test_who_wrote_the_same_has_no_conflict(
    signed_in: SignIn, ada: Contact, database: Database, tenant: int
) -> None:
    anna, bruno = await signed_in(), await signed_in()
    url = f"/contacts/contact_{ada.id}/quick"
    given = fields_of((await anna.browser.get(url)).text) | {"phone": ["06 999 8877"]}
    assert (await anna.browser.post(url, data=given)).status_code == 303
    late = await bruno.browser.post(url, data=given | {"phone": ["+39 06 9998877"]})
    assert late.status_code == 303
    row, _ = await stored(database, tenant, ada)
    assert (row["phone"], row["version"]) == ("+39069998877", 2)


async def test_a_third_writer_meanwhile_is_a_conflict_again(
    signed_in: SignIn, ada: Contact, database: Database, tenant: int
) -> None:
    anna, bruno, carla = await signed_in(), await signed_in(), await signed_in()
    url = f"/contacts/contact_{ada.id}/quick"
    given = fields_of((await anna.browser.get(url)).text)
    await anna.browser.post(url, data=given | {"company": ["Fiat"], "lastName": ["Verdi"]})
    mine = given | {"company": ["Olivetti"]}
    choice = fields_of((await bruno.browser.post(url, data=mine)).text)
    choice |= {"choice.company": ["yours"]}
    now = fields_of((await carla.browser.get(url)).text)
    await carla.browser.post(url, data=now | {"company": ["IBM"], "lastName": ["Bianchi"]})
    again = await bruno.browser.post(url, data=choice)
    assert again.status_code == 409
    # What was left to them stays theirs, whatever they make of it; what was mine is asked anew.
    assert shown(again.text) == {"company": ["Olivetti", "IBM", "Fiat"]}
    final = fields_of(again.text) | {"choice.company": ["yours"]}
    assert (await bruno.browser.post(url, data=final)).status_code == 303
    row, _ = await stored(database, tenant, ada)
    assert [row[name] for name in ("company", "last_name", "version")] == ["Olivetti", "Bianchi", 4]


async def test_without_what_it_started_from_every_difference_must_be_chosen(
    signed_in: SignIn, ada: Contact
) -> None:
    anna, bruno = await signed_in(), await signed_in()
    url = f"/contacts/contact_{ada.id}/quick"
    given = fields_of((await anna.browser.get(url)).text)
    await anna.browser.post(url, data=given | {"company": ["Fiat"]})
    for base in (
        "",
        "[1]",
        "[" * 9999,
        '{"company": {}, "additionalPhones": [1, {"id": 2}]}',
        "no",
    ):
        mine = given | {"base": [base], "lastName": ["Verdi"]}
        answer = await bruno.browser.post(url, data=mine)
        assert answer.status_code == 409, base
        choice = fields_of(answer.text)
        assert [name for name in choice if name.startswith("choice.")] == [], base


async def test_a_choice_that_the_service_refuses_comes_back_as_the_form(
    signed_in: SignIn, ada: Contact, database: Database, tenant: int
) -> None:
    anna, bruno = await signed_in(), await signed_in()
    url = f"/contacts/contact_{ada.id}"
    given = fields_of((await anna.browser.get(f"{url}/edit")).text)
    await anna.browser.post(url, data=given | {"company": ["Fiat"]})
    mine = given | {"email": ["nobody"], "notBefore": ["2027-03-01T09:30"]}
    choice = fields_of((await bruno.browser.post(url, data=mine)).text)
    answer = await bruno.browser.post(url, data=choice)
    assert answer.status_code == 422
    form = fields_of(answer.text)
    assert (form["email"], form["company"], form["version"]) == (["nobody"], ["Fiat"], ["2"])
    assert form["notBefore"] == ["2027-03-01T09:30"]
    saved = await bruno.browser.post(url, data=form | {"email": ["ada@new.example"]})
    assert saved.status_code == 303
    row, _ = await stored(database, tenant, ada)
    assert [row[name] for name in ("email", "company", "version")] == ["ada@new.example", "Fiat", 3]


async def test_what_no_form_of_ours_sends_is_refused(admin: Person, ada: Contact) -> None:
    url = f"/contacts/contact_{ada.id}"
    for yours in ("", "nonsense", "{}", '{"firstName": 7}', '{"nothing": "x"}'):
        answer = await admin.browser.send_form(url, yours=yours, base="{}", version="1")
        assert answer.status_code == 400, yours


async def test_eight_people_who_save_at_once_lose_nothing(
    signed_in: SignIn, ada: Contact, database: Database, tenant: int
) -> None:
    people = [await signed_in() for _ in range(8)]
    url = f"/contacts/contact_{ada.id}/quick"
    form = fields_of((await people[0].browser.get(url)).text)

    def mine(place: int) -> dict[str, list[str]]:
        """Each adds a number of their own."""
        given = {name: list(values) for name, values in form.items()}
        for name in [name for name in form if name.startswith(f"{PHONES}.")]:
            given[name].append(f"02 99887{place}0" if name.endswith("number") else "")
        return given

    answers = await asyncio.gather(
        *(person.browser.post(url, data=mine(place)) for place, person in enumerate(people))
    )
    assert sorted(answer.status_code for answer in answers) == [303, *[409] * 7]
    for person, answer in zip(people, answers, strict=True):
        for _ in range(8):
            if answer.status_code == 303:
                break
            # Mine is mine and theirs is theirs: every choice is made already.
            answer = await person.browser.post(url, data=fields_of(answer.text))
        assert answer.status_code == 303
    row, numbers = await stored(database, tenant, ada)
    added = {f"+390299887{place}0" for place in range(8)}
    assert added < {number["number"] for number in numbers}
    assert (len(numbers), row["version"]) == (3 + 8, 1 + 8)


async def test_everything_that_a_form_sends_is_compared(
    admin: Person, ada: Contact, viewer: Viewer
) -> None:
    """A field that is added to the form and not to the comparison would be overwritten unseen."""
    page = (await admin.browser.get(f"/contacts/contact_{ada.id}/edit")).text
    base = json.loads(fields_of(page)["base"][0])
    given = given_contact(FormData([]), viewer)
    assert set(given) == set(FIELDS) | {PHONES}
    assert set(base) == set(given) | {VALUES}
