# SPDX-License-Identifier: Apache-2.0
"""`contacts`: search, lists, sort, pages and counts, alike by both paths and for each viewer."""

import itertools
from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer
from server.planner import ordinary, statements
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.users import make_viewer
from tests.schema.asking import Ask

PAGE = """query ($filter: ContactFilter, $sort: ContactSort, $direction: SortDirection,
    $first: Int, $after: String, $last: Int, $before: String) {
  contacts(filter: $filter, sort: $sort, direction: $direction,
      first: $first, after: $after, last: $last, before: $before) {
    totalCount totalCountCapped
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { node { fullName } } } }"""
OFFERED = "{ offeredItemTypes { edges { node { name orderBy } } } }"
PEOPLE = [("Zoe", "Abate"), ("Anna", "Verdi"), ("Bruno", ""), ("Carla", "Verdi"), ("Dino", "Bo")]
BY_NAME = ["Zoe Abate", "Dino Bo", "Bruno", "Anna Verdi", "Carla Verdi"]
NEWEST = ["Dino Bo", "Carla Verdi", "Bruno", "Anna Verdi", "Zoe Abate"]


@pytest.fixture
async def agent(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant, Role.AGENT)


@pytest.fixture
async def spring(database: Database, viewer: Viewer, agent: Viewer, tenant: int) -> str:
    """Five contacts, two of which stand on a list that the agent sees; the list's id."""
    async with database.transaction(tenant) as session:
        listed = await make_list(session, viewer, agent_ids=[agent.user_id])
        for number, (first, last) in enumerate(PEOPLE):
            await make_contact(
                session,
                viewer,
                first,
                last,
                phone=f"+3906123450{number:02}",
                additional=phones(f"+44207946{number:04}"),
                list_ids=[listed.id] if number % 2 else [],
            )
    return f"list_{listed.id}"


async def names(ask: Ask, *, as_: Viewer | None = None, **variables: object) -> list[str]:
    """The names on a page; both paths have to give the same, the counts too."""
    who = {} if as_ is None else {"as_": as_}
    answer = await ask(PAGE, **who, **variables)
    assert await ask(PAGE, ordinary=True, **who, **variables) == answer
    found = answer["data"]["contacts"]
    assert found["totalCount"] == found["totalCountCapped"]
    return [edge["node"]["fullName"] for edge in found["edges"]]


async def test_contacts_are_sorted_either_way(ask: Ask, spring: str) -> None:
    assert await names(ask) == BY_NAME
    assert await names(ask, sort="NAME", direction="DESC") == BY_NAME[::-1]
    assert await names(ask, sort="CREATED_AT", direction="DESC") == NEWEST
    assert await names(ask, sort="CREATED_AT") == NEWEST[::-1]


async def test_pages_hang_together_in_both_directions(ask: Ask, spring: str) -> None:
    async def page(**variables: object) -> Any:
        return (await ask(PAGE, sort="CREATED_AT", direction="DESC", **variables))["data"]

    seen, after = [], None
    for _ in range(3):
        found = (await page(first=2, after=after))["contacts"]
        seen.append([edge["node"]["fullName"] for edge in found["edges"]])
        after = found["pageInfo"]["endCursor"]
    assert list(itertools.chain(*seen)) == NEWEST
    assert found["pageInfo"]["hasNextPage"] is False
    back = (await page(last=2, before=found["pageInfo"]["startCursor"]))["contacts"]
    assert [edge["node"]["fullName"] for edge in back["edges"]] == seen[1]


async def test_search_and_list_hold_together(ask: Ask, spring: str, viewer: Viewer) -> None:
    assert await names(ask, filter={"search": "verdi"}) == ["Anna Verdi", "Carla Verdi"]
    assert await names(ask, filter={"listId": spring}) == ["Anna Verdi", "Carla Verdi"]
    assert await names(ask, filter={"search": "anna", "listId": spring}) == ["Anna Verdi"]
    assert await names(ask, filter={"search": "zoe", "listId": spring}) == []
    assert await names(ask, filter={"search": "021 7946"}) == []
    assert await names(ask, filter={"search": "020 7946 0002"}) == ["Bruno"]  # as dialed there
    assert await names(ask, filter={"search": "+44 20 7946 0002"}) == ["Bruno"]
    for nothing in ("list_999999999", "contact_1", "", "x"):
        assert await names(ask, filter={"listId": nothing}) == []
        assert await names(ask, filter={"listId": nothing, "search": "anna"}) == []


async def test_an_agent_sees_the_contacts_of_their_lists(
    ask: Ask, spring: str, agent: Viewer
) -> None:
    assert await names(ask, as_=agent) == ["Anna Verdi", "Carla Verdi"]
    assert await names(ask, as_=agent, filter={"search": "06123450"}) == [
        "Anna Verdi",
        "Carla Verdi",
    ]
    assert await names(ask, as_=agent, filter={"search": "zoe"}) == []
    assert await names(ask, as_=agent, filter={"search": "carla", "listId": spring}) == [
        "Carla Verdi"
    ]


async def test_a_quick_count_goes_no_further_than_it_has_to(
    ask: Ask, spring: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(statements.TOTALS, "totalCountCapped", 3)
    monkeypatch.setattr(ordinary, "COUNT_CAP", 3)
    # Another text than above: a plan once made keeps its cap.
    document = "{ contacts(first: 1) { quick: totalCountCapped totalCount edges { cursor } } }"
    expected = {"quick": 4, "totalCount": 5}
    for is_ordinary in (False, True):
        found = (await ask(document, ordinary=is_ordinary))["data"]["contacts"]
        assert {name: found[name] for name in expected} == expected
        assert len(found["edges"]) == 1


async def test_types_are_offered_to_whoever_sees_contacts(
    ask: Ask, database: Database, viewer: Viewer, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        for name, order in (("Office", 2), ("Mobile", 1), ("home", 2)):
            await make_item_type(session, viewer, name, order)
    clerk = await make_viewer(
        database, tenant, Role.SUPERVISOR, permissions=frozenset({Permission.CONTACTS_VIEW})
    )
    answer = await ask(OFFERED, as_=clerk)
    offered = [edge["node"]["name"] for edge in answer["data"]["offeredItemTypes"]["edges"]]
    assert offered == ["Mobile", "home", "Office"]
    refused = await ask("{ contactItemTypes { edges { node { name } } } }", as_=clerk)
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]
    stranger = await make_viewer(
        database,
        tenant,
        Role.SUPERVISOR,
        permissions=ALL_PERMISSIONS - {Permission.CONTACTS_VIEW},
    )
    refused = await ask(OFFERED, as_=stranger)
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]


async def test_the_lists_of_a_contact_need_the_right_to_see_lists(
    ask: Ask, database: Database, tenant: int, spring: str
) -> None:
    clerk = await make_viewer(
        database, tenant, Role.SUPERVISOR, permissions=frozenset({Permission.CONTACTS_VIEW})
    )
    answer = await ask("{ contacts { edges { node { fullName lists { name } } } } }", as_=clerk)
    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
