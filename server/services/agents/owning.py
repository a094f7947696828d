# SPDX-License-Identifier: Apache-2.0
"""Customers of an agent: obtained by the agent, or given by hand or evenly (R-07 to R-09).

What is owned is given to nobody but its owner. Callbacks have an owner of their own making, and
entries in a call stay whose they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import Campaign
from server.services.agents.moving import tell_desk
from server.services.dialer.connections import connection_of
from server.services.dialer.lanes import CLAIMABLE
from server.services.dialer.waking import wake_dialer
from server.services.events import record
from server.services.visibility import visible_campaigns

MOST_GIVEN = 1_000_000
_FREE = f"e.campaign_id = $1 AND {CLAIMABLE} AND e.owner_id IS NULL AND NOT e.is_callback"
_OWNED = "e.campaign_id = $1 AND e.is_owner_only AND NOT e.is_callback"
# Presses of one agent take turns, so that the most that may be owned is exact; those of two
# agents do not wait for each other, and skip what the other is taking.
_TURN = """
SELECT pg_advisory_xact_lock(
  hashtextextended(format('rubrica.obtain.%s.%s', $1::bigint, $2::bigint), 0))
"""
_OBTAINABLE = """
SELECT c.may_obtain, c.obtained_per_click, c.most_owned FROM campaigns c
JOIN campaign_agents a ON a.campaign_id = c.id AND a.user_id = $2 WHERE c.id = $1
"""
_COUNT_OWNED = f"SELECT count(*) FROM hopper_entries e WHERE {_OWNED} AND e.owner_id = $2"
_OBTAIN = f"""
UPDATE hopper_entries SET owner_id = $2, is_owner_only = true WHERE id IN (
  SELECT e.id FROM hopper_entries e WHERE {_FREE}
  ORDER BY e.scheduled_at, e.id LIMIT $3 FOR UPDATE SKIP LOCKED)
"""
_AGENTS = """
SELECT user_id FROM campaign_agents WHERE campaign_id = $1 AND user_id = ANY($2::bigint[])
"""
_GIVE = f"""
UPDATE hopper_entries e SET owner_id = $2, is_owner_only = true
WHERE e.campaign_id = $1 AND {CLAIMABLE} AND NOT e.is_callback AND e.id = ANY($3::bigint[])
RETURNING e.id
"""
# Whoever owns the fewest comes first and so gets what the division leaves over.
_SPREAD = f"""
WITH agents AS (
  SELECT a.user_id, row_number() OVER (ORDER BY (
    SELECT count(*) FROM hopper_entries e WHERE {_OWNED} AND e.owner_id = a.user_id
  ), a.user_id) - 1 AS place, count(*) OVER () AS agents
  FROM unnest($2::bigint[]) AS a(user_id)
), free AS (
  SELECT e.id FROM hopper_entries e WHERE {_FREE} AND ($3::bigint IS NULL OR e.list_id = $3)
  ORDER BY e.scheduled_at, e.id LIMIT $4 FOR UPDATE SKIP LOCKED
), dealt AS (
  SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM free
), given AS (
  UPDATE hopper_entries e SET owner_id = agents.user_id, is_owner_only = true
  FROM dealt JOIN agents ON dealt.place % agents.agents = agents.place
  WHERE e.id = dealt.id RETURNING e.owner_id
)
SELECT owner_id, count(*) FROM given GROUP BY owner_id
"""
_TAKE_BACK = f"""
WITH taken AS (
  UPDATE hopper_entries e SET owner_id = NULL, is_owner_only = false
  WHERE {_OWNED} AND {CLAIMABLE} AND (e.owner_id = ANY($2::bigint[]) OR e.id = ANY($3::bigint[]))
  RETURNING 1
)
SELECT count(*) FROM taken
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obtained:
    """What a press brought: so many customers, so many owned now, of so many at the most."""

    taken: int
    owned: int
    most_owned: int


