# SPDX-License-Identifier: Apache-2.0
"""Numbers, dates and phones as each reader writes them."""

from datetime import UTC, date, datetime

import pytest

from web import formats
from web.formats import NOTHING, Reader

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
ITALIAN = Reader(locale="it", timezone="Europe/Rome", region="IT", now=NOW)
AMERICAN = Reader(locale="en", timezone="America/New_York", region="US", now=NOW)
BRITISH = Reader(locale="en", timezone="Europe/London", region="GB", now=NOW)


def plain(text: object) -> str:
    """CLDR separates with narrow and no-break spaces; here they read as spaces."""
    return str(text).replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.parametrize(
    ("reader", "value", "text"),
    [(ITALIAN, 1234567, "1.234.567"), (AMERICAN, 1234567, "1,234,567"), (AMERICAN, 0, "0")],
)
def test_numbers_are_grouped_as_the_reader_groups_them(
    reader: Reader, value: int, text: str
) -> None:
    assert formats.number(reader, value) == text


def test_decimals_are_fixed_when_asked() -> None:
    assert formats.number(ITALIAN, 3.14159, 2) == "3,14"
    assert formats.number(AMERICAN, 2, 1) == "2.0"
    assert formats.number(AMERICAN, 2.4, 0) == "2"
    assert plain(formats.percent(ITALIAN, 0.0312, 1)) == "3,1%"
    assert formats.percent(AMERICAN, 0.03) == "3%"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 B"), (999, "999 B"), (1536, "1.5 kB"), (47_100_000, "47 MB"), (3e12, "3,000 GB")],
)
def test_sizes_stand_in_the_largest_unit_above_one(value: int, text: str) -> None:
    assert plain(formats.filesize(AMERICAN, value)) == text


def test_a_moment_is_shown_in_the_readers_zone() -> None:
    moment = "2026-03-27T23:30:00Z"
    assert plain(formats.moment(ITALIAN, moment)) == "28 mar 2026, 00:30"
    assert plain(formats.moment(AMERICAN, moment)) == "Mar 27, 2026, 7:30 PM"
    assert plain(formats.moment(BRITISH, moment)) == "27 Mar 2026, 23:30"
    assert formats.day(ITALIAN, moment) == "28 mar 2026"
    assert formats.clock(ITALIAN, moment) == "00:30"


def test_a_zone_that_is_not_the_readers_is_named() -> None:
    moment = datetime(2026, 3, 27, 14, 0, tzinfo=UTC)
    told = plain(formats.moment(ITALIAN, moment, zone="America/New_York"))
    assert told == "27 mar 2026, 10:00 (America/New_York)"
    assert formats.clock(ITALIAN, moment, zone="Europe/Rome") == "15:00"


def test_a_plain_day_has_no_zone() -> None:
    assert formats.day(AMERICAN, date(2026, 3, 29)) == "Mar 29, 2026"
    assert formats.day(AMERICAN, "2026-03-29") == "Mar 29, 2026"


def test_summer_time_is_kept() -> None:
    assert formats.clock(ITALIAN, "2026-03-29T00:30:00Z") == "01:30"
    assert formats.clock(ITALIAN, "2026-03-29T01:30:00Z") == "03:30"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (65, "1:05"), (3725, "1:02:05"), (59.6, "1:00")]
)
def test_a_calls_length_reads_like_a_clock(seconds: float, text: str) -> None:
    assert formats.duration(ITALIAN, seconds) == text


def test_spans_and_relative_times_are_words() -> None:
    assert formats.timespan(ITALIAN, 1800) == "30 minuti"
    told = formats.relative(ITALIAN, "2026-03-29T00:25:00Z")
    assert ">5 minuti fa</time>" in told
    assert 'datetime="2026-03-29T00:25:00+00:00"' in told
    assert "01:25:00 (Europe/Rome)" in told
    assert 'tabindex="0"' in told


@pytest.mark.parametrize(
    ("reader", "number", "text"),
    [
        (ITALIAN, "+390212345678", "02 1234 5678"),
        (ITALIAN, "+393331234567", "333 123 4567"),
        (ITALIAN, "+442071234567", "+44 20 7123 4567"),
        (BRITISH, "+442071234567", "020 7123 4567"),
        (AMERICAN, "+12125550123", "(212) 555-0123"),
        (ITALIAN, "not a number", "not a number"),
    ],
)
def test_phones_are_national_at_home_and_international_abroad(
    reader: Reader, number: str, text: str
) -> None:
    assert formats.phone(reader, number) == text


@pytest.mark.parametrize("name", sorted(formats.FILTERS))
def test_nothing_is_a_dash_in_every_format(name: str) -> None:
    assert formats.FILTERS[name](ITALIAN, None) == NOTHING


def test_an_unknown_zone_falls_back_to_utc() -> None:
    lost = Reader(locale="en", timezone="Mars/Olympus", now=NOW)
    assert formats.clock(lost, "2026-03-29T00:30:00Z").startswith("00:30")
