# SPDX-License-Identifier: Apache-2.0
"""A centre's own fields in the contact's form and on its record (C-05, C-22)."""

import html
import re
from typing import Any

import pytest

from tests.web.visiting import Person, SignIn, text_of

CREATE = """mutation ($input: CreateMasterDataFieldInput!) {
  createMasterDataField(input: $input) { masterDataField { id } } }"""
CONTACT = """mutation ($input: CreateContactInput!) {
  createContact(input: $input) { contact { id } userErrors { message } } }"""
EDIT = """mutation ($input: EditContactInput!) {
  editContact(input: $input) { contact { id } userErrors { message } } }"""
VALUES = "query ($id: ID!) { contact(id: $id) { values { text } recordValues { text } } }"
CAMPAIGN = 'mutation { createCampaign(input: {name: "Spring"}) { campaign { id } } }'
INPUT = re.compile(r'<input [^>]*name="([^"]+)"[^>]*value="([^"]*)"')


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


async def field(admin: Person, name: str, type: str = "TEXT", **given: object) -> str:
    answer = await admin.browser.graphql(CREATE, input={"name": name, "type": type, **given})
    return str(answer["data"]["createMasterDataField"]["masterDataField"]["id"])


async def person(admin: Person, **values: str) -> str:
    given = [{"fieldId": key, "value": text} for key, text in values.items()]
    answer = await admin.browser.graphql(CONTACT, input={"firstName": "Ada", "values": given})
    return str(answer["data"]["createContact"]["contact"]["id"])


async def texts(admin: Person, contact: str) -> list[str]:
    found = (await admin.browser.graphql(VALUES, id=contact))["data"]["contact"]
    return [value["text"] for value in (*found["values"], *found["recordValues"])]


def sent(page: str, **values: str) -> dict[str, Any]:
    """The form as a browser sends it, with other values in the boxes of the fields named."""
    rows: dict[str, list[str]] = {}
    form: dict[str, Any] = {}
    for name, value in INPUT.findall(page):
        if name.startswith("values."):
            rows.setdefault(name, []).append(html.unescape(value))
        elif name in ("version", "base", "firstName"):
            form[name] = html.unescape(value)
    ids = rows.get("values.fieldId", [])
    typed = [values.get(key, old) for key, old in zip(ids, rows["values.before"], strict=True)]
    return form | {"priority": "2"} | rows | {"values.value": typed}


async def test_each_type_has_its_box_and_the_form_stores_what_was_changed(admin: Person) -> None:
    code = await field(admin, "code", displayName="Customer code", isRequired=True)
    notes = await field(admin, "notes", isMultiLine=True)
    segment = await field(admin, "segment", "CHOICE", validValues=["Gold; Silver"])
    news = await field(admin, "news", "BOOLEAN")
    born = await field(admin, "born", "DATE")
    visit = await field(admin, "visit", "DATETIME")
    phone = await field(admin, "phone", "PHONE")
    contact = await person(admin, **{code: "A-1", segment: "Gold"})
    page = (await admin.browser.get(f"/contacts/{contact}/edit")).text
    for key, kind in ((born, "date"), (visit, "datetime-local"), (phone, "tel"), (code, "text")):
        assert re.search(rf'<input id="value-{key}" name="values.value" type="{kind}"', page)
    assert f'<textarea id="value-{notes}"' in page
    assert re.search(rf'<select id="value-{segment}".*?value="Gold" selected', page, re.S)
    assert re.search(rf'<select id="value-{news}".*?Yes.*?No', page, re.S)
    changed = {visit: "2027-01-31T09:30", phone: "06 1234 5000", news: "true", notes: "a\r\nb"}
    answer = await admin.browser.send_form(f"/contacts/{contact}", **sent(page, **changed))
    assert answer.is_redirect
    assert await texts(admin, contact) == [
        *("A-1", "a\nb", "Gold", "true", "2027-01-31T08:30:00Z", "+390612345000")
    ]
    shown = text_of(await admin.browser.get(f"/contacts/{contact}/content"))
    assert "Customer code A-1 notes a b segment Gold news Yes born –" in shown
    assert "visit 31 Jan 2027, 09:30 phone 06 1234 5000" in shown
    # As it is now, nothing is sent; the audit names no value.
    page = (await admin.browser.get(f"/contacts/{contact}/edit")).text
    assert 'value="2027-01-31T09:30"' in page
    assert (await admin.browser.send_form(f"/contacts/{contact}", **sent(page))).is_redirect


