# SPDX-License-Identifier: Apache-2.0
"""An agent sees the contacts of their lists and campaigns and nothing else, whatever the schema
offers (X-17): every declared field that an agent may ask is asked here, and what it leads to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_required_argument,
)

from server.database import Database
from server.domain.permissions import AGENT_CEILING, Role, Viewer
from server.planner.declarations import ENTITIES, Declaration
from tests.factories.users import make_viewer
from tests.schema.asking import Ask, executor
from tests.schema.queries import is_declared
from tests.services.dialer.centre import Centre

SCHEMA = executor()[0].schema
DEEPEST = 2
PAGE = 4  # of the four contacts that there are
ONE = "query ($id: ID!) { node(id: $id) { id } }"
OF_CONTACTS = {
    "additional_phones": "phone",
    "hopper_entries": "entry",
    "final_results": "final",
    "call_attempts": "attempt",
}


@dataclass(frozen=True)
class Sights:
    """The agent, and contacts by how they came into their sight."""

    agent: Viewer
    listed: int
    called: int
    opened: int
    hidden: int


def requires(field: GraphQLField) -> object:
    found = field.extensions["strawberry-definition"].metadata["declaration"]
    assert isinstance(found, Declaration)
    return found.requires


def is_askable(field: GraphQLField) -> bool:
    if not is_declared(field) or any(map(is_required_argument, field.args.values())):
        return False
    return requires(field) is None or requires(field) in AGENT_CEILING


def ids_below(kind: GraphQLObjectType, depth: int) -> str:
    """A selection of every id that can be reached from the type."""
    if kind.name.endswith("Connection"):
        node = get_named_type(get_named_type(kind.fields["edges"].type).fields["node"].type)
        return "{ edges { node " + ids_below(node, depth) + " } }"
    found = ["id"]
    for name, field in kind.fields.items():
        target = get_named_type(field.type)
        if depth and is_askable(field) and _leads_on(target):
            found.append(f"{name}{paged(field)} {ids_below(target, depth - 1)}")
    return "{ " + " ".join(found) + " }"


def paged(field: GraphQLField) -> str:
    return f"(first: {PAGE})" if "first" in field.args else ""


def _leads_on(kind: Any) -> bool:
    if not isinstance(kind, GraphQLObjectType):
        return False
    entity = ENTITIES.by_name.get(kind.name.removesuffix("Connection"))
    return entity is not None and (entity.requires is None or entity.requires in AGENT_CEILING)


def ids_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "id":
                yield item
            else:
                yield from ids_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from ids_in(item)


def roots() -> list[str]:
    query = SCHEMA.query_type
    assert query is not None
    fields = query.fields.items()
    return [n for n, f in fields if is_askable(f) and _leads_on(get_named_type(f.type))]


@pytest.fixture
async def sights(centre: Centre, database: Database) -> Sights:
    agent = await make_viewer(database, centre.tenant_id, Role.AGENT)
    numbers = iter(f"+3906123450{place:02}" for place in range(20))
    listed, called, opened, hidden = [
        await centre.contact(next(numbers), (next(numbers), None)) for _ in range(4)
    ]
    mine = await centre.list_of(listed)
    await centre.rows(
        "INSERT INTO list_agents (list_id, user_id) VALUES ($1, $2)", mine, agent.user_id
    )
    campaign, other = await centre.loaded(called), await centre.loaded(hidden, opened)
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)",
        campaign,
        agent.user_id,
    )
    # Moved into the agent's campaign without a list of it, while its list stayed with the other.
    await centre.rows(
        "UPDATE hopper_entries SET campaign_id = $1 WHERE contact_id = $2", campaign, opened
    )
    await centre.report(await centre.claim_one(other))
    await centre.rows("INSERT INTO call_notes (attempt_id) SELECT id FROM call_attempts")
    return Sights(agent, listed, called, opened, hidden)


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


@pytest.mark.parametrize("root", roots())
async def test_no_field_leads_out_of_sight(
    ask: Ask, centre: Centre, sights: Sights, root: str
) -> None:
    query = SCHEMA.query_type
    assert query is not None
    field = query.fields[root]
    below = ids_below(get_named_type(field.type), DEEPEST)
    answer = await ask(f"{{ {root}{paged(field)} {below} }}", as_=sights.agent)
    assert answer.get("errors") is None
    found = set(ids_in(answer["data"]))
    assert not found & await hidden_ids(centre, sights)
    if root == "contacts":
        seen = {f"contact_{key}" for key in (sights.listed, sights.called, sights.opened)}
        assert {one for one in found if one.startswith("contact_")} == seen


async def test_what_is_out_of_sight_is_not_there_by_its_id(
    ask: Ask, centre: Centre, sights: Sights
) -> None:
    hidden = await hidden_ids(centre, sights)
    assert {one.rpartition("_")[0] for one in hidden} >= {"contact", "phone", "entry", "attempt"}
    for one in hidden:
        assert await ask(ONE, as_=sights.agent, id=one) == {"data": {"node": None}}
    for key in (sights.listed, sights.called, sights.opened):
        answer = await ask(ONE, as_=sights.agent, id=f"contact_{key}")
        assert answer == {"data": {"node": {"id": f"contact_{key}"}}}


@pytest.mark.parametrize("ordinary", [False, True])
async def test_an_assignment_acts_on_the_next_request(
    ask: Ask, centre: Centre, sights: Sights, ordinary: bool
) -> None:  # X-17, and rights of the moment
    names = "{ contacts(sort: CREATED_AT) { totalCount totalCountCapped edges { node { id } } } }"

    async def seen() -> tuple[list[str], int]:
        answer = await ask(names, as_=sights.agent, ordinary=ordinary)
        found = answer["data"]["contacts"]
        assert found["totalCount"] == found["totalCountCapped"]
        return list(ids_in(found)), found["totalCount"]

    everybody = [f"contact_{key}" for key in (sights.listed, sights.called, sights.opened)]
    assert await seen() == (everybody, 3)
    await centre.rows("DELETE FROM campaign_agents")
    assert await seen() == (everybody[:1], 1)
    await centre.rows("DELETE FROM list_agents")
    assert await seen() == ([], 0)


async def hidden_ids(centre: Centre, sights: Sights) -> set[str]:
    """Of the contact out of sight and all that hangs on it."""
    found = {f"contact_{sights.hidden}"}
    for table, prefix in OF_CONTACTS.items():
        rows = await centre.rows(f"SELECT id FROM {table} WHERE contact_id = $1", sights.hidden)
        found |= {f"{prefix}_{row[0]}" for row in rows}
    notes = await centre.rows("SELECT id FROM call_notes")
    return found | {f"note_{row[0]}" for row in notes}
