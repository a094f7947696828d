# SPDX-License-Identifier: Apache-2.0
"""User profiles and the tree of permissions that they are made of (X-09)."""

from datetime import datetime
from enum import StrEnum

import strawberry

from server import models
from server.domain.permissions import Permission
from server.planner import by_id, column, connection, entity, expression, identity
from server.resolvers import profiles as resolvers
from server.schema.nodes import Connection, Node, UserError
from server.schema.roots import mutates, resolves
from server.services import profiles as services

VIEW = Permission.PROFILES_VIEW


@entity(
    models.Profile,
    prefix="profile",
    visible=services.visible_profiles,
    requires=VIEW,
    description="What the users who carry it may do; a change acts on their next request.",
)
class Profile(Node):
    id: strawberry.ID = identity()
    name: str = column(models.Profile.name, "Unique in the centre, whatever its case.")
    description: str = column(models.Profile.description)
    permissions: list[str] = column(
        models.Profile.permissions, "Names of permissions, as `permissionTree` lists them."
    )
    user_count: int = expression(services.user_count, "How many users carry it, active or not.")
    version: int = column(models.Profile.version, "Send it back with an edit.")
    created_at: datetime = column(models.Profile.created_at)


@strawberry.type(description="What may be done with a subject, such as `item_types.view`.")
class PermissionVerb:
    permission: str = strawberry.field(description="The permission's name, `<subject>.<verb>`.")
    verb: str
    label: str
    is_for_agents: bool = strawberry.field(
        description="Whether an agent can hold it; what a profile grants beyond is ignored for one."
    )


@strawberry.type(description="A subject of the permission tree, such as Contact item types.")
class PermissionSubject:
    name: str
    label: str
    verbs: list[PermissionVerb]


@strawberry.type(description="A group of the permission tree, such as Tools.")
class PermissionGroup:
    name: str
    label: str
    subjects: list[PermissionSubject]


@strawberry.enum(description="What profiles are sorted by.")
class ProfileSort(StrEnum):
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"


@strawberry.input(description="Which profiles are wanted.")
class ProfileFilter:
    search: str | None = strawberry.field(default=None, description="Part of the name.")


@strawberry.input(description="A new profile.")
class CreateProfileInput:
    name: str
    description: str = ""
    permissions: list[str] = strawberry.field(
        default_factory=list, description="In any order; those that you lack are refused."
    )


@strawberry.input(description="What to change; fields left out stay as they are.")
class EditProfileInput:
    id: strawberry.ID
    name: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    permissions: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="All that the profile then grants."
    )
    version: int | None = None


@strawberry.input(description="The profile to delete.")
class DeleteProfileInput:
    id: strawberry.ID
    version: int | None = None


@strawberry.type(description="The profile as it stands now, or why it was refused.")
class ProfilePayload:
    profile: Profile | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What the deletion did.")
class DeleteProfilePayload:
    deleted: bool = False
    name: str | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ProfileQuery:
    profiles: Connection[Profile] = connection(
        description="User profiles, by name unless sorted otherwise.",
        sort=ProfileSort,
        sorts={"NAME": (models.Profile.name_key,), "CREATED_AT": (models.Profile.created_at,)},
        default_sort="NAME",
        filter=ProfileFilter,
        filters={"search": services.matching},
        requires=VIEW,
    )
    profile: Profile | None = by_id(description="One user profile.", requires=VIEW)
    permission_tree: list[PermissionGroup] = resolves(
        by=resolvers.permission_tree,
        description="Every permission there is, in the navigation's order; for whoever signed in.",
    )


@strawberry.type
class ProfileMutation:
    create_profile: ProfilePayload = mutates(
        by=resolvers.create,
        takes=CreateProfileInput,
        gives=ProfilePayload,
        requires=Permission.PROFILES_CREATE,
        description="Add a profile; nobody grants what they do not have.",
    )
    edit_profile: ProfilePayload = mutates(
        by=resolvers.edit,
        takes=EditProfileInput,
        gives=ProfilePayload,
        requires=Permission.PROFILES_EDIT,
        description="Change a profile; its users feel it on their next request (X-09).",
    )
    delete_profile: DeleteProfilePayload = mutates(
        by=resolvers.delete,
        takes=DeleteProfileInput,
        gives=DeleteProfilePayload,
        requires=Permission.PROFILES_DELETE,
        description="Delete a profile that nobody carries.",
    )
