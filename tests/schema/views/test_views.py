# SPDX-License-Identifier: Apache-2.0
"""`savedFilters`, `saveFilter`, `deleteFilter`, `restoreFilter`, and the columns chosen."""

from typing import Any

import pytest

from server.database import Database
from server.domain.fields import FieldScope
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer
from server.domain.views import CONTACT_COLUMNS, LONGEST_QUERY, MOST_COLUMNS
from tests.conftest import MakeTenant
from tests.factories.people import make_field
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from web.pages.contacts.columns import COLUMNS as COLUMNS_OF_THE_PAGE

FILTERS = """query ($subject: ViewSubject) { savedFilters(filter: {subject: $subject}) {
  edges { node { id subject name query isShared ownerId ownerName version } } } }"""
COLUMNS = """query ($subject: ViewSubject) { columnChoices(filter: {subject: $subject}) {
  edges { node { subject columns } } } }"""
SAVE = """mutation ($input: SaveFilterInput!) { saveFilter(input: $input) {
  savedFilter { id name query isShared version } userErrors { code field } } }"""
DELETE = """mutation ($input: SavedFilterInput!) { deleteFilter(input: $input) {
  deleted name userErrors { code field } } }"""
RESTORE = """mutation ($input: SavedFilterInput!) { restoreFilter(input: $input) {
  savedFilter { id name } userErrors { code field } } }"""
CHOOSE = """mutation ($input: ChooseColumnsInput!) { chooseColumns(input: $input) {
  columns userErrors { code field message } } }"""


@pytest.fixture
async def colleague(database: Database, tenant: int) -> Viewer:
    """Sees everything, and may not share."""
    rights = ALL_PERMISSIONS - {Permission.CONTACTS_SHARE}
    return await make_viewer(database, tenant, Role.SUPERVISOR, permissions=rights)


async def save(ask: Ask, as_: Viewer | None = None, /, **given: object) -> Any:
    who = {} if as_ is None else {"as_": as_}
    whole = {"subject": "CONTACTS", "name": "Mine", "query": "company=acme"} | given
    if "id" in given:
        whole = {"subject": "CONTACTS"} | given
    answer = await ask(SAVE, **who, input=whole)
    assert "errors" not in answer or answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    return answer["data"] and answer["data"]["saveFilter"]


async def seen(ask: Ask, as_: Viewer | None = None, subject: str | None = "CONTACTS") -> list[str]:
    who = {} if as_ is None else {"as_": as_}
    answer = await ask(FILTERS, **who, subject=subject)
    assert await ask(FILTERS, ordinary=True, **who, subject=subject) == answer
    return [edge["node"]["name"] for edge in answer["data"]["savedFilters"]["edges"]]


async def test_a_filter_is_kept_without_its_place_in_the_list(ask: Ask, viewer: Viewer) -> None:
    query = "?sort=-company&tag=tag_1,tag_2&after=W10&before=W11&columns=email&company=Acme+%26+Co"
    made = await save(ask, query=query)
    assert made["userErrors"] == []
    kept = made["savedFilter"]
    assert kept["query"] == "sort=-company&tag=tag_1%2Ctag_2&company=Acme+%26+Co"
    assert (kept["isShared"], kept["version"]) == (False, 1)
    answer = await ask(FILTERS, subject="CONTACTS")
    [node] = [edge["node"] for edge in answer["data"]["savedFilters"]["edges"]]
    assert node["ownerId"] == f"user_{viewer.user_id}"
    assert node["ownerName"] == viewer.full_name
    assert await seen(ask, subject="LISTS") == []
    assert await seen(ask, subject=None) == ["Mine"]


