# SPDX-License-Identifier: Apache-2.0
"""Hours and holidays where the person is, on both sides of every edge (reliability section 5)."""

from datetime import date, datetime, time, timedelta

import pytest

from server.domain.gate import DayHours, GateRule, Hours, Interval, NoHolidays, Permit
from server.domain.gate.policies import EVERY_DAY
from tests.domain.gate.asking import SECOND, ask, facts, utc, zones


def hours(opens: int, closes: int) -> Hours:
    return Hours(week=(DayHours(EVERY_DAY, (Interval(time(opens), time(closes)),)),))


@pytest.mark.parametrize(
    ("policy", "opens", "closes"),
    [
        ("CALLING_HOURS", "2027-01-11 07:00", "2027-01-11 20:00"),
        ("US_TCPA", "2027-01-11 07:00", "2027-01-11 20:00"),
        ("US_REG_F", "2027-01-11 07:00", "2027-01-11 20:00"),
        ("US_FLORIDA", "2027-01-11 07:00", "2027-01-11 19:00"),
        ("IT_CODE", "2027-01-11 08:00", "2027-01-11 19:00"),  # a Monday
        ("IT_CODE", "2027-01-16 09:00", "2027-01-16 18:00"),  # a Saturday
        ("IT_CODE", "2027-01-05 09:00", "2027-01-05 18:00"),  # the eve of Epiphany
        ("FR_DECREE", "2027-01-11 09:00", "2027-01-11 12:00"),
        ("FR_DECREE", "2027-01-11 13:00", "2027-01-11 19:00"),
    ],
)
def test_each_policy_opens_and_closes_to_the_second(policy: str, opens: str, closes: str) -> None:
    """Central European time, where the person is."""
    known = facts(screened_at=utc("2027-01-01 00:00"))
    assert not ask(known, policy=policy, at=utc(opens) - SECOND).allowed
    assert ask(known, policy=policy, at=utc(opens)).allowed
    assert ask(known, policy=policy, at=utc(closes) - SECOND).allowed
    closed = ask(known, policy=policy, at=utc(closes))
    assert [check.rule for check in closed.refused] == [GateRule.WINDOW]
    assert ask(known, policy=policy, at=utc(opens) - SECOND).not_before == utc(opens)


@pytest.mark.parametrize(
    ("policy", "at", "expected"),
    [
        ("IT_CODE", "2027-01-16 18:00", "2027-01-18 08:00"),  # over Sunday
        ("IT_CODE", "2027-01-05 18:00", "2027-01-07 08:00"),  # over Epiphany
        ("IT_CODE", "2026-12-24 18:00", "2026-12-28 08:00"),  # Christmas, St Stephen's, Sunday
        ("FR_DECREE", "2027-01-15 19:00", "2027-01-18 09:00"),  # over the week-end
    ],
)
def test_what_is_closed_opens_on_the_next_day_that_is_not(
    policy: str, at: str, expected: str
) -> None:
    verdict = ask(facts(), policy=policy, at=utc(at))
    assert not verdict.allowed
    assert verdict.not_before == utc(expected)


def test_a_holiday_is_named_and_has_a_rule_of_its_own() -> None:
    verdict = ask(facts(), policy="IT_CODE", at=utc("2027-01-06 12:00"))
    (refused,) = verdict.refused
    assert refused.rule is GateRule.HOLIDAY
    assert refused.evidence["holiday"] == "holiday"
    assert refused.allowed_at == utc("2027-01-06 23:00")
    assert (refused.policy, refused.version) == ("IT_CODE", 1)
    assert refused.source is not None


def test_days_that_the_centre_closes_on_are_holidays_of_its_own() -> None:
    rule = NoHolidays(country=None, dates=frozenset({date(2027, 1, 11), date(2027, 1, 12)}))
    verdict = ask(facts(), rule, at=utc("2027-01-11 12:00"))
    assert verdict.not_before == utc("2027-01-12 23:00")
    assert ask(facts(), rule, at=utc("2027-01-06 12:00")).allowed
    assert ask(facts(), rule, at=utc("2027-01-10 22:59")).allowed


