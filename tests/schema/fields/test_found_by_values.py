# SPDX-License-Identifier: Apache-2.0
"""Contacts found and sorted by values of master data fields (C-01, C-16)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.database import Database
from server.domain.permissions import Role, Viewer
from tests.conftest import MakeTenant
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.fields.asked import (
    CONTACTS,
    CREATE_CAMPAIGN,
    EDIT,
    EDIT_CONTACT,
    ERRORS,
    faults,
    made,
    person,
    who,
)

TAG = f"""mutation ($input: BulkTagInput!) {{
  result: tagContacts(input: $input) {{ {ERRORS} }} }}"""
TEXTS = {"Ada": "Gold", "Bob": "silver", "Cleo": "Góld Card", "Dan": None}
NUMBERS = {"Ada": "10", "Bob": "9.5", "Cleo": "-3", "Dan": None}
DAYS = {"Ada": "2027-02-01", "Bob": "1980-12-31", "Cleo": "2027-01-31", "Dan": None}
TIMES = {
    "Ada": "2027-01-31T09:00:00Z",
    "Bob": "2027-01-31T09:00:00+02:00",
    "Cleo": "1999-01-01T00:00:00Z",
    "Dan": None,
}
ANSWERS = {"Ada": "true", "Bob": "false", "Cleo": "true", "Dan": None}
PHONES = {"Ada": "06 1234 5000", "Bob": "+48221234567", "Cleo": "06 1234 6000", "Dan": None}
MAILS = {"Ada": "ada@x.it", "Bob": "bob@x.it", "Cleo": "cleo@y.it", "Dan": None}


async def centre(ask: Ask, type: str, values: dict[str, str | None], **more: object) -> str:
    """Four people with a value each, but for the last; the answer is the field's id."""
    field = await made(ask, "f", type, **more)
    for name, text in values.items():
        await person(ask, name, None if text is None else {field["id"]: text})
    return str(field["id"])


@pytest.mark.parametrize(
    ("type", "values", "asked", "found"),
    [
        ("TEXT", TEXTS, {"eq": "gold"}, "Ada"),
        ("TEXT", TEXTS, {"eq": "GOLD CARD "}, "Cleo"),
        ("TEXT", TEXTS, {"startsWith": "gol"}, "Ada Cleo"),
        ("TEXT", TEXTS, {"startsWith": "%"}, ""),
        ("TEXT", TEXTS, {"in": ["Silver", "gold", "lead"]}, "Ada Bob"),
        ("TEXT", TEXTS, {"in": []}, ""),
        ("TEXT", TEXTS, {"gt": "gold"}, "Bob Cleo"),
        ("TEXT", TEXTS, {"isEmpty": True}, "Dan"),
        ("TEXT", TEXTS, {"isEmpty": False}, "Ada Bob Cleo"),
        ("TEXT", TEXTS, {"isEmpty": True, "eq": "gold"}, ""),
        ("TEXT", TEXTS, {}, "Ada Bob Cleo Dan"),
        ("NUMBER", NUMBERS, {"eq": "10.0"}, "Ada"),
        ("NUMBER", NUMBERS, {"lt": "9.5"}, "Cleo"),
        ("NUMBER", NUMBERS, {"lte": "9.5"}, "Bob Cleo"),
        ("NUMBER", NUMBERS, {"gte": "-3", "lt": "10"}, "Bob Cleo"),
        ("NUMBER", NUMBERS, {"in": ["10", "9,5"]}, "Ada Bob"),
        ("DATE", DAYS, {"gte": "2027-01-31"}, "Ada Cleo"),
        ("DATE", DAYS, {"eq": "1980-12-31"}, "Bob"),
        ("DATETIME", TIMES, {"gt": "2027-01-31T07:00:00Z"}, "Ada"),
        ("DATETIME", TIMES, {"lte": "2027-01-31T08:00:00+01:00"}, "Bob Cleo"),
        ("BOOLEAN", ANSWERS, {"eq": "yes"}, "Ada Cleo"),
        ("BOOLEAN", ANSWERS, {"eq": "false"}, "Bob"),
        ("CHOICE", TEXTS, {"in": ["gold", "silver"]}, "Ada Bob"),
        ("CHOICE", TEXTS, {"eq": "GOLD CARD"}, "Cleo"),
        ("CHOICE", TEXTS, {"startsWith": "gol"}, "Ada Cleo"),
        ("PHONE", PHONES, {"eq": "(06) 1234-5000"}, "Ada"),
        ("PHONE", PHONES, {"startsWith": "061234"}, "Ada Cleo"),
        ("EMAIL", MAILS, {"eq": "ADA@x.it"}, "Ada"),
        ("EMAIL", MAILS, {"gte": "b"}, "Bob Cleo"),
    ],
)
async def test_contacts_are_found_by_a_value(
    ask: Ask, type: str, values: dict[str, str | None], asked: dict[str, Any], found: str
) -> None:  # C-01, C-16
    more = {"validValues": ["Gold", "Silver", "Góld Card"]} if type == "CHOICE" else {}
    field = await centre(ask, type, values, **more)
    assert await who(ask, fields=[{"fieldId": field, **asked}]) == found.split()


