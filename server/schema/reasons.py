# SPDX-License-Identifier: Apache-2.0
"""Why a call was made, and why an entry is not called: the gate's answers as they were stored."""

from datetime import datetime

import strawberry

from server.schema.enums import GateRule, PolicyName


@strawberry.type(description="What one rule answered then, and what it went by.")
class GateAnswer:
    rule: GateRule
    label: str = strawberry.field(description="Localized.")
    text: str = strawberry.field(description="What was found, for people; localized.")
    policy: PolicyName | None = strawberry.field(
        description="Null: the campaign's own settings, or what holds everywhere."
    )
    version: int | None = strawberry.field(description="Of the policy.")


@strawberry.type(description="Why a call was made: what it was claimed under (reliability 5).")
class CallReason:
    settings_version: int | None = strawberry.field(description="Of the campaign's settings.")
    timezone: str | None = strawberry.field(description="The campaign's.")
    window: str | None = strawberry.field(description="The campaign's hours; null: any time.")
    is_confirmed: bool | None = strawberry.field(
        description="Of a lost call: somebody's telephone may have rung. Null of others."
    )
    gates: list[GateAnswer] = strawberry.field(description="Every gate that it passed.")


@strawberry.type(description="Why an entry is not called, and until when.")
class EntryHold:
    rule: GateRule
    label: str = strawberry.field(description="Localized.")
    text: str = strawberry.field(description="What was found, for people; localized.")
    policy: PolicyName | None
    until: datetime | None = strawberry.field(
        description="By the campaign's clock; null: time alone does not help."
    )
    since: datetime | None = strawberry.field(description="When it was asked about.")
    is_parked: bool = strawberry.field(
        description="Processing it failed several times: it waits for `releaseEntry`."
    )
    step: str | None = strawberry.field(description="Of a fault: what was being done.")
    error: str | None = strawberry.field(description="Of a fault: the kind of error.")
