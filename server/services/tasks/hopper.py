# SPDX-License-Identifier: Apache-2.0
"""A scheduled task's stay in the hopper: one entry with one number, dialed first (section 4)."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from server.domain.dialer import IN_CALL, EntryPhone, become_callback
from server.domain.errors import DomainError, ErrorCode
from server.domain.tasks import OWNED
from server.services.dialer.campaigns import DialedCampaign
from server.services.dialer.connections import begin_loading
from server.services.dialer.entries import ENTRY_COLUMNS, Stay, read_stays
from server.services.dialer.writing import Writing

_OPEN = f"""
SELECT {ENTRY_COLUMNS} FROM hopper_entries e
WHERE e.contact_id = $2 AND e.campaign_id = $1 FOR UPDATE OF e
"""
_OWNED = ", ".join(f"'{preference.value}'" for preference in sorted(OWNED))
_OWNER = f"t.agent_id, t.preference IN ({_OWNED})"
# A stay keeps its list only while the campaign calls that: with the list it would leave again.
_LIST = """(SELECT m.list_id FROM list_members m
   JOIN campaign_lists l ON l.list_id = m.list_id AND l.campaign_id = t.campaign_id
   WHERE m.contact_id = t.contact_id ORDER BY m.list_id = $2 DESC NULLS LAST, m.list_id LIMIT 1)"""
# Never unique: who is open as a callback is found by the duplicate check all the same, and a
# promise is not refused because another contact has the number.
_ENTER = f"""
WITH chosen AS MATERIALIZED (
  SELECT DISTINCT ON (campaign_id, contact_id) * FROM scheduled_tasks
  WHERE id = ANY($1::bigint[]) ORDER BY campaign_id, contact_id, id DESC
), entered AS (
  INSERT INTO hopper_entries (campaign_id, contact_id, list_id, state, bucket, priority,
    scheduled_at, current_number, primary_number, is_unique, owner_id, is_owner_only,
    is_callback, callback_at, callback_until, callback_unique_id)
  SELECT t.campaign_id, t.contact_id, {_LIST}, 'WAIT_CALLBACK', 1, c.priority, t.starts_at,
    t.number, c.phone, false, {_OWNER}, true, t.starts_at, t.ends_at, t.unique_id
  FROM chosen t JOIN contacts c ON c.id = t.contact_id ORDER BY t.id
  ON CONFLICT DO NOTHING RETURNING id, campaign_id, contact_id, current_number
), phones AS (
  INSERT INTO hopper_phones (entry_id, number, phone_id, item_type_name, position)
  SELECT e.id, e.current_number, p.id, i.name, 0 FROM entered e
  LEFT JOIN additional_phones p ON p.contact_id = e.contact_id AND p.number = e.current_number
  LEFT JOIN contact_item_types i ON i.id = p.item_type_id
)
UPDATE scheduled_tasks t SET entry_id = e.id, closed_at = NULL, close_reason = NULL
FROM entered e JOIN chosen USING (campaign_id, contact_id)
WHERE t.id = chosen.id RETURNING t.id
"""
_FOLLOW = f"""
UPDATE hopper_entries e SET owner_id = o.owner_id, is_owner_only = o.is_only, is_callback = true,
  callback_at = o.starts_at, callback_until = o.ends_at, callback_unique_id = o.unique_id
FROM (SELECT t.entry_id, t.starts_at, t.ends_at, t.unique_id, {_OWNER}
      FROM scheduled_tasks t WHERE t.id = ANY($1::bigint[]))
  AS o(entry_id, starts_at, ends_at, unique_id, owner_id, is_only)
WHERE e.id = o.entry_id
"""


async def hold_stay(
    connection: asyncpg.Connection, campaign_id: int, contact_id: int
) -> Stay | None:
    """The contact's open stay, locked, and the campaign's turn to load with it.

    Always before the task's own row, as whoever closes a stay takes them in this order too.
    """
    await begin_loading(connection, campaign_id)
    rows = await connection.fetch(_OPEN, campaign_id, contact_id)
    stays = await read_stays(connection, rows)
    return stays[0] if stays else None


def check_waiting(stay: Stay | None, field: str) -> None:
    """Nobody changes what a call that is up goes by."""
    if stay is not None and stay.entry.state in IN_CALL:
        raise DomainError(ErrorCode.WRONG_STATE, field, state=stay.entry.state)


async def enter(
    connection: asyncpg.Connection, task_ids: Sequence[int], list_id: int | None = None
) -> list[int]:
    """Give tasks without one a stay of their own; answers those that have one now.

    The contact stays open elsewhere: an entry that is in the campaign already is left alone.
    `list_id` is the list that the call came with.
    """
    rows = await connection.fetch(_ENTER, list(task_ids), list_id)
    return [row[0] for row in rows]


async def turn(
    connection: asyncpg.Connection,
    stay: Stay,
    campaign: DialedCampaign,
    phone: EntryPhone,
    at: datetime,
) -> None:
    """The contact's open stay becomes the callback, with this number only (section 6 row 11)."""
    become_callback(stay.entry, phone, at)
    writing = Writing()
    writing.change(stay, campaign)
    await writing.write(connection)


async def follow(connection: asyncpg.Connection, task_ids: Sequence[int]) -> None:
    """Take over who is to call, and from when until when, into the stays of these tasks."""
    await connection.execute(_FOLLOW, list(task_ids))