async def test_a_filter_is_ones_own_until_it_is_shared(
    ask: Ask, viewer: Viewer, colleague: Viewer
) -> None:
    made = (await save(ask))["savedFilter"]
    assert await seen(ask, colleague) == []
    assert await save(ask, colleague, isShared=True) is None  # FORBIDDEN
    assert await seen(ask, colleague) == []
    assert (await save(ask, colleague))["userErrors"] == []  # the same name, each their own
    shared = (await save(ask, id=made["id"], isShared=True))["savedFilter"]
    assert (shared["isShared"], shared["version"], shared["name"]) == (True, 2, "Mine")
    assert await seen(ask, colleague) == ["Mine", "Mine"]
    # Who may not share sees it, and changes nothing of it.
    for document in (DELETE, RESTORE):
        answer = await ask(document, as_=colleague, input={"id": made["id"]})
        [payload] = answer["data"].values()
        assert payload["userErrors"] == [{"code": "NOT_FOUND", "field": "id"}]
    refused = await save(ask, colleague, id=made["id"], name="Taken over")
    assert refused["userErrors"] == [{"code": "NOT_FOUND", "field": "id"}]


async def test_whoever_may_share_looks_after_shared_filters(
    ask: Ask, database: Database, tenant: int, colleague: Viewer
) -> None:
    other = await make_viewer(database, tenant)
    made = (await save(ask, other, isShared=True))["savedFilter"]
    assert (await save(ask, id=made["id"], name="Everybody's"))["savedFilter"]["version"] == 2
    assert await seen(ask, colleague) == ["Everybody's"]


async def test_a_name_stands_once_a_person_and_list(ask: Ask) -> None:
    assert (await save(ask, name="Mine"))["userErrors"] == []
    assert (await save(ask, name=" MINE "))["userErrors"] == [{"code": "TAKEN", "field": "name"}]
    assert (await save(ask, name="Mine", subject="LISTS"))["userErrors"] == []
    assert await seen(ask) == ["Mine"]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"name": " "}, "REQUIRED", "name"),
        ({"name": "x" * 101}, "TOO_LONG", "name"),
        ({"name": "a\x00b"}, "INVALID_CHARACTER", "name"),
        ({"query": "company=" + "x" * LONGEST_QUERY}, "TOO_LONG", "query"),
        ({"query": "%3Cscript%3E=1"}, "INVALID", "query"),
        ({"query": "company=%00"}, "INVALID", "query"),
        ({"query": "&".join(f"a{n}=1" for n in range(200))}, "INVALID", "query"),
        ({"name": None}, "REQUIRED", "name"),
        ({"id": "filter_0", "name": "x"}, "NOT_FOUND", "id"),
        ({"id": "contact_1", "name": "x"}, "NOT_FOUND", "id"),
    ],
)
async def test_what_cannot_be_kept_is_refused_at_its_field(
    ask: Ask, given: dict[str, object], code: str, field: str
) -> None:
    assert (await save(ask, **given))["userErrors"] == [{"code": code, "field": field}]
    assert await seen(ask) == []


async def test_two_who_change_one_filter_are_told_of_each_other(ask: Ask) -> None:
    made = (await save(ask))["savedFilter"]
    assert (await save(ask, id=made["id"], name="First", version=1))["userErrors"] == []
    late = await save(ask, id=made["id"], name="Second", version=1)
    assert late["userErrors"] == [{"code": "CONFLICT", "field": "version"}]
    assert await seen(ask) == ["First"]
    elsewhere = await save(ask, id=made["id"], subject="LISTS", name="x")
    assert elsewhere["userErrors"] == [{"code": "NOT_FOUND", "field": "id"}]


async def test_a_deleted_filter_comes_back_with_its_id(ask: Ask) -> None:
    made = (await save(ask))["savedFilter"]
    gone = (await ask(DELETE, input={"id": made["id"]}))["data"]["deleteFilter"]
    assert gone == {"deleted": True, "name": "Mine", "userErrors": []}
    assert await seen(ask) == []
    again = (await save(ask))["savedFilter"]
    assert again["id"] != made["id"]
    taken = (await ask(RESTORE, input={"id": made["id"]}))["data"]["restoreFilter"]
    assert taken["userErrors"] == [{"code": "TAKEN", "field": "name"}]
    await save(ask, id=again["id"], name="Another")
    back = (await ask(RESTORE, input={"id": made["id"]}))["data"]["restoreFilter"]
    assert back == {"savedFilter": {"id": made["id"], "name": "Mine"}, "userErrors": []}
    assert await seen(ask) == ["Another", "Mine"]
    twice = (await ask(RESTORE, input={"id": made["id"]}))["data"]["restoreFilter"]
    assert twice["userErrors"] == [{"code": "NOT_FOUND", "field": "id"}]


