# SPDX-License-Identifier: Apache-2.0
"""Plans: kept with the document, found by the shape of its arguments, one round trip each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationType,
    get_argument_values,
)
from graphql.execution.values import VariableValues
from sqlalchemy import ColumnElement

from server.context import Context
from server.domain.permissions import Permission, Viewer
from server.limits import Checked, Operation
from server.planner.arguments import (
    DIALECT,
    NO_ROW,
    BadArgumentError,
    Page,
    learned,
    named_condition,
    on_alias,
    prepare_page,
    prepare_rows,
)
from server.planner.declarations import ENTITIES, Entity, Many, Paged
from server.planner.ids import parse_id
from server.planner.operations import Operations
from server.planner.render import Renderer, compile_renderer
from server.planner.selection import TYPENAME, Selected, Selection, Sight, Unplanned
from server.planner.statements import EPOCH, Builder

MOST_PLANS = 256  # a document; beyond it, its plans start anew
STALE = "RB001"  # raised by access_current() when the viewer's rights have changed
UNPLANNED = "unplanned"
NO_VARIABLES = VariableValues({}, {})


class StaleViewerError(Exception):
    """The viewer's rights changed since they were read; read them again and repeat."""


class RefusedError(Exception):
    """Fields that the viewer may not read: their paths, and the permission that each lacks."""

    def __init__(self, refused: list[tuple[Permission | None, tuple[str, ...]]]) -> None:
        super().__init__(refused)
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement, the names of what binds to it in order, and the function for its rows."""

    sql: str
    names: tuple[str, ...]
    constants: Mapping[str, object]
    render: Renderer
    tailored: bool  # its best plan depends on the values of filters, or on who asks


class Planner:
    """Runs operations whose every root field is declared; says `Unplanned` to the others."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.operations = Operations(schema)

    async def execute(
        self,
        document: Checked,
        operation: Operation,
        variables: dict[str, object],
        context: Context,
    ) -> dict[str, Any]:
        """The data of a query. Raises Unplanned, RefusedError, StaleViewerError, GraphQLError."""
        if operation.kind is not OperationType.QUERY:
            raise Unplanned(operation.name or "")
        values = self.operations.values(operation, variables)
        selection = self.operations.planned(document, operation, values)
        permitted(selection, context)
        viewer = context.viewer
        data: dict[str, Any] = {}
        for root in selection.roots:
            if root.name == TYPENAME or viewer is None:
                data[root.key] = "Query"  # without a viewer nothing else was permitted
                continue
            try:
                data[root.key] = await self._root(selection, root, values, viewer, context)
            except BadArgumentError as error:
                raise error.__class__(
                    error.message,
                    error.reason,
                    field=error.field,
                    nodes=root.nodes,
                    path=[root.key],
                ) from None
        return data

    def permit(
        self,
        document: Checked,
        operation: Operation,
        variables: dict[str, object],
        context: Context,
    ) -> None:
        """Refuse any operation, mutations too, as the planned path does: before a thing has run."""
        values = self.operations.values(operation, variables)
        permitted(self.operations.selected(document, operation, values), context)

    async def _root(
        self,
        selection: Selection,
        root: Selected,
        values: VariableValues,
        viewer: Viewer,
        context: Context,
    ) -> Any:
        bound: dict[str, object] = {EPOCH: viewer.epoch}
        pages: dict[int, Page] = {}
        shape: list[object] = [root.key]
        for index in _sites(root):
            site = selection.sites[index]
            arguments = _arguments(site, values)
            if isinstance(site.declaration, Paged | Many):
                page = await self._page(site, index, arguments, viewer, context)
                pages[index] = page
                shape.append(page.shape)
                bound.update(page.values)
            else:
                assert site.entity is not None
                parsed = parse_id(arguments["id"])
                matches = parsed is not None and parsed[0] is site.entity
                bound[f"s{index}_id"] = parsed[1] if parsed and matches else NO_ROW
        visible, texts, seen_by = self._visible(selection, viewer)
        shape.append(texts)
        bound.update(seen_by)
        key = tuple(shape)
        plan = selection.plans.get(key)
        if plan is None:
            if len(selection.plans) >= MOST_PLANS:
                selection.plans.clear()
            plan = selection.plans[key] = compile_plan(root, pages, visible)
        rows = await run(plan, bound, viewer, context)
        return plan.render(rows, context.locale)

    @staticmethod
    async def _page(
        site: Selected, index: int, arguments: dict[str, Any], viewer: Viewer, context: Context
    ) -> Page:
        declaration = site.declaration
        if isinstance(declaration, Many):
            assert site.alias is not None
            parent = ENTITIES.by_name[site.parent].table.alias("parent")
            return prepare_rows(declaration, parent, site.alias, index, arguments, viewer)
        assert isinstance(declaration, Paged)
        facts = await learned(declaration, arguments, viewer, context.database)
        return prepare_page(declaration, site.alias, index, arguments, viewer, facts)

    @staticmethod
    def _visible(selection: Selection, viewer: Viewer) -> Sight:
        """What limits the viewer's sight of each entity: conditions, their texts and values."""
        # The same viewer object comes again until its rights change, so identity is enough.
        known = selection.visible.get(id(viewer))
        if known is not None and known[0] is viewer:
            return known[1]
        visible: dict[str, Any] = {}
        texts: list[str] = []
        bound: dict[str, object] = {}
        for name in sorted(selection.entities):
            entity = ENTITIES.by_name[name]
            where = entity.visible(viewer).whereclause
            if where is None:
                continue
            text, condition, values = named_condition(where, f"v_{entity.prefix}")
            texts.append(text)
            bound.update(values)
            visible[name] = _placed(entity, condition)
        if len(selection.visible) >= MOST_PLANS:
            selection.visible.clear()
        found = visible, tuple(texts), bound
        selection.visible[id(viewer)] = (viewer, found)
        return found


