# SPDX-License-Identifier: Apache-2.0
"""Contact item types: what categories of additional phones there are (X-01 to X-10)."""

from datetime import datetime
from enum import StrEnum

import strawberry

from server import models
from server.domain.permissions import Permission
from server.planner import by_id, column, connection, entity, expression, identity
from server.resolvers import item_types
from server.schema.nodes import Connection, Node, UserError
from server.schema.roots import mutates
from server.services import item_types as services

VIEW = Permission.ITEM_TYPES_VIEW


@entity(
    models.ContactItemType,
    prefix="type",
    visible=services.visible_item_types,
    requires=VIEW,
    description="A category of additional phone; its order decides which number is dialed first.",
)
class ContactItemType(Node):
    id: strawberry.ID = identity()
    name: str = column(models.ContactItemType.name, "Unique in the tenant, whatever its case.")
    order_by: int = column(models.ContactItemType.order_by, "Dial priority: lower goes first.")
    color: str = column(models.ContactItemType.color, "`#RRGGBB`, the background of its chips.")
    phone_count: int = expression(services.phone_count, "How many additional phones have it.")
    phone_count_capped: int = expression(
        services.phone_count_capped, "The same, counted no further than 10,001: quick for any."
    )
    version: int = column(models.ContactItemType.version, "Send it back with an edit.")
    created_at: datetime = column(models.ContactItemType.created_at)


@strawberry.enum(description="What item types are sorted by.")
class ContactItemTypeSort(StrEnum):
    DIAL_ORDER = "DIAL_ORDER"
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"


SORTS = {
    "DIAL_ORDER": (models.ContactItemType.order_by, models.ContactItemType.name_key),
    "NAME": (models.ContactItemType.name_key,),
    "CREATED_AT": (models.ContactItemType.created_at,),
}


@strawberry.input(description="Which item types are wanted.")
class ContactItemTypeFilter:
    search: str | None = strawberry.field(
        default=None, description="Part of the name, an order or a colour (X-08)."
    )


@strawberry.input(description="A new item type.")
class CreateContactItemTypeInput:
    name: str
    order_by: int
    color: str


@strawberry.input(description="What to change; fields left out stay as they are.")
class EditContactItemTypeInput:
    id: strawberry.ID
    name: str | None = strawberry.UNSET
    order_by: int | None = strawberry.UNSET
    color: str | None = strawberry.UNSET
    version: int | None = None


@strawberry.input(description="The item type to delete.")
class DeleteContactItemTypeInput:
    id: strawberry.ID
    version: int | None = None


@strawberry.type(description="The item type as it stands now, or why it was refused.")
class ContactItemTypePayload:
    contact_item_type: ContactItemType | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What the deletion did.")
class DeleteContactItemTypePayload:
    deleted: bool = False
    name: str | None = None
    phones_untyped: int = strawberry.field(
        default=0, description="Phones that had the type: they stay, and are dialed last (X-02)."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ItemTypeQuery:
    contact_item_types: Connection[ContactItemType] = connection(
        description="Item types, in dial order unless sorted otherwise.",
        sort=ContactItemTypeSort,
        sorts=SORTS,
        default_sort="DIAL_ORDER",
        filter=ContactItemTypeFilter,
        filters={"search": services.matching},
        requires=VIEW,
    )
    contact_item_type: ContactItemType | None = by_id(description="One item type.", requires=VIEW)
    offered_item_types: Connection[ContactItemType] = connection(
        description="What a phone can be typed as, for whoever may see contacts (X-13).",
        sorts=SORTS,
        default_sort="DIAL_ORDER",
        page=200,
        requires=Permission.CONTACTS_VIEW,
    )


@strawberry.type
class ItemTypeMutation:
    create_contact_item_type: ContactItemTypePayload = mutates(
        by=item_types.create,
        takes=CreateContactItemTypeInput,
        gives=ContactItemTypePayload,
        requires=Permission.ITEM_TYPES_CREATE,
        description="Add an item type (X-01).",
    )
    edit_contact_item_type: ContactItemTypePayload = mutates(
        by=item_types.edit,
        takes=EditContactItemTypeInput,
        gives=ContactItemTypePayload,
        requires=Permission.ITEM_TYPES_EDIT,
        description="Change name, order or colour; the dial order follows at the next round.",
    )
    delete_contact_item_type: DeleteContactItemTypePayload = mutates(
        by=item_types.delete,
        takes=DeleteContactItemTypeInput,
        gives=DeleteContactItemTypePayload,
        requires=Permission.ITEM_TYPES_DELETE,
        description="Delete an item type; its phones become untyped (X-02).",
    )
