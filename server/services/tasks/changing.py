# SPDX-License-Identifier: Apache-2.0
"""Change a scheduled task: its time, its number, who is to call (C-30, C-35, C-37)."""

from collections.abc import Sequence
from dataclasses import fields as fields_of

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.dialer import IN_CALL, DialState, EntryPhone
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.domain.tasks import PreferenceType, ScheduleState, ScheduleType
from server.domain.text import Unset
from server.models import Campaign, CampaignAgent, HopperEntry, ScheduledTask
from server.services.dialer import DialedCampaign, connection_of, read_campaign, wake_dialer
from server.services.dialer.entries import Stay
from server.services.events import record
from server.services.tasks.checks import (
    LONGEST_NOTE,
    Fields,
    check_agent,
    check_assigned,
    check_minutes,
    check_number,
    check_span,
    check_zone,
    open_tasks,
)
from server.services.tasks.hopper import check_waiting, enter, follow, hold_stay, turn
from server.services.tasks.inputs import CallbackEdit, Reassigned, Scheduled
from server.services.tasks.reading import visible_tasks
from server.services.tasks.scheduling import read_numbers
from server.services.tasks.warning import warnings_of

_MOVES = ("starts_at", "ends_at", "number")
_IN_CALL = (DialState.DIALING.value, DialState.CONNECTED.value)


async def edit_task(
    session: AsyncSession, viewer: Viewer, task_id: int, edit: CallbackEdit
) -> Scheduled:
    """Whatever is changed, it is scheduled by a user from then on (C-35).

    A new time or number is a new agreement: its number starts from fresh counters. An expired task
    with a new time waits again. Refused during its call, and of one that is closed.
    """
    task = await _visible(session, viewer, task_id)
    connection = await connection_of(session)
    stay = await hold_stay(connection, task.campaign_id, task.contact_id)
    task = await _locked(session, task.id, edit.version)
    own = stay if stay is not None and stay.id == task.entry_id else None
    check_waiting(own, "id")
    campaign = await read_campaign(connection, task.campaign_id)
    row = await session.get_one(Campaign, task.campaign_id)
    before = {name: getattr(task, name) for name in _MOVES}
    refusals = Refusals()
    if not isinstance(edit.time_zone, Unset):
        zone_name = check_zone(edit.time_zone or row.timezone, refusals, Fields())
        task.time_zone = zone_name or task.time_zone
    _span(task, edit, campaign, refusals)
    known = await read_numbers(connection, task.contact_id)
    given_number = task.number if isinstance(edit.number, Unset) else edit.number
    moves = not isinstance(edit.number, Unset) or own is None
    phone = check_number(given_number, known, viewer.region, refusals, Fields()) if moves else None
    if phone is not None:
        task.number = phone.number
    await _agent(session, viewer, task, edit, refusals)
    if not isinstance(edit.note, Unset):
        task.note = refusals.text(edit.note, "note", longest=LONGEST_NOTE)
    if not isinstance(edit.threshold_minutes, Unset):
        task.threshold_minutes = check_minutes(
            edit.threshold_minutes, "thresholdMinutes", refusals, Fields()
        )
    if not isinstance(edit.early_minutes, Unset):
        task.early_minutes = check_minutes(edit.early_minutes, "earlyMinutes", refusals, Fields())
    refusals.check()
    task.type = ScheduleType.SCHEDULED_BY_USER.value
    task.version += 1
    await session.flush()
    wanted = phone or known[task.number][0]
    if own is None:
        await _enter_again(session, task, stay, campaign, wanted)
    elif any(before[name] != getattr(task, name) for name in _MOVES):
        await turn(connection, own, campaign, wanted, task.starts_at)
    await follow(connection, [task.id])
    given = [
        field.name
        for field in fields_of(edit)
        if field.name != "version" and not isinstance(getattr(edit, field.name), Unset)
    ]
    record(session, viewer, "task.edited", task.id, contact_id=task.contact_id, fields=given)
    await session.flush()
    await session.refresh(task)
    await wake_dialer(connection, task.campaign_id)
    return Scheduled(task=task, warnings=await warnings_of(connection, campaign, task))