async def obtain_contacts(session: AsyncSession, viewer: Viewer, campaign_id: int) -> Obtained:
    """Unassigned customers of the campaign become the agent's, the longest waiting first.

    As many as one press may bring, and no more than the agent may own (R-07): of 20 a press and 50
    owned at the most, an agent with 45 gets 5, and one with 50 none.
    """
    connection = await connection_of(session)
    await connection.execute(_TURN, campaign_id, viewer.user_id)
    row = await connection.fetchrow(_OBTAINABLE, campaign_id, viewer.user_id)
    if row is None:
        raise DomainError(ErrorCode.NOT_FOUND, "campaignId")
    if not row["may_obtain"]:
        raise DomainError(ErrorCode.WRONG_STATE, "campaignId")
    owned: int = await connection.fetchval(_COUNT_OWNED, campaign_id, viewer.user_id)
    wanted = max(0, min(row["obtained_per_click"], row["most_owned"] - owned))
    answer: str = await connection.execute(_OBTAIN, campaign_id, viewer.user_id, wanted)
    taken = int(answer.rpartition(" ")[2])
    if taken:
        record(session, viewer, "campaign.customers_obtained", campaign_id, count=taken)
        await _tell(connection, campaign_id, [viewer.user_id])
    return Obtained(taken=taken, owned=owned + taken, most_owned=row["most_owned"])


async def give_contacts(
    session: AsyncSession, viewer: Viewer, campaign_id: int, agent_id: int, entries: Sequence[int]
) -> int:
    """These open entries of the campaign to one agent, whoever had them before (R-09).

    Entries in a call and callbacks are left alone; the answer counts those that were given.
    """
    connection = await _assigning(session, viewer, campaign_id, [agent_id])
    given = await connection.fetch(_GIVE, campaign_id, agent_id, sorted(set(entries)))
    return await _assigned(session, viewer, campaign_id, {agent_id: len(given)})


async def spread_contacts(
    session: AsyncSession,
    viewer: Viewer,
    campaign_id: int,
    agent_ids: Sequence[int],
    *,
    list_id: int | None = None,
    most: int = MOST_GIVEN,
) -> int:
    """The unassigned over these agents, to each as many as to the others or one more (R-09).

    `list_id`: only those that came with it; `most`: no more than so many in all.
    """
    if not 1 <= most <= MOST_GIVEN:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "most", min=1, max=MOST_GIVEN)
    connection = await _assigning(session, viewer, campaign_id, agent_ids)
    rows = await connection.fetch(_SPREAD, campaign_id, sorted(set(agent_ids)), list_id, most)
    return await _assigned(session, viewer, campaign_id, {row[0]: row[1] for row in rows})


async def take_contacts_back(
    session: AsyncSession,
    viewer: Viewer,
    campaign_id: int,
    *,
    agent_ids: Sequence[int] = (),
    entries: Sequence[int] = (),
) -> int:
    """All customers of these agents, and these entries, are nobody's again."""
    connection = await _campaign(session, viewer, campaign_id)
    count: int = await connection.fetchval(_TAKE_BACK, campaign_id, list(agent_ids), list(entries))
    if count:
        record(session, viewer, "campaign.customers_unassigned", campaign_id, count=count)
        await _tell(connection, campaign_id, agent_ids)
    return count


async def _campaign(session: AsyncSession, viewer: Viewer, campaign_id: int) -> asyncpg.Connection:
    if await session.scalar(visible_campaigns(viewer).where(Campaign.id == campaign_id)) is None:
        raise DomainError(ErrorCode.NOT_FOUND, "campaignId")
    return await connection_of(session)


async def _assigning(
    session: AsyncSession, viewer: Viewer, campaign_id: int, agent_ids: Sequence[int]
) -> asyncpg.Connection:
    """Refuses agents who do not work on the campaign: they would never be called for."""
    connection = await _campaign(session, viewer, campaign_id)
    known = {row[0] for row in await connection.fetch(_AGENTS, campaign_id, list(agent_ids))}
    if not agent_ids:
        raise DomainError(ErrorCode.REQUIRED, "agentIds")
    for place, agent_id in enumerate(agent_ids):
        if agent_id not in known:
            raise DomainError(ErrorCode.NOT_ASSIGNED, f"agentIds.{place}")
    return connection


async def _assigned(
    session: AsyncSession, viewer: Viewer, campaign_id: int, counts: dict[int, int]
) -> int:
    total = sum(counts.values())
    if total:
        given = {str(agent_id): count for agent_id, count in sorted(counts.items())}
        record(
            session, viewer, "campaign.customers_assigned", campaign_id, count=total, agents=given
        )
        await _tell(await connection_of(session), campaign_id, list(counts))
    return total


async def _tell(connection: asyncpg.Connection, campaign_id: int, agent_ids: Sequence[int]) -> None:
    for agent_id in agent_ids:
        await tell_desk(connection, agent_id)
    await wake_dialer(connection, campaign_id)
