# SPDX-License-Identifier: Apache-2.0
"""Stays that end for a reason from outside the dialing, and the campaign's end (section 4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from server.domain.dialer import FinalReason, FinalRow, close, end_passed
from server.services.dialer.campaigns import DialedCampaign, read_campaign, read_campaigns
from server.services.dialer.connections import Handle, connection_of, use_indexes
from server.services.dialer.entries import ENTRY_COLUMNS, Stay, read_stays
from server.services.dialer.faults import IS_PARKED
from server.services.dialer.waking import tell_campaign
from server.services.dialer.writing import Writing

AT_ONCE = 5_000
_NEXT = f"""
SELECT {ENTRY_COLUMNS} FROM hopper_entries e
WHERE e.id = ANY($1::bigint[]) ORDER BY e.id FOR UPDATE OF e
"""
_WAITING = f"""
SELECT id FROM hopper_entries WHERE campaign_id = $1
  AND state IN ('READY', 'WAIT_NEXT_PHONE', 'WAIT_RETRY', 'WAIT_CALLBACK')
  AND NOT {IS_PARKED} AND ($3::bigint IS NULL OR id = $3) LIMIT $2
"""
_MARK = """
UPDATE hopper_entries e SET close_after_call = u.reason
FROM unnest($1::bigint[], $2::text[]) AS u(id, reason) WHERE e.id = u.id
"""
_END = f"""
UPDATE campaigns SET state = 'ENDED', version = version + 1
WHERE id = $1 AND state IN ('RUNNING', 'PAUSED') AND ends_at <= $2
  AND NOT EXISTS (SELECT 1 FROM hopper_entries
    WHERE campaign_id = $1 AND NOT {IS_PARKED})
RETURNING id
"""
_ENDED = "INSERT INTO events (name, subject_id) VALUES ('campaign.ended', $1)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """How many stays ended, and how many end at the result of the call that is up."""

    closed: int = 0
    in_call: int = 0


async def close_entries(
    handle: Handle,
    reason: FinalReason,
    *,
    campaign_id: int | None = None,
    list_id: int | None = None,
    contact_ids: Sequence[int] | None = None,
    entry_ids: Sequence[int] | None = None,
    now: datetime | None = None,
) -> Closed:
    """Close the stays that meet every condition given; none, where none is.

    A stay in a call is marked and closes with this reason at its result, unless that is an answer.
    """
    given: dict[str, object] = {
        "campaign_id = {}": campaign_id,
        "list_id = {}": list_id,
        "contact_id = ANY({})": None if contact_ids is None else list(contact_ids),
        "id = ANY({})": None if entry_ids is None else list(entry_ids),
    }
    wanted = {condition: value for condition, value in given.items() if value is not None}
    if not wanted:
        return Closed()
    conditions = (condition.format(f"${place}") for place, condition in enumerate(wanted, 1))
    connection = await connection_of(handle)
    await use_indexes(connection)
    ids = await connection.fetch(
        f"SELECT id FROM hopper_entries WHERE {' AND '.join(conditions)}", *wanted.values()
    )

    def closing(stay: Stay, campaign: DialedCampaign) -> FinalRow | None:
        return close(stay.entry, reason, campaign.now)

    return await _close(connection, [row[0] for row in ids], closing, now)


async def close_ended(
    handle: Handle,
    campaign_id: int,
    now: datetime | None = None,
    *,
    limit: int = AT_ONCE,
    entry_id: int | None = None,
) -> Closed:
    """Once the campaign's end has passed: close up to `limit` waiting entries (CAMPAIGN_ENDED).

    When none is open any more but those that are parked the campaign's own state becomes ENDED.
    `entry_id` looks at no other one.
    """
    connection = await connection_of(handle)
    campaign = await read_campaign(connection, campaign_id, now)
    if campaign.settings.ends_at is None or campaign.now < campaign.settings.ends_at:
        return Closed()
    await use_indexes(connection)
    ids = await connection.fetch(_WAITING, campaign_id, limit, entry_id)

    def ending(stay: Stay, campaign: DialedCampaign) -> FinalRow | None:
        return end_passed(stay.entry, campaign.settings, campaign.now)

    closed = await _close(connection, [row[0] for row in ids], ending, campaign.now)
    if await connection.fetchval(_END, campaign_id, campaign.now) is not None:
        await connection.execute(_ENDED, campaign_id)
        await tell_campaign(connection, campaign_id)
    return closed


async def _close(
    connection: asyncpg.Connection,
    ids: list[int],
    closing: Callable[[Stay, DialedCampaign], FinalRow | None],
    now: datetime | None,
) -> Closed:
    closed = in_call = 0
    told: set[int] = set()
    ids.sort()
    for first in range(0, len(ids), AT_ONCE):
        rows = await connection.fetch(_NEXT, ids[first : first + AT_ONCE])
        stays = await read_stays(connection, rows, only_last_phone=True)
        campaigns = await read_campaigns(connection, {stay.campaign_id for stay in stays}, now)
        writing = Writing()
        marked = []
        for stay in stays:
            final = closing(stay, campaigns[stay.campaign_id])
            if final is not None:
                writing.close(stay, final)
                closed += 1
            elif stay.entry.close_after_call is not None:
                marked.append((stay.id, stay.entry.close_after_call.value))
                in_call += 1
        await writing.write(connection)
        if marked:
            await connection.execute(_MARK, *map(list, zip(*marked, strict=True)))
        told |= campaigns.keys()
    for campaign_id in sorted(told):
        await tell_campaign(connection, campaign_id)
    return Closed(closed=closed, in_call=in_call)
