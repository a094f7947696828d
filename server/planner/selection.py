# SPDX-License-Identifier: Apache-2.0
"""What an operation asks for: a tree of declared fields, fragments and directives applied."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)
from graphql.execution.values import VariableValues, get_directive_values
from sqlalchemy import FromClause
from strawberry.types.field import StrawberryField

from server.domain.permissions import Permission, Viewer
from server.planner.declarations import (
    ENTITIES,
    ById,
    Declaration,
    Entity,
    Many,
    NodeById,
    One,
    Paged,
)

TYPENAME = "__typename"

# Conditions by entity, their texts, and the values bound in them.
Sight = tuple[dict[str, Any], tuple[str, ...], dict[str, object]]


class Unplanned(Exception):  # noqa: N818 — not an error: the operation takes the ordinary path
    """The operation has a field that no declaration serves."""


@dataclass(kw_only=True)
class Selected:
    """One response key: its field, and what is selected below it."""

    key: str
    name: str
    definition: GraphQLField | None  # None for __typename
    declaration: Declaration | None
    nodes: list[FieldNode]
    parent: str
    children: list["Selected"] = field(default_factory=list)
    entity: Entity | None = None  # of the rows that the field gives
    site: int = -1  # index into Selection.sites, for fields with arguments
    alias: FromClause | None = None  # the table alias of a site's rows

    def child(self, name: str) -> Iterator["Selected"]:
        return (child for child in self.children if child.name == name)


@dataclass(kw_only=True)
class Selection:
    """The tree of one operation under one set of directive values."""

    roots: list[Selected]
    sites: list[Selected] = field(default_factory=list)
    required: set[Permission] = field(default_factory=set)
    demands: list[tuple[Permission | None, tuple[str, ...]]] = field(default_factory=list)
    entities: set[str] = field(default_factory=set)
    needs_sign_in: bool = False
    plans: dict[object, Any] = field(default_factory=dict)
    visible: dict[int, tuple[Viewer, Sight]] = field(default_factory=dict)


class Collector:
    """Turns selection sets into `Selected` trees; `type_of_node` names what each node root is."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        types_of_nodes: Mapping[str, str],
        *,
        is_strict: bool = True,
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.variables = variables
        self.types_of_nodes = types_of_nodes
        self.is_strict = is_strict  # False: for its permissions only, whatever serves the fields
        self.selection = Selection(roots=[])

    def collect(self, root: GraphQLObjectType, selection_set: SelectionSetNode) -> Selection:
        self.selection.roots = self._fields(root, [selection_set], ())
        return self.selection

    def _included(self, node: SelectionNode) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        if skip and skip["if"] is True:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (include and include["if"] is False)

    def _nodes(
        self, parent: GraphQLObjectType, selection_set: SelectionSetNode, seen: set[str]
    ) -> Iterator[FieldNode]:
        for node in selection_set.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
                continue
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in seen:
                    continue
                seen.add(node.name.value)
                fragment: Any = self.fragments[node.name.value]
            elif isinstance(node, InlineFragmentNode):
                fragment = node
            condition = fragment.type_condition
            if condition is None or self._applies(condition.name.value, parent):
                yield from self._nodes(parent, fragment.selection_set, seen)

    def _applies(self, condition: str, parent: GraphQLObjectType) -> bool:
        if condition == parent.name:
            return True
        named = self.schema.type_map.get(condition)
        return is_abstract_type(named) and self.schema.is_sub_type(named, parent)

    def _named(self, selection_sets: Sequence[SelectionSetNode], seen: set[str]) -> Iterator[str]:
        """The types that fragments directly in the selection sets are about."""
        for selection_set in selection_sets:
            for node in selection_set.selections:
                fragment: Any = node
                if isinstance(node, FragmentSpreadNode):
                    if node.name.value in seen:
                        continue
                    seen.add(node.name.value)
                    fragment = self.fragments[node.name.value]
                elif not isinstance(node, InlineFragmentNode):
                    continue
                if fragment.type_condition is not None:
                    yield fragment.type_condition.name.value
                yield from self._named([fragment.selection_set], seen)

    def _fields(
        self,
        parent: GraphQLObjectType,
        selection_sets: Sequence[SelectionSetNode],
        path: tuple[str, ...],
    ) -> list[Selected]:
        grouped: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection_set in selection_sets:
            for node in self._nodes(parent, selection_set, seen):
                key = node.alias.value if node.alias else node.name.value
                grouped.setdefault(key, []).append(node)
        return [self._field(parent, nodes, (*path, key)) for key, nodes in grouped.items()]

    def _field(
        self, parent: GraphQLObjectType, nodes: list[FieldNode], path: tuple[str, ...]
    ) -> Selected:
        name = nodes[0].name.value
        selected = Selected(
            key=path[-1],
            name=name,
            definition=None,
            declaration=None,
            nodes=nodes,
            parent=parent.name,
        )
        if name == TYPENAME:
            return selected
        if name.startswith("__"):
            if self.is_strict:
                raise Unplanned(name)
            return selected
        definition = parent.fields[name]
        selected.definition = definition
        strawberry_field = definition.extensions.get("strawberry-definition")
        if isinstance(strawberry_field, StrawberryField):
            found = strawberry_field.metadata.get("declaration")
            selected.declaration = found if isinstance(found, Declaration) else None
        declaration = selected.declaration
        self._demand(declaration, path)
        if isinstance(declaration, Paged | ById | NodeById) or _has_arguments(declaration):
            selected.site = len(self.selection.sites)
            self.selection.sites.append(selected)
        self._descend(selected, definition, path)
        return selected

    def _demand(self, declaration: Declaration | None, path: tuple[str, ...]) -> None:
        is_public = declaration is not None and declaration.is_public
        if len(path) == 1 and not is_public:
            self.selection.needs_sign_in = True
            self.selection.demands.append((None, path))
        if declaration is not None and declaration.requires is not None:
            self.selection.required.add(declaration.requires)
            self.selection.demands.append((declaration.requires, path))

    def _descend(self, selected: Selected, definition: GraphQLField, path: tuple[str, ...]) -> None:
        selection_sets = [node.selection_set for node in selected.nodes if node.selection_set]
        if not selection_sets:
            return
        target: Any = get_named_type(definition.type)
        if isinstance(target, GraphQLInterfaceType):
            concrete = self.types_of_nodes.get(selected.key)
            target = self.schema.type_map.get(concrete) if concrete else None
        if not isinstance(target, GraphQLObjectType):
            if self.is_strict:  # a `node` in a fragment: its id is not looked for there
                raise Unplanned(selected.name)
            # Whatever type the object will be of: the fields of each fragment are demanded.
            for condition in sorted(set(self._named(selection_sets, set()))):
                named = self.schema.type_map[condition]
                if isinstance(named, GraphQLObjectType):
                    selected.children += self._fields(named, selection_sets, path)
            return
        if isinstance(selected.declaration, Paged | ById | NodeById | One | Many):
            self._attach_entity(selected, target, path)
        selected.children = self._fields(target, selection_sets, path)

    def _attach_entity(
        self, selected: Selected, target: GraphQLObjectType, path: tuple[str, ...]
    ) -> None:
        name = target.name
        if isinstance(selected.declaration, Paged):
            edge = get_named_type(target.fields["edges"].type)
            assert isinstance(edge, GraphQLObjectType)
            name = get_named_type(edge.fields["node"].type).name
        entity = ENTITIES.by_name[name]
        selected.entity = entity
        self.selection.entities.add(name)
        if isinstance(selected.declaration, NodeById) and entity.requires is not None:
            self.selection.required.add(entity.requires)
            self.selection.demands.append((entity.requires, path))
        if selected.site >= 0:
            selected.alias = entity.table.alias(f"t{selected.site}")


def _has_arguments(declaration: Declaration | None) -> bool:
    return isinstance(declaration, Many) and declaration.given is not None
