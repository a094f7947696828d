# SPDX-License-Identifier: Apache-2.0
"""Users: who signs in, as what, and whether they may at all."""

from datetime import datetime
from enum import StrEnum

import strawberry

from server import models
from server.domain.permissions import Permission, Role
from server.planner import (
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
from server.resolvers import users
from server.schema.nodes import Connection, Node, UserError
from server.schema.profiles import Profile
from server.schema.roots import CLEARS, mutates
from server.services import users as services
from server.services.users import search

VIEW, EDIT, DELETE = Permission.USERS_VIEW, Permission.USERS_EDIT, Permission.USERS_DELETE


@entity(
    models.User,
    prefix="user",
    visible=services.visible_users,
    requires=VIEW,
    description="Somebody who signs in; never deleted, as the history names them.",
)
class User(Node):
    id: strawberry.ID = identity()
    name: str = column(models.User.name, "The log-in name, unique in the installation.")
    full_name: str = column(models.User.full_name)
    role: Role = column(models.User.role)
    role_label: str = computed(users.role_label, models.User.role)
    profile: Profile | None = one(models.User.profile_id, requires=Permission.PROFILES_VIEW)
    profile_name: str | None = expression(search.profile_name)
    is_active: bool = column(models.User.is_active, "Whether they may sign in.")
    locale: str = column(models.User.locale)
    timezone: str = column(models.User.timezone, "IANA name.")
    last_login_at: datetime | None = column(models.User.last_login_at)
    created_at: datetime = column(models.User.created_at)
    version: int = column(models.User.version, "Send it back with an edit.")


@strawberry.enum(description="What users are sorted by.")
class UserSort(StrEnum):
    NAME = "NAME"
    ROLE = "ROLE"
    CREATED_AT = "CREATED_AT"


SORTS = {
    "NAME": (models.User.name_key,),
    "ROLE": (models.User.role, models.User.name_key),
    "CREATED_AT": (models.User.created_at,),
}


@strawberry.input(description="Which users are wanted; the conditions all hold.")
class UserFilter:
    search: str | None = strawberry.field(
        default=None, description="Part of the log-in name or of the full name."
    )
    role: Role | None = None
    is_active: bool | None = None
    profile_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who carries this profile."
    )


@strawberry.input(description="A new user; without a password nobody can log in as them yet.")
class CreateUserInput:
    name: str
    role: Role
    full_name: str = ""
    profile_id: strawberry.ID | None = None
    password: str | None = None
    locale: str | None = strawberry.UNSET
    timezone: str | None = strawberry.UNSET


@strawberry.input(description="What to change; fields left out stay as they are.")
class EditUserInput:
    id: strawberry.ID
    name: str | None = strawberry.UNSET
    role: Role | None = strawberry.UNSET
    full_name: str | None = strawberry.UNSET
    profile_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Null takes the profile away.", metadata=CLEARS
    )
    locale: str | None = strawberry.UNSET
    timezone: str | None = strawberry.UNSET
    version: int | None = None


@strawberry.input(description="The user whose state is to change.")
class UserStateInput:
    id: strawberry.ID
    version: int | None = None


@strawberry.input(description="A password for somebody else, who is signed out everywhere.")
class SetUserPasswordInput:
    id: strawberry.ID
    password: str


@strawberry.input(description="The user to sign out everywhere.")
class EndUserSessionsInput:
    id: strawberry.ID


@strawberry.type(description="The user as it stands now, or why it was refused.")
class UserPayload:
    user: User | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="How many sessions were ended, or why none was.")
class EndUserSessionsPayload:
    user: User | None = None
    sessions_ended: int = 0
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class UserQuery:
    users: Connection[User] = connection(
        description="The users of the centre, by name unless sorted otherwise.",
        sort=UserSort,
        sorts=SORTS,
        default_sort="NAME",
        filter=UserFilter,
        filters={
            "search": search.matching,
            "role": search.of_role,
            "isActive": search.being_active,
            "profileId": id_filter("Profile", search.of_profile),
        },
        requires=VIEW,
    )
    user: User | None = by_id(description="One user.", requires=VIEW)


@strawberry.type
class UserMutation:
    create_user: UserPayload = mutates(
        by=users.create,
        takes=CreateUserInput,
        gives=UserPayload,
        requires=Permission.USERS_CREATE,
        description="Add a user; nobody makes one who may more than they do.",
    )
    edit_user: UserPayload = mutates(
        by=users.edit,
        takes=EditUserInput,
        gives=UserPayload,
        requires=EDIT,
        description="Change a user; role and profile act on their next request (X-09).",
    )
    deactivate_user: UserPayload = mutates(
        by=users.deactivate,
        takes=UserStateInput,
        gives=UserPayload,
        requires=DELETE,
        description="Let somebody in no more: sessions and tokens end at once.",
    )
    reactivate_user: UserPayload = mutates(
        by=users.reactivate,
        takes=UserStateInput,
        gives=UserPayload,
        requires=DELETE,
        description="Let somebody in again, with the password they had.",
    )
    set_user_password: UserPayload = mutates(
        by=users.set_password,
        takes=SetUserPasswordInput,
        gives=UserPayload,
        requires=EDIT,
        description="Set somebody else's password; their sessions end.",
    )
    end_user_sessions: EndUserSessionsPayload = mutates(
        by=users.end_sessions,
        takes=EndUserSessionsInput,
        gives=EndUserSessionsPayload,
        requires=EDIT,
        description="Sign somebody out everywhere.",
    )
