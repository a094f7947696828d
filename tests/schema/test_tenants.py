# SPDX-License-Identifier: Apache-2.0
"""A tenant neither sees nor changes what is another's, by any root field (reliability D9)."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest

from server.database import Database
from server.domain.permissions import Viewer
from server.models import Base, Contact, ContactList, ListMember, Profile
from server.planner.declarations import ENTITIES
from server.services import campaigns
from tests.conftest import MakeTenant
from tests.factories.item_types import make_item_type
from tests.factories.users import make_viewer
from tests.schema.asking import Ask, executor
from tests.schema.hostile import document_of, operations, value_of

SCHEMA = executor()[0].schema
OWNED = [table.name for table in Base.metadata.sorted_tables if "tenant_id" in table.c]


async def fill(database: Database, viewer: Viewer) -> None:
    """Something of every kind that people set up."""
    async with database.transaction(viewer.tenant_id) as session:
        await make_item_type(session, viewer, "Foreign office")
        session.add(Profile(name="Foreign", name_key="foreign", permissions=[]))
        row = ContactList(name="Foreign", name_key="foreign")
        contact = Contact(
            first_name="Foreign", name_key="foreign", given_key="foreign", phone="+390612345678"
        )
        session.add_all([row, contact])
        await session.flush()
        session.add(ListMember(list_id=row.id, contact_id=contact.id))
        await session.flush()
        given = campaigns.CampaignInput(name="Foreign")
        campaign = await campaigns.create_campaign(session, viewer, given)
        await campaigns.attach_lists(session, viewer, campaign.id, [row.id])


async def ids_of(database: Database, tenant_id: int) -> dict[str, str]:
    ids = {}
    for entity in ENTITIES.by_name.values():
        rows = await database.read(tenant_id, f"SELECT max(id) AS id FROM {entity.table.name}")
        if rows[0]["id"] is not None:
            ids[entity.name] = f"{entity.prefix}_{rows[0]['id']}"
    return ids


async def checksums(owner: asyncpg.Connection, tenant_id: int) -> Mapping[str, Any]:
    return {
        name: await owner.fetchval(
            f"SELECT (count(*), sum(hashtextextended(t::text, 0))) FROM {name} t"
            " WHERE tenant_id = $1",
            tenant_id,
        )
        for name in OWNED
    }


def with_ids(value: Any, given: str) -> Any:
    """The value with every sample id replaced."""
    if isinstance(value, dict):
        return {name: with_ids(item, given) for name, item in value.items()}
    if isinstance(value, list):
        return [with_ids(item, given) for item in value]
    return given if value == "nothing_1" else value


@pytest.fixture
async def foreign(database: Database, new_tenant: MakeTenant) -> Viewer:
    viewer = await make_viewer(database, await new_tenant())
    await fill(database, viewer)
    return viewer


async def test_nodes_of_another_tenant_are_not_there(
    ask: Ask, database: Database, foreign: Viewer
) -> None:
    ids = await ids_of(database, foreign.tenant_id)
    assert {"Contact", "Campaign", "ContactList", "HopperEntry", "Profile", "User"} <= ids.keys()
    for value in ids.values():
        answer = await ask("query($id: ID!) { node(id: $id) { id } }", id=value)
        assert answer == {"data": {"node": None}}
    answer = await ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=list(ids.values()))
    assert answer == {"data": {"nodes": [None] * len(ids)}}


async def test_lists_of_another_tenant_are_empty(ask: Ask, foreign: Viewer) -> None:
    answer = await ask(
        "{ contacts { totalCount } campaigns { totalCount } hopperEntries { totalCount }"
        " contactLists { totalCount } contactItemTypes { totalCount } }"
    )
    assert set(map(str, answer["data"].values())) == {"{'totalCount': 0}"}


async def test_no_mutation_touches_another_tenant(
    ask: Ask, database: Database, owner: asyncpg.Connection, foreign: Viewer
) -> None:
    ids = await ids_of(database, foreign.tenant_id)
    before = await checksums(owner, foreign.tenant_id)
    for operation, name, field in operations(SCHEMA):
        if operation != "mutation":
            continue
        document = document_of(operation, name, field)
        for value in ids.values():
            whole = {
                key: with_ids(value_of(argument.type, required_only=False), value)
                for key, argument in field.args.items()
            }
            answer = await ask(document, **whole)
            codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
            assert codes <= {"BAD_USER_INPUT", "NOT_FOUND"}, (name, answer)
    assert await checksums(owner, foreign.tenant_id) == before
