# SPDX-License-Identifier: Apache-2.0
"""Contacts out into a CSV: what a list shows, at once or as a process (C-12, C-14, C-51, D7)."""

import strawberry
from strawberry import UNSET

from server.domain.exports import ExportColumn
from server.domain.permissions import Permission
from server.planner import SortDirection
from server.resolvers import exports
from server.schema.contact_filters import ContactFilter, ContactSort
from server.schema.nodes import UserError
from server.schema.processes import Process
from server.schema.roots import mutates
from server.services.exports import MOST_AT_ONCE

strawberry.enum(ExportColumn, description="What a column of an export holds.")


@strawberry.input(description="A column of the file; PHONES becomes one for each item type.")
class ExportColumnInput:
    column: ExportColumn
    heading: str | None = strawberry.field(
        default=UNSET, description="Its name in the file; left out: in the caller's language."
    )
    field_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The custom field, with FIELD."
    )


@strawberry.input(description="Which contacts, in which order and columns.")
class ExportContactsInput:
    columns: list[ExportColumnInput]
    filter: ContactFilter | None = UNSET
    sort: ContactSort | None = UNSET
    direction: SortDirection | None = UNSET
    comment: str | None = UNSET
    in_background: bool | None = strawberry.field(
        default=UNSET, description="As a process, however few they are."
    )


@strawberry.type(description="The file itself or the process that writes it, or a refusal.")
class ExportContactsPayload:
    csv: str | None = strawberry.field(
        default=None,
        description=f"The whole file where no more than {MOST_AT_ONCE:,} contacts match.",
    )
    file_name: str | None = None
    rows: int | None = None
    process: Process | None = strawberry.field(
        default=None, description="Where more match: its `filePath` has the file when it is over."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ExportMutation:
    export_contacts: ExportContactsPayload = mutates(
        by=exports.export,
        takes=ExportContactsInput,
        gives=ExportContactsPayload,
        requires=Permission.CONTACTS_EXPORT,
        description="Contacts as a CSV that can be imported again: UTF-8 with a byte order mark.",
    )