async def test_all_conditions_hold(ask: Ask) -> None:  # C-01
    a, b = [(await made(ask, name, type))["id"] for name, type in (("a", "TEXT"), ("b", "NUMBER"))]
    await person(ask, "Ada", {a: "x", b: "1"})
    await person(ask, "Bob", {a: "x", b: "2"})
    conditions = [{"fieldId": a, "eq": "x"}, {"fieldId": b, "gt": "1"}]
    assert await who(ask, fields=conditions) == ["Bob"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"fields": []}, "'fields' takes 1 to 20 conditions."),
        ({"fields": [{"fieldId": "f", "eq": "x"}] * 21}, "'fields' takes 1 to 20 conditions."),
        ({"fields": [{"fieldId": "field_0"}]}, "'fields' names a field that there is not."),
        ({"fields": [{"fieldId": "x\x00"}]}, "'fields' names a field that there is not."),
        ({"sort": {"fieldId": "field_0"}}, "'fieldSort' names a field that there is not."),
        (
            {"sort": {"fieldId": "f", "campaignId": "campaign_1"}},
            "'fieldSort' takes a 'campaignId' with a field of records, and with no other.",
        ),
        (
            {"sort": {"fieldId": "f"}, "after": "WyJhIiwxXQ"},
            "'after' is no cursor of this list; take one from 'pageInfo' or 'edges', "
            "read with the same 'sort'.",
        ),
    ],
)
async def test_what_cannot_be_asked_is_told(
    ask: Ask, variables: dict[str, Any], message: str
) -> None:
    field = (await made(ask, "f", "NUMBER"))["id"]
    for one in [*variables.get("fields", []), variables.get("sort", {})]:
        if one.get("fieldId") == "f":
            one["fieldId"] = field
    for ordinary in (False, True):
        answer = await ask(CONTACTS, ordinary=ordinary, **variables)
        [error] = answer["errors"]
        assert (error["message"], error["extensions"]["code"]) == (message, "BAD_USER_INPUT")


CHOICES = "Gold; Silver; Góld Card"


