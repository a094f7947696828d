# SPDX-License-Identifier: Apache-2.0
"""Callbacks that wait for their time: states by the clock, types, who is to call (C-30 to C-38)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from server.domain.campaigns import zone
from server.domain.errors import DomainError, ErrorCode

THRESHOLD_MINUTES = 15
"""So long after its start a callback is due and not yet delayed, unless the task says otherwise."""
LASTS = timedelta(days=1)
"""After its start a callback can be delivered for so long, unless the task says otherwise."""


class ScheduleState(StrEnum):
    """Where a scheduled task stands at a moment of its campaign's clock (C-34)."""

    SCHEDULED = "SCHEDULED"  # its start has not come
    DUE = "DUE"  # its start has come, and no more than the threshold has passed since
    DELAYED = "DELAYED"  # the threshold has passed, its end has not
    EXPIRED = "EXPIRED"  # its end has passed: it is never delivered again
    CLOSED = "CLOSED"  # it was delivered, or given up


OPEN_STATES = tuple(state for state in ScheduleState if state is not ScheduleState.CLOSED)
"""What the list of scheduled tasks shows: the closed are not visible (C-33)."""


class ScheduleType(StrEnum):
    """Who asked for a callback, and where (C-35)."""

    UNSPECIFIED = "UNSPECIFIED"  # nobody said
    REQUESTED_FROM_AGENT = "REQUESTED_FROM_AGENT"  # by the customer, while talking to an agent
    REQUESTED_IN_QUEUE = "REQUESTED_IN_QUEUE"  # by the customer, while waiting in a queue
    REQUESTED_ON_WEB = "REQUESTED_ON_WEB"  # by the customer, on a web site or by an integration
    SCHEDULED_BY_AGENT = "SCHEDULED_BY_AGENT"  # by an agent, without talking to the customer
    SCHEDULED_BY_USER = "SCHEDULED_BY_USER"  # by somebody in the office, or changed there since
    SCHEDULED_BY_IMPORT = "SCHEDULED_BY_IMPORT"  # loaded from elsewhere
    LOST_REQUEST = "LOST_REQUEST"  # for a call that was lost in a queue
    REQUESTED_IN_IVR = "REQUESTED_IN_IVR"  # by the customer, in a voice menu


class PreferenceType(StrEnum):
    """Which agent a callback is delivered to (C-36)."""

    ANYONE = "ANYONE"  # any agent of the campaign who is ready
    PREFER_ME = "PREFER_ME"  # the agent who agreed it if ready, else another
    ONLY_ME = "ONLY_ME"  # nobody but the agent who agreed it, until it expires
    OTHER = "OTHER"  # nobody but the agent who is named


OWNED = frozenset({PreferenceType.ONLY_ME, PreferenceType.OTHER})
"""Given to nobody but the agent named."""


class CallbackWarning(StrEnum):
    """What whoever schedules a callback should know; it is scheduled all the same."""

    OUTSIDE_HOURS = "OUTSIDE_HOURS"  # nobody may be called at its start
    NEVER_ALLOWED = "NEVER_ALLOWED"  # nobody may be called before its end
    BLOCKED = "BLOCKED"  # a rule forbids the call whenever it is, such as a blacklist
    NO_AGENTS = "NO_AGENTS"  # the campaign gives its calls to no agent, and this one is for one


@dataclass(frozen=True, kw_only=True)
class Span:
    """When a callback is wanted: from `starts_at` until `ends_at`, instants in UTC."""

    starts_at: datetime
    ends_at: datetime


def schedule_state(
    now: datetime,
    span: Span,
    *,
    threshold_minutes: int = THRESHOLD_MINUTES,
    early_minutes: int = 0,
    is_closed: bool = False,
) -> ScheduleState:
    """The state at `now`; both ends of DUE belong to it, the end itself is still DELAYED (C-34).

    `early_minutes` is only for the eye: so long before its start a task is shown as DUE. It is
    never delivered before its start.
    """
    if is_closed:
        return ScheduleState.CLOSED
    if now > span.ends_at:
        return ScheduleState.EXPIRED
    if now < span.starts_at - timedelta(minutes=early_minutes):
        return ScheduleState.SCHEDULED
    if now <= span.starts_at + timedelta(minutes=threshold_minutes):
        return ScheduleState.DUE
    return ScheduleState.DELAYED


def local_instant(local: datetime, zone_name: str, field: str, zone_field: str) -> datetime:
    """The instant at which clocks of that zone show `local`, which has no zone of its own.

    A time that the clocks leave out in spring is refused (TIME_SKIPPED); of one that they show
    twice in autumn it is the first.
    """
    where = zone(zone_name, zone_field)
    instant = local.replace(tzinfo=where, fold=0).astimezone(UTC)
    if instant.astimezone(where).replace(tzinfo=None) != local:
        raise DomainError(ErrorCode.TIME_SKIPPED, field, zone=zone_name)
    return instant
