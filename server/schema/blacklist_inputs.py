# SPDX-License-Identifier: Apache-2.0
"""What is asked of do-not-call entries, and what comes of changing them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from server.domain.errors import ErrorCode
from server.schema.enums import Media
from server.schema.nodes import UserError
from server.schema.roots import CLEARS

if TYPE_CHECKING:
    from server.schema.blacklists import BlacklistEntry

EntryRef = Annotated["BlacklistEntry", strawberry.lazy("server.schema.blacklists")]


@strawberry.input(description="Which entries are wanted; the conditions all hold (C-29).")
class BlacklistFilter:
    search: str | None = strawberry.field(
        default=None, description="Part of a name, a number or an address."
    )
    name: str | None = strawberry.field(
        default=None, description="Part of the entry's name or of the person's."
    )
    number: str | None = strawberry.field(
        default=None, description="In any spelling, or some of its digits."
    )
    email: str | None = strawberry.field(default=None, description="Part of the address.")
    media: Media | None = None
    contact_id: strawberry.ID | None = None
    campaign_id: strawberry.ID | None = strawberry.field(
        default=None, description="Those that hold for this campaign alone."
    )
    list_id: strawberry.ID | None = strawberry.field(
        default=None, description="Those that hold for what is called from this list alone."
    )
    is_opt_out: bool | None = None
    is_everywhere: bool | None = None
    created_from: datetime | None = strawberry.field(
        default=None, description="Entered at this instant or later."
    )
    created_before: datetime | None = None


@strawberry.input(description="What is not to be called: for the whole tenant, unless it says so.")
class CreateBlacklistEntryInput:
    media: Media = Media.PHONE
    uri: str | None = strawberry.field(
        default=strawberry.UNSET, description="The number in any spelling, or the address."
    )
    contact_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The person, for media PERSON."
    )
    name: str | None = strawberry.UNSET
    note: str | None = strawberry.UNSET
    campaign_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only this campaign goes by it."
    )
    list_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only what is called from this list."
    )
    is_everywhere: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Callbacks and calls by hand too; left out: automatic calls alone (C-28).",
    )


@strawberry.input(description="What to change; fields left out stay as they are.")
class EditBlacklistEntryInput:
    id: strawberry.ID
    uri: str | None = strawberry.UNSET
    name: str | None = strawberry.UNSET
    note: str | None = strawberry.UNSET
    campaign_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, metadata=CLEARS, description="Null: every campaign."
    )
    list_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, metadata=CLEARS, description="Null: every list."
    )
    is_everywhere: bool | None = strawberry.UNSET
    version: int | None = None


@strawberry.type(description="The entry as it stands now, or why it was refused.")
class BlacklistEntryPayload:
    blacklist_entry: EntryRef | None = None
    entries_closed: int = strawberry.field(
        default=0, description="Open stays of the person that ended by it."
    )
    entries_in_call: int = strawberry.field(
        default=0, description="Stays of the person that end after the call that is up."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.input(description="The entries to take off.")
class DeleteBlacklistEntriesInput:
    ids: list[strawberry.ID] = strawberry.field(description="1,000 at the most.")


@strawberry.type(description="How many went.")
class DeleteBlacklistEntriesPayload:
    deleted: int = 0
    name: str | None = strawberry.field(default=None, description="Of the only one that went.")
    deletion_id: strawberry.ID | None = strawberry.field(
        default=None, description="Brings them back, with `restoreBlacklistEntries`."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.input(description="The deletion to take back.")
class RestoreBlacklistEntriesInput:
    deletion_id: strawberry.ID


@strawberry.type(description="What came back.")
class RestoreBlacklistEntriesPayload:
    restored: int = 0
    left_out: int = strawberry.field(
        default=0, description="Entries whose person, campaign or list is gone, or that are new."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.input(description="Many at once; what a row leaves blank is taken from here.")
class ImportBlacklistEntriesInput:
    text: str = strawberry.field(
        description="A number or an address a line; or a CSV of number, name and note, with or "
        "without a header. 50,000 rows at the most."
    )
    name: str | None = strawberry.UNSET
    note: str | None = strawberry.UNSET
    campaign_id: strawberry.ID | None = strawberry.UNSET
    list_id: strawberry.ID | None = strawberry.UNSET
    is_everywhere: bool | None = strawberry.UNSET


@strawberry.type(description="A row that was not taken.")
class FailedBlacklistRow:
    line: int = strawberry.field(description="Where it stands in the text, from 1.")
    value: str
    code: ErrorCode
    message: str = strawberry.field(description="For people, in the reader's language.")


@strawberry.type(description="What was taken of an import; every other row is told of.")
class ImportBlacklistEntriesPayload:
    added: int = 0
    failed: int = 0
    failures: list[FailedBlacklistRow] = strawberry.field(
        default_factory=list, description="The first 1,000 of those that failed."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)
