# SPDX-License-Identifier: Apache-2.0
"""The simulated telephony: seeded or scripted, on a clock as fast as the campaign's."""

import asyncio
from collections import Counter
from time import perf_counter
from typing import cast

import pytest

from server.domain.campaigns import CallStatus
from server.domain.errors import DomainError
from server.telephony import Call, SimulatedTelephony, Taker
from server.telephony.simulated import Model, read_model

NUMBER = "+390612345000"


def call(attempt: int = 0, clock_rate: int = 1) -> Call:
    return Call(key=f"{attempt}", number=NUMBER, attempt=attempt, timeout=30, clock_rate=clock_rate)


class Listener:
    """The dialer's side of a call that nobody of ours has to take."""

    def __init__(self) -> None:
        self.was_taken = asyncio.Event()

    def taken(self) -> None:
        self.was_taken.set()

    def rings(self) -> None: ...

    async def answered(self) -> Taker | None:
        return Taker()

    def connected(self) -> None: ...


def test_the_same_seed_says_the_same_of_each_call() -> None:
    numbers = [f"+3906{place:06}" for place in range(2000)]
    outcomes = [Model(seed=7).outcome(number, 0) for number in numbers]
    assert outcomes == [Model(seed=7).outcome(number, 0) for number in numbers]
    assert outcomes != [Model(seed=8).outcome(number, 0) for number in numbers]
    assert outcomes != [Model(seed=7).outcome(number, 1) for number in numbers]
    counted = Counter(outcomes)
    assert len(counted) == 9
    assert counted[CallStatus.NO_ANSWER] == pytest.approx(800, rel=0.2)


def test_weights_leave_out_what_has_none() -> None:
    model = read_model({"weights": {"BUSY": 3, "ANSWER": 1, "DROP": 0}, "seed": 3})
    counted = Counter(model.outcome(f"+3906{place:06}", 0) for place in range(1000))
    assert set(counted) == {CallStatus.BUSY, CallStatus.ANSWER}
    assert counted[CallStatus.BUSY] == pytest.approx(750, rel=0.1)


async def test_a_script_is_followed_and_its_last_word_repeats() -> None:
    driver = SimulatedTelephony(read_model({"script": {NUMBER: ["BUSY", "ANSWER"]}, "seconds": 0}))
    told = [await driver.originate(call(attempt), Listener()) for attempt in range(3)]
    assert [result.status for result in told] == ["BUSY", "ANSWER", "ANSWER"]
    assert [result.unique_id for result in told] == [f"simulated-{place}" for place in range(3)]


async def test_a_call_lasts_on_the_campaigns_clock_and_is_confirmed_at_once() -> None:
    """A minute of a campaign that runs 600 times as fast is a tenth of a second."""
    driver = SimulatedTelephony(read_model({"script": {NUMBER: ["NO_ANSWER"]}, "seconds": 2}))
    listener = Listener()
    began = perf_counter()
    ringing = asyncio.create_task(driver.originate(call(clock_rate=600), listener))
    await asyncio.wait_for(listener.was_taken.wait(), 0.05)
    assert not ringing.done()
    assert (await ringing).status is CallStatus.NO_ANSWER
    assert 0.1 <= perf_counter() - began < 0.3


async def test_a_call_that_is_hung_up_ends_with_its_result() -> None:
    driver = SimulatedTelephony(read_model({"script": {NUMBER: ["ANSWER"]}}))
    ringing = asyncio.create_task(driver.originate(call(), Listener()))
    await asyncio.sleep(0)
    await driver.hangup(call())
    assert (await asyncio.wait_for(ringing, 0.5)).status is CallStatus.ANSWER
    await driver.hangup(call())


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"sed": 1}, "INVALID", "simulation.sed"),
        ({"seed": "a"}, "INVALID", "simulation.seed"),
        ({"seconds": -1}, "OUT_OF_RANGE", "simulation.seconds"),
        ({"seconds": True}, "INVALID", "simulation.seconds"),
        ({"weights": []}, "INVALID", "simulation.weights"),
        ({"weights": {}}, "REQUIRED", "simulation.weights"),
        ({"weights": {"LOST": 1}}, "INVALID", "simulation.weights.LOST"),
        ({"weights": {"BUSY": "much"}}, "INVALID", "simulation.weights.BUSY"),
        ({"script": {NUMBER: []}}, "INVALID", f"simulation.script.{NUMBER}"),
        ({"script": {NUMBER: ["BUSY", "RING"]}}, "INVALID", f"simulation.script.{NUMBER}.1"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(given: object, code: str, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_model(cast(dict[str, object], given))
    assert (refused.value.code, refused.value.field) == (code, field)
