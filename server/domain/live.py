# SPDX-License-Identifier: Apache-2.0
"""What goes on now, in figures, and when a person has to look at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from server.domain.agents import AgentState
from server.domain.campaigns import CampaignState
from server.domain.campaigns.modes import PACED, DialMode
from server.domain.pacing import abandoned_rate


class LiveAlert(StrEnum):
    """Why a person is needed."""

    ABANDONED_AT_CAP = "ABANDONED_AT_CAP"  # as many answered calls had no agent as the cap allows
    NO_AGENTS = "NO_AGENTS"  # it would dial for its agents now, and none is at work
    FAULTS = "FAULTS"  # entries whose processing failed again and again are parked (F21)


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignLive:
    """One campaign at this moment of its clock; answers are those of its rolling window."""

    campaign_id: int
    state: CampaignState
    mode: DialMode
    calls_up: int
    lines: int
    agents: Mapping[AgentState, int]
    answered: int
    abandoned: int
    cap: Decimal  # per cent
    cap_hours: int
    faults: int
    is_dialing: bool = True  # it runs, inside its hours and before its end

    @property
    def rate(self) -> Decimal:
        """Per cent of the answered calls that no agent had."""
        return abandoned_rate(self.answered, self.abandoned)

    @property
    def alerts(self) -> tuple[LiveAlert, ...]:
        found = []
        needs_agents = self.mode is not DialMode.DIRECT
        if needs_agents and self.abandoned and self.rate >= self.cap:
            found.append(LiveAlert.ABANDONED_AT_CAP)
        at_work = sum(n for state, n in self.agents.items() if state is not AgentState.OFFLINE)
        if self.mode in PACED and self.is_dialing and not at_work:
            found.append(LiveAlert.NO_AGENTS)
        if self.faults:
            found.append(LiveAlert.FAULTS)
        return tuple(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignDetails:
    """With what costs a look at the whole hopper: entries by state; and the newest minutes."""

    live: CampaignLive
    hopper: Mapping[str, int]
    minutes: tuple[tuple[datetime, Mapping[str, int]], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CentreLive:
    """The campaigns that run or are paused, and the agents of all."""

    campaigns: tuple[CampaignLive, ...]
    agents: Mapping[AgentState, int]

    @property
    def calls_up(self) -> int:
        return sum(one.calls_up for one in self.campaigns)

    @property
    def lines(self) -> int:
        return sum(one.lines for one in self.campaigns if one.state is CampaignState.RUNNING)

    @property
    def rate(self) -> Decimal:
        """Over the campaigns that have agents, each in its own window."""
        paced = [one for one in self.campaigns if one.mode is not DialMode.DIRECT]
        answered = sum(one.answered for one in paced)
        return abandoned_rate(answered, sum(one.abandoned for one in paced))
