# SPDX-License-Identifier: Apache-2.0
"""Marks, consents and callbacks of contacts that become one, and of those that part again (D2).

The stricter one wins: an opt-out of one of them is the merged contact's, a withdrawal ends what
another of them had consented to before it, and undoing gives each back what it brought.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from server.domain.dialer import FinalReason
from server.services.blacklists.blocking import PERSON_STOPPED
from server.services.blacklists.references import still_standing
from server.services.contacts.snapshots import MARKS, Row, Snapshot, insert_rows
from server.services.dialer import close_entries, release_holds
from server.services.tasks import carry_tasks

# One mark a scope survives, the master's own if it has one, as strict as the strictest.
_MARKS = """
WITH ranked AS (
  SELECT id, bool_or(is_everywhere) OVER scope AS everywhere, bool_or(is_opt_out) OVER scope AS out,
    row_number() OVER (PARTITION BY coalesce(campaign_id, 0), coalesce(list_id, 0)
      ORDER BY contact_id = $1 DESC, is_everywhere DESC, is_opt_out DESC, id) AS place
  FROM blacklist_entries WHERE contact_id = ANY($2::bigint[])
  WINDOW scope AS (PARTITION BY coalesce(campaign_id, 0), coalesce(list_id, 0))
), gone AS (DELETE FROM blacklist_entries WHERE id IN (SELECT id FROM ranked WHERE place > 1))
UPDATE blacklist_entries b SET contact_id = $1, is_everywhere = everywhere, is_opt_out = out,
  version = version + 1
FROM ranked WHERE b.id = ranked.id AND place = 1
  AND (b.contact_id, b.is_everywhere, b.is_opt_out) IS DISTINCT FROM ($1, everywhere, out)
"""
_WITHDRAWN = """
UPDATE consents c SET withdrawn_at = w.at FROM (
  SELECT c.id, min(w.withdrawn_at) AS at FROM consents c JOIN consents w
    ON w.contact_id = ANY($1::bigint[]) AND w.contact_id <> c.contact_id
    AND w.matter IN ('', c.matter) AND NOT w.is_objection AND w.withdrawn_at >= c.given_at
  WHERE c.contact_id = ANY($1::bigint[]) AND NOT c.is_objection AND c.withdrawn_at IS NULL
  GROUP BY c.id
) w WHERE c.id = w.id
"""
_CARRY = "UPDATE consents SET contact_id = $1 WHERE contact_id = ANY($2::bigint[])"
_STOPPED = """
SELECT e.id FROM hopper_entries e WHERE e.contact_id = $1 AND ({stopped})
""".format(
    stopped=PERSON_STOPPED.format(
        tenant="e.tenant_id",
        contact="e.contact_id",
        campaign="e.campaign_id",
        list="e.list_id",
        is_callback="e.is_callback",
    )
)
_GIVE_BACK = "UPDATE {table} SET contact_id = $1 WHERE id = ANY($2::bigint[]) AND contact_id = $3"
_AGAIN = """
UPDATE consents SET withdrawn_at = NULL WHERE id = $1 AND withdrawn_at = $2::text::timestamptz
"""
_AS_BEFORE = """
UPDATE blacklist_entries SET is_everywhere = $2, is_opt_out = $3, version = version + 1
WHERE id = $1 AND version = $4
"""
_REOPEN = """
UPDATE scheduled_tasks t SET closed_at = NULL, close_reason = NULL, entry_id = e.id,
  version = t.version + 1
FROM unnest($1::bigint[], $2::bigint[]) AS g(id, entry_id)
JOIN hopper_entries e ON e.id = g.entry_id
WHERE t.id = g.id AND t.close_reason IN ('MERGED', 'BLACKLIST_CONTACT')
"""


async def carry_kept(
    connection: asyncpg.Connection, master_id: int, contact_ids: Sequence[int]
) -> None:
    """Once the open stays are joined, and before the other contacts go.

    Stays that a mark of one of the others stops end at once.
    """
    ids = list(contact_ids)
    await connection.execute(_MARKS, master_id, ids)
    await connection.execute(_WITHDRAWN, ids)
    others = [contact_id for contact_id in ids if contact_id != master_id]
    await connection.execute(_CARRY, master_id, others)
    await carry_tasks(connection, master_id, others)
    await release_holds(connection, contact_ids=[master_id])
    stopped = [row[0] for row in await connection.fetch(_STOPPED, master_id)]
    await close_entries(connection, FinalReason.BLACKLIST_CONTACT, entry_ids=stopped)


async def give_back_kept(
    connection: asyncpg.Connection, before: Sequence[Snapshot], after: Snapshot, now: Snapshot
) -> None:
    """To each contact what it had brought, changed since or not; they are there again.

    What was entered since stays with the master, but for marks: these hold for all of them, as
    nobody knows which of the persons had asked for it.
    """
    master, *others = before
    master_id = master["contact"]["id"]
    for other in others:
        for part, table in (("consents", "consents"), ("tasks", "scheduled_tasks")):
            keys = [row["id"] for row in other.get(part, ())]
            statement = _GIVE_BACK.format(table=table)
            await connection.execute(statement, other["contact"]["id"], keys, master_id)
        await _give_marks(connection, other, master_id)
    known = {row["id"] for one in before for row in one.get("marks", ())}
    for row in (row for row in now.get("marks", ()) if row["id"] not in known):
        copies = ({**row, "id": None, "contact_id": one["contact"]["id"]} for one in others)
        await insert_rows(connection, MARKS, copies)
    await _as_before(connection, before, after)


async def reopen_tasks(connection: asyncpg.Connection, before: Sequence[Snapshot]) -> None:
    """Callbacks that the merge had closed with their stays, once these are back."""
    tasks = [row for one in before for row in one.get("tasks", ()) if row["entry_id"] is not None]
    await connection.execute(
        _REOPEN, [row["id"] for row in tasks], [row["entry_id"] for row in tasks]
    )


async def _give_marks(connection: asyncpg.Connection, other: Snapshot, master_id: int) -> None:
    marks = other.get("marks", ())
    statement = _GIVE_BACK.format(table="blacklist_entries")
    contact_id = other["contact"]["id"]
    await connection.execute(statement, contact_id, [row["id"] for row in marks], master_id)
    # Those that had become part of the master's own.
    await insert_rows(connection, MARKS, await still_standing(connection, marks))


async def _as_before(
    connection: asyncpg.Connection, before: Sequence[Snapshot], after: Snapshot
) -> None:
    """What the merge itself had made stricter, as far as nobody has changed it since."""
    merged = _by_id(after, "marks")
    for row in (row for one in before for row in one.get("marks", ())):
        was = merged.get(row["id"])
        if was is not None and _strictness(was) != _strictness(row):
            await connection.execute(_AS_BEFORE, row["id"], *_strictness(row), was["version"])
    merged = _by_id(after, "consents")
    for row in (row for one in before for row in one.get("consents", ())):
        was = merged.get(row["id"])
        if was is not None and row["withdrawn_at"] is None and was["withdrawn_at"] is not None:
            await connection.execute(_AGAIN, row["id"], was["withdrawn_at"])


def _by_id(document: Mapping[str, Any], part: str) -> dict[int, Row]:
    return {row["id"]: row for row in document.get(part, ())}


def _strictness(row: Row) -> tuple[bool, bool]:
    return row["is_everywhere"], row["is_opt_out"]
