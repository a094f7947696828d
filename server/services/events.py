# SPDX-License-Identifier: Apache-2.0
"""The audit: the row of a state change, in the transaction that makes it, and who reads which."""

from collections.abc import Callable, Sequence

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Select,
    Text,
    any_,
    case,
    cast,
    false,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError
from server.domain.permissions import Viewer
from server.domain.text import clean
from server.models import (
    ApiToken,
    Campaign,
    ContactItemType,
    ContactList,
    Event,
    MasterDataField,
    Profile,
    Tag,
    TelephonyExchange,
    User,
)

Condition = Callable[[FromClause], ColumnElement[bool]]
# Where the objects of an event's noun have their names; people that are called are not among them.
NAMED = {
    "account": User,
    "campaign": Campaign,
    "item_type": ContactItemType,
    "exchange": TelephonyExchange,
    "field": MasterDataField,
    "list": ContactList,
    "profile": Profile,
    "tag": Tag,
    "token": ApiToken,
    "user": User,
}


def record(
    session: AsyncSession,
    viewer: Viewer | None,
    name: str,
    subject_id: int | None,
    /,
    **data: object,
) -> Event:
    """`name` is `<subject>.<past participle>`; `viewer` None: the system itself."""
    user_id = None if viewer is None else viewer.user_id
    event = Event(user_id=user_id, name=name, subject_id=subject_id, data=data)
    session.add(event)
    return event


def visible_events(viewer: Viewer) -> Select[Event]:
    """All of the centre; whether one may read them at all is a permission."""
    return select(Event).where(Event.tenant_id == viewer.tenant_id)


def by_user(user_id: int, viewer: Viewer) -> Condition:
    return lambda events: events.c.user_id == user_id


def named(name: str, viewer: Viewer) -> Condition:
    try:
        wanted = clean(name, "name")
    except DomainError:
        return lambda events: false()
    return lambda events: events.c.name == wanted


def of_subjects(subjects: Sequence[str], subject_id: int | None = None) -> Condition:
    """Events whose name begins with one of the subjects; with an id, those about this one."""
    wanted = cast([*subjects], ARRAY(Text))

    def condition(events: FromClause) -> ColumnElement[bool]:
        of_subject = _noun(events) == any_(wanted)
        return (
            of_subject if subject_id is None else of_subject & (events.c.subject_id == subject_id)
        )

    return condition


def user_name(events: FromClause) -> ColumnElement[str]:
    """The log-in name of who did it; null where nobody was signed in, or for the system."""
    users = User.__table__.alias()
    return (
        select(users.c.name)
        .where(users.c.id == events.c.user_id)
        .correlate(events)
        .scalar_subquery()
    )


def subject_name(events: FromClause) -> ColumnElement[str]:
    """The present name of what it was done to, else the one that the event noted."""
    named = [
        (noun, select(table.c.name).where(table.c.id == events.c.subject_id))
        for noun, table in ((noun, model.__table__.alias()) for noun, model in NAMED.items())
    ]
    found = case(
        *(
            (_noun(events) == noun, query.correlate(events).scalar_subquery())
            for noun, query in named
        )
    )
    return func.coalesce(found, events.c.data.op("->>")("name"))


def _noun(events: FromClause) -> ColumnElement[str]:
    return func.split_part(events.c.name, ".", 1)
