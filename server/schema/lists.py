# SPDX-License-Identifier: Apache-2.0
"""Contact lists: containers of contacts that campaigns call."""

from datetime import datetime
from enum import StrEnum

import strawberry

from server import models
from server.domain.permissions import Permission
from server.planner import (
    by_id,
    column,
    connection,
    entity,
    expression,
    id_filter,
    identity,
    many,
)
from server.resolvers import lists
from server.schema.agents import Agent
from server.schema.contacts import Contact
from server.schema.nodes import Connection, Node, UserError
from server.schema.roots import CLEARS, mutates
from server.services import agents, visibility
from server.services import lists as services

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
    name: str = column(models.ContactList.name, "Unique in the tenant, whatever its case.")
    description: str = column(models.ContactList.description)
    screened_at: datetime | None = column(
        models.ContactList.screened_at,
        "When its numbers were last compared with the register of objections.",
    )
    version: int = column(models.ContactList.version, "Send it back with an edit.")
    created_at: datetime = column(models.ContactList.created_at)
    contact_count: int = expression(services.member_count, "How many contacts stand on it.")
    contact_count_capped: int = expression(
        services.member_count_capped, "The same, counted no further than 10,001: quick for any."
    )
    agents: list[Agent] = many(
        agents.works_on,
        order_by=(models.User.name_key,),
        description="The agents who see it and who stands on it (X-17).",
    )
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


@strawberry.input(description="Which lists are wanted; the conditions all hold.")
class ContactListFilter:
    search: str | None = strawberry.field(default=None, description="Part of the name.")
    agent_id: strawberry.ID | None = strawberry.field(
        default=None, description="Assigned to this agent."
    )


@strawberry.input(description="A new list.")
class CreateContactListInput:
    name: str
    description: str | None = strawberry.UNSET
    agent_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Agents who see it and who stands on it."
    )
    screened_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        metadata=CLEARS,
        description="When its numbers were last compared with the register of objections.",
    )


@strawberry.input(description="What to change; fields left out stay as they are.")
class EditContactListInput:
    id: strawberry.ID
    name: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    agent_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="All who are assigned from now on."
    )
    screened_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        metadata=CLEARS,
        description="When its numbers were last compared with the register of objections.",
    )
    version: int | None = None


@strawberry.input(description="The list to delete.")
class DeleteContactListInput:
    id: strawberry.ID
    version: int | None = None


@strawberry.input(description="Contacts that join or leave a list.")
class ListContactsInput:
    list_id: strawberry.ID
    contact_ids: list[strawberry.ID] = strawberry.field(
        description="1,000 at the most; more come by import."
    )


@strawberry.type(description="The list as it stands now, or why it was refused.")
class ContactListPayload:
    contact_list: ContactList | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What the deletion did; the contacts stay.")
class DeleteContactListPayload:
    deleted: bool = False
    name: str | None = None
    contact_count: int = strawberry.field(default=0, description="Contacts that stood on it.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The list, and how many contacts joined or left it.")
class ListContactsPayload:
    contact_list: ContactList | None = None
    count: int = strawberry.field(
        default=0, description="Those that were not on it yet, or that were on it."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ListQuery:
    contact_lists: Connection[ContactList] = connection(
        description="The lists that the caller may see.",
        sort=ContactListSort,
        sorts={
            "NAME": (models.ContactList.name_key,),
            "CREATED_AT": (),
        },
        default_sort="NAME",
        filter=ContactListFilter,
        filters={
            "search": services.matching,
            "agentId": id_filter("Agent", agents.assigned_to),
        },
        requires=VIEW,
    )
    contact_list: ContactList | None = by_id(description="One list.", requires=VIEW)


@strawberry.type
class ListMutation:
    create_contact_list: ContactListPayload = mutates(
        by=lists.create,
        takes=CreateContactListInput,
        gives=ContactListPayload,
        requires=Permission.LISTS_CREATE,
        description="Add a list.",
    )
    edit_contact_list: ContactListPayload = mutates(
        by=lists.edit,
        takes=EditContactListInput,
        gives=ContactListPayload,
        requires=Permission.LISTS_EDIT,
        description="Change name, description or the agents who see it (X-17).",
    )
    delete_contact_list: DeleteContactListPayload = mutates(
        by=lists.delete,
        takes=DeleteContactListInput,
        gives=DeleteContactListPayload,
        requires=Permission.LISTS_DELETE,
        description="Delete a list; refused while a campaign calls it. Its contacts stay.",
    )
    add_contacts_to_list: ListContactsPayload = mutates(
        by=lists.add_contacts,
        takes=ListContactsInput,
        gives=ListContactsPayload,
        requires=Permission.CONTACTS_EDIT,
        description="Put contacts on a list; campaigns that call it load them (X-23).",
    )
    remove_contacts_from_list: ListContactsPayload = mutates(
        by=lists.remove_contacts,
        takes=ListContactsInput,
        gives=ListContactsPayload,
        requires=Permission.CONTACTS_EDIT,
        description="Take contacts off a list; their open stays that came from it end.",
    )