async def test_filters_stay_in_their_centre(
    ask: Ask, database: Database, new_tenant: MakeTenant
) -> None:  # D9
    stranger = await make_viewer(database, await new_tenant())
    made = (await save(ask, isShared=True))["savedFilter"]
    assert await seen(ask, stranger) == []
    refused = await save(ask, stranger, id=made["id"], name="x")
    assert refused["userErrors"] == [{"code": "NOT_FOUND", "field": "id"}]


async def test_columns_are_kept_for_each_reader_and_list(ask: Ask, colleague: Viewer) -> None:
    async def chosen(as_: Viewer | None = None) -> Any:
        who = {} if as_ is None else {"as_": as_}
        answer = await ask(COLUMNS, **who)
        assert await ask(COLUMNS, ordinary=True, **who) == answer
        return [tuple(e["node"].values()) for e in answer["data"]["columnChoices"]["edges"]]

    async def choose(*columns: str, subject: str = "CONTACTS") -> Any:
        given = {"subject": subject, "columns": list(columns)}
        return (await ask(CHOOSE, input=given))["data"]["chooseColumns"]

    assert await choose("email", "phone", "email") == {
        "columns": ["email", "phone"],
        "userErrors": [],
    }
    assert await chosen() == [("CONTACTS", ["email", "phone"])]
    assert await chosen(colleague) == []
    await choose("company")
    assert await chosen() == [("CONTACTS", ["company"])]
    await choose()
    assert await chosen() == []
    many = [f"c{place}" for place in range(MOST_COLUMNS + 1)]
    [error] = (await choose(*many))["userErrors"]
    assert (error["code"], error["field"]) == ("OUT_OF_RANGE", "columns")


async def test_a_column_that_there_is_not_is_refused_with_those_that_there_are(
    ask: Ask, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        own = await make_field(session, "age")
        of_records = await make_field(session, "offer", scope=FieldScope.RECORD)
    offered = [*CONTACT_COLUMNS, f"field_{own.id}"]

    async def choose(*columns: str, subject: str = "CONTACTS") -> Any:
        given = {"subject": subject, "columns": list(columns)}
        return (await ask(CHOOSE, input=given))["data"]["chooseColumns"]

    assert (await choose(*offered)) == {"columns": offered, "userErrors": []}
    for wrong, place in (
        (["email", "nonsense"], 1),
        (["email", "phone", f"field_{of_records.id}"], 2),
        (["field_0"], 0),
        (["\ud800"], 0),
        ([""], 0),
    ):
        refused = await choose(*wrong)
        [error] = refused["userErrors"]
        assert (error["code"], error["field"]) == ("INVALID", f"columns.{place}")
        told = f"“{wrong[place]}” does not fit here. Give {', '.join(offered)}."
        assert error["message"] == told
    [error] = (await choose("name", subject="LISTS"))["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", "columns.0")
    assert error["message"] == "This does not go with “LISTS”. Leave it out."
    kept = (await ask(COLUMNS))["data"]["columnChoices"]["edges"]
    assert [edge["node"] for edge in kept] == [{"subject": "CONTACTS", "columns": offered}]
    assert await choose(subject="LISTS") == {"columns": [], "userErrors": []}


def test_the_page_offers_the_columns_that_the_api_takes() -> None:
    assert tuple(one.key for one in COLUMNS_OF_THE_PAGE) == CONTACT_COLUMNS
