# SPDX-License-Identifier: Apache-2.0
"""Callbacks, agreed as an agent or a supervisor would."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Viewer
from server.models import CampaignAgent
from server.services.tasks import CallbackInput, Scheduled, schedule_callback


def soon(minutes: float = 60) -> datetime:
    """So many minutes from now, to the second."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=minutes)


async def assign(session: AsyncSession, campaign_id: int, *agents: Viewer) -> None:
    """Let these work on the campaign."""
    rows = [{"campaign_id": campaign_id, "user_id": agent.user_id} for agent in agents]
    await session.execute(insert(CampaignAgent), rows)


async def make_callback(
    session: AsyncSession,
    viewer: Viewer,
    campaign_id: int,
    contact_id: int,
    given: CallbackInput | None = None,
    **columns: object,
) -> Scheduled:
    wanted = replace(given or CallbackInput(at=soon()), **columns)  # type: ignore[arg-type]
    return await schedule_callback(session, viewer, campaign_id, contact_id, wanted)


async def shift(connection: asyncpg.Connection, task_id: int, minutes: float) -> None:
    """As if the callback had been agreed for so many minutes later, or earlier."""
    await connection.execute(
        "WITH t AS (UPDATE scheduled_tasks SET starts_at = starts_at + $2, ends_at = ends_at + $2 "
        "WHERE id = $1 RETURNING *) UPDATE hopper_entries e SET scheduled_at = t.starts_at, "
        "callback_at = t.starts_at, callback_until = t.ends_at FROM t WHERE e.id = t.entry_id",
        task_id,
        timedelta(minutes=minutes),
    )
