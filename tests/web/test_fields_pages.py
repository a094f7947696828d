# SPDX-License-Identifier: Apache-2.0
"""Master data fields and record structures by the pages: C-22 to C-25."""

import re
from typing import Any

import pytest

from server.domain.permissions import Permission, Role
from tests.web.visiting import Person, SignIn, text_of

HTMX = {"HX-Request": "true", "HX-Target": "drawer-body"}
FOUR = tuple(Permission(f"fields.{verb}") for verb in ("view", "create", "edit", "delete"))
FIELDS = """{ masterDataFields { edges { node { id name displayName type scope size validValues
  isRequired isUnique isMultiLine isSearchable valueCount } } } }"""
CREATE = """mutation ($input: CreateMasterDataFieldInput!) {
  createMasterDataField(input: $input) { masterDataField { id } } }"""
CONTACT = """mutation ($input: CreateContactInput!) {
  createContact(input: $input) { contact { id } userErrors { message } } }"""
CAMPAIGN = 'mutation { createCampaign(input: {name: "Spring"}) { campaign { id } } }'


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


async def stored(person: Person) -> list[dict[str, Any]]:
    edges = (await person.browser.graphql(FIELDS))["data"]["masterDataFields"]["edges"]
    return [edge["node"] for edge in edges]


async def made(person: Person, name: str, type: str = "TEXT", **given: object) -> str:
    answer = await person.browser.graphql(CREATE, input={"name": name, "type": type, **given})
    return str(answer["data"]["createMasterDataField"]["masterDataField"]["id"])


async def test_a_field_is_made_with_what_its_type_has_use_for(admin: Person) -> None:  # C-22
    given = {
        "name": "segment",
        "displayName": "Segment",
        "type": "CHOICE",
        "scope": "RECORD",
        "validValues": "Gold; Silver;Bronze",
        "size": "12",  # left in a box that is hidden
        "isMultiLine": "on",
        "isRequired": "on",
    }
    answer = await admin.browser.send_form("/fields", **given)
    assert (answer.status_code, answer.headers["location"]) == (303, "/fields")
    page = await admin.browser.get("/fields")
    assert "Field “Segment” was created." in text_of(page)
    row = "Segment segment Choice Campaign record required · Gold; Silver; Bronze 0"
    assert row in text_of(page)
    [field] = await stored(admin)
    assert field == {
        "id": field["id"],
        "name": "segment",
        "displayName": "Segment",
        "type": "CHOICE",
        "scope": "RECORD",
        "size": None,
        "validValues": ["Gold", "Silver", "Bronze"],
        "isRequired": True,
        "isUnique": False,
        "isMultiLine": False,
        "isSearchable": False,
        "valueCount": 0,
    }


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"name": ""}, "name", "This cannot be blank. Fill it in."),
        ({"name": "CODE"}, "name", "“CODE” is already taken. Choose another name."),  # C-24
        ({"size": "0"}, "size", "This must be between 1 and 4000."),
        ({"size": "many"}, "size", "This must be between 1 and 4000."),
        ({"size": "99999999999999"}, "size", "This must be between 1 and 4000."),
        ({"type": "CHOICE", "validValues": " ; "}, "validValues", "This cannot be blank."),
        ({"type": "CHOICE", "validValues": "a;A"}, "validValues", "“A” is already taken."),
    ],
)
async def test_a_fault_stands_at_its_box_with_what_was_typed(
    admin: Person, given: dict[str, str], field: str, words: str
) -> None:
    await made(admin, "code")
    wanted = {"name": "other", "displayName": "", "type": "TEXT", "scope": "CONTACT"} | given
    answer = await admin.browser.post("/fields", data=wanted, headers=HTMX)
    assert answer.status_code == 422
    error = re.search(rf'id="field-{field}-error">(.*?)</p>', answer.text, re.S)
    assert error is not None
    assert words in re.sub(r"<[^>]+>", "", error[1])
    assert wanted.get("size", "") in answer.text
    assert wanted.get("validValues", "") in answer.text
    assert [one["name"] for one in await stored(admin)] == ["code"]


async def test_a_type_that_there_is_not_is_told_and_not_a_failure(admin: Person) -> None:
    given = {"name": "x", "type": "BLOB", "scope": "CONTACT"}
    assert (await admin.browser.send_form("/fields", **given)).status_code == 400


async def test_a_change_that_values_do_not_fit_is_refused_with_their_number(
    admin: Person,
) -> None:
    key = await made(admin, "code")
    given = {"firstName": "Ada", "values": [{"fieldId": key, "value": "A-1"}]}
    await admin.browser.graphql(CONTACT, input=given)
    form = await admin.browser.get(f"/fields/{key}")
    assert "1 value follows every change of type, size or choices" in text_of(form)
    sent = {"name": "code", "type": "NUMBER", "scope": "CONTACT", "version": "1"}
    answer = await admin.browser.send_form(f"/fields/{key}", **sent)
    assert answer.status_code == 422
    assert "Values that do not fit: 1, such as “A-1”. Correct them first." in text_of(answer)
    assert [one["type"] for one in await stored(admin)] == ["TEXT"]
    answer = await admin.browser.send_form(f"/fields/{key}", **sent | {"type": "TEXT"})
    assert answer.is_redirect
    answer = await admin.browser.send_form(f"/fields/{key}", **sent | {"type": "TEXT"})
    assert "Somebody else changed this since you opened it." in text_of(answer)
    assert 'name="version" value="2"' in answer.text


