# SPDX-License-Identifier: Apache-2.0
"""A day of a call centre in virtual time: what pacing does to agents and to those who answer."""

import heapq
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from random import Random

import pytest

from server.domain.campaigns.modes import DialMode
from server.domain.pacing import Floor, may_start

RING, TALK, WRAP_UP, QUEUE_TIMEOUT = 15.0, 120.0, 30.0, 3.0
CAP = Decimal(3)


@dataclass
class Day:
    """Agents, calls and chances; events are (time, order, what happens)."""

    mode: DialMode
    agents: int
    answer_rate: float
    seed: int
    power: Decimal = Decimal(1)
    events: list[tuple[float, int, str]] = field(default_factory=list)
    up: int = 0
    waiting: list[float] = field(default_factory=list)  # since when, the first first
    talking: int = 0
    wrapping_up: int = 0
    calls: int = 0
    reached: int = 0
    ended: int = 0
    dropped: int = 0
    busy: float = 0.0
    highest: Decimal = Decimal(0)

    def run(self, hours: float) -> "Day":
        chance, order, now = Random(self.seed), count(), 0.0
        ready, answers = self.agents, 0

        def then(after: float, what: str) -> None:
            heapq.heappush(self.events, (now + after, next(order), what))

        while now < hours * 3600:
            floor = Floor(
                ready=ready,
                up=self.up,
                talking=self.talking,
                wrapping_up=self.wrapping_up,
                mean_ring=RING,
                mean_talk=TALK,
                mean_wrap_up=WRAP_UP,
                recent_calls=self.calls,
                recent_answers=answers,
                answered=self.ended + self.dropped,
                abandoned=self.dropped,
            )
            for _ in range(may_start(self.mode, self.power, CAP, floor)):
                self.up += 1
                is_answered = chance.random() < self.answer_rate
                then(chance.uniform(8, 22), "answers" if is_answered else "fails")
            before = now
            now, _, what = heapq.heappop(self.events)
            self.busy += (now - before) * (self.talking + self.wrapping_up)
            if what == "answers":
                self.waiting.append(now)
                answers += 1
                self.calls += 1
                then(QUEUE_TIMEOUT + 0.001, "gives up")
            elif what == "fails":
                self.up -= 1
                self.calls += 1
            elif what == "gives up" and now - min(self.waiting, default=now) >= QUEUE_TIMEOUT:
                self.waiting.pop(0)
                self.up, self.dropped = self.up - 1, self.dropped + 1
                rate = Decimal(100) * self.dropped / (self.ended + self.dropped)
                self.highest = max(self.highest, rate)
            elif what == "hangs up":
                self.talking, self.wrapping_up, self.ended = (
                    self.talking - 1,
                    self.wrapping_up + 1,
                    self.ended + 1,
                )
                then(chance.expovariate(1 / WRAP_UP), "is ready")
            elif what == "is ready":
                self.wrapping_up, ready = self.wrapping_up - 1, ready + 1
            while self.waiting and ready:
                self.waiting.pop(0)
                self.up, ready = self.up - 1, ready - 1
                self.talking, self.reached = self.talking + 1, self.reached + 1
                then(chance.expovariate(1 / TALK), "hangs up")
        self.busy /= now * self.agents
        return self


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("agents", "rate"), [(10, 0.25), (40, 0.5)])
def test_predictive_keeps_agents_busier_and_the_abandoned_rate_within_the_cap(
    agents: int, rate: float, seed: int
) -> None:
    """reliability 5: the rate is never above 3 %, at any moment of a day of eight hours."""
    days = {
        mode: Day(mode, agents, rate, seed).run(8)
        for mode in (DialMode.PROGRESSIVE, DialMode.PREDICTIVE)
    }
    slow, quick = days[DialMode.PROGRESSIVE], days[DialMode.PREDICTIVE]
    assert slow.dropped == 0
    assert quick.dropped > 0
    assert quick.highest <= CAP
    assert quick.busy > slow.busy + 0.03
    assert quick.reached > slow.reached


def test_power_without_a_brake_would_pass_the_cap_that_predictive_keeps() -> None:
    """The same day at a level of 4 abandons more than it may at first, and is then held back."""
    power = Day(DialMode.POWER, 10, 0.5, 3, power=Decimal(4)).run(8)
    assert power.highest > CAP
    assert Decimal(100) * power.dropped / (power.ended + power.dropped) <= CAP
