# SPDX-License-Identifier: Apache-2.0
"""The rules that a campaign is dialed by: ready-made policies, and rules of its own."""

from datetime import date, time

import strawberry

from server.domain.permissions import Permission
from server.resolvers import gate
from server.schema.enums import Counted, GateRule, PolicyName, Reach, RuleKind, Weekday
from server.schema.roots import resolves


@strawberry.type(description="From `opens` (inclusive) to `closes`, where the called person is.")
class RuleInterval:
    opens: time
    closes: time = strawberry.field(
        description="Not later than `opens`: on the next day; 00:00 to 00:00 is the whole day."
    )


@strawberry.type(description="Hours of some days of the week.")
class RuleHours:
    days: list[Weekday]
    opens: time
    closes: time


@strawberry.type(description="One rule with its parameters; those that it does not have are null.")
class DialRule:
    rule: GateRule = strawberry.field(description="What it is called where it refuses a call.")
    kind: RuleKind
    text: str = strawberry.field(description="What it says, in the reader's language.")
    week: list[RuleHours] | None
    eves: list[RuleInterval] | None = strawberry.field(
        description="The hours of the day before a public holiday; null: as on any day."
    )
    country: str | None = strawberry.field(
        description="Whose public holidays (ISO 3166); blank: those of the number's country."
    )
    dates: list[date] | None
    counted: Counted | None
    most: int | None
    hours: int | None
    minutes: int | None
    days: int | None
    reach: Reach | None
    with_agent_meanwhile: bool
    with_agent_after: bool
    only_after_objection: bool
    voided_by_screening: bool
    waived_by_consent: bool = strawberry.field(description="A consent to be called lifts it.")


@strawberry.type(description="A ready-made set of rules: a help to keep a law, no legal advice.")
class DialPolicy:
    name: PolicyName
    label: str = strawberry.field(description="Localized.")
    explanation: str = strawberry.field(description="Localized.")
    version: int
    source: str = strawberry.field(description="Where its figures come from.")
    effective_from: date = strawberry.field(description="Since when it is law.")
    country: str | None = strawberry.field(description="ISO 3166; null: anywhere.")
    rules: list[DialRule]


@strawberry.type
class GateQuery:
    dial_policies: list[DialPolicy] = resolves(
        by=gate.every_policy,
        requires=Permission.CAMPAIGNS_VIEW,
        description="The policies that a campaign can choose (reliability section 5).",
    )
