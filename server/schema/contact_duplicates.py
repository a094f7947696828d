# SPDX-License-Identifier: Apache-2.0
"""Contacts that may be one person, to be merged or told apart (D2)."""

import strawberry
from strawberry import UNSET

from server.domain.duplicates import DuplicateKind
from server.domain.permissions import Permission
from server.resolvers import contact_duplicates
from server.schema.contacts import Contact
from server.schema.nodes import UserError
from server.schema.roots import mutates, resolves

strawberry.enum(DuplicateKind, description="What contacts of a group have in common.")


@strawberry.type(description="Contacts that may be one person.")
class DuplicateGroup:
    key: str = strawberry.field(description="For `dismissDuplicates`.")
    kind: DuplicateKind
    value: str = strawberry.field(description="The number, the address, or the company.")
    reason: str = strawberry.field(description="Localized.")
    contacts: list[Contact] = strawberry.field(description="20 at the most, the oldest first.")
    contact_count: int = strawberry.field(description="All of them, counted up to 1,001.")


@strawberry.type(
    description="A page of groups; it may hold few, or none, and have a next one all the same."
)
class DuplicateGroupsPayload:
    groups: list[DuplicateGroup] = strawberry.field(default_factory=list)
    end_cursor: str | None = None
    has_next_page: bool = False
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.input(description="People who are not the same: contacts, or a group.")
class DismissDuplicatesInput:
    ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="These contacts; or else a `key`."
    )
    key: str | None = strawberry.field(default=UNSET, description="All contacts of this group.")


@strawberry.type(description="Whether they are told apart from now on.")
class DismissDuplicatesPayload:
    dismissed: bool = False
    contacts: int = strawberry.field(default=0, description="How many people they are.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.input(description="People who may be the same after all: contacts, or a group.")
class ReconsiderDuplicatesInput:
    ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="These contacts; or else a `key`."
    )
    key: str | None = strawberry.field(default=UNSET, description="All contacts of this group.")


@strawberry.type(description="How many people are shown as one group again.")
class ReconsiderDuplicatesPayload:
    contacts: int = 0
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ContactDuplicatesQuery:
    duplicate_groups: DuplicateGroupsPayload = resolves(
        by=contact_duplicates.groups,
        gives=DuplicateGroupsPayload,
        requires=Permission.CONTACTS_MERGE,
        description="Contacts with a number or an address in common, or with names alike in one "
        "company; without `kinds` all of these. 100 groups a page at the most.",
    )


@strawberry.type
class ContactDuplicatesMutation:
    dismiss_duplicates: DismissDuplicatesPayload = mutates(
        by=contact_duplicates.dismiss,
        takes=DismissDuplicatesInput,
        gives=DismissDuplicatesPayload,
        requires=Permission.CONTACTS_MERGE,
        description="Tell people apart: their group is shown again only once somebody joins it.",
    )
    reconsider_duplicates: ReconsiderDuplicatesPayload = mutates(
        by=contact_duplicates.reconsider,
        takes=ReconsiderDuplicatesInput,
        gives=ReconsiderDuplicatesPayload,
        requires=Permission.CONTACTS_MERGE,
        description="Take `dismissDuplicates` back: their group is shown again.",
    )
