# SPDX-License-Identifier: Apache-2.0
"""Random queries over whatever the schema declares, for comparing its two paths."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)
from hypothesis import strategies as st

from server.planner.declarations import Declaration, Resolved

DEEPEST = 3
MOVING = ("now",)  # read twice, it differs
WORDS = ("a", "o", "mar", "office", "39", "+3906", "1", "#", "", "zz")


def is_declared(field: GraphQLField) -> bool:
    found = field.extensions.get("strawberry-definition")
    declaration = found.metadata.get("declaration") if found is not None else None
    return isinstance(declaration, Declaration) and not isinstance(declaration, Resolved)


class Query:
    """One random query under construction; `ids` are global ids that exist, by type name."""

    def __init__(
        self, draw: Any, schema: GraphQLSchema, ids: Mapping[str, Sequence[str]], roots: set[str]
    ) -> None:
        self.draw = draw
        self.schema = schema
        self.ids = ids
        self.fragments: list[str] = []
        self.aliases = 0
        query = schema.query_type
        assert query is not None
        names = [
            name
            for name, field in query.fields.items()
            if name not in ("node", "nodes") and is_declared(field) and name in roots
        ]
        chosen = draw(st.lists(st.sampled_from(sorted(names)), min_size=1, max_size=2))
        body = " ".join(self.root(name, query.fields[name]) for name in chosen)
        head = "query($yes: Boolean = true, $no: Boolean = false)"
        used = "$yes" in body + "".join(self.fragments) or "$no" in body + "".join(self.fragments)
        marker = "__typename @include(if: $yes) @skip(if: $no)"
        self.text = f"{head} {{ {body} {marker} }} {' '.join(self.fragments)}"
        assert used or marker in self.text

    def root(self, name: str, field: GraphQLField) -> str:
        return f"{self.alias()}{name}{self.arguments(field)} {self.selection(field, 0)}"

    def alias(self) -> str:
        """Every root has one, so that two of a name do not conflict."""
        self.aliases += 1
        return f"a{self.aliases}: "

    def arguments(self, field: GraphQLField) -> str:
        given: list[str] = []
        target = get_named_type(field.type)
        if "id" in field.args:
            known = [*self.ids.get(target.name, ()), "contact_999999", "nothing"]
            given.append(f'id: "{self.draw(st.sampled_from(known))}"')
        if "first" in field.args:
            side = self.draw(st.sampled_from(["first", "last", ""]))
            if side:
                given.append(f"{side}: {self.draw(st.integers(0, 4))}")
        for name in ("sort", "direction"):
            if name in field.args and self.draw(st.booleans()):
                enum = get_named_type(field.args[name].type)
                assert isinstance(enum, GraphQLEnumType)
                given.append(f"{name}: {self.draw(st.sampled_from(sorted(enum.values)))}")
        if "filter" in field.args and self.draw(st.booleans()):
            given.append(f"filter: {self.filter(get_named_type(field.args['filter'].type))}")
        return f"({', '.join(given)})" if given else ""

    def filter(self, kind: Any) -> str:
        assert isinstance(kind, GraphQLInputObjectType)
        given = []
        for name, field in kind.fields.items():
            named = get_named_type(field.type)
            if not self.draw(st.booleans()):
                continue
            if named.name == "String":
                given.append(f'{name}: "{self.draw(st.sampled_from(WORDS))}"')
            elif named.name == "ID":
                known = [value for values in self.ids.values() for value in values] + ["x_1"]
                given.append(f'{name}: "{self.draw(st.sampled_from(known))}"')
            elif isinstance(named, GraphQLEnumType):
                given.append(f"{name}: {self.draw(st.sampled_from(sorted(named.values)))}")
        return "{" + ", ".join(given) + "}"

    def selection(self, field: GraphQLField, depth: int) -> str:
        target = get_named_type(field.type)
        if is_leaf_type(target):
            return ""
        assert isinstance(target, GraphQLObjectType)
        known = {name: f for name, f in target.fields.items() if name not in MOVING}
        leaves = [name for name, f in known.items() if is_leaf_type(get_named_type(f.type))]
        inner = [name for name in known if name not in leaves]
        chosen = self.draw(st.lists(st.sampled_from([*leaves, "__typename"]), max_size=4))
        if inner and (depth < DEEPEST or target.name.endswith(("Connection", "Edge"))):
            chosen += self.draw(st.lists(st.sampled_from(inner), max_size=2, unique=True))
        if not chosen:
            chosen = ["__typename"]
        deeper = depth if target.name.endswith(("Connection", "Edge")) else depth + 1
        parts = [self.part(target, name, deeper) for name in chosen]
        return "{ " + " ".join(parts) + " }"

    def part(self, target: GraphQLObjectType, name: str, depth: int) -> str:
        if name == "__typename":
            return name
        field = target.fields[name]
        # An alias where there are arguments or a selection: two of a name could not be merged.
        is_plain = not field.args and is_leaf_type(get_named_type(field.type))
        alias = "" if is_plain else self.alias()
        text = f"{alias}{name}{self.arguments(field)}"
        directive = self.draw(
            st.sampled_from(["", "", "@include(if: $yes)", "@skip(if: $yes)", "@skip(if: $no)"])
        )
        text = f"{text} {directive} {self.selection(field, depth)}"
        match self.draw(st.sampled_from(["plain", "plain", "inline", "spread"])):
            case "inline":
                return f"... on {target.name} {{ {text} }}"
            case "spread":
                fragment = f"F{len(self.fragments)}_{self.aliases}"
                self.fragments.append(f"fragment {fragment} on {target.name} {{ {text} }}")
                return f"...{fragment}"
        return text
