# SPDX-License-Identifier: Apache-2.0
"""What is known of a person beside their data: do-not-call marks, consents and callbacks.

They go with their contact into the trash and come back with it. Meanwhile, and for good once the
contact is purged, the numbers of somebody who opted out stand on the blacklist in the person's
stead: whoever imports them again does not call them (reliability section 5).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import asyncpg

from server.services.contacts.snapshots import CONSENTS, MARKS, TASKS, Row, Snapshot, insert_rows
from server.services.dialer.blocking import unblock_numbers

_SUPPRESS = """
INSERT INTO blacklist_entries (media, number, is_everywhere, is_opt_out, suppressed_for)
SELECT DISTINCT ON (n.number) 'PHONE', n.number, true, true, b.contact_id
FROM blacklist_entries b CROSS JOIN LATERAL (
  SELECT phone FROM contacts WHERE id = b.contact_id AND phone IS NOT NULL
  UNION SELECT number FROM additional_phones WHERE contact_id = b.contact_id
) AS n(number)
WHERE b.contact_id = ANY($1::bigint[]) AND b.is_opt_out ORDER BY n.number
ON CONFLICT DO NOTHING
"""
_BACK = """
DELETE FROM blacklist_entries WHERE suppressed_for = ANY($1::bigint[]) RETURNING number
"""
_FOR_GOOD = """
UPDATE blacklist_entries SET suppressed_for = NULL WHERE suppressed_for = ANY($1::bigint[])
"""
_OPEN = "SELECT id FROM hopper_entries WHERE id = ANY($1::bigint[])"
_NOW = "SELECT to_jsonb(clock_timestamp())#>>'{}'"
# By part: what of a row there must still be, and what may have gone without it.
_NEEDS: dict[str, dict[str, str]] = {
    "marks": {"campaign_id": "campaigns", "list_id": "lists"},
    "consents": {},
    "tasks": {"campaign_id": "campaigns"},
}
_USERS = {
    "marks": ("created_by_id",),
    "consents": ("recorded_by_id",),
    "tasks": ("agent_id", "last_agent_id"),
}
Known = Mapping[str, Collection[int]]


async def suppress(connection: asyncpg.Connection, contact_ids: Sequence[int]) -> None:
    """Before these contacts leave: the numbers of those who opted out as a person."""
    await connection.execute(_SUPPRESS, list(contact_ids))


async def keep_suppressed(connection: asyncpg.Connection, contact_ids: Sequence[int]) -> None:
    """These contacts never come back: their numbers stay, without a hint at whose they were."""
    await connection.execute(_FOR_GOOD, list(contact_ids))


async def restore_kept(
    connection: asyncpg.Connection, snapshots: Sequence[Snapshot], known: Known
) -> None:
    """Once the contacts and their open stays are back.

    A callback whose stay did not come back is closed: nobody would be reminded of it.
    """
    ids = [one["contact"]["id"] for one in snapshots]
    numbers = [row[0] for row in await connection.fetch(_BACK, ids)]
    await insert_rows(connection, MARKS, _rows(snapshots, "marks", known))
    await insert_rows(connection, CONSENTS, _rows(snapshots, "consents", known))
    tasks = list(_rows(snapshots, "tasks", known))
    wanted = [task["entry_id"] for task in tasks if task["entry_id"] is not None]
    there = {row[0] for row in await connection.fetch(_OPEN, wanted)} if wanted else set()
    now: str = await connection.fetchval(_NOW)
    await insert_rows(connection, TASKS, (_without_stay(task, there, now) for task in tasks))
    if numbers:
        await unblock_numbers(connection, numbers)


def _rows(snapshots: Iterable[Snapshot], part: str, known: Known) -> Iterable[Row]:
    for row in (row for one in snapshots for row in one.get(part, ())):
        needs = ((row[column], known[name]) for column, name in _NEEDS[part].items())
        if all(key is None or key in there for key, there in needs):
            gone = [name for name in _USERS[part] if row[name] not in known["users"]]
            yield {**row, **dict.fromkeys(gone)}


def _without_stay(task: Row, there: Collection[int], now: str) -> dict[str, Any]:
    if task["entry_id"] is None or task["entry_id"] in there:
        return task
    return {**task, "entry_id": None, "closed_at": now, "close_reason": "CONTACT_DELETED"}
