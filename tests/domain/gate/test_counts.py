# SPDX-License-Identifier: Apache-2.0
"""Caps, gaps, conversations and silent calls, on both sides of every edge (reliability 5)."""

from datetime import datetime, timedelta

import pytest

from server.domain.campaigns import CallStatus
from server.domain.gate import (
    AfterConversation,
    AfterRefusal,
    Cap,
    Counted,
    Gap,
    GateRule,
    Lockout,
    Permit,
    Reach,
)
from tests.domain.gate.asking import NOW, OTHER, SECOND, ask, call, facts, utc, zones

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("policy", "most", "window"),
    [("US_FLORIDA", 3, 24 * HOUR), ("US_REG_F", 7, 7 * DAY), ("FR_DECREE", 4, 30 * DAY)],
)
def test_the_cap_of_each_policy(policy: str, most: int, window: timedelta) -> None:
    """One call fewer is allowed; the cap opens when the oldest call leaves the window."""
    calls = [call(NOW - window + place * HOUR, number=OTHER) for place in range(1, most + 1)]
    assert ask(facts(*calls[1:]), policy=policy).allowed
    verdict = ask(facts(*calls), policy=policy)
    (refused,) = verdict.refused
    assert refused.rule is GateRule.PERSON_CAP
    assert refused.allowed_at == calls[0].started_at + window
    assert (refused.evidence["calls"], refused.evidence["most"]) == (most, most)
    assert verdict.not_before == refused.allowed_at
    before = refused.allowed_at - SECOND
    assert not ask(facts(*calls), policy=policy, at=before).allowed
    assert ask(facts(*calls), policy=policy, at=refused.allowed_at).allowed


def test_calls_over_the_cap_have_all_to_leave_the_window() -> None:
    """Five within a cap of two, as when campaigns were merged: the fourth oldest counts."""
    rule = Cap(counted=Counted.NUMBER, most=2, hours=24)
    calls = [call(NOW - place * HOUR) for place in range(1, 6)]
    verdict = ask(facts(*calls), rule)
    assert verdict.not_before == NOW - 2 * HOUR + 24 * HOUR


def test_a_cap_of_none_never_opens() -> None:
    verdict = ask(facts(), Cap(counted=Counted.PERSON, most=0, hours=1))
    assert (verdict.allowed, verdict.not_before) == (False, None)


def test_numbers_and_people_are_counted_apart() -> None:
    of_number = Cap(counted=Counted.NUMBER, most=1, hours=24)
    of_person = Cap(counted=Counted.PERSON, most=1, hours=24)
    elsewhere = facts(call(NOW - HOUR, number=OTHER))
    namesake = facts(call(NOW - HOUR, is_of_person=False))
    assert ask(elsewhere, of_number).allowed
    assert not ask(elsewhere, of_person).allowed
    assert not ask(namesake, of_number).allowed
    assert ask(namesake, of_person).allowed


@pytest.mark.parametrize(
    ("reach", "campaign_id", "matter", "counts"),
    [
        (Reach.ALL_CAMPAIGNS, 2, "other", True),
        (Reach.MATTER, 2, "debt", True),
        (Reach.MATTER, 1, "other", False),
        (Reach.CAMPAIGN, 1, "other", True),
        (Reach.CAMPAIGN, 2, "debt", False),
    ],
)
def test_a_cap_reaches_as_far_as_it_says(
    reach: Reach, campaign_id: int, matter: str, counts: bool
) -> None:
    rule = Cap(counted=Counted.PERSON, most=1, hours=24, reach=reach)
    known = facts(call(NOW - HOUR, campaign_id=campaign_id, matter=matter))
    assert ask(known, rule, matter="debt").allowed is not counts


def test_between_two_calls_to_a_person_lies_the_gap() -> None:
    known = facts(call(NOW - 29 * 60 * SECOND, number=OTHER), call(NOW - 5 * HOUR))
    verdict = ask(known, Gap(minutes=30))
    assert [check.rule for check in verdict.refused] == [GateRule.GAP]
    assert verdict.not_before == NOW + 60 * SECOND
    assert not ask(known, Gap(minutes=30), at=NOW + 59 * SECOND).allowed
    assert ask(known, Gap(minutes=30), at=NOW + 60 * SECOND).allowed
    assert ask(facts(call(NOW, is_of_person=False)), Gap(minutes=30)).allowed


@pytest.mark.parametrize(
    ("spoken", "until"),
    [
        ("2027-01-11 23:30", "2027-01-18 23:00"),  # Tuesday in Rome: through the next Monday
        ("2027-01-11 12:00", "2027-01-17 23:00"),
        ("2027-03-22 12:00", "2027-03-28 22:00"),  # the clock changes on the seventh day
    ],
)
def test_the_day_of_the_conversation_is_the_first_of_seven(spoken: str, until: str) -> None:
    """12 CFR 1006.14(b)(2)(i)(B)."""
    rule = AfterConversation(days=7)
    known = facts(call(utc(spoken), CallStatus.ANSWER))
    verdict = ask(known, rule, at=utc(spoken) + HOUR)
    assert [check.rule for check in verdict.refused] == [GateRule.CONVERSATION]
    assert verdict.not_before == utc(until)
    assert not ask(known, rule, at=utc(until) - SECOND).allowed
    assert ask(known, rule, at=utc(until)).allowed


def test_a_conversation_lasts_until_the_last_zone_has_its_new_day() -> None:
    zone = zones("Europe/Rome", "America/New_York")
    known = facts(call(NOW, CallStatus.ANSWER), zone=zone)
    assert ask(known, AfterConversation(days=1)).not_before == utc("2027-01-12 05:00")


