# SPDX-License-Identifier: Apache-2.0
"""Why a contact is not being called, and what comes next (the gate, reliability section 5)."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from server.context import Context
from server.domain.gate import Standing
from server.domain.permissions import Permission
from server.resolvers import explanations
from server.schema.dialer import FinalResult, HopperEntry
from server.schema.enums import GateRule, PolicyName
from server.schema.nodes import UserError
from server.schema.roots import resolves

strawberry.enum(Standing, name="DialStanding", description="Where a contact is in a campaign.")


@strawberry.type(description="What one rule answers, and what it goes by.")
class DialCheck:
    rule: GateRule
    label: str = strawberry.field(description="Localized.")
    passed: bool
    text: str = strawberry.field(description="What was found, for people; moments in their zone.")
    allowed_at: datetime | None = strawberry.field(
        description="When this rule alone lets the call through; null: passed, or never."
    )
    policy: PolicyName | None = strawberry.field(
        description="Null: the campaign's own settings, or what holds everywhere."
    )
    policy_label: str | None
    version: int | None = strawberry.field(description="Of the policy.")
    source: str | None = strawberry.field(description="Of the policy's figures.")
    evidence: JSON


@strawberry.type(description="Why a contact is or is not called at a moment, and what comes next.")
class DialExplanation:
    at: datetime = strawberry.field(description="By the campaign's clock.")
    standing: Standing
    standing_label: str
    allowed: bool = strawberry.field(description="Every check is passed.")
    summary: str = strawberry.field(description="The answer in a sentence.")
    reason: GateRule | None = strawberry.field(
        description="What keeps it back: what time does not cure, else what comes round last."
    )
    number: str | None = strawberry.field(description="The next one, E.164.")
    item_type_name: str | None
    position: int | None = strawberry.field(description="Its place in dial order, from 0.")
    phone_count: int
    round: int | None
    due_at: datetime | None
    dial_at: datetime | None = strawberry.field(
        description="The first moment that suits every rule; null: time alone does not bring it."
    )
    passed_over: list[str] = strawberry.field(description="Blacklisted numbers before it.")
    checks: list[DialCheck]
    entry: HopperEntry | None = strawberry.field(description="While it is in the hopper.")
    final: FinalResult | None = strawberry.field(description="How its last stay ended.")


@strawberry.type(description="The explanation, or why there is none.")
class ExplainDialPayload:
    explanation: DialExplanation | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


async def explain(
    context: Context,
    contact_id: strawberry.ID,
    campaign_id: strawberry.ID,
    at: datetime | None = None,
) -> dict[str, Any]:
    return await explanations.explain(context, contact_id, campaign_id, at)


@strawberry.type
class ExplanationQuery:
    explain_dial: ExplainDialPayload = resolves(
        by=explain,
        gives=ExplainDialPayload,
        requires=Permission.CAMPAIGNS_VIEW,
        description="Every gate between a contact and its next call in a campaign, passed or not, "
        "with its data; `at` is a moment of the campaign's clock, left out: now.",
    )