async def test_a_refused_value_stands_in_its_box_with_the_reason(admin: Person) -> None:
    code = await field(admin, "code", displayName="Code", isRequired=True, isUnique=True)
    size = await field(admin, "size", "NUMBER", displayName="Size")
    await person(admin, **{code: "A-1"})
    page = (await admin.browser.get("/contacts/new")).text
    given = sent(page, **{code: "a-1", size: "big"}) | {"firstName": "Bob"}
    answer = await admin.browser.send_form("/contacts", **given)
    assert answer.status_code == 422
    assert "Another contact has “a-1” in “Code”, which is unique." in text_of(answer)
    assert "“big” does not fit in “Size”. Give 1234.5." in text_of(answer)
    assert re.search(rf'id="value-{size}"[^>]*value="big"', answer.text)
    blank = sent(page) | {"firstName": "Bob"}
    answer = await admin.browser.send_form("/contacts", **blank)
    assert (answer.status_code, "“Code” cannot be blank. Fill it in." in text_of(answer)) == (
        422,
        True,
    )
    given = sent(answer.text, **{code: "B-2", size: "7"}) | {"firstName": "Bob"}
    made = await admin.browser.send_form("/contacts", **given)
    assert made.is_redirect
    assert await texts(admin, made.headers["location"].rpartition("/")[2]) == ["B-2", "7"]


async def test_the_records_of_campaigns_have_boxes_of_their_own(admin: Person) -> None:  # C-23
    offer = await field(admin, "offer", scope="RECORD", displayName="Offer", isRequired=True)
    campaign = (await admin.browser.graphql(CAMPAIGN))["data"]["createCampaign"]["campaign"]["id"]
    contact = await person(admin)
    page = (await admin.browser.get(f"/contacts/{contact}/edit")).text
    assert "values.fieldId" not in page  # it has no record there
    values = [{"fieldId": offer, "campaignId": campaign, "value": "Plus"}]
    await admin.browser.graphql(EDIT, input={"id": contact, "values": values})
    page = (await admin.browser.get(f"/contacts/{contact}/edit")).text
    assert f'id="value-{offer}-{campaign}" name="values.value" type="text" value="Plus"' in page
    answer = await admin.browser.send_form(f"/contacts/{contact}", **sent(page, **{offer: ""}))
    assert answer.is_redirect  # a record's is asked before the script goes on, not here
    assert await texts(admin, contact) == []


async def test_two_who_change_the_same_value_choose(admin: Person) -> None:
    code = await field(admin, "code", displayName="Customer code")
    size = await field(admin, "size", "NUMBER")
    contact = await person(admin, **{code: "A-1"})
    page = (await admin.browser.get(f"/contacts/{contact}/edit")).text
    values = [{"fieldId": code, "value": "B-2"}]
    await admin.browser.graphql(EDIT, input={"id": contact, "values": values})
    given = sent(page, **{code: "C-3", size: "5"})
    answer = await admin.browser.send_form(f"/contacts/{contact}", **given)
    assert answer.status_code == 409
    text = text_of(answer)
    assert "Customer code" in text
    assert all(word in text for word in ("Yours C-3", "B-2", "When you opened it: A-1"))
    assert await texts(admin, contact) == ["B-2"]
    names = re.findall(r'name="(choice\.[\w.]+)" value="yours"', answer.text)
    held = {
        name: html.unescape(value)
        for name, value in INPUT.findall(answer.text)
        if name in ("version", "base", "yours", "started")
    }
    choices = {name: "theirs" if name == "choice.value.0" else "yours" for name in names}
    done = await admin.browser.send_form(f"/contacts/{contact}", **held, **choices)
    assert done.is_redirect
    assert await texts(admin, contact) == ["B-2", "5"]
