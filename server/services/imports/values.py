# SPDX-License-Identifier: Apache-2.0
"""Values of the centre's own fields that came with a chunk of rows (C-22).

The fields are shared to the chunk's end, so that none is retyped while values are written by what
it was before. A field that was deleted since the start has no values any more.
"""

from collections.abc import Sequence

import asyncpg

from server.database.bulk import copy_rows
from server.domain.errors import DomainError, ErrorCode
from server.domain.fields import Field, written
from server.domain.imports import Rejection, Row, rejected
from server.services.fields.columns import COLUMNS, columns_of

_HOLD_FIELDS = """
SELECT id, type, scope, size, valid_values, is_unique FROM master_data_fields
WHERE id = ANY($1::bigint[]) ORDER BY id FOR SHARE
"""
_KNOWN = """
SELECT field_id, unique_key FROM field_values
WHERE campaign_id IS NULL AND field_id = ANY($1::bigint[]) AND unique_key = ANY($2::text[])
"""


async def without_taken(
    connection: asyncpg.Connection, rows: Sequence[Row]
) -> tuple[list[Row], list[Rejection]]:
    """The rows, and those whose unique value somebody has already, an earlier row too.

    Raises CONFLICT (mapping) where a field was changed since the import began to read by it.
    """
    fields = {own.id: own for row in rows for _, own, _ in row.values}
    if not fields:
        return list(rows), []
    there = await _hold(connection, fields)
    keys = [
        (own.id, value.unique_key)
        for row in rows
        for _, own, value in row.values
        if value.unique_key is not None
    ]
    seen: set[tuple[int, str]] = set()
    if keys:
        known = await connection.fetch(
            _KNOWN, list({field_id for field_id, _ in keys}), [key for _, key in keys]
        )
        seen = {(row["field_id"], row["unique_key"]) for row in known}
    kept, refused = [], []
    for row in rows:
        row.values = [one for one in row.values if one[1].id in there]
        mine = [(own.id, value.unique_key) for _, own, value in row.values if value.unique_key]
        if taken := next((key for key in mine if key in seen), None):
            refused.append(rejected(row.record, _taken(row, taken[0])))
            continue
        seen.update(mine)
        kept.append(row)
    return kept, refused


async def insert_values(
    connection: asyncpg.Connection, contact_ids: Sequence[int], rows: Sequence[Row]
) -> None:
    """The rows' values; `contact_ids` are their contacts, in the same order."""
    if not any(row.values for row in rows):
        return
    names = tuple(COLUMNS.values())
    await copy_rows(
        connection,
        "field_values",
        ("contact_id", "field_id", *names),
        (
            (contact_id, own.id, *(columns[name] for name in names))
            for contact_id, row in zip(contact_ids, rows, strict=True)
            for _, own, value in row.values
            for columns in (columns_of(value),)
        ),
    )


async def _hold(connection: asyncpg.Connection, fields: dict[int, Field]) -> set[int]:
    """The ids of those that are still there, shared, and as they were read by."""
    stored = await connection.fetch(_HOLD_FIELDS, list(fields))
    for row in stored:
        own = fields[row["id"]]
        now = (row["type"], row["scope"], row["size"], tuple(row["valid_values"]), row["is_unique"])
        if now != (own.type.value, own.scope.value, own.size, own.valid_values, own.is_unique):
            raise DomainError(ErrorCode.CONFLICT, "mapping", changed=own.display_name)
    return {row["id"] for row in stored}


def _taken(row: Row, field_id: int) -> DomainError:
    column, own, value = next(one for one in row.values if one[1].id == field_id)
    return DomainError(
        ErrorCode.TAKEN,
        column,
        label=own.display_name,
        given=written(own.type, value)[:100],
    )
