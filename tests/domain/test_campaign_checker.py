# SPDX-License-Identifier: Apache-2.0
"""The policy checker: each finding on both sides of its border (X-37, dial-machine section 6)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.domain.campaigns import (
    FAILURES,
    AfterStatus,
    CallingWindow,
    CallStatus,
    CampaignSettings,
    ExhaustionPolicy,
    RetryRule,
    Weekday,
)
from server.domain.campaigns.checker import (
    CampaignShape,
    Finding,
    FindingCode,
    FindingSeverity,
    Place,
    check,
)
from server.domain.gate import (
    DayHours,
    GateRule,
    Hours,
    Interval,
    NoHolidays,
    PolicyName,
    Zones,
    ZoneSource,
)

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)  # a Monday
EVERY_DAY = frozenset(Weekday)
CLOSE_DEAD = {CallStatus.NO_SUCH_NUMBER: AfterStatus.CLOSE_PHONE}
SAME_BUSY = {CallStatus.BUSY: AfterStatus.RETRY_SAME}


def rules(most: int = 3, wait: int = 150, **rest: tuple[int, int]) -> dict[CallStatus, RetryRule]:
    given = {status: RetryRule(max=most, minutes=wait) for status in FAILURES}
    named = {CallStatus(name): RetryRule(max=m, minutes=w) for name, (m, w) in rest.items()}
    return given | named


def window(opens: int, closes: int, days: frozenset[Weekday] = EVERY_DAY) -> CallingWindow:
    return CallingWindow(opens=time(opens), closes=time(closes), days=days)


def ends(**after: float) -> datetime:
    return NOW + timedelta(**after)


def found(shape: dict[str, object] | None = None, **settings: object) -> list[Finding]:
    given = CampaignSettings(**settings)  # type: ignore[arg-type]
    return check(given, CampaignShape(**{"now": NOW, **(shape or {})}))  # type: ignore[arg-type]


def codes(shape: dict[str, object] | None = None, **settings: object) -> set[tuple[str, str]]:
    return {(one.code.value, one.field) for one in found(shape, **settings)}


def at_place(*zones: str) -> Place:
    return Place(Zones(tuple(map(ZoneInfo, zones)), ZoneSource.NUMBER))


def hours(*clock: int) -> Hours:
    """From, to; and again."""
    parts = [Interval(time(a), time(b)) for a, b in zip(clock[::2], clock[1::2], strict=True)]
    return Hours(week=(DayHours(EVERY_DAY, tuple(parts)),))


IN_PARIS: dict[str, object] = {"people": ((at_place("Europe/Paris"),),)}
WEEKEND = frozenset({Weekday.SAT, Weekday.SUN})
WEEK = EVERY_DAY - WEEKEND
CLOSED = frozenset(NOW.date() + timedelta(days=day) for day in range(4))
FIVE: dict[str, object] = {"retry": rules(5, 60), "global_max_retry": 5}


def test_the_settings_that_a_campaign_begins_with_are_sound() -> None:
    assert found() == []


# Each pair: settings and shape that have the finding, the nearest that do not, and where it stands.
PAIRS = [
    (FindingCode.END_PASSED, "endsAt", ({}, {"ends_at": NOW}), ({}, {"ends_at": ends(days=30)})),
    (
        FindingCode.END_BEFORE_START,
        "endsAt",
        ({"starts_at": ends(days=2)}, {"ends_at": ends(days=2)}),
        ({"starts_at": ends(days=2)}, {"ends_at": ends(days=30)}),
    ),
    (
        FindingCode.WINDOW_NEVER_OPENS,
        "windowDays",
        ({}, {"ends_at": ends(days=4), "window": window(8, 21, frozenset({Weekday.SAT}))}),
        ({}, {"ends_at": ends(days=12), "window": window(8, 21, frozenset({Weekday.SAT}))}),
    ),
    (
        FindingCode.RETRY_AFTER_END,
        "retry.2.minutes",
        ({"phones": 1}, {"ends_at": ends(minutes=150), "retry": rules(2)}),
        ({"phones": 1}, {"ends_at": ends(minutes=151), "retry": rules(2)}),
    ),
    (
        FindingCode.LIMIT_OUT_OF_REACH,
        "retry.2.max",
        ({"phones": 1}, {"ends_at": ends(minutes=300)}),
        ({"phones": 1}, {"ends_at": ends(minutes=301)}),
    ),
    (
        FindingCode.LIMIT_ABOVE_GLOBAL,
        "retry.1.max",
        ({}, {"retry": rules(BUSY=(5, 10))}),
        ({}, {"retry": rules(BUSY=(4, 10))}),
    ),
    (
        FindingCode.CLOSED_PHONE_CLOSES_CONTACT,
        "retry.3.max",
        ({}, {"retry": rules(NO_SUCH_NUMBER=(1, 150))}),
        ({}, {"retry": rules(NO_SUCH_NUMBER=(2, 150))}),
    ),
    (
        FindingCode.CLOSED_PHONE_CLOSES_CONTACT,
        "retry.3.afterStatus",
        ({}, {"after_status": CLOSE_DEAD}),
        (
            {},
            {"after_status": CLOSE_DEAD, "exhaustion_policy": ExhaustionPolicy.ALL_PHONES},
        ),
    ),
    (
        FindingCode.RETRY_AT_ONCE,
        "retry.1.minutes",
        ({}, {"retry": rules(BUSY=(3, 0)), "after_status": SAME_BUSY}),
        ({}, {"retry": rules(BUSY=(3, 1)), "after_status": SAME_BUSY}),
    ),
    (
        FindingCode.RETRY_AT_ONCE,
        "retry.1.minutes",
        ({"phones": 1}, {"retry": rules(BUSY=(2, 0))}),
        ({"phones": 1}, {"retry": rules(BUSY=(1, 0))}),
    ),
    (
        FindingCode.ONE_LINE_HOGGED,
        "retry.1.minutes",
        ({"lines": 1}, {"retry": rules(BUSY=(3, 0))}),
        ({"lines": 2}, {"retry": rules(BUSY=(3, 0))}),
    ),
    (
        FindingCode.ONE_LINE_HOGGED,
        "additionalPhonesAfter",
        ({"lines": 1}, {"additional_phones_after": 0}),
        ({"lines": 1}, {"additional_phones_after": 1}),
    ),
    (
        FindingCode.PHONE_WAIT_ABOVE_WINDOW,
        "additionalPhonesAfter",
        ({}, {"additional_phones_after": 120, "window": window(10, 12)}),
        ({}, {"additional_phones_after": 119, "window": window(10, 12)}),
    ),
    (
        FindingCode.PHONE_WAIT_ABOVE_WINDOW,
        "additionalPhonesAfter",
        ({}, {"additional_phones_after": 480, "window": window(22, 6)}),
        ({}, {"additional_phones_after": 480, "window": window(6, 22)}),
    ),
    (
        FindingCode.RING_TOO_SHORT,
        "originateTimeout",
        ({}, {"originate_timeout": 14}),
        ({}, {"originate_timeout": 15}),
    ),
    (FindingCode.GLOBAL_IS_PER_NUMBER, "globalMaxRetry", ({"phones": 5}, {}), ({"phones": 4}, {})),
    (
        FindingCode.CAP_BELOW_PHONES,
        "maxAttemptsPerContact",
        ({}, {"max_attempts_per_contact": 2}),
        ({}, {"max_attempts_per_contact": 3}),
    ),
    (
        FindingCode.NO_AGENTS,
        "agentIds",
        ({"needs_agents": True, "agents": 0}, {}),
        ({"needs_agents": True, "agents": 1}, {}),
    ),
    (
        FindingCode.NO_AGENTS,
        "agentIds",
        ({"needs_agents": True, "agents": 0}, {}),
        ({"agents": 0}, {}),
    ),
    (
        FindingCode.LINES_BELOW_AGENTS,
        "simultaneousLines",
        ({"needs_agents": True, "agents": 20, "calls_per_agent": 1.6}, {}),
        ({"needs_agents": True, "agents": 20, "calls_per_agent": 1.5}, {}),
    ),
    (
        FindingCode.HOURS_NEVER_MEET,
        "windowFrom",
        (IN_PARIS | {"policies": ("FR_DECREE",)}, {"window": window(19, 23, WEEK)}),
        (IN_PARIS | {"policies": ("FR_DECREE",)}, {"window": window(18, 23, WEEK)}),
    ),
    (
        FindingCode.HOURS_NEVER_MEET,
        "windowDays",
        (IN_PARIS | {"policies": ("FR_DECREE",)}, {"window": window(8, 21, WEEKEND)}),
        (IN_PARIS | {"policies": ("IT_CODE",)}, {"window": window(8, 21, WEEKEND)}),
    ),
    (
        FindingCode.HOURS_NEVER_MEET,
        "rules.0",
        (IN_PARIS | {"policies": ("FR_DECREE",), "rules": (hours(13, 14),)}, {}),
        (IN_PARIS | {"policies": ("FR_DECREE",), "rules": (hours(13, 15),)}, {}),
    ),
    (
        FindingCode.HOURS_NEVER_MEET,
        "rules.1",
        (
            IN_PARIS | {"rules": (hours(8, 20), NoHolidays(country=None, dates=CLOSED))},
            {"ends_at": ends(days=3)},
        ),
        (
            IN_PARIS | {"rules": (hours(8, 20), NoHolidays(country=None, dates=CLOSED))},
            {"ends_at": ends(days=4)},
        ),
    ),
    (
        FindingCode.NUMBER_CAP_BELOW_RETRIES,
        "maxAttemptsPerNumber24h",
        ({"phones": 1, "calls_a_number": 2}, {}),
        ({"phones": 1, "calls_a_number": 3}, {}),
    ),
    (
        FindingCode.NUMBER_CAP_BELOW_RETRIES,
        "maxAttemptsPerNumber24h",
        ({"phones": 1, "calls_a_number": 1}, {"retry": rules(3, 1439)}),
        ({"phones": 1, "calls_a_number": 1}, {"retry": rules(3, 1440)}),
    ),
    (
        FindingCode.LIMIT_OUT_OF_REACH,
        "retry.2.max",
        ({"phones": 1, "policies": ("US_FLORIDA",)}, {"ends_at": ends(hours=25), **FIVE}),
        ({"phones": 1, "policies": ("US_FLORIDA",)}, {"ends_at": ends(hours=26), **FIVE}),
    ),
]


@pytest.mark.parametrize(("code", "field", "wrong", "right"), PAIRS)
def test_a_contradiction_is_found_and_its_neighbour_is_not(
    code: FindingCode,
    field: str,
    wrong: tuple[dict[str, object], dict[str, object]],
    right: tuple[dict[str, object], dict[str, object]],
) -> None:
    assert (code.value, field) in codes(wrong[0], **wrong[1])
    assert (code.value, field) not in codes(right[0], **right[1])


def test_hours_of_two_zones_are_laid_over_each_other_where_the_people_are() -> None:
    """08:00 in Los Angeles is 17:00 in Rome: of two groups one is missed, then both are."""
    window = CallingWindow(opens=time(9), closes=time(16), timezone="Europe/Rome")
    shape: dict[str, object] = {"policies": ("CALLING_HOURS",)}
    west, east = at_place("America/Los_Angeles"), at_place("America/New_York")
    both = found(shape | {"people": ((west,), (east,))}, window=window)
    assert [(one.code.value, one.severity.value) for one in both] == [
        ("HOURS_NEVER_MEET", "WARNING")
    ]
    assert both[0].params == {
        "zone": "America/Los_Angeles",
        "hours": "09:00–16:00",
        "policy": PolicyName.CALLING_HOURS,
    }
    one_of_them = found(shape | {"people": ((west, east),)}, window=window)
    assert one_of_them == []
    [none] = found(shape | {"people": ((west,),)}, window=window)
    assert none.severity is FindingSeverity.DANGER


def test_two_policies_and_three_rules_may_exclude_each_other() -> None:
    early, late, noon = hours(8, 12), hours(12, 20), hours(10, 14)
    [two] = found(IN_PARIS | {"rules": (early, noon, late)})
    assert (two.field, two.params["rule"], two.params["other_rule"]) == ("rules.0", "1", "3")
    third = hours(8, 10, 13, 20)
    [three] = found(IN_PARIS | {"rules": (early, noon, third)})
    assert (three.field, three.params) == ("rules.0", {"zone": "Europe/Paris"})


def test_the_cap_of_a_number_that_the_end_cuts_is_a_warning_and_told_of_once() -> None:
    """The third call waits for the next day, when the campaign is over."""
    shape: dict[str, object] = {"phones": 1, "calls_a_number": 2}
    [cut] = found(shape, ends_at=ends(hours=24))
    assert (cut.code, cut.severity) == ("NUMBER_CAP_BELOW_RETRIES", FindingSeverity.WARNING)
    assert cut.params == {"cap": 2, "calls": 2, "max": 3, "status": CallStatus.CONGESTION}
    [later] = found(shape, ends_at=ends(hours=25))
    assert (later.severity, later.params) == (FindingSeverity.NOTICE, {"cap": 2, "calls": 3})


def test_a_limit_that_a_rule_keeps_out_of_reach_names_the_rule() -> None:
    """Four calls in thirty days to a person, three numbers: none is called three times."""
    shape = IN_PARIS | {"policies": ("FR_DECREE",)}
    first = found(shape, ends_at=ends(days=20))[0]
    assert (first.code, first.field) == ("LIMIT_OUT_OF_REACH", "retry.0.max")
    assert first.params == {
        "status": CallStatus.CONGESTION,
        "max": 3,
        "calls": 2,
        "rule": GateRule.PERSON_CAP,
    }


def test_every_code_has_a_pair() -> None:
    assert {code for code, *_ in PAIRS} == set(FindingCode)


def test_a_finding_says_what_its_message_needs() -> None:
    """The retries fall on Tuesday, when the campaign is over: one call of three is made."""
    one = found({"phones": 1}, ends_at=ends(hours=12), window=window(9, 11))[0]
    assert one.code is FindingCode.RETRY_AFTER_END
    assert (one.field, one.severity) == ("retry.0.minutes", FindingSeverity.WARNING)
    assert one.params == {"status": CallStatus.CONGESTION, "minutes": 150}
    two = found({"phones": 1}, ends_at=ends(hours=36), window=window(9, 11))[0]
    assert (two.code, two.params["max"], two.params["calls"]) == ("LIMIT_OUT_OF_REACH", 3, 2)


def test_the_gravest_comes_first() -> None:
    all_of_it = found({"needs_agents": True, "agents": 0, "phones": 5}, originate_timeout=10)
    assert [one.severity for one in all_of_it] == ["DANGER", "WARNING", "NOTICE"]


def test_a_dead_number_is_no_danger_to_a_contact_that_has_no_other() -> None:
    """Dial-machine V4: with others it would close a contact whose other numbers live."""
    assert codes({"phones": 1}, retry=rules(NO_SUCH_NUMBER=(1, 150))) == set()


def test_extreme_settings_are_checked_within_a_moment() -> None:
    """A preview is drawn while somebody types: a hundred retries of fifty numbers cost nothing."""
    began = datetime.now(UTC)
    found(
        {"phones": 50},
        retry=rules(100, 0),
        global_max_retry=100,
        ends_at=ends(days=9),
        window=window(8, 21),
    )
    assert datetime.now(UTC) - began < timedelta(seconds=0.5)
