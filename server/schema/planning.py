# SPDX-License-Identifier: Apache-2.0
"""Looking ahead: the policy checker, and the calls that are to come (X-33, X-37)."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import UNSET

from server.context import Context
from server.domain.campaigns.checker import FindingCode, FindingSeverity
from server.domain.dialer.plans import MOST_CALLS
from server.domain.permissions import Permission
from server.resolvers import planning
from server.schema.campaign_inputs import CampaignSettingsInput
from server.schema.dialer import HopperEntry
from server.schema.enums import CallStatus, DialState, FinalReason
from server.schema.nodes import UserError
from server.schema.roots import given_of, resolves
from server.services.planning import CapacityUnit

if TYPE_CHECKING:
    from server.schema.campaigns import Campaign

CampaignRef = Annotated["Campaign", strawberry.lazy("server.schema.campaigns")]
strawberry.enum(CapacityUnit, description="What a campaign's pace depends on.")
strawberry.enum(FindingCode, description="What is wrong with a campaign's settings.")
strawberry.enum(FindingSeverity, description="How much a finding matters.")


@strawberry.type(description="Settings that contradict themselves, or cannot do what they say.")
class CampaignFinding:
    code: FindingCode
    field: str = strawberry.field(description="The path in the input of `editCampaign`.")
    severity: FindingSeverity
    message: str = strawberry.field(description="For people, in the reader's language.")


@strawberry.type(description="One call that is to come, or a number that is passed over.")
class PlannedCall:
    number: str | None = strawberry.field(description="E.164; null for a number of a sample.")
    sample: int | None = strawberry.field(description="The number's place in the sample, from 0.")
    item_type_name: str | None
    position: int = strawberry.field(description="The place in dial order, from 0.")
    round: int
    decision: DialState = strawberry.field(description="What it is due for.")
    due_at: datetime = strawberry.field(description="By the campaign's clock.")
    dial_at: datetime = strawberry.field(description="When hours and rules let it be made.")
    outcome: CallStatus = strawberry.field(
        description="The result that is assumed; BLACKLIST for a number that is passed over."
    )
    outcome_label: str
    waits_for: str | None = strawberry.field(
        description="The rule that moves it from `dueAt` to `dialAt`; WINDOW: the calling hours."
    )
    is_up: bool = strawberry.field(description="It is being made now.")
    why: str = strawberry.field(description="For people, in the reader's language.")


@strawberry.type(description="How a stay in the hopper would end.")
class PlannedClosing:
    at: datetime
    reason: FinalReason
    reason_label: str
    number: str | None = strawberry.field(description="The last one called, E.164.")
    sample: int | None = strawberry.field(description="Its place in the sample, from 0.")
    status: CallStatus | None
    status_label: str | None
    attempts: int
    limit_status: CallStatus | None = strawberry.field(
        description="The limit reached; null for the global one, and without any."
    )
    limit_label: str | None
    limit_number: str | None
    limit_sample: int | None


@strawberry.type(description="Hours in which the campaign may call.")
class OpenHours:
    opens_at: datetime
    closes_at: datetime


@strawberry.type(description="The calls that are to come while the assumed results hold.")
class DialPlan:
    entry: HopperEntry | None = strawberry.field(
        description="Where the plan begins; null: thought of as loaded now."
    )
    now: datetime = strawberry.field(description="The campaign's clock as the plan begins.")
    calls: list[PlannedCall]
    closing: PlannedClosing | None = strawberry.field(
        description="Null where the plan was cut, or a rule holds the contact without end."
    )
    held_by: str | None = strawberry.field(description="The rule that no time lets go.")
    hours: list[OpenHours] = strawberry.field(
        description="The campaign's own hours around the calls, three months at the most."
    )


@strawberry.input(
    description="The same fields as of `createCampaign` and `editCampaign`; nothing is stored."
)
class CheckCampaignSettingsInput(CampaignSettingsInput):
    id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="What is left out is as in this campaign, else as in a new one."
    )
    name: str | None = UNSET
    list_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="Not looked at."
    )
    version: int | None = strawberry.field(default=None, description="Not looked at.")


@strawberry.input(description="A number of a contact that is thought of.")
class SampleNumberInput:
    item_type_id: strawberry.ID | None = strawberry.field(
        default=None, description="Null: without a type; the first number is the primary one."
    )
    outcome: CallStatus = CallStatus.NO_ANSWER
    is_blocked: bool = strawberry.field(default=False, description="It is blacklisted.")


@strawberry.input(description="The result to assume for one of the contact's numbers.")
class NumberOutcomeInput:
    number: str = strawberry.field(description="E.164.")
    outcome: CallStatus


@strawberry.type(description="What was found, or why the settings would be refused.")
class CheckCampaignSettingsPayload:
    findings: list[CampaignFinding] = strawberry.field(
        default_factory=list, description="The gravest first."
    )
    plan: DialPlan | None = strawberry.field(
        default=None, description="The calls of the sample, if one was given."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="What a full hour brings.")
class ForecastHour:
    at: datetime
    is_open: bool = strawberry.field(description="Whether it may call at some time in the hour.")
    due: int = strawberry.field(description="Entries that come due; in the first hour all due.")
    callable: int = strawberry.field(
        description="Entries that may be called from then on: due, in the hours, not held."
    )
    called: int = strawberry.field(description="As many as the pace allows.")
    waiting: int = strawberry.field(description="Due and not called at the end of the hour.")
    capacity: int = strawberry.field(description="Calls that could be made in its open time.")


@strawberry.type(
    description="What the hopper holds for the next hours. What its calls lead to, and who is "
    "loaded later, comes on top."
)
class Forecast:
    campaign: CampaignRef
    now: datetime = strawberry.field(description="The campaign's clock.")
    hours: list[ForecastHour]
    open: int = strawberry.field(description="Entries that wait, those that are held included.")
    due_now: int
    held: int = strawberry.field(description="Held by a rule that no time lets go.")
    later: int = strawberry.field(description="Due after the last of the hours.")
    in_call: int
    unit: CapacityUnit
    units: int = strawberry.field(description="Lines, or agents who are assigned.")
    calls_per_hour: int = strawberry.field(description="The pace of all of them, by recent calls.")
    idle_from: datetime | None = strawberry.field(
        description="When agents or lines find nothing to call; null if they always do."
    )


@strawberry.type(description="The forecast, or why there is none.")
class ForecastPayload:
    forecast: Forecast | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The plan, or why there is none.")
class DialPlanPayload:
    plan: DialPlan | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


async def check(
    context: Context,
    input: CheckCampaignSettingsInput,
    sample: list[SampleNumberInput] | None = None,
    at: datetime | None = None,
) -> dict[str, Any]:
    numbers = None if sample is None else given_of(sample)
    return await planning.check(context, given_of(input), numbers, at)


async def plan(
    context: Context,
    contact_id: strawberry.ID,
    campaign_id: strawberry.ID,
    outcome: CallStatus = CallStatus.NO_ANSWER,
    outcomes: list[NumberOutcomeInput] | None = None,
    most: int = MOST_CALLS,
) -> dict[str, Any]:
    given = given_of(outcomes or [])
    return await planning.dial_plan(context, contact_id, campaign_id, outcome, given, most)


async def foresee(
    context: Context, campaign_id: strawberry.ID, hours: int = 72, capacity: int | None = None
) -> dict[str, Any]:
    return await planning.forecast(context, campaign_id, hours, capacity)


@strawberry.type
class PlanningQuery:
    check_campaign_settings: CheckCampaignSettingsPayload = resolves(
        by=check,
        gives=CheckCampaignSettingsPayload,
        requires=Permission.CAMPAIGNS_VIEW,
        description="What contradicts itself in settings before they are saved, and, with a "
        "sample of 1 to 5 numbers, the calls that they lead to (X-37).",
    )
    dial_plan: DialPlanPayload = resolves(
        by=plan,
        gives=DialPlanPayload,
        requires=Permission.CAMPAIGNS_VIEW,
        description="The coming calls of a contact in a campaign if each ends with `outcome`, "
        "from where it stands, or from a fresh load where it is not open.",
    )
    forecast: ForecastPayload = resolves(
        by=foresee,
        gives=ForecastPayload,
        requires=Permission.CALLS_VIEW,
        description="How many entries come due and may be called in each of the next hours (744 at "
        "the most), and when agents or lines run out of them; `capacity` is a pace to think of, in "
        "calls an hour.",
    )
