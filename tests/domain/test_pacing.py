# SPDX-License-Identifier: Apache-2.0
"""How many calls may start: the modes of X9, and the cap on abandoned calls (reliability 5)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.campaigns.modes import PACED, DialMode
from server.domain.pacing import Floor, abandoned_rate, answer_rate, may_start, over_dials

CAP = Decimal(3)
ONE = Decimal(1)
small = st.integers(0, 60)
floors = st.builds(
    Floor,
    ready=small,
    up=small,
    talking=small,
    wrapping_up=small,
    mean_ring=st.floats(0, 40),
    mean_talk=st.floats(0, 600),
    mean_wrap_up=st.floats(0, 120),
    recent_calls=st.integers(100, 500),
    recent_answers=st.integers(0, 100),
    answered=st.integers(0, 3000),
    abandoned=st.integers(0, 90),
)
paced = st.sampled_from(sorted(PACED))
powers = st.decimals(1, 10, places=1)
caps = st.decimals(0, 100, places=2)


def predictive(**floor: int | float) -> int:
    return may_start(DialMode.PREDICTIVE, ONE, CAP, Floor(**floor))  # type: ignore[arg-type]


@pytest.mark.parametrize(("ready", "up", "calls"), [(4, 0, 4), (4, 3, 1), (4, 4, 0), (2, 5, 0)])
def test_progressive_dials_one_call_for_each_agent_who_is_ready(
    ready: int, up: int, calls: int
) -> None:
    assert may_start(DialMode.PROGRESSIVE, ONE, CAP, Floor(ready=ready, up=up)) == calls


@pytest.mark.parametrize(
    ("level", "ready", "up", "calls"),
    [("2.5", 2, 0, 5), ("2.5", 1, 0, 2), ("2.5", 3, 4, 3), ("10", 3, 30, 0), ("1", 7, 0, 7)],
)
def test_power_dials_its_level_for_each_agent_who_is_ready(
    level: str, ready: int, up: int, calls: int
) -> None:
    assert may_start(DialMode.POWER, Decimal(level), CAP, Floor(ready=ready, up=up)) == calls


def test_power_dials_one_to_one_while_a_further_abandoned_call_would_pass_the_cap() -> None:
    floor = Floor(ready=4, up=0, answered=60, abandoned=2)
    assert may_start(DialMode.POWER, Decimal(3), CAP, floor) == 4
    floor = Floor(ready=4, up=0, answered=600, abandoned=2)
    assert may_start(DialMode.POWER, Decimal(3), CAP, floor) == 12


def test_over_dialing_ends_before_the_thirty_first_abandoned_of_a_thousand() -> None:
    """reliability 5, FCC: 1,000 answers, 31 abandoned and a cap of 3 %."""
    seen = {"recent_calls": 4000, "recent_answers": 1000, "ready": 2, "up": 0}
    assert predictive(answered=1000, abandoned=0, **seen) > 2
    assert predictive(answered=1000, abandoned=29, **seen) == 3
    assert predictive(answered=1000, abandoned=30, **seen) == 2
    assert predictive(answered=1000, abandoned=31, **seen) == 2


def test_calls_that_are_up_count_as_if_all_were_answered_and_abandoned() -> None:
    """One more may be abandoned: with it on the way, nobody else is dialed beyond the agents."""
    seen = {"recent_calls": 4000, "recent_answers": 400, "answered": 1000, "abandoned": 29}
    assert predictive(ready=5, up=0, **seen) == 6
    assert predictive(ready=5, up=6, **seen) == 0


def test_a_campaign_without_answers_yet_dials_one_to_one() -> None:
    assert predictive(ready=5, up=0, recent_calls=200) == 5
    assert predictive(ready=5, up=0) == 5
    assert predictive(ready=0, up=0, talking=9, mean_ring=20.0, mean_talk=20.0) == 0


def test_predictive_dials_the_more_the_fewer_answer() -> None:
    known = {"ready": 10, "up": 0, "answered": 3000, "recent_calls": 4000}
    calls = [predictive(recent_answers=answers, **known) for answers in (3600, 2000, 1000, 400)]
    assert calls == sorted(calls)
    assert calls[0] < calls[1] < calls[2] < calls[3]


def test_predictive_dials_for_agents_who_will_be_free_when_a_call_is_answered() -> None:
    known = {"ready": 0, "up": 0, "answered": 3000, "recent_calls": 4000, "recent_answers": 1000}
    busy = {"talking": 20, "mean_ring": 15.0, "mean_talk": 100.0, "mean_wrap_up": 20.0}
    assert predictive(**known) == 0
    assert predictive(**known, **busy) > 2


def test_nobody_is_called_before_an_agent_asks_for_it() -> None:
    """X-38, R-02: previews and agents first are started by the agent."""
    for mode in (DialMode.PREVIEW, DialMode.AGENT_FIRST):
        assert may_start(mode, Decimal(10), CAP, Floor(ready=9, up=0)) == 0
    with pytest.raises(ValueError, match="not paced"):
        may_start(DialMode.DIRECT, ONE, CAP, Floor(ready=9, up=0))


@given(floor=floors, mode=paced, power=powers, cap=caps)
def test_every_ready_agent_has_a_call_and_over_dialing_stays_within_the_cap(
    floor: Floor, mode: DialMode, power: Decimal, cap: Decimal
) -> None:
    calls = may_start(mode, power, cap, floor)
    assert calls >= 0
    if mode is not DialMode.POWER or power == 1:
        assert floor.up + calls >= floor.ready  # nobody sits idle beside a full hopper
    over = floor.up + calls - floor.ready
    if calls and over > 0 and (mode is DialMode.PREDICTIVE or floor.abandoned):
        answered = floor.answered + over
        assert abandoned_rate(answered, floor.abandoned + over) <= cap
    if mode is DialMode.POWER:
        assert calls == 0 or floor.up + calls <= power * floor.ready
    if mode is DialMode.PROGRESSIVE and calls:
        assert floor.up + calls == floor.ready


@given(floor=floors, power=powers)
def test_a_cap_of_zero_never_over_dials_by_prediction(floor: Floor, power: Decimal) -> None:
    assert over_dials(floor, Decimal(0)) == 0
    calls = may_start(DialMode.PREDICTIVE, power, Decimal(0), floor)
    assert calls == max(0, floor.ready - floor.up)


def test_a_rate_is_doubted_while_few_calls_were_made() -> None:
    assert answer_rate(0, 0) == 1
    assert answer_rate(10, 0) == 0.5
    assert answer_rate(10_000, 2_000) == pytest.approx(0.2, abs=0.001)


def test_thousands_of_calls_are_foreseen_without_running_out_of_numbers() -> None:
    floor = Floor(
        ready=1800, up=0, recent_calls=5000, recent_answers=4500, answered=200_000, abandoned=0
    )
    assert 1900 < may_start(DialMode.PREDICTIVE, ONE, CAP, floor) < 2100
