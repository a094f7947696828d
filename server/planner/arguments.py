# SPDX-License-Identifier: Apache-2.0
"""Pages, sorts and filters of planned fields: a shape to cache by, and values to bind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from graphql import GraphQLError
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.sql import visitors

from server.domain.errors import ErrorCode
from server.domain.permissions import Viewer
from server.domain.text import is_storable
from server.planner.beside import NAMES, Placement, page_order, placed_rows, read_cursor
from server.planner.declarations import (
    LARGEST_PAGE,
    Attribute,
    Entity,
    Informed,
    Join,
    Learn,
    Many,
    Ordering,
    Paged,
    Probed,
    Within,
)
from server.planner.ids import parse_cursor

DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]
NO_ROW = 0  # no key is 0, so an id that names nothing finds nothing


class BadArgumentError(GraphQLError):
    """An argument that cannot be served; the message names it and the cure.

    `field` is the path of a part of it, in API spelling.
    """

    def __init__(
        self,
        message: str,
        code: ErrorCode = ErrorCode.INVALID,
        *,
        field: str | None = None,
        **options: Any,
    ) -> None:
        told = {"code": "BAD_USER_INPUT", "reason": code} | ({"field": field} if field else {})
        super().__init__(message, extensions=told, **options)
        self.reason = code
        self.field = field


@dataclass(kw_only=True)
class Page:
    """One page of a connection, ready to be built into a statement and cached by `shape`."""

    size: int
    is_backward: bool
    is_descending: bool
    columns: tuple[Attribute, ...]
    after: bool
    before: bool
    placement: Placement | None = None
    join: Join | None = None  # of a list without pages: what its arguments ask
    conditions: list[ColumnElement[bool]] = field(default_factory=list)
    shape: tuple[object, ...] = ()
    values: dict[str, object] = field(default_factory=dict)

    @property
    def runs_down(self) -> bool:
        """Whether the statement itself reads downwards: a backward page is read from its end."""
        return self.is_descending != self.is_backward

    @property
    def cursor_names(self) -> tuple[str, ...]:
        """The columns of a row that its cursor holds."""
        if self.placement is not None:
            return NAMES
        return (*(column.key for column in self.columns), "id")

    def directed(self, column: Any) -> ColumnElement[Any]:
        directed: ColumnElement[Any] = column.desc() if self.runs_down else column.asc()
        return directed

    def rows(self, alias: Any, conditions: Sequence[Any], site: int) -> Any:
        """The rows of the page and one more, to see whether there is one."""
        if self.placement is not None:
            return placed_rows(
                self.placement,
                alias,
                [*conditions, *self.conditions],
                site=site,
                size=self.size + 1,
                is_backward=self.is_backward,
                runs_down=self.runs_down,
            )
        order = [self.directed(alias.c[name]) for name in self.cursor_names]
        wanted = page_conditions(self, alias, alias.c.id, site)
        limit: ColumnElement[int] = literal_column(str(self.size + 1))
        return select(alias).where(*conditions, *wanted).order_by(*order).limit(limit)

    def order(self, rows: Any) -> list[ColumnElement[Any]]:
        """The page's own order, of the rows that `rows` gave."""
        if self.placement is not None:
            return page_order(rows, is_backward=self.is_backward, runs_down=self.runs_down)
        return [self.directed(rows.c[name]) for name in self.cursor_names]


def page_size(
    arguments: dict[str, Any], default: int, largest: int = LARGEST_PAGE
) -> tuple[int, bool]:
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None and last is not None:
        raise BadArgumentError("Give either 'first' or 'last', not both.")
    name, size = ("first", first) if last is None else ("last", last)
    if size is None:
        return default, False
    if not 0 <= size <= largest:
        raise BadArgumentError(
            f"'{name}' must be between 0 and {largest}; take the rest page by page.",
            ErrorCode.OUT_OF_RANGE,
        )
    return size, name == "last"


