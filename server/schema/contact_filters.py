# SPDX-License-Identifier: Apache-2.0
"""Which contacts a list shows, and in which order (C-01, C-09, C-16)."""

from datetime import datetime
from enum import StrEnum

import strawberry

from server import models
from server.planner import Informed, Ordering, Probed, Within, id_filter
from server.planner.declarations import Filter
from server.resolvers import contact_filters, contacts
from server.resolvers import fields as field_resolvers
from server.schema.enums import RecordState
from server.schema.field_inputs import FieldConditionInput, FieldSortInput
from server.services import fields as field_services
from server.services.contacts import filters, reading


@strawberry.enum(description="What contacts are sorted by.")
class ContactSort(StrEnum):
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"
    COMPANY = "COMPANY"
    EMAIL = "EMAIL"


CONTACT_SORTS = {
    "NAME": (models.Contact.name_key,),
    "CREATED_AT": (models.Contact.created_at,),
    # Behind it the name: half a centre has neither, and these are not to stand as they came.
    "COMPANY": (models.Contact.company_key, models.Contact.name_key),
    "EMAIL": (models.Contact.email, models.Contact.name_key),
}


@strawberry.input(description="Which contacts are wanted; the conditions all hold.")
class ContactFilter:
    search: str | None = strawberry.field(
        default=None,
        description="What `search` finds contacts by, except for typing errors: any part of a "
        "name, the company, the e-mail address, a number or a searchable field. The best 1,000 are "
        "found at the most; with `listId` or `campaignId` the best of those in it.",
    )
    list_id: strawberry.ID | None = strawberry.field(default=None, description="On this list.")
    campaign_id: strawberry.ID | None = strawberry.field(
        default=None, description="With a record in this campaign, open or closed (C-01)."
    )
    record_state: RecordState | None = strawberry.field(
        default=None,
        description="Whose record stands so, in `campaignId` or else in any campaign (C-09).",
    )
    tag_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Who carries every one of these tags."
    )
    email: str | None = strawberry.field(default=None, description="Exactly this address.")
    phone: str | None = strawberry.field(
        default=None, description="Exactly this number, primary or additional, in any spelling."
    )
    company: str | None = strawberry.field(
        default=None, description="The beginning of the company, without regard to case or accents."
    )
    has_phone: bool | None = strawberry.field(
        default=None, description="Whether there is any number to call, primary or additional."
    )
    created_after: datetime | None = strawberry.field(
        default=None, description="Added then or later."
    )
    created_before: datetime | None = strawberry.field(default=None, description="Added earlier.")
    priority: int | None = strawberry.field(default=None, description="1 high, 2 normal, 3 low.")
    language: str | None = strawberry.field(default=None, description="Such as `it`.")
    time_zone: str | None = strawberry.field(default=None, description="Such as `Europe/Rome`.")
    fields: list[FieldConditionInput] | None = strawberry.field(
        default=None, description="By values of master data fields, 20 at the most (C-01)."
    )


CONTACT_FILTERS: dict[str, Filter] = {
    "search": Within(contacts.matching),
    "listId": id_filter("ContactList", reading.on_list),
    "campaignId": Probed(probe=contact_filters.is_large, rule=contact_filters.in_campaign),
    "recordState": Within(contact_filters.in_record_state),
    "tagIds": contact_filters.with_tags,
    "email": filters.with_email,
    "phone": filters.with_number,
    "company": filters.of_company,
    "hasPhone": filters.with_any_number,
    "createdAfter": Probed(probe=contact_filters.are_few, rule=contact_filters.added),
    "createdBefore": Probed(probe=contact_filters.are_few, rule=contact_filters.added_before),
    "priority": filters.of_priority,
    "language": filters.speaking,
    "timeZone": filters.living_in,
    "fields": Informed(learn=field_services.definitions, rule=field_resolvers.matching),
}
FIELD_SORT = Ordering(
    argument="fieldSort",
    takes=FieldSortInput,
    learn=field_services.definitions,
    build=field_resolvers.beside,
    rest=models.Contact.name_key,
)
