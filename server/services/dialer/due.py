# SPDX-License-Identifier: Apache-2.0
"""When a campaign has something to do next, so that nobody has to look all the time."""

from datetime import datetime

import asyncpg

from server.domain.campaigns import CampaignState
from server.services.dialer.campaigns import DialedCampaign, read_campaign
from server.services.dialer.connections import Handle, connection_of, use_indexes
from server.services.dialer.holds import FOR_EVER, IN_HELD_ORDER, IS_OVER, VERSIONS, held_lane
from server.services.dialer.lanes import EVER, IN_ORDER, LANES, lane

_DUE = lane(EVER, "<= (lane.bucket, lane.priority, $2)")
_LATER = lane("$2", "<= (lane.bucket, lane.priority, 'infinity')")
# Lane by lane, as claims look: each answers from the index with its first entry.
_NEXT = f"""
SELECT min(e.scheduled_at) FILTER (WHERE e.scheduled_at > $2) AS later,
  bool_or(e.scheduled_at <= $2) AS is_due
FROM (VALUES {LANES}) AS lane(bucket, priority)
CROSS JOIN LATERAL (
  (SELECT e.scheduled_at FROM hopper_entries e WHERE {_DUE} {IN_ORDER} LIMIT 1)
  UNION ALL
  (SELECT e.scheduled_at FROM hopper_entries e WHERE {_LATER} AND e.scheduled_at > $2
   {IN_ORDER} LIMIT 1)
) e
"""
_HELD_LATER = held_lane(
    "$2::timestamptz", "< (versions.v, lane.bucket, lane.priority, 'infinity'::timestamptz)"
)
_NEXT_HELD = f"""
{VERSIONS}
SELECT min(e.held_until) FILTER (WHERE NOT e.is_over) AS later, bool_or(e.is_over) AS is_over
FROM versions CROSS JOIN (VALUES {LANES}) AS lane(bucket, priority)
CROSS JOIN LATERAL (
  (SELECT e.held_until, true AS is_over FROM hopper_entries e WHERE {IS_OVER}
   {IN_HELD_ORDER} LIMIT 1)
  UNION ALL
  (SELECT e.held_until, false FROM hopper_entries e
   WHERE versions.v IN ($3::int, {FOR_EVER}) AND {_HELD_LATER} AND e.held_until > $2
   {IN_HELD_ORDER} LIMIT 1)
) e
"""


async def next_moment(
    handle: Handle, campaign_id: int, now: datetime | None = None
) -> datetime | None:
    """The next moment, later than now, at which the campaign has something to do.

    An entry comes due or its hold is over, the window opens for one that is, the campaign starts,
    or the end passes for all that wait. One that is due while the window is open waits for a line,
    for its number or for an agent: no moment frees these. Those of one agent alone are not looked
    at, as that agent's claims ask for them. None when nothing is to come, or while the campaign
    does not run.
    """
    connection = await connection_of(handle)
    await use_indexes(connection)
    campaign = await read_campaign(connection, campaign_id, now)
    if campaign.state is not CampaignState.RUNNING:
        return None
    later, is_due = await _waiting(connection, campaign)
    settings, moments = campaign.settings, []
    if later is not None:
        moments.append(_open(campaign, later))
    if is_due:
        moments.append(_open(campaign, campaign.now))
    if settings.ends_at is not None and (later is not None or is_due):
        moments.append(settings.ends_at)
    return min((moment for moment in moments if moment > campaign.now), default=None)


async def _waiting(
    connection: asyncpg.Connection, campaign: DialedCampaign
) -> tuple[datetime | None, bool]:
    """The first moment to come at which an entry is due, and whether one is now."""
    row = await connection.fetchrow(_NEXT, campaign.id, campaign.now)
    held = await connection.fetchrow(_NEXT_HELD, campaign.id, campaign.now, campaign.hold_version)
    later = min((found["later"] for found in (row, held) if found["later"]), default=None)
    return later, bool(row["is_due"] or held["is_over"])


def _open(campaign: DialedCampaign, moment: datetime) -> datetime:
    """The first moment, not before this one, within the campaign's start and hours."""
    settings = campaign.settings
    if campaign.starts_at is not None:
        moment = max(moment, campaign.starts_at)
    return moment if settings.window is None else settings.window.next_open(moment)
