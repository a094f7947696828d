# SPDX-License-Identifier: Apache-2.0
"""What a callback may be: its time, its number and its agent, each fault on its own field."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.campaigns import zone
from server.domain.contacts import PhoneState
from server.domain.dialer import EntryPhone
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Role, Viewer
from server.domain.refusals import Refusals
from server.domain.tasks import LASTS, PreferenceType, Span, local_instant
from server.models import CampaignAgent, ScheduledTask, User
from server.services.dialer.campaigns import DialedCampaign
from server.services.numbers import LONGEST as LONGEST_NUMBER
from server.services.numbers import normalized
from server.services.tasks.inputs import Moment
from server.services.tasks.reading import visible_tasks

LONGEST_NOTE = 2_000
MOST_MINUTES = 10_080  # a week
_LOCAL = "2027-01-31T09:30"


@dataclass(frozen=True, kw_only=True)
class Fields:
    """How the input spells its fields: `callback.at` where a disposition brings the callback."""

    prefix: str = ""

    def path(self, name: str) -> str:
        return f"{self.prefix}{name}"


def check_span(
    at: Moment,
    ends_at: Moment | None,
    zone_name: str,
    campaign: DialedCampaign,
    refusals: Refusals,
    fields: Fields,
    *,
    lasts: timedelta = LASTS,
    stays: bool = False,
) -> Span | None:
    """Instants of the two; None where the start was refused.

    A start within the present minute is now: people name minutes. An end that nobody gave comes
    `lasts` later, and no later than the campaign's. `stays`: the start is not a new one.
    """
    start, end = fields.path(_spelled("at", at)), fields.path(_spelled("endsAt", ends_at))
    starts = _instant(at, start, zone_name, refusals, fields)
    ends = None if ends_at is None else _instant(ends_at, end, zone_name, refusals, fields)
    if starts is None:
        return None
    campaign_ends = campaign.settings.ends_at
    if not stays and starts < campaign.now.replace(second=0, microsecond=0):
        refusals.add(ErrorCode.IN_THE_PAST, start)
    elif campaign_ends is not None and starts >= campaign_ends:
        refusals.add(ErrorCode.AFTER_END, start)
    if ends is None:
        ends = starts + lasts
        if campaign_ends is not None and starts < campaign_ends:
            ends = min(ends, campaign_ends)
    if ends <= starts:
        refusals.add(ErrorCode.BEFORE_START, end)
    elif ends_at is not None and ends < campaign.now:
        refusals.add(ErrorCode.IN_THE_PAST, end)
    return Span(starts_at=starts, ends_at=ends)


def _spelled(name: str, given: Moment | None) -> str:
    """The field that it came in: `localAt` where it is what clocks show, else `at`."""
    return f"local{name[0].upper()}{name[1:]}" if given and isinstance(given, str) else name


def _instant(
    given: Moment, path: str, zone_name: str, refusals: Refusals, fields: Fields
) -> datetime | None:
    with refusals.noting():
        if isinstance(given, datetime) and given.tzinfo is None:
            raise DomainError(ErrorCode.INVALID, path, expected="2027-01-31T09:30:00Z")
        instant = given.astimezone(UTC) if isinstance(given, datetime) else None
        if isinstance(given, str):
            instant = local_instant(
                read_local(given, path), zone_name, path, fields.path("timeZone")
            )
        assert instant is not None
        return instant if refusals.within_time(instant, path) else None
    return None


def read_local(text: str, path: str) -> datetime:
    """A time as clocks show it, `2027-01-31T09:30`, without a zone."""
    try:
        local = datetime.fromisoformat(text) if len(text) <= 40 else None
    except ValueError:
        local = None
    # The ends of the calendar have no instant in every zone.
    if local is None or local.tzinfo is not None or not 2 <= local.year <= 9998 or len(text) < 16:
        raise DomainError(ErrorCode.INVALID, path, expected=_LOCAL)
    return local


def check_zone(name: str, refusals: Refusals, fields: Fields) -> str | None:
    """The zone's own name; None where there is no such zone."""
    with refusals.noting():
        return zone(name, fields.path("timeZone")).key
    return None


def check_number(
    given: str,
    known: dict[str, tuple[EntryPhone, PhoneState]],
    region: str,
    refusals: Refusals,
    fields: Fields,
) -> EntryPhone | None:
    """One of the contact's numbers that is dialed (C-08); as typed, or in E.164."""
    typed = refusals.text(given, fields.path("number"), longest=LONGEST_NUMBER, required=True)
    number = normalized(typed, region)
    if number is None:
        if typed:
            refusals.add(ErrorCode.INVALID_NUMBER, fields.path("number"), number=typed)
        return None
    if number not in known:
        refusals.add(ErrorCode.NOT_FOUND, fields.path("number"), number=typed)
        return None
    phone, state = known[number]
    if state is not PhoneState.AVAILABLE:
        refusals.add(ErrorCode.WRONG_STATE, fields.path("number"), state=state)
        return None
    return phone


def check_minutes(minutes: int, name: str, refusals: Refusals, fields: Fields) -> int:
    return refusals.within(minutes, fields.path(name), 0, MOST_MINUTES)


async def check_agent(
    session: AsyncSession,
    viewer: Viewer,
    campaign_id: int,
    preference: PreferenceType,
    agent_id: int | None,
    refusals: Refusals,
    fields: Fields,
) -> int | None:
    """Who is to call (C-36). "Me" is the agent who schedules; the office names one instead."""
    path = fields.path("agentId")
    if preference is PreferenceType.ANYONE:
        if agent_id is not None:
            refusals.add(ErrorCode.INVALID, path, without=preference)
        return None
    if agent_id is None and preference is not PreferenceType.OTHER and viewer.role is Role.AGENT:
        agent_id = viewer.user_id
    if agent_id is None:
        refusals.add(ErrorCode.REQUIRED, path)
        return None
    with refusals.noting():
        await check_assigned(session, campaign_id, agent_id, path)
    return agent_id


async def check_assigned(session: AsyncSession, campaign_id: int, agent_id: int, path: str) -> None:
    """NOT_FOUND for nobody's id or no agent's, NOT_ASSIGNED for one who works elsewhere."""
    agents = select(User.id).where(
        User.id == agent_id, User.role == Role.AGENT.value, User.is_active
    )
    if await session.scalar(agents) is None:
        raise DomainError(ErrorCode.NOT_FOUND, path)
    works = exists().where(
        CampaignAgent.campaign_id == campaign_id, CampaignAgent.user_id == agent_id
    )
    if not await session.scalar(select(works)):
        raise DomainError(ErrorCode.NOT_ASSIGNED, path)


async def open_tasks(
    session: AsyncSession, viewer: Viewer, task_ids: Sequence[int]
) -> list[ScheduledTask]:
    """The tasks of these ids; one that is closed or out of sight is refused in its place."""
    wanted = visible_tasks(viewer).where(
        ScheduledTask.id.in_(set(task_ids)), ScheduledTask.closed_at.is_(None)
    )
    found = list(await session.scalars(wanted))
    known = {task.id for task in found}
    refusals = Refusals()
    for place, task_id in enumerate(task_ids):
        if task_id not in known:
            refusals.add(ErrorCode.NOT_FOUND, f"ids.{place}")
    refusals.check()
    return found
