# SPDX-License-Identifier: Apache-2.0
"""Merging contacts: a preview, the merge, and what was merged (X-25 to X-28, D2)."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from server import models
from server.context import Context
from server.domain.merging import (
    ChangeOutcome,
    MergeConflictKind,
    MergeEntryEffect,
    MergeState,
)
from server.domain.permissions import Permission
from server.planner import (
    by_id,
    column,
    computed,
    connection,
    entity,
    expression,
    id_filter,
    identity,
    one,
)
from server.resolvers import contact_merging
from server.schema.contact_trash import LeftOut
from server.schema.contacts import Contact
from server.schema.enums import DialState, PhoneState
from server.schema.nodes import Connection, Node, UserError
from server.schema.roots import given_of, mutates, resolves
from server.services.contacts import deleted
from server.services.contacts.merging import reading

MERGE = Permission.CONTACTS_MERGE

strawberry.enum(MergeConflictKind, description="What whoever merges should look at.")
strawberry.enum(MergeState, description="Whether a merge can be undone, and if not, why.")
strawberry.enum(ChangeOutcome, description="Where something goes that changed since a merge.")
strawberry.enum(MergeEntryEffect, description="What happens to open stays in a campaign (X-28).")


@strawberry.type(description="What one contact has in a field.")
class MergeValue:
    contact_id: strawberry.ID
    value: str | None = strawberry.field(description="Null: blank.")


@strawberry.type(description="A field that one of the contacts has filled in at least.")
class MergeField:
    field: str = strawberry.field(description="What `choices` call it, such as `firstName`.")
    label: str = strawberry.field(description="Localized.")
    type: str = strawberry.field(description="Of its values, such as TEXT or DATETIME.")
    campaign_name: str | None = strawberry.field(description="Of a campaign's record (C-22).")
    differs: bool
    chosen_id: strawberry.ID = strawberry.field(description="Whose value is taken.")
    values: list[MergeValue] = strawberry.field(description="Of every contact, the master first.")


@strawberry.type(description="A number that the merged contact has.")
class MergePhone:
    number: str
    is_primary: bool
    item_type_id: strawberry.ID | None
    item_type_name: str | None
    item_type_color: str | None
    description: str
    state: PhoneState = strawberry.field(description="The strictest of those it stands in.")
    owner_ids: list[strawberry.ID] = strawberry.field(description="The contacts that have it.")
    other_types: list[str] = strawberry.field(description="Types that are not kept (X-26).")
    other_descriptions: list[str]
    is_blacklisted: bool = strawberry.field(description="Do-not-call entries stay as they are.")


@strawberry.type(description="A tag or a list that the merged contact has.")
class MergeWord:
    id: strawberry.ID
    name: str
    owner_ids: list[strawberry.ID]


@strawberry.type(description="What becomes of the open stays in one campaign (X-28).")
class MergeEntry:
    campaign_id: strawberry.ID
    campaign_name: str
    effect: MergeEntryEffect
    effect_label: str
    owner_ids: list[strawberry.ID] = strawberry.field(description="The contacts open there.")
    survivor_id: strawberry.ID = strawberry.field(description="Whose stay goes on.")
    state: DialState
    state_label: str
    round: int
    scheduled_at: datetime
    total_attempts: int = strawberry.field(description="All of their attempts together.")
    next_number: str | None


@strawberry.type(description="Something to look at before merging.")
class MergeConflict:
    kind: MergeConflictKind
    message: str = strawberry.field(description="For people, in the reader's language.")
    contact_ids: list[strawberry.ID]
    number: str | None
    is_blocking: bool = strawberry.field(description="Whether the merge would be refused.")


@strawberry.type(description="The contact that a merge would make; nothing is changed.")
class MergePreview:
    master_id: strawberry.ID
    name: str
    contacts: list[Contact] = strawberry.field(description="The master first.")
    fields: list[MergeField]
    phones: list[MergePhone] = strawberry.field(description="The primary first.")
    tags: list[MergeWord]
    lists: list[MergeWord] = strawberry.field(description="Those that the caller sees.")
    entries: list[MergeEntry] = strawberry.field(description="In campaigns that the caller sees.")
    conflicts: list[MergeConflict]
    can_merge: bool
    fingerprint: str = strawberry.field(description="Send it back with `mergeContacts`.")


@strawberry.type(description="The preview, or why these contacts cannot be merged.")
class MergePreviewPayload:
    preview: MergePreview | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="A contact of a merge, as it was before.")
class MergedPerson:
    contact_id: strawberry.ID
    name: str
    phone: str | None
    is_master: bool


@entity(
    models.ContactMerge,
    prefix="merge",
    visible=reading.visible_merges,
    requires=MERGE,
    description="Contacts that became one; it can be undone for thirty days.",
)
class ContactMerge(Node):
    id: strawberry.ID = identity()
    name: str = column(models.ContactMerge.name, "Of the contact that they became.")
    master_id: strawberry.ID = computed(contact_merging.contact_id, models.ContactMerge.master_id)
    master: Contact | None = one(models.ContactMerge.master_id, requires=Permission.CONTACTS_VIEW)
    contacts: list[MergedPerson] = expression(
        reading.merged_people,
        "As they were, the master first; none once it is too old to be undone.",
        function=contact_merging.people,
    )
    merged_at: datetime = column(models.ContactMerge.merged_at)
    merged_by_name: str | None = expression(deleted.user_named("merged_by"))
    expires_at: datetime = column(models.ContactMerge.expires_at, "It cannot be undone after.")
    days_left: int = expression(deleted.days_until("expires_at"), "Begun days until then.")
    undone_at: datetime | None = column(models.ContactMerge.undone_at)
    undone_by_name: str | None = expression(deleted.user_named("undone_by"))
    state: MergeState = expression(reading.state_of, "Whether it can be undone, or why not.")
    state_label: str = expression(
        reading.state_of, "Localized.", function=contact_merging.state_label
    )
    is_undoable: bool = expression(
        reading.state_of, "Whether `undoMerge` takes it.", function=contact_merging.is_undoable
    )


@strawberry.input(description="Which merges are wanted.")
class ContactMergeFilter:
    contact_id: strawberry.ID | None = strawberry.field(
        default=None, description="Those that this contact was part of."
    )


@strawberry.input(description="Whose value of a field is taken.")
class MergeChoiceInput:
    field: str = strawberry.field(description="As `MergeField.field` names it.")
    contact_id: strawberry.ID


@strawberry.input(description="The contacts that become one.")
class MergeContactsInput:
    master_id: strawberry.ID = strawberry.field(
        description="The one that stays: its id, its primary number, its values by default."
    )
    ids: list[strawberry.ID] = strawberry.field(
        description="All of them, with or without the master: 20 at the most."
    )
    choices: list[MergeChoiceInput] | None = strawberry.field(
        default=UNSET, description="Where another value than the preview's is to be taken."
    )
    fingerprint: str = strawberry.field(
        description="That of the preview: CONFLICT if a contact was changed since."
    )


@strawberry.type(description="The merged contact, or why it was refused.")
class MergeContactsPayload:
    contact: Contact | None = None
    merge: ContactMerge | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="Something that has changed since a merge.")
class ChangeSince:
    field: str = strawberry.field(description="As `MergeField.field` names it, or `calls`.")
    label: str = strawberry.field(description="Localized.")
    merged: str | None = strawberry.field(description="What it was right after the merge.")
    now: str | None = strawberry.field(description="What it is when the merge is undone.")
    outcome: ChangeOutcome
    outcome_label: str = strawberry.field(description="Localized.")


@strawberry.type(description="What has changed since a merge, or why it cannot be undone.")
class UndoMergePreviewPayload:
    changes: list[ChangeSince] = strawberry.field(default_factory=list)
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.input(description="The merge to undo.")
class UndoMergeInput:
    merge_id: strawberry.ID


@strawberry.type(description="The contacts that there are again, or why it was refused.")
class UndoMergePayload:
    contacts: list[Contact] = strawberry.field(
        default_factory=list, description="With the ids they had, the master first."
    )
    changes: list[ChangeSince] = strawberry.field(
        default_factory=list, description="What was done since; calls stay with the master."
    )
    left_out: list[LeftOut] = strawberry.field(
        default_factory=list, description="What had no place any more."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


async def preview(
    context: Context,
    ids: list[strawberry.ID],
    master_id: strawberry.ID | None = None,
    choices: list[MergeChoiceInput] | None = None,
) -> dict[str, Any]:
    return await contact_merging.preview(context, ids, master_id, given_of(choices or []))


@strawberry.type
class ContactMergingQuery:
    merge_preview: MergePreviewPayload = resolves(
        by=preview,
        gives=MergePreviewPayload,
        requires=MERGE,
        description="What a merge of 2 to 20 contacts would make with these choices; without "
        "`masterId` into the first of them.",
    )
    undo_merge_preview: UndoMergePreviewPayload = resolves(
        by=contact_merging.undo_preview,
        gives=UndoMergePreviewPayload,
        requires=MERGE,
        description="What has changed since a merge; nothing is changed.",
    )
    contact_merges: Connection[ContactMerge] = connection(
        description="The merges that were made, newest first.",
        sorts={"NEWEST": ()},
        default_sort="NEWEST",
        default_descending=True,
        filter=ContactMergeFilter,
        filters={"contactId": id_filter("Contact", reading.of_contact)},
        requires=MERGE,
    )
    contact_merge: ContactMerge | None = by_id(description="One merge.", requires=MERGE)


@strawberry.type
class ContactMergingMutation:
    merge_contacts: MergeContactsPayload = mutates(
        by=contact_merging.merge,
        takes=MergeContactsInput,
        gives=MergeContactsPayload,
        requires=MERGE,
        description="Make contacts one, with all their numbers, lists, tags, values and open "
        "stays (X-25 to X-28); not while one is on a call.",
    )
    undo_merge: UndoMergePayload = mutates(
        by=contact_merging.undo,
        takes=UndoMergeInput,
        gives=UndoMergePayload,
        requires=MERGE,
        description="Take a merge back within thirty days; says what changed since (D2).",
    )
