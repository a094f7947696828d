# SPDX-License-Identifier: Apache-2.0
"""How a campaign's calls meet its agents: its kind, its mode, how far it may go (X-29, X-38)."""

from decimal import Decimal
from enum import StrEnum

LEAST_POWER, MOST_POWER = Decimal(1), Decimal(10)
POWER_STEP = Decimal("0.1")
LONGEST_ABANDONED = 8_784  # hours of the rolling window: a leap year


class CampaignKind(StrEnum):
    """Whether agents have part in a campaign."""

    MOTION_BULL = "MOTION_BULL"  # whoever answers is given to the exchange's own voice
    QUEUE = "QUEUE"  # the campaign's agents talk to whoever answers


class DialMode(StrEnum):
    """What starts a call (xCALLY's methods, and the agent-first dialing of R-02)."""

    DIRECT = "DIRECT"  # a free line: no agent is needed
    PREVIEW = "PREVIEW"  # an agent has looked at the contact and said so
    PROGRESSIVE = "PROGRESSIVE"  # an agent who is ready: one call each
    POWER = "POWER"  # agents who are ready: a fixed number of calls each, 1 to 10
    PREDICTIVE = "PREDICTIVE"  # as many as will find an agent, by how calls went so far
    AGENT_FIRST = "AGENT_FIRST"  # an agent's telephone that was answered: their own customers


class Dialway(StrEnum):
    """Whether customers of an agent are dialed automatically (R-05, R-06)."""

    OFF = "OFF"  # never
    AUTO = "AUTO"  # as soon as the agent is ready
    OPTIONAL = "OPTIONAL"  # when the agent starts it


MODES: dict[CampaignKind, tuple[DialMode, ...]] = {
    CampaignKind.MOTION_BULL: (DialMode.DIRECT,),
    CampaignKind.QUEUE: tuple(mode for mode in DialMode if mode is not DialMode.DIRECT),
}
"""The modes that a kind of campaign can be in."""

PACED = frozenset({DialMode.PROGRESSIVE, DialMode.POWER, DialMode.PREDICTIVE})
"""The number is called first, and an agent who is ready takes it when it is answered."""

BY_AGENT = frozenset({DialMode.PREVIEW, DialMode.AGENT_FIRST})
"""Nothing is called unless an agent asked for it; the agent's own telephone rings first."""

OVER_DIALS = frozenset({DialMode.POWER, DialMode.PREDICTIVE})
"""More calls may be up than agents are ready, so that an answer may find nobody."""
