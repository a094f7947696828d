# SPDX-License-Identifier: Apache-2.0
"""What the dialer asks of a telephony: ring a number, tell what became of it, let go."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from server.domain.campaigns import CallStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One number to ring. `key` is unique to this call and never used again."""

    key: str
    number: str
    attempt: int  # from 0, within the contact's stay
    timeout: float  # seconds to let it ring
    clock_rate: int = 1  # how much faster than the world the campaign's clock runs
    caller_id: str = ""  # shown to who is called; "" leaves it to the exchange
    agent_endpoint: str | None = None  # this telephone rings first, the number when it is answered


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResult:
    """How a call ended. `unique_id` is the telephony's own name of the call, the same each time.

    `status` None: the number was never rung, because the agent's telephone was not answered (R-02),
    or the line let it ring no more.
    The moments are the telephony's, None for what did not happen.
    """

    status: CallStatus | None
    unique_id: str
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    cause: str = ""  # in the telephony's words, such as "17 User busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """Who has a call that was answered; without an endpoint the exchange's own voice does."""

    endpoint: str | None = None


class Line(Protocol):
    """The dialer's side of one call: told how it goes, in this order, each at most once."""

    async def may_ring(self) -> bool:
        """Asked once the agent's telephone was answered, where it rings first, and right before
        the number is rung: much may have changed since the call was placed."""

    def taken(self) -> None:
        """The telephony has taken the call on: from now on the number may ring.

        Where an agent's telephone rings first, only once that was answered: the call is no
        attempt before (R-02).
        """

    def rings(self) -> None:
        """The number rings."""

    async def answered(self) -> Taker | None:
        """A person answered: who is to have the call; None: nobody in time, let go (DROP).

        Cancelled when the caller hangs up meanwhile (ABANDONED). An endpoint is rung, and when it
        is not answered the call is a DROP too; where an agent's telephone rang first it is that
        agent's, and is on the line already.
        """

    def connected(self) -> None:
        """An agent and the person hear each other."""


class TelephonyPort(Protocol):
    """A telephony: simulated, Asterisk, or another."""

    @property
    def is_ready(self) -> bool:
        """Whether it can place calls now; while it cannot, none is claimed for it."""

    async def originate(self, call: Call, line: Line) -> CallResult:
        """Ring the number and return when the call is over; cancelling it hangs up."""

    async def hangup(self, call: Call) -> None:
        """End a call that is up; its `originate` returns the result that it then has."""
