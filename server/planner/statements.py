# SPDX-License-Identifier: Apache-2.0
"""From a selected root field to one SQL statement, and the layout that reads its rows.

The root's rows are flat. The first list directly below them is joined (rows repeat, the renderer
groups them); every further list is an array of records inside the row. So there is neither a
cross product nor a second statement.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLObjectType, get_named_type
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    select,
    true,
)

from server.domain.counts import COUNT_CAP
from server.planner.arguments import Page, count_of, joined, page_conditions
from server.planner.declarations import (
    ById,
    Column,
    Computed,
    Entity,
    Identity,
    Many,
    NodeById,
    One,
    Paged,
    SqlExpression,
)
from server.planner.layout import (
    Array,
    Connection,
    Constant,
    Cursor,
    Flattened,
    FunctionOf,
    IdSlot,
    Object,
    Picks,
    Slot,
    Value,
)
from server.planner.selection import TYPENAME, Selected, Unplanned

EPOCH = "viewer_epoch"
TOTALS = {"totalCount": None, "totalCountCapped": COUNT_CAP}  # how far each of them counts


@dataclass
class Scope:
    """One SELECT being built: its columns, its joined rows, and how to name the next alias."""

    builder: "Builder"
    columns: list[ColumnElement[Any]] = field(default_factory=list)
    joins: list[tuple[FromClause, ColumnElement[bool]]] = field(default_factory=list)
    order: list[ColumnElement[Any]] = field(default_factory=list)
    may_flatten: bool = False
    has_flattened: bool = False
    known: dict[object, int] = field(default_factory=dict)
    joined: dict[object, Any] = field(default_factory=dict)

    def slot(self, column: ColumnElement[Any], identity: object = None) -> int:
        """The index of a column in the row; the same column takes one place."""
        if identity is not None and identity in self.known:
            return self.known[identity]
        self.columns.append(column)
        index = len(self.columns) - 1
        if identity is not None:
            self.known[identity] = index
        return index

    def own(self, alias: Any, name: str) -> int:
        return self.slot(alias.c[name], (id(alias), name))

    def statement(self, source: FromClause) -> Select[Any]:
        joined: Any = source
        for target, condition in self.joins:
            joined = joined.outerjoin(target, condition)
        columns = self.columns or [literal_column("1")]
        labelled = [column.label(f"c{i}") for i, column in enumerate(columns)]
        return select(*labelled).select_from(joined)


class Builder:
    """Builds the statement of one root field for one shape of arguments and visibility."""

    def __init__(
        self,
        pages: Mapping[int, Page],
        visible: Mapping[str, Any],
    ) -> None:
        self.pages = pages
        self.visible = visible  # entity name → function(alias) → condition
        self.aliases = 0

    def build(self, root: Selected) -> tuple[Select[Any], Value, int]:
        """The statement, the layout of its rows, and the slot that groups flattened rows."""
        if isinstance(root.declaration, Paged):
            return self._page_of_root(root)
        if isinstance(root.declaration, ById | NodeById):
            return self._row_of_root(root)
        raise Unplanned(root.name)

    def _alias(self, entity: Entity) -> Any:
        self.aliases += 1
        return entity.table.alias(f"a{self.aliases}")

    def _sees(self, entity: Entity, alias: Any) -> list[ColumnElement[bool]]:
        build = self.visible.get(entity.name)
        return [] if build is None else [build(alias)]

    def _row_of_root(self, root: Selected) -> tuple[Select[Any], Value, int]:
        assert root.entity is not None
        alias: Any = root.alias
        scope = Scope(self, may_flatten=True)
        key = scope.own(alias, "id")
        value = self._object(scope, root.children, root.entity, alias)
        conditions = [
            alias.c.id == bindparam(f"s{root.site}_id", type_=alias.c.id.type),
            func.access_current(bindparam(EPOCH, type_=alias.c.id.type)),
            *self._sees(root.entity, alias),
        ]
        statement = scope.statement(alias).where(*conditions)
        return statement.order_by(*scope.order) if scope.order else statement, value, key

    def _page_of_root(self, root: Selected) -> tuple[Select[Any], Value, int]:
        assert root.entity is not None
        page = self.pages[root.site]
        inner_alias: Any = root.alias
        conditions = [
            func.access_current(bindparam(EPOCH, type_=inner_alias.c.id.type)),
            *self._sees(root.entity, inner_alias),
        ]
        rows: Any = page.rows(inner_alias, conditions, root.site).subquery("r0")
        scope = Scope(self, may_flatten=_has_one_node(root))
        scope.order = page.order(rows)
        key = scope.own(rows, "id")
        value = self._connection(scope, root, page, rows, None)
        source: FromClause = rows
        for name, most in TOTALS.items():
            if not any(True for _ in root.child(name)):
                continue
            counted = count_of(inner_alias, [*conditions, *page.conditions], most)
            total = select(counted.label("n")).subquery(name.lower())
            scope.columns.append(total.c.n)
            value.totals.extend((c.key, len(scope.columns) - 1) for c in root.child(name))
            source = total.outerjoin(source, true())
        return scope.statement(source).order_by(*scope.order), value, key

    def _connection(
        self, scope: Scope, selected: Selected, page: Page, alias: Any, index: int | None
    ) -> Connection:
        assert selected.entity is not None
        result = Connection(
            index=index,
            size=page.size,
            is_backward=page.is_backward,
            has_other_side=page.before if page.is_backward else page.after,
            cursor_slots=[],
        )
        needs_cursor = any(True for _ in selected.child("pageInfo"))
        for child in selected.children:
            result.order.append(child.key)
            if child.name == TYPENAME:
                result.constants.append((child.key, f"{selected.entity.name}Connection"))
            elif child.name == "edges":
                needs_cursor = needs_cursor or any(True for _ in child.child("cursor"))
        if needs_cursor:
            result.cursor_slots = [scope.own(alias, name) for name in page.cursor_names]
        for child in selected.children:
            if child.name == "edges":
                result.edges.append((child.key, self._edge(scope, child, selected, alias, result)))
            elif child.name == "pageInfo":
                result.page_infos.append((child.key, [(c.key, c.name) for c in child.children]))
            elif child.name not in (TYPENAME, *TOTALS):
                raise Unplanned(child.name)
        return result

    def _edge(
        self, scope: Scope, edge: Selected, selected: Selected, alias: Any, connection: Connection
    ) -> Object:
        assert selected.entity is not None
        fields: list[tuple[str, Value]] = []
        for child in edge.children:
            value: Value
            if child.name == TYPENAME:
                value = Constant(value=f"{selected.entity.name}Edge")
            elif child.name == "cursor":
                value = Cursor(slots=connection.cursor_slots)
            elif child.name == "node":
                value = self._object(scope, child.children, selected.entity, alias)
            else:
                raise Unplanned(child.name)
            fields.append((child.key, value))
        return Object(fields=fields)

    def _object(self, scope: Scope, children: list[Selected], entity: Entity, alias: Any) -> Object:
        return Object(fields=[(c.key, self._value(scope, c, entity, alias)) for c in children])

    def _value(self, scope: Scope, child: Selected, entity: Entity, alias: Any) -> Value:
        if child.name == TYPENAME:
            return Constant(value=entity.name)
        match child.declaration:
            case Identity():
                return IdSlot(index=scope.own(alias, "id"), prefix=entity.prefix)
            case Column(attribute=attribute, convert=convert):
                return Slot(index=scope.own(alias, attribute.key), convert=convert)
            case SqlExpression(build=build, function=None):
                return Slot(index=scope.slot(build(alias), (id(alias), build)))
            case SqlExpression(build=build, function=converted) if converted is not None:
                index = scope.slot(build(alias), (id(alias), build))
                return FunctionOf(function=converted, indexes=[index], picks=picks_of(child))
            case Computed(function=function, needs=needs):
                indexes = [scope.own(alias, attribute.key) for attribute in needs]
                return FunctionOf(function=function, indexes=indexes, picks=picks_of(child))
            case One() as one:
                return self._one(scope, child, alias, one)
            case Many():
                return self._many(scope, child, alias)
            case Paged():
                return self._paged(scope, child, alias)
        raise Unplanned(f"{child.parent}.{child.name}")

    def _one(self, scope: Scope, child: Selected, alias: Any, one: One) -> Object:
        assert child.entity is not None
        identity = (id(alias), one.key.key, child.entity.name)
        target = scope.joined.get(identity)
        if target is None:
            target = self._alias(child.entity)
            scope.joined[identity] = target
            key = alias.c[one.key.key]
            on = target.c.id == key
            if one.moved is not None:
                old, new = one.moved
                moved: Any = old.class_.__table__.alias()
                scope.joins.append((moved, moved.c[old.key] == key))
                # Not coalesce(): that is not leakproof, so no index would find the row.
                found = case((moved.c[new.key].is_(None), key), else_=moved.c[new.key])
                on = target.c.id == found
            for condition in self._sees(child.entity, target):
                on = on & condition
            scope.joins.append((target, on))
        presence = scope.own(target, "id")
        inner_may_flatten, scope.may_flatten = scope.may_flatten, False
        fields = self._object(scope, child.children, child.entity, target).fields
        scope.may_flatten = inner_may_flatten
        return Object(fields=fields, presence=presence)

    def _many(self, scope: Scope, child: Selected, alias: Any) -> Value:
        assert child.entity is not None
        declaration = child.declaration
        assert isinstance(declaration, Many)
        target: Any = child.alias if child.site >= 0 else self._alias(child.entity)
        on = declaration.on(alias, target)
        if child.site >= 0 and (join := self.pages[child.site].join) is not None:
            on = on & joined(join, alias, target, child.site)[1]
        for condition in self._sees(child.entity, target):
            on = on & condition
        order = declaration.order(alias, target)
        if scope.may_flatten and not scope.has_flattened:
            scope.has_flattened, scope.may_flatten = True, False
            scope.joins.append((target, on))
            scope.order.extend(order)
            presence = scope.own(target, "id")
            return Flattened(
                presence=presence, item=self._object(scope, child.children, child.entity, target)
            )
        inner = Scope(self)
        item = self._object(inner, child.children, child.entity, target)
        rows = inner.statement(target).where(on).order_by(*order)
        return Array(index=scope.slot(_records(rows)), item=item)

    def _paged(self, scope: Scope, child: Selected, alias: Any) -> Connection:
        assert child.entity is not None
        declaration = child.declaration
        assert isinstance(declaration, Paged)
        if declaration.on is None:
            raise Unplanned(child.name)
        page = self.pages[child.site]
        target: Any = child.alias
        conditions = [declaration.on(alias, target), *self._sees(child.entity, target)]
        inner = Scope(self)
        connection = self._connection(inner, child, page, target, 0)
        keys = [target.c[c.key] for c in page.columns] + [target.c.id]
        rows = inner.statement(target).where(
            *conditions, *page_conditions(page, target, target.c.id, child.site)
        )
        rows = rows.order_by(*(page.directed(key) for key in keys))
        rows = rows.limit(literal_column(str(page.size + 1)))
        connection.index = scope.slot(_records(rows))
        for name, most in TOTALS.items():
            for total in child.child(name):
                counted = count_of(target, [*conditions, *page.conditions], most, alias)
                connection.totals.append((total.key, scope.slot(counted)))
        return connection


def _records(rows: Select[Any]) -> ColumnElement[Any]:
    """`ARRAY(SELECT ROW(…) …)`: the order of the sub-select is the order of the array."""
    columns = list(rows.selected_columns)
    plain = [getattr(column, "element", column) for column in columns]
    record = rows.with_only_columns(func.row(*plain), maintain_column_froms=True)
    array: ColumnElement[Any] = func.array(record.scalar_subquery())
    return array


def _has_one_node(root: Selected) -> bool:
    """Flattening needs one place for the rows: one `edges` with one `node`."""
    edges = list(root.child("edges"))
    return len(edges) == 1 and len(list(edges[0].child("node"))) == 1


def picks_of(child: Selected) -> Picks | None:
    """What is selected of a computed object; None for a computed scalar."""
    if not child.children:
        return None
    assert child.definition is not None
    target = get_named_type(child.definition.type)
    assert isinstance(target, GraphQLObjectType)
    return Picks(
        items=[
            (c.key, TYPENAME if c.name == TYPENAME else c.name, picks_of(c)) for c in child.children
        ]
    )