@pytest.mark.parametrize(
    ("type", "asked", "place", "reason", "cure"),
    [
        ("TEXT", {"eq": "x\x00"}, "eq", "INVALID_CHARACTER", "Type it"),
        ("TEXT", {"eq": "x" * 4001}, "eq", "TOO_LONG", "4000 characters"),
        ("TEXT", {"eq": " "}, "eq", "REQUIRED", "Fill it in"),
        ("TEXT", {"startsWith": ""}, "startsWith", "REQUIRED", "Fill it in"),
        ("TEXT", {"in": ["a", "\ud800"]}, "in.1", "INVALID_CHARACTER", "Type it"),
        ("NUMBER", {"eq": "ten"}, "eq", "INVALID", "“ten” does not fit in “Own”. Give 1234.5."),
        ("NUMBER", {"in": ["1", "2", "1,234"]}, "in.2", "INVALID", "Give 1234.5."),
        ("NUMBER", {"gte": "1", "lt": "NaN"}, "lt", "INVALID", "Give 1234.5."),
        ("NUMBER", {"startsWith": "1"}, "startsWith", "INVALID", "Ask for a whole value."),
        ("DATE", {"gt": "31/01/2027"}, "gt", "INVALID", "Give 2027-01-31."),
        ("DATE", {"lte": "2027-02-30"}, "lte", "INVALID", "Give 2027-01-31."),
        ("DATETIME", {"gte": "noon"}, "gte", "INVALID", "Give 2027-01-31T09:00:00+01:00."),
        ("BOOLEAN", {"eq": "perhaps"}, "eq", "INVALID", "Give true, false."),
        ("CHOICE", {"eq": "Lead"}, "eq", "INVALID", f"Give {CHOICES}."),
        ("EMAIL", {"eq": "ada"}, "eq", "INVALID", "Give name@example.com."),
        ("LINK", {"in": ["example.com"]}, "in.0", "INVALID", "Give https://www.example.com."),
        ("PHONE", {"eq": "call me"}, "eq", "INVALID_NUMBER", "+ and the country code"),
        ("PHONE", {"startsWith": "abc"}, "startsWith", "INVALID_NUMBER", "country code"),
    ],
)
async def test_what_is_no_value_of_the_field_is_refused_where_it_stands(
    ask: Ask, type: str, asked: dict[str, Any], place: str, reason: str, cure: str
) -> None:  # C-01
    more = {"validValues": CHOICES.split("; ")} if type == "CHOICE" else {}
    fields = [{"fieldId": (await made(ask, "x"))["id"], "isEmpty": True}]
    fields.append({"fieldId": (await made(ask, "Own", type, **more))["id"], **asked})
    for ordinary in (False, True):
        [error] = (await ask(CONTACTS, ordinary=ordinary, fields=fields))["errors"]
        assert error["extensions"] == {
            "code": "BAD_USER_INPUT",
            "reason": reason,
            "field": f"filter.fields.1.{place}",
        }
        assert "“Own”" in error["message"]
        assert cure in error["message"]
    input = {"tags": ["x"], "filter": {"fields": fields}, "count": 0}
    [refusal] = (await ask(TAG, input=input))["data"]["result"]["userErrors"]
    assert refusal == {
        "code": reason,
        "field": f"filter.fields.1.{place}",
        "message": error["message"],
    }


async def test_another_centres_field_is_none(
    ask: Ask, database: Database, new_tenant: MakeTenant
) -> None:  # C-25
    field = (await made(ask))["id"]
    other = await make_viewer(database, await new_tenant())
    answer = await ask(CONTACTS, as_=other, fields=[{"fieldId": field, "isEmpty": True}])
    assert answer["errors"][0]["extensions"]["reason"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("type", "values", "up"),
    [
        ("TEXT", TEXTS, "Ada Cleo Bob Dan"),
        ("NUMBER", NUMBERS, "Cleo Bob Ada Dan"),
        ("DATE", DAYS, "Bob Cleo Ada Dan"),
        ("DATETIME", TIMES, "Cleo Bob Ada Dan"),
        ("BOOLEAN", ANSWERS, "Bob Ada Cleo Dan"),
        ("PHONE", PHONES, "Ada Cleo Bob Dan"),
    ],
)
async def test_contacts_are_sorted_by_a_value_and_those_without_come_last(
    ask: Ask, type: str, values: dict[str, str | None], up: str
) -> None:
    sort = {"fieldId": await centre(ask, type, values)}
    assert await who(ask, sort=sort) == up.split()
    *present, dan = up.split()
    down = ["Cleo", "Ada", "Bob"] if type == "BOOLEAN" else present[::-1]
    assert await who(ask, sort=sort, direction="DESC") == [*down, dan]


