# SPDX-License-Identifier: Apache-2.0
"""Scheduled tasks that end without a call: closed by hand, or their end has passed (C-34, C-38)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.dialer import FinalReason
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import Campaign, ScheduledTask
from server.services.dialer import (
    Closed,
    Handle,
    close_entries,
    connection_of,
    read_campaign,
    tell_campaign,
    wake_dialer,
)
from server.services.dialer.campaigns import CLOCK
from server.services.dialer.connections import begin_loading
from server.services.events import record
from server.services.tasks.checks import open_tasks
from server.services.tasks.hopper import enter
from server.services.tasks.inputs import ClosedTasks
from server.services.tasks.reading import visible_tasks
from server.services.visibility import visible_campaigns

MOST_AT_ONCE = 5_000
_OPEN = "closed_at IS NULL AND campaign_id = $1"
_ENTRIES = f"SELECT entry_id FROM scheduled_tasks WHERE {_OPEN} AND entry_id IS NOT NULL"
# Those that expired have left the hopper already.
_REST = f"""
UPDATE scheduled_tasks SET closed_at = $2, close_reason = 'MANUAL', version = version + 1
WHERE {_OPEN} AND entry_id IS NULL
"""
_PASSED = """
SELECT t.entry_id FROM scheduled_tasks t JOIN hopper_entries e ON e.id = t.entry_id
WHERE t.campaign_id = $1 AND t.entry_id IS NOT NULL AND t.closed_at IS NULL
    AND t.ends_at < $2
  AND e.close_after_call IS DISTINCT FROM 'CALLBACK_EXPIRED' LIMIT $3
"""
EXPIRING = f"""
SELECT c.id FROM campaigns c WHERE EXISTS (
  SELECT 1 FROM scheduled_tasks t JOIN hopper_entries e ON e.id = t.entry_id
  WHERE t.campaign_id = c.id AND t.entry_id IS NOT NULL AND t.closed_at IS NULL
    AND t.ends_at < {CLOCK}
    AND e.close_after_call IS DISTINCT FROM 'CALLBACK_EXPIRED')
ORDER BY c.id
"""
"""Campaigns with tasks for `expire_tasks`: asked every second, answered by an index."""
_BACK = """
UPDATE scheduled_tasks SET closed_at = NULL, close_reason = NULL, version = version + 1
WHERE id = ANY($1::bigint[])
"""


async def close_tasks(
    session: AsyncSession, viewer: Viewer, task_ids: Sequence[int]
) -> ClosedTasks:
    """Close these callbacks: nobody is called (C-38). One in a call closes at its end."""
    found = await open_tasks(session, viewer, task_ids)
    closed = in_call = 0
    for campaign_id in sorted({task.campaign_id for task in found}):
        ids = [task.id for task in found if task.campaign_id == campaign_id]
        ended = await _close(session, campaign_id, ids)
        closed, in_call = closed + ended.closed, in_call + ended.in_call
    record(
        session, viewer, "task.closed", None, tasks=sorted(task.id for task in found), count=closed
    )
    await session.flush()
    return ClosedTasks(closed=closed, in_call=in_call)


async def close_campaign_tasks(
    session: AsyncSession, viewer: Viewer, campaign_id: int
) -> ClosedTasks:
    """Close callback sessions: all scheduled tasks of a campaign (C-38)."""
    campaigns = visible_campaigns(viewer).where(Campaign.id == campaign_id)
    if await session.scalar(campaigns.with_only_columns(Campaign.id)) is None:
        raise DomainError(ErrorCode.NOT_FOUND, "campaignId")
    ended = await _close(session, campaign_id, None)
    record(session, viewer, "campaign.callbacks_closed", campaign_id, count=ended.closed)
    await session.flush()
    return ended


async def _close(
    session: AsyncSession, campaign_id: int, task_ids: Sequence[int] | None
) -> ClosedTasks:
    connection = await connection_of(session)
    now = (await read_campaign(connection, campaign_id)).now
    narrowed = "" if task_ids is None else " AND id = ANY($2::bigint[])"
    given = [] if task_ids is None else [list(task_ids)]
    rows = await connection.fetch(_ENTRIES + narrowed, campaign_id, *given)
    entries = [row[0] for row in rows]
    ended = await close_entries(connection, FinalReason.MANUAL, entry_ids=entries, now=now)
    rest = "" if task_ids is None else " AND id = ANY($3::bigint[])"
    done = await connection.execute(_REST + rest, campaign_id, now, *given)
    await tell_campaign(connection, campaign_id)
    closed = ended.closed + int(done.rpartition(" ")[2])
    return ClosedTasks(closed=closed, in_call=ended.in_call, closed_at=now)


async def reopen_tasks(
    session: AsyncSession, viewer: Viewer, campaign_id: int, closed_at: datetime
) -> int:
    """Take back what closed a campaign's tasks at that moment; how many wait again.

    Those whose contact is open in the campaign meanwhile stay closed. Those whose end has passed
    are shown as expired.
    """
    connection = await connection_of(session)
    campaign = await read_campaign(connection, campaign_id)
    await begin_loading(connection, campaign_id)
    wanted = visible_tasks(viewer).where(
        ScheduledTask.campaign_id == campaign_id,
        ScheduledTask.closed_at == closed_at,
        ScheduledTask.close_reason == FinalReason.MANUAL.value,
    )
    found = list(await session.scalars(wanted.order_by(ScheduledTask.id).with_for_update()))
    if not found:
        raise DomainError(ErrorCode.NOT_FOUND, "closedAt")
    expired = [task.id for task in found if task.ends_at < campaign.now]
    back = await enter(connection, [task.id for task in found if task.ends_at >= campaign.now])
    await connection.execute(_BACK, [*expired, *back])
    await wake_dialer(connection, campaign_id)
    count = len(back) + len(expired)
    record(session, viewer, "campaign.callbacks_reopened", campaign_id, count=count)
    await session.flush()
    return count


async def expire_tasks(handle: Handle, campaign_id: int, now: datetime | None = None) -> Closed:
    """Tasks whose end has passed leave the hopper and are never delivered again (C-34).

    A call that is up is let go on; unless it is answered, its stay ends with it.
    """
    connection = await connection_of(handle)
    campaign = await read_campaign(connection, campaign_id, now)
    rows = await connection.fetch(_PASSED, campaign_id, campaign.now, MOST_AT_ONCE)
    if not rows:
        return Closed()
    return await close_entries(
        connection, FinalReason.CALLBACK_EXPIRED, entry_ids=[row[0] for row in rows], now=now
    )


async def callbacks_of(session: AsyncSession, contact_id: int) -> list[ScheduledTask]:
    """The open callbacks of a contact, the next one first."""
    tasks = select(ScheduledTask).where(
        ScheduledTask.contact_id == contact_id, ScheduledTask.closed_at.is_(None)
    )
    return list(await session.scalars(tasks.order_by(ScheduledTask.starts_at, ScheduledTask.id)))
