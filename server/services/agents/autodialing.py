# SPDX-License-Identifier: Apache-2.0
"""Automatic dialing of an agent's own customers, started and stopped (R-05, R-06)."""

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.services.agents.moving import staging
from server.services.dialer.connections import connection_of
from server.services.dialer.waking import wake_dialer

_ALLOWED = """
SELECT c.id FROM campaign_agents a JOIN campaigns c ON c.id = a.campaign_id
WHERE a.user_id = $1 AND c.mode = 'AGENT_FIRST' AND c.dialway IN ('AUTO', 'OPTIONAL')
ORDER BY c.id
"""
_SET = staging("is_auto_dialing = $2", "d.user_id = $1 AND d.state <> 'OFFLINE'")


async def start_auto_dialing(session: AsyncSession, viewer: Viewer) -> None:
    """From now on, while ready. Refused where no campaign of the agent's has a dialway for it."""
    connection = await connection_of(session)
    allowed = [row[0] for row in await connection.fetch(_ALLOWED, viewer.user_id)]
    if not allowed:
        raise DomainError(ErrorCode.WRONG_STATE)
    await _set(connection, viewer, True)
    for campaign_id in allowed:
        await wake_dialer(connection, campaign_id)


async def stop_auto_dialing(session: AsyncSession, viewer: Viewer) -> None:
    """No further call; the one that is up goes on to its end (R-06)."""
    await _set(await connection_of(session), viewer, False)


async def _set(connection: asyncpg.Connection, viewer: Viewer, goes_on: bool) -> None:
    if await connection.fetchrow(_SET, viewer.user_id, goes_on) is None:
        raise DomainError(ErrorCode.WRONG_STATE)