async def learned(
    declaration: Paged, arguments: Mapping[str, Any], viewer: Viewer, database: Any
) -> dict[Learn | Probed, Any]:
    """The facts that the given arguments go by, each looked up once."""
    facts: dict[Learn | Probed, Any] = {}
    wanted: list[Learn] = []
    given = _wanted(declaration, arguments)
    for name, value in given.items():
        rule = declaration.filters[name]
        if isinstance(rule, Informed):
            wanted.append(rule.learn)
        elif isinstance(rule, Probed):
            facts[rule] = await rule.probe(database, viewer, value, given)
    if declaration.ordering and arguments.get(declaration.ordering.argument) is not None:
        wanted.append(declaration.ordering.learn)
    for learn in wanted:
        if learn not in facts:
            facts[learn] = await learn(database, viewer)
    return facts


def prepare_page(
    declaration: Paged,
    alias: Any,
    site: int,
    arguments: dict[str, Any],
    viewer: Viewer | None,
    facts: Mapping[Learn | Probed, Any],
) -> Page:
    """Read a connection's arguments; `site` makes the names of its bound values unique."""
    size, is_backward = page_size(arguments, declaration.page, declaration.largest)
    sort, direction = arguments.get("sort"), arguments.get("direction")
    descending = declaration.default_descending
    if direction is not None:
        descending = str(getattr(direction, "value", direction)) == "DESC"
    elif sort is not None:
        descending = False
    page = Page(
        size=size,
        is_backward=is_backward,
        is_descending=descending,
        columns=tuple(declaration.columns(sort)),
        after=arguments.get("after") is not None,
        before=arguments.get("before") is not None,
    )
    ordering = declaration.ordering
    if ordering is not None and viewer and arguments.get(ordering.argument) is not None:
        _place(page, ordering, site, arguments, viewer, facts)
    else:
        _read_cursors(page, site, arguments)
    filters: list[str] = []
    if viewer is not None:
        given = _wanted(declaration, arguments)
        for name, value in given.items():
            if isinstance(value, str) and not is_storable(value):
                raise BadArgumentError(f"'{name}' holds a character that no text can hold.")
            rule = declaration.filters[name]
            if isinstance(rule, Within):
                made = rule.rule(value, viewer, given)
            elif isinstance(rule, Informed):
                made = rule.rule(value, viewer, facts[rule.learn])
            elif isinstance(rule, Probed):
                made = rule.rule(value, viewer, given, facts[rule])
            else:
                made = rule(value, viewer)
            text, named, values_of = named_condition(made(alias), f"s{site}_{name}")
            # With its name, which the bound values are named after: two may read alike.
            filters.append(f"{name}: {text}")
            page.conditions.append(named)
            page.values.update(values_of)
    placed = page.placement.shape if page.placement else ()
    order = (*page.cursor_names, descending, *placed)
    page.shape = (size, is_backward, page.after, page.before, order, *page.shape, *filters)
    return page


def _read_cursors(page: Page, site: int, arguments: dict[str, Any]) -> None:
    for name in ("after", "before"):
        if arguments.get(name) is not None:
            kinds = [_kind(column) for column in page.columns] + [int]
            values = parse_cursor(arguments[name], kinds)
            if values is None:
                raise _no_cursor(name)
            page.values.update({f"s{site}_{name}_{i}": value for i, value in enumerate(values)})


def _place(
    page: Page,
    ordering: Ordering,
    site: int,
    arguments: dict[str, Any],
    viewer: Viewer,
    facts: Mapping[Learn | Probed, Any],
) -> None:
    """Sort the page by another table, which its cursors have to fit."""
    if arguments.get("sort") is not None:
        raise BadArgumentError(f"Give either 'sort' or '{ordering.argument}', not both.")
    made = ordering.build(arguments[ordering.argument], viewer, facts[ordering.learn])
    text, where, values = named_condition(made.where, f"s{site}_beside")
    page.values.update(values)
    page.shape = (text,)
    zones: dict[str, int] = {}
    for name in ("after", "before"):
        if arguments.get(name) is not None:
            found = read_cursor(arguments[name], made, ordering.rest)
            if found is None:
                raise _no_cursor(name)
            zones[name], *place = found
            page.values.update({f"s{site}_{name}_{i}": value for i, value in enumerate(place)})
    page.placement = Placement(beside=replace(made, where=where), rest=ordering.rest, **zones)


def _no_cursor(name: str) -> BadArgumentError:
    return BadArgumentError(
        f"'{name}' is no cursor of this list; take one from 'pageInfo' or 'edges', "
        "read with the same 'sort'."
    )