def test_of_several_zones_the_strictest_counts() -> None:
    """A number of the whole United States: open in New York is not open in Honolulu."""
    known = facts(zone=zones("America/New_York", "Pacific/Honolulu"))
    early = ask(known, policy="CALLING_HOURS", at=utc("2027-01-11 14:00"))
    assert not early.allowed
    assert early.not_before == utc("2027-01-11 18:00")
    assert list(next(early.refused).evidence["local"]) == ["Pacific/Honolulu", "America/New_York"]
    assert ask(known, policy="CALLING_HOURS", at=utc("2027-01-12 01:59")).allowed
    assert not ask(known, policy="CALLING_HOURS", at=utc("2027-01-12 02:00")).allowed


def test_zones_that_are_never_open_together_are_never_called() -> None:
    known = facts(zone=zones("Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Rome"))
    verdict = ask(known, hours(9, 12), at=utc("2027-01-11 12:00"))
    assert not verdict.allowed
    assert verdict.not_before is None


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        ("2027-01-11 20:59:59", False),
        ("2027-01-11 21:00:00", True),
        ("2027-01-12 04:59:59", True),
        ("2027-01-12 05:00:00", False),
    ],
)
def test_hours_over_midnight_belong_to_the_day_they_start_on(at: str, allowed: bool) -> None:
    """22:00 to 06:00."""
    assert ask(facts(), hours(22, 6), at=utc(at)).allowed is allowed


def test_hours_over_midnight_of_one_day_alone() -> None:
    sunday = frozenset(day for day in EVERY_DAY if day.value == "SUN")
    rule = Hours(week=(DayHours(sunday, (Interval(time(22), time(6)),)),))
    assert ask(facts(), rule, at=utc("2027-01-11 04:59")).allowed
    verdict = ask(facts(), rule, at=utc("2027-01-11 05:00"))
    assert verdict.not_before == utc("2027-01-17 21:00")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2027-03-28 00:00", "2027-03-28 01:00"),  # 02:30 does not come: on from 03:00
        ("2027-10-31 00:00", "2027-10-31 00:30"),  # 02:30 comes twice: the first of them
        ("2027-10-31 00:59:59", "2027-10-31 00:59:59"),
        ("2027-10-31 01:00", "2027-10-31 01:30"),  # and the second
    ],
)
def test_the_clock_changes_within_the_hours(at: str, expected: str) -> None:
    """F16: Rome, 02:30 to 04:00, on the last Sundays of March and October."""
    rule = Hours(week=(DayHours(EVERY_DAY, (Interval(time(2, 30), time(4)),)),))
    verdict = ask(facts(), rule, at=utc(at))
    assert verdict.not_before == utc(expected)
    assert verdict.allowed is (at == expected)


def test_a_day_of_the_calendar_is_as_long_as_it_is() -> None:
    """A holiday on the day of 23 hours ends 23 hours after it began."""
    rule = NoHolidays(country=None, dates=frozenset({date(2027, 3, 28)}))
    verdict = ask(facts(), rule, at=utc("2027-03-27 23:00"))
    assert verdict.not_before == utc("2027-03-28 22:00")
    begins = verdict.not_before - timedelta(hours=23)
    assert isinstance(begins, datetime)
    assert ask(facts(), rule, at=begins - SECOND).allowed


def test_a_consent_lifts_the_hours_of_france() -> None:
    sunday = utc("2027-01-17 21:00")
    known = facts(permits=(Permit(matter="", given_at=utc("2027-01-01 00:00")),))
    assert ask(known, policy="FR_DECREE", at=sunday).allowed
    assert not ask(facts(), policy="FR_DECREE", at=sunday).allowed
    assert not ask(known, policy="CALLING_HOURS", at=sunday).allowed
