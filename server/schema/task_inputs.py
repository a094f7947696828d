# SPDX-License-Identifier: Apache-2.0
"""What is said of a callback: when, on which number, by whom (C-35 to C-37)."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from server.schema.enums import PreferenceType, ScheduleType
from server.schema.roots import CLEARS

AT = "An instant; or give `localAt`."
LOCAL_AT = "As clocks in `timeZone` show it: `2027-01-31T09:30`."
ENDS_AT = "Never delivered after it; without one a day after the start."
ZONE = "IANA, of the local times; without one the person's, else the campaign's."
AGENT = "Who is to call: whom PREFER_ME and ONLY_ME mean, if not the caller; of OTHER, the one."
THRESHOLD = "Minutes after the start from which on it is DELAYED; 15."
EARLY = "Minutes before the start from which on it is shown as DUE; 0."


@strawberry.input(description="A callback that is agreed in a call.")
class CallbackInput:
    at: datetime | None = strawberry.field(default=UNSET, description=AT)
    local_at: str | None = strawberry.field(default=UNSET, description=LOCAL_AT)
    ends_at: datetime | None = strawberry.field(default=UNSET, description=ENDS_AT)
    local_ends_at: str | None = strawberry.field(default=UNSET, description=LOCAL_AT)
    time_zone: str | None = strawberry.field(default=UNSET, description=ZONE)
    number: str | None = strawberry.field(
        default=UNSET, description="One of the contact's; without one the number that was reached."
    )
    preference: PreferenceType | None = strawberry.field(
        default=UNSET, description="Without one PREFER_ME for RECALL, else ANYONE."
    )
    agent_id: strawberry.ID | None = strawberry.field(default=UNSET, description=AGENT)
    type: ScheduleType | None = strawberry.field(
        default=UNSET, description="Without one REQUESTED_FROM_AGENT."
    )
    note: str | None = strawberry.field(default=UNSET, description="2,000 characters.")
    threshold_minutes: int | None = strawberry.field(default=UNSET, description=THRESHOLD)
    early_minutes: int | None = strawberry.field(default=UNSET, description=EARLY)


@strawberry.input(description="A callback: the contact's next stay in the campaign.")
class ScheduleCallbackInput:
    campaign_id: strawberry.ID
    contact_id: strawberry.ID
    at: datetime | None = strawberry.field(default=UNSET, description=AT)
    local_at: str | None = strawberry.field(default=UNSET, description=LOCAL_AT)
    ends_at: datetime | None = strawberry.field(default=UNSET, description=ENDS_AT)
    local_ends_at: str | None = strawberry.field(default=UNSET, description=LOCAL_AT)
    time_zone: str | None = strawberry.field(default=UNSET, description=ZONE)
    number: str | None = strawberry.field(
        default=UNSET,
        description="One of the contact's; without one that of the call, else the first dialed.",
    )
    preference: PreferenceType | None = strawberry.field(default=UNSET, description="ANYONE.")
    agent_id: strawberry.ID | None = strawberry.field(default=UNSET, description=AGENT)
    type: ScheduleType | None = strawberry.field(
        default=UNSET, description="Without one it follows from who schedules, and in which call."
    )
    note: str | None = strawberry.field(default=UNSET, description="2,000 characters.")
    threshold_minutes: int | None = strawberry.field(default=UNSET, description=THRESHOLD)
    early_minutes: int | None = strawberry.field(default=UNSET, description=EARLY)
    unique_id: str | None = strawberry.field(
        default=UNSET, description="The call in which it was agreed, as the telephony named it."
    )


@strawberry.input(description="What to change; fields left out stay as they are.")
class EditScheduledTaskInput:
    id: strawberry.ID
    at: datetime | None = strawberry.field(
        default=UNSET, description="A new start takes the end along, unless that is given too."
    )
    local_at: str | None = strawberry.field(default=UNSET, description=LOCAL_AT)
    ends_at: datetime | None = UNSET
    local_ends_at: str | None = strawberry.field(default=UNSET, description=LOCAL_AT)
    time_zone: str | None = strawberry.field(default=UNSET, description=ZONE)
    number: str | None = UNSET
    preference: PreferenceType | None = UNSET
    agent_id: strawberry.ID | None = strawberry.field(default=UNSET, metadata=CLEARS)
    note: str | None = UNSET
    threshold_minutes: int | None = strawberry.field(default=UNSET, description=THRESHOLD)
    early_minutes: int | None = strawberry.field(default=UNSET, description=EARLY)
    version: int | None = None


@strawberry.input(description="Tasks, and who is to call.")
class ReassignScheduledTasksInput:
    ids: list[strawberry.ID] = strawberry.field(description="5,000 at the most.")
    agent_id: strawberry.ID | None = strawberry.field(
        default=None, description="Null: any agent of the campaign."
    )


@strawberry.input(description="Tasks to close.")
class CloseScheduledTasksInput:
    ids: list[strawberry.ID] = strawberry.field(description="5,000 at the most.")


@strawberry.input(description="The campaign whose callbacks are closed, all of them.")
class CloseCallbackSessionsInput:
    campaign_id: strawberry.ID


@strawberry.input(description="What to take back: `closedAt` as the closing told it.")
class ReopenCallbackSessionsInput:
    campaign_id: strawberry.ID
    closed_at: datetime
