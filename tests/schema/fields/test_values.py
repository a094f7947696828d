# SPDX-License-Identifier: Apache-2.0
"""Values of contacts through the schema: written, read, unique, required (C-22, C-23, C-25)."""

import asyncio
from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Role
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact
from tests.factories.lists import make_list
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.fields.asked import (
    CAMPAIGN,
    CONTACT,
    CREATE_CONTACT,
    EDIT_CONTACT,
    STRUCTURE,
    campaign,
    faults,
    made,
    messages,
    one,
    person,
    values_of,
)

LINK = "https://x.it/a?b=C#d"


@pytest.mark.parametrize(
    ("type", "given", "typed", "text", "shown"),
    [
        ("TEXT", " Zoë ", {"textValue": "Zoë"}, "Zoë", "Zoë"),
        ("NUMBER", "1234567.5", {"numberValue": 1234567.5}, "1234567.5", "1,234,567.5"),
        ("NUMBER", "1e3", {"numberValue": 1000.0}, "1000", "1,000"),
        ("NUMBER", "12,5", {"numberValue": 12.5}, "12.5", "12.5"),
        ("NUMBER", "-0", {"numberValue": 0.0}, "0", "0"),
        ("DATE", "2027-01-31", {"dateValue": "2027-01-31"}, "2027-01-31", "31 Jan 2027"),
        (
            "DATETIME",
            "2027-01-31T09:30:00+01:00",
            {"instantValue": "2027-01-31T08:30:00Z"},
            "2027-01-31T08:30:00Z",
            "31 Jan 2027, 08:30:00 UTC",
        ),
        ("CHOICE", "GOLD", {"textValue": "Gold"}, "Gold", "Gold"),
        ("BOOLEAN", "sì", {"booleanValue": True}, "true", "Yes"),
        ("BOOLEAN", "0", {"booleanValue": False}, "false", "No"),
        ("EMAIL", "Ada@Example.COM", {"textValue": "ada@example.com"}, *["ada@example.com"] * 2),
        ("PHONE", "06 1234 5000", {"textValue": "+390612345000"}, *["+390612345000"] * 2),
        (
            "LINK",
            "https://x.it/a?b=C#d",
            {"textValue": "https://x.it/a?b=C#d"},
            *["https://x.it/a?b=C#d"] * 2,
        ),
    ],
)
async def test_a_value_comes_back_typed_and_as_text(
    ask: Ask, type: str, given: str, typed: dict[str, object], text: str, shown: str
) -> None:  # C-22
    more = {"validValues": ["Gold; Silver"]} if type == "CHOICE" else {}
    field = await made(ask, "f", type, **more)
    contact = await person(ask, "Ada", {field["id"]: given})
    answer = await ask(CONTACT, id=contact)
    assert await ask(CONTACT, ordinary=True, id=contact) == answer
    names = ("textValue", "numberValue", "dateValue", "instantValue", "booleanValue")
    assert answer["data"]["contact"]["values"] == [
        {"field": {"name": "f"}, "campaign": None, **dict.fromkeys(names), **typed}
        | {"text": text, "display": shown}
    ]
    again = await ask(EDIT_CONTACT, input={"id": contact, "values": [one(field, text)]})
    assert faults(again) == []
    assert await values_of(ask, contact) == {"f": text}


async def test_values_are_shown_in_the_readers_language(ask: Ask) -> None:
    number = await made(ask, "n", "NUMBER")
    yes = await made(ask, "y", "BOOLEAN")
    contact = await person(ask, "Ada", {number["id"]: "1234.5", yes["id"]: "true"})
    shown = (await ask(CONTACT, id=contact, locale="it"))["data"]["contact"]["values"]
    assert [value["display"] for value in shown] == ["1.234,5", "Sì"]


