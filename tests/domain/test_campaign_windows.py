# SPDX-License-Identifier: Apache-2.0
"""The calling window on local clocks that jump (dial-machine section 11; reliability F16)."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.domain.campaigns import CallingWindow, Weekday, zone
from server.domain.errors import DomainError, ErrorCode

DAYS = frozenset(Weekday)
WEEKDAYS = DAYS - {Weekday.SAT, Weekday.SUN}


def window(
    opens: str, closes: str, days: frozenset[Weekday] = DAYS, timezone: str = "Europe/Rome"
) -> CallingWindow:
    return CallingWindow(
        opens=time.fromisoformat(opens),
        closes=time.fromisoformat(closes),
        days=days,
        timezone=timezone,
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2027-01-04T06:59:59", False),
        ("2027-01-04T07:00:00", True),  # 08:00 in Rome
        ("2027-01-04T19:59:59", True),
        ("2027-01-04T20:00:00", False),  # 21:00
        ("2027-07-05T06:00:00", True),  # 08:00 in summer
        ("2027-07-05T19:00:00", False),
        ("2027-01-09T09:00:00", False),  # a Saturday
    ],
)
def test_open_from_inclusive_to_exclusive_on_its_days(instant: str, is_open: bool) -> None:
    assert window("08:00", "21:00", WEEKDAYS).open_at(utc(instant)) is is_open


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2027-01-08T20:59:59", False),
        ("2027-01-08T21:00:00", True),  # Friday, 22:00
        ("2027-01-09T04:59:59", True),  # Saturday, 05:59, still Friday's window
        ("2027-01-09T05:00:00", False),
        ("2027-01-09T22:00:00", False),  # Saturday, 23:00
        ("2027-01-11T03:00:00", False),  # Monday, 04:00, which would be Sunday's
        ("2027-01-11T21:00:00", True),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_starts_on(
    instant: str, is_open: bool
) -> None:
    assert window("22:00", "06:00", WEEKDAYS).open_at(utc(instant)) is is_open


@pytest.mark.parametrize(
    ("instant", "opens_at"),
    [
        ("2027-01-04T07:00:00", "2027-01-04T07:00:00"),
        ("2027-01-04T03:00:00", "2027-01-04T07:00:00"),
        ("2027-01-04T20:00:00", "2027-01-05T07:00:00"),
        ("2027-01-08T20:00:00", "2027-01-11T07:00:00"),  # over the week-end
        ("2027-03-26T20:00:00", "2027-03-29T06:00:00"),  # over the change to summer time
    ],
)
def test_the_next_opening(instant: str, opens_at: str) -> None:
    assert window("08:00", "21:00", WEEKDAYS).next_open(utc(instant)) == utc(opens_at)


def test_a_window_to_midnight_and_a_whole_day() -> None:
    evening = window("18:00", "00:00", frozenset({Weekday.MON}), "UTC")
    assert evening.open_at(utc("2027-01-04T23:59:59"))
    assert not evening.open_at(utc("2027-01-05T00:00:00"))
    monday = window("00:00", "00:00", frozenset({Weekday.MON}), "UTC")
    assert monday.open_at(utc("2027-01-04T00:00:00"))
    assert monday.open_at(utc("2027-01-04T23:59:59"))
    assert not monday.open_at(utc("2027-01-05T00:00:00"))
    assert monday.next_open(utc("2027-01-05T00:00:00")) == utc("2027-01-11T00:00:00")


@pytest.mark.parametrize(
    ("opens", "closes", "instant", "opens_at"),
    [
        # 2027-03-28: 02:00 becomes 03:00 at 01:00Z.
        ("02:30", "04:00", "2027-03-28T00:00:00", "2027-03-28T01:00:00"),
        ("02:30", "02:45", "2027-03-28T00:00:00", "2027-03-29T00:30:00"),
        ("02:00", "03:00", "2027-03-28T00:59:59", "2027-03-29T00:00:00"),
        ("03:00", "03:30", "2027-03-28T00:00:00", "2027-03-28T01:00:00"),
        # 2027-10-31: 03:00 becomes 02:00 at 01:00Z, so 02:30 comes twice and the window too.
        ("02:30", "02:45", "2027-10-31T00:00:00", "2027-10-31T00:30:00"),
        ("02:30", "02:45", "2027-10-31T00:45:00", "2027-10-31T01:30:00"),
        ("02:30", "02:45", "2027-10-31T01:45:00", "2027-11-01T01:30:00"),
        ("01:30", "02:30", "2027-10-31T00:30:00", "2027-10-31T01:00:00"),
    ],
)
def test_openings_in_the_night_that_the_clock_changes(
    opens: str, closes: str, instant: str, opens_at: str
) -> None:
    """F16: the hour that spring leaves out, and the one that autumn gives twice."""
    assert window(opens, closes).next_open(utc(instant)) == utc(opens_at)


def test_a_weekly_window_in_the_missing_hour_opens_a_week_later() -> None:
    sunday = window("02:10", "02:40", frozenset({Weekday.SUN}))
    assert sunday.next_open(utc("2027-03-22T00:00:00")) == utc("2027-04-04T00:10:00")


QUARTER = timedelta(minutes=15)
CLOCKS = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
ZONES = ["Europe/Rome", "UTC", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]
ZONES += ["Asia/Kathmandu", "Pacific/Apia", "America/Santiago", "Asia/Beirut", "Atlantic/Azores"]
CHANGES = [utc(day) for day in ("2027-03-27", "2027-10-30", "2027-04-03", "2027-09-04")]


@settings(max_examples=250)
@given(
    opens=CLOCKS,
    closes=CLOCKS,
    days=st.frozensets(st.sampled_from(Weekday), min_size=1),
    timezone=st.sampled_from(ZONES),
    day=st.sampled_from(CHANGES),
    quarters=st.integers(0, 300),
)
@example(time(0), time(0), frozenset({Weekday.SUN}), "Australia/Lord_Howe", CHANGES[0], 148)
@example(time(23), time(23, 30), frozenset({Weekday.SAT}), "Asia/Beirut", utc("2027-10-30"), 85)
def test_the_next_opening_is_the_first_open_instant(
    opens: time,
    closes: time,
    days: frozenset[Weekday],
    timezone: str,
    day: datetime,
    quarters: int,
) -> None:
    """Against a walk in steps of 15 minutes, on which all these clocks jump."""
    if opens == closes != time(0):
        return
    hours = CallingWindow(opens=opens, closes=closes, days=days, timezone=timezone)
    instant = day + quarters * QUARTER
    walked = instant
    while not hours.open_at(walked):
        walked += QUARTER
    assert hours.next_open(instant) == walked


@pytest.mark.parametrize(
    "name",
    [
        *("Mars/Base", "", "Europe", "localtime", "posixrules", "Factory", "../etc/passwd"),
        *("/etc/passwd", "a\0b", "\ud800", "x" * 9999),
    ],
)
def test_a_text_that_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(DomainError) as refusal:
        zone(name)
    assert (refusal.value.code, refusal.value.field) == (ErrorCode.UNKNOWN_TIMEZONE, "timezone")


def test_no_days_and_equal_times_are_refused() -> None:
    for faulty, field in (
        (lambda: window("08:00", "21:00", frozenset()), "days"),
        (lambda: window("08:00", "08:00"), "to"),
    ):
        with pytest.raises(DomainError) as refusal:
            faulty()
        assert refusal.value.field == field
