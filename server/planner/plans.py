# SPDX-License-Identifier: Apache-2.0
"""Plans: kept with the document, found by the shape of its arguments, one round trip each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    get_argument_values,
    get_variable_values,
    visit,
)
from graphql.execution.values import VariableValues
from graphql.language import Visitor
from sqlalchemy import ColumnElement

from server.context import Context
from server.domain.permissions import Permission, Viewer
from server.limits import Checked, Operation
from server.planner.arguments import (
    DIALECT,
    NO_ROW,
    BadArgumentError,
    Page,
    named_condition,
    on_alias,
    prepare_page,
)
from server.planner.declarations import ENTITIES, ById, Entity, NodeById, Paged
from server.planner.ids import parse_id
from server.planner.render import Renderer, compile_renderer
from server.planner.selection import TYPENAME, Collector, Selected, Selection, Sight, Unplanned
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


@dataclass(slots=True)
class Template:
    """What is known of an operation before its variables: which of them choose fields."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    switches: tuple[str, ...]  # variables of @skip and @include
    node_roots: tuple[FieldNode, ...]
    selections: dict[object, Selection | None]


class Planner:
    """Runs operations whose every root field is declared; says `Unplanned` to the others."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema

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
        template = self._template(document, operation)
        values = self._coerced(operation.node, variables)
        selection = self._selection(template, values)
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
                    error.message, error.reason, nodes=root.nodes, path=[root.key]
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
        template = self._template(document, operation)
        values = self._coerced(operation.node, variables)
        permitted(self._collect(template, values, {}, is_strict=False), context)

    def _template(self, document: Checked, operation: Operation) -> Template:
        found = document.plans.get(operation.name)
        if isinstance(found, Template):
            return found
        fragments = {
            node.name.value: node
            for node in document.document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        template = Template(
            operation=operation.node,
            fragments=fragments,
            switches=_switches(document),
            node_roots=tuple(
                node
                for node in operation.node.selection_set.selections
                if isinstance(node, FieldNode) and node.name.value == "node"
            ),
            selections={},
        )
        document.plans[operation.name] = template
        return template

    def _coerced(
        self, node: OperationDefinitionNode, variables: dict[str, object]
    ) -> VariableValues:
        if not node.variable_definitions:
            return NO_VARIABLES
        values = get_variable_values(self.schema, node.variable_definitions, variables)
        if isinstance(values, list):
            raise values[0]
        return values

    def _selection(self, template: Template, values: VariableValues) -> Selection:
        types = self._types_of_nodes(template, values)
        key = (
            tuple(bool(values.coerced.get(name)) for name in template.switches),
            tuple(types.items()),
        )
        found = template.selections.get(key, UNPLANNED)
        if isinstance(found, Selection):
            return found
        if found is None:
            raise Unplanned(UNPLANNED)
        if len(template.selections) >= MOST_PLANS:
            template.selections.clear()
        try:
            selection = self._collect(template, values, types)
            if not all(_is_planned(root) for root in selection.roots):
                raise Unplanned(UNPLANNED)
        except Unplanned:
            template.selections[key] = None
            raise
        template.selections[key] = selection
        return selection

    def _collect(
        self,
        template: Template,
        values: VariableValues,
        types: Mapping[str, str],
        *,
        is_strict: bool = True,
    ) -> Selection:
        root = self.schema.get_root_type(template.operation.operation)
        assert isinstance(root, GraphQLObjectType)
        collector = Collector(self.schema, template.fragments, values, types, is_strict=is_strict)
        return collector.collect(root, template.operation.selection_set)

    def _types_of_nodes(self, template: Template, values: VariableValues) -> dict[str, str]:
        """The type that each `node(id:)` names, by response key; an unknown id takes any type."""
        types: dict[str, str] = {}
        for node in template.node_roots:
            argument = node.arguments[0].value if node.arguments else None
            text = getattr(argument, "value", None)
            if isinstance(argument, VariableNode):
                text = values.coerced.get(argument.name.value)
            parsed = parse_id(text) if isinstance(text, str) else None
            if parsed is None:
                raise Unplanned("node")
            types[node.alias.value if node.alias else "node"] = parsed[0].name
        return types

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
            if isinstance(site.declaration, Paged):
                page = prepare_page(site.declaration, site.alias, index, arguments, viewer)
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


def _is_planned(root: Selected) -> bool:
    return root.name == TYPENAME or isinstance(root.declaration, Paged | ById | NodeById)


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
    tailored = page is not None and bool(page.every or root.entity.name in visible)
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


def _switches(document: Checked) -> tuple[str, ...]:
    names: set[str] = set()

    class Directives(Visitor):
        def enter_directive(self, node: Any, *_: Any) -> None:
            if node.name.value in ("skip", "include"):
                for argument in node.arguments:
                    if isinstance(argument.value, VariableNode):
                        names.add(argument.value.name.value)

    visit(document.document, Directives())
    return tuple(sorted(names))
