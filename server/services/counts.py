# SPDX-License-Identifier: Apache-2.0
"""Counting the rows that belong to another one, all of them or only so far as a page needs."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, literal_column, select

from server.domain.counts import COUNT_CAP


def count_below(
    rows: FromClause, belongs: ColumnElement[bool], outer: FromClause, *, capped: bool = False
) -> ColumnElement[int]:
    """How many `rows` belong to the row of `outer`; capped: no more than COUNT_CAP + 1."""
    found: Any = select(literal_column("1")).select_from(rows).where(belongs).correlate(outer)
    if capped:
        found = found.limit(literal_column(str(COUNT_CAP + 1)))
    return select(func.count()).select_from(found.subquery()).scalar_subquery()
