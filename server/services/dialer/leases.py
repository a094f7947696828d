# SPDX-License-Identifier: Apache-2.0
"""Claims over time: confirmed, kept alive, given back, or lost (section 11, reliability F10)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from server.domain.dialer import expire_lease
from server.services.dialer.campaigns import read_campaigns
from server.services.dialer.connections import Handle, connection_of, use_indexes
from server.services.dialer.entries import (
    ENTRY_COLUMNS,
    HELD_LOCKED,
    Claim,
    Stay,
    columns_of,
    read_stays,
)
from server.services.dialer.reporting import numbers_for, settle
from server.services.dialer.writing import Writing

_CONFIRM = f"""
UPDATE hopper_entries e SET is_originate_confirmed = true
FROM (SELECT e.id FROM {HELD_LOCKED}) held WHERE e.id = held.id RETURNING e.id, e.claim_token
"""
_EXTEND = f"""
UPDATE hopper_entries e SET is_originate_confirmed = true,
  lease_until = clock_timestamp() + make_interval(secs =>
    (SELECT c.originate_timeout + c.queue_timeout + 60 FROM campaigns c
     WHERE c.id = e.campaign_id))
FROM (SELECT e.id FROM {HELD_LOCKED}) held WHERE e.id = held.id RETURNING e.id, e.claim_token
"""
# Whatever the lease: nobody else has taken the entry.
_UNCONFIRMED = f"""
SELECT {ENTRY_COLUMNS} FROM unnest($1::bigint[], $2::uuid[]) AS claim(id, token)
CROSS JOIN LATERAL (
  SELECT e.* FROM hopper_entries e
  WHERE e.id >= claim.id AND e.id <= claim.id AND e.claim_token = claim.token
    AND e.state = 'DIALING' AND NOT e.is_originate_confirmed
  ORDER BY e.id FOR UPDATE OF e
) e
"""
# Found first, then each by its own key: joined and sorted, every entry's key would be walked.
EXPIRED_LOCKED = f"""
WITH expired AS MATERIALIZED (
  SELECT id FROM hopper_entries
  WHERE state IN ('DIALING', 'CONNECTED') AND lease_until < clock_timestamp()
    AND ($2::bigint IS NULL OR id = $2)
  LIMIT $1
)
SELECT {ENTRY_COLUMNS} FROM (SELECT id FROM expired ORDER BY id) found
CROSS JOIN LATERAL (
  SELECT e.* FROM hopper_entries e
  WHERE e.id >= found.id AND e.id <= found.id
    AND e.state IN ('DIALING', 'CONNECTED') AND e.lease_until < clock_timestamp()
  ORDER BY e.id FOR UPDATE OF e SKIP LOCKED
) e
"""


EXPIRED = """
SELECT id FROM hopper_entries
WHERE state IN ('DIALING', 'CONNECTED') AND lease_until < clock_timestamp() LIMIT 500
"""
"""The entries that `reap` would look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A call whose result nobody reported while its lease ran."""

    entry_id: int
    campaign_id: int
    was_confirmed: bool  # somebody's telephone may have rung: it counts as an attempt


async def confirm_originate(handle: Handle, claims: Sequence[Claim]) -> set[Claim]:
    """The driver took these calls on. Answers those that are still the caller's."""
    return await _update(handle, _CONFIRM, claims)


async def heartbeat(handle: Handle, claims: Sequence[Claim]) -> set[Claim]:
    """These calls are still up: their leases begin anew. Answers as `confirm_originate`."""
    return await _update(handle, _EXTEND, claims)


async def release(handle: Handle, claims: Sequence[Claim], now: datetime | None = None) -> int:
    """Give back claims that were never originated, as a worker that stops does; no history."""
    connection = await connection_of(handle)
    await use_indexes(connection)
    rows = await connection.fetch(_UNCONFIRMED, *columns_of(claims))
    await _expire(connection, await read_stays(connection, rows), now, recorded=False)
    return len(rows)


async def reap(
    handle: Handle,
    now: datetime | None = None,
    *,
    limit: int = 500,
    entry_id: int | None = None,
) -> list[Lost]:
    """End the claims whose leases have run out by the database's clock, of every campaign.

    Unconfirmed ones are due again at once; confirmed ones count as a CONGESTION. `entry_id` looks
    at no other one.
    """
    connection = await connection_of(handle)
    await use_indexes(connection)
    stays = await read_stays(connection, await connection.fetch(EXPIRED_LOCKED, limit, entry_id))
    lost = [
        Lost(entry_id=stay.id, campaign_id=stay.campaign_id, was_confirmed=stay.is_confirmed)
        for stay in stays
    ]
    await _expire(connection, stays, now, recorded=True)
    return lost


async def _expire(
    connection: asyncpg.Connection, stays: list[Stay], now: datetime | None, *, recorded: bool
) -> None:
    if not stays:
        return
    campaigns = await read_campaigns(connection, {stay.campaign_id for stay in stays}, now)
    numbers = await numbers_for(connection, stays, campaigns)
    writing = Writing()
    for stay in stays:
        campaign = campaigns[stay.campaign_id]
        listed = numbers.get(stay.contact_id)
        outcome = expire_lease(
            stay.entry,
            campaign.settings,
            campaign.now,
            confirmed=stay.is_confirmed and recorded,
            relist=None if listed is None else listed.phones,
        )
        if recorded:
            told = json.dumps({"isConfirmed": stay.is_confirmed})
            writing.record(stay, outcome.history, campaign, told=told)
        settle(writing, stay, outcome, campaign, listed)
    await writing.write(connection)


async def _update(handle: Handle, statement: str, claims: Sequence[Claim]) -> set[Claim]:
    connection = await connection_of(handle)
    await use_indexes(connection)
    return {(row[0], row[1]) for row in await connection.fetch(statement, *columns_of(claims))}
