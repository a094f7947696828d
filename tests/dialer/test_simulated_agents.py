# SPDX-License-Identifier: Apache-2.0
"""The simulated telephony of a campaign with agents: customers answer, wait, talk and hang up."""

import asyncio
from typing import cast

import pytest

from server.domain.campaigns import CallStatus
from server.domain.campaigns.drivers import Driver
from server.domain.campaigns.modes import DialMode
from server.domain.errors import DomainError
from server.telephony import Call, Drivers, SimulatedTelephony, Taker, Wanted
from server.telephony.simulated import Model, read_model

NUMBER = "+390612345000"
NOBODY = "nobody in time"


class Side:
    """The dialer's side of one call: who takes it after how many seconds, and what was told."""

    def __init__(self, taker: Taker | str | None = None, after: float = 0) -> None:
        self.told: list[str] = []
        self.is_connected = asyncio.Event()
        self.is_refused = False
        self._taker = taker
        self._after = after

    async def may_ring(self) -> bool:
        self.told.append("may ring")
        return not self.is_refused

    def taken(self) -> None:
        self.told.append("taken")

    def rings(self) -> None:
        self.told.append("rings")

    async def answered(self) -> Taker | None:
        self.told.append("answered")
        try:
            await asyncio.sleep(self._after)
        except asyncio.CancelledError:
            self.told.append("gone")
            raise
        return None if isinstance(self._taker, str) else self._taker or Taker()

    def connected(self) -> None:
        self.told.append("connected")
        self.is_connected.set()


def call(attempt: int = 0, agent: str | None = None) -> Call:
    key = f"call {attempt}"
    return Call(key=key, number=NUMBER, attempt=attempt, timeout=30, agent_endpoint=agent)


def exchange(script: str = "ANSWER", **given: object) -> SimulatedTelephony:
    model = {"script": {NUMBER: [script]}, "seconds": 0.002, "patience": 0} | given
    return SimulatedTelephony(read_model(model), has_agents=True)


async def test_who_answers_is_given_to_whom_the_line_names_and_talks() -> None:
    side = Side()
    result = await exchange().originate(call(), side)
    assert result.status is CallStatus.ANSWER
    assert side.told == ["taken", "rings", "answered", "connected"]


async def test_nobody_in_time_is_a_drop_and_never_connected() -> None:
    side = Side(NOBODY)
    result = await exchange().originate(call(), side)
    assert result.status is CallStatus.DROP
    assert side.told == ["taken", "rings", "answered"]


async def test_who_hangs_up_before_an_agent_comes_is_abandoned_and_the_search_is_ended() -> None:
    side = Side(after=60)
    driver = exchange(patience=0.001)
    result = await asyncio.wait_for(driver.originate(call(), side), 2)
    assert result.status is CallStatus.ABANDONED
    assert side.told == ["taken", "rings", "answered", "gone"]


@pytest.mark.parametrize("drawn", ["DROP", "ABANDONED", "AGENT_REJECT"])
async def test_what_only_the_course_of_a_call_decides_is_not_drawn(drawn: str) -> None:
    """In a campaign without agents the same weights are results as they stand."""
    result = await exchange(drawn).originate(call(), Side())
    assert result.status is CallStatus.ANSWER
    direct = SimulatedTelephony(read_model({"script": {NUMBER: [drawn]}, "seconds": 0}))
    side = Side()
    assert (await direct.originate(call(), side)).status == drawn
    assert "answered" not in side.told


async def test_a_busy_number_asks_for_no_agent() -> None:
    side = Side()
    assert (await exchange("BUSY").originate(call(), side)).status is CallStatus.BUSY
    assert side.told == ["taken", "rings"]


async def test_an_agents_silent_telephone_lets_no_number_ring() -> None:
    """R-02: the call is not even taken on, so that it is no attempt."""
    side = Side()
    result = await exchange(absent=["101"]).originate(call(agent="101"), side)
    assert (result.status, side.told) == (None, [])
    result = await exchange(absent=["101"]).originate(call(agent="102"), side)
    assert result.status is CallStatus.ANSWER
    assert side.told == ["may ring", "taken", "rings", "answered", "connected"]


async def test_a_number_that_may_not_ring_any_more_does_not_after_the_agents_telephone() -> None:
    side = Side()
    side.is_refused = True
    result = await exchange().originate(call(agent="102"), side)
    assert (result.status, side.told) == (None, ["may ring"])


async def test_a_taker_whose_telephone_is_silent_is_a_drop() -> None:
    side = Side(Taker(endpoint="101"))
    result = await exchange(absent=["101"]).originate(call(), side)
    assert result.status is CallStatus.DROP
    assert "connected" not in side.told


async def test_a_hang_up_ends_the_talk_or_the_ringing() -> None:
    side = Side()
    driver = exchange(seconds=0.02)
    talking = asyncio.create_task(driver.originate(call(), side))
    await side.is_connected.wait()
    await driver.hangup(call())
    assert (await asyncio.wait_for(talking, 0.1)).status is CallStatus.ANSWER
    driver = exchange("NO_ANSWER", seconds=9)
    ringing = asyncio.create_task(driver.originate(call(), Side()))
    await asyncio.sleep(0.01)
    await driver.hangup(call())
    assert (await asyncio.wait_for(ringing, 0.1)).status is CallStatus.NO_ANSWER


def test_patience_is_seeded_and_as_long_as_the_mean_says() -> None:
    model = Model(seed=3, patience=20)
    waits = [model.waits(f"+3906{place:06}", 0) or 0.0 for place in range(2000)]
    assert waits == [model.waits(f"+3906{place:06}", 0) for place in range(2000)]
    assert min(waits) == 1
    assert sum(waits) / len(waits) == pytest.approx(20, rel=0.1)
    assert Model(patience=0).waits(NUMBER, 0) is None


@pytest.mark.parametrize(
    ("given", "field"),
    [({"patience": -1}, "patience"), ({"absent": "101"}, "absent"), ({"absent": [1]}, "absent")],
)
def test_what_cannot_be_read_is_refused_at_its_place(given: object, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_model(cast(dict[str, object], given))
    assert refused.value.field == f"simulation.{field}"


def test_a_worker_makes_the_drivers_it_has() -> None:
    drivers = Drivers()
    assert drivers.names == ["SIMULATED"]
    wanted = Wanted(tenant_id=1, driver=Driver.ASTERISK, mode=DialMode.POWER, exchange_id=7)
    with pytest.raises(DomainError):
        drivers.make(wanted)
    made: list[Wanted] = []

    def make(asked: Wanted) -> SimulatedTelephony:
        made.append(asked)
        return SimulatedTelephony(Model())

    drivers.add(Driver.ASTERISK, make)
    drivers.make(wanted)
    assert (made, drivers.names) == ([wanted], ["ASTERISK", "SIMULATED"])
