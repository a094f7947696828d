# SPDX-License-Identifier: Apache-2.0
"""The same declarations for graphql-core's own execution, one field at a time, with batched reads.

Used where a selection is not planned as a whole: mutation payloads, subscriptions, `nodes`, and
queries that mix declared fields with resolvers. Deliberately written apart from the planner, so
that comparing the two says something.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import ColumnElement, Select, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from strawberry import UNSET
from strawberry.dataloader import DataLoader
from strawberry.types import Info
from strawberry.types.base import has_object_definition

from server.context import Context
from server.domain.counts import COUNT_CAP
from server.domain.permissions import Viewer
from server.planner.arguments import (
    DIALECT,
    Page,
    count_of,
    learned,
    on_alias,
    prepare_page,
    prepare_rows,
)
from server.planner.declarations import (
    ENTITIES,
    Attribute,
    ById,
    Column,
    Computed,
    Declaration,
    Entity,
    Identity,
    Many,
    NodeById,
    NodesById,
    One,
    Paged,
    SqlExpression,
)
from server.planner.ids import cursor, global_id, parse_id

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """A row of an entity, to be read field by field."""

    entity: Entity
    key: int


@dataclass(frozen=True)
class Edge:
    node: Row
    cursor: str


@dataclass(frozen=True)
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True)
class Rows:
    """A page of rows; the total is counted only when it is asked for."""

    edges: list[Edge]
    page_info: PageInfo
    count: Callable[[int | None], Awaitable[int]]

    async def total_count(self) -> int:
        return await self.count(None)

    async def total_count_capped(self) -> int:
        return await self.count(COUNT_CAP)


def reference(name: str, key: int) -> Any:
    """What a mutation returns for the row it wrote, to be read by the payload's selection."""
    return Row(ENTITIES.by_name[name], key)


async def resolve(
    declaration: Declaration, source: object, info: Info[Any, Any], arguments: Mapping[str, Any]
) -> object:
    context: Context = info.context
    reader = Reader(context)
    match declaration:
        case ById():
            name = _named_type(info)
            return await reader.row(arguments["id"], name)
        case NodeById():
            return await reader.row(arguments["id"], None)
        case NodesById():
            return [await reader.row(value, None) for value in arguments["ids"]]
        case Paged() if not isinstance(source, Row):
            return await reader.page(declaration, None, info, arguments)
    assert isinstance(source, Row)
    return await reader.field(declaration, source, info, arguments)


