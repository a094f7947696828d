# SPDX-License-Identifier: Apache-2.0
"""What a change of a field does to its values: all of them follow, or none and it is refused.

The field's row is locked for the change, and whoever writes a value shares that row to the end of
the transaction: so no value is added by the old definition while the others are read by the new.
"""

from collections.abc import Sequence
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
_SHOWN = 60  # characters of a value that is in the way

# A field's values are found by the column that they stand in: only that has an index.
_FREE_KEYS = "UPDATE field_values SET unique_key = NULL WHERE field_id = $1 AND {} IS NOT NULL"
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
    """Values that keep a change from being made: how many, and the first of them."""

    unfit: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"unfit": 0, "repeated": 0})

    def add(self, kind: str, text: str) -> None:
        self.counts[kind] += 1
        if self.counts[kind] == 1:
            getattr(self, kind).append(text[:_SHOWN])

    def __bool__(self) -> bool:
        return any(self.counts.values())

    def refusal(self, path: str) -> DomainError:
        """The reason, the number of values and an example."""
        count = self.counts["unfit"]
        if count:
            return DomainError(ErrorCode.IN_USE, path, unfit=count, example=self.unfit[0])
        count = self.counts["repeated"]
        return DomainError(ErrorCode.IN_USE, path, repeated=count, example=self.repeated[0])


async def count_values(session: AsyncSession, field: Field) -> int:
    """How many values the field has in all."""
    column = getattr(FieldValue, field.sort_column)
    values = select(func.count()).where(FieldValue.field_id == field.id, column.is_not(None))
    return await session.scalar(values) or 0


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
    if old.is_unique:
        await connection.execute(_FREE_KEYS.format(old.sort_column), old.id)
    faults, seen, done = _Faults(), set[tuple[int | None, str]](), 0
    batch: list[tuple[int, Value]] = []
    async for row in connection.cursor(_VALUES.format(old.sort_column), old.id, prefetch=BATCH):
        value = _reread(old, new, row, path, reading, faults)
        if value is None:
            continue
        key = (row["campaign_id"], value.unique_key or "")
        if value.unique_key is not None and key in seen:
            faults.add("repeated", written(new.type, value))
        seen.add(key)
        batch.append((row["id"], value))
        if len(batch) >= BATCH:
            done += await _rewrite(connection, batch, faults)
            batch.clear()
    done += await _rewrite(connection, batch, faults)
    if faults:
        raise faults.refusal(path)
    return done


def _reread(
    old: Field, new: Field, row: asyncpg.Record, path: str, reading: Reading, faults: _Faults
) -> Value | None:
    text = written(old.type, value_of(row))
    try:
        value = read(new, text, path, reading)
    except DomainError:
        value = None
    if value is None:
        faults.add("unfit", text)
    return value


async def _rewrite(
    connection: asyncpg.Connection, batch: Sequence[tuple[int, Value]], faults: _Faults
) -> int:
    """Nothing is written any more once a fault is known: the rest is only counted."""
    if faults or not batch:
        return 0
    columns = [columns_of(value) for _, value in batch]
    arrays = [[row[name] for row in columns] for name in NAMES.split(", ")]
    await connection.execute(_REWRITE, [key for key, _ in batch], *arrays)
    return len(batch)
