# SPDX-License-Identifier: Apache-2.0
"""Time zone, language, photo and tags of a contact, and the states of its numbers (C-05, C-08)."""

from typing import Any

import pytest

from tests.schema.asking import Ask
from tests.schema.contacts.asked import ERRORS, faults

FIELDS = """id phone phoneState phoneStateLabel timeZone language photoUrl tags { name }
  additionalPhones { id number state stateLabel } version"""
ONE = f"query ($id: ID!) {{ contact(id: $id) {{ {FIELDS} }} }}"
CREATE = f"""mutation ($input: CreateContactInput!) {{
  result: createContact(input: $input) {{ contact {{ {FIELDS} }} {ERRORS} }} }}"""
EDIT = f"""mutation ($input: EditContactInput!) {{
  result: editContact(input: $input) {{ contact {{ {FIELDS} }} {ERRORS} }} }}"""
A, B, C = (f"+39061234500{digit}" for digit in range(3))


async def created(ask: Ask, **given: object) -> Any:
    answer = await ask(CREATE, input={"firstName": "Ada", **given})
    assert faults(answer) == []
    contact = answer["data"]["result"]["contact"]
    assert (await ask(ONE, id=contact["id"]))["data"]["contact"] == contact
    assert (await ask(ONE, id=contact["id"], ordinary=True))["data"]["contact"] == contact
    return contact


async def edited(ask: Ask, contact: Any, **given: object) -> Any:
    answer = await ask(EDIT, input={"id": contact["id"], **given})
    assert faults(answer) == []
    changed = answer["data"]["result"]["contact"]
    assert (await ask(ONE, id=contact["id"]))["data"]["contact"] == changed
    return changed


def tags(contact: Any) -> list[str]:
    return [tag["name"] for tag in contact["tags"]]


async def test_a_person_has_a_zone_a_language_and_a_photo(ask: Ask) -> None:  # C-05
    given = {
        "timeZone": "Europe/Rome",
        "language": "de_at",
        "photoUrl": "https://Photos.example.com:443/ada.jpg?size=64",
    }
    contact = await created(ask, **given)
    assert (contact["timeZone"], contact["language"]) == ("Europe/Rome", "de-AT")
    assert contact["photoUrl"] == "https://photos.example.com/ada.jpg?size=64"
    contact = await edited(ask, contact, timeZone="", language="", photoUrl="")
    assert [contact[name] for name in given] == ["", "", ""]


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("timeZone", "Europe", "UNKNOWN_TIMEZONE"),
        ("timeZone", "../../etc/passwd", "UNKNOWN_TIMEZONE"),
        ("language", "xx", "INVALID"),
        ("language", "Italian", "INVALID"),
        ("photoUrl", "http://example.com/a.jpg", "INVALID"),
        ("photoUrl", "javascript:alert(1)", "INVALID"),
        ("photoUrl", "https://", "INVALID"),
        ("photoUrl", "https://user:secret@example.com/a.jpg", "INVALID"),
        ("photoUrl", "https://example.com; script-src *", "INVALID"),
        ("photoUrl", "https://example.com/a b", "INVALID"),
        ("photoUrl", "https://[::1/a", "INVALID"),
        ("photoUrl", "https://example.com/" + "a" * 1000, "TOO_LONG"),
        ("language", "i\x00t", "INVALID_CHARACTER"),
    ],
)
async def test_what_is_none_of_these_is_refused_on_its_field(
    ask: Ask, field: str, text: str, code: str
) -> None:
    answer = await ask(CREATE, input={"firstName": "Ada", field: text})
    assert faults(answer) == [(code, field)]
    assert (await ask("{ contacts { totalCount } }"))["data"]["contacts"]["totalCount"] == 0


async def test_a_name_makes_a_tag_or_takes_the_one_there_is_whatever_its_case(ask: Ask) -> None:
    """X-26."""
    first = await created(ask, tags=["VIP", " big   spender ", "vip"])
    assert tags(first) == ["big spender", "VIP"]
    second = await created(ask, tags=["Vip"])
    assert tags(second) == ["VIP"]
    assert tags(await edited(ask, first, tags=["vip", "Late payer"])) == ["Late payer", "VIP"]
    assert tags(await edited(ask, first, lastName="Rossi")) == ["Late payer", "VIP"]
    assert tags(await edited(ask, first, tags=[])) == []
    assert tags(second) == ["VIP"]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (["fine", "a,b"], ("INVALID", "tags.1")),
        ([" "], ("REQUIRED", "tags.0")),
        (["x" * 51], ("TOO_LONG", "tags.0")),
        ([str(number) for number in range(51)], ("OUT_OF_RANGE", "tags")),
    ],
)
async def test_tags_that_are_none_are_refused(
    ask: Ask, given: list[str], fault: tuple[str, str]
) -> None:
    answer = await ask(CREATE, input={"firstName": "Ada", "tags": given})
    assert faults(answer) == [fault]
    assert (await ask("{ tags { totalCount } }"))["data"]["tags"]["totalCount"] == 0


async def test_an_edit_of_tags_is_told_to_the_second_writer(ask: Ask) -> None:
    contact = await created(ask, tags=["VIP"])
    await edited(ask, contact, tags=["VIP", "new"])
    again = {"id": contact["id"], "version": contact["version"], "tags": []}
    document = EDIT.replace("contact {", "changes { fields } contact {", 1)
    answer = await ask(document, input=again)
    assert faults(answer) == [("CONFLICT", "version")]
    assert answer["data"]["result"]["changes"] == [{"fields": ["tags"]}]


async def test_states_are_shown_with_their_labels_and_edited(ask: Ask) -> None:  # C-06, C-08
    phones = [{"number": B, "state": "EXCLUDED"}, {"number": C}]
    contact = await created(ask, phone=A, phoneState="BLOCKED", additionalPhones=phones)
    assert (contact["phoneState"], contact["phoneStateLabel"]) == ("BLOCKED", "Blocked")
    assert [phone["state"] for phone in contact["additionalPhones"]] == ["EXCLUDED", "AVAILABLE"]
    answer = await ask(ONE, id=contact["id"], locale="it")
    assert answer["data"]["contact"]["phoneStateLabel"] == "Bloccato"
    first, second = (phone["id"] for phone in contact["additionalPhones"])
    changed = await edited(
        ask,
        contact,
        phone="+390612345009",
        additionalPhones=[
            {"id": first, "number": "+390612345008"},
            {"id": second, "number": "+390612345007", "state": "INACTIVE"},
        ],
    )
    assert changed["phoneState"] == "AVAILABLE"
    assert [phone["state"] for phone in changed["additionalPhones"]] == ["AVAILABLE", "INACTIVE"]
    assert [phone["id"] for phone in changed["additionalPhones"]] == [first, second]


async def test_without_a_number_there_is_no_state_to_keep(ask: Ask) -> None:
    contact = await created(ask, phone=A, phoneState="BLOCKED")
    assert (await edited(ask, contact, phone=None))["phoneState"] == "AVAILABLE"


async def test_a_change_of_a_state_is_told_to_the_second_writer(ask: Ask) -> None:
    contact = await created(ask, phone=A)
    await edited(ask, contact, phoneState="INACTIVE")
    document = EDIT.replace("contact {", "changes { fields } contact {", 1)
    again = {"id": contact["id"], "version": contact["version"], "lastName": "Rossi"}
    answer = await ask(document, input=again)
    assert answer["data"]["result"]["changes"] == [{"fields": ["phoneState"]}]
