# SPDX-License-Identifier: Apache-2.0
"""Callbacks of the demo centre, one at least in every state (C-33, C-36)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Viewer
from server.domain.tasks import PreferenceType, ScheduleType
from server.services.dialer import connection_of, read_campaign
from server.services.tasks import (
    CallbackInput,
    close_tasks,
    expire_tasks,
    schedule_callback,
)

_PEOPLE = """
SELECT m.contact_id FROM list_members m JOIN contacts c ON c.id = m.contact_id
WHERE m.list_id = $1 AND c.phone IS NOT NULL AND c.phone_state = 'AVAILABLE'
ORDER BY m.contact_id DESC LIMIT $2
"""
# As if it had been agreed earlier: nothing is scheduled in the past otherwise.
_EARLIER = """
WITH earlier AS (
  UPDATE scheduled_tasks SET starts_at = starts_at - $2::interval, ends_at = ends_at - $2::interval
  WHERE id = $1 RETURNING *
)
UPDATE hopper_entries e SET scheduled_at = t.starts_at, callback_at = t.starts_at,
  callback_until = t.ends_at
FROM earlier t WHERE e.id = t.entry_id
"""


@dataclass(frozen=True, kw_only=True)
class _Agreed:
    """Minutes from now; one that lies behind is agreed for later first, and then moved."""

    minutes: int
    lasts: int = 24 * 60
    preference: PreferenceType = PreferenceType.ANYONE
    type: ScheduleType = ScheduleType.REQUESTED_FROM_AGENT
    note: str = ""
    is_closed: bool = False


_DAY = 24 * 60
CALLBACKS: Sequence[_Agreed] = (
    _Agreed(minutes=25, preference=PreferenceType.PREFER_ME, note="Wants the new price list first"),
    _Agreed(minutes=190, preference=PreferenceType.ONLY_ME, note="Only in the afternoon"),
    _Agreed(minutes=_DAY + 90, type=ScheduleType.REQUESTED_ON_WEB),
    _Agreed(minutes=3 * _DAY, preference=PreferenceType.OTHER, note="Speaks to Bice only"),
    # Past its start, and nobody has called yet: for one agent, who is not at work.
    _Agreed(minutes=-6, preference=PreferenceType.OTHER),
    _Agreed(minutes=-75, preference=PreferenceType.ONLY_ME, note="Asks about the invoice"),
    _Agreed(minutes=-3 * _DAY, preference=PreferenceType.ONLY_ME, type=ScheduleType.LOST_REQUEST),
    _Agreed(minutes=-2 * _DAY, lasts=600, preference=PreferenceType.OTHER),
    _Agreed(minutes=60, is_closed=True),
)


async def build_callbacks(
    session: AsyncSession,
    admin: Viewer,
    *,
    campaign_id: int,
    list_id: int,
    agent_id: int,
    colleague_id: int,
) -> None:
    """On the newest of the list, of a campaign on which both agents work."""
    connection = await connection_of(session)
    now = (await read_campaign(connection, campaign_id)).now.replace(second=0, microsecond=0)
    people = await connection.fetch(_PEOPLE, list_id, len(CALLBACKS))
    for row, agreed in zip(people, CALLBACKS, strict=False):
        named = {
            PreferenceType.ANYONE: None,
            PreferenceType.OTHER: colleague_id,
        }.get(agreed.preference, agent_id)
        task_id = await _agree(session, admin, campaign_id, row[0], agreed, named, now)
        if agreed.minutes < 0:
            back = timedelta(minutes=60 - agreed.minutes)
            await connection.execute(_EARLIER, task_id, back)
        if agreed.is_closed:
            await close_tasks(session, admin, [task_id])
    await expire_tasks(connection, campaign_id)


async def _agree(
    session: AsyncSession,
    admin: Viewer,
    campaign_id: int,
    contact_id: int,
    agreed: _Agreed,
    agent_id: int | None,
    now: datetime,
) -> int:
    at = now + timedelta(minutes=max(agreed.minutes, 60) if agreed.minutes < 0 else agreed.minutes)
    given = CallbackInput(
        at=at,
        ends_at=at + timedelta(minutes=agreed.lasts),
        preference=agreed.preference,
        agent_id=agent_id,
        type=agreed.type,
        note=agreed.note,
    )
    return (await schedule_callback(session, admin, campaign_id, contact_id, given)).task.id
