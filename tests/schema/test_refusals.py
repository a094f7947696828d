# SPDX-License-Identifier: Apache-2.0
"""The refusal matrix: every root field, called without its right, is refused and runs no SQL.

It reads the schema, so a root field that is added later is covered by itself; one that needs no
permission has to be named here first.
"""

from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from server.context import Context
from server.database import Database
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer
from server.planner.declarations import ENTITIES, Declaration
from server.planner.fields import declaration_of
from tests.factories.watched import Watched
from tests.schema.asking import executor, plain

# Read by people who have not signed in.
PUBLIC = {"Query.centre", "Query.viewer"}
# About oneself, or the same for everybody who is signed in; `node` asks for its type's right.
SIGNED_IN = {
    "Query.node",
    "Query.nodes",
    "Query.permissionTree",
    "Query.search",  # each type by its own right
    "Query.sessions",
    "Query.columnChoices",
    "Query.savedFilters",
    "Mutation.changePassword",
    "Mutation.chooseColumns",
    "Mutation.deleteFilter",
    "Mutation.editPreferences",
    "Mutation.endOtherSessions",
    "Mutation.endSession",
    "Mutation.logOut",
    "Mutation.restoreFilter",
    "Mutation.saveFilter",
}
LITERALS = {
    "ID": '"type_1"',
    "Int": "1",
    "Float": "1",
    "Boolean": "true",
    "DateTime": '"2027-01-04T09:00:00Z"',
    "JSON": "{}",
}


def root_fields() -> dict[str, GraphQLField]:
    schema = executor()[0].schema
    kinds = [schema.query_type, schema.mutation_type]
    return {
        f"{kind.name}.{name}": field
        for kind in kinds
        if kind
        for name, field in kind.fields.items()
    }


def declared(name: str) -> Declaration:
    found = declaration_of(root_fields()[name].extensions["strawberry-definition"])
    assert found is not None, f"{name} declares no permission"
    return found


def literal(kind: GraphQLInputType) -> str:
    """The shortest valid value of an input type."""
    if isinstance(kind, GraphQLNonNull):
        return literal(kind.of_type)
    if isinstance(kind, GraphQLList):
        return f"[{literal(kind.of_type)}]"
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        wanted = {n: f for n, f in kind.fields.items() if is_required_input_field(f)}
        if kind.is_one_of:
            name, field = next(iter(kind.fields.items()))
            wanted = {name: field}
        return "{" + ", ".join(f"{n}: {literal(f.type)}" for n, f in wanted.items()) + "}"
    return LITERALS.get(kind.name, '"x"')


def document(name: str) -> str:
    """The smallest valid operation that calls the root field."""
    kind, _, field_name = name.partition(".")
    field = root_fields()[name]
    given = ", ".join(f"{n}: {literal(a.type)}" for n, a in field.args.items() if _is_needed(a))
    arguments = f"({given})" if given else ""
    selection = "" if is_leaf_type(get_named_type(field.type)) else " { __typename }"
    return f"{kind.lower()} {{ {field_name}{arguments}{selection} }}"


def _is_needed(argument: GraphQLArgument) -> bool:
    return is_required_argument(argument)


def someone(tenant: int, permissions: frozenset[Permission]) -> Viewer:
    return Viewer(
        user_id=1,
        tenant_id=tenant,
        name="someone",
        full_name="Some One",
        role=Role.SUPERVISOR,
        permissions=permissions,
        session_id=1,
    )


async def called(database: Database, text: str, viewer: Viewer | None) -> tuple[Any, int]:
    """The response, and how often the database was opened for it."""
    runner, documents = executor()
    watched = Watched(database)
    context = Context(database=watched, viewer=viewer)
    answer = plain(await runner.execute(documents.checked(text), None, {}, context))
    return answer, watched.opened


def refusals(answer: Any) -> list[tuple[str, str | None]]:
    errors = [error["extensions"] for error in answer.get("errors", ())]
    return [(error["code"], error.get("permission")) for error in errors]


FIELDS = sorted(root_fields())


def test_what_needs_no_permission_is_named_here() -> None:
    open_fields = {name for name in FIELDS if declared(name).requires is None}
    assert open_fields == PUBLIC | SIGNED_IN
    assert {name for name in FIELDS if declared(name).is_public} == PUBLIC


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in PUBLIC])
async def test_nobody_who_is_not_signed_in_is_answered(database: Database, name: str) -> None:
    answer, opened = await called(database, document(name), None)
    assert refusals(answer) == [("UNAUTHENTICATED", None)]
    assert answer["data"] is None
    assert opened == 0


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in PUBLIC | SIGNED_IN])
async def test_nobody_without_the_right_is_answered(
    database: Database, tenant: int, name: str
) -> None:  # X-09
    """Neither without any right, nor with all the other ones."""
    right = declared(name).requires
    assert right is not None
    for held in (frozenset[Permission](), ALL_PERMISSIONS - {right}):
        answer, opened = await called(database, document(name), someone(tenant, held))
        assert refusals(answer) == [("FORBIDDEN", right.value)]
        assert answer["data"] is None
        assert opened == 0


GUARDED = sorted(name for name, entity in ENTITIES.by_name.items() if entity.requires is not None)


@pytest.mark.parametrize("name", GUARDED)
async def test_no_object_is_read_by_its_id_without_the_right_to_its_type(
    database: Database, tenant: int, name: str
) -> None:
    entity = ENTITIES.by_name[name]
    assert entity.requires is not None
    viewer = someone(tenant, ALL_PERMISSIONS - {entity.requires})
    one = f'{{ node(id: "{entity.prefix}_1") {{ id }} }}'
    answer, opened = await called(database, one, viewer)
    assert (refusals(answer), opened) == ([("FORBIDDEN", entity.requires.value)], 0)
    several = f'{{ nodes(ids: ["{entity.prefix}_1"]) {{ id }} }}'
    answer, opened = await called(database, several, viewer)
    assert ([code for code, _ in refusals(answer)], opened) == (["FORBIDDEN"], 0)


@pytest.mark.parametrize("root", ['nodes(ids: ["contact_1"])', 'search(text: "x") { node'])
async def test_a_field_of_a_fragment_asks_for_its_right_before_anything_runs(
    database: Database, tenant: int, root: str
) -> None:
    viewer = someone(tenant, ALL_PERMISSIONS - {Permission.LISTS_VIEW})
    close = "}" if "{" in root else ""
    text = (
        f"{{ {root} {{ id ...Deep }} {close} }} fragment Deep on Node {{ ... on Contact {{"
        " other: lists { name } } }"
    )
    answer, opened = await called(database, text, viewer)
    assert (refusals(answer), opened) == ([("FORBIDDEN", "lists.view")], 0)


async def test_a_refused_field_takes_the_whole_operation_with_it(
    database: Database, tenant: int
) -> None:
    viewer = someone(tenant, frozenset({Permission.LISTS_VIEW}))
    text = "{ lists: contactLists { totalCount } users { totalCount } }"
    answer, opened = await called(database, text, viewer)
    assert refusals(answer) == [("FORBIDDEN", "users.view")]
    assert (answer["data"], opened) == (None, 0)