async def test_fields_are_moved_by_buttons(admin: Person) -> None:
    for name in "abc":
        await made(admin, name)
    a, b, c = [one["id"] for one in await stored(admin)]

    async def moved(key: str, step: str) -> str:
        answer = await admin.browser.send_form(f"/fields/{key}/moves", step=step)
        assert (answer.status_code, answer.headers["location"]) == (303, "/fields")
        return "".join(one["name"] for one in await stored(admin))

    assert await moved(a, "up") == "abc"
    assert await moved(c, "up") == "acb"
    assert await moved(a, "down") == "cab"
    assert await moved(b, "down") == "cab"
    assert await moved(b, "sideways") == "cab"
    answer = await admin.browser.send_form("/fields/field_0/moves", step="up")
    assert answer.status_code == 404


async def test_a_field_is_deleted_with_the_number_of_its_values_and_brought_back(
    admin: Person,
) -> None:
    key = await made(admin, "code", displayName="Code")
    given = {"firstName": "Ada", "values": [{"fieldId": key, "value": "A-1"}]}
    await admin.browser.graphql(CONTACT, input=given)
    form = await admin.browser.get(f"/fields/{key}/deletion")
    assert "Delete field “Code”?" in text_of(form)
    assert "1 value goes with it." in text_of(form)
    stale = await admin.browser.send_form(f"/fields/{key}/deletion", version="1", valuesLost="0")
    assert stale.status_code == 422
    assert "Values that would be lost: 1." in text_of(stale)
    assert 'name="valuesLost" value="1"' in stale.text
    gone = await admin.browser.send_form(f"/fields/{key}/deletion", version="1", valuesLost="1")
    assert gone.is_redirect
    page = await admin.browser.get("/fields")
    assert "Field “code” was deleted with 1 value." in text_of(page)
    [undo] = set(re.findall(r"/fields/restorations/deletedField_\d+", page.text))
    assert await stored(admin) == []
    assert (await admin.browser.post(undo)).is_redirect
    page = await admin.browser.get("/fields")
    assert "Field “Code” is back with 1 value." in text_of(page)
    assert [(one["id"], one["valueCount"]) for one in await stored(admin)] == [(key, 1)]


async def test_each_right_opens_its_own_part(signed_in: SignIn) -> None:
    admin = await signed_in()
    key = await made(admin, "code")
    reader = await signed_in(Role.SUPERVISOR, (Permission.FIELDS_VIEW,))
    page = await reader.browser.get("/fields")
    assert "code" in text_of(page)
    for shown in ("New field", "/deletion", "/moves"):
        assert shown not in page.text
    for url in ("/fields/new", f"/fields/{key}", f"/fields/{key}/deletion"):
        assert (await reader.browser.get(url)).status_code == 403
    stranger = await signed_in(Role.SUPERVISOR, ())
    assert (await stranger.browser.get("/fields")).status_code == 403
    assert "/fields" not in (await stranger.browser.get("/")).text
    agent = await signed_in(Role.AGENT, FOUR)
    assert (await agent.browser.get("/fields")).status_code == 200
    sent = {"name": "x", "type": "TEXT", "scope": "CONTACT"}
    assert (await agent.browser.post("/fields", data=sent)).status_code == 403


async def test_the_structure_of_a_campaign_is_chosen_and_ordered(admin: Person) -> None:  # C-23
    a, b = [await made(admin, name, scope="RECORD") for name in ("alpha", "beta")]
    campaign = (await admin.browser.graphql(CAMPAIGN))["data"]["createCampaign"]["campaign"]["id"]
    c = await made(admin, "gamma", scope="RECORD")
    url = f"/campaigns/{campaign}/structure"

    def shown(text: str) -> list[tuple[str, bool]]:
        found = re.findall(r'name="fieldIds" value="(\w+)"( checked)?', text)
        return [(key, bool(mark)) for key, mark in found]

    page = await admin.browser.get(url)
    assert shown(page.text) == [(a, True), (b, True), (c, False)]
    # Without scripts a button moves a field, and nothing is stored yet.
    sent = {"order": [a, b, c], "fieldIds": [a, b, c]}
    moved = await admin.browser.send_form(url, **sent, move=f"{c}:up")
    assert shown(moved.text) == [(a, True), (c, True), (b, True)]
    sent = {"order": [c, a, b], "fieldIds": [a, c]}
    assert (await admin.browser.send_form(url, **sent)).is_redirect
    page = await admin.browser.get(url)
    assert "The record structure was saved." in text_of(page)
    assert shown(page.text) == [(c, True), (a, True), (b, False)]
    value = [{"fieldId": a, "campaignId": campaign, "value": "x"}]
    await admin.browser.graphql(CONTACT, input={"firstName": "Ada", "values": value})
    refused = await admin.browser.send_form(url, order=[c], fieldIds=[c])
    assert refused.status_code == 422
    assert "Values that would be lost: 1." in text_of(refused)
    assert "Save and delete 1 value" in text_of(refused)
    assert 'name="valuesLost" value="1"' in refused.text
    assert (await admin.browser.send_form(url, fieldIds=[c], valuesLost="1")).is_redirect
    assert shown((await admin.browser.get(url)).text) == [(c, True), (a, False), (b, False)]