@pytest.mark.parametrize(
    ("type", "given", "code"),
    [
        ("TEXT", "a\x00b", "INVALID_CHARACTER"),
        ("TEXT", "x" * 4001, "TOO_LONG"),
        ("NUMBER", "NaN", "INVALID"),
        ("NUMBER", "Infinity", "INVALID"),
        ("NUMBER", "1e400", "INVALID"),
        ("NUMBER", "1e-400", "INVALID"),
        ("NUMBER", "0x1F", "INVALID"),
        ("NUMBER", "1,234", "INVALID"),
        ("NUMBER", "1_000", "INVALID"),
        ("NUMBER", "١٢", "INVALID"),
        ("NUMBER", "9007199254740993", "TOO_LONG"),
        ("DATE", "31/01/2027", "INVALID"),
        ("DATE", "2027-02-30", "INVALID"),
        ("DATE", "20270131", "INVALID"),
        ("DATE", "0001-01-01", "INVALID"),
        ("DATETIME", "2027-01-31T09:30:00", "INVALID"),
        ("DATETIME", "9999-12-31T23:59:59-14:00", "INVALID"),
        ("CHOICE", "Tin", "INVALID"),
        ("BOOLEAN", "maybe", "INVALID"),
        ("EMAIL", "ada@", "INVALID"),
        ("PHONE", "call me", "INVALID_NUMBER"),
        ("LINK", "javascript:alert(1)", "INVALID"),
        ("LINK", "https://", "INVALID"),
        ("LINK", "https://x.it/a b", "INVALID"),
        ("LINK", "https://x.it:99999999/", "INVALID"),
        ("LINK", "https://[::1", "INVALID"),
        ("LINK", "//x.it", "INVALID"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name_and_stores_nothing(
    ask: Ask, type: str, given: str, code: str
) -> None:
    more = {"validValues": ["Gold; Silver"]} if type == "CHOICE" else {}
    field = await made(ask, "f", type, displayName="Fifth", **more)
    contact = await person(ask, "Ada")
    values = [one(field, given)]
    edit = {"id": contact, "firstName": "Zoe", "values": values}
    answer = await ask(EDIT_CONTACT, input=edit)
    assert faults(answer) == [(code, "values.0.value")]
    assert "“Fifth”" in messages(answer)[0]
    name = await ask("query ($id: ID!) { contact(id: $id) { firstName } }", id=contact)
    assert name["data"]["contact"]["firstName"] == "Ada"
    assert await values_of(ask, contact) == {}
    answer = await ask(CREATE_CONTACT, input={"firstName": "Bob", "values": values})
    assert faults(answer) == [(code, "values.0.value")]


async def test_an_edit_changes_the_values_it_names_and_no_others(ask: Ask) -> None:
    a, b, c = [await made(ask, name) for name in "abc"]
    contact = await person(ask, "Ada", {a["id"]: "1", b["id"]: "2", c["id"]: "3"})
    values = [one(a, "4"), one(b, " "), one(c, None)]
    assert faults(await ask(EDIT_CONTACT, input={"id": contact, "values": values})) == []
    assert await values_of(ask, contact) == {"a": "4"}
    assert faults(await ask(EDIT_CONTACT, input={"id": contact, "firstName": "Zoe"})) == []
    assert await values_of(ask, contact) == {"a": "4"}
    twice = [one(a, "5"), one(a, "6"), {"fieldId": "field_9", "value": "x"}]
    answer = await ask(EDIT_CONTACT, input={"id": contact, "values": twice})
    assert faults(answer) == [("INVALID", "values.1.fieldId"), ("NOT_FOUND", "values.2.fieldId")]
    assert await values_of(ask, contact) == {"a": "4"}


async def test_the_audit_names_the_fields_that_changed(ask: Ask) -> None:
    a, b = [await made(ask, name) for name in "ab"]
    contact = await person(ask, "Ada", {a["id"]: "1", b["id"]: "2"})
    await ask(EDIT_CONTACT, input={"id": contact, "values": [one(a, "1"), one(b, "3")]})
    events = await ask(
        "query ($id: ID!) { events(filter: {about: $id}, first: 1) "
        "{ edges { node { name data } } } }",
        id=contact,
    )
    [edge] = events["data"]["events"]["edges"]
    assert edge["node"]["name"] == "contact.edited"
    assert edge["node"]["data"]["values"] == ["b"]
    assert edge["node"]["data"]["changed"] == ["values"]


async def test_a_unique_value_is_had_once(ask: Ask) -> None:  # C-22
    field = await made(ask, "code", displayName="Customer code", isUnique=True)
    ada = await person(ask, "Ada", {field["id"]: "A 1"})
    answer = await ask(CREATE_CONTACT, input={"firstName": "Bob", "values": [one(field, "a  1")]})
    assert faults(answer) == [("TAKEN", "values.0.value")]
    assert messages(answer) == [
        "Another contact has “a  1” in “Customer code”, which is unique. Correct one of them."
    ]
    assert faults(await ask(EDIT_CONTACT, input={"id": ada, "values": [one(field, "A 1")]})) == []
    await person(ask, "Eve", {field["id"]: "É 1"})
    long = "x" * 300
    await person(ask, "Zoe", {field["id"]: long})
    answer = await ask(
        CREATE_CONTACT, input={"firstName": "Bob", "values": [one(field, long.upper())]}
    )
    assert faults(answer) == [("TAKEN", "values.0.value")]
    await person(ask, "Bob", {field["id"]: long + "y"})


async def test_two_who_take_a_unique_value_at_once_do_not_both_get_it(ask: Ask) -> None:
    other = await made(ask, "other", isUnique=True)
    field = await made(ask, "code", isUnique=True)
    people = [await person(ask, f"P{n}") for n in range(6)]
    answers = await asyncio.gather(
        *(
            ask(EDIT_CONTACT, input={"id": key, "values": [one(other, key), one(field, "A1")]})
            for key in people
        )
    )
    refused = [faults(answer) for answer in answers]
    assert sorted(refused) == [[]] + [[("TAKEN", "values.1.value")]] * 5
    assert sum([bool(await values_of(ask, key)) for key in people]) == 1


async def test_required_is_asked_of_who_edits_the_values(ask: Ask) -> None:  # C-22
    field = await made(ask, "code", displayName="Code", isRequired=True)
    free = await made(ask, "free")
    answer = await ask(CREATE_CONTACT, input={"firstName": "Ada", "values": [one(free, "x")]})
    assert (faults(answer), messages(answer)) == (
        [("REQUIRED", "values")],
        ["“Code” cannot be blank. Fill it in."],
    )
    ada = await person(ask, "Ada")  # by who knows nothing of the fields
    missing = await ask(CONTACT, id=ada)
    assert await ask(CONTACT, ordinary=True, id=ada) == missing
    assert missing["data"]["contact"]["missingRequired"] == [{"name": "code"}]
    assert faults(await ask(EDIT_CONTACT, input={"id": ada, "values": [one(free, "y")]})) == []
    values = [one(free, "z"), one(field, " ")]
    answer = await ask(EDIT_CONTACT, input={"id": ada, "values": values})
    assert faults(answer) == [("REQUIRED", "values.1.value")]
    assert await values_of(ask, ada) == {"free": "y"}
    assert faults(await ask(EDIT_CONTACT, input={"id": ada, "values": [one(field, "1")]})) == []
    assert (await ask(CONTACT, id=ada))["data"]["contact"]["missingRequired"] == []


async def test_a_field_of_records_joins_campaigns_made_afterwards(ask: Ask) -> None:  # C-23
    before = await campaign(ask, "Before")
    offer = await made(ask, "offer", scope="RECORD", isRequired=True)
    await made(ask, "person's own")
    result = await made(ask, "result", scope="RECORD")
    after = await campaign(ask, "After")
    assert (before["fields"], after["fields"]) == ([], [{"name": "offer"}, {"name": "result"}])
    ada = await person(ask, "Ada")
    answer = await ask(EDIT_CONTACT, input={"id": ada, "values": [one(offer, "x", before)]})
    assert faults(answer) == [("NOT_FOUND", "values.0.fieldId")]
    values = [
        one(offer, "x"),
        one(result, "y", {"id": "campaign_0"}),
        one(result, "z", after),
    ]
    answer = await ask(EDIT_CONTACT, input={"id": ada, "values": values})
    assert faults(answer) == [
        ("REQUIRED", "values.0.campaignId"),
        ("NOT_FOUND", "values.1.campaignId"),
    ]
    blank = [one(offer, "", after), one(result, "z", after)]  # asked before the script goes on
    assert faults(await ask(EDIT_CONTACT, input={"id": ada, "values": blank})) == []
    missing = await ask(CONTACT, id=ada, campaign=after["id"])
    assert await ask(CONTACT, ordinary=True, id=ada, campaign=after["id"]) == missing
    assert missing["data"]["contact"]["missingRequired"] == [{"name": "offer"}]
    assert (await ask(CONTACT, id=ada))["data"]["contact"]["missingRequired"] == []
    assert await values_of(ask, ada) == {}
    assert await values_of(ask, ada, after["id"]) == {"result": "z"}
    assert await values_of(ask, ada, before["id"]) == {}


async def test_a_record_has_its_value_in_each_campaign(ask: Ask) -> None:  # C-22
    own = await made(ask, "own")
    offer = await made(ask, "offer", scope="RECORD", isUnique=True)
    spring, autumn = await campaign(ask, "Spring"), await campaign(ask, "Autumn")
    ada, bob = await person(ask, "Ada", {own["id"]: "me"}), await person(ask, "Bob")
    values = [one(offer, "A", spring), one(offer, "A", autumn)]
    assert faults(await ask(EDIT_CONTACT, input={"id": ada, "values": values})) == []
    answer = await ask(EDIT_CONTACT, input={"id": bob, "values": [one(offer, "a", autumn)]})
    assert faults(answer) == [("TAKEN", "values.0.value")]  # unique in a campaign
    answer = await ask(EDIT_CONTACT, input={"id": ada, "values": [one(own, "x", spring)]})
    assert faults(answer) == [("INVALID", "values.0.campaignId")]
    assert await values_of(ask, ada, spring["id"]) == {"own": "me", "offer": "A"}
    answer = await ask(EDIT_CONTACT, input={"id": ada, "values": [one(offer, None, spring)]})
    assert await values_of(ask, ada, spring["id"]) == {"own": "me"}
    assert await values_of(ask, ada, autumn["id"]) == {"own": "me", "offer": "A"}


async def test_the_structure_of_a_campaign_is_edited(ask: Ask) -> None:  # C-23
    a, b = [await made(ask, name, scope="RECORD") for name in "ab"]
    own = await made(ask, "own")
    spring = await campaign(ask)
    c = await made(ask, "c", scope="RECORD")
    key = {"campaignId": spring["id"]}
    order = {"fieldIds": [c["id"], a["id"], b["id"]]}
    answer = await ask(STRUCTURE, input=key | order)
    assert [one["name"] for one in answer["data"]["result"]["campaign"]["fields"]] == [*"cab"]
    ada = await person(ask, "Ada")
    values = [one(a, "1", spring), one(b, "2", spring), one(c, "3", spring)]
    assert faults(await ask(EDIT_CONTACT, input={"id": ada, "values": values})) == []
    answer = await ask(STRUCTURE, input=key | {"fieldIds": [b["id"]]})
    assert faults(answer) == [("IN_USE", "valuesLost")]
    assert messages(answer) == [
        "Values that would be lost: 2. Look at that number, then confirm it."
    ]
    assert len(await values_of(ask, ada, spring["id"])) == 3
    answer = await ask(STRUCTURE, input=key | {"fieldIds": [b["id"]], "valuesLost": 2})
    assert (faults(answer), answer["data"]["result"]["valuesLost"]) == ([], 2)
    assert await values_of(ask, ada, spring["id"]) == {"b": "2"}
    answer = await ask(
        STRUCTURE, input=key | {"fieldIds": [b["id"], own["id"], "field_1", b["id"]]}
    )
    assert faults(answer) == [
        ("INVALID", "fieldIds.1"),
        ("NOT_FOUND", "fieldIds.2"),
        ("NOT_FOUND", "fieldIds.3"),
    ]
    shown = await ask(CAMPAIGN, id=spring["id"])
    assert await ask(CAMPAIGN, ordinary=True, id=spring["id"]) == shown
    assert shown["data"]["campaign"]["fields"] == [{"name": "b"}]


async def test_an_agent_reads_and_writes_in_the_campaigns_that_are_theirs(
    ask: Ask, database: Database, tenant: int, viewer: Any
) -> None:
    own = await made(ask, "own")
    offer = await made(ask, "offer", scope="RECORD")
    agent = await make_viewer(database, tenant, Role.AGENT)
    async with database.transaction(tenant) as session:
        mine = await make_list(session, viewer, "Mine", agent_ids=[agent.user_id])
        ada = await make_contact(session, viewer, "Ada", list_ids=[mine.id])
        eve = await make_contact(session, viewer, "Eve", phone=None)
        theirs = await make_campaign(session, viewer, "Theirs")
    key, hidden = f"contact_{ada.id}", {"id": f"campaign_{theirs.id}"}
    values = [one(own, "x"), one(offer, "y", hidden)]
    assert faults(await ask(EDIT_CONTACT, input={"id": key, "values": values})) == []
    answer = await ask(EDIT_CONTACT, as_=agent, input={"id": key, "values": values})
    assert faults(answer) == [("NOT_FOUND", "values.1.campaignId")]
    answer = await ask(EDIT_CONTACT, as_=agent, input={"id": key, "values": [one(own, "z")]})
    assert faults(answer) == []
    for ordinary in (False, True):
        seen = await ask(CONTACT, as_=agent, ordinary=ordinary, id=key, campaign=hidden["id"])
        assert [value["text"] for value in seen["data"]["contact"]["values"]] == ["z"]
    answer = await ask(
        EDIT_CONTACT, as_=agent, input={"id": f"contact_{eve.id}", "values": [one(own, "z")]}
    )
    assert faults(answer) == [("NOT_FOUND", "id")]
