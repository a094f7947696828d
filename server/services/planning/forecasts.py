# SPDX-License-Identifier: Apache-2.0
"""What a campaign's hopper holds for the next hours, counted by the database in one look."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.campaigns.forecasts import (
    LONGEST_HOURS,
    Course,
    calls_per_hour,
    course,
    edges,
)
from server.domain.campaigns.modes import DialMode
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import Campaign
from server.services.dialer.campaigns import DialedCampaign, read_campaign
from server.services.dialer.connections import connection_of
from server.services.dialer.holds import FOR_EVER
from server.services.dialer.lanes import CLAIMABLE
from server.services.visibility import visible_campaigns

_MINUTE, _SECOND = timedelta(minutes=1), timedelta(seconds=1)
RECENT = 1000  # calls that tell how long one lasts
# A hold counts while it is of the campaign's present rules; one without end stands apart. Entries
# are first counted by the minute (or second, $5), which is quick, and only those counts are put
# between the $2 moments.
_DUE = f"""
WITH waiting AS (
  SELECT CASE WHEN e.held_until IS NOT NULL AND e.hold_version IN ($3::int, {FOR_EVER})
    THEN greatest(e.held_until, e.scheduled_at) ELSE e.scheduled_at END AS due
  FROM hopper_entries e WHERE e.campaign_id = $1 AND {CLAIMABLE}
), counted AS (
  SELECT date_bin($5::interval, due, timestamptz '2000-01-01 00:00Z') AS due,
    count(*) AS entries, count(*) FILTER (WHERE due <= $4::timestamptz) AS past
  FROM waiting GROUP BY 1
)
SELECT CASE WHEN due = 'infinity' THEN -1 ELSE width_bucket(due, $2::timestamptz[]) END AS place,
  sum(entries)::bigint AS entries, sum(past)::bigint AS past
FROM counted GROUP BY 1
"""
_MEANS = """
SELECT c.simultaneous_lines, c.power_level::float, c.wrap_up_seconds, c.originate_timeout,
  c.hold_version,
  (SELECT count(*) FROM campaign_agents a JOIN users u ON u.id = a.user_id
   WHERE a.campaign_id = c.id AND u.is_active) AS agents,
  (SELECT count(*) FROM hopper_entries e
   WHERE e.campaign_id = c.id AND e.state IN ('DIALING', 'CONNECTED')) AS in_call,
  recent.seconds, recent.answered
FROM campaigns c CROSS JOIN LATERAL (
  SELECT extract(epoch FROM avg(ended_at - started_at))::float AS seconds,
    (count(*) FILTER (WHERE status = 'ANSWER'))::float / nullif(count(*), 0) AS answered
  FROM (SELECT started_at, ended_at, status FROM call_attempts
        WHERE campaign_id = c.id AND status NOT IN ('BLACKLIST', 'LOST')
        ORDER BY id DESC LIMIT $2) newest
) recent WHERE c.id = $1
"""


class CapacityUnit(StrEnum):
    """What a campaign's pace depends on."""

    LINES = "LINES"  # calls end in the exchange: as many as lines are free
    AGENTS = "AGENTS"  # the agents who are assigned
    GIVEN = "GIVEN"  # calls an hour that were asked about


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """`held` are held without end, `later` comes due after the last hour."""

    campaign_id: int
    now: datetime
    course: Course
    open: int
    due_now: int
    held: int
    later: int
    in_call: int
    unit: CapacityUnit
    units: int
    calls_per_hour: float


async def forecast(
    session: AsyncSession,
    viewer: Viewer,
    campaign_id: int,
    *,
    hours: int = 72,
    capacity: int | None = None,
    now: datetime | None = None,
) -> Forecast:
    """From the campaign's clock on; `capacity` is a pace to think of, in calls an hour."""
    if not 1 <= hours <= LONGEST_HOURS:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "hours", min=1, max=LONGEST_HOURS)
    if capacity is not None and capacity < 0:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "capacity", min=0)
    may_see = visible_campaigns(viewer).with_only_columns(Campaign.id)
    if await session.scalar(select(may_see.where(Campaign.id == campaign_id).exists())) is not True:
        raise DomainError(ErrorCode.NOT_FOUND, "campaignId")
    connection = await connection_of(session)
    campaign = await read_campaign(connection, campaign_id, now)
    settings = campaign.settings
    means = await connection.fetchrow(_MEANS, campaign_id, RECENT)
    moments = edges(campaign.now, hours, settings.window, settings.ends_at)
    step = _MINUTE if all(one.second == one.microsecond == 0 for one in moments[1:]) else _SECOND
    rows = await connection.fetch(
        _DUE, campaign_id, moments, means["hold_version"], campaign.now, step
    )
    found: dict[int, int] = {row["place"]: row["entries"] for row in rows}
    due = [found.get(place, 0) for place in range(len(moments))]
    # The minute that it is now has begun before, and goes on.
    due_now = sum(row["past"] for row in rows if row["place"] >= 0)
    due[1] += due[0] - due_now
    due[0] = due_now
    unit, units, pace = _pace(campaign, means)
    if capacity is not None:
        unit, units, pace = CapacityUnit.GIVEN, 1, float(capacity)
    return Forecast(
        campaign_id=campaign_id,
        now=campaign.now,
        course=course(moments, due, settings.window, settings.ends_at, pace),
        open=sum(found.values()),
        due_now=due_now,
        held=found.get(-1, 0),
        later=found.get(len(moments), 0),
        in_call=means["in_call"],
        unit=unit,
        units=units,
        calls_per_hour=pace,
    )


def _pace(campaign: DialedCampaign, means: asyncpg.Record) -> tuple[CapacityUnit, int, float]:
    """By the calls that were made last; before the first one each rings out."""
    seconds = means["seconds"] or float(means["originate_timeout"])
    lines = calls_per_hour(means["simultaneous_lines"], seconds)
    if campaign.mode is DialMode.DIRECT:
        return CapacityUnit.LINES, means["simultaneous_lines"], lines
    level = means["power_level"] if campaign.mode is DialMode.POWER else 1.0
    by_agents = calls_per_hour(
        means["agents"],
        seconds,
        answered=means["answered"] or 0.0,
        wrap_up=float(means["wrap_up_seconds"]),
        level=level,
    )
    return CapacityUnit.AGENTS, means["agents"], min(lines, by_agents)
