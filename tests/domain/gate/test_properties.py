# SPDX-License-Identifier: Apache-2.0
"""What holds of every answer of the gate, whatever the rules, zones and calls (properties)."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.campaigns import CallStatus, Weekday
from server.domain.gate import (
    POLICIES,
    AfterConversation,
    AfterRefusal,
    Cap,
    ConsentRequired,
    Counted,
    DayHours,
    Facts,
    Gap,
    Hours,
    Interval,
    ListAge,
    Lockout,
    NoHolidays,
    Permit,
    Reach,
    Rule,
    read_rule,
    store_rule,
)
from tests.domain.gate.asking import NUMBER, OTHER, SECOND, ask, call, facts, zones

ZONES = [
    "Europe/Rome",
    "America/New_York",
    "Pacific/Honolulu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
]
# Around the days on which clocks change, in Rome and in New York.
STARTS = [datetime(2027, month, 1, tzinfo=UTC) for month in (1, 3, 4, 10, 11, 12)]
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
intervals = st.builds(Interval, times, times).filter(
    lambda interval: interval.opens != interval.closes or interval.opens == time(0)
)
days = st.frozensets(st.sampled_from(list(Weekday)), min_size=1)
reaches = st.sampled_from(list(Reach))
hours = st.builds(
    Hours,
    week=st.lists(
        st.builds(DayHours, days, st.lists(intervals, min_size=1, max_size=2).map(tuple)),
        min_size=1,
        max_size=2,
    ).map(tuple),
    eves=st.none() | st.lists(intervals, max_size=1).map(tuple),
    country=st.just("IT"),
    is_waived=st.booleans(),
)
rules: st.SearchStrategy[Rule] = st.one_of(
    hours,
    st.builds(
        NoHolidays,
        country=st.sampled_from(["IT", "", None]),
        dates=st.frozensets(st.dates(date(2027, 1, 1), date(2027, 12, 31)), max_size=5),
    ),
    st.builds(
        Cap,
        counted=st.sampled_from(list(Counted)),
        most=st.integers(1, 3),
        hours=st.sampled_from([1, 24, 168]),
        reach=reaches,
        is_waived=st.booleans(),
    ),
    st.builds(Gap, minutes=st.integers(1, 5000), reach=reaches),
    st.builds(AfterConversation, days=st.integers(1, 9), reach=reaches),
    st.builds(AfterRefusal, days=st.integers(1, 9), reach=reaches),
    st.builds(
        Lockout,
        hours=st.integers(1, 200),
        reach=reaches,
        with_agent_meanwhile=st.booleans(),
        with_agent_after=st.booleans(),
    ),
    st.builds(ListAge, days=st.integers(1, 60)),
    st.builds(
        ConsentRequired, only_after_objection=st.booleans(), is_voided_by_screening=st.booleans()
    ),
)


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    start = draw(st.sampled_from(STARTS))
    return start + timedelta(seconds=draw(st.integers(0, 31 * 86_400)))


@st.composite
def known_at(draw: st.DrawFn, at: datetime) -> Facts:
    """Facts of the time before `at`."""

    def before() -> datetime:
        return at - timedelta(seconds=draw(st.integers(1, 12 * 86_400)))

    calls = [
        call(
            before(),
            draw(st.sampled_from([None, *CallStatus])),
            number=draw(st.sampled_from([NUMBER, OTHER])),
            campaign_id=draw(st.integers(1, 2)),
            matter=draw(st.sampled_from(["", "debt"])),
            is_of_person=draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 6)))
    ]
    names = draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True))
    permits = (Permit(matter="", given_at=before()),) if draw(st.booleans()) else ()
    return facts(
        *calls,
        zone=zones(*names),
        permits=permits,
        objected_at=(before(),) if draw(st.booleans()) else (),
        screened_at=before() if draw(st.booleans()) else None,
        in_call_until=at + timedelta(minutes=1) if draw(st.booleans()) else None,
    )


@settings(max_examples=150)
@given(st.data(), st.lists(rules, max_size=3), moments())
def test_not_before_is_the_first_moment_that_is_allowed(
    data: st.DataObject, given_rules: list[Rule], at: datetime
) -> None:
    """At it the call is allowed, a second earlier it is not, and nowhere in between."""
    known = data.draw(known_at(at))
    verdict = ask(known, *given_rules, at=at)
    assert verdict.allowed is all(check.passed for check in verdict.checks)
    if verdict.allowed:
        assert verdict.not_before == at
        return
    first = verdict.not_before
    if first is None:
        later = at + timedelta(seconds=data.draw(st.integers(0, 40 * 86_400)))
        assert not ask(known, *given_rules, at=later).allowed
        return
    assert first > at
    assert ask(known, *given_rules, at=first).allowed
    assert not ask(known, *given_rules, at=max(at, first - SECOND)).allowed
    between = at + (first - at) * data.draw(st.floats(0, 0.999999))
    assert not ask(known, *given_rules, at=between).allowed


@settings(max_examples=100)
@given(st.data(), st.lists(rules, max_size=3), rules, moments())
def test_a_further_rule_never_allows_what_was_refused(
    data: st.DataObject, given_rules: list[Rule], further: Rule, at: datetime
) -> None:
    known = data.draw(known_at(at))
    without, with_it = ask(known, *given_rules, at=at), ask(known, *given_rules, further, at=at)
    assert without.allowed or not with_it.allowed
    if with_it.not_before is not None:
        assert without.not_before is not None
        assert without.not_before <= with_it.not_before


@settings(max_examples=100)
@given(st.data(), st.lists(rules, max_size=3), moments(), st.sampled_from(ZONES))
def test_a_further_zone_never_allows_what_was_refused(
    data: st.DataObject, given_rules: list[Rule], at: datetime, name: str
) -> None:
    """The strictest of all zones."""
    known = data.draw(known_at(at))
    wider = replace(known, zones=zones(*known.zones.names, name))
    assert ask(known, *given_rules, at=at).allowed or not ask(wider, *given_rules, at=at).allowed


@given(rules)
def test_a_rule_is_stored_as_json_and_read_back(rule: Rule) -> None:
    stored = json.loads(json.dumps(store_rule(rule)))
    again = read_rule(stored)
    assert store_rule(again) == store_rule(rule)
    known = facts(zone=zones("Europe/Rome"))
    for moment in STARTS:
        told = ask(known, rule, at=moment).told()
        assert ask(known, again, at=moment).told() == told


def test_every_policy_says_where_it_comes_from_and_can_be_stored() -> None:
    for name, policy in POLICIES.items():
        assert policy.name is name
        assert policy.version >= 1
        assert policy.source
        assert policy.rules
        for rule in policy.rules:
            assert store_rule(read_rule(store_rule(rule))) == store_rule(rule)
