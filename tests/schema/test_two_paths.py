# SPDX-License-Identifier: Apache-2.0
"""The planned path and graphql-core's own execution give the same bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.context import Context
from server.database import Database
from server.domain.permissions import Role, Viewer
from server.limits import Documents, Limits
from server.models import AdditionalPhone, Contact, ContactList, ListAgent, ListMember
from server.planner.declarations import ENTITIES
from tests.factories.item_types import make_item_type
from tests.factories.users import make_viewer
from tests.schema.asking import executor, plain
from tests.schema.queries import Query

LENIENT = Limits(
    cost=10**9, fields=5000, aliases=500, directives=500, tokens=20_000, definitions=500, depth=40
)


@pytest.fixture(scope="module")
async def world(database: Database) -> tuple[Viewer, Viewer, Mapping[str, Sequence[str]]]:
    """A small centre, an administrator and an agent who sees one of its two lists."""
    [row] = await database.read(
        None,
        "INSERT INTO tenants (name) VALUES ('two paths') ON CONFLICT (name) DO NOTHING"
        " RETURNING id",
    )
    tenant = int(row["id"])
    admin = await make_viewer(database, tenant)
    agent = await make_viewer(database, tenant, Role.AGENT)
    async with database.transaction(tenant) as session:
        types = [
            await make_item_type(session, admin, name, order, "#AABBCC")
            for name, order in (("Office", 2), ("mobile", 1), ("Holiday Home", 2))
        ]
        lists = [ContactList(name=name, name_key=name.lower()) for name in ("Roma", "Milano")]
        session.add_all(lists)
        for number, name in enumerate(("Maria", "Mario", "Ana", "Olga", "Zoe", "Maria")):
            contact = Contact(
                first_name=name,
                last_name="Rossi" if number % 2 else "",
                name_key=f"rossi {name.lower()}" if number % 2 else name.lower(),
                given_key=name.lower(),
                phone=f"+39061234{number:03}" if number else None,
            )
            session.add(contact)
            await session.flush()
            for place in range(number % 4):
                session.add(
                    AdditionalPhone(
                        contact_id=contact.id,
                        number=f"+39029{number}{place}1234",
                        item_type_id=types[place].id if place < 3 and number % 3 else None,
                        position=place,
                    )
                )
            for place, row_ in enumerate(lists):
                if number % 3 != place:
                    session.add(ListMember(list_id=row_.id, contact_id=contact.id))
        session.add(ListAgent(list_id=lists[0].id, user_id=agent.user_id))
    ids: dict[str, list[str]] = {}
    for entity in ENTITIES.by_name.values():
        rows = await database.read(tenant, f"SELECT id FROM {entity.table.name} ORDER BY id")
        ids[entity.name] = [f"{entity.prefix}_{found['id']}" for found in rows]
    [row] = await database.read(tenant, "SELECT access_epoch()")
    return admin, agent, {name: keys for name, keys in ids.items() if keys}


async def _both(database: Database, viewer: Viewer, text: str) -> tuple[Any, Any]:
    runner, _ = executor()
    documents = Documents(runner.schema, LENIENT)
    checked = documents.checked(text)

    def context() -> Context:
        made = Context(database=database, viewer=viewer)

        async def refresh() -> Viewer | None:
            [row] = await database.read(viewer.tenant_id, "SELECT access_epoch()")
            return replace(viewer, epoch=row[0])

        made.refresh = refresh
        return made

    planned_context = context()
    assert planned_context.refresh is not None
    planned_context.viewer = await planned_context.refresh()
    data = await runner.planner.execute(checked, checked.operation(None), {}, planned_context)
    ordinary = await runner._ordinary(checked, None, {}, context())
    return {"data": data}, ordinary


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_any_query_is_answered_alike_by_both_paths(
    database: Database,
    world: tuple[Viewer, Viewer, Mapping[str, Sequence[str]]],
    data: st.DataObject,
) -> None:
    admin, agent, ids = world
    runner, _ = executor()
    viewer = data.draw(st.sampled_from([admin, agent]))
    query = runner.schema.query_type
    assert query is not None
    roots = {
        name
        for name, field in query.fields.items()
        if _permission(field) is None or viewer.may(_permission(field))
    }
    text = Query(data.draw, runner.schema, ids, roots).text
    planned, ordinary = await _both(database, viewer, text)
    assert orjson.dumps(plain(planned)) == orjson.dumps(plain(ordinary)), text


def _permission(field: Any) -> Any:
    found = field.extensions["strawberry-definition"].metadata.get("declaration")
    return found.requires if found is not None else None
