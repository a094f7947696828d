# SPDX-License-Identifier: Apache-2.0
"""Agents at work as they say themselves: here, ready, away for a while, gone."""

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.agents import LEASE, AgentState
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Permission, Viewer
from server.domain.text import clean
from server.services.agents.moving import EMPTY_HANDS, moving, staging
from server.services.dialer.connections import connection_of

LONGEST_REASON = 80
LONGEST_ENDPOINT = 120
_HERE = f"lease_until = clock_timestamp() + make_interval(secs => {LEASE})"
# A campaign whose dialway is AUTO dials for its agents from the moment they are ready.
_AUTO = """EXISTS (SELECT 1 FROM campaign_agents a JOIN campaigns c ON c.id = a.campaign_id
    WHERE a.user_id = d.user_id AND c.mode = 'AGENT_FIRST' AND c.dialway = 'AUTO')"""
_SIT_DOWN = "INSERT INTO agent_desks (user_id) VALUES ($1) ON CONFLICT DO NOTHING"
_START = moving(
    f"""state = 'READY', pause_reason = '', endpoint = $2, leaves_after_call = false,
    is_auto_dialing = {_AUTO}, {EMPTY_HANDS}, {_HERE}""",
    "d.user_id = $1 AND (d.state = 'OFFLINE' OR d.lease_until < clock_timestamp() "
    "AND d.state IN ('READY', 'PAUSED', 'WRAP_UP'))",
)
_PAUSE = moving(
    f"state = 'PAUSED', pause_reason = $2, leaves_after_call = false, {_HERE}",
    "d.user_id = $1 AND d.state IN ('READY', 'PAUSED')",
)
_PAUSE_LATER = staging(
    f"pause_reason = $2, leaves_after_call = false, {_HERE}",
    "d.user_id = $1 AND d.state IN ('PREVIEWING', 'RINGING', 'TALKING', 'WRAP_UP')",
)
_RESUME = moving(
    f"""state = 'READY', pause_reason = '', is_auto_dialing = d.is_auto_dialing OR {_AUTO},
    {_HERE}""",
    "d.user_id = $1 AND d.state = 'PAUSED'",
)
_STAY = staging(
    f"pause_reason = '', leaves_after_call = false, {_HERE}",
    "d.user_id = $1 AND d.state <> 'OFFLINE'",
)
_LEAVE = moving(
    f"state = 'OFFLINE', pause_reason = '', is_auto_dialing = false, {EMPTY_HANDS}",
    "d.user_id = $1 AND d.state IN ('READY', 'PAUSED')",
)
_LEAVE_LATER = staging(
    "leaves_after_call = true",
    "d.user_id = $1 AND d.state IN ('PREVIEWING', 'RINGING', 'TALKING', 'WRAP_UP')",
)


async def start_work(session: AsyncSession, viewer: Viewer, endpoint: str = "") -> None:
    """Sit down and be ready. `endpoint` is the agent's own telephone, as the exchange names it."""
    viewer = _agent(viewer)
    telephone = clean(endpoint, "endpoint", longest=LONGEST_ENDPOINT)
    connection = await connection_of(session)
    await connection.execute(_SIT_DOWN, viewer.user_id)
    if await connection.fetchrow(_START, viewer.user_id, telephone) is None:
        raise DomainError(ErrorCode.WRONG_STATE, state=AgentState.READY)


async def set_state(
    session: AsyncSession, viewer: Viewer, state: AgentState, reason: str = ""
) -> None:
    """READY, PAUSED for a reason, or OFFLINE; with a call in hand it takes effect after it."""
    viewer = _agent(viewer)
    connection = await connection_of(session)
    if state is AgentState.READY:
        await _first(connection, viewer, (_RESUME, _STAY))
    elif state is AgentState.PAUSED:
        why = clean(reason, "reason", longest=LONGEST_REASON, required=True)
        await _first(connection, viewer, (_PAUSE, _PAUSE_LATER), why)
    elif state is AgentState.OFFLINE:
        await _first(connection, viewer, (_LEAVE, _LEAVE_LATER))
    else:
        raise DomainError(ErrorCode.INVALID, "state")


async def _first(
    connection: asyncpg.Connection, viewer: Viewer, statements: tuple[str, ...], *values: object
) -> None:
    """The first that fits the state the agent is in; none does for somebody not at work."""
    for statement in statements:
        if await connection.fetchrow(statement, viewer.user_id, *values) is not None:
            return
    raise DomainError(ErrorCode.WRONG_STATE, state=AgentState.OFFLINE)


def _agent(viewer: Viewer) -> Viewer:
    if not viewer.may(Permission.CALLS_MAKE):
        raise DomainError(ErrorCode.FORBIDDEN, permission=Permission.CALLS_MAKE.value)
    return viewer