def permitted(selection: Selection, context: Context) -> None:
    """Every selected field is permitted, or nothing runs at all (X-09)."""
    viewer = context.viewer
    if viewer is None:
        if selection.needs_sign_in:
            raise RefusedError([(None, path) for need, path in selection.demands if need is None])
    elif not selection.required <= viewer.permissions:
        lacking = [(need, path) for need, path in selection.demands if need is not None]
        raise RefusedError([(need, path) for need, path in lacking if not viewer.may(need)])


async def run(
    plan: Plan, bound: Mapping[str, object], viewer: Viewer, context: Context
) -> list[asyncpg.Record]:
    constants = plan.constants
    arguments = [bound[n] if n in bound else constants[n] for n in plan.names]
    try:
        return await context.database.read(
            viewer.tenant_id, plan.sql, *arguments, tailored=plan.tailored
        )
    except asyncpg.PostgresError as error:
        if error.sqlstate == STALE:
            raise StaleViewerError from None
        raise


def compile_plan(root: Selected, pages: Mapping[int, Page], visible: Mapping[str, Any]) -> Plan:
    statement, layout, key = Builder(pages, visible).build(root)
    compiled = statement.compile(dialect=DIALECT)
    assert root.entity is not None
    names = tuple(compiled.positiontup or ())
    constants = {name: value for name, value in compiled.params.items() if name in names}
    page = pages.get(root.site)
    tailored = page is not None and bool(page.conditions or root.entity.name in visible)
    return Plan(compiled.string, names, constants, compile_renderer(layout, key), tailored)


def _placed(entity: Entity, condition: ColumnElement[bool]) -> Any:
    return lambda alias: on_alias(condition, entity, alias)


def _sites(root: Selected) -> list[int]:
    """The fields with arguments at and below a root, by their index."""
    found = [root.site] if root.site >= 0 else []
    for child in root.children:
        found.extend(_sites(child))
    return found


def _arguments(site: Selected, values: VariableValues) -> dict[str, Any]:
    node = site.nodes[0]
    if not node.arguments:
        return {}
    assert site.definition is not None
    try:
        return get_argument_values(site.definition, node, values)
    except GraphQLError as error:
        raise BadArgumentError(error.message) from None
