# SPDX-License-Identifier: Apache-2.0
"""The trash of contacts: seen, restored and emptied (D4)."""

from datetime import datetime
from enum import StrEnum

import strawberry
from strawberry import UNSET

from server import models
from server.domain.errors import ErrorCode
from server.domain.permissions import Permission
from server.domain.trash import ContactPlace, LeftOutKind
from server.planner import (
    by_id,
    column,
    computed,
    connection,
    entity,
    expression,
    id_filter,
    identity,
)
from server.resolvers import contact_bulk, contact_trash
from server.schema.contacts import Contact
from server.schema.nodes import Connection, Node, UserError
from server.schema.processes import Process
from server.schema.roots import mutates, resolves
from server.services.contacts import deleted

DELETE = Permission.CONTACTS_DELETE

strawberry.enum(ContactPlace, description="Where the contact of an id is.")
strawberry.enum(LeftOutKind, description="What could not come back with a contact.")


@entity(
    models.TrashedContact,
    prefix="trashed",
    visible=deleted.visible_trash,
    requires=DELETE,
    description="A deleted contact; for thirty days it can come back as it was.",
)
class TrashedContact(Node):
    id: strawberry.ID = identity()
    contact_id: strawberry.ID = computed(
        contact_trash.contact_id,
        models.TrashedContact.contact_id,
        description="The id it had, and has again once it is restored.",
    )
    name: str = column(models.TrashedContact.name)
    phone: str | None = column(models.TrashedContact.phone, "The primary phone, E.164.")
    email: str = expression(deleted.kept("email"))
    company: str = expression(deleted.kept("company"))
    additional_phone_count: int = expression(deleted.phone_count)
    deleted_at: datetime = column(models.TrashedContact.deleted_at)
    deleted_by_name: str | None = expression(deleted.user_named("deleted_by"), "Who deleted it.")
    expires_at: datetime = column(models.TrashedContact.expires_at, "It goes for good then.")
    days_left: int = expression(deleted.days_until("expires_at"), "Begun days until then.")


@strawberry.enum(description="What the trash is sorted by.")
class TrashedContactSort(StrEnum):
    DELETED_AT = "DELETED_AT"
    NAME = "NAME"


@strawberry.input(description="Which deleted contacts are wanted; the conditions all hold.")
class TrashedContactFilter:
    search: str | None = strawberry.field(
        default=None, description="The beginnings of words of the name, or of any number."
    )
    contact_id: strawberry.ID | None = None
    process_id: strawberry.ID | None = strawberry.field(
        default=None, description="What one bulk deletion took away."
    )


@strawberry.type(description="Where the contact of an id is, for links to one that is not there.")
class ContactWhereabouts:
    place: ContactPlace
    contact_id: strawberry.ID | None = strawberry.field(
        description="The contact to go to: after a merge the one it became part of."
    )
    name: str | None
    at: datetime | None = strawberry.field(description="When it was deleted or merged.")
    by_name: str | None
    days_left: int | None
    merge_id: strawberry.ID | None


@strawberry.type(description="A contact that a change passed over, and why.")
class SkippedContact:
    contact_id: strawberry.ID
    name: str
    code: ErrorCode
    message: str = strawberry.field(description="For people, in the reader's language.")


@strawberry.type(description="What could not come back with a contact.")
class LeftOut:
    contact_id: strawberry.ID
    kind: LeftOutKind
    name: str = strawberry.field(description="What it was called.")
    message: str = strawberry.field(description="Why, in the reader's language.")


@strawberry.input(description="The contacts to restore: by the ids they had, or by a process.")
class RestoreContactsInput:
    ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="1,000 at the most; or else a `processId`."
    )
    process_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="All that this bulk deletion took away."
    )


@strawberry.type(description="What came back.")
class RestoreContactsPayload:
    restored: int = 0
    contacts: list[Contact] = strawberry.field(default_factory=list)
    left_out: list[LeftOut] = strawberry.field(default_factory=list)
    process_id: strawberry.ID | None = strawberry.field(
        default=None, description="The process that does it, where they are more than 1,000."
    )
    process: Process | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.input(description="The deleted contacts that go for good, by the ids they had.")
class PurgeContactsInput:
    ids: list[strawberry.ID] = strawberry.field(description="1,000 at the most.")
    count: int = strawberry.field(description="How many they are: CONFLICT if they are not.")


@strawberry.type(description="How many went for good.")
class PurgeContactsPayload:
    purged: int = 0
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ContactTrashQuery:
    trashed_contacts: Connection[TrashedContact] = connection(
        description="The trash, what was deleted last first.",
        sort=TrashedContactSort,
        sorts={
            "DELETED_AT": (models.TrashedContact.deleted_at,),
            "NAME": (models.TrashedContact.name_key,),
        },
        default_sort="DELETED_AT",
        default_descending=True,
        filter=TrashedContactFilter,
        filters={
            "search": deleted.matching,
            "contactId": id_filter("Contact", deleted.of_contact),
            "processId": id_filter("Process", deleted.of_process),
        },
        requires=DELETE,
    )
    trashed_contact: TrashedContact | None = by_id(
        description="One deleted contact.", requires=DELETE
    )
    contact_whereabouts: ContactWhereabouts = resolves(
        by=contact_trash.whereabouts,
        requires=Permission.CONTACTS_VIEW,
        description="Where a contact went: into another one, into the trash, or for good.",
    )


@strawberry.type
class ContactTrashMutation:
    restore_contacts: RestoreContactsPayload = mutates(
        by=contact_bulk.restore,
        takes=RestoreContactsInput,
        gives=RestoreContactsPayload,
        requires=DELETE,
        description="Bring contacts back from the trash, with the same ids and relations (D4).",
    )
    purge_contacts: PurgeContactsPayload = mutates(
        by=contact_trash.purge,
        takes=PurgeContactsInput,
        gives=PurgeContactsPayload,
        requires=Permission.CONTACTS_PURGE,
        description="Delete contacts in the trash for good; it cannot be undone.",
    )
