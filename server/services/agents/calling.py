# SPDX-License-Identifier: Apache-2.0
"""Agents as the dialer joins them to calls: who is ready, who is taken, and who is let go.

Each step names the claim's token, and changes nothing once the agent has moved on to another call.
Entries are locked before desks, by everybody.
"""

import uuid
from dataclasses import dataclass

from server.services.agents.moving import AT_REST, NO_CALL, moving, staging
from server.services.dialer.connections import Handle, connection_of

_IS_READY = """d.tenant_id = rubrica_tenant() AND d.state = 'READY'
  AND d.lease_until >= clock_timestamp() AND (d.is_auto_dialing OR NOT {auto})
  AND EXISTS (SELECT 1 FROM campaign_agents a
              WHERE a.campaign_id = $1 AND a.user_id = d.user_id)"""
_READY = f"""
SELECT d.user_id FROM agent_desks d WHERE {_IS_READY.format(auto="$2")} ORDER BY d.since, d.user_id
"""
_TAKE = moving(
    """state = 'RINGING', stage = $8, campaign_id = $1, entry_id = $2, claim_token = $3,
    contact_id = $4, number = $5, unique_id = NULL, attempt_id = NULL""",
    f"""d.user_id = (
    SELECT d.user_id FROM agent_desks d
    WHERE {_IS_READY.format(auto="$9")} AND ($7::bigint IS NULL OR d.user_id = $7)
    ORDER BY d.user_id IS NOT DISTINCT FROM $6::bigint DESC, d.since, d.user_id
    LIMIT 1 FOR UPDATE OF d SKIP LOCKED)""",
)
_OF_CALL = "d.tenant_id = rubrica_tenant() AND d.claim_token = $1"
_RINGS = staging(
    "stage = 'RINGING_CUSTOMER'",
    f"{_OF_CALL} AND d.state = 'RINGING' AND d.stage IN ('ORDERED', 'RINGING_AGENT')",
)
_CONNECTED = moving(
    "state = 'TALKING', stage = 'TALKING'",
    f"""{_OF_CALL} AND d.state = 'RINGING'
    AND d.stage IN ('ORDERED', 'RINGING_AGENT', 'RINGING_CUSTOMER')""",
)
_ENDED = moving(
    "state = 'WRAP_UP', stage = 'ENDED', attempt_id = $2",
    f"{_OF_CALL} AND d.state IN ('RINGING', 'TALKING')",
)
_LATE = staging("attempt_id = $2", f"{_OF_CALL} AND d.state = 'WRAP_UP' AND d.attempt_id IS NULL")
_FREE = moving(
    f"state = {AT_REST}, attempt_id = $2, {NO_CALL}",
    f"{_OF_CALL} AND d.state IN ('RINGING', 'TALKING')",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenAgent:
    """Who is to have a call; `endpoint` is their own telephone, "" where none was named."""

    user_id: int
    endpoint: str


async def ready_agents(
    handle: Handle, campaign_id: int, *, auto_dialing: bool = False
) -> list[int]:
    """Who of the campaign's agents waits for a call, the longest ready first.

    `auto_dialing`: only those whose automatic dialing goes on (R-06).
    """
    connection = await connection_of(handle)
    return [row[0] for row in await connection.fetch(_READY, campaign_id, auto_dialing)]


async def take_ready_agent(
    handle: Handle,
    campaign_id: int,
    entry_id: int,
    token: uuid.UUID,
    contact_id: int,
    number: str,
    *,
    preferred: int | None = None,
    only: int | None = None,
    auto_dialing: bool = False,
    stage: str = "RINGING_AGENT",
) -> TakenAgent | None:
    """Give the call to the agent who waited longest, `preferred` before others; None: nobody.

    Two workers never take the same agent, and neither waits for the other.
    """
    connection = await connection_of(handle)
    row = await connection.fetchrow(
        _TAKE,
        campaign_id,
        entry_id,
        token,
        contact_id,
        number,
        preferred,
        only,
        stage,
        auto_dialing,
    )
    return None if row is None else TakenAgent(user_id=row["user_id"], endpoint=row["endpoint"])


async def customer_rings(handle: Handle, token: uuid.UUID) -> bool:
    """The agent's telephone was answered or there is none: the customer's number rings now."""
    connection = await connection_of(handle)
    return await connection.fetchrow(_RINGS, token) is not None


async def agent_connected(handle: Handle, token: uuid.UUID) -> bool:
    """Agent and customer hear each other."""
    connection = await connection_of(handle)
    return await connection.fetchrow(_CONNECTED, token) is not None


async def call_ended(handle: Handle, token: uuid.UUID, attempt_id: int | None) -> int | None:
    """The conversation is over: its agent wraps up. Answers who had it.

    `attempt_id` is its row in the history, which names the agent itself: reports do.
    """
    connection = await connection_of(handle)
    row = await connection.fetchrow(_ENDED, token, attempt_id)
    row = row or await connection.fetchrow(_LATE, token, attempt_id)
    return None if row is None else int(row["user_id"])


async def free_agent(handle: Handle, token: uuid.UUID, attempt_id: int | None = None) -> int | None:
    """No conversation came of the call: its agent is ready again, or goes where they asked to.

    `attempt_id` is the attempt in the history, where one was made. Answers who it was.
    """
    connection = await connection_of(handle)
    row = await connection.fetchrow(_FREE, token, attempt_id)
    return None if row is None else int(row["user_id"])
