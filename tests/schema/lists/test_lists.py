# SPDX-License-Identifier: Apache-2.0
"""`contactLists`, `contactList` and `agents`: what is seen of lists, and by whom (X-17)."""

from typing import Any

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.models import User
from server.services import counts
from tests.factories.contacts import make_contact
from tests.factories.lists import make_list
from tests.factories.users import make_viewer
from tests.schema.asking import Ask

LISTS = """query ($filter: ContactListFilter, $sort: ContactListSort, $direction: SortDirection) {
  contactLists(filter: $filter, sort: $sort, direction: $direction) { totalCount edges { node {
    name contactCount contactCountCapped agents { name } } } } }"""
AGENTS = """query ($filter: AgentFilter) { agents(filter: $filter) { totalCount
  edges { node { id name fullName isActive } } } }"""


@pytest.fixture
async def agent(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant, Role.AGENT)


@pytest.fixture
async def lists(database: Database, viewer: Viewer, agent: Viewer, tenant: int) -> list[str]:
    """Spring with two contacts and an agent, Autumn with one, Easter empty; their ids."""
    async with database.transaction(tenant) as session:
        spring = await make_list(session, viewer, "Spring", agent_ids=[agent.user_id])
        autumn = await make_list(session, viewer, "autumn")
        easter = await make_list(session, viewer, "Easter")
        await make_contact(session, viewer, "Ada", list_ids=[spring.id, autumn.id])
        await make_contact(session, viewer, "Eva", list_ids=[spring.id])
    return [f"list_{row.id}" for row in (spring, autumn, easter)]


async def listed(ask: Ask, *, as_: Viewer | None = None, **variables: object) -> list[Any]:
    """Name, members and agents of each; both paths have to give the same."""
    who = {} if as_ is None else {"as_": as_}
    answer = await ask(LISTS, **who, **variables)
    assert await ask(LISTS, ordinary=True, **who, **variables) == answer
    nodes = [edge["node"] for edge in answer["data"]["contactLists"]["edges"]]
    assert all(node["contactCount"] == node["contactCountCapped"] for node in nodes)
    return [
        (node["name"], node["contactCount"], [one["name"] for one in node["agents"]])
        for node in nodes
    ]


async def test_lists_show_their_members_and_agents(
    ask: Ask, lists: list[str], agent: Viewer
) -> None:
    spring = ("Spring", 2, [agent.name])
    assert await listed(ask) == [("autumn", 1, []), ("Easter", 0, []), spring]
    assert await listed(ask, sort="CREATED_AT", direction="DESC") == [
        ("Easter", 0, []),
        ("autumn", 1, []),
        spring,
    ]
    assert await listed(ask, filter={"search": "SPR"}) == [spring]
    assert await listed(ask, filter={"agentId": f"agent_{agent.user_id}"}) == [spring]
    for nobody in ("agent_999999999", f"user_{agent.user_id}", ""):
        assert await listed(ask, filter={"agentId": nobody}) == []


async def test_an_agent_sees_the_lists_assigned_to_them(
    ask: Ask, lists: list[str], agent: Viewer
) -> None:
    assert await listed(ask, as_=agent) == [("Spring", 2, [agent.name])]
    spring, autumn, _ = lists
    document = "query ($id: ID!) { contactList(id: $id) { name } }"
    assert (await ask(document, as_=agent, id=spring))["data"]["contactList"] == {"name": "Spring"}
    assert (await ask(document, as_=agent, id=autumn))["data"]["contactList"] is None


async def test_a_capped_count_stops_behind_the_cap(
    ask: Ask, lists: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "COUNT_CAP", 0)
    # Another text than above: a plan once made keeps its cap.
    document = "{ contactLists { edges { node { quick: contactCountCapped contactCount } } } }"
    for is_ordinary in (False, True):
        answer = await ask(document, ordinary=is_ordinary)
        nodes = [edge["node"] for edge in answer["data"]["contactLists"]["edges"]]
        assert [(node["quick"], node["contactCount"]) for node in nodes] == [(1, 1), (0, 0), (1, 2)]


async def test_agents_are_named_to_who_assigns_them_without_the_right_to_users(
    ask: Ask, database: Database, tenant: int, agent: Viewer
) -> None:
    async with database.transaction(tenant) as session:
        gone = User(name="Zed", name_key=f"zed {tenant}", full_name="Zoe D.", role=Role.AGENT)
        gone.is_active = False
        session.add(gone)
    clerk = await make_viewer(
        database, tenant, Role.SUPERVISOR, permissions=frozenset({Permission.LISTS_VIEW})
    )
    answer = await ask(AGENTS, as_=clerk)
    assert await ask(AGENTS, as_=clerk, ordinary=True) == answer
    found = [edge["node"] for edge in answer["data"]["agents"]["edges"]]
    assert [(one["name"], one["fullName"], one["isActive"]) for one in found] == [
        (agent.name, agent.full_name, True),
        ("Zed", "Zoe D.", False),
    ]

    async def names(as_: Viewer, **wanted: object) -> list[str]:
        found = (await ask(AGENTS, as_=as_, filter=wanted))["data"]["agents"]["edges"]
        return [edge["node"]["name"] for edge in found]

    assert await names(clerk, isActive=True) == [agent.name]
    assert await names(clerk, search="ZOE") == ["Zed"]
    assert await names(clerk, search="nobody") == []
    assert await names(agent) == [agent.name]
    refused = await ask("{ users { totalCount } }", as_=clerk)
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]
