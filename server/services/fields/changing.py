# SPDX-License-Identifier: Apache-2.0
"""What a change of a field does to its values: all of them follow, or none and it is refused.

The field's row is locked for the change, and whoever writes a value shares that row to the end of
the transaction: so no value is added by the old definition while the others are read by the new.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.fields import Change, Field, Reading, Value, changed_path, read, written
from server.domain.permissions import Viewer
from server.models import FieldValue, Tenant
from server.services.dialer.connections import connection_of
from server.services.fields.columns import NAMES, TYPES, columns_of, value_of
from server.services.numbers import normalized

BATCH = 10_000
BREATH = 500
_SHOWN = 60  # characters of a value that is in the way

_FREE_KEYS = "UPDATE field_values SET unique_key = NULL WHERE id = ANY($1::bigint[])"
# A field's values are found by the column that they stand in: only that has an index.
_VALUES = (
    f"SELECT id, campaign_id, {NAMES} FROM field_values WHERE field_id = $1 AND {{}} IS NOT NULL"
)
_ARRAYS = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(TYPES, 2))
_REWRITE = f"""
UPDATE field_values AS stored
SET {", ".join(f"{name} = changed.{name}" for name in NAMES.split(", "))}
FROM unnest($1::bigint[], {_ARRAYS}) AS changed (id, {NAMES})
WHERE stored.id = changed.id
"""


@dataclass(kw_only=True)
class _Faults:
    """Values that keep a change from being made: of each kind how many, and the first of them."""

    found: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add(self, kind: str, text: str) -> None:
        count, first = self.found.get(kind, (0, text[:_SHOWN]))
        self.found[kind] = (count + 1, first)

    def check(self, path: str) -> None:
        """The reason, the number of values and an example; what does not fit goes first."""
        for kind in ("unfit", "repeated"):
            if kind in self.found:
                count, example = self.found[kind]
                raise DomainError(ErrorCode.IN_USE, path, **{kind: count}, example=example)


async def count_values(session: AsyncSession, field: Field) -> int:
    """How many values the field has in all."""
    column = getattr(FieldValue, field.sort_column)
    values = select(func.count()).where(FieldValue.field_id == field.id, column.is_not(None))
    return await session.scalar(values) or 0


async def pieces(
    connection: asyncpg.Connection, query: str, *given: object
) -> AsyncIterator[list[int]]:
    """The keys that the query gives as it stands at its start, some thousands at a time."""
    keys: list[int] = []
    async for row in connection.cursor(query, *given, prefetch=BATCH):
        keys.append(row[0])
        if len(keys) >= BATCH:
            yield keys
            keys = []
    if keys:
        yield keys


async def change_values(
    session: AsyncSession, viewer: Viewer, old: Field, new: Field, change: Change
) -> int:
    """Bring the values along; the answer is how many were written anew.

    Raises IN_USE at the changed input with the count of values that do not fit, that stand twice
    where they have to be unique, or that there are at all where none may be.
    """
    if change is Change.NONE:
        return 0
    path = changed_path(old, new)
    if change is Change.EMPTY_ONLY:
        if count := await count_values(session, old):
            raise DomainError(ErrorCode.IN_USE, path, values=count)
        return 0
    zone = await session.scalar(select(Tenant.timezone).where(Tenant.id == func.rubrica_tenant()))
    reading = Reading(
        phone=lambda text: normalized(text, viewer.region), zone=ZoneInfo(zone or "UTC")
    )
    connection = await connection_of(session)
    rereading = _Rereading(old=old, new=new, path=path, reading=reading)
    freed = [key async for key in _check(connection, rereading)]
    rereading.faults.check(path)
    # A value's new key may be the old one of another, so all that change are free before.
    for start in range(0, len(freed), BATCH):
        await connection.execute(_FREE_KEYS, freed[start : start + BATCH])
    return await _rewrite_all(connection, rereading)


async def _check(connection: asyncpg.Connection, rereading: "_Rereading") -> AsyncIterator[int]:
    """Reads every value by the new definition, noting the faults; gives those whose key changes."""
    seen: set[tuple[int | None, str]] = set()
    async for row in rereading.rows(connection):
        value = rereading.value(row)
        if value is None:
            continue
        if row["unique_key"] not in (None, value.unique_key):
            yield row["id"]
        if value.unique_key is None:
            continue
        key = (row["campaign_id"], value.unique_key)
        if key in seen:
            rereading.faults.add("repeated", written(rereading.new.type, value))
        seen.add(key)


async def _rewrite_all(connection: asyncpg.Connection, rereading: "_Rereading") -> int:
    """Writes the values that are other ones by the new definition; the answer is how many."""
    done = 0
    batch: list[tuple[int, dict[str, object]]] = []
    async for row in rereading.rows(connection):
        value = rereading.value(row)
        assert value is not None
        columns = columns_of(value)
        if any(row[name] != column for name, column in columns.items()):
            batch.append((row["id"], columns))
        if len(batch) >= BATCH:
            done += await _rewrite(connection, batch)
            batch.clear()
    return done + await _rewrite(connection, batch)


async def _rewrite(
    connection: asyncpg.Connection, batch: Sequence[tuple[int, dict[str, object]]]
) -> int:
    if batch:
        arrays = [[columns[name] for _, columns in batch] for name in NAMES.split(", ")]
        await connection.execute(_REWRITE, [key for key, _ in batch], *arrays)
    return len(batch)


@dataclass(frozen=True, kw_only=True)
class _Rereading:
    """The values of a field, by its old definition and by its new one."""

    old: Field
    new: Field
    path: str
    reading: Reading
    faults: _Faults = field(default_factory=_Faults)

    async def rows(self, connection: asyncpg.Connection) -> AsyncIterator[asyncpg.Record]:
        """Others are served between some hundreds of them."""
        query = _VALUES.format(self.old.sort_column)
        place = 0
        async for row in connection.cursor(query, self.old.id, prefetch=BATCH):
            place += 1
            if place % BREATH == 0:
                await asyncio.sleep(0)
            yield row

    def value(self, row: asyncpg.Record) -> Value | None:
        """None where it does not fit, which is a fault."""
        text = written(self.old.type, value_of(row))
        try:
            value = read(self.new, text, self.path, self.reading)
        except DomainError:
            value = None
        if value is None:
            self.faults.add("unfit", text)
        return value
