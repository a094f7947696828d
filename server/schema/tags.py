# SPDX-License-Identifier: Apache-2.0
"""Tags: words that group contacts; an edit of a contact makes new ones (X-26)."""

from datetime import datetime

import strawberry

from server import models
from server.domain.permissions import Permission
from server.planner import column, connection, entity, identity
from server.resolvers import tags
from server.schema.nodes import Connection, Node, UserError
from server.schema.roots import mutates
from server.services import tags as services

VIEW = Permission.CONTACTS_VIEW


@entity(
    models.Tag,
    prefix="tag",
    visible=services.visible_tags,
    requires=VIEW,
    description="A word that groups contacts, such as VIP.",
)
class Tag(Node):
    id: strawberry.ID = identity()
    name: str = column(models.Tag.name, "Unique in the tenant, whatever its case.")
    created_at: datetime = column(models.Tag.created_at)


@strawberry.input(description="Which tags are wanted.")
class TagFilter:
    search: str | None = strawberry.field(default=None, description="Part of the name.")


@strawberry.input(description="A tag and its new name.")
class RenameTagInput:
    id: strawberry.ID
    name: str = strawberry.field(description="50 characters, no comma.")


@strawberry.input(description="The tag to delete.")
class DeleteTagInput:
    id: strawberry.ID


@strawberry.type(description="The tag as it stands now, or why it was refused.")
class TagPayload:
    tag: Tag | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What the deletion did.")
class DeleteTagPayload:
    deleted: bool = False
    name: str | None = None
    contacts_untagged: int = strawberry.field(
        default=0, description="Contacts that had it: they stay, without it."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class TagQuery:
    tags: Connection[Tag] = connection(
        description="All tags of the centre, by name.",
        sorts={"NAME": (models.Tag.name_key,)},
        default_sort="NAME",
        filter=TagFilter,
        filters={"search": services.matching},
        requires=VIEW,
    )


@strawberry.type
class TagMutation:
    rename_tag: TagPayload = mutates(
        by=tags.rename,
        takes=RenameTagInput,
        gives=TagPayload,
        requires=Permission.CONTACTS_EDIT,
        description="Rename a tag on every contact that has it; not for agents.",
    )
    delete_tag: DeleteTagPayload = mutates(
        by=tags.delete,
        takes=DeleteTagInput,
        gives=DeleteTagPayload,
        requires=Permission.CONTACTS_DELETE,
        description="Take a tag off every contact, and out of the world.",
    )
