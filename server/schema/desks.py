# SPDX-License-Identifier: Apache-2.0
"""An agent's desk: state, the call in hand, the customers owned (X-38, R-05 to R-09)."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

import strawberry

from server.domain.agents import AgentState as States
from server.domain.permissions import Permission
from server.resolvers import desks
from server.schema.campaigns import Campaign
from server.schema.contacts import Contact
from server.schema.desk_inputs import (
    AssignContactsInput,
    FinishCallInput,
    ObtainContactsInput,
    PauseWorkInput,
    PreviewNextInput,
    SkipPreviewedInput,
    StartWorkInput,
    UnassignContactsInput,
)
from server.schema.dialer import CallAttempt, HopperEntry
from server.schema.enums import (
    AgentState,
    CallStage,
    DialMode,
    DialState,
    Dialway,
    FinalReason,
)
from server.schema.nodes import UserError
from server.schema.roots import mutates, resolves, subscribes
from server.services import agents

WORK = Permission.CALLS_MAKE


@strawberry.type(description="A campaign that an agent works on, and what it lets them do.")
class DeskCampaign:
    campaign: Campaign | None
    mode: DialMode
    mode_label: str
    dialway: Dialway
    is_running: bool
    may_preview: bool
    may_auto_dial: bool = strawberry.field(description="By its dialway (R-05).")
    may_obtain: bool
    obtainable: int = strawberry.field(description="What the next press brings at most (R-07).")
    owned: int = strawberry.field(description="Open customers of this agent.")
    most_owned: int


@strawberry.type(description="What follows if nobody is reached: a number, or the end of the stay.")
class AfterCall:
    number: str | None = strawberry.field(description="E.164.")
    item_type_name: str | None
    place_label: str | None = strawberry.field(description="Localized, such as `3 of 3`.")
    at: datetime | None = strawberry.field(description="By the campaign's clock.")
    reason: FinalReason | None = strawberry.field(description="Why the stay would end instead.")
    reason_label: str | None


@strawberry.type(
    description="The customer in an agent's hand: exactly this number is dialed (X-39)."
)
class CallInHand:
    stage: CallStage
    stage_label: str
    campaign: Campaign | None
    contact: Contact | None
    entry: HopperEntry | None = strawberry.field(description="Null once the stay is closed.")
    attempt: CallAttempt | None = strawberry.field(description="Once the result is recorded.")
    number: str = strawberry.field(description="E.164.")
    item_type_name: str | None
    place: int = strawberry.field(description="From 1, among the numbers that are dialed.")
    places: int | None
    place_label: str | None = strawberry.field(description="Localized, such as `2 of 3`.")
    has_additional_phones: bool = strawberry.field(
        description="Several numbers: the campaign's strategy chooses, not the agent (X-38)."
    )
    round: int
    attempts_made: int = strawberry.field(description="In this stay, before this call.")
    why: DialState = strawberry.field(description="The state it was claimed from.")
    why_label: str = strawberry.field(description="Why this number now, localized.")
    callback_at: datetime | None
    started_at: datetime | None = strawberry.field(description="By the campaign's clock.")
    after: AfterCall | None


@strawberry.type(description="An agent's own desk.")
class Desk:
    state: AgentState
    state_label: str
    since: datetime | None
    seconds: int = strawberry.field(description="In this state, by the database's clock.")
    pause_reason: str = strawberry.field(
        description="Why the agent is paused, or will be after the call in hand."
    )
    endpoint: str = strawberry.field(description="The agent's own telephone.")
    is_auto_dialing: bool
    may_auto_dial: bool = strawberry.field(description="A campaign's dialway allows it (R-06).")
    leaves_after_call: bool
    campaigns: list[DeskCampaign]
    call: CallInHand | None
    last_call: CallAttempt | None = strawberry.field(
        description="The last call, where it came to nothing and no other is in hand."
    )


@strawberry.type(description="An agent as supervisors see them.")
class AgentAtWork:
    id: strawberry.ID
    name: str
    full_name: str
    state: AgentState
    state_label: str
    since: datetime | None
    seconds: int
    pause_reason: str
    endpoint: str
    is_auto_dialing: bool
    owned: int = strawberry.field(description="Open customers in the campaign that was asked for.")
    campaign: Campaign | None = strawberry.field(description="Of the call in hand.")
    contact: Contact | None


@strawberry.type(description="The desk after the step, or why the step was refused.")
class DeskPayload:
    desk: Desk | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The desk, and whether its agent is still at work.")
class DeskHeartbeatPayload:
    desk: Desk | None = None
    is_at_work: bool = False
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The desk, and whether anybody was due.")
class PreviewPayload:
    desk: Desk | None = None
    found: bool = False
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What a press brought.")
class ObtainPayload:
    desk: Desk | None = None
    taken: int = 0
    owned: int = 0
    most_owned: int = 0
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="How many customers were given to agents.")
class AssignPayload:
    assigned: int = 0
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="How many customers are nobody's again.")
class UnassignPayload:
    unassigned: int = 0
    user_errors: list[UserError] = strawberry.field(default_factory=list)


def _step(action: desks.Action, description: str) -> Any:
    """A mutation without an input: the agent takes a step."""
    return mutates(
        by=desks.does(action), takes=None, gives=DeskPayload, requires=WORK, description=description
    )


@strawberry.type
class DeskMutation:
    start_work: DeskPayload = mutates(
        by=desks.start_work,
        takes=StartWorkInput,
        gives=DeskPayload,
        requires=WORK,
        description="Sit down and be ready; automatic dialing begins where it is AUTO (R-05).",
    )
    pause_work: DeskPayload = mutates(
        by=desks.becomes(States.PAUSED),
        takes=PauseWorkInput,
        gives=DeskPayload,
        requires=WORK,
        description="No further call for now, and why; a call in hand goes on to its end.",
    )
    resume_work: DeskPayload = mutates(
        by=desks.becomes(States.READY),
        takes=None,
        gives=DeskPayload,
        requires=WORK,
        description="Ready again, or no pause and no leaving after the call after all.",
    )
    end_work: DeskPayload = mutates(
        by=desks.becomes(States.OFFLINE),
        takes=None,
        gives=DeskPayload,
        requires=WORK,
        description="Leave; a call in hand goes on to its end.",
    )
    desk_heartbeat: DeskHeartbeatPayload = mutates(
        by=desks.beat,
        takes=None,
        gives=DeskHeartbeatPayload,
        requires=WORK,
        description="The agent's page is there; due every 20 seconds, after 60 the agent is gone.",
    )
    preview_next: PreviewPayload = mutates(
        by=desks.preview_next,
        takes=PreviewNextInput,
        gives=PreviewPayload,
        requires=WORK,
        description="Show who would be called next, and keep them for this agent (X-39).",
    )
    dial_previewed: DeskPayload = _step(
        agents.dial_previewed, "Dial exactly the number that is shown (X-39)."
    )
    skip_previewed: DeskPayload = mutates(
        by=desks.skip,
        takes=SkipPreviewedInput,
        gives=DeskPayload,
        requires=WORK,
        description="Not this one, and why; nothing is counted.",
    )
    reject_call: DeskPayload = _step(
        agents.reject_call, "Let go before the customer answers; AGENT_REJECT once it rang there."
    )
    hang_up: DeskPayload = _step(agents.hang_up, "End the conversation.")
    finish_call: DeskPayload = mutates(
        by=desks.finish,
        takes=FinishCallInput,
        gives=DeskPayload,
        requires=WORK,
        description="Dispose of the call that ended, and go on to the next. "
        "Refused while a required field of the script is blank (C-22).",
    )
    start_auto_dialing: DeskPayload = _step(
        agents.start_auto_dialing, "Dial this agent's own customers from now on (R-06)."
    )
    stop_auto_dialing: DeskPayload = _step(
        agents.stop_auto_dialing, "Stop after the current call (R-06)."
    )
    obtain_contacts: ObtainPayload = mutates(
        by=desks.obtain,
        takes=ObtainContactsInput,
        gives=ObtainPayload,
        requires=WORK,
        description="Take unassigned customers, up to the campaign's two limits (R-07, R-08).",
    )
    assign_contacts: AssignPayload = mutates(
        by=desks.assign,
        takes=AssignContactsInput,
        gives=AssignPayload,
        requires=Permission.CALLS_ASSIGN,
        description="Give customers to one agent by hand, or spread the unassigned evenly (R-09).",
    )
    unassign_contacts: UnassignPayload = mutates(
        by=desks.unassign,
        takes=UnassignContactsInput,
        gives=UnassignPayload,
        requires=Permission.CALLS_ASSIGN,
        description="Take customers back from agents; callbacks and calls stay whose they are.",
    )


@strawberry.type
class DeskQuery:
    my_desk: Desk = resolves(
        by=desks.my_desk, requires=WORK, description="The caller's own desk as an agent."
    )
    agents_at_work: list[AgentAtWork] = resolves(
        by=desks.agents_at_work,
        requires=Permission.CALLS_VIEW,
        description="Who is at work; with `campaignId` all its agents, and what they own.",
    )


@strawberry.type
class DeskSubscription:
    desk_changed: AsyncGenerator[Desk, None] = subscribes(
        by=desks.changed,
        gives=Desk,
        requires=WORK,
        description="The caller's desk now and after each change; no heartbeat.",
    )
