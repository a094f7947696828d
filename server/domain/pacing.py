# SPDX-License-Identifier: Apache-2.0
"""How many calls may start now, so that whoever answers finds an agent (X9; reliability 5).

Numbers in, a number out: no clock, no database, no chance.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import exp, floor, inf, log, log1p

from server.domain.campaigns.modes import DialMode

TARGET = Decimal("0.8")  # of the cap: what over-dialing aims at, so that luck does not pass it
DOUBT = 10  # calls imagined as answered: before many were made, few are trusted to fail
_EVERY = Decimal(100)


@dataclass(frozen=True, kw_only=True, slots=True)
class Floor:
    """The agents of a campaign and its calls, at one moment. Times are seconds.

    `up` are the calls that no agent has yet: ringing, or answered and waiting. `soon` agents are
    those who talk or wrap up. `answered` counts all calls that a person answered in the window of
    the cap, `abandoned` those of them that no agent had: dropped, or hung up while waiting.
    """

    ready: int
    up: int
    talking: int = 0
    wrapping_up: int = 0
    mean_ring: float = 0.0  # from the originate to the answer
    mean_talk: float = 0.0
    mean_wrap_up: float = 0.0
    recent_calls: int = 0  # by which the answer rate is estimated
    recent_answers: int = 0
    answered: int = 0
    abandoned: int = 0


def may_start(mode: DialMode, power: Decimal, cap: Decimal, floor_: Floor) -> int:
    """Calls that may start now; `cap` is the per cent of answered calls that may be abandoned.

    Never less than one call a ready agent, never more than the mode allows. Over-dialing ends
    before the cap could be passed: even if everybody answers who is being called, and no further
    agent comes free, the rate stays within it. So a campaign without answers yet dials 1:1.
    """
    if mode in (DialMode.PREVIEW, DialMode.AGENT_FIRST):
        return 0
    if mode is DialMode.DIRECT:
        raise ValueError("a campaign without agents is not paced")
    one_each = floor_.ready - floor_.up
    if mode is DialMode.PROGRESSIVE:
        return max(0, one_each)
    if mode is DialMode.POWER:
        most = floor(power * floor_.ready) - floor_.up
        # The level is the supervisor's own estimate: it holds until a call was abandoned.
        over = inf if floor_.abandoned == 0 else over_dials(floor_, cap)
    else:
        most = _foreseen(floor_, cap) - floor_.up
        over = over_dials(floor_, cap)
    return int(max(0, one_each, min(most, one_each + over)))


def over_dials(floor_: Floor, cap: Decimal) -> float:
    """Calls beyond the ready agents that could all be abandoned without passing the cap.

    With x of them, and everybody answering: (abandoned + x) <= cap * (answered + x). Calls that
    agents are about to have do not count yet: the rate is kept as the history shows it.
    """
    share = cap / _EVERY
    if share >= 1:
        return inf
    room = share * floor_.answered - floor_.abandoned
    return max(0, floor(room / (1 - share)))


def abandoned_rate(answered: int, abandoned: int) -> Decimal:
    """In per cent; 0 while nobody has answered."""
    return _EVERY * abandoned / answered if answered else Decimal(0)


def answer_rate(calls: int, answers: int) -> float:
    """The share of calls that will be answered, on the safe side while few were made."""
    return (answers + DOUBT) / (calls + DOUBT)


def soon_free(floor_: Floor) -> float:
    """Agents who will have come free by the time a call that starts now is answered."""
    ring = floor_.mean_ring
    talked = floor_.talking * _done(ring, floor_.mean_talk + floor_.mean_wrap_up)
    return talked + floor_.wrapping_up * _done(ring, floor_.mean_wrap_up)


def _done(within: float, mean: float) -> float:
    """The share of those under way for `mean` seconds who are done in the next `within`."""
    return min(1.0, within / mean) if mean > 0 else 0.0


def _foreseen(floor_: Floor, cap: Decimal) -> int:
    """The most calls of which, by chance, no more are abandoned than the target share of answers.

    Answers are taken as independent draws at the estimated rate.
    """
    seats = floor_.ready + floor(soon_free(floor_))
    if not seats:
        return 0
    rate = answer_rate(floor_.recent_calls, floor_.recent_answers)
    target = float(cap * TARGET / _EVERY)
    low, high = seats, floor(seats / rate / (1 - min(target, 0.9))) + 1
    while low < high:
        middle = (low + high + 1) // 2
        if _without_seat(middle, rate, seats) <= target * middle * rate:
            low = middle
        else:
            high = middle - 1
    return low


def _without_seat(calls: int, rate: float, seats: int) -> float:
    """How many of so many calls, each answered at that rate, are expected to find no seat."""
    if rate >= 1:
        return float(max(0, calls - seats))
    odds = log(rate / (1 - rate))
    chance = calls * log1p(-rate)  # as a logarithm: of thousands of calls it is no float
    spare = 0.0
    for answers in range(min(seats, calls + 1)):
        spare += (seats - answers) * exp(chance)
        if answers < calls:
            chance += log((calls - answers) / (answers + 1)) + odds
    return calls * rate - seats + spare
