# SPDX-License-Identifier: Apache-2.0
"""What is given to schedule a callback or to change one, and what came of it."""

from dataclasses import dataclass
from datetime import datetime

from server.domain.tasks import (
    THRESHOLD_MINUTES,
    CallbackWarning,
    PreferenceType,
    ScheduleType,
)
from server.domain.text import UNSET, Unset
from server.models import ScheduledTask

Moment = datetime | str
"""An instant, or what the clocks of the callback's zone show: `2027-01-31T09:30`."""


@dataclass(frozen=True, kw_only=True)
class CallbackInput:
    """A callback as it was agreed. Minutes are whole; `ends_at` None is a day after the start.

    `time_zone` "" is the person's own, else the campaign's. `number` None is the one that the call
    `unique_id` reached, else the contact's first. `preference` None is ANYONE. `agent_id` None is
    whoever schedules, where the preference asks for an agent. `type` None follows from who
    schedules, and whether in a call.
    """

    at: Moment
    ends_at: Moment | None = None
    number: str | None = None
    time_zone: str = ""
    preference: PreferenceType | None = None
    agent_id: int | None = None
    type: ScheduleType | None = None
    note: str = ""
    threshold_minutes: int = THRESHOLD_MINUTES
    early_minutes: int = 0
    unique_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class CallbackEdit:
    """What stays UNSET is left as it is; a new start takes the end along, unless that is given."""

    at: Moment | Unset = UNSET
    ends_at: Moment | Unset = UNSET
    number: str | Unset = UNSET
    time_zone: str | Unset = UNSET
    preference: PreferenceType | Unset = UNSET
    agent_id: int | Unset | None = UNSET
    note: str | Unset = UNSET
    threshold_minutes: int | Unset = UNSET
    early_minutes: int | Unset = UNSET
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class Scheduled:
    """The task as it stands, and what to tell whoever scheduled it."""

    task: ScheduledTask
    warnings: tuple[CallbackWarning, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reassigned:
    """How many tasks have another agent now, and how many could not."""

    reassigned: int = 0
    in_call: int = 0  # being called just now
    not_assigned: int = 0  # of campaigns that the agent does not work on


@dataclass(frozen=True, kw_only=True)
class ClosedTasks:
    """How many tasks are closed; those in a call close at its end."""

    closed: int = 0
    in_call: int = 0
    closed_at: datetime | None = None  # the same for all of one campaign: by it they can come back
