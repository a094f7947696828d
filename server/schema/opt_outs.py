# SPDX-License-Identifier: Apache-2.0
"""Opt-outs: somebody does not want to be called again, which holds at once and everywhere."""

import strawberry

from server.domain.permissions import Permission
from server.resolvers import opt_outs
from server.schema.nodes import UserError
from server.schema.roots import mutates, resolves

BLOCK = Permission.CALLS_BLOCK


@strawberry.input(description="Who does not want to be called: a number, or a contact as a person.")
class OptOutInput:
    number: str | None = strawberry.field(
        default=strawberry.UNSET, description="In any spelling; whoever has it."
    )
    contact_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The person, with all numbers."
    )
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="How and when they said so."
    )


@strawberry.type(description="What the opt-out changed at once.")
class OptOutPayload:
    opt_out_id: strawberry.ID | None = strawberry.field(
        default=None, description="The blacklist entry's; `withdrawOptOut` takes it."
    )
    name: str | None = strawberry.field(default=None, description="The number, or the person.")
    entries_blocked: int = strawberry.field(
        default=0, description="Open stays, in all campaigns, that the number was taken out of."
    )
    entries_closed: int = strawberry.field(default=0, description="Open stays that ended by it.")
    entries_in_call: int = strawberry.field(
        default=0, description="Stays whose call is up: they follow at its result."
    )
    tasks_closed: int = strawberry.field(default=0, description="Callbacks given up.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What an opt-out would change now.")
class OptOutPreviewPayload:
    name: str | None = None
    opt_out_id: strawberry.ID | None = strawberry.field(
        default=None, description="Where they have opted out already."
    )
    entries: int = strawberry.field(default=0, description="Open stays.")
    campaigns: int = strawberry.field(default=0, description="In how many campaigns these are.")
    in_call: int = strawberry.field(default=0, description="How many of them are in a call.")
    tasks: int = strawberry.field(default=0, description="Callbacks that wait.")
    contacts: int = strawberry.field(default=0, description="Contacts that have the number.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.input(description="The opt-out to take back.")
class WithdrawOptOutInput:
    id: strawberry.ID


@strawberry.type(description="Who may be called again.")
class WithdrawOptOutPayload:
    withdrawn: bool = False
    name: str | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class OptOutQuery:
    opt_out_preview: OptOutPreviewPayload = resolves(
        by=opt_outs.preview,
        gives=OptOutPreviewPayload,
        requires=BLOCK,
        description="What `optOut` would change, to be confirmed by people.",
    )


@strawberry.type
class OptOutMutation:
    opt_out: OptOutPayload = mutates(
        by=opt_outs.record,
        takes=OptOutInput,
        gives=OptOutPayload,
        requires=BLOCK,
        description="Never call a number or a person again: at once, in every open stay of every "
        "campaign, callbacks and calls by hand included.",
    )
    withdraw_opt_out: WithdrawOptOutPayload = mutates(
        by=opt_outs.withdraw,
        takes=WithdrawOptOutInput,
        gives=WithdrawOptOutPayload,
        requires=BLOCK,
        description="Take an opt-out back: one's own, or any with `blacklists.delete`. Stays that "
        "ended by it stay closed.",
    )
