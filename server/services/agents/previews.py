# SPDX-License-Identifier: Apache-2.0
"""A customer shown before the call: which number, why this one, and whether to dial (X-38, X-39).

A preview is a claim that the agent holds: nobody else gets the customer, the number shown is the
number dialed, and nothing counts until a telephone rings.
"""

import uuid
from datetime import timedelta

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.agents import AgentState
from server.domain.campaigns.modes import DialMode
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.text import clean
from server.services.agents.leases import PREVIEW_LEASE
from server.services.agents.moving import AT_REST, NO_CALL, moving
from server.services.dialer.campaigns import read_campaign
from server.services.dialer.claiming import claim
from server.services.dialer.connections import connection_of
from server.services.dialer.leases import release
from server.services.dialer.waking import wake_dialer
from server.services.events import record

LONGEST_REASON = 200
SKIPPED_FOR = 10  # minutes after which somebody who was skipped is offered again
LONGEST_SKIP = 7 * 24 * 60
_MINE = """
SELECT c.id FROM campaign_agents a JOIN campaigns c ON c.id = a.campaign_id
WHERE a.user_id = $1 AND c.mode = $2 AND c.state = 'RUNNING'
  AND ($3::bigint IS NULL OR c.id = $3)
ORDER BY c.name_key, c.id
"""
_HOLD = f"""
UPDATE hopper_entries SET agent_id = $2,
  lease_until = clock_timestamp() + make_interval(secs => {PREVIEW_LEASE})
WHERE id = $1
"""
_SHOW = moving(
    """state = 'PREVIEWING', stage = 'PREVIEW', campaign_id = $2, entry_id = $3, claim_token = $4,
    contact_id = $5, number = $6, unique_id = NULL, attempt_id = NULL""",
    "d.user_id = $1 AND d.state = 'READY' AND d.lease_until >= clock_timestamp()",
)
_DIAL = moving(
    "state = 'RINGING', stage = 'ORDERED'",
    """d.user_id = $1 AND d.state = 'PREVIEWING' AND EXISTS (
      SELECT 1 FROM hopper_entries e WHERE e.id = d.entry_id AND e.claim_token = d.claim_token
        AND e.state = 'DIALING' AND e.lease_until >= clock_timestamp())""",
)
_SHOWN = """
SELECT campaign_id, entry_id, contact_id, claim_token FROM agent_desks
WHERE user_id = $1 AND state = 'PREVIEWING'
"""
_PUT_BACK = moving(
    f"state = {AT_REST}, {NO_CALL}, contact_id = NULL",
    "d.user_id = $1 AND d.state = 'PREVIEWING' AND d.claim_token = $2",
)
_LATER = """
UPDATE hopper_entries SET scheduled_at = greatest(scheduled_at, $2) WHERE id = $1
"""


async def preview_next(
    session: AsyncSession, viewer: Viewer, campaign_id: int | None = None
) -> bool:
    """Show the agent who would be called next; False: nobody is due in their preview campaigns.

    Without a campaign the agent's own are asked by name, and the first with somebody due gives.
    """
    connection = await connection_of(session)
    found = await connection.fetch(_MINE, viewer.user_id, DialMode.PREVIEW.value, campaign_id)
    if not found:
        raise DomainError(ErrorCode.NOT_FOUND, "campaignId")
    for row in found:
        calls = await claim(connection, row["id"], 1, agents=[viewer.user_id])
        for call in calls:
            await connection.execute(_HOLD, call.entry_id, viewer.user_id)
            shown = await connection.fetchrow(
                _SHOW,
                viewer.user_id,
                call.campaign_id,
                call.entry_id,
                call.token,
                call.contact_id,
                call.number,
            )
            if shown is None:  # pressed twice, or not at work: the claim goes with the transaction
                raise DomainError(ErrorCode.WRONG_STATE, state=await _state(connection, viewer))
            return True
    return False


async def dial_previewed(session: AsyncSession, viewer: Viewer) -> None:
    """Dial exactly the number that is shown; a worker places the call within a moment."""
    connection = await connection_of(session)
    row = await connection.fetchrow(_DIAL, viewer.user_id)
    if row is None:
        raise DomainError(ErrorCode.WRONG_STATE, state=await _state(connection, viewer))
    await wake_dialer(connection, row["campaign_id"])


async def skip_previewed(
    session: AsyncSession, viewer: Viewer, reason: str, minutes: int = SKIPPED_FOR
) -> None:
    """Not this one, and why: due again after so many minutes; no call, and no count of one."""
    why = clean(reason, "reason", longest=LONGEST_REASON, required=True)
    if not 0 <= minutes <= LONGEST_SKIP:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "minutes", min=0, max=LONGEST_SKIP)
    connection = await connection_of(session)
    row = await connection.fetchrow(_SHOWN, viewer.user_id)
    if row is None:
        raise DomainError(ErrorCode.WRONG_STATE, state=await _state(connection, viewer))
    token: uuid.UUID = row["claim_token"]
    if await release(connection, [(row["entry_id"], token)]):
        campaign = await read_campaign(connection, row["campaign_id"])
        later = campaign.now + timedelta(minutes=minutes)
        await connection.execute(_LATER, row["entry_id"], later)
    if await connection.fetchrow(_PUT_BACK, viewer.user_id, token) is None:
        raise DomainError(ErrorCode.WRONG_STATE, state=await _state(connection, viewer))
    record(
        session,
        viewer,
        "call.skipped",
        row["contact_id"],
        campaign_id=row["campaign_id"],
        reason=why,
    )
    await wake_dialer(connection, row["campaign_id"])


async def _state(connection: asyncpg.Connection, viewer: Viewer) -> AgentState:
    state: str | None = await connection.fetchval(
        "SELECT state FROM agent_desks WHERE user_id = $1", viewer.user_id
    )
    return AgentState(state or AgentState.OFFLINE)
