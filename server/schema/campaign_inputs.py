# SPDX-License-Identifier: Apache-2.0
"""What campaign mutations take and give."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from server.schema.calling import CallingInput
from server.schema.enums import (
    AfterStatus,
    CallStatus,
    CheckDuplicate,
    Counted,
    DialOrder,
    Driver,
    ExhaustionPolicy,
    PolicyName,
    Reach,
    RuleKind,
    Weekday,
)
from server.schema.nodes import UserError
from server.schema.roots import CLEARS

if TYPE_CHECKING:
    from server.schema.campaigns import Campaign

CampaignRef = Annotated["Campaign", strawberry.lazy("server.schema.campaigns")]


@strawberry.input(description="The retry setting of one failure status; 0 means: do not retry.")
class RetryInput:
    status: CallStatus
    max: int | None = UNSET
    minutes: int | None = UNSET
    after_status: AfterStatus | None = UNSET


@strawberry.input(description="From `opens` (inclusive) to `closes`, where the called person is.")
class RuleIntervalInput:
    opens: time
    closes: time


@strawberry.input(description="Hours of some days of the week; without `days` of all of them.")
class RuleHoursInput:
    opens: time
    closes: time
    days: list[Weekday] | None = UNSET


@strawberry.input(
    description="A rule of a campaign's own; what its kind has no use for is not looked at."
)
class DialRuleInput:
    kind: RuleKind
    week: list[RuleHoursInput] | None = strawberry.field(default=UNSET, description="HOURS.")
    eves: list[RuleIntervalInput] | None = strawberry.field(
        default=UNSET, description="HOURS: those of the day before a public holiday."
    )
    country: str | None = strawberry.field(
        default=UNSET,
        description="HOLIDAYS, HOURS: ISO 3166; blank: the number's country; null: none.",
    )
    dates: list[date] | None = strawberry.field(
        default=UNSET, description="HOLIDAYS: days on which nobody is called."
    )
    counted: Counted | None = strawberry.field(default=UNSET, description="CAP.")
    most: int | None = strawberry.field(default=UNSET, description="CAP: calls.")
    hours: int | None = strawberry.field(default=UNSET, description="CAP, LOCKOUT.")
    minutes: int | None = strawberry.field(default=UNSET, description="GAP.")
    days: int | None = strawberry.field(
        default=UNSET, description="CONVERSATION, REFUSAL, LIST_AGE."
    )
    reach: Reach | None = strawberry.field(
        default=UNSET, description="CAP, GAP, CONVERSATION, REFUSAL, LOCKOUT."
    )
    with_agent_meanwhile: bool | None = strawberry.field(
        default=UNSET, description="LOCKOUT: a call for which an agent is reserved may be made."
    )
    with_agent_after: bool | None = strawberry.field(
        default=UNSET, description="LOCKOUT: later only with an agent, until a conversation."
    )
    only_after_objection: bool | None = strawberry.field(
        default=UNSET, description="CONSENT: asked only of who stands in a register of objections."
    )
    voided_by_screening: bool | None = strawberry.field(
        default=UNSET, description="CONSENT: one from before the list's last screening is void."
    )
    waived_by_consent: bool | None = strawberry.field(
        default=UNSET, description="A consent lifts the rule."
    )


@strawberry.input(
    description="What a campaign goes by; what is left out keeps its value or default."
)
class CampaignSettingsInput(CallingInput):
    simultaneous_lines: int | None = UNSET
    retry: list[RetryInput] | None = UNSET
    global_max_retry: int | None = UNSET
    additional_phones_after: int | None = strawberry.field(
        default=UNSET, description="Minutes before each additional phone (X-37)."
    )
    exhaustion_policy: ExhaustionPolicy | None = UNSET
    max_attempts_per_contact: int | None = strawberry.field(default=UNSET, metadata=CLEARS)
    originate_timeout: int | None = UNSET
    queue_timeout: int | None = UNSET
    check_duplicate: CheckDuplicate | None = UNSET
    dial_order: DialOrder | None = UNSET
    window_from: time | None = strawberry.field(default=UNSET, metadata=CLEARS)
    window_to: time | None = strawberry.field(default=UNSET, metadata=CLEARS)
    window_days: list[Weekday] | None = strawberry.field(default=UNSET, metadata=CLEARS)
    timezone: str | None = UNSET
    ends_at: datetime | None = strawberry.field(default=UNSET, metadata=CLEARS)
    driver: Driver | None = UNSET
    simulation: JSON | None = strawberry.field(
        default=UNSET, description="Seed, weights and script of the simulated telephony."
    )
    clock_rate: int | None = UNSET
    agent_ids: list[strawberry.ID] | None = UNSET
    policies: list[PolicyName] | None = strawberry.field(
        default=UNSET,
        description="Ready-made rules; a new campaign that says nothing gets CALLING_HOURS.",
    )
    rules: list[DialRuleInput] | None = strawberry.field(
        default=UNSET, description="Rules of its own, besides the policies'."
    )
    matter: str | None = strawberry.field(
        default=UNSET, description="What the calls are about: caps and consents may go by it."
    )
    starts_at: datetime | None = strawberry.field(
        default=UNSET, metadata=CLEARS, description="Nobody is called before."
    )
    max_attempts_per_number_24h: int | None = strawberry.field(
        default=UNSET,
        metadata=CLEARS,
        description="Calls to one number in 24 hours, counting every campaign; null: no cap.",
    )


@strawberry.input(description="A new campaign.")
class CreateCampaignInput(CampaignSettingsInput):
    name: str
    list_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="Lists to attach at once."
    )


@strawberry.input(description="What to change; fields left out stay as they are.")
class EditCampaignInput(CampaignSettingsInput):
    id: strawberry.ID
    name: str | None = UNSET
    version: int | None = None


@strawberry.input(description="The campaign meant.")
class CampaignStateInput:
    id: strawberry.ID


@strawberry.input(description="A campaign and lists.")
class ListsInput:
    id: strawberry.ID
    list_ids: list[strawberry.ID]


@strawberry.input(description="A campaign and one of its lists.")
class ResetListInput:
    id: strawberry.ID
    list_id: strawberry.ID


@strawberry.type(description="The campaign as it stands now, or why it was refused.")
class CampaignPayload:
    campaign: CampaignRef | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The campaign, and what the change of its lists did to the hopper.")
class LoadPayload:
    campaign: CampaignRef | None = None
    loaded: int = strawberry.field(default=0, description="Contacts that have an entry now.")
    duplicates: int = strawberry.field(
        default=0, description="Left out by the duplicate check, or open already (X-40)."
    )
    without_numbers: int = strawberry.field(
        default=0, description="Closed at once: there is nothing to dial."
    )
    closed: int = strawberry.field(default=0, description="Entries that left with their list.")
    in_call: int = strawberry.field(
        default=0, description="Entries that wait for their call's end."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What was deleted.")
class DeleteCampaignPayload:
    deleted: bool = False
    name: str | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
