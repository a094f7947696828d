# SPDX-License-Identifier: Apache-2.0
"""What contact mutations take and give (X-11, X-14, X-15)."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from server.schema.enums import PhoneState
from server.schema.field_inputs import FieldValueInput
from server.schema.nodes import UserError
from server.schema.roots import CLEARS

if TYPE_CHECKING:
    from server.schema.contacts import Contact

ContactRef = Annotated["Contact", strawberry.lazy("server.schema.contacts")]

PHONES = "In the order of entry; types decide the dial order (X-05). 100 at the most."
NUMBER = "As people write it: read with the tenant's region, stored as E.164."
PRIORITY = "1 high, 2 normal, 3 low."
NOT_BEFORE = "Not to be called before, in any campaign."
STATE = (
    "Only an AVAILABLE number is dialed. Left out, a number that the contact had keeps its state "
    "and changed digits are AVAILABLE; given, it holds whatever was changed with it (C-06)."
)
TIME_ZONE = "An IANA name such as `Europe/Rome`; blank where nobody knows."
LANGUAGE = "A BCP 47 tag such as `it` or `de-AT`; blank where nobody knows."
PHOTO = "A link by https; blank for none. It is loaded by the reader's browser, never by us."
VALUES = (
    "Values of master data fields (C-22); others stay as they are. A new contact that brings any "
    "brings all that are required."
)
TAGS = "Names, whatever their case; those that there are not yet become tags. 50 at the most."


@strawberry.input(description="A further number of a contact.")
class AdditionalPhoneInput:
    number: str = strawberry.field(description=NUMBER)
    item_type_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Without one the number is dialed last (X-06)."
    )
    description: str | None = strawberry.field(default=UNSET, description="255 characters (X-14).")
    id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The stored phone that this one changes; none for a new one."
    )
    state: PhoneState | None = strawberry.field(default=UNSET, description=STATE)


@strawberry.input(description="A new contact.")
class CreateContactInput:
    first_name: str
    last_name: str | None = UNSET
    email: str | None = UNSET
    company: str | None = UNSET
    phone: str | None = strawberry.field(default=UNSET, description=NUMBER)
    phone_state: PhoneState | None = strawberry.field(default=UNSET, description=STATE)
    time_zone: str | None = strawberry.field(default=UNSET, description=TIME_ZONE)
    language: str | None = strawberry.field(default=UNSET, description=LANGUAGE)
    photo_url: str | None = strawberry.field(default=UNSET, description=PHOTO)
    priority: int | None = strawberry.field(default=UNSET, description=PRIORITY)
    scheduled_at: datetime | None = strawberry.field(default=UNSET, description=NOT_BEFORE)
    additional_phones: list[AdditionalPhoneInput] | None = strawberry.field(
        default=UNSET, description=PHONES
    )
    list_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="Lists to stand on; an agent has to name one of their own."
    )
    campaign_id: strawberry.ID | None = strawberry.field(
        default=UNSET,
        description="The campaign that it gets a record in (C-03): it joins one of its lists.",
    )
    tags: list[str] | None = strawberry.field(default=UNSET, description=TAGS)
    values: list[FieldValueInput] | None = strawberry.field(default=UNSET, description=VALUES)


@strawberry.input(description="What to change; fields left out stay as they are.")
class EditContactInput:
    id: strawberry.ID
    first_name: str | None = UNSET
    last_name: str | None = UNSET
    email: str | None = UNSET
    company: str | None = UNSET
    phone: str | None = strawberry.field(default=UNSET, description=NUMBER, metadata=CLEARS)
    phone_state: PhoneState | None = strawberry.field(default=UNSET, description=STATE)
    time_zone: str | None = strawberry.field(default=UNSET, description=TIME_ZONE)
    language: str | None = strawberry.field(default=UNSET, description=LANGUAGE)
    photo_url: str | None = strawberry.field(default=UNSET, description=PHOTO)
    priority: int | None = strawberry.field(default=UNSET, description=PRIORITY)
    scheduled_at: datetime | None = strawberry.field(
        default=UNSET, description=NOT_BEFORE, metadata=CLEARS
    )
    additional_phones: list[AdditionalPhoneInput] | None = strawberry.field(
        default=UNSET, description=f"All of them from now on. {PHONES}"
    )
    list_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="All of them from now on; lists out of sight stay as they are."
    )
    tags: list[str] | None = strawberry.field(
        default=UNSET, description=f"All of them from now on. {TAGS}"
    )
    values: list[FieldValueInput] | None = strawberry.field(default=UNSET, description=VALUES)
    version: int | None = strawberry.field(
        default=None, description="The one that the editor saw: CONFLICT if it is not the last."
    )


@strawberry.input(description="The contact to delete.")
class DeleteContactInput:
    id: strawberry.ID
    version: int | None = None


@strawberry.type(description="One edit of a contact, from the audit.")
class ContactChange:
    version: int = strawberry.field(description="The version that it made.")
    at: datetime
    user_name: str | None = strawberry.field(description="The log-in name of who did it.")
    fields: list[str] = strawberry.field(
        description="What got another value, as `firstName` or `additionalPhones`."
    )


@strawberry.type(description="The contact as it stands now, or why it was refused.")
class ContactPayload:
    contact: ContactRef | None = strawberry.field(
        default=None, description="After a CONFLICT the one that somebody else has saved."
    )
    changes: list[ContactChange] = strawberry.field(
        default_factory=list,
        description="After a CONFLICT who has changed the contact since the version given, "
        "the latest first; 50 at the most.",
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What the deletion did; history and final results stay.")
class DeleteContactPayload:
    deleted: bool = False
    name: str | None = None
    trashed_until: datetime | None = strawberry.field(
        default=None, description="Until then `restoreContacts` brings it back (D4)."
    )
    entries_closed: int = strawberry.field(
        default=0, description="Open stays in campaigns that ended with CONTACT_DELETED."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)
