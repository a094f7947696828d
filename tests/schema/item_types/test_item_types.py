# SPDX-License-Identifier: Apache-2.0
"""Contact item types through the schema: X-01 to X-04, X-08, X-10."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Viewer
from tests.factories.contacts import make_contact, phones
from tests.schema.asking import Ask

ERRORS = "userErrors { code field message }"
FIELDS = "id name orderBy color phoneCount phoneCountCapped version"
TYPES = f"""query ($filter: ContactItemTypeFilter, $sort: ContactItemTypeSort,
    $direction: SortDirection, $first: Int, $after: String) {{
  contactItemTypes(filter: $filter, sort: $sort, direction: $direction, first: $first,
      after: $after) {{ totalCount pageInfo {{ hasNextPage endCursor }}
    edges {{ node {{ {FIELDS} }} }} }} }}"""
CREATE = f"""mutation ($input: CreateContactItemTypeInput!) {{
  result: createContactItemType(input: $input) {{ contactItemType {{ {FIELDS} }} {ERRORS} }} }}"""
EDIT = f"""mutation ($input: EditContactItemTypeInput!) {{
  result: editContactItemType(input: $input) {{ contactItemType {{ {FIELDS} }} {ERRORS} }} }}"""
DELETE = f"""mutation ($input: DeleteContactItemTypeInput!) {{
  result: deleteContactItemType(input: $input) {{ deleted name phonesUntyped {ERRORS} }} }}"""
PHONES = """query ($id: ID!) { contact(id: $id) {
  additionalPhones { number itemType { name color } } } }"""


def faults(answer: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["field"]) for error in answer["data"]["result"]["userErrors"]]


async def made(ask: Ask, name: str, order: int = 1, color: str = "#AABBCC") -> Any:
    answer = await ask(CREATE, input={"name": name, "orderBy": order, "color": color})
    assert faults(answer) == []
    return answer["data"]["result"]["contactItemType"]


async def names(ask: Ask, **variables: object) -> list[str]:
    """Names in order; both paths have to give the same."""
    answer = await ask(TYPES, **variables)
    assert await ask(TYPES, ordinary=True, **variables) == answer
    return [edge["node"]["name"] for edge in answer["data"]["contactItemTypes"]["edges"]]


async def test_a_type_is_listed_exactly_as_it_was_made(ask: Ask) -> None:
    office = await made(ask, "Office", 1, "#aabbcc")
    expected = {"name": "Office", "orderBy": 1, "color": "#AABBCC", "version": 1}
    counts = {"phoneCount": 0, "phoneCountCapped": 0}
    assert office == {"id": office["id"], **expected, **counts}
    answer = await ask(TYPES)
    assert [edge["node"] for edge in answer["data"]["contactItemTypes"]["edges"]] == [office]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"name": " "}, ("REQUIRED", "name")),
        ({"name": "x" * 101}, ("TOO_LONG", "name")),
        ({"name": "a\x00b"}, ("INVALID_CHARACTER", "name")),
        ({"orderBy": 0}, ("OUT_OF_RANGE", "orderBy")),
        ({"orderBy": -3}, ("OUT_OF_RANGE", "orderBy")),
        ({"color": "teal"}, ("INVALID", "color")),
        ({"color": ""}, ("REQUIRED", "color")),
        ({"name": "OFFICE"}, ("TAKEN", "name")),
    ],
)
async def test_what_is_refused_stores_nothing(
    ask: Ask, given: dict[str, object], fault: tuple[str, str]
) -> None:
    office = await made(ask, "Office")
    wanted = {"name": "Mobile", "orderBy": 2, "color": "#112233"} | given
    assert faults(await ask(CREATE, input=wanted)) == [fault]
    if fault[0] != "TAKEN":
        assert faults(await ask(EDIT, input={"id": office["id"], **given})) == [fault]
    answer = await ask(TYPES)
    assert [edge["node"] for edge in answer["data"]["contactItemTypes"]["edges"]] == [office]


@pytest.mark.parametrize("order", ["1", 1.5, 2**31, None])
async def test_an_order_that_is_no_whole_number_is_no_valid_request(ask: Ask, order: Any) -> None:
    answer = await ask(CREATE, input={"name": "Office", "orderBy": order, "color": "#AABBCC"})
    assert answer.get("data") is None
    assert "orderBy" in answer["errors"][0]["message"]
    assert await names(ask) == []


async def test_the_order_is_the_dial_order_and_equals_go_by_name(ask: Ask) -> None:
    for name, order in (("office", 1), ("Home", 3), ("Mobile", 1), ("Work", 2)):
        await made(ask, name, order)
    assert await names(ask) == ["Mobile", "office", "Work", "Home"]
    assert await names(ask, direction="DESC") == ["Home", "Work", "office", "Mobile"]
    assert await names(ask, sort="NAME") == ["Home", "Mobile", "office", "Work"]
    assert await names(ask, sort="CREATED_AT") == ["office", "Home", "Mobile", "Work"]


async def test_search_finds_name_order_and_colour_and_survives_pages_and_sort(
    ask: Ask,
) -> None:
    for name, order, color in (
        ("Office", 1, "#AABBCC"),
        ("Box office", 12, "#0B5394"),
        ("Home", 2, "#FFD166"),
        ("Back Office", 3, "#112233"),
    ):
        await made(ask, name, order, color)

    async def found(text: str, **variables: object) -> list[str]:
        return await names(ask, filter={"search": text}, **variables)

    assert await found("OFFICE") == ["Office", "Back Office", "Box office"]
    assert await found("x off") == ["Box office"]
    assert await found("2") == ["Home", "Back Office"]  # an order, or a part of a colour
    assert await found("12") == ["Back Office", "Box office"]
    assert await found("#ffd") == ["Home"]
    assert await found("nobody") == []
    assert await found("%") == []
    assert len(await found("")) == 4
    first = await ask(TYPES, filter={"search": "office"}, sort="NAME", first=2)
    page = first["data"]["contactItemTypes"]
    assert page["totalCount"] == 3
    assert [edge["node"]["name"] for edge in page["edges"]] == ["Back Office", "Box office"]
    after = page["pageInfo"]["endCursor"]
    assert await found("office", sort="NAME", first=2, after=after) == ["Office"]


async def test_an_edit_shows_everywhere_and_a_deletion_unties_the_phones(
    ask: Ask, database: Database, viewer: Viewer, tenant: int
) -> None:
    office, home = await made(ask, "Office"), await made(ask, "Home", 2)
    key = int(office["id"].removeprefix("type_"))
    async with database.transaction(tenant) as session:
        additional = phones(("055123456", key), ("055123457", key), "055123458")
        ada = await make_contact(session, viewer, additional=additional)
    edit = {"id": office["id"], "name": "Work", "color": "#112233", "version": 1}
    answer = await ask(EDIT, input=edit)
    expected = {"name": "Work", "color": "#112233", "version": 2}
    used = {"phoneCount": 2, "phoneCountCapped": 2}
    assert answer["data"]["result"]["contactItemType"] == office | expected | used
    assert faults(await ask(EDIT, input=edit)) == [("CONFLICT", "version")]
    assert faults(await ask(EDIT, input={"id": home["id"], "name": "work"})) == [("TAKEN", "name")]

    async def types() -> list[Any]:
        found = (await ask(PHONES, id=f"contact_{ada.id}"))["data"]["contact"]
        return [phone["itemType"] for phone in found["additionalPhones"]]

    assert await types() == [{"name": "Work", "color": "#112233"}] * 2 + [None]
    stale = await ask(DELETE, input={"id": office["id"], "version": 1})
    assert faults(stale) == [("CONFLICT", "version")]
    answer = await ask(DELETE, input={"id": office["id"], "version": 2})
    gone = {"deleted": True, "name": "Work", "phonesUntyped": 2, "userErrors": []}
    assert answer["data"]["result"] == gone
    assert await types() == [None, None, None]
    assert faults(await ask(DELETE, input={"id": office["id"]})) == [("NOT_FOUND", "id")]
