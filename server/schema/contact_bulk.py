# SPDX-License-Identifier: Apache-2.0
"""Changes of many contacts at once: those named, or all that match as it was confirmed (D4)."""

import strawberry
from strawberry import UNSET

from server.domain.bulk import BulkAction
from server.domain.permissions import Permission
from server.resolvers.contact_bulk import changing
from server.schema.contact_filters import ContactFilter
from server.schema.contact_trash import SkippedContact
from server.schema.nodes import UserError
from server.schema.processes import Process
from server.schema.roots import mutates

IDS = "These contacts, 1,000 at the most; or else a `filter`."
FILTER = "All that match, with the `count` that was confirmed; more than 1,000 become a process."
COUNT = "How many they are: CONFLICT if they are not. Needed with a `filter`."
TAGS = "By name, whatever its case; 50 at the most."


@strawberry.input(description="The contacts to move to the trash.")
class BulkTrashInput:
    ids: list[strawberry.ID] | None = strawberry.field(default=UNSET, description=IDS)
    filter: ContactFilter | None = strawberry.field(default=UNSET, description=FILTER)
    count: int | None = strawberry.field(default=UNSET, description=COUNT)


@strawberry.input(description="The contacts to put on a list, or to take off it.")
class BulkListInput:
    list_id: strawberry.ID
    ids: list[strawberry.ID] | None = strawberry.field(default=UNSET, description=IDS)
    filter: ContactFilter | None = strawberry.field(default=UNSET, description=FILTER)
    count: int | None = strawberry.field(default=UNSET, description=COUNT)


@strawberry.input(description="The contacts that get tags, or lose them.")
class BulkTagInput:
    tags: list[str] = strawberry.field(description=TAGS)
    ids: list[strawberry.ID] | None = strawberry.field(default=UNSET, description=IDS)
    filter: ContactFilter | None = strawberry.field(default=UNSET, description=FILTER)
    count: int | None = strawberry.field(default=UNSET, description=COUNT)


@strawberry.input(description="The contacts that get another priority.")
class BulkPriorityInput:
    priority: int = strawberry.field(description="1 high, 2 normal, 3 low.")
    ids: list[strawberry.ID] | None = strawberry.field(default=UNSET, description=IDS)
    filter: ContactFilter | None = strawberry.field(default=UNSET, description=FILTER)
    count: int | None = strawberry.field(default=UNSET, description=COUNT)


@strawberry.type(description="What was done, or the process that does it.")
class BulkPayload:
    matched: int = 0
    done: int = strawberry.field(default=0, description="0 where a process does it.")
    unchanged: int = strawberry.field(default=0, description="They were so already.")
    skipped: list[SkippedContact] = strawberry.field(
        default_factory=list, description="Those passed over, such as contacts on a call (D3)."
    )
    process_id: strawberry.ID | None = None
    process: Process | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ContactBulkMutation:
    trash_contacts: BulkPayload = mutates(
        by=changing(BulkAction.TRASH),
        takes=BulkTrashInput,
        gives=BulkPayload,
        requires=Permission.CONTACTS_DELETE,
        description="Move contacts to the trash; `restoreContacts` brings them back (D4).",
    )
    put_contacts_on_list: BulkPayload = mutates(
        by=changing(BulkAction.ADD_TO_LIST),
        takes=BulkListInput,
        gives=BulkPayload,
        requires=Permission.LISTS_EDIT,
        description="Put contacts on a list; the campaigns that call it load them (X-23).",
    )
    take_contacts_off_list: BulkPayload = mutates(
        by=changing(BulkAction.TAKE_OFF_LIST),
        takes=BulkListInput,
        gives=BulkPayload,
        requires=Permission.LISTS_EDIT,
        description="Take contacts off a list; their stays that came from it end.",
    )
    tag_contacts: BulkPayload = mutates(
        by=changing(BulkAction.TAG),
        takes=BulkTagInput,
        gives=BulkPayload,
        requires=Permission.CONTACTS_EDIT,
        description="Give contacts tags besides those they have; new names make new tags.",
    )
    untag_contacts: BulkPayload = mutates(
        by=changing(BulkAction.UNTAG),
        takes=BulkTagInput,
        gives=BulkPayload,
        requires=Permission.CONTACTS_EDIT,
        description="Take tags off contacts.",
    )
    prioritize_contacts: BulkPayload = mutates(
        by=changing(BulkAction.SET_PRIORITY),
        takes=BulkPriorityInput,
        gives=BulkPayload,
        requires=Permission.CONTACTS_EDIT,
        description="Change the priority of contacts, for stays in campaigns that begin later.",
    )
