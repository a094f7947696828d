# SPDX-License-Identifier: Apache-2.0
"""Live figures of campaigns and of the centre, each from a few indexed looks."""

import json
from collections.abc import Mapping

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.agents import AgentState
from server.domain.campaigns import CampaignState
from server.domain.campaigns.modes import DialMode
from server.domain.live import CampaignDetails, CampaignLive, CentreLive
from server.domain.permissions import Role, Viewer
from server.models import Campaign
from server.services.dialer.campaigns import CLOCK, read_campaigns
from server.services.dialer.connections import connection_of
from server.services.dialer.pacing import read_answers
from server.services.visibility import visible_campaigns

SHOWN = (CampaignState.RUNNING.value, CampaignState.PAUSED.value)
MINUTES = 60
# A desk without a heartbeat is nobody's; who never sat down has none.
_STATE = """CASE WHEN d.state IS NULL OR d.state = 'READY' AND d.lease_until < clock_timestamp()
  THEN 'OFFLINE' ELSE d.state END"""
_CAMPAIGNS = f"""
SELECT c.id, c.state, c.mode, c.simultaneous_lines AS lines, {CLOCK} AS now, c.abandoned_cap,
  c.abandoned_hours,
  (SELECT count(*) FROM hopper_entries e
   WHERE e.campaign_id = c.id AND e.state IN ('DIALING', 'CONNECTED')) AS calls_up,
  (SELECT count(*) FROM hopper_entries e
   WHERE e.campaign_id = c.id AND e.hold_rule = 'FAULT') AS faults,
  (SELECT json_object_agg(state, agents) FROM (
     SELECT {_STATE} AS state, count(*) AS agents
     FROM campaign_agents a JOIN users u ON u.id = a.user_id AND u.is_active
     LEFT JOIN agent_desks d ON d.user_id = a.user_id
     WHERE a.campaign_id = c.id GROUP BY 1) found)::text AS agents
FROM campaigns c WHERE c.id = ANY($1::bigint[]) ORDER BY c.name_key
"""
_DESKS = f"""
SELECT {_STATE} AS state, count(*) AS agents FROM agent_desks d JOIN users u ON u.id = d.user_id
WHERE u.is_active AND ($1::bigint[] IS NULL OR d.user_id IN
  (SELECT user_id FROM campaign_agents WHERE campaign_id = ANY($1::bigint[])))
GROUP BY 1
"""
_HOPPER = "SELECT state, count(*) FROM hopper_entries WHERE campaign_id = $1 GROUP BY 1"
_MINUTES = """
SELECT minute, json_object_agg(status, attempts)::text FROM attempt_tallies
WHERE campaign_id = $1 GROUP BY 1 ORDER BY 1 DESC LIMIT $2
"""


async def read_campaign_live(
    session: AsyncSession, viewer: Viewer, campaign_id: int
) -> CampaignDetails | None:
    """None where the viewer sees no such campaign."""
    wanted = visible_campaigns(viewer).with_only_columns(Campaign.id)
    if await session.scalar(wanted.where(Campaign.id == campaign_id)) is None:
        return None
    connection = await connection_of(session)
    [row] = await connection.fetch(_CAMPAIGNS, [campaign_id])
    hopper = await connection.fetch(_HOPPER, campaign_id)
    minutes = await connection.fetch(_MINUTES, campaign_id, MINUTES)
    return CampaignDetails(
        live=await _live(connection, row, await _dialing(connection, [campaign_id])),
        hopper={found["state"]: found["count"] for found in hopper},
        minutes=tuple((minute, json.loads(counts)) for minute, counts in reversed(minutes)),
    )


async def read_centre_live(session: AsyncSession, viewer: Viewer) -> CentreLive:
    """Of the campaigns that the viewer sees; an agent sees the desks of these."""
    wanted = visible_campaigns(viewer).with_only_columns(Campaign.id)
    ids = list(await session.scalars(wanted.where(Campaign.state.in_(SHOWN))))
    connection = await connection_of(session)
    rows = await connection.fetch(_CAMPAIGNS, ids)
    dialing = await _dialing(connection, ids)
    desks = await connection.fetch(_DESKS, ids if viewer.role is Role.AGENT else None)
    return CentreLive(
        campaigns=tuple([await _live(connection, row, dialing) for row in rows]),
        agents=_agents({row["state"]: row["agents"] for row in desks}),
    )


async def _dialing(connection: asyncpg.Connection, ids: list[int]) -> frozenset[int]:
    """Those that may call now."""
    campaigns = await read_campaigns(connection, ids)
    return frozenset(key for key, campaign in campaigns.items() if campaign.dials)


async def _live(
    connection: asyncpg.Connection, row: asyncpg.Record, dialing: frozenset[int]
) -> CampaignLive:
    answers = await read_answers(connection, row["id"], row["abandoned_hours"], row["now"])
    return CampaignLive(
        campaign_id=row["id"],
        state=CampaignState(row["state"]),
        mode=DialMode(row["mode"]),
        calls_up=row["calls_up"],
        lines=row["lines"],
        agents=_agents(json.loads(row["agents"] or "{}")),
        answered=answers.answered,
        abandoned=answers.abandoned,
        cap=row["abandoned_cap"],
        cap_hours=row["abandoned_hours"],
        faults=row["faults"],
        is_dialing=row["id"] in dialing,
    )


def _agents(found: Mapping[str, int]) -> dict[AgentState, int]:
    """In the states' own order."""
    return {state: found[state.value] for state in AgentState if state.value in found}
