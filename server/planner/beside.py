# SPDX-License-Identifier: Apache-2.0
"""Pages in the order of a column of another table; rows that have none there come last.

Two selects, one behind the other: the rows that stand beside, as that table's index has them, and
then all others in an order of their own. PostgreSQL begins the second only where the first has not
filled the page. A join that sorts, with the missing ones last, would read both tables whole.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    bindparam,
    cast,
    except_,
    func,
    literal_column,
    null,
    select,
    tuple_,
    union_all,
)

from server.planner.declarations import Attribute, Beside
from server.planner.ids import open_cursor, read_part

EMPTY, PLACE, REST = "sort_empty", "sort_place", "sort_rest"
NAMES = (EMPTY, PLACE, REST, "id")  # what a cursor of such a page holds, in this order
PRESENT, ABSENT = 0, 1  # zones: the rows that have a value, then the others
WALKED = 5_000  # rows looked at one by one for those without a value


@dataclass(frozen=True, kw_only=True)
class Placement:
    """The other table, the order of the rows without a value, and where the cursors stand."""

    beside: Beside
    rest: Attribute
    after: int | None = None  # the cursor's zone
    before: int | None = None

    @property
    def shape(self) -> tuple[object, ...]:
        return (self.beside.key.key, self.rest.key, self.after, self.before)


def read_cursor(text: str, beside: Beside, rest: Attribute) -> tuple[int, object, int] | None:
    """The zone of a cursor, its place there, and the row's key; None if it is not ours."""
    values = open_cursor(text)
    if values is None or len(values) != len(NAMES) or values[0] not in (PRESENT, ABSENT):
        return None
    zone = PRESENT if values[0] == PRESENT else ABSENT
    column: Any = beside.key if zone == PRESENT else rest
    place, key = read_part(values[1 + zone], column.type.python_type), read_part(values[3], int)
    return None if place is None or not isinstance(key, int) else (zone, place, key)


def placed_rows(
    placement: Placement,
    alias: Any,
    conditions: list[ColumnElement[bool]],
    *,
    site: int,
    size: int,
    is_backward: bool,
    runs_down: bool,
) -> Select[Any]:
    """The first `size` rows of `alias` in the order, each with the columns that a cursor holds."""
    beside, rest = placement.beside, alias.c[placement.rest.key]
    keys = {PRESENT: (beside.key, beside.owner), ABSENT: (rest, alias.c.id)}
    wanted = []
    for zone in sorted(keys, reverse=is_backward):
        bounds = _bounds(placement, zone, keys[zone], site=site, is_down=runs_down != is_backward)
        if bounds is None:
            continue
        order = _directed(*keys[zone], runs_down=runs_down)
        held = [*conditions, *bounds]
        if zone == PRESENT:
            branch = _present(beside, alias, rest).where(beside.where, *held)
        else:
            missing = _missing(beside, alias, rest, held, size, runs_down=runs_down)
            branch = _absent(beside, alias, rest).where(alias.c.id == func.any(missing))
        branch = branch.order_by(*order).limit(literal_column(str(size)))
        wanted.append(select(branch.subquery(f"zone{zone}")))
    rows = (union_all(*wanted) if len(wanted) > 1 else wanted[0]).subquery("zones")
    return select(rows).limit(literal_column(str(size)))


def _present(beside: Beside, alias: Any, rest: ColumnElement[Any]) -> Select[Any]:
    columns: tuple[ColumnElement[Any], ...] = (
        literal_column("0").label(EMPTY),
        beside.key.label(PLACE),
        cast(null(), rest.type).label(REST),
    )
    return select(alias, *columns).join_from(beside.rows, alias, alias.c.id == beside.owner)


def _absent(beside: Beside, alias: Any, rest: ColumnElement[Any]) -> Select[Any]:
    columns: tuple[ColumnElement[Any], ...] = (
        literal_column("1").label(EMPTY),
        cast(null(), beside.key.type).label(PLACE),
        rest.label(REST),
    )
    return select(alias, *columns)


def _missing(
    beside: Beside,
    alias: Any,
    rest: ColumnElement[Any],
    held: list[ColumnElement[bool]],
    size: int,
    *,
    runs_down: bool,
) -> ColumnElement[Any]:
    """The ids of rows without a value: enough for the page, or all of them.

    They are looked for among the next few thousand rows. Where hardly one of these lacks its value,
    to walk on would ask the other table about a million rows, one by one: then both are read in one
    go, and what is left of the one without the other is taken.
    """
    whole = select(alias.c.id).where(*held).correlate(None)
    row = [alias.c.id, rest.label(REST)]
    walked = (
        select(*row)
        .where(*held)
        .order_by(*_directed(rest, alias.c.id, runs_down=runs_down))
        .limit(literal_column(str(WALKED)))
        .cte("walked")
    )
    has_value = select(beside.owner).where(beside.where, beside.owner == walked.c.id)
    found = (
        select(walked.c.id)
        .where(~has_value.correlate(walked).exists())
        .order_by(*_directed(walked.c[REST], walked.c.id, runs_down=runs_down))
        .limit(literal_column(str(size)))
        .cte("found")
    )
    is_cut = (_count(walked) == literal_column(str(WALKED))) & (
        _count(found) < literal_column(str(size))
    )
    others = except_(whole, select(beside.owner).where(beside.where).correlate(None))
    left = others.subquery("others")
    ids = union_all(select(found.c.id).where(~is_cut), select(left.c.id).where(is_cut))
    array: ColumnElement[Any] = func.array(ids.scalar_subquery())
    return array


def _directed(*keys: Any, runs_down: bool) -> list[ColumnElement[Any]]:
    return [key.desc() if runs_down else key.asc() for key in keys]


def _count(rows: FromClause) -> ColumnElement[int]:
    counted = select(func.count().label("n")).select_from(rows)
    return counted.correlate(None).scalar_subquery()


def page_order(rows: Any, *, is_backward: bool, runs_down: bool) -> list[ColumnElement[Any]]:
    """The order of the page itself, as the two selects have it."""
    keys = [rows.c[name].desc() if runs_down else rows.c[name].asc() for name in NAMES[1:]]
    return [rows.c[EMPTY].desc() if is_backward else rows.c[EMPTY].asc(), *keys]


def _bounds(
    placement: Placement, zone: int, row: tuple[Any, Any], *, site: int, is_down: bool
) -> list[ColumnElement[bool]] | None:
    """What the cursors leave of a zone; None: nothing. `is_down`: the whole list runs downwards."""
    bounds = []
    for name, stands, is_after in (
        ("after", placement.after, True),
        ("before", placement.before, False),
    ):
        if stands is None or (zone > stands if is_after else zone < stands):
            continue
        if zone != stands:
            return None
        bound = tuple_(
            *(bindparam(f"s{site}_{name}_{i}", type_=key.type) for i, key in enumerate(row))
        )
        bounds.append(tuple_(*row) > bound if is_after != is_down else tuple_(*row) < bound)
    return bounds
