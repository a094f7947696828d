# SPDX-License-Identifier: Apache-2.0
"""Scheduled tasks: callbacks that wait for their time, and who is to call (C-30 to C-38)."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from server import models
from server.domain.permissions import Permission
from server.domain.tasks import OPEN_STATES
from server.planner import (
    Within,
    by_id,
    column,
    computed,
    connection,
    entity,
    expression,
    id_filter,
    identity,
    one,
)
from server.resolvers import tasks
from server.schema.contacts import Contact
from server.schema.enums import CallbackWarning, PreferenceType, ScheduleState, ScheduleType
from server.schema.nodes import Connection, Node, UserError
from server.schema.roots import mutates, resolves
from server.schema.task_inputs import (
    CloseCallbackSessionsInput,
    CloseScheduledTasksInput,
    EditScheduledTaskInput,
    ReassignScheduledTasksInput,
    ReopenCallbackSessionsInput,
    ScheduleCallbackInput,
)
from server.services.tasks import reading

if TYPE_CHECKING:
    from server.schema.campaigns import Campaign

VIEW = Permission.TASKS_VIEW
PAGE = 1_000  # C-31
CampaignRef = Annotated["Campaign", strawberry.lazy("server.schema.campaigns")]


@entity(
    models.ScheduledTask,
    prefix="task",
    visible=reading.visible_tasks,
    requires=VIEW,
    description="A callback that waits for its time; its times are its campaign's clock.",
)
class ScheduledTask(Node):
    id: strawberry.ID = identity()
    state: ScheduleState = expression(
        reading.schedule_state, "Where it stands now, by the campaign's clock (C-34)."
    )
    state_label: str = expression(reading.schedule_state, "Localized.", function=tasks.state_label)
    starts_at: datetime = column(models.ScheduledTask.starts_at, "Dialed from then on.")
    ends_at: datetime = column(models.ScheduledTask.ends_at, "Never dialed after.")
    threshold_minutes: int = column(
        models.ScheduledTask.threshold_minutes, "So long after its start it is DUE."
    )
    early_minutes: int = column(
        models.ScheduledTask.early_minutes, "So long before its start it is shown as DUE."
    )
    time_zone: str = column(models.ScheduledTask.time_zone, "In which the time was agreed.")
    number: str = column(models.ScheduledTask.number, "The one that is dialed, E.164.")
    type: ScheduleType = column(models.ScheduledTask.type)
    type_label: str = computed(
        tasks.type_label, models.ScheduledTask.type, description="Localized."
    )
    preference: PreferenceType = column(models.ScheduledTask.preference)
    preference_label: str = computed(
        tasks.preference_label, models.ScheduledTask.preference, description="Localized."
    )
    agent_id: strawberry.ID | None = computed(
        tasks.agent_id, models.ScheduledTask.agent_id, description="The next targeted agent."
    )
    agent_name: str | None = expression(reading.agent_name, "The next targeted agent.")
    last_agent_name: str | None = expression(
        reading.last_agent_name, "Who dealt with the contact last."
    )
    unique_id: str | None = column(
        models.ScheduledTask.unique_id, "The call in which it was agreed."
    )
    note: str = column(models.ScheduledTask.note)
    closed_at: datetime | None = column(models.ScheduledTask.closed_at)
    close_reason: str | None = column(
        models.ScheduledTask.close_reason,
        "As `FinalReason` names why its stay ended, or OPT_OUT.",
    )
    close_reason_label: str | None = computed(
        tasks.close_reason_label, models.ScheduledTask.close_reason, description="Localized."
    )
    version: int = column(models.ScheduledTask.version, "Send it back with an edit.")
    created_at: datetime = column(models.ScheduledTask.created_at)
    contact_name: str = expression(reading.contact_name)
    campaign_name: str = expression(reading.campaign_name)
    contact: Contact | None = one(
        models.ScheduledTask.contact_id, requires=Permission.CONTACTS_VIEW
    )
    campaign: CampaignRef | None = one(
        models.ScheduledTask.campaign_id, requires=Permission.CAMPAIGNS_VIEW
    )


@strawberry.enum(description="What scheduled tasks are sorted by.")
class ScheduledTaskSort(StrEnum):
    STARTS_AT = "STARTS_AT"
    ENDS_AT = "ENDS_AT"
    CREATED_AT = "CREATED_AT"


SORTS = {
    "STARTS_AT": (models.ScheduledTask.starts_at,),
    "ENDS_AT": (models.ScheduledTask.ends_at,),
    "CREATED_AT": (models.ScheduledTask.created_at,),
}


@strawberry.input(description="Which tasks are wanted; the conditions all hold (C-32).")
class ScheduledTaskFilter:
    campaign_id: strawberry.ID | None = None
    contact_id: strawberry.ID | None = None
    contact_name: str | None = strawberry.field(default=None, description="Part of it.")
    last_agent_id: strawberry.ID | None = strawberry.field(
        default=None, description="The last handling agent."
    )
    next_agent_id: strawberry.ID | None = strawberry.field(
        default=None, description="The next targeted agent."
    )
    states: list[ScheduleState] | None = strawberry.field(
        default=None, description="In any of these; without it in any but CLOSED (C-33)."
    )
    type: ScheduleType | None = None
    preference: PreferenceType | None = None
    start_date: date | None = strawberry.field(
        default=None, description="Starting on this day of the reader's calendar."
    )
    start_time: time | None = strawberry.field(
        default=None, description="At this time of the reader's clock, to the minute."
    )
    start_time_to: time | None = strawberry.field(
        default=None, description="From `startTime`, or midnight, until then."
    )
    starts_from: datetime | None = strawberry.field(default=None, description="Then or later.")
    starts_before: datetime | None = strawberry.field(default=None, description="Earlier.")


FILTERS = {
    "campaignId": id_filter("Campaign", reading.of_campaign),
    "contactId": id_filter("Contact", reading.of_contact),
    "contactName": reading.of_contact_named,
    "lastAgentId": id_filter("Agent", reading.handled_by),
    "nextAgentId": id_filter("Agent", reading.for_agent),
    "states": reading.in_states,
    "type": reading.of_type,
    "preference": reading.with_preference,
    "startDate": reading.starting_on,
    "startTime": Within(reading.starting_at),
    "startTimeTo": Within(reading.until_time),
    "startsFrom": reading.starting_from,
    "startsBefore": reading.starting_before,
}


@strawberry.type(description="Something to know; it is scheduled all the same.")
class CallbackNotice:
    code: CallbackWarning
    message: str = strawberry.field(description="For people, in the reader's language.")


@strawberry.type(description="An agent whom a callback can be for.")
class CallbackAgent:
    id: strawberry.ID
    full_name: str


@strawberry.type(description="The task as it stands now, or why it was refused.")
class ScheduledTaskPayload:
    scheduled_task: ScheduledTask | None = None
    warnings: list[CallbackNotice] = strawberry.field(default_factory=list)
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What became of the tasks.")
class ReassignScheduledTasksPayload:
    reassigned: int = 0
    in_call: int = strawberry.field(default=0, description="Left: being called just now.")
    not_assigned: int = strawberry.field(
        default=0, description="Left: of campaigns that the agent does not work on."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What became of the tasks.")
class CloseScheduledTasksPayload:
    closed: int = 0
    in_call: int = strawberry.field(default=0, description="Close when their call is over.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What became of the campaign's tasks.")
class CloseCallbackSessionsPayload:
    closed: int = 0
    in_call: int = strawberry.field(default=0, description="Close when their call is over.")
    closed_at: datetime | None = strawberry.field(
        default=None, description="By it `reopenCallbackSessions` takes this back."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="How many tasks wait again, or have expired meanwhile.")
class ReopenCallbackSessionsPayload:
    reopened: int = 0
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class TaskQuery:
    scheduled_tasks: Connection[ScheduledTask] = connection(
        description="Scheduled tasks, the next first, up to 1,000 a page (C-30 to C-33). An agent "
        "sees their own and those for anyone, of their campaigns.",
        sort=ScheduledTaskSort,
        sorts=SORTS,
        default_sort="STARTS_AT",
        filter=ScheduledTaskFilter,
        filters=FILTERS,
        largest=PAGE,
        defaults={"states": OPEN_STATES},
        requires=VIEW,
    )
    scheduled_task: ScheduledTask | None = by_id(description="One task.", requires=VIEW)
    callback_agents: list[CallbackAgent] = resolves(
        by=tasks.callback_agents,
        description="The agents of a campaign, as those whom a callback can be for.",
        requires=VIEW,
    )


@strawberry.type
class TaskMutation:
    schedule_callback: ScheduledTaskPayload = mutates(
        by=tasks.schedule,
        takes=ScheduleCallbackInput,
        gives=ScheduledTaskPayload,
        requires=Permission.TASKS_CREATE,
        description="Agree a callback. A contact has one a campaign: an open stay becomes it.",
    )
    edit_scheduled_task: ScheduledTaskPayload = mutates(
        by=tasks.edit,
        takes=EditScheduledTaskInput,
        gives=ScheduledTaskPayload,
        requires=Permission.TASKS_EDIT,
        description="Change a task; its type is SCHEDULED_BY_USER from then on (C-35).",
    )
    reassign_scheduled_tasks: ReassignScheduledTasksPayload = mutates(
        by=tasks.reassign,
        takes=ReassignScheduledTasksInput,
        gives=ReassignScheduledTasksPayload,
        requires=Permission.TASKS_EDIT,
        description="Give tasks to another agent, or to anyone (C-37).",
    )
    close_scheduled_tasks: CloseScheduledTasksPayload = mutates(
        by=tasks.close,
        takes=CloseScheduledTasksInput,
        gives=CloseScheduledTasksPayload,
        requires=Permission.TASKS_DELETE,
        description="Close tasks: nobody is called.",
    )
    close_callback_sessions: CloseCallbackSessionsPayload = mutates(
        by=tasks.close_sessions,
        takes=CloseCallbackSessionsInput,
        gives=CloseCallbackSessionsPayload,
        requires=Permission.TASKS_DELETE,
        description="Close all scheduled tasks of a campaign (C-38).",
    )
    reopen_callback_sessions: ReopenCallbackSessionsPayload = mutates(
        by=tasks.reopen_sessions,
        takes=ReopenCallbackSessionsInput,
        gives=ReopenCallbackSessionsPayload,
        requires=Permission.TASKS_DELETE,
        description="Take back what `closeCallbackSessions` closed at that moment.",
    )
