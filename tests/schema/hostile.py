# SPDX-License-Identifier: Apache-2.0
"""Minimal valid operations from the SDL, and each of their arguments with what no one should send.

Generic on purpose: a root field that is added tomorrow is attacked tomorrow.
"""

import json
from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

STRINGS = (
    "'; DROP TABLE contacts; --",
    "a\x00b",
    "\ud800",
    "x" * 100_000,
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "{{7*7}}${7*7}",
    "../../etc/passwd",
    "\u202egnp.exe",
    "line\r\nSet-Cookie: a=b",
    "",
    "   ",
    "😀" * 50,
)
IDS = ("", "contact_0", "contact_-1", "contact_99999999999999999999", "type_1'--", "\x00", "\ud800")
INTS = (0, -1, 2**31 - 1, -(2**31))
SAMPLES: dict[str, Any] = {
    "String": "x",
    "ID": "nothing_1",
    "Int": 1,
    "Float": 1.5,
    "Boolean": True,
    "DateTime": "2027-01-04T09:00:00Z",
    "Date": "2027-01-04",
    "Time": "09:00:00",
    "JSON": {},
}


def value_of(kind: Any, *, required_only: bool = True) -> Any:
    """A minimal value of an input type; optional fields are left out unless asked for."""
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if isinstance(kind, GraphQLList):
        return [value_of(kind.of_type, required_only=required_only)]
    if isinstance(kind, GraphQLEnumType):
        return sorted(kind.values)[0]
    if isinstance(kind, GraphQLInputObjectType):
        return {
            name: value_of(field.type, required_only=required_only)
            for name, field in kind.fields.items()
            if not required_only or isinstance(field.type, GraphQLNonNull)
        }
    return SAMPLES[kind.name]


def document_of(operation: str, name: str, field: GraphQLField) -> str:
    """The operation with every argument as a variable, selecting what it can without arguments."""
    variables = ", ".join(f"${key}: {argument.type}" for key, argument in field.args.items())
    given = ", ".join(f"{key}: ${key}" for key in field.args)
    head = f"({variables})" if variables else ""
    tail = f"({given})" if given else ""
    return f"{operation}{head} {{ {name}{tail} {_selection(field.type)} }}"


def _selection(kind: Any) -> str:
    target = get_named_type(kind)
    if is_leaf_type(target):
        return ""
    if isinstance(target, GraphQLObjectType) and "userErrors" in target.fields:
        return "{ userErrors { code field message } }"
    if isinstance(target, GraphQLObjectType) and "edges" in target.fields:
        counted = "totalCount" if "totalCount" in target.fields else "totalCountCapped"
        return f"{{ {counted} edges {{ cursor }} }}"
    return "{ __typename }"


def operations(schema: GraphQLSchema) -> Iterator[tuple[str, str, GraphQLField]]:
    for operation, root in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        assert root is not None
        for name, field in root.fields.items():
            yield operation, name, field


def attacks(field: GraphQLField) -> Iterator[dict[str, Any]]:
    """The field's arguments, whole, with one leaf replaced each time."""
    whole = {
        name: value_of(argument.type, required_only=False) for name, argument in field.args.items()
    }
    for name, argument in field.args.items():
        for path, kind in _leaves(argument.type, (name,)):
            for bad in _bad(kind):
                given = json.loads(json.dumps(whole))
                _put(given, path, bad)
                if {"first", "last"} <= given.keys():
                    given.pop("last" if path[0] != "last" else "first")
                for cursor in {"after", "before"} & given.keys() - {path[0]}:
                    given.pop(cursor)
                yield given


def _leaves(kind: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if isinstance(kind, GraphQLList):
        yield from _leaves(kind.of_type, (*path, 0))
    elif isinstance(kind, GraphQLInputObjectType):
        for name, field in kind.fields.items():
            yield from _leaves(field.type, (*path, name))
    elif not isinstance(kind, GraphQLEnumType):
        yield path, kind.name


def _bad(kind: str) -> tuple[Any, ...]:
    return {
        "String": STRINGS,
        "ID": IDS,
        "Int": INTS,
        "DateTime": STRINGS[:3],
        "JSON": ([], "x"),
    }.get(kind, ())


def _put(value: Any, path: tuple[Any, ...], bad: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = bad
