# SPDX-License-Identifier: Apache-2.0
"""Do-not-call entries leave, and come back as they were (C-26).

What left stands in the event of its deletion, row by row; that event's id brings it back.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.bulk import MOST_AT_ONCE
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import BlacklistEntry
from server.services.blacklists.finding import visible_blacklist_entries
from server.services.blacklists.references import Row, still_standing
from server.services.contacts.snapshots import insert_rows
from server.services.dialer import connection_of
from server.services.dialer.blocking import unblock_numbers
from server.services.events import record

ENTRIES = BlacklistEntry.metadata.tables[BlacklistEntry.__tablename__]

_ROWS = """
SELECT to_jsonb(b)::text FROM blacklist_entries b WHERE b.id = ANY($1::bigint[])
ORDER BY b.id FOR UPDATE
"""
_DELETE = "DELETE FROM blacklist_entries WHERE id = ANY($1::bigint[])"
_DELETED = """
SELECT data->>'rows' FROM events WHERE id = $1 AND name = 'blacklist.deleted' AND user_id = $2
"""


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """How many went; `deletion_id` brings them back."""

    count: int
    deletion_id: int
    name: str  # of the only one


@dataclass(frozen=True, kw_only=True)
class Restored:
    """How many came back, and how many had no place any more."""

    count: int
    left_out: int


async def delete_entries(
    session: AsyncSession, viewer: Viewer, entry_ids: Sequence[int]
) -> Deleted:
    """All of them or none. Raises OUT_OF_RANGE over a thousand, NOT_FOUND (ids.N)."""
    if not 1 <= len(entry_ids) <= MOST_AT_ONCE:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "ids", min=1, max=MOST_AT_ONCE)
    seen = visible_blacklist_entries(viewer).where(BlacklistEntry.id.in_(set(entry_ids)))
    known = set(await session.scalars(seen.with_only_columns(BlacklistEntry.id)))
    for place, entry_id in enumerate(entry_ids):
        if entry_id not in known:
            raise DomainError(ErrorCode.NOT_FOUND, f"ids.{place}")
    connection = await connection_of(session)
    rows = await take_out(connection, sorted(known))
    name = _called(rows[0]) if len(rows) == 1 else ""
    opt_outs = sum(row["is_opt_out"] for row in rows)
    event = record(
        session,
        viewer,
        "blacklist.deleted",
        rows[0]["id"] if len(rows) == 1 else None,
        name=name,
        count=len(rows),
        opt_outs=opt_outs,
        rows=rows,
    )
    await session.flush()
    return Deleted(count=len(rows), deletion_id=event.id, name=name)


async def restore_entries(session: AsyncSession, viewer: Viewer, deletion_id: int) -> Restored:
    """Those of one deletion of the viewer's own, with their ids. Raises NOT_FOUND (deletionId)."""
    connection = await connection_of(session)
    written = await connection.fetchval(_DELETED, deletion_id, viewer.user_id)
    if written is None:
        raise DomainError(ErrorCode.NOT_FOUND, "deletionId")
    rows = json.loads(written)
    back = await put_back(connection, rows)
    if back:
        record(session, viewer, "blacklist.restored", None, count=back, deletion=deletion_id)
        await session.flush()
    return Restored(count=back, left_out=len(rows) - back)


async def take_out(connection: asyncpg.Connection, entry_ids: Sequence[int]) -> list[Row]:
    """The rows that were there; what they alone had blocked can be dialed again."""
    rows = [json.loads(row[0]) for row in await connection.fetch(_ROWS, list(entry_ids))]
    await connection.execute(_DELETE, [row["id"] for row in rows])
    numbers = sorted({row["number"] for row in rows if row["number"]})
    if numbers:
        await unblock_numbers(connection, numbers)
    return rows


async def put_back(connection: asyncpg.Connection, rows: Sequence[Row]) -> int:
    """How many of the rows have a place still; the others stay out."""
    back = await still_standing(connection, rows)
    before = await _count(connection, back)
    await insert_rows(connection, ENTRIES, back)
    return await _count(connection, back) - before


async def _count(connection: asyncpg.Connection, rows: Sequence[Row]) -> int:
    ids = [row["id"] for row in rows]
    count: int = await connection.fetchval(
        "SELECT count(*) FROM blacklist_entries WHERE id = ANY($1::bigint[])", ids
    )
    return count


def _called(row: Row) -> str:
    return str(row["name"] or row["number"] or row["email"] or "")
