# SPDX-License-Identifier: Apache-2.0
"""What goes on now: calls, lines, agents and abandoned calls, once and as they change."""

from collections.abc import AsyncGenerator

import strawberry

from server.domain.live import LiveAlert
from server.domain.permissions import Permission
from server.resolvers import live
from server.schema.campaigns import Campaign, EntryCount, MinuteOfAttempts
from server.schema.enums import AgentState
from server.schema.roots import resolves, subscribes

VIEW = Permission.CALLS_VIEW

strawberry.enum(LiveAlert, description="Why a person is needed.")


@strawberry.type(description="Agents in one state.")
class AgentCount:
    state: AgentState
    label: str
    count: int


@strawberry.type(description="Something that a person has to look at.")
class Alert:
    code: LiveAlert
    message: str = strawberry.field(description="For people, in the reader's language.")


@strawberry.type(description="A campaign of the centre, at this moment.")
class CampaignFigures:
    campaign: Campaign
    calls_up: int = strawberry.field(description="Calls that ring or are talked on.")
    lines: int = strawberry.field(description="Calls that may be up at once.")
    agents: list[AgentCount] = strawberry.field(description="Its agents by what they do now.")
    answered: int = strawberry.field(
        description="Calls that a person answered, in the rolling window of the cap."
    )
    abandoned: int = strawberry.field(description="Those of them that no agent had.")
    abandoned_rate: float = strawberry.field(description="In per cent.")
    abandoned_cap: float = strawberry.field(description="In per cent.")
    abandoned_hours: int = strawberry.field(description="How long the rolling window is.")
    faults: int = strawberry.field(description="Entries parked after repeated failures (F21).")
    alerts: list[Alert]


@strawberry.type(description="A campaign at this moment, with its hopper and its last hour.")
class CampaignLive(CampaignFigures):
    hopper: list[EntryCount] = strawberry.field(description="Open entries by state.")
    minutes: list[MinuteOfAttempts] = strawberry.field(
        description="Outcomes of the newest 60 minutes of the campaign's clock that had any."
    )


@strawberry.type(description="The campaigns that run or are paused, and the agents, now.")
class CentreLive:
    calls_up: int
    lines: int = strawberry.field(description="Of the campaigns that run.")
    abandoned_rate: float = strawberry.field(
        description="In per cent, over the campaigns with agents, each in its own window."
    )
    agents: list[AgentCount] = strawberry.field(description="All who ever sat down, by state.")
    campaigns: list[CampaignFigures]


@strawberry.type
class LiveQuery:
    campaign_live: CampaignLive | None = resolves(
        by=live.campaign, requires=VIEW, description="A campaign at this moment."
    )
    centre_live: CentreLive = resolves(
        by=live.centre, requires=VIEW, description="The centre at this moment."
    )


@strawberry.type
class LiveSubscription:
    campaign_live: AsyncGenerator[CampaignLive | None, None] = subscribes(
        by=live.campaign_changed,
        gives=CampaignLive | None,
        requires=VIEW,
        description="A campaign now and after each change, twice a second at the most; null and "
        "the end when it may no longer be seen.",
    )
    centre_live: AsyncGenerator[CentreLive | None, None] = subscribes(
        by=live.centre_changed,
        gives=CentreLive | None,
        requires=VIEW,
        description="The centre now and after each change, twice a second at the most.",
    )
