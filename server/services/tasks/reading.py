# SPDX-License-Identifier: Apache-2.0
"""Who sees which scheduled tasks, in which state they are, and what they are found by (C-32)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    FromClause,
    Select,
    Text,
    Time,
    any_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
)

from server.domain.errors import DomainError
from server.domain.permissions import Role, Viewer
from server.domain.tasks import OPEN_STATES, ScheduleState
from server.domain.text import clean, sort_key
from server.models import Campaign, Contact, ScheduledTask
from server.services.authors import name_of_user
from server.services.dialer.reading import campaign_now
from server.services.visibility import visible_campaigns

Condition = Callable[[FromClause], ColumnElement[bool]]


def visible_tasks(viewer: Viewer) -> Select[ScheduledTask]:
    """An agent's: their own and those for anyone, of their campaigns."""
    tasks = select(ScheduledTask)
    if viewer.role is not Role.AGENT:
        return tasks
    mine = visible_campaigns(viewer).with_only_columns(Campaign.id)
    return tasks.where(
        ScheduledTask.campaign_id.in_(mine),
        or_(
            ScheduledTask.agent_id.is_(None),
            ScheduledTask.agent_id == bindparam("viewer_id", viewer.user_id),
        ),
    )


def schedule_state(tasks: FromClause) -> ColumnElement[str]:
    """The state by the campaign's clock, as `domain.tasks.schedule_state` tells it (C-34)."""
    columns, now = tasks.c, _now(tasks)
    early = columns.starts_at - _minutes(columns.early_minutes)
    delayed = columns.starts_at + _minutes(columns.threshold_minutes)
    found = case(
        (columns.closed_at.is_not(None), ScheduleState.CLOSED.value),
        (now > columns.ends_at, ScheduleState.EXPIRED.value),
        (now < early, ScheduleState.SCHEDULED.value),
        (now <= delayed, ScheduleState.DUE.value),
        else_=ScheduleState.DELAYED.value,
    )
    return cast(found, Text)


def in_states(states: Sequence[Any], viewer: Viewer) -> Condition:
    """Tasks in any of the states."""
    wanted = {ScheduleState(getattr(state, "value", state)) for state in states}

    def condition(tasks: FromClause) -> ColumnElement[bool]:
        is_open = tasks.c.closed_at.is_(None)
        if wanted.issuperset(OPEN_STATES):  # whatever the campaigns' clocks show
            return true() if ScheduleState.CLOSED in wanted else is_open
        found = schedule_state(tasks) == any_(cast(sorted(wanted), ARRAY(Text)))
        return found if ScheduleState.CLOSED in wanted else is_open & found

    return condition


def of_type(kind: Any, viewer: Viewer) -> Condition:
    return lambda tasks: tasks.c.type == getattr(kind, "value", kind)


def with_preference(preference: Any, viewer: Viewer) -> Condition:
    return lambda tasks: tasks.c.preference == getattr(preference, "value", preference)


def of_campaign(campaign_id: int, viewer: Viewer) -> Condition:
    return lambda tasks: tasks.c.campaign_id == campaign_id


def of_contact(contact_id: int, viewer: Viewer) -> Condition:
    return lambda tasks: tasks.c.contact_id == contact_id


def for_agent(agent_id: int, viewer: Viewer) -> Condition:
    """The next targeted agent."""
    return lambda tasks: tasks.c.agent_id == agent_id


def handled_by(agent_id: int, viewer: Viewer) -> Condition:
    """The last handling agent."""
    return lambda tasks: tasks.c.last_agent_id == agent_id


def starting_from(instant: datetime, viewer: Viewer) -> Condition:
    return lambda tasks: tasks.c.starts_at >= instant


def starting_before(instant: datetime, viewer: Viewer) -> Condition:
    return lambda tasks: tasks.c.starts_at < instant


def starting_on(day: date, viewer: Viewer) -> Condition:
    """On this day of the viewer's calendar."""
    return lambda tasks: cast(_local(tasks, viewer), Date) == day


def starting_at(clock: time, viewer: Viewer, given: Mapping[str, Any]) -> Condition:
    """At this time of the viewer's clock, to the minute; or from it until `startTimeTo`.

    An interval that ends before it begins spans midnight.
    """
    first = clock.replace(second=0, microsecond=0, tzinfo=None)
    last = (given.get("startTimeTo") or clock).replace(second=59, microsecond=999_999, tzinfo=None)

    def condition(tasks: FromClause) -> ColumnElement[bool]:
        local = cast(_local(tasks, viewer), Time)
        after, before = local >= first, local <= last
        return after & before if first <= last else after | before

    return condition


def until_time(clock: time, viewer: Viewer, given: Mapping[str, Any]) -> Condition:
    """The end of the interval, which alone begins at midnight."""
    if given.get("startTime") is not None:
        return lambda tasks: true()
    return starting_at(time(0), viewer, {"startTimeTo": clock})


def of_contact_named(text: str, viewer: Viewer) -> Condition:
    """Part of the contact's name, in either order, in any case, with or without accents."""
    try:
        key = sort_key(clean(text, "contactName"))
    except DomainError:  # no name holds such a character, or is that long
        return lambda tasks: false()

    def condition(tasks: FromClause) -> ColumnElement[bool]:
        contacts = Contact.__table__.alias()
        found = select(contacts.c.id).where(
            contacts.c.id == tasks.c.contact_id,
            or_(
                contacts.c.name_key.contains(key, autoescape=True),
                contacts.c.given_key.contains(key, autoescape=True),
            ),
        )
        return found.correlate(tasks).exists()

    return condition


def contact_name(tasks: FromClause) -> ColumnElement[Any]:
    """As it is written to people; their lists may be out of an agent's sight, the task is not."""
    contacts = Contact.__table__.alias()
    name = func.concat_ws(" ", contacts.c.first_name, func.nullif(contacts.c.last_name, ""))
    found = select(name).where(contacts.c.id == tasks.c.contact_id)
    return found.correlate(tasks).scalar_subquery()


def campaign_name(tasks: FromClause) -> ColumnElement[Any]:
    campaigns = Campaign.__table__.alias()
    found = select(campaigns.c.name).where(campaigns.c.id == tasks.c.campaign_id)
    return found.correlate(tasks).scalar_subquery()


def agent_name(tasks: FromClause) -> ColumnElement[Any]:
    """The full name of the next targeted agent."""
    return name_of_user(tasks, tasks.c.agent_id)


def last_agent_name(tasks: FromClause) -> ColumnElement[Any]:
    """The full name of the agent who dealt with the contact last."""
    return name_of_user(tasks, tasks.c.last_agent_id)


def _now(tasks: FromClause) -> ColumnElement[Any]:
    campaigns: Any = Campaign.__table__.alias()
    found = select(campaign_now(campaigns)).where(campaigns.c.id == tasks.c.campaign_id)
    return found.correlate(tasks).scalar_subquery()


def _local(tasks: FromClause, viewer: Viewer) -> ColumnElement[Any]:
    return func.timezone(viewer.timezone, tasks.c.starts_at)


def _minutes(column: ColumnElement[int]) -> ColumnElement[Any]:
    return column * literal(timedelta(minutes=1))
