# SPDX-License-Identifier: Apache-2.0
"""Master data fields through the schema: what they are and how they change (C-22, C-24)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role
from tests.conftest import MakeTenant
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.fields.asked import (
    CREATE,
    DELETE,
    EDIT,
    EDIT_CONTACT,
    FIELDS,
    REORDER,
    RESTORE,
    faults,
    made,
    messages,
    person,
    values_of,
)


async def names(ask: Ask, **variables: object) -> list[str]:
    answer = await ask(FIELDS, **variables)
    assert await ask(FIELDS, ordinary=True, **variables) == answer
    return [edge["node"]["name"] for edge in answer["data"]["masterDataFields"]["edges"]]


async def test_a_field_is_listed_exactly_as_it_was_made(ask: Ask) -> None:  # C-22
    made_field = await made(
        ask,
        "segment",
        "CHOICE",
        displayName="Segment",
        scope="RECORD",
        validValues=["Gold; Silver", "Bronze"],
        isRequired=True,
        isUnique=False,
        isSearchable=True,
    )
    assert made_field == {
        "id": made_field["id"],
        "name": "segment",
        "displayName": "Segment",
        "type": "CHOICE",
        "scope": "RECORD",
        "size": None,
        "validValues": ["Gold", "Silver", "Bronze"],
        "isRequired": True,
        "isUnique": False,
        "isMultiLine": False,
        "isSearchable": True,
        "position": 0,
        "valueCount": 0,
        "version": 1,
    }
    answer = await ask(FIELDS)
    assert [edge["node"] for edge in answer["data"]["masterDataFields"]["edges"]] == [made_field]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"name": " "}, ("REQUIRED", "name")),
        ({"name": "x" * 61}, ("TOO_LONG", "name")),
        ({"name": "a\x00b"}, ("INVALID_CHARACTER", "name")),
        ({"name": "CODE"}, ("TAKEN", "name")),  # C-24
        ({"displayName": "x" * 101}, ("TOO_LONG", "displayName")),
        ({"validValues": ["Gold"]}, ("INVALID", "validValues")),  # for CHOICE only
        ({"type": "CHOICE"}, ("REQUIRED", "validValues")),
        ({"type": "CHOICE", "validValues": [" ; "]}, ("REQUIRED", "validValues")),
        ({"type": "CHOICE", "validValues": ["Gold;gold"]}, ("TAKEN", "validValues")),
        ({"type": "NUMBER", "size": 5}, ("INVALID", "size")),
        ({"size": 0}, ("OUT_OF_RANGE", "size")),
        ({"size": 4001}, ("OUT_OF_RANGE", "size")),
        ({"type": "DATE", "isMultiLine": True}, ("INVALID", "isMultiLine")),
        ({"type": "DATE", "isSearchable": True}, ("INVALID", "isSearchable")),
        ({"type": "BOOLEAN", "isUnique": True}, ("INVALID", "isUnique")),
    ],
)
async def test_what_is_refused_stores_nothing(
    ask: Ask, given: dict[str, object], fault: tuple[str, str]
) -> None:  # C-22, C-24
    await made(ask, "code")
    answer = await ask(CREATE, input={"name": "other", "type": "TEXT", **given})
    assert faults(answer) == [fault]
    assert await names(ask) == ["code"]


async def test_another_tenant_may_use_the_name_and_sees_nothing_of_the_first(
    ask: Ask, database: Database, new_tenant: MakeTenant
) -> None:  # C-24, C-25
    mine = await made(ask, "code")
    other = await make_viewer(database, await new_tenant())
    answer = await ask(CREATE, as_=other, input={"name": "CODE", "type": "NUMBER"})
    assert faults(answer) == []
    shown = await ask(FIELDS, as_=other)
    assert [e["node"]["name"] for e in shown["data"]["masterDataFields"]["edges"]] == ["CODE"]
    edit = await ask(EDIT, as_=other, input={"id": mine["id"], "displayName": "theirs"})
    assert faults(edit) == [("NOT_FOUND", "id")]
    contact = await ask(
        "mutation ($input: CreateContactInput!) { result: createContact(input: $input) "
        "{ userErrors { code field } } }",
        as_=other,
        input={"firstName": "Eve", "values": [{"fieldId": mine["id"], "value": "x"}]},
    )
    assert faults(contact) == [("NOT_FOUND", "values.0.fieldId")]
    assert await names(ask) == ["code"]


async def test_fields_are_found_and_stand_in_their_order(ask: Ask) -> None:
    ids = {name: (await made(ask, name))["id"] for name in ("b", "a", "c")}
    await made(ask, "amount", "NUMBER", scope="RECORD", displayName="Élite")
    assert await names(ask) == ["b", "a", "c", "amount"]
    assert await names(ask, sort="NAME") == ["a", "amount", "b", "c"]
    assert await names(ask, filter={"scope": "RECORD"}) == ["amount"]
    assert await names(ask, filter={"type": "TEXT"}) == ["b", "a", "c"]
    assert await names(ask, filter={"search": "LITE"}) == ["amount"]
    answer = await ask(REORDER, input={"ids": [ids["c"], ids["a"]]})
    assert faults(answer) == []
    assert await names(ask) == ["c", "a", "b", "amount"]
    answer = await ask(REORDER, input={"ids": [ids["c"], "field_0", ids["c"]]})
    assert faults(answer) == [("NOT_FOUND", "ids.1"), ("NOT_FOUND", "ids.2")]


async def test_the_display_name_changes_whatever_is_stored(ask: Ask) -> None:
    field = await made(ask)
    contact = await person(ask, "Ada", {field["id"]: "Gold"})
    edit = {"id": field["id"], "version": 1, "name": "tier", "displayName": "Tier"}
    answer = await ask(EDIT, input=edit)
    assert faults(answer) == []
    shown = answer["data"]["result"]["masterDataField"]
    assert (shown["name"], shown["displayName"], shown["version"]) == ("tier", "Tier", 2)
    assert await values_of(ask, contact) == {"tier": "Gold"}
    assert faults(await ask(EDIT, input=edit)) == [("CONFLICT", "version")]


@pytest.mark.parametrize(
    ("before", "values", "after", "expected"),
    [
        (
            {"type": "TEXT"},
            ["gold", "Silver "],
            {"type": "CHOICE", "validValues": ["Gold;Silver"]},
            ["Gold", "Silver"],
        ),
        ({"type": "TEXT"}, ["12", "-3.50"], {"type": "NUMBER"}, ["12", "-3.5"]),
        ({"type": "NUMBER"}, ["12", "0.25"], {"type": "TEXT"}, ["12", "0.25"]),
        ({"type": "TEXT", "size": 3}, ["abc", "d"], {"size": 5}, ["abc", "d"]),
        ({"type": "TEXT", "size": 5}, ["abc", "d"], {"size": 3}, ["abc", "d"]),
        ({"type": "TEXT"}, ["Ada@X.it", "b@x.it"], {"type": "EMAIL"}, ["ada@x.it", "b@x.it"]),
        (
            {"type": "TEXT"},
            ["06 1234 5000", "+48 22 123 45 67"],
            {"type": "PHONE"},
            ["+390612345000", "+48221234567"],
        ),
        (
            {"type": "DATE"},
            ["2027-01-31", "2027-07-31"],
            {"type": "DATETIME"},
            ["2027-01-30T23:00:00Z", "2027-07-30T22:00:00Z"],  # midnight in Rome
        ),
        (
            {"type": "CHOICE", "validValues": ["a", "b"]},
            ["a", "b"],
            {"validValues": ["B", "A", "C"]},
            ["A", "B"],
        ),
        ({"type": "TEXT"}, ["x", "y"], {"isUnique": True}, ["x", "y"]),
        ({"type": "TEXT", "isUnique": True}, ["1.0", "2"], {"type": "NUMBER"}, ["1", "2"]),
        ({"type": "BOOLEAN"}, ["true", "false"], {"type": "TEXT"}, ["true", "false"]),
    ],
)
async def test_values_follow_a_change_of_their_field(
    ask: Ask, before: dict[str, Any], values: list[str], after: dict[str, Any], expected: list[str]
) -> None:
    field = await made(ask, "f", **before)
    people = [await person(ask, f"P{n}", {field["id"]: text}) for n, text in enumerate(values)]
    answer = await ask(EDIT, input={"id": field["id"], **after})
    assert faults(answer) == []
    assert [(await values_of(ask, one))["f"] for one in people] == expected


@pytest.mark.parametrize(
    ("before", "values", "after", "path", "told"),
    [
        (
            {"type": "TEXT"},
            ["gold", "lead", "tin"],
            {"type": "CHOICE", "validValues": ["Gold"]},
            "type",
            "Values that do not fit: 2, such as “lead”. Correct them first.",
        ),
        (
            {"type": "TEXT"},
            ["12", "12,5 €", "1"],
            {"type": "NUMBER"},
            "type",
            "Values that do not fit: 1, such as “12,5 €”. Correct them first.",
        ),
        (
            {"type": "TEXT"},
            ["abcd", "a", "abcdef"],
            {"size": 3},
            "size",
            "Values that do not fit: 2, such as “abcd”. Correct them first.",
        ),
        (
            {"type": "CHOICE", "validValues": ["a", "b"]},
            ["a", "b", "b"],
            {"validValues": ["a"]},
            "validValues",
            "Values that do not fit: 2, such as “b”. Correct them first.",
        ),
        (
            {"type": "TEXT"},
            ["x", "X", "y"],
            {"isUnique": True},
            "isUnique",
            "Values that are not unique: 1, such as “X”. Correct them first.",
        ),
        (
            {"type": "TEXT", "isUnique": True},
            ["1", "1.0", "2"],
            {"type": "NUMBER"},
            "type",
            "Values that are not unique: 1, such as “1”. Correct them first.",
        ),
        (
            {"type": "DATETIME"},
            ["2027-01-31T09:00:00Z", "2027-01-31T10:00:00Z", "2027-01-31T11:00:00Z"],
            {"type": "DATE"},
            "type",
            "Values that do not fit: 3, such as “2027-01-31T09:00:00Z”. Correct them first.",
        ),
        (
            {"type": "TEXT"},
            ["a", "b", "c"],
            {"scope": "RECORD"},
            "scope",
            "It has values: 3. Make another field, or delete this one with them.",
        ),
    ],
)
async def test_a_change_that_a_value_does_not_fit_changes_nothing_at_all(
    ask: Ask,
    before: dict[str, Any],
    values: list[str],
    after: dict[str, Any],
    path: str,
    told: str,
) -> None:
    field = await made(ask, "f", **before)
    people = [await person(ask, f"P{n}", {field["id"]: text}) for n, text in enumerate(values)]
    stored = [await values_of(ask, one) for one in people]
    answer = await ask(EDIT, input={"id": field["id"], "displayName": "Other", **after})
    assert (faults(answer), messages(answer)) == ([("IN_USE", path)], [told])
    assert [await values_of(ask, one) for one in people] == stored
    [edge] = (await ask(FIELDS))["data"]["masterDataFields"]["edges"]
    assert edge["node"] == field | {"valueCount": 3}


async def test_a_type_leaves_behind_what_only_the_old_one_had(ask: Ask) -> None:
    field = await made(ask, "f", "TEXT", size=10, isMultiLine=True, isSearchable=True)
    answer = await ask(EDIT, input={"id": field["id"], "type": "DATE"})
    assert faults(answer) == []
    shown = answer["data"]["result"]["masterDataField"]
    assert [shown[name] for name in ("size", "isMultiLine", "isSearchable")] == [None, False, False]
    answer = await ask(EDIT, input={"id": field["id"], "type": "TEXT", "size": 7})
    assert answer["data"]["result"]["masterDataField"]["size"] == 7
    answer = await ask(EDIT, input={"id": field["id"], "size": None})
    assert answer["data"]["result"]["masterDataField"]["size"] is None


async def test_a_deleted_field_takes_its_values_along_and_brings_them_back(ask: Ask) -> None:
    field = await made(ask, "code", "TEXT", isUnique=True)
    ada = await person(ask, "Ada", {field["id"]: "A-1"})
    bob = await person(ask, "Bob", {field["id"]: "B-2"})
    answer = await ask(DELETE, input={"id": field["id"], "valuesLost": 1})
    assert faults(answer) == [("IN_USE", "valuesLost")]
    assert answer["data"]["result"]["valuesLost"] == 2
    assert messages(answer) == [
        "Values that would be lost: 2. Look at that number, then confirm it."
    ]
    assert await values_of(ask, ada) == {"code": "A-1"}
    answer = await ask(DELETE, input={"id": field["id"], "valuesLost": 2, "version": 1})
    result = answer["data"]["result"]
    gone = result["deletedField"]
    assert (result["deleted"], result["name"], result["valuesLost"]) == (True, "code", 2)
    assert (gone["name"], gone["valueCount"]) == ("code", 2)
    assert (await values_of(ask, ada), await names(ask)) == ({}, [])
    again = await made(ask, "Code")
    answer = await ask(RESTORE, input={"id": gone["id"]})
    assert faults(answer) == [("TAKEN", "name")]
    await ask(DELETE, input={"id": again["id"], "valuesLost": 0})
    await ask(
        "mutation ($id: ID!) { deleteContact(input: {id: $id}) { deleted } }", id=bob
    )  # whose value is left behind
    answer = await ask(RESTORE, input={"id": gone["id"]})
    assert faults(answer) == []
    assert answer["data"]["result"]["valuesRestored"] == 1
    back = answer["data"]["result"]["masterDataField"]
    assert back == field | {"version": 2, "valueCount": 1}
    assert await values_of(ask, ada) == {"code": "A-1"}
    taken = await ask(
        EDIT_CONTACT, input={"id": await person(ask, "Eve"), "values": [_value(field, "a-1")]}
    )
    assert faults(taken) == [("TAKEN", "values.0.value")]
    assert faults(await ask(RESTORE, input={"id": gone["id"]})) == [("NOT_FOUND", "id")]


def _value(field: Any, text: str) -> dict[str, str]:
    return {"fieldId": field["id"], "value": text}


async def test_agents_shape_no_fields(ask: Ask, database: Database, tenant: int) -> None:  # C-04
    agent = await make_viewer(database, tenant, Role.AGENT)
    assert agent.may(Permission.FIELDS_VIEW)
    answer = await ask(CREATE, as_=agent, input={"name": "x", "type": "TEXT"})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