async def test_a_retyped_field_is_read_by_its_new_type_at_once(ask: Ask) -> None:
    field = await centre(ask, "TEXT", NUMBERS)
    sort = {"fieldId": field}
    assert await who(ask, sort=sort) == ["Cleo", "Ada", "Bob", "Dan"]
    assert faults(await ask(EDIT, input={"id": field, "type": "NUMBER"})) == []
    assert await who(ask, sort=sort) == ["Cleo", "Bob", "Ada", "Dan"]
    assert await who(ask, fields=[{"fieldId": field, "lt": "9.9"}]) == ["Bob", "Cleo"]


async def test_a_field_of_records_is_asked_and_sorted_by_campaign(
    ask: Ask, database: Database, tenant: int
) -> None:
    field = (await made(ask, "offer", "NUMBER", scope="RECORD"))["id"]
    keys = []
    for name in ("Spring", "Autumn"):
        answer = await ask(CREATE_CAMPAIGN, input={"name": name})
        keys.append(answer["data"]["result"]["campaign"]["id"])
    for name, numbers in (("Ada", ("1", "9")), ("Bob", ("2", "")), ("Cleo", ("", "3"))):
        contact = await person(ask, name)
        values = [
            {"fieldId": field, "campaignId": key, "value": text}
            for key, text in zip(keys, numbers, strict=True)
        ]
        assert faults(await ask(EDIT_CONTACT, input={"id": contact, "values": values})) == []
    spring, autumn = keys
    asked = {"fieldId": field, "gte": "2"}
    assert await who(ask, fields=[asked]) == ["Ada", "Bob", "Cleo"]
    assert await who(ask, fields=[asked | {"campaignId": spring}]) == ["Bob"]
    assert await who(ask, fields=[asked | {"campaignId": autumn}]) == ["Ada", "Cleo"]
    assert await who(ask, fields=[{"fieldId": field, "campaignId": autumn, "isEmpty": True}]) == [
        "Bob"
    ]
    sort = {"fieldId": field, "campaignId": autumn}
    assert await who(ask, sort=sort) == ["Cleo", "Ada", "Bob"]
    agent = await make_viewer(database, tenant, Role.AGENT)
    assert await who(ask, as_=agent, sort=sort) == []


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    size=st.integers(1, 5),
    direction=st.sampled_from(["ASC", "DESC"]),
    numbers=st.lists(st.sampled_from(["1", "2", "3", None]), min_size=1, max_size=9),
)
async def test_pages_in_the_order_of_a_field_miss_nobody_in_either_direction(
    ask: Ask, database: Database, new_tenant: MakeTenant, size: int, direction: str, numbers: Any
) -> None:
    viewer: Viewer = await make_viewer(database, await new_tenant())

    async def mine(document: str, **variables: Any) -> Any:
        return await ask(document, as_=viewer, **variables)

    field = (await made(mine, "f", "NUMBER"))["id"]
    for place, number in enumerate(numbers):
        await person(mine, f"P{place}", {field: number} if number else None)
    order = {"sort": {"fieldId": field}, "direction": direction}
    whole = await who(mine, **order)
    assert len(whole) == len(numbers)

    async def pages(size_name: str, cursor_name: str, info: str, more: str) -> list[list[str]]:
        found, cursor = [], None
        while True:
            given = order | {size_name: size, cursor_name: cursor}
            page = (await mine(CONTACTS, **given))["data"]["contacts"]
            assert (await mine(CONTACTS, ordinary=True, **given))["data"]["contacts"] == page
            found.append([edge["node"]["firstName"] for edge in page["edges"]])
            cursor = page["pageInfo"][info]
            if not page["pageInfo"][more]:
                return found

    onward = await pages("first", "after", "endCursor", "hasNextPage")
    assert [name for page in onward for name in page] == whole
    back = await pages("last", "before", "startCursor", "hasPreviousPage")
    assert [name for page in back[::-1] for name in page] == whole