def prepare_rows(
    declaration: Many,
    parent: FromClause,
    child: FromClause,
    site: int,
    arguments: Mapping[str, Any],
    viewer: Viewer,
) -> Page:
    """What the arguments of a list without pages ask of its rows."""
    assert declaration.given is not None
    join = declaration.given(arguments, viewer)
    text, named, values = joined(join, parent, child, site)
    return Page(
        size=0,
        is_backward=False,
        is_descending=False,
        columns=(),
        after=False,
        before=False,
        join=join,
        conditions=[named],
        shape=(text,),
        values=values,
    )


def joined(
    join: Join, parent: FromClause, child: FromClause, site: int
) -> tuple[str, ColumnElement[bool], dict[str, object]]:
    """The same names for the same values, whichever aliases the rows have."""
    return named_condition(join(parent, child), f"s{site}_given")


def _wanted(declaration: Paged, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What the rows are filtered by: what was given, else what the list goes by of itself."""
    return {**declaration.defaults, **dict(_given(arguments.get("filter")))}


def _given(filter: Any) -> list[tuple[str, Any]]:
    """The filter fields that were given a value; null and absent both mean: do not filter."""
    if filter is None:
        return []
    return [(name, value) for name, value in filter.items() if value is not None]


def _kind(column: Attribute) -> type:
    kind: type = column.type.python_type
    return kind if kind in (int, str, datetime) else str


def named_condition(
    condition: ColumnElement[bool], prefix: str
) -> tuple[str, ColumnElement[bool], dict[str, object]]:
    """The condition with its values named after `prefix`: text to cache by, and the values."""
    values: dict[str, object] = {}
    renamed: dict[BindParameter[Any], BindParameter[Any]] = {}

    def rename(element: Any, **_: Any) -> Any:
        if not isinstance(element, BindParameter):
            return None
        if element not in renamed:
            name = f"{prefix}_{len(renamed)}"
            values[name] = element.effective_value
            renamed[element] = bindparam(name, type_=element.type)
        return renamed[element]

    named: ColumnElement[bool] = visitors.replacement_traverse(condition, {}, rename)
    return str(named.compile(dialect=DIALECT)), named, values


def page_conditions(page: Page, alias: Any, key: Any, site: int) -> list[ColumnElement[bool]]:
    """Filters, and the row-wise comparisons with the cursors, which an index answers."""
    conditions = list(page.conditions)
    row: Sequence[Any] = [alias.c[column.key] for column in page.columns] + [key]
    for name, given, is_after in (("after", page.after, True), ("before", page.before, False)):
        if given:
            bound = tuple_(
                *(bindparam(f"s{site}_{name}_{i}", type_=c.type) for i, c in enumerate(row))
            )
            upwards = is_after != page.is_descending
            conditions.append(tuple_(*row) > bound if upwards else tuple_(*row) < bound)
    return conditions


def count_of(
    source: FromClause,
    conditions: list[ColumnElement[bool]],
    most: int | None,
    *outer: FromClause,
) -> ColumnElement[int]:
    """How many rows hold, counted no further than `most`; `outer` is where they belong to."""
    if most is None:
        counted: Select[Any] = select(func.count()).select_from(source).where(*conditions)
    else:
        found: Select[Any] = select(literal_column("1")).select_from(source).where(*conditions)
        capped = found.limit(literal_column(str(most + 1))).correlate(*outer).subquery()
        counted = select(func.count()).select_from(capped)
    return counted.correlate(*outer).scalar_subquery()


def visibility(
    entity: Entity, viewer: Viewer, alias: Any, prefix: str
) -> tuple[str, ColumnElement[bool], dict[str, object]] | None:
    """What the viewer may see of an entity, on `alias`; None where row-level security suffices."""
    where = entity.visible(viewer).whereclause
    if where is None:
        return None
    return named_condition(on_alias(where, entity, alias), prefix)


def on_alias(condition: ColumnElement[bool], entity: Entity, alias: Any) -> ColumnElement[bool]:
    """The condition with the entity's own columns taken from `alias`."""
    table = entity.table

    def swap(element: Any, **_: Any) -> Any:
        if getattr(element, "table", None) is table and hasattr(element, "key"):
            return alias.c[element.key]
        return None

    result: ColumnElement[bool] = visitors.replacement_traverse(condition, {}, swap)
    return result
