# SPDX-License-Identifier: Apache-2.0
"""Lists that come to a campaign, leave it, are replaced or start afresh (sections 6, 9; X-23)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from server.domain.dialer import FinalReason
from server.domain.errors import DomainError, ErrorCode
from server.services.dialer.closing import Closed, close_entries
from server.services.dialer.connections import Handle, begin_loading, connection_of
from server.services.dialer.loading import Loaded, load_contacts, newest_final

# An importer that adds members shares the list's row, whoever attaches the list has it alone: so
# each new member is loaded by the one or by the other, and never by neither.
_SHARE_LIST = "SELECT id FROM contact_lists WHERE id = $1 FOR SHARE"
_HOLD_LISTS = """
SELECT id FROM contact_lists WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE
"""
_CALLED_BY = "SELECT campaign_id FROM campaign_lists WHERE list_id = $1 ORDER BY campaign_id"
_CALLS = "SELECT list_id FROM campaign_lists WHERE campaign_id = $1 ORDER BY list_id"
_ATTACH = """
INSERT INTO campaign_lists (campaign_id, list_id) VALUES ($1, $2) ON CONFLICT DO NOTHING
"""
_DETACH = "DELETE FROM campaign_lists WHERE campaign_id = $1 AND list_id = $2"
_FRESH = """
WITH waiting AS MATERIALIZED (
  SELECT id FROM hopper_entries WHERE campaign_id = $1 AND list_id = $2 AND NOT is_callback
    AND state IN ('READY', 'WAIT_NEXT_PHONE', 'WAIT_RETRY', 'WAIT_CALLBACK')
  ORDER BY id FOR UPDATE
), phones AS (DELETE FROM hopper_phones WHERE entry_id IN (SELECT id FROM waiting))
DELETE FROM hopper_entries WHERE id IN (SELECT id FROM waiting)
"""
_IN_CALL = """
SELECT count(*) FROM hopper_entries
WHERE campaign_id = $1 AND list_id = $2 AND state IN ('DIALING', 'CONNECTED')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """What a list's new start loaded; entries in a call are left as they are."""

    loaded: Loaded
    in_call: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """What left a campaign with its old lists, and what came with the new ones."""

    closed: Closed
    loaded: Loaded


async def load_members(
    handle: Handle, list_id: int, contact_ids: Sequence[int], now: datetime | None = None
) -> Loaded:
    """Load contacts that have just come onto a list into every campaign that calls it (X-23).

    Call it after the members are written, in the same transaction.
    """
    connection = await connection_of(handle)
    await connection.execute(_SHARE_LIST, list_id)
    loaded = Loaded()
    if contact_ids:
        for row in await connection.fetch(_CALLED_BY, list_id):
            loaded += await load_contacts(connection, row[0], list_id, contact_ids, now=now)
    return loaded


async def attach_list(
    handle: Handle, campaign_id: int, list_id: int, now: datetime | None = None
) -> Loaded:
    """Let the campaign call a list; its members are loaded. Attaching again loads what is new."""
    connection = await connection_of(handle)
    if list_id not in await _hold(connection, [list_id]):
        raise DomainError(ErrorCode.NOT_FOUND, "listId")
    await begin_loading(connection, campaign_id)
    await connection.execute(_ATTACH, campaign_id, list_id)
    return await load_contacts(connection, campaign_id, list_id, now=now)


async def detach_list(
    handle: Handle, campaign_id: int, list_id: int, now: datetime | None = None
) -> Closed:
    """The campaign calls the list no longer; the entries that came from it close."""
    connection = await connection_of(handle)
    await _hold(connection, [list_id])
    await connection.execute(_DETACH, campaign_id, list_id)
    return await close_entries(
        connection, FinalReason.LIST_DETACHED, campaign_id=campaign_id, list_id=list_id, now=now
    )


async def replace_lists(
    handle: Handle, campaign_id: int, list_ids: Sequence[int], now: datetime | None = None
) -> Replaced:
    """Make these the campaign's lists; those that leave do so before the duplicate check (h)."""
    connection = await connection_of(handle)
    before = {row[0] for row in await connection.fetch(_CALLS, campaign_id)}
    held = await _hold(connection, [*list_ids, *before])
    for place, list_id in enumerate(list_ids):
        if list_id not in held:
            raise DomainError(ErrorCode.NOT_FOUND, f"listIds.{place}")
    await begin_loading(connection, campaign_id)
    mark = await newest_final(connection, campaign_id)
    closed, in_call, loaded = 0, 0, Loaded()
    for list_id in sorted(before - set(list_ids)):
        left = await detach_list(connection, campaign_id, list_id, now)
        closed, in_call = closed + left.closed, in_call + left.in_call
    for list_id in dict.fromkeys(list_ids):
        if list_id not in before:
            await connection.execute(_ATTACH, campaign_id, list_id)
            loaded += await load_contacts(
                connection, campaign_id, list_id, now=now, left_since=mark
            )
    return Replaced(closed=Closed(closed=closed, in_call=in_call), loaded=loaded)


async def reset_list(
    handle: Handle, campaign_id: int, list_id: int, now: datetime | None = None
) -> Reset:
    """Load a list afresh: what waits is dropped, and a contact's own final results do not stop it.

    History and final results stay. An entry in a call goes on as it is, and so does a callback:
    it was promised to somebody.
    """
    connection = await connection_of(handle)
    await _hold(connection, [list_id])
    await begin_loading(connection, campaign_id)
    if list_id not in {row[0] for row in await connection.fetch(_CALLS, campaign_id)}:
        raise DomainError(ErrorCode.NOT_FOUND, "listId")
    await connection.execute(_FRESH, campaign_id, list_id)
    in_call: int = await connection.fetchval(_IN_CALL, campaign_id, list_id)
    loaded = await load_contacts(connection, campaign_id, list_id, now=now, is_reset=True)
    return Reset(loaded=loaded, in_call=in_call)


async def _hold(connection: asyncpg.Connection, list_ids: Sequence[int]) -> set[int]:
    """Lock lists, always before the campaign's turn to load; answers those that there are."""
    rows = await connection.fetch(_HOLD_LISTS, sorted(set(list_ids)))
    return {row[0] for row in rows}
