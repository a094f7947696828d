# SPDX-License-Identifier: Apache-2.0
"""Schedule a callback: the contact's next stay in a campaign, at the time agreed (C-30)."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.campaigns import CampaignState
from server.domain.contacts import PhoneState
from server.domain.dialer import EntryPhone
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Role, Viewer
from server.domain.refusals import Refusals
from server.domain.tasks import PreferenceType, ScheduleType
from server.models import CallAttempt, Campaign, Contact, FinalResult, ScheduledTask
from server.services.calls import person_of
from server.services.dialer import connection_of, read_campaign, wake_dialer
from server.services.dialer.reading import visible_attempts
from server.services.events import record
from server.services.tasks.checks import (
    LONGEST_NOTE,
    Fields,
    check_agent,
    check_minutes,
    check_number,
    check_span,
    check_zone,
)
from server.services.tasks.hopper import check_waiting, enter, follow, hold_stay, turn
from server.services.tasks.inputs import CallbackInput, Scheduled
from server.services.tasks.warning import warnings_of
from server.services.visibility import visible_campaigns, visible_contacts

# Those that are dialed first, in the order of a round; a contact has a hundred at the most.
_NUMBERS = """
SELECT c.phone AS number, c.phone_state AS state, NULL::bigint AS phone_id, NULL::text AS item_type
FROM contacts c WHERE c.id = $1 AND c.phone IS NOT NULL
UNION ALL
(SELECT p.number, p.state, p.id, t.name FROM additional_phones p
 LEFT JOIN contact_item_types t ON t.id = p.item_type_id WHERE p.contact_id = $1
 ORDER BY t.id IS NULL, t.order_by, t.name_key, p.position, p.id)
"""
_EXPIRED = """
UPDATE scheduled_tasks SET closed_at = $3, close_reason = 'CALLBACK_EXPIRED', version = version + 1
WHERE campaign_id = $1 AND contact_id = $2 AND entry_id IS NULL AND closed_at IS NULL
"""


async def schedule_callback(
    session: AsyncSession,
    viewer: Viewer,
    campaign_id: int,
    contact_id: int,
    given: CallbackInput,
    *,
    fields: Fields = Fields(),  # noqa: B008 # a frozen value
) -> Scheduled:
    """A contact has one callback a campaign: an open stay becomes it, an earlier one is moved.

    The stay dials the number agreed and no other, first of all that is due, never before its start
    nor after its end. Refused while the contact is in a call. The final result of the call that
    `unique_id` names is marked as rescheduled.
    """
    row = await _campaign(session, viewer, campaign_id, fields)
    call = await _call(session, viewer, row.id, given.unique_id, fields)
    contact = await _contact(session, viewer, contact_id, call, fields)
    connection = await connection_of(session)
    stay = await hold_stay(connection, row.id, contact.id)
    check_waiting(stay, fields.path("contactId"))
    campaign = await read_campaign(connection, row.id)
    refusals = Refusals()
    known = await read_numbers(connection, contact.id)
    number = given.number or (call.number if call else None)
    if number is None:
        number = next((n for n, (phone, _) in known.items() if phone.is_available), None)
    if number is None:
        refusals.add(ErrorCode.REQUIRED, fields.path("number"))
    phone = number and check_number(number, known, viewer.region, refusals, fields)
    zone_name = given.time_zone or contact.time_zone or row.timezone
    zone_name = check_zone(zone_name, refusals, fields) or row.timezone
    span = check_span(given.at, given.ends_at, zone_name, campaign, refusals, fields)
    preference = given.preference or PreferenceType.ANYONE
    agent_id = await check_agent(
        session, viewer, row.id, preference, given.agent_id, refusals, fields
    )
    note = refusals.text(given.note, fields.path("note"), longest=LONGEST_NOTE)
    threshold = check_minutes(given.threshold_minutes, "thresholdMinutes", refusals, fields)
    early = check_minutes(given.early_minutes, "earlyMinutes", refusals, fields)
    refusals.check()
    if not phone or span is None:
        raise AssertionError("a refusal was not told")
    columns: dict[str, object] = {
        "number": phone.number,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "threshold_minutes": threshold,
        "early_minutes": early,
        "time_zone": zone_name,
        "type": (given.type or _type(viewer, call)).value,
        "preference": preference.value,
        "agent_id": agent_id,
        "last_agent_id": _last_agent(viewer, call),
        "unique_id": given.unique_id,
        "note": note,
    }
    task = await _place(
        session, connection, row.id, contact.id, None if stay is None else stay.id, columns
    )
    if stay is None:
        list_id = None if call is None else call.list_id
        await enter(connection, [task.id], list_id)
    else:
        await turn(connection, stay, campaign, phone, span.starts_at)
        await follow(connection, [task.id])
    await connection.execute(_EXPIRED, row.id, contact.id, campaign.now)
    if call is not None:
        await _mark(session, call, span.starts_at)
    record(
        session,
        viewer,
        "task.scheduled",
        task.id,
        contact_id=contact.id,
        campaign_id=row.id,
        at=span.starts_at.isoformat(),
    )
    await session.flush()
    await session.refresh(task)
    await wake_dialer(connection, row.id)
    return Scheduled(task=task, warnings=await warnings_of(connection, campaign, task))


@dataclass(frozen=True, kw_only=True)
class _Person:
    id: int
    time_zone: str


async def read_numbers(
    connection: asyncpg.Connection, contact_id: int
) -> dict[str, tuple[EntryPhone, PhoneState]]:
    """The contact's numbers in dial order, each with its state; a repeated one counts once."""
    known: dict[str, tuple[EntryPhone, PhoneState]] = {}
    for row in await connection.fetch(_NUMBERS, contact_id):
        state = PhoneState(row["state"])
        phone = EntryPhone(
            number=row["number"],
            item_type=row["item_type"],
            phone_id=row["phone_id"],
            is_available=state is PhoneState.AVAILABLE,
        )
        known.setdefault(phone.number, (phone, state))
    return known


