# SPDX-License-Identifier: Apache-2.0
"""Contacts and their phones: people with many numbers (X-11 to X-17)."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from server import models
from server.domain.permissions import Permission
from server.planner import (
    by_id,
    column,
    computed,
    connection,
    entity,
    expression,
    identity,
    many,
    one,
)
from server.resolvers import blacklists, contacts
from server.resolvers import fields as field_resolvers
from server.schema.contact_filters import (
    CONTACT_FILTERS,
    CONTACT_SORTS,
    FIELD_SORT,
    ContactFilter,
    ContactSort,
)
from server.schema.contact_inputs import (
    ContactPayload,
    CreateContactInput,
    DeleteContactInput,
    DeleteContactPayload,
    EditContactInput,
)
from server.schema.enums import CallMark, PhoneState
from server.schema.fields import FieldValue, MasterDataField
from server.schema.item_types import ContactItemType
from server.schema.nodes import Connection, Node
from server.schema.roots import mutates
from server.schema.tags import Tag
from server.services import consents, fields, tags, visibility
from server.services.blacklists import marks
from server.services.contacts import reading
from server.services.dialer import reading as dialing

if TYPE_CHECKING:
    from server.schema.consents import Consent
    from server.schema.dialer import CallAttempt, FinalResult, HopperEntry
    from server.schema.lists import ContactList

VIEW = Permission.CONTACTS_VIEW
EntryRef = Annotated["HopperEntry", strawberry.lazy("server.schema.dialer")]
AttemptRef = Annotated["CallAttempt", strawberry.lazy("server.schema.dialer")]
ConsentRef = Annotated["Consent", strawberry.lazy("server.schema.consents")]
FinalRef = Annotated["FinalResult", strawberry.lazy("server.schema.dialer")]


@entity(
    models.AdditionalPhone,
    prefix="phone",
    visible=visibility.visible_phones,
    requires=VIEW,
    description="A further number of a contact.",
)
class AdditionalPhone(Node):
    id: strawberry.ID = identity()
    number: str = column(models.AdditionalPhone.number, "E.164.")
    description: str = column(models.AdditionalPhone.description)
    position: int = column(models.AdditionalPhone.position, "The place it was entered at, from 0.")
    item_type: ContactItemType | None = one(models.AdditionalPhone.item_type_id)
    state: PhoneState = column(models.AdditionalPhone.state, "Only AVAILABLE ones are dialed.")
    state_label: str = computed(
        contacts.phone_state_label, models.AdditionalPhone.state, description="Localized."
    )
    call_mark: CallMark | None = expression(
        marks.mark_of_number, "Null where no do-not-call entry names the number."
    )
    call_mark_label: str | None = expression(
        marks.mark_of_number, "Localized.", function=blacklists.mark_label
    )


@entity(
    models.Contact,
    prefix="contact",
    visible=visibility.visible_contacts,
    requires=VIEW,
    description="A person, with one primary phone and any number of additional ones.",
)
class Contact(Node):
    id: strawberry.ID = identity()
    first_name: str = column(models.Contact.first_name)
    last_name: str = column(models.Contact.last_name)
    full_name: str = computed(
        contacts.full_name,
        models.Contact.first_name,
        models.Contact.last_name,
        description="First name and last name.",
    )
    email: str = column(models.Contact.email)
    company: str = column(models.Contact.company)
    phone: str | None = column(models.Contact.phone, "The primary phone, E.164.")
    phone_state: PhoneState = column(
        models.Contact.phone_state, "The primary phone's; only an AVAILABLE one is dialed."
    )
    phone_state_label: str = computed(
        contacts.phone_state_label, models.Contact.phone_state, description="Localized."
    )
    phone_call_mark: CallMark | None = expression(
        marks.mark_of_phone, "Null where no do-not-call entry names the primary phone."
    )
    phone_call_mark_label: str | None = expression(
        marks.mark_of_phone, "Localized.", function=blacklists.mark_label
    )
    call_mark: CallMark | None = expression(
        marks.mark_of_person, "Null where no do-not-call entry names the person."
    )
    call_mark_label: str | None = expression(
        marks.mark_of_person, "Localized.", function=blacklists.mark_label
    )
    time_zone: str = column(models.Contact.time_zone, "The person's IANA zone, blank if unknown.")
    language: str = column(models.Contact.language, "The person's, BCP 47, blank if unknown.")
    photo_url: str = column(models.Contact.photo_url, "By https; blank for none.")
    priority: int = column(models.Contact.priority, "1 high, 2 normal, 3 low.")
    scheduled_at: datetime | None = column(
        models.Contact.scheduled_at, "Not to be called before, in any campaign."
    )
    version: int = column(models.Contact.version, "Send it back with an edit.")
    created_at: datetime = column(models.Contact.created_at)
    updated_at: datetime = column(models.Contact.updated_at)
    additional_phone_count: int = expression(reading.additional_phone_count)
    additional_phones: list[AdditionalPhone] = many(
        lambda contact, phone: phone.c.contact_id == contact.c.id,
        order_by=(models.AdditionalPhone.position, models.AdditionalPhone.id),
        description="In the order they were entered.",
    )
    tags: list[Tag] = many(
        tags.tags_of_contact, order_by=(models.Tag.name_key,), description="By name."
    )
    values: list[FieldValue] = many(
        lambda contact, value: value.c.contact_id == contact.c.id,
        arguments=field_resolvers.IN_CAMPAIGN,
        given=field_resolvers.of_campaign,
        order_by=(fields.value_place, models.FieldValue.id),
        description="The person's own; with `campaignId` those of that record too (C-22).",
    )
    record_values: list[FieldValue] = many(
        fields.in_records,
        order_by=(models.FieldValue.campaign_id, fields.value_place, models.FieldValue.id),
        description="Those of its records in all campaigns that the caller may see.",
    )
    missing_required: list[MasterDataField] = many(
        fields.is_required,
        arguments=field_resolvers.IN_CAMPAIGN,
        given=field_resolvers.missing_in,
        order_by=(models.MasterDataField.position, models.MasterDataField.id),
        description="Required fields without a value, to fill in before the script goes on "
        "(C-22): the person's, and with `campaignId` those of that record.",
    )
    consents: list[ConsentRef] = many(
        consents.of_contact,
        order_by=(models.Consent.given_at, models.Consent.id),
        description="Consents to be called and entries in a register of objections.",
    )
    open_entries: list[EntryRef] = many(
        lambda contact, entry: entry.c.contact_id == contact.c.id,
        order_by=(models.HopperEntry.scheduled_at, models.HopperEntry.id),
        description="Its open stay in each campaign, the next due first (C-09).",
        requires=Permission.CAMPAIGNS_VIEW,
    )
    history: Connection[AttemptRef] = connection(
        on=dialing.of_contact_or_merged,
        sorts={"NEWEST": ()},
        default_sort="NEWEST",
        default_descending=True,
        description="Its calls, newest first, those of merged contacts among them (C-07).",
        requires=Permission.CAMPAIGNS_VIEW,
    )
    final_results: Connection[FinalRef] = connection(
        on=dialing.of_contact_or_merged,
        sorts={"NEWEST": ()},
        default_sort="NEWEST",
        default_descending=True,
        description="Its closed stays, newest first, those of merged contacts among them (C-09).",
        requires=Permission.CAMPAIGNS_VIEW,
    )
    lists: list[Annotated["ContactList", strawberry.lazy("server.schema.lists")]] = many(
        visibility.contact_is_on_list,
        order_by=(models.ContactList.name_key,),
        description="The lists that the contact stands on.",
        requires=Permission.LISTS_VIEW,
    )


@strawberry.type
class ContactQuery:
    contacts: Connection[Contact] = connection(
        description="The contacts that the caller may see.",
        sort=ContactSort,
        sorts=CONTACT_SORTS,
        default_sort="NAME",
        filter=ContactFilter,
        filters=CONTACT_FILTERS,
        ordering=FIELD_SORT,
        requires=VIEW,
    )
    contact: Contact | None = by_id(description="One contact.", requires=VIEW)


@strawberry.type
class ContactMutation:
    create_contact: ContactPayload = mutates(
        by=contacts.create,
        takes=CreateContactInput,
        gives=ContactPayload,
        requires=Permission.CONTACTS_CREATE,
        description="Add a contact with its numbers (X-11); its lists' campaigns load it.",
    )
    edit_contact: ContactPayload = mutates(
        by=contacts.edit,
        takes=EditContactInput,
        gives=ContactPayload,
        requires=Permission.CONTACTS_EDIT,
        description="Change a contact; open stays in campaigns get its numbers at once (C-06).",
    )
    delete_contact: DeleteContactPayload = mutates(
        by=contacts.delete,
        takes=DeleteContactInput,
        gives=DeleteContactPayload,
        requires=Permission.CONTACTS_DELETE,
        description="Move a contact to the trash, ending its open stays; not while a call is up.",
    )
