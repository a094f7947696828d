# SPDX-License-Identifier: Apache-2.0
"""How many calls a campaign may start now, by its mode, its agents and its abandoned calls.

Asked within the claim's turn (`begin_claiming`), so that what one worker counts as free no other
one has begun to use.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import asyncpg

from server.domain.campaigns.modes import PACED, DialMode
from server.domain.pacing import Floor, abandoned_rate, may_start
from server.services.dialer.campaigns import DialedCampaign
from server.services.dialer.connections import Handle, connection_of

RECENT = 200  # calls that tell how many are answered, and how long they last
MEAN_RING, MEAN_TALK = 15.0, 90.0  # seconds, while no call has told better

# A call that no agent has yet rings, or was answered and waits: those in a call, less those whose
# agent was found and is not connected yet.
_UP = """((SELECT count(*) FROM hopper_entries e
    WHERE e.campaign_id = {campaign} AND e.state = 'DIALING')
  - (SELECT count(*) FROM agent_desks d
     JOIN hopper_entries e ON e.id = d.entry_id AND e.claim_token = d.claim_token
     WHERE d.tenant_id = rubrica_tenant() AND d.campaign_id = {campaign}
       AND d.state IN ('PREVIEWING', 'RINGING', 'TALKING') AND e.state = 'DIALING'))"""
# Agents may serve several campaigns: what rings for another one may take an agent both want.
_FLOOR = f"""
WITH desks AS MATERIALIZED (
  SELECT d.user_id, d.campaign_id,
    CASE WHEN d.state = 'READY' AND d.lease_until < clock_timestamp() THEN 'OFFLINE'
         ELSE d.state END AS state
  FROM campaign_agents a JOIN agent_desks d ON d.user_id = a.user_id WHERE a.campaign_id = $1
), shared AS (
  SELECT a.campaign_id, count(*) AS agents
  FROM desks JOIN campaign_agents a ON a.user_id = desks.user_id
  JOIN campaigns c ON c.id = a.campaign_id
  WHERE desks.state = 'READY' AND a.campaign_id <> $1 AND c.mode = ANY($2::text[])
  GROUP BY a.campaign_id
)
SELECT c.power_level, c.abandoned_cap, c.abandoned_hours, c.wrap_up_seconds,
  (SELECT count(*) FROM desks WHERE state = 'READY') AS ready,
  {_UP.format(campaign="$1")} AS up,
  (SELECT coalesce(sum(least(agents, {_UP.format(campaign="shared.campaign_id")})), 0)::bigint
   FROM shared) AS up_elsewhere,
  (SELECT count(*) FROM desks WHERE state = 'TALKING' AND campaign_id = $1) AS talking,
  (SELECT count(*) FROM desks WHERE state = 'WRAP_UP' AND campaign_id = $1) AS wrapping_up
FROM campaigns c WHERE c.id = $1
"""
# Whether each campaign whose calls this agent may be waited for has more agents than calls.
_SPARED = f"""
SELECT coalesce(bool_and({_UP.format(campaign="c.id")} < (
    SELECT count(*) FROM campaign_agents b JOIN agent_desks d ON d.user_id = b.user_id
    WHERE b.campaign_id = c.id AND d.state = 'READY' AND d.lease_until >= clock_timestamp())), true)
FROM campaign_agents a JOIN campaigns c ON c.id = a.campaign_id
WHERE a.user_id = $1 AND c.mode = ANY($2::text[]) AND c.state IN ('RUNNING', 'PAUSED')
"""
# Whole hours, without the minutes of the first one that have left the window.
_ANSWERS = """
WITH hours AS (
  SELECT coalesce(sum(answered), 0)::bigint AS answered,
    coalesce(sum(abandoned), 0)::bigint AS abandoned
  FROM answer_hours WHERE campaign_id = $1 AND hour >= date_trunc('hour', $2::timestamptz, 'UTC')
), past AS (
  SELECT coalesce(sum(attempts), 0)::bigint AS answered,
    coalesce(sum(attempts) FILTER (WHERE status <> 'ANSWER'), 0)::bigint AS abandoned
  FROM attempt_tallies
  WHERE campaign_id = $1 AND minute >= date_trunc('hour', $2::timestamptz, 'UTC')
    AND minute < date_trunc('minute', $2::timestamptz, 'UTC')
    AND status IN ('ANSWER', 'DROP', 'ABANDONED')
)
SELECT hours.answered - past.answered AS answered, hours.abandoned - past.abandoned AS abandoned
FROM hours, past
"""
_RECENT = """
SELECT count(*) AS calls,
  count(*) FILTER (WHERE status IN ('ANSWER', 'DROP', 'ABANDONED')) AS answers,
  extract(epoch FROM avg(answered_at - started_at))::float AS ring,
  extract(epoch FROM avg(ended_at - connected_at))::float AS talk
FROM (
  SELECT status, started_at, answered_at, connected_at, ended_at FROM call_attempts
  WHERE campaign_id = $1 ORDER BY id DESC LIMIT $2
) newest WHERE status NOT IN ('BLACKLIST', 'LOST')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Calls that a person answered within a window, and those of them that no agent had."""

    answered: int
    abandoned: int

    @property
    def abandoned_rate(self) -> Decimal:
        """Per cent."""
        return abandoned_rate(self.answered, self.abandoned)


async def allowance(connection: asyncpg.Connection, campaign: DialedCampaign, wanted: int) -> int:
    """How many of the calls wanted may start.

    All of them where no agent has to be ready, and where an agent asks for each one: previews,
    and agents whose telephone rings first.
    """
    if campaign.mode not in PACED:
        return wanted
    row = await connection.fetchrow(_FLOOR, campaign.id, sorted(PACED))
    if not row["ready"] and (campaign.mode is not DialMode.PREDICTIVE or not _busy(row)):
        return 0
    answers = await read_answers(connection, campaign.id, row["abandoned_hours"], campaign.now)
    recent = {"calls": 0, "answers": 0, "ring": None, "talk": None}
    if campaign.mode is DialMode.PREDICTIVE:
        recent = await connection.fetchrow(_RECENT, campaign.id, RECENT)
    floor = Floor(
        ready=row["ready"],
        up=row["up"] + row["up_elsewhere"],
        talking=row["talking"],
        wrapping_up=row["wrapping_up"],
        mean_ring=recent["ring"] or MEAN_RING,
        mean_talk=recent["talk"] or MEAN_TALK,
        mean_wrap_up=float(row["wrap_up_seconds"]),
        # Those who talk now have answered, and stand in the history only when they are done.
        recent_calls=recent["calls"] + row["talking"],
        recent_answers=recent["answers"] + row["talking"],
        answered=answers.answered,
        abandoned=answers.abandoned,
    )
    return min(wanted, may_start(campaign.mode, row["power_level"], row["abandoned_cap"], floor))


async def is_spared(connection: asyncpg.Connection, user_id: int) -> bool:
    """Whether a ready agent can be given other work, and no call that is up will miss them."""
    spared: bool = await connection.fetchval(_SPARED, user_id, sorted(PACED))
    return spared


async def read_answers(handle: Handle, campaign_id: int, hours: int, now: datetime) -> Answers:
    """Of the last so many hours of the campaign's clock, to the minute."""
    connection = await connection_of(handle)
    row = await connection.fetchrow(_ANSWERS, campaign_id, now - timedelta(hours=hours))
    return Answers(answered=row["answered"], abandoned=row["abandoned"])


def _busy(row: asyncpg.Record) -> bool:
    return bool(row["talking"] or row["wrapping_up"])