class Reader:
    """Reads declared fields of rows for one viewer."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.viewer: Viewer = context.require(None)

    async def row(self, value: str, name: str | None) -> Row | None:
        parsed = parse_id(value)
        if parsed is None or name not in (None, parsed[0].name):
            return None
        entity, key = parsed
        self.context.require(entity.requires)
        return Row(entity, key) if key in await self._seen(entity, [key]) else None

    async def field(
        self,
        declaration: Declaration,
        source: Row,
        info: Info[Any, Any],
        arguments: Mapping[str, Any],
    ) -> object:
        entity, key = source.entity, source.key
        match declaration:
            case Identity():
                return global_id(entity.prefix, key)
            case Column(attribute=attribute, convert=convert):
                value = (await self._columns(entity, key))[attribute.key]
                return value if convert is None else convert(value)
            case Computed(function=function, needs=needs):
                values = await self._columns(entity, key)
                return function(self.context.locale, *(values[need.key] for need in needs))
            case SqlExpression(build=build, function=converted):
                load = self._expressions(entity, build)
                value = await self._load((entity.name, build), load, key)
                return value if converted is None else converted(self.context.locale, value)
            case One(key=attribute, moved=moved):
                target = (await self._columns(entity, key))[attribute.key]
                if target is not None and moved is not None:
                    target = await self._load(moved, self._moved(*moved), target)
                other = ENTITIES.by_name[_named_type(info)]
                if target is None or target not in await self._seen(other, [target]):
                    return None
                return Row(other, target)
            case Many():
                other = ENTITIES.by_name[_named_type(info)]
                load = self._children(entity, other, declaration, arguments)
                name = (entity.name, declaration, tuple(sorted(arguments.items())))
                found: list[int] = await self._load(name, load, key)
                return [Row(other, child) for child in found]
            case Paged():
                return await self.page(declaration, source, info, arguments)
        raise TypeError(f"{declaration} is read by no rule")

    async def page(
        self,
        declaration: Paged,
        source: Row | None,
        info: Info[Any, Any],
        arguments: Mapping[str, Any],
    ) -> Rows:
        entity = ENTITIES.by_name[_named_type(info).removesuffix("Connection")]
        table: Any = entity.table
        given = dict(arguments)
        given = {name: _plain(value) for name, value in given.items()}
        facts = await learned(declaration, given, self.viewer, self.context.database)
        page = prepare_page(declaration, table, 0, given, self.viewer, facts)
        conditions = self._visible(entity, table)
        if source is not None:
            assert declaration.on is not None
            parent: Any = source.entity.table.alias("parent")
            joined = declaration.on(parent, table) & (parent.c.id == source.key)
            conditions.append(select(parent.c.id).where(joined).correlate(table).exists())
        rows = await self._read(_page_statement(page, table, conditions), page.values)
        has_more = len(rows) > page.size
        rows = rows[: page.size]
        if page.is_backward:
            rows.reverse()
        edges = [Edge(Row(entity, row["id"]), cursor(list(row.values())[1:])) for row in rows]
        other = page.before if page.is_backward else page.after
        info_of_page = PageInfo(
            has_next_page=other if page.is_backward else has_more,
            has_previous_page=has_more if page.is_backward else other,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )

        async def count(most: int | None) -> int:
            counted = select(count_of(table, [*conditions, *page.conditions], most))
            [row] = await self._read(counted, page.values)
            return int(row[0])

        return Rows(edges, info_of_page, count)

    def _visible(self, entity: Entity, alias: Any) -> list[ColumnElement[bool]]:
        where = entity.visible(self.viewer).whereclause
        return [] if where is None else [on_alias(where, entity, alias)]

    async def _seen(self, entity: Entity, keys: list[int]) -> set[int]:
        """Which of the keys the viewer may see."""

        async def load(wanted: list[int]) -> list[bool]:
            table: Any = entity.table
            statement = select(table.c.id).where(_among(table), *self._visible(entity, table))
            found = {row[0] for row in await self._read(statement, {"keys": wanted})}
            return [key in found for key in wanted]

        loader = self._loader((entity.name, "seen"), load)
        seen = await loader.load_many(keys)
        return {key for key, visible in zip(keys, seen, strict=True) if visible}

    async def _columns(self, entity: Entity, key: int) -> Mapping[str, Any]:
        async def load(keys: list[int]) -> list[Mapping[str, Any]]:
            statement = _whole_rows(entity)
            rows = await self.context.database.read(self.viewer.tenant_id, statement, keys)
            found = {row["id"]: row for row in rows}
            return [found[key] for key in keys]

        columns: Mapping[str, Any] = await self._load((entity.name, "columns"), load, key)
        return columns

    def _expressions(self, entity: Entity, build: Any) -> Any:
        async def load(keys: list[int]) -> list[Any]:
            table: Any = entity.table
            statement = select(table.c.id, build(table)).where(_among(table))
            found = {row[0]: row[1] for row in await self._read(statement, {"keys": keys})}
            return [found.get(key) for key in keys]

        return load

    def _moved(self, old: Attribute, new: Attribute) -> Any:
        async def load(keys: list[int]) -> list[int]:
            table: Any = old.class_.__table__
            wanted = bindparam("keys", type_=ARRAY(old.type))
            statement = select(table.c[old.key], table.c[new.key]).where(old == func.any(wanted))
            found = {row[0]: row[1] for row in await self._read(statement, {"keys": keys})}
            return [found.get(key, key) for key in keys]

        return load

    def _children(
        self, entity: Entity, other: Entity, declaration: Many, arguments: Mapping[str, Any]
    ) -> Any:
        async def load(keys: list[int]) -> list[list[int]]:
            parent: Any = entity.table.alias("parent")
            child: Any = other.table.alias("child")
            values: dict[str, object] = {"keys": keys}
            asked: list[ColumnElement[bool]] = []
            if declaration.given is not None:
                page = prepare_rows(declaration, parent, child, 0, arguments, self.viewer)
                asked, values = page.conditions, values | page.values
            statement = (
                select(parent.c.id, child.c.id.label("child_id"))
                .select_from(parent.join(child, declaration.on(parent, child)))
                .where(_among(parent), *asked, *self._visible(other, child))
                .order_by(*declaration.order(parent, child))
            )
            found: dict[int, list[int]] = {key: [] for key in keys}
            for row in await self._read(statement, values):
                found[row[0]].append(row[1])
            return [found[key] for key in keys]

        return load

    async def _load(self, name: object, load: Any, key: int) -> Any:
        return await self._loader(name, load).load(key)

    def _loader(self, name: object, load: Any) -> DataLoader[int, Any]:
        loaders = self.context.loaders
        if name not in loaders:
            loaders[name] = DataLoader(load_fn=load)
        loader = loaders[name]
        assert isinstance(loader, DataLoader)
        return loader

    async def _read(
        self, statement: Select[Any], values: Mapping[str, object]
    ) -> list[asyncpg.Record]:
        compiled = statement.compile(dialect=DIALECT)
        arguments = [values.get(n, compiled.params[n]) for n in compiled.positiontup or ()]
        return await self.context.database.read(self.viewer.tenant_id, compiled.string, *arguments)


@lru_cache(maxsize=256)
def _whole_rows(entity: Entity) -> str:
    """Compiled once, as that takes longer than reading a page of rows."""
    table: Any = entity.table
    return select(table).where(_among(table)).compile(dialect=DIALECT).string


def _among(table: Any) -> ColumnElement[bool]:
    keys = bindparam("keys", type_=ARRAY(table.c.id.type))
    condition: ColumnElement[bool] = table.c.id == func.any(keys)
    return condition


def _page_statement(page: Page, table: Any, conditions: Sequence[Any]) -> Select[Any]:
    rows: Any = page.rows(table, [true(), *conditions], 0).subquery("rows")
    keys = [rows.c[name].label(f"k{index}") for index, name in enumerate(page.cursor_names)]
    return select(rows.c.id, *keys).order_by(*page.order(rows))


def _named_type(info: Info[Any, Any]) -> str:
    kind: Any = info._raw_info.return_type
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    return str(kind.name)


def _given_fields(filter: Any) -> dict[str, Any]:
    """A Strawberry input as the API spells it, like the planner reads it from the document."""
    definition = filter.__strawberry_definition__
    given = {}
    for field in definition.fields:
        value = getattr(filter, field.python_name)
        name = field.graphql_name or _camel(field.python_name)
        given[name] = _plain(value)
    return given


def _plain(value: Any) -> Any:
    """What stands inside an input, read in the same way; what was left out is None."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if has_object_definition(value):
        return _given_fields(value)
    return None if value is UNSET else value


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