async def _campaign(
    session: AsyncSession, viewer: Viewer, campaign_id: int, fields: Fields
) -> Campaign:
    campaigns = visible_campaigns(viewer).where(Campaign.id == campaign_id)
    row = await session.scalar(campaigns.with_for_update(read=True, key_share=True, of=Campaign))
    if row is None:
        raise DomainError(ErrorCode.NOT_FOUND, fields.path("campaignId"))
    if row.state == CampaignState.ENDED:
        state = CampaignState(row.state)
        raise DomainError(ErrorCode.WRONG_STATE, fields.path("campaignId"), state=state)
    return row


async def _call(
    session: AsyncSession, viewer: Viewer, campaign_id: int, unique_id: str | None, fields: Fields
) -> CallAttempt | None:
    """The call in which it was agreed."""
    if unique_id is None:
        return None
    calls = visible_attempts(viewer).where(
        CallAttempt.tenant_id == viewer.tenant_id,
        CallAttempt.unique_id == unique_id,
        CallAttempt.campaign_id == campaign_id,
    )
    found = await session.scalar(calls)
    if found is None:
        raise DomainError(ErrorCode.NOT_FOUND, fields.path("uniqueId"))
    return found


async def _contact(
    session: AsyncSession, viewer: Viewer, contact_id: int, call: CallAttempt | None, fields: Fields
) -> _Person:
    """Whoever had the call may call back, even if the person has left their lists with it."""
    if call is None:
        contacts = visible_contacts(viewer).where(Contact.id == contact_id)
    else:
        master = await person_of(session, call)
        if contact_id not in (call.contact_id, master):
            raise DomainError(ErrorCode.NOT_FOUND, fields.path("uniqueId"))
        contacts = select(Contact).where(Contact.id == master)
    locked = contacts.with_for_update(read=True, key_share=True, of=Contact)
    row = (await session.execute(locked.with_only_columns(Contact.id, Contact.time_zone))).first()
    if row is None:
        raise DomainError(ErrorCode.NOT_FOUND, fields.path("contactId"))
    return _Person(id=row[0], time_zone=row[1])


async def _place(
    session: AsyncSession,
    connection: asyncpg.Connection,
    campaign_id: int,
    contact_id: int,
    entry_id: int | None,
    columns: dict[str, object],
) -> ScheduledTask:
    """The row: that of the stay which is a callback already, else a new one."""
    if entry_id is not None:
        open_tasks = select(ScheduledTask).where(ScheduledTask.entry_id == entry_id)
        task = await session.scalar(open_tasks.with_for_update())
        if task is not None:
            for name, value in columns.items():
                setattr(task, name, value)
            task.version += 1
            await session.flush()
            return task
    task = ScheduledTask(
        campaign_id=campaign_id, contact_id=contact_id, entry_id=entry_id, **columns
    )
    session.add(task)
    await session.flush()
    return task


async def _mark(session: AsyncSession, call: CallAttempt, at: datetime) -> None:
    """The stay that the call ended was rescheduled (section 8)."""
    finals = update(FinalResult).where(FinalResult.entry_id == call.entry_id)
    await session.execute(
        finals.values(is_rescheduled=True, rescheduled_at=at).execution_options(
            synchronize_session=False
        )
    )


def _type(viewer: Viewer, call: CallAttempt | None) -> ScheduleType:
    """Agreed in a call, or thought of by an agent or in the office (C-35)."""
    if call is not None:
        return ScheduleType.REQUESTED_FROM_AGENT
    if viewer.role is Role.AGENT:
        return ScheduleType.SCHEDULED_BY_AGENT
    return ScheduleType.SCHEDULED_BY_USER


def _last_agent(viewer: Viewer, call: CallAttempt | None) -> int | None:
    if call is not None and call.agent_id is not None:
        return call.agent_id
    return viewer.user_id if viewer.role is Role.AGENT else None
