# SPDX-License-Identifier: Apache-2.0
"""The audit: who did what to which object, and when; written with each change, never edited."""

from datetime import datetime

import orjson
import strawberry
from strawberry.scalars import JSON

from server import models
from server.domain.permissions import Permission
from server.planner import (
    column,
    computed,
    connection,
    entity,
    expression,
    id_filter,
    identity,
    one,
)
from server.resolvers import events as resolvers
from server.schema.nodes import Connection, Node
from server.schema.roots import resolves
from server.schema.users import User
from server.services import events as services

VIEW = Permission.EVENTS_VIEW


@entity(
    models.Event,
    prefix="event",
    visible=services.visible_events,
    requires=VIEW,
    description="One change of state, as it was made.",
)
class Event(Node):
    id: strawberry.ID = identity()
    at: datetime = column(models.Event.at)
    name: str = column(models.Event.name, "`<subject>.<past participle>`, as `user.edited`.")
    label: str = computed(resolvers.label, models.Event.name)
    user: User | None = one(models.Event.user_id, requires=Permission.USERS_VIEW)
    user_name: str | None = expression(
        services.user_name, "Who did it; null for the system, and where nobody was signed in."
    )
    about: strawberry.ID | None = computed(
        resolvers.about,
        models.Event.name,
        models.Event.subject_id,
        description="The global id of what it was done to, which may be deleted by now.",
    )
    about_name: str | None = expression(
        services.subject_name, "What that is called; null where it has no name."
    )
    data: JSON = column(
        models.Event.data, "What changed; its keys differ by name.", convert=orjson.loads
    )


@strawberry.type(description="A name that events have.")
class EventKind:
    name: str
    label: str


@strawberry.type(description="A noun in events' names, with the events that there are of it.")
class EventSubject:
    name: str
    label: str
    kinds: list[EventKind]


@strawberry.input(description="Which events are wanted; the conditions all hold.")
class EventFilter:
    user_id: strawberry.ID | None = strawberry.field(default=None, description="Done by them.")
    subject: str | None = strawberry.field(
        default=None, description="The noun of the name, such as `user`."
    )
    name: str | None = strawberry.field(default=None, description="The whole name.")
    about: strawberry.ID | None = strawberry.field(
        default=None, description="Done to this object, deleted ones too."
    )


@strawberry.type
class EventQuery:
    events: Connection[Event] = connection(
        description="The audit, newest first.",
        sorts={"NEWEST": ()},
        default_sort="NEWEST",
        default_descending=True,
        filter=EventFilter,
        filters={
            "userId": id_filter("User", services.by_user),
            "subject": resolvers.of_subject,
            "name": services.named,
            "about": resolvers.being_about,
        },
        requires=VIEW,
    )
    event_subjects: list[EventSubject] = resolves(
        by=resolvers.subjects, requires=VIEW, description="What events there are, by subject."
    )
