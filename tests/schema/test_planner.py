# SPDX-License-Identifier: Apache-2.0
"""The read planner: one statement a root field, cached plans, current rights (architecture 3)."""

from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from server.context import Context
from server.database import Database
from server.domain.permissions import Permission, Viewer
from server.models import AdditionalPhone, Contact
from tests.conftest import MakeTenant
from tests.factories.item_types import make_item_type
from tests.factories.users import make_viewer
from tests.schema.asking import Ask, executor, plain

EVERYTHING = """
query($first: Int) {
  contacts(first: $first) {
    edges { node {
      id firstName additionalPhones { number itemType { name phoneCount } }
      lists { name contacts(first: 2) { edges { node { firstName } } } }
    } }
  }
}
"""


class Counting:
    """The real database, counting its statements."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.statements: list[str] = []

    async def read(
        self, tenant_id: int | None, sql: str, *args: object, **options: bool
    ) -> list[asyncpg.Record]:
        self.statements.append(sql)
        return await self.database.read(tenant_id, sql, *args, **options)


async def make_contacts(database: Database, viewer: Viewer, count: int) -> list[int]:
    keys = []
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, f"Office {count}")
        for number in range(count):
            name = f"name {number:02}"
            contact = Contact(
                first_name=name, name_key=name, given_key=name, phone=f"+39061234{number:04}"
            )
            session.add(contact)
            await session.flush()
            keys.append(contact.id)
            for place in range(number % 3):
                session.add(
                    AdditionalPhone(
                        contact_id=contact.id,
                        number=f"+3902{number:04}{place:04}",
                        item_type_id=office.id if place else None,
                        position=place,
                    )
                )
    return keys


async def counted(database: Database, viewer: Viewer, document: str, **variables: Any) -> list[str]:
    runner, documents = executor()
    counting = Counting(database)
    [row] = await database.read(viewer.tenant_id, "SELECT access_epoch()")
    context = Context(database=counting, viewer=replace(viewer, epoch=row[0]))  # type: ignore[arg-type]
    answer = plain(await runner.execute(documents.checked(document), None, variables, context))
    assert "errors" not in answer, answer
    return counting.statements


async def test_a_root_field_costs_one_statement_for_one_row_and_for_seven(
    database: Database, viewer: Viewer
) -> None:
    await make_contacts(database, viewer, 7)
    for first in (1, 7):
        assert len(await counted(database, viewer, EVERYTHING, first=first)) == 1


async def test_two_root_fields_cost_two_statements(database: Database, viewer: Viewer) -> None:
    document = "{ a: contacts { edges { node { id } } } contactItemTypes { totalCount } }"
    assert len(await counted(database, viewer, document)) == 2


async def test_a_plan_is_made_once_for_a_document_and_its_arguments_shape(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    _, documents = executor()
    document = "query Kept($s: String) { contacts(filter: {search: $s}) { totalCount } }"
    for searched in ("name 01", "name 02", "name 03"):
        await ask(document, s=searched)
    checked = documents.checked(document)
    [template] = checked.plans.values()
    [selection] = template.selections.values()  # type: ignore[attr-defined]
    assert len(selection.plans) == 1
    await ask(document, s=" ")  # which finds all, and needs no search
    assert len(selection.plans) == 2


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize(("size", "after"), [("first", "after"), ("last", "before")])
async def test_pages_give_every_row_once_in_either_direction(
    ask: Ask, database: Database, viewer: Viewer, direction: str, size: str, after: str
) -> None:
    await make_contacts(database, viewer, 7)
    document = f"""query($at: String) {{
      contacts({size}: 3, {after}: $at, sort: NAME, direction: {direction}) {{
        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
        edges {{ node {{ firstName }} }}
      }}
    }}"""
    pages: list[list[str]] = []
    at = None
    while True:
        found = (await ask(document, at=at))["data"]["contacts"]
        names = [edge["node"]["firstName"] for edge in found["edges"]]
        pages.append(names)
        info = found["pageInfo"]
        is_last = not info["hasNextPage" if size == "first" else "hasPreviousPage"]
        assert info["hasPreviousPage" if size == "first" else "hasNextPage"] is (at is not None)
        if is_last:
            break
        at = info["endCursor" if size == "first" else "startCursor"]
    expected = [f"name {number:02}" for number in range(7)]
    if direction == "DESC":
        expected.reverse()
    ordered = pages if size == "first" else pages[::-1]
    assert [name for names in ordered for name in names] == expected
    assert [len(names) for names in pages] == [3, 3, 1]


async def test_fragments_aliases_and_directives_choose_what_is_read(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    [_, key] = await make_contacts(database, viewer, 2)
    document = """
    query($id: ID!, $with: Boolean!) {
      node(id: $id) { __typename ...Person @include(if: $with) ... on Contact { b: firstName } }
    }
    fragment Person on Contact { a: firstName additionalPhones { number } }
    """
    found = await ask(document, **{"id": f"contact_{key}", "with": True})
    assert found == {
        "data": {
            "node": {
                "__typename": "Contact",
                "a": "name 01",
                "additionalPhones": [{"number": "+390200010000"}],
                "b": "name 01",
            }
        }
    }
    found = await ask(document, **{"id": f"contact_{key}", "with": False})
    assert found == {"data": {"node": {"__typename": "Contact", "b": "name 01"}}}


async def test_a_node_in_a_fragment_is_read_too(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    [key] = await make_contacts(database, viewer, 1)
    document = f"""
    query {{ ...Root }}
    fragment Root on Query {{ node(id: "contact_{key}") {{ ... on Contact {{ firstName }} }} }}
    """
    assert await ask(document) == {"data": {"node": {"firstName": "name 00"}}}


async def test_a_foreign_id_and_a_missing_one_look_alike(
    ask: Ask, database: Database, new_tenant: MakeTenant
) -> None:
    other = await make_viewer(database, await new_tenant())
    [foreign] = await make_contacts(database, other, 1)
    document = "query($id: ID!) { contact(id: $id) { id } node(id: $id) { id } }"
    for value in (f"contact_{foreign}", "contact_999999999", "type_1", "contact_0"):
        assert (await ask(document, id=value))["data"] == {"contact": None, "node": None}
    assert (await ask("query($id: ID!) { contact(id: $id) { id } }", id="…"))["data"] == {
        "contact": None
    }


async def test_rights_act_on_the_next_request_in_the_same_round_trip(
    database: Database, viewer: Viewer
) -> None:
    """X-09: the statement itself notices that the rights it was asked with have changed."""
    runner, documents = executor()
    [row] = await database.read(viewer.tenant_id, "SELECT access_epoch()")
    known = replace(viewer, epoch=row[0])
    lesser = replace(known, permissions=frozenset({Permission.LISTS_VIEW}))
    context = Context(database=database, viewer=known)

    async def refresh() -> Viewer | None:
        [now] = await database.read(viewer.tenant_id, "SELECT access_epoch()")
        return replace(lesser, epoch=now[0])

    context.refresh = refresh
    checked = documents.checked("{ contacts { totalCount } }")
    assert "errors" not in plain(await runner.execute(checked, None, {}, context))
    async with database.transaction(viewer.tenant_id) as session:
        await session.execute(
            text("UPDATE users SET role = 'SUPERVISOR' WHERE id = :id"), {"id": viewer.user_id}
        )
    answer = plain(await runner.execute(checked, None, {}, context))
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert answer["errors"][0]["path"] == ["contacts"]


async def test_one_forbidden_field_refuses_the_whole_operation(ask: Ask, viewer: Viewer) -> None:
    lesser = replace(viewer, permissions=frozenset({Permission.LISTS_VIEW}))
    document = "{ contactLists { edges { node { name contacts { totalCount } } } } }"
    answer = await ask(document, as_=lesser)
    assert answer["data"] is None
    [error] = answer["errors"]
    assert error["path"] == ["contactLists", "edges", "node", "contacts"]
    assert error["extensions"] == {"code": "FORBIDDEN", "permission": "contacts.view"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("first: 201", "'first' must be between 0 and 200"),
        ("first: -1", "'first' must be between 0 and 200"),
        ("first: 1, last: 1", "either 'first' or 'last'"),
        ('after: "x"', "'after' is no cursor of this list"),
        ('after: "WyJhIiwgImIiXQ"', "'after' is no cursor of this list"),
        ('before: "bnVsbA"', "'before' is no cursor of this list"),
    ],
)
async def test_a_bad_page_is_refused_with_its_cure(ask: Ask, arguments: str, words: str) -> None:
    for ordinary in (False, True):
        answer = await ask(f"{{ contacts({arguments}) {{ totalCount }} }}", ordinary=ordinary)
        assert answer["data"] is None
        assert words in answer["errors"][0]["message"]
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_labels_come_in_the_readers_language(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    created = await ask(
        'mutation { createCampaign(input: {name: "Uno"}) { campaign { id stateLabel } } }'
    )
    campaign = created["data"]["createCampaign"]["campaign"]
    assert campaign["stateLabel"] == "Draft"
    runner, documents = executor()
    checked = documents.checked(f'{{ campaign(id: "{campaign["id"]}") {{ stateLabel }} }}')
    [row] = await database.read(viewer.tenant_id, "SELECT access_epoch()")
    context = Context(database=database, viewer=replace(viewer, epoch=row[0]), locale="it")
    answer = plain(await runner.execute(checked, None, {}, context))
    assert answer == {"data": {"campaign": {"stateLabel": "Bozza"}}}