async def reassign_tasks(
    session: AsyncSession, viewer: Viewer, task_ids: Sequence[int], agent_id: int | None
) -> Reassigned:
    """Give tasks to an agent of their campaigns, or with None to anyone (C-37).

    A task for anyone becomes one for that agent only (OTHER); the other preferences stay. Tasks in
    a call, and those of campaigns that the agent does not work on, are left and counted.
    """
    found = await open_tasks(session, viewer, task_ids)
    if agent_id is not None and len({task.campaign_id for task in found}) == 1:
        await check_assigned(session, found[0].campaign_id, agent_id, "agentId")
    works_on = await _campaigns_of(session, agent_id)
    of_campaigns = [task.id for task in found if works_on is None or task.campaign_id in works_on]
    in_call = await _lock_stays(session, of_campaigns)
    changed = [task_id for task_id in of_campaigns if task_id not in in_call]
    tasks = await session.scalars(
        select(ScheduledTask)
        .where(ScheduledTask.id.in_(changed), ScheduledTask.closed_at.is_(None))
        .order_by(ScheduledTask.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    given = list(tasks)
    for task in given:
        task.agent_id = agent_id
        task.version += 1
        if agent_id is None:
            task.preference = PreferenceType.ANYONE.value
        elif task.preference == PreferenceType.ANYONE:
            task.preference = PreferenceType.OTHER.value
    await session.flush()
    connection = await connection_of(session)
    await follow(connection, [task.id for task in given])
    if given:
        ids = [task.id for task in given]
        record(session, viewer, "task.reassigned", None, tasks=ids, agent_id=agent_id)
    for campaign_id in sorted({task.campaign_id for task in given}):
        await wake_dialer(connection, campaign_id)
    return Reassigned(
        reassigned=len(given),
        in_call=len(in_call),
        not_assigned=len(found) - len(of_campaigns),
    )


async def _visible(session: AsyncSession, viewer: Viewer, task_id: int) -> ScheduledTask:
    task = await session.scalar(visible_tasks(viewer).where(ScheduledTask.id == task_id))
    if task is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    return task


async def _locked(session: AsyncSession, task_id: int, version: int | None) -> ScheduledTask:
    """As it stands behind the lock of its stay."""
    task = await session.scalar(
        select(ScheduledTask)
        .where(ScheduledTask.id == task_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if task is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    if task.closed_at is not None:
        raise DomainError(ErrorCode.WRONG_STATE, "id", state=ScheduleState.CLOSED)
    if version is not None and version != task.version:
        raise DomainError(ErrorCode.CONFLICT, "version")
    return task


def _span(
    task: ScheduledTask, edit: CallbackEdit, campaign: DialedCampaign, refusals: Refusals
) -> None:
    """Times that are not given stay, even where they have gone by."""
    if isinstance(edit.at, Unset) and isinstance(edit.ends_at, Unset):
        if task.entry_id is None:
            refusals.add(ErrorCode.IN_THE_PAST, "at")
        return
    lasts = task.ends_at - task.starts_at
    starts = task.starts_at if isinstance(edit.at, Unset) else edit.at
    ends = None if isinstance(edit.ends_at, Unset) else edit.ends_at
    stays = isinstance(edit.at, Unset) and task.entry_id is not None
    span = check_span(
        starts, ends, task.time_zone, campaign, refusals, Fields(), lasts=lasts, stays=stays
    )
    if span is not None:
        task.starts_at, task.ends_at = span.starts_at, span.ends_at


async def _agent(
    session: AsyncSession,
    viewer: Viewer,
    task: ScheduledTask,
    edit: CallbackEdit,
    refusals: Refusals,
) -> None:
    if isinstance(edit.preference, Unset) and isinstance(edit.agent_id, Unset):
        return
    preference = (
        PreferenceType(task.preference) if isinstance(edit.preference, Unset) else edit.preference
    )
    agent_id = task.agent_id if isinstance(edit.agent_id, Unset) else edit.agent_id
    if preference is PreferenceType.ANYONE and isinstance(edit.agent_id, Unset):
        agent_id = None
    task.agent_id = await check_agent(
        session, viewer, task.campaign_id, preference, agent_id, refusals, Fields()
    )
    task.preference = preference.value


async def _enter_again(
    session: AsyncSession,
    task: ScheduledTask,
    stay: Stay | None,
    campaign: DialedCampaign,
    phone: EntryPhone,
) -> None:
    """An expired task waits again; a stay that the contact has meanwhile becomes it."""
    connection = await connection_of(session)
    if stay is None:
        await enter(connection, [task.id])
        return
    if stay.entry.is_callback or stay.entry.state in IN_CALL:
        raise DomainError(ErrorCode.WRONG_STATE, "id", state=stay.entry.state)
    task.entry_id = stay.id
    await session.flush()
    await turn(connection, stay, campaign, phone, task.starts_at)


async def _campaigns_of(session: AsyncSession, agent_id: int | None) -> frozenset[int] | None:
    """Those that the agent works on; None for anyone."""
    if agent_id is None:
        return None
    mine = select(CampaignAgent.campaign_id).where(CampaignAgent.user_id == agent_id)
    return frozenset(await session.scalars(mine))


async def _lock_stays(session: AsyncSession, task_ids: Sequence[int]) -> set[int]:
    """Hold the stays of these tasks; answers the tasks whose call is up."""
    rows = await session.execute(
        select(ScheduledTask.id, HopperEntry.state)
        .join(HopperEntry, HopperEntry.id == ScheduledTask.entry_id)
        .where(ScheduledTask.id.in_(task_ids))
        .order_by(HopperEntry.id)
        .with_for_update(of=HopperEntry)
    )
    return {task_id for task_id, state in rows if state in _IN_CALL}
