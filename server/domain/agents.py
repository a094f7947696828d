# SPDX-License-Identifier: Apache-2.0
"""What an agent is doing, and how far the call in hand is."""

from enum import StrEnum

AGENTS_CHANNEL = "rubrica_agents"
"""Tells of every change of any agent; the payload is the user's id."""
LEASE = 60  # seconds without a sign of the agent's page, by the database's clock (F17)
BEAT = 20  # seconds between two signs


def desk_topic(user_id: int) -> str:
    """The channel of one agent's desk; their pages listen to it."""
    return f"desk:{user_id}"


class AgentState(StrEnum):
    """What an agent at work is doing now."""

    OFFLINE = "OFFLINE"  # not at work
    READY = "READY"  # waits for a call
    PREVIEWING = "PREVIEWING"  # looks at the customer who would be called
    RINGING = "RINGING"  # a call is on its way: the agent's telephone or the customer's rings
    TALKING = "TALKING"  # has a customer on the line
    WRAP_UP = "WRAP_UP"  # the call is over and not yet disposed of
    PAUSED = "PAUSED"  # at work, away from the calls, with a reason


class CallStage(StrEnum):
    """How far the call in an agent's hand is."""

    PREVIEW = "PREVIEW"  # shown, not dialed
    ORDERED = "ORDERED"  # the agent said dial; no worker has taken it on yet
    RINGING_AGENT = "RINGING_AGENT"  # the agent's own telephone rings
    RINGING_CUSTOMER = "RINGING_CUSTOMER"  # the customer's number rings
    TALKING = "TALKING"  # both hear each other
    REJECTED = "REJECTED"  # the agent let go before the customer answered; to be hung up
    HANGING_UP = "HANGING_UP"  # the agent ended the conversation; to be hung up
    ENDED = "ENDED"  # over, waits for its disposition


IN_CALL = frozenset({AgentState.RINGING, AgentState.TALKING})
HAS_CALL = IN_CALL | {AgentState.PREVIEWING, AgentState.WRAP_UP}
"""States in which a customer stands on the agent's page."""
