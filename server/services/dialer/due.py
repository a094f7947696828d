# SPDX-License-Identifier: Apache-2.0
"""When a campaign has something to do next, so that nobody has to look all the time."""

from datetime import datetime

from server.domain.campaigns import CampaignState
from server.services.dialer.campaigns import read_campaign
from server.services.dialer.connections import Handle, connection_of, use_indexes
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


async def next_moment(
    handle: Handle, campaign_id: int, now: datetime | None = None
) -> datetime | None:
    """The next moment, later than now, at which the campaign has something to do.

    An entry comes due, the window opens for one that is, or the end passes for all that wait. One
    that is due while the window is open waits for a line or its number: a result frees these, no
    moment does. None when nothing is to come, or while the campaign does not run.
    """
    connection = await connection_of(handle)
    await use_indexes(connection)
    campaign = await read_campaign(connection, campaign_id, now)
    if campaign.state is not CampaignState.RUNNING:
        return None
    row = await connection.fetchrow(_NEXT, campaign_id, campaign.now)
    settings, later, moments = campaign.settings, row["later"], []
    if later is not None:
        moments.append(later if settings.window is None else settings.window.next_open(later))
    if row["is_due"] and settings.window is not None:
        moments.append(settings.window.next_open(campaign.now))
    if settings.ends_at is not None and (later is not None or row["is_due"]):
        moments.append(settings.ends_at)
    return min((moment for moment in moments if moment > campaign.now), default=None)
