# SPDX-License-Identifier: Apache-2.0
"""Entries that the gate holds back until a moment, and when they are asked for again.

A held entry keeps its `scheduled_at` and has left the lanes of the due. A claim takes back into
them what its moment has come for, the first lanes first and a bounded number at a time. When what
the gate went by changes for a whole campaign, one number of the campaign does, and all its holds
are void: a million of them are not rewritten while somebody saves a form.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from server.domain.gate import GateRule
from server.services.dialer.campaigns import DialedCampaign
from server.services.dialer.connections import Handle, connection_of, use_indexes
from server.services.dialer.lanes import LANES
from server.services.dialer.waking import wake_dialer

FOR_EVER = 2_147_483_647
"""The `hold_version` of holds that no change of settings makes void."""

IN_HELD_ORDER = """ORDER BY e.campaign_id, e.hold_version, e.bucket, e.priority, e.held_until,
        e.scheduled_at, e.id"""
_PLACE = "(e.hold_version, e.bucket, e.priority, e.held_until)"
VERSIONS = f"""
WITH RECURSIVE versions(v) AS (
  (SELECT e.hold_version FROM hopper_entries e
   WHERE e.campaign_id = $1 AND e.held_until IS NOT NULL {IN_HELD_ORDER} LIMIT 1)
  UNION ALL
  SELECT (SELECT e.hold_version FROM hopper_entries e
          WHERE e.campaign_id = $1 AND e.held_until IS NOT NULL AND e.hold_version > versions.v
          {IN_HELD_ORDER} LIMIT 1)
  FROM versions WHERE versions.v IS NOT NULL
)"""
"""SQL: the versions of the holds of campaign $1, seldom more than one, and a last NULL."""


def held_lane(since: str, until: str) -> str:
    """The condition that an entry `e` of campaign $1 is held in `lane`, by a hold of the version
    `versions.v`, from a moment to another."""
    return f"""e.campaign_id = $1 AND e.held_until IS NOT NULL
      AND {_PLACE} >= (versions.v, lane.bucket, lane.priority, {since})
      AND {_PLACE} {until}"""


# $2 now, $3 the campaign's hold_version, $4 how many.
_OVER = f"""CASE WHEN versions.v IN ($3::int, {FOR_EVER}) THEN $2::timestamptz
  ELSE 'infinity'::timestamptz END"""
IS_OVER = held_lane(
    "'-infinity'::timestamptz", f"<= (versions.v, lane.bucket, lane.priority, {_OVER})"
)
"""Its moment has come, or it was held by settings that have changed since."""

_FREE = "held_until = NULL, hold_rule = NULL, hold_evidence = NULL"
_TAKE_BACK = f"""
{VERSIONS}, over AS MATERIALIZED (
  SELECT found.id FROM (VALUES {LANES}) AS lane(bucket, priority)
  CROSS JOIN LATERAL (
    SELECT held.id FROM versions CROSS JOIN LATERAL (
      SELECT e.id FROM hopper_entries e WHERE {IS_OVER} {IN_HELD_ORDER}
      LIMIT $4 FOR UPDATE OF e SKIP LOCKED
    ) held LIMIT $4
  ) found LIMIT $4
)
UPDATE hopper_entries e SET {_FREE} FROM over WHERE e.id = over.id
"""
_HOLD = """
UPDATE hopper_entries e SET held_until = coalesce(u.until, 'infinity'), hold_rule = u.rule,
  hold_evidence = u.evidence::jsonb, hold_version = $5
FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[])
  AS u(id, until, rule, evidence)
WHERE e.id = u.id
"""
_OF_CAMPAIGNS = """
UPDATE campaigns SET hold_version = hold_version + 1
WHERE id = $1 OR id IN (SELECT campaign_id FROM campaign_lists WHERE list_id = $2) RETURNING id
"""
_OF_CONTACTS = f"""
UPDATE hopper_entries e SET {_FREE}
WHERE e.contact_id = ANY($1::bigint[]) AND e.held_until IS NOT NULL AND e.hold_rule <> 'FAULT'
RETURNING e.campaign_id
"""
_OF_ALL = "UPDATE campaigns SET hold_version = hold_version + 1 RETURNING id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why an entry is not looked at, and until when: None while something else has to change."""

    entry_id: int
    rule: GateRule
    until: datetime | None
    evidence: Mapping[str, object] = field(default_factory=dict)


async def release_holds(
    handle: Handle,
    *,
    campaign_id: int | None = None,
    list_id: int | None = None,
    contact_ids: Sequence[int] = (),
) -> None:
    """What the gate went by has changed: these held entries are asked for anew.

    Those of a campaign, of the campaigns that call a list, of contacts; call it after the change,
    in its transaction. Entries that faults have parked stay so (F21).
    """
    connection = await connection_of(handle)
    campaigns = set()
    if campaign_id is not None or list_id is not None:
        campaigns |= {row[0] for row in await connection.fetch(_OF_CAMPAIGNS, campaign_id, list_id)}
    if contact_ids:
        rows = await connection.fetch(_OF_CONTACTS, list(contact_ids))
        campaigns |= {row[0] for row in rows}
    for one in sorted(campaigns):
        await wake_dialer(connection, one)


async def release_every_hold(handle: Handle) -> None:
    """What every campaign of the tenant goes by has changed."""
    connection = await connection_of(handle)
    for row in await connection.fetch(_OF_ALL):
        await wake_dialer(connection, row[0])


async def take_back(connection: asyncpg.Connection, campaign: DialedCampaign, limit: int) -> int:
    """Up to `limit` held entries back into their lanes, those whose time has come or whose holds
    are void, in the order of section 7; how many there were."""
    done = await connection.execute(
        _TAKE_BACK, campaign.id, campaign.now, campaign.hold_version, limit
    )
    return int(done.removeprefix("UPDATE "))


async def hold_entries(connection: asyncpg.Connection, holds: Sequence[Hold], version: int) -> None:
    """Keep entries that this transaction has locked out of their lanes."""
    if not holds:
        return
    await use_indexes(connection)
    await connection.execute(
        _HOLD,
        [hold.entry_id for hold in holds],
        [hold.until for hold in holds],
        [hold.rule.value for hold in holds],
        [json.dumps(dict(hold.evidence)) for hold in holds],
        version,
    )