def test_only_answers_about_the_matter_are_conversations() -> None:
    rule = AfterConversation(days=7)
    assert ask(facts(call(NOW - HOUR, CallStatus.MACHINE)), rule).allowed
    other = facts(call(NOW - HOUR, CallStatus.ANSWER, matter="other"))
    assert ask(other, rule).allowed


@pytest.mark.parametrize("status", [CallStatus.DROP, CallStatus.ABANDONED])
def test_in_britain_only_an_agent_calls_within_72_hours_of_a_silent_call(
    status: CallStatus,
) -> None:
    silent = NOW - 71 * HOUR
    known = facts(call(silent, status), screened_at=NOW - DAY)
    verdict = ask(known, policy="UK_OFCOM")
    assert [check.rule for check in verdict.refused] == [GateRule.DROP_LOCKOUT]
    assert verdict.not_before == silent + 72 * HOUR
    assert not ask(known, policy="UK_OFCOM", at=silent + 72 * HOUR - SECOND).allowed
    assert ask(known, policy="UK_OFCOM", at=silent + 72 * HOUR).allowed
    assert ask(known, policy="UK_OFCOM", has_agent=True).allowed


@pytest.mark.parametrize(
    ("days", "has_agent", "allowed"),
    [(4, False, False), (4, True, False), (5, False, False), (5, True, True), (30, False, False)],
)
def test_in_italy_only_an_agent_calls_and_not_before_the_fifth_day(
    days: int, has_agent: bool, allowed: bool
) -> None:
    """Garante 83/2014: day 4 none, day 5 only with an agent reserved."""
    wednesday = utc("2027-01-13 10:00")
    known = facts(call(wednesday, CallStatus.DROP))
    at = wednesday + days * DAY
    verdict = ask(known, policy="IT_CODE", at=at, has_agent=has_agent)
    assert verdict.allowed is allowed
    lockout = next(check for check in verdict.checks if check.rule is GateRule.DROP_LOCKOUT)
    assert lockout.passed is allowed
    assert lockout.evidence["needsAgent"] is True


def test_a_conversation_makes_a_silent_call_good() -> None:
    rule = Lockout(hours=72, with_agent_after=True)
    silent = call(NOW - DAY, CallStatus.DROP, is_of_person=False)
    assert not ask(facts(silent), rule).allowed
    assert ask(facts(silent, call(NOW - HOUR, CallStatus.ANSWER)), rule).allowed
    assert not ask(facts(silent, call(NOW - 2 * DAY, CallStatus.ANSWER)), rule).allowed


def test_a_call_that_is_up_is_counted_and_is_no_silent_one() -> None:
    up = facts(call(NOW - SECOND, None))
    assert not ask(up, Cap(counted=Counted.PERSON, most=1, hours=1)).allowed
    assert not ask(up, Gap(minutes=1)).allowed
    assert ask(up, Lockout(hours=72, with_agent_after=True), AfterConversation(days=7)).allowed


def test_windows_roll_to_the_microsecond() -> None:
    rule = Cap(counted=Counted.NUMBER, most=1, hours=24)
    made = datetime.fromisoformat("2027-01-11T10:00:00.000001+00:00")
    opens = made + DAY
    assert not ask(facts(call(made)), rule, at=opens - timedelta(microseconds=1)).allowed
    assert ask(facts(call(made)), rule, at=opens).allowed


def test_after_a_refusal_sixty_whole_days_are_free_of_calls_by_the_french_policy() -> None:
    """Code de la consommation, D. 223-9: from Monday 11 January to Friday 12 March."""
    refused = call(NOW, CallStatus.ANSWER, campaign_id=2, matter="other", is_refusal=True)
    paris = zones("Europe/Paris")
    monday = utc("2027-03-15 09:00")
    assert ask(facts(refused, zone=paris), policy="FR_DECREE", at=monday).allowed
    for at in (utc("2027-01-12 09:00"), utc("2027-03-12 11:00")):
        verdict = ask(facts(refused, zone=paris), policy="FR_DECREE", at=at)
        assert [check.rule for check in verdict.refused] == [GateRule.REFUSAL]
        assert verdict.not_before == monday
        assert verdict.told()["checks"][-1]["policy"] == "FR_DECREE"  # type: ignore[index]
    (check,) = ask(facts(refused), AfterRefusal(days=60), at=NOW + DAY).refused
    assert check.evidence == {
        "days": 60,
        "reach": "ALL_CAMPAIGNS",
        "last": NOW.isoformat(),
        "zones": ["Europe/Rome"],
    }
    assert check.allowed_at == utc("2027-03-12 23:00")


def test_a_conversation_is_no_refusal_and_a_consent_given_after_one_ends_it() -> None:
    rule = AfterRefusal(days=60)
    later = NOW + 2 * DAY
    assert ask(facts(call(NOW, CallStatus.ANSWER)), rule, at=later).allowed
    refused = call(NOW, CallStatus.ANSWER, is_refusal=True)
    other = call(NOW, CallStatus.ANSWER, is_refusal=True, is_of_person=False)
    assert ask(facts(other), rule, at=later).allowed
    before, since = (Permit(matter="", given_at=NOW + days * DAY) for days in (-1, 1))
    assert not ask(facts(refused, permits=(before,)), rule, at=later).allowed
    assert ask(facts(refused, permits=(before, since)), rule, at=later).allowed
    here = AfterRefusal(days=60, reach=Reach.CAMPAIGN)
    assert ask(facts(call(NOW, campaign_id=2, is_refusal=True)), here, at=later).allowed
