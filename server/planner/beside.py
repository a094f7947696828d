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
    Select,
    bindparam,
    cast,
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
    branches = {
        PRESENT: select(
            alias,
            literal_column("0").label(EMPTY),
            beside.key.label(PLACE),
            cast(null(), rest.type).label(REST),
        )
        .join_from(beside.rows, alias, alias.c.id == beside.owner)
        .where(beside.where, *conditions),
        ABSENT: select(
            alias,
            literal_column("1").label(EMPTY),
            cast(null(), beside.key.type).label(PLACE),
            rest.label(REST),
        ).where(
            ~select(beside.owner)
            .where(beside.where, beside.owner == alias.c.id)
            .correlate(alias)
            .exists(),
            *conditions,
        ),
    }
    keys = {PRESENT: (beside.key, beside.owner), ABSENT: (rest, alias.c.id)}
    wanted = []
    for zone in sorted(branches, reverse=is_backward):
        bounds = _bounds(placement, zone, keys[zone], site=site, is_down=runs_down != is_backward)
        if bounds is None:
            continue
        order = [key.desc() if runs_down else key.asc() for key in keys[zone]]
        branch = branches[zone].where(*bounds).order_by(*order).limit(literal_column(str(size)))
        wanted.append(select(branch.subquery(f"zone{zone}")))
    rows = (union_all(*wanted) if len(wanted) > 1 else wanted[0]).subquery("zones")
    return select(rows).limit(literal_column(str(size)))


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
