# SPDX-License-Identifier: Apache-2.0
"""One pass over a document that counts all it asks for, with a memo per fragment.

The usual limiters follow every spread anew, so twenty fragments of two spreads each keep them busy
for seconds. Here a fragment is summed up once, and the first figure past its limit ends the pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    Node,
    NullValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
    is_list_type,
)

from server.limits import cost
from server.limits.budget import Limits

INTROSPECTION_LISTS = frozenset({"fields", "inputFields", "interfaces", "possibleTypes"})
WORDS = {
    "depth": "levels",
    "nesting": "levels of braces",
    "root_fields": "root fields",
    "introspection_lists": "lists within lists of the schema",
    "cost": "objects",
}
FIGURES = ("depth", "nesting", "fields", "aliases", "directives", "introspection_lists")
PAGE_ARGUMENTS = frozenset({"first", "last", "ids"})


@dataclass(frozen=True, slots=True)
class Sum:
    """What a selection set asks for, its fragments written out."""

    depth: int = 0
    nesting: int = 0  # braces, those of inline fragments too
    fields: int = 0
    roots: int = 0  # fields of the set itself
    aliases: int = 0
    directives: int = 0
    introspection_lists: int = 0
    introspects: bool = False
    terms: cost.Terms = field(default_factory=dict)


class Measure:
    """Sums of one document's definitions; raises GraphQLError on the first excess."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> None:
        self.schema = schema
        self.limits = limits
        self.open_braces = 0  # where the walk stands: the recursion itself stays shallow
        self.sums: dict[str, Sum | None] = {}  # None while it is being summed up
        self.fragments: dict[str, FragmentDefinitionNode] = {}
        self._within(len(document.definitions), "definitions", None)
        for definition in document.definitions:
            if isinstance(definition, FragmentDefinitionNode):
                self.fragments[definition.name.value] = definition
        for name in self.fragments:
            self._fragment(name, None)

    def operation(self, node: OperationDefinitionNode) -> Sum:
        found = self._selections(node.selection_set, self.schema.get_root_type(node.operation))
        self._within(found.roots, "root_fields", node)
        return self._checked(_joined(found, Sum(directives=len(node.directives or ()))), node)

    def _within(self, count: int, figure: str, node: Node | None) -> None:
        limit: int = getattr(self.limits, figure)
        if count > limit:
            raise GraphQLError(
                f"The document asks for more than {limit} {WORDS.get(figure, figure)}.",
                node,
                extensions={"code": "LIMIT_EXCEEDED", "limit": figure},
            )

    def _checked(self, found: Sum, node: Node) -> Sum:
        for figure in FIGURES:
            self._within(getattr(found, figure), figure, node)
        self._within(cost.constant(found.terms), "cost", node)
        return found

    def _selections(self, nodes: SelectionSetNode, parent: GraphQLNamedType | None) -> Sum:
        self.open_braces += 1
        self._within(self.open_braces, "nesting", nodes)
        found = Sum()
        for node in nodes.selections:
            found = self._checked(_joined(found, self._selection(node, parent)), node)
        self.open_braces -= 1
        return replace(found, nesting=found.nesting + 1)

    def _selection(self, node: SelectionNode, parent: GraphQLNamedType | None) -> Sum:
        own = Sum(fields=1, directives=len(node.directives or ()))
        if isinstance(node, FieldNode):
            return _joined(own, self._field(node, parent))
        if isinstance(node, FragmentSpreadNode):
            return _joined(own, self._fragment(node.name.value, node))
        assert isinstance(node, InlineFragmentNode)
        if node.type_condition:
            parent = self.schema.get_type(node.type_condition.name.value)
        return _joined(own, self._selections(node.selection_set, parent))

    def _fragment(self, name: str, spread: FragmentSpreadNode | None) -> Sum:
        node = self.fragments.get(name)
        if node is None:
            return Sum()  # the stock rules name it
        if name not in self.sums:
            self.sums[name] = None
            parent = self.schema.get_type(node.type_condition.name.value)
            found = self._selections(node.selection_set, parent)
            self.sums[name] = _joined(found, Sum(directives=len(node.directives or ())))
        known = self.sums[name]
        if known is None:
            raise GraphQLError(
                f"The fragment '{name}' contains itself.",
                spread,
                extensions={"code": "GRAPHQL_VALIDATION_FAILED"},
            )
        return known

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Sum:
        name = node.name.value
        definition = self._definition(name, parent)
        inner = Sum()
        if node.selection_set:
            inner = self._selections(
                node.selection_set, get_named_type(definition.type) if definition else None
            )
        meta = name in ("__schema", "__type")
        return Sum(
            depth=inner.depth + 1,
            nesting=inner.nesting,
            fields=inner.fields,
            roots=1,
            aliases=inner.aliases + (node.alias is not None),
            directives=inner.directives,
            introspection_lists=inner.introspection_lists + (name in INTROSPECTION_LISTS),
            introspects=inner.introspects or meta,
            terms=cost.NOTHING
            if meta or definition is None or parent is None
            else self._terms(node, definition, parent, inner.terms),
        )

    def _definition(self, name: str, parent: GraphQLNamedType | None) -> GraphQLField | None:
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return self.schema.get_field(parent, name)
        return None

    def _terms(
        self, node: FieldNode, field: GraphQLField, parent: GraphQLNamedType, inner: cost.Terms
    ) -> cost.Terms:
        """A list's items count one each, times what they hold; a connection's items are counted
        at its `edges` or `nodes`, so that `totalCount` alone costs nothing."""
        bare = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        item = get_named_type(bare)
        if is_leaf_type(item):
            return cost.NOTHING
        if is_list_type(bare):
            inner = cost.one_more(inner)
            if is_connection(parent):
                return inner
            default = self.limits.list_sizes.get(
                f"{parent.name}.{node.name.value}", self.limits.list_size
            )
            return self._times_pages(node, inner, default)
        return (
            self._times_pages(node, inner, self.limits.page_size) if is_connection(item) else inner
        )

    def _times_pages(self, node: FieldNode, inner: cost.Terms, default: int) -> cost.Terms:
        sizes: list[int] = []
        variables: list[str] = []
        for argument in node.arguments or ():
            value = argument.value
            if argument.name.value not in PAGE_ARGUMENTS or isinstance(value, NullValueNode):
                continue
            if isinstance(value, VariableNode):
                variables.append(value.name.value)
            elif isinstance(value, IntValueNode):
                sizes.append(cost.size_of(value.value))
            else:
                sizes.append(len(value.values) if isinstance(value, ListValueNode) else 1)
        if variables:  # one page: of `first` and `last` the request gives one
            sized = cost.times(inner, cost.together(variables))
            return cost.plus(sized, cost.times(inner, sum(sizes)))
        return cost.times(inner, sum(sizes) if sizes else default)


def is_connection(kind: GraphQLNamedType) -> bool:
    return kind.name.endswith("Connection")


def _joined(left: Sum, right: Sum) -> Sum:
    return Sum(
        depth=max(left.depth, right.depth),
        nesting=max(left.nesting, right.nesting),
        fields=left.fields + right.fields,
        roots=left.roots + right.roots,
        aliases=left.aliases + right.aliases,
        directives=left.directives + right.directives,
        introspection_lists=max(left.introspection_lists, right.introspection_lists),
        introspects=left.introspects or right.introspects,
        terms=cost.plus(left.terms, right.terms),
    )


def page_defaults(node: OperationDefinitionNode) -> Mapping[str, int]:
    """Sizes that an operation's variables take when the request leaves them out."""
    return {
        definition.variable.name.value: cost.size_of(definition.default_value.value)
        for definition in node.variable_definitions or ()
        if isinstance(definition.default_value, IntValueNode)
    }
