# SPDX-License-Identifier: Apache-2.0
"""How a schema declares where its read fields come from: column, expression, relation, function.

A declaration serves two readers: the planner, which turns a whole selection into one statement,
and `ordinary`, which resolves the same field for graphql-core with batched look-ups.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select
from sqlalchemy.orm import InstrumentedAttribute

from server.domain.permissions import Permission, Viewer

# The planner's edge to SQLAlchemy and Strawberry, where a column's type is not known.
Attribute = InstrumentedAttribute[Any]
Expression = Callable[[FromClause], ColumnElement[Any]]
Join = Callable[[FromClause, FromClause], ColumnElement[bool]]
Condition = Callable[[FromClause], ColumnElement[bool]]
Rule = Callable[[Any, Viewer], Condition]
Visible = Callable[[Viewer], Select[Any]]
# What has to be looked up before a statement is built: (database, viewer) → facts.
Learn = Callable[[Any, Viewer], Awaitable[Any]]
# An order among a row's children that the child alone does not have: (parent, child) → key.
Placed = Callable[[FromClause, FromClause], ColumnElement[Any]]

PAGE = 50
LARGEST_PAGE = 200


@dataclass(frozen=True)
class Within:
    """A filter that goes by the other given ones too: a search inside a list is another search."""

    rule: Callable[[Any, Viewer, Mapping[str, Any]], Condition]


@dataclass(frozen=True)
class Informed:
    """A filter that goes by facts, such as which fields a centre has and of what types."""

    learn: Learn
    rule: Callable[[Any, Viewer, Any], Condition]


@dataclass(frozen=True)
class Probed:
    """A filter whose best form hangs on how many rows its value means: `probe(database, viewer,
    value, given)` finds out first. Both get the other filters, and the rule what was found.
    """

    probe: Callable[[Any, Viewer, Any, Mapping[str, Any]], Awaitable[Any]]
    rule: Callable[[Any, Viewer, Mapping[str, Any], Any], Condition]


Filter = Rule | Within | Informed | Probed


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Rows of another table, one at the most for each row of a list, and the column to sort by.

    `owner` is the key of the row that each belongs to; `key` is never null where `where` holds.
    """

    rows: FromClause
    owner: ColumnElement[int]
    key: ColumnElement[Any]
    where: ColumnElement[bool]


@dataclass(frozen=True, kw_only=True)
class Ordering:
    """A sort by a column of another table, asked for by `argument`; rows without one come last.

    Those are in the order of `rest`.
    """

    argument: str
    takes: type
    learn: Learn
    build: Callable[[Any, Viewer, Any], Beside]
    rest: Attribute


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What every declared field has; `requires` is checked before any statement runs."""

    requires: Permission | None = None
    is_public: bool = False  # a root field that nobody needs to sign in for


@dataclass(frozen=True, kw_only=True)
class Resolved(Declaration):
    """Served by a resolver function: never planned, but its permission counts all the same."""


@dataclass(frozen=True, kw_only=True)
class Identity(Declaration):
    """The global id."""


@dataclass(frozen=True, kw_only=True)
class Column(Declaration):
    """A column as it stands; `convert` turns the stored value into the answer's."""

    attribute: Attribute
    convert: Callable[[Any], object] | None = None


@dataclass(frozen=True, kw_only=True)
class SqlExpression(Declaration):
    """A scalar computed by the database from the row.

    `function(locale, scalar)` may turn it into something else, such as a list of dicts for a
    GraphQL list of objects.
    """

    build: Expression
    function: Callable[..., object] | None = None


@dataclass(frozen=True, kw_only=True)
class Computed(Declaration):
    """A small function of columns and the reader's locale, such as a localized label."""

    function: Callable[..., object]
    needs: tuple[Attribute, ...]


@dataclass(frozen=True, kw_only=True)
class One(Declaration):
    """The row that a foreign key names; null where it names none or the viewer may not see it.

    `moved` are two columns of another table, old id and new: a row that is gone is found there.
    """

    key: Attribute
    moved: tuple[Attribute, Attribute] | None = None


@dataclass(frozen=True, kw_only=True)
class Many(Declaration):
    """All rows that belong to this one, in a fixed order; for relations that stay small.

    `given` is what the field's arguments ask of parent and child, absent arguments too.
    """

    on: Join
    order_by: tuple[Attribute | Placed, ...]
    given: Callable[[Mapping[str, Any], Viewer], Join] | None = None

    def order(self, parent: Any, child: Any) -> list[ColumnElement[Any]]:
        return [
            child.c[key.key] if isinstance(key, InstrumentedAttribute) else key(parent, child)
            for key in self.order_by
        ]


@dataclass(frozen=True, kw_only=True)
class Paged(Declaration):
    """A Relay connection with keyset cursors: of a root field, or of a row where `on` is given.

    `defaults` are the values of filters that were not given; `largest` is the longest page.
    """

    on: Join | None = None
    sorts: Mapping[str, tuple[Attribute, ...]] = field(default_factory=dict)
    default_sort: str = ""
    default_descending: bool = False
    filters: Mapping[str, Filter] = field(default_factory=dict)
    ordering: Ordering | None = None
    page: int = PAGE
    largest: int = LARGEST_PAGE
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def columns(self, sort: Enum | str | None) -> Sequence[Attribute]:
        return self.sorts[str(getattr(sort, "value", sort) or self.default_sort)]


@dataclass(frozen=True, kw_only=True)
class ById(Declaration):
    """One row of the field's type by its global id, or null (root fields)."""


@dataclass(frozen=True, kw_only=True)
class NodeById(Declaration):
    """Any row by its global id; the id names the type (Relay `node`)."""


@dataclass(frozen=True, kw_only=True)
class NodesById(Declaration):
    """Several rows by their global ids, in the order asked for (Relay `nodes`)."""


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A type whose rows are read by declaration: its table, its ids' prefix, who sees which.

    `requires` None: whoever is signed in, as `visible` gives them only what is their own.
    """

    name: str
    prefix: str
    table: FromClause
    visible: Visible
    requires: Permission | None


class Registry:
    """The entities of a schema by type name and by id prefix."""

    def __init__(self) -> None:
        self.by_name: dict[str, Entity] = {}
        self.by_prefix: dict[str, Entity] = {}

    def add(self, entity: Entity) -> None:
        if entity.name in self.by_name or entity.prefix in self.by_prefix:
            raise ValueError(f"{entity.name} or {entity.prefix} is declared twice")
        self.by_name[entity.name] = entity
        self.by_prefix[entity.prefix] = entity


ENTITIES = Registry()
