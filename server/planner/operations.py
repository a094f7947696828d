# SPDX-License-Identifier: Apache-2.0
"""Operations before their plans: variables read, directives applied, selections kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    get_variable_values,
    visit,
)
from graphql.execution.values import VariableValues
from graphql.language import Visitor

from server.limits import Checked, Operation
from server.planner.declarations import ById, NodeById, Paged
from server.planner.ids import parse_id
from server.planner.selection import TYPENAME, Collector, Selected, Selection, Unplanned

MOST_SELECTIONS = 256  # an operation; beyond it, they start anew
UNPLANNED = "unplanned"
NO_VARIABLES = VariableValues({}, {})


@dataclass(slots=True)
class Template:
    """What is known of an operation before its variables: which of them choose fields."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    switches: tuple[str, ...]  # variables of @skip and @include
    node_roots: tuple[FieldNode, ...]
    selections: dict[object, Selection | None]


class Operations:
    """Reads operations of one schema; what it learns of one is kept in its document."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema

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

    def values(self, operation: Operation, variables: dict[str, object]) -> VariableValues:
        """The variables as the operation declares them; raises GraphQLError."""
        definitions = operation.node.variable_definitions
        if not definitions:
            return NO_VARIABLES
        values = get_variable_values(self.schema, definitions, variables)
        if isinstance(values, list):
            raise values[0]
        return values

    def selected(
        self, document: Checked, operation: Operation, values: VariableValues
    ) -> Selection:
        """What any operation selects, for its permissions; its fields need no declaration."""
        template = self._template(document, operation)
        return self._collect(template, values, {}, is_strict=False)

    def planned(self, document: Checked, operation: Operation, values: VariableValues) -> Selection:
        """What a query selects, kept with the document; Unplanned where a resolver has a part."""
        template = self._template(document, operation)
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
        if len(template.selections) >= MOST_SELECTIONS:
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


def _is_planned(root: Selected) -> bool:
    return root.name == TYPENAME or isinstance(root.declaration, Paged | ById | NodeById)


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
