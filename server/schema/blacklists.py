# SPDX-License-Identifier: Apache-2.0
"""Do-not-call entries: numbers, addresses and people that are not to be called (C-26 to C-29)."""

from datetime import datetime
from enum import StrEnum

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
    id_filter,
    identity,
    one,
)
from server.resolvers import blacklists
from server.schema.blacklist_inputs import (
    BlacklistEntryPayload,
    BlacklistFilter,
    CreateBlacklistEntryInput,
    DeleteBlacklistEntriesInput,
    DeleteBlacklistEntriesPayload,
    EditBlacklistEntryInput,
    ImportBlacklistEntriesInput,
    ImportBlacklistEntriesPayload,
    RestoreBlacklistEntriesInput,
    RestoreBlacklistEntriesPayload,
)
from server.schema.campaigns import Campaign
from server.schema.contacts import Contact
from server.schema.enums import Media
from server.schema.lists import ContactList
from server.schema.nodes import Connection, Node
from server.schema.roots import mutates
from server.services.blacklists import finding

VIEW = Permission.BLACKLISTS_VIEW


@entity(
    models.BlacklistEntry,
    prefix="blocked",
    visible=finding.visible_blacklist_entries,
    requires=VIEW,
    description="A number, an e-mail address or a person that is not to be called (C-26).",
)
class BlacklistEntry(Node):
    id: strawberry.ID = identity()
    name: str = column(models.BlacklistEntry.name, "What the centre calls it; may be blank.")
    media: Media = column(models.BlacklistEntry.media)
    media_label: str = computed(
        blacklists.media_label, models.BlacklistEntry.media, description="Localized."
    )
    uri: str | None = computed(
        blacklists.uri,
        models.BlacklistEntry.number,
        models.BlacklistEntry.email,
        description="The number in E.164 or the address; null for a person.",
    )
    contact: Contact | None = one(
        models.BlacklistEntry.contact_id,
        "The person, for media PERSON.",
        requires=Permission.CONTACTS_VIEW,
    )
    campaign: Campaign | None = one(
        models.BlacklistEntry.campaign_id,
        "It holds for this campaign alone.",
        requires=Permission.CAMPAIGNS_VIEW,
    )
    contact_list: ContactList | None = one(
        models.BlacklistEntry.list_id,
        "It holds for what is called from this list alone.",
        requires=Permission.LISTS_VIEW,
    )
    is_everywhere: bool = column(
        models.BlacklistEntry.is_everywhere,
        "Callbacks and calls by hand are stopped too, not only automatic ones (C-28).",
    )
    is_opt_out: bool = column(
        models.BlacklistEntry.is_opt_out, "The person asked for it; it always holds everywhere."
    )
    note: str = column(models.BlacklistEntry.note)
    author_name: str | None = expression(
        finding.author_name, "Who entered it; null when they have left, or for the system."
    )
    version: int = column(models.BlacklistEntry.version, "Send it back with an edit.")
    created_at: datetime = column(models.BlacklistEntry.created_at)


@strawberry.enum(description="What do-not-call entries are sorted by.")
class BlacklistSort(StrEnum):
    CREATED_AT = "CREATED_AT"
    NAME = "NAME"


@strawberry.type
class BlacklistQuery:
    blacklist_entries: Connection[BlacklistEntry] = connection(
        description="Do-not-call entries, the newest first; without a filter all (C-29).",
        sort=BlacklistSort,
        sorts={
            "CREATED_AT": (models.BlacklistEntry.created_at,),
            "NAME": (models.BlacklistEntry.name_key,),
        },
        default_sort="CREATED_AT",
        default_descending=True,
        filter=BlacklistFilter,
        filters={
            "search": finding.matching,
            "name": finding.with_name,
            "number": finding.with_number,
            "email": finding.with_email,
            "media": finding.of_media,
            "contactId": id_filter("Contact", finding.of_contact),
            "campaignId": id_filter("Campaign", finding.of_campaign),
            "listId": id_filter("ContactList", finding.of_list),
            "isOptOut": finding.opted_out,
            "isEverywhere": finding.everywhere,
            "createdFrom": finding.since,
            "createdBefore": finding.until,
        },
        requires=VIEW,
    )
    blacklist_entry: BlacklistEntry | None = by_id(
        description="One do-not-call entry.", requires=VIEW
    )


@strawberry.type
class BlacklistMutation:
    create_blacklist_entry: BlacklistEntryPayload = mutates(
        by=blacklists.create,
        takes=CreateBlacklistEntryInput,
        gives=BlacklistEntryPayload,
        requires=Permission.BLACKLISTS_CREATE,
        description="Put a number, an address or a person on the blacklist (C-26).",
    )
    edit_blacklist_entry: BlacklistEntryPayload = mutates(
        by=blacklists.edit,
        takes=EditBlacklistEntryInput,
        gives=BlacklistEntryPayload,
        requires=Permission.BLACKLISTS_EDIT,
        description="Change an entry; an opt-out keeps what it names and where it holds.",
    )
    delete_blacklist_entries: DeleteBlacklistEntriesPayload = mutates(
        by=blacklists.delete,
        takes=DeleteBlacklistEntriesInput,
        gives=DeleteBlacklistEntriesPayload,
        requires=Permission.BLACKLISTS_DELETE,
        description="Take entries off the blacklist, opt-outs too; it can be taken back.",
    )
    restore_blacklist_entries: RestoreBlacklistEntriesPayload = mutates(
        by=blacklists.restore,
        takes=RestoreBlacklistEntriesInput,
        gives=RestoreBlacklistEntriesPayload,
        requires=Permission.BLACKLISTS_DELETE,
        description="Take the caller's own deletion back: the entries come back with their ids.",
    )
    import_blacklist_entries: ImportBlacklistEntriesPayload = mutates(
        by=blacklists.import_text,
        takes=ImportBlacklistEntriesInput,
        gives=ImportBlacklistEntriesPayload,
        requires=Permission.BLACKLISTS_CREATE,
        description="Put many numbers and addresses on the blacklist: a line each, or a CSV.",
    )
