# SPDX-License-Identifier: Apache-2.0
"""Contact lists: containers of contacts that campaigns call."""

from datetime import datetime
from enum import StrEnum

import strawberry

from server import models
from server.domain.permissions import Permission
from server.planner import by_id, column, connection, entity, expression, identity
from server.schema.contacts import Contact
from server.schema.nodes import Connection, Node
from server.services import visibility

VIEW = Permission.LISTS_VIEW


@entity(
    models.ContactList,
    prefix="list",
    visible=visibility.visible_lists,
    requires=VIEW,
    description="A container of contacts; a contact may stand on several.",
)
class ContactList(Node):
    id: strawberry.ID = identity()
    name: str = column(models.ContactList.name)
    description: str = column(models.ContactList.description)
    version: int = column(models.ContactList.version)
    created_at: datetime = column(models.ContactList.created_at)
    contact_count: int = expression(visibility.contact_count)
    contacts: Connection[Contact] = connection(
        description="Who stands on it.",
        on=lambda row, contact: visibility.contact_is_on_list(contact, row),
        sorts={"NAME": (models.Contact.name_key,)},
        default_sort="NAME",
        requires=Permission.CONTACTS_VIEW,
    )


@strawberry.enum(description="What lists are sorted by.")
class ContactListSort(StrEnum):
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"


@strawberry.type
class ListQuery:
    contact_lists: Connection[ContactList] = connection(
        description="The lists that the caller may see.",
        sort=ContactListSort,
        sorts={
            "NAME": (models.ContactList.name_key,),
            "CREATED_AT": (models.ContactList.created_at,),
        },
        default_sort="NAME",
        requires=VIEW,
    )
    contact_list: ContactList | None = by_id(description="One list.", requires=VIEW)
