# SPDX-License-Identifier: Apache-2.0
"""The protocol of a dialer of the centre's own: claim, keep alive, report (section 11)."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from server.domain.permissions import Permission
from server.resolvers import external_calls
from server.schema.contacts import Contact
from server.schema.enums import CallStatus, CampaignState
from server.schema.nodes import UserError
from server.schema.roots import mutates
from server.services.dialer import Reported

strawberry.enum(
    Reported, name="ReportOutcome", description="What became of a report; nothing else can."
)
REQUIRED = Permission.CALLS_CLAIM


@strawberry.type(description="A call to place now; its token is the authority to report it.")
class ClaimedCall:
    entry_id: strawberry.ID
    token: str
    number: str = strawberry.field(description="E.164.")
    item_type_name: str | None
    position: int = strawberry.field(description="The place in dial order, from 0.")
    round: int
    attempts_made: int = strawberry.field(description="In this stay, before this call.")
    claimed_at: datetime = strawberry.field(description="By the campaign's clock.")
    lease_until: datetime = strawberry.field(description="By the database's clock.")
    ring_seconds: int = strawberry.field(description="How long to let it ring.")
    contact: Contact | None


@strawberry.input(description="How many calls of which campaign.")
class ClaimCallsInput:
    campaign_id: strawberry.ID
    limit: int = strawberry.field(default=10, description="1 to 250.")


@strawberry.type(description="Calls to place, or when to look again.")
class ClaimCallsPayload:
    calls: list[ClaimedCall] = strawberry.field(default_factory=list)
    campaign_state: CampaignState | None = None
    next_at: datetime | None = strawberry.field(
        default=None,
        description="Where there are none: the campaign's next moment by its clock, if one is known"
        " to come. A result, a new list or a changed setting may bring one sooner: ask every second"
        " or two while the campaign runs.",
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.input(description="A claimed call.")
class ClaimInput:
    entry_id: strawberry.ID
    token: str


@strawberry.input(description="Claimed calls, 2,000 at the most.")
class ClaimsInput:
    calls: list[ClaimInput]


@strawberry.type(description="Which of the calls are still yours.")
class HeartbeatPayload:
    held: list[strawberry.ID] = strawberry.field(default_factory=list)
    lost: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Over, or somebody else's by now: hang up."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="How many calls went back into the hopper.")
class GiveBackCallsPayload:
    given_back: int = 0
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.input(description="How a claimed call ended.")
class ReportCallInput:
    entry_id: strawberry.ID
    token: str
    unique_id: str = strawberry.field(
        description="Your own name of the call, the same in each report of it; 150 characters."
    )
    status: CallStatus = strawberry.field(description="Neither BLACKLIST nor LOST.")
    started_at: datetime | None = strawberry.field(
        default=UNSET, description="When it was placed; left out: when it was claimed."
    )
    ended_at: datetime | None = strawberry.field(default=UNSET, description="Left out: now.")


@strawberry.type(description="What became of the report.")
class ReportCallPayload:
    outcome: Reported | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ExternalCallsMutation:
    claim_calls: ClaimCallsPayload = mutates(
        by=external_calls.claim_calls,
        takes=ClaimCallsInput,
        gives=ClaimCallsPayload,
        requires=REQUIRED,
        description="Take calls to place, in the order of the dial machine, each for you alone"
        " while its lease runs. The campaign's driver has to be EXTERNAL.",
    )
    heartbeat: HeartbeatPayload = mutates(
        by=external_calls.keep_calls,
        takes=ClaimsInput,
        gives=HeartbeatPayload,
        requires=REQUIRED,
        description="These calls were placed and are still up: their leases begin anew. Once kept"
        " alive, a call that nobody reports counts as an attempt (LOST).",
    )
    give_back_calls: GiveBackCallsPayload = mutates(
        by=external_calls.give_back_calls,
        takes=ClaimsInput,
        gives=GiveBackCallsPayload,
        requires=REQUIRED,
        description="Claimed calls that you will not place: due again at once, nothing is counted.",
    )
    report_call: ReportCallPayload = mutates(
        by=external_calls.report_call,
        takes=ReportCallInput,
        gives=ReportCallPayload,
        requires=REQUIRED,
        description="Record how a call ended. The same report again is answered DUPLICATE, so it"
        " can be repeated when an answer was lost; late and foreign ones are refused.",
    )
