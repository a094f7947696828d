# SPDX-License-Identifier: Apache-2.0
"""Item types, lists, campaigns and users by part of a name: one statement for all of them (X-08).

There are few of these beside contacts, so they are looked through; sight and tenant are those of
each subject's own `visible_<noun>`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect

from server.domain.permissions import Viewer
from server.domain.search import (
    Rank,
    SearchField,
    SearchType,
    marks_of_words,
    parted,
    rank_of_text,
)
from server.models import Campaign, ContactItemType, ContactList, User
from server.services.item_types import visible_item_types
from server.services.search.found import Found, Match, Reads
from server.services.users import visible_users
from server.services.visibility import visible_campaigns, visible_lists

DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]
_MOST = 50  # of one type, the first by name

Columns = Sequence[tuple[SearchField, ColumnElement[str]]]


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """`visible(viewer)` gives the rows, `columns` what is searched, the title first."""

    visible: Callable[[Viewer], Select[Any]]  # of the subject's own model
    key: ColumnElement[int]
    order: ColumnElement[str]
    columns: Columns


_KINDS: dict[SearchType, _Kind] = {
    SearchType.ITEM_TYPE: _Kind(
        visible=visible_item_types,
        key=ContactItemType.__table__.c.id,
        order=ContactItemType.__table__.c.name_key,
        columns=(
            (SearchField.NAME, ContactItemType.__table__.c.name),
            (SearchField.COLOR, ContactItemType.__table__.c.color),
            (SearchField.ORDER_BY, cast(ContactItemType.__table__.c.order_by, Text)),
        ),
    ),
    SearchType.LIST: _Kind(
        visible=visible_lists,
        key=ContactList.__table__.c.id,
        order=ContactList.__table__.c.name_key,
        columns=(
            (SearchField.NAME, ContactList.__table__.c.name),
            (SearchField.DESCRIPTION, ContactList.__table__.c.description),
        ),
    ),
    SearchType.CAMPAIGN: _Kind(
        visible=visible_campaigns,
        key=Campaign.__table__.c.id,
        order=Campaign.__table__.c.name_key,
        columns=((SearchField.NAME, Campaign.__table__.c.name),),
    ),
    SearchType.USER: _Kind(
        visible=visible_users,
        key=User.__table__.c.id,
        order=User.__table__.c.name_key,
        columns=(
            (SearchField.NAME, User.__table__.c.name),
            (SearchField.FULL_NAME, User.__table__.c.full_name),
        ),
    ),
}
_WIDEST = max(len(kind.columns) for kind in _KINDS.values())


async def find_others(
    reads: Reads, viewer: Viewer, types: Sequence[SearchType], words: Sequence[str]
) -> list[Found]:
    """Whatever has every word in one of its columns, in any order."""
    if not types or not words:
        return []
    sql, names, constants = _statement(viewer, tuple(types), len(words))
    values = {f"word_{place}": word for place, word in enumerate(words)}
    arguments = [values.get(name, constants.get(name)) for name in names]
    rows = await reads.read(viewer.tenant_id, sql, *arguments)
    return [found for row in rows if (found := _found(row, words))]


@lru_cache(maxsize=512)  # the same viewer object comes again, and composing costs a millisecond
def _statement(
    viewer: Viewer, types: tuple[SearchType, ...], count: int
) -> tuple[str, Sequence[str], dict[str, object]]:
    parts = [_part(viewer, kind, count) for kind in types]
    compiled = union_all(*parts).compile(dialect=DIALECT)
    return compiled.string, tuple(compiled.positiontup or ()), dict(compiled.params)


def _part(viewer: Viewer, type_: SearchType, count: int) -> Select[Any]:
    kind = _KINDS[type_]
    texts = [column for _, column in kind.columns]
    padded = [*texts, *(null() for _ in range(_WIDEST - len(texts)))]
    columns: list[Any] = [
        literal_column(f"'{type_}'").label("type"),
        kind.key.label("id"),
        *(cast(text, Text).label(f"text_{place}") for place, text in enumerate(padded)),
    ]
    rows: Select[Any] = kind.visible(viewer).with_only_columns(*columns)
    words = [bindparam(f"word_{place}", type_=Text) for place in range(count)]
    for word in words:
        rows = rows.where(or_(*(func.strpos(func.rubrica_fold(text), word) > 0 for text in texts)))
    begins = func.starts_with(func.rubrica_fold(texts[0]), words[0])
    return select(rows.order_by(begins.desc(), kind.order).limit(_MOST).subquery())


def _found(row: asyncpg.Record, words: Sequence[str]) -> Found | None:
    kind = SearchType(row["type"])
    columns = [field for field, _ in _KINDS[kind].columns]
    values = [row[f"text_{place}"] for place in range(len(columns))]
    best: tuple[Rank, int] | None = None
    for place, value in enumerate(values):
        rank = rank_of_text(parted(value), words)
        if rank is not None and (best is None or rank < best[0]):
            best = rank, place
    if best is None:  # the words are spread over the columns
        best = (
            Rank.INSIDE,
            next(place for place, value in enumerate(values) if words[0] in parted(value)),
        )
    rank, place = best
    value = values[place]
    match = Match(field=columns[place], value=value, marks=marks_of_words(value, words))
    title, detail = values[0], ""
    if kind is SearchType.USER and values[1]:
        title, detail = values[1], values[0]
    elif kind is SearchType.LIST:
        detail = values[1]
    return Found(type=kind, id=row["id"], title=title, detail=detail, rank=rank, match=match)
