# SPDX-License-Identifier: Apache-2.0
"""When a window is open between two instants, against a look at every quarter of an hour (F16)."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.domain.campaigns import CallingWindow, Weekday

QUARTER = timedelta(minutes=15)
CLOCKS = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
ZONES = ["Europe/Rome", "UTC", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]
CHANGES = [datetime(2027, 3, 26, tzinfo=UTC), datetime(2027, 10, 29, tzinfo=UTC)]


@settings(max_examples=150)
@given(
    opens=CLOCKS,
    closes=CLOCKS,
    days=st.frozensets(st.sampled_from(Weekday), min_size=1),
    timezone=st.sampled_from(ZONES),
    start=st.sampled_from(CHANGES),
)
@example(time(22), time(6), frozenset(Weekday), "Europe/Rome", CHANGES[0])
@example(time(0), time(0), frozenset({Weekday.SUN}), "Australia/Lord_Howe", CHANGES[1])
def test_spans_are_the_open_instants(
    opens: time, closes: time, days: frozenset[Weekday], timezone: str, start: datetime
) -> None:
    if opens == closes:
        opens = closes = time(0)
    window = CallingWindow(opens=opens, closes=closes, days=days, timezone=timezone)
    end = start + timedelta(days=5)
    spans = list(window.spans(start, end))
    assert all(a < b for a, b in spans)
    assert all(b < c for (_, b), (c, _) in pairwise(spans))
    instants = [start + QUARTER * place for place in range(5 * 96)]
    assert [one for one in instants if window.open_at(one)] == [
        one for one in instants if any(a <= one < b for a, b in spans)
    ]


def test_a_window_that_never_closes_has_no_end() -> None:
    always = CallingWindow(opens=time(0), closes=time(0))
    assert always.next_close(CHANGES[0]) is None
    assert list(always.spans(CHANGES[0], CHANGES[1])) == [(CHANGES[0], CHANGES[1])]
