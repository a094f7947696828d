# SPDX-License-Identifier: Apache-2.0
"""The values that the machine works on: an entry with its numbers, and what a step brought about.

An engine builds them from its rows, calls the machine, and writes back what the outcome names.
Times are aware UTC datetimes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from server.domain.campaigns import FAILURES, CallStatus
from server.domain.dialer.states import DialState, FinalReason, HopperPhoneState


def no_failures() -> list[int]:
    return [0] * len(FAILURES)


@dataclass(slots=True, kw_only=True)
class EntryPhone:
    """One dialable number of an entry; `counters` has a place a failure, in FAILURES' order."""

    number: str
    item_type: str | None = None  # the type's name, copied when the order was built
    phone_id: int | None = None  # the engine's key of the additional phone, unused here
    position: int = 0
    is_available: bool = True  # False: set aside behind the others, never dialed (C-08)
    state: HopperPhoneState = HopperPhoneState.OPEN
    counters: list[int] = field(default_factory=no_failures)
    last_status: CallStatus | None = None
    last_at: datetime | None = None

    def failures(self) -> dict[CallStatus, int]:
        """The counters that are not zero, by status."""
        return {
            status: count for status, count in zip(FAILURES, self.counters, strict=True) if count
        }


@dataclass(slots=True, kw_only=True)
class Entry:
    """A contact's open stay in a campaign (section 2).

    `phones` stands in dial order; behind it stand numbers that were set aside during the stay,
    kept for their counters.
    """

    key: int | str
    phones: list[EntryPhone]
    scheduled_at: datetime
    state: DialState = DialState.READY
    position: int = 0  # the number that is called next, or now
    round: int = 1
    priority: int = 2  # 1 high, 2 normal, 3 low
    primary_number: str | None = None
    total_attempts: int = 0
    first_attempt_at: datetime | None = None  # when the first call started
    last_attempt_at: datetime | None = None  # when the last call's result was recorded
    last_number: str | None = None  # of the last call
    claimed_at: datetime | None = None  # when the call that is up started
    state_before_claim: DialState | None = None
    close_after_call: FinalReason | None = None
    is_callback: bool = False

    @property
    def phone(self) -> EntryPhone:
        """The number that is called next, or now."""
        return self.phones[self.position]

    @property
    def last_phone(self) -> EntryPhone | None:
        """The number that was called last, unless it has been removed since."""
        return next((p for p in self.phones if p.number == self.last_number), None)


# The rows below are named tuples, not dataclasses: one is made a decision, at a fifth of the cost.
class HistoryRow(NamedTuple):
    """A row for the history: one attempt, one blocked number, or one lost call (X-33)."""

    status: CallStatus
    round: int
    position: int
    number: str
    item_type: str | None
    phone_id: int | None
    scheduled_at: datetime  # when the call was due
    started_at: datetime  # when it was claimed
    ended_at: datetime  # when its result was recorded
    decision: DialState  # what it was due for: the state it was claimed from
    counted: CallStatus | None  # the failure it counts as: a confirmed LOST is a CONGESTION


class Limit(NamedTuple):
    """The limit that closed a stay: a status or GLOBAL, and the number that reached it."""

    status: str
    number: str


class FinalRow(NamedTuple):
    """How a stay ended: the last number called, its counters, and why (section 8, X-34)."""

    reason: FinalReason
    at: datetime
    number: str | None  # None when nothing was called
    item_type: str | None
    status: CallStatus | None
    counters: Mapping[CallStatus, int]
    attempts: int  # over all numbers, the answered one included
    limit: Limit | None  # with RETRY_EXCEEDED only
    round: int
    primary_number: str | None
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None


class Claim(NamedTuple):
    """What a claim brought: a number to call, a final result, or neither.

    With neither the entry waits on (not due, its next number is in another call, or the round
    ended without one); its own fields say where. `blocked` is a row a number passed over.
    """

    phone: EntryPhone | None
    final: FinalRow | None
    blocked: tuple[HistoryRow, ...]


class Outcome(NamedTuple):
    """What a result brought: its history row, and the final result if the stay ended.

    Changed besides the entry itself: the number called; all of them when `relisted`.
    """

    history: HistoryRow
    final: FinalRow | None
    relisted: bool
