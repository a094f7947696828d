# SPDX-License-Identifier: Apache-2.0
"""How a campaign's calls meet its agents, as the API shows and takes it (X-38, R-05, R-07)."""

import strawberry
from strawberry import UNSET

from server import models
from server.planner import column, computed
from server.resolvers import campaigns
from server.schema.enums import CampaignKind, DialMode, Dialway
from server.schema.roots import CLEARS


@strawberry.type
class CampaignCalling:
    """The fields of a campaign that are about its agents."""

    kind: CampaignKind = column(models.Campaign.kind)
    kind_label: str = computed(campaigns.kind_label, models.Campaign.kind, description="Localized.")
    mode: DialMode = column(models.Campaign.mode)
    mode_label: str = computed(campaigns.mode_label, models.Campaign.mode, description="Localized.")
    power_level: float = column(
        models.Campaign.power_level, "POWER: calls for each ready agent, 1 to 10.", convert=float
    )
    abandoned_cap: float = column(
        models.Campaign.abandoned_cap,
        "Per cent of the answered calls that may be dropped or abandoned.",
        convert=float,
    )
    abandoned_hours: int = column(
        models.Campaign.abandoned_hours, "The rolling window that the cap is about."
    )
    wrap_up_seconds: int = column(
        models.Campaign.wrap_up_seconds, "That agents usually need after a call."
    )
    dialway: Dialway = column(models.Campaign.dialway)
    dialway_label: str = computed(
        campaigns.dialway_label, models.Campaign.dialway, description="Localized."
    )
    may_obtain: bool = column(
        models.Campaign.may_obtain, "Whether agents may take customers themselves (R-07)."
    )
    obtained_per_click: int = column(models.Campaign.obtained_per_click)
    most_owned: int = column(models.Campaign.most_owned, "Customers that an agent may own.")
    caller_id: str = column(
        models.Campaign.caller_id, "The number shown to who is called; blank: the exchange's."
    )


@strawberry.input(description="How the campaign's calls meet its agents.")
class CallingInput:
    kind: CampaignKind | None = UNSET
    mode: DialMode | None = strawberry.field(
        default=UNSET, description="One of the kind's; left out, the kind's usual one."
    )
    power_level: float | None = strawberry.field(
        default=UNSET, description="With POWER: 1 to 10, one decimal."
    )
    abandoned_cap: float | None = strawberry.field(
        default=UNSET, description="Per cent of answered calls; over-dialing ends before it."
    )
    abandoned_hours: int | None = UNSET
    wrap_up_seconds: int | None = UNSET
    dialway: Dialway | None = strawberry.field(
        default=UNSET, description="With AGENT_FIRST: AUTO or OPTIONAL (R-05)."
    )
    may_obtain: bool | None = UNSET
    obtained_per_click: int | None = UNSET
    most_owned: int | None = UNSET
    caller_id: str | None = UNSET
    exchange_id: strawberry.ID | None = strawberry.field(
        default=UNSET, metadata=CLEARS, description="The exchange of an ASTERISK campaign."
    )
