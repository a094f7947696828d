# SPDX-License-Identifier: Apache-2.0
"""What the dialer asks of a telephony: ring a number, tell what became of it, let go."""

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResult:
    """How a call ended. `unique_id` is the telephony's own name of the call, the same each time."""

    status: CallStatus
    unique_id: str


Confirm = Callable[[], None]
"""Called once, as soon as the telephony has taken the call on: from then on it may ring."""


class TelephonyPort(Protocol):
    """A telephony: simulated, Asterisk, or another."""

    async def originate(self, call: Call, confirm: Confirm) -> CallResult:
        """Ring the number and return when the call is over; cancelling it hangs up."""

    async def hangup(self, call: Call) -> None:
        """End a call that is up; its `originate` returns the result that it then has."""
