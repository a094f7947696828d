# SPDX-License-Identifier: Apache-2.0
"""What holds for every campaign, contact and course of results (dial-machine section 10)."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.campaigns import (
    FAILURE_INDEX,
    FAILURES,
    AfterStatus,
    CallStatus,
    CampaignSettings,
    ExhaustionPolicy,
    RetryRule,
)
from server.domain.dialer import (
    DialState,
    Entry,
    FinalReason,
    FinalRow,
    HistoryRow,
    HopperPhoneState,
    claim,
    expire_lease,
    load,
    report,
)
from server.domain.simulation import simulate
from tests.domain.dialer.dialing import START, phones
from tests.domain.dialer.vectors import LETTERS, Json, contact, scenario

RULES = st.dictionaries(
    st.sampled_from(FAILURES),
    st.builds(RetryRule, max=st.integers(0, 4), minutes=st.integers(0, 9)),
)
AFTER = st.dictionaries(st.sampled_from(FAILURES), st.sampled_from(AfterStatus), max_size=3)
SETTINGS = st.builds(
    CampaignSettings,
    retry=RULES,
    after_status=AFTER,
    global_max_retry=st.integers(0, 6),
    additional_phones_after=st.integers(0, 9),
    exhaustion_policy=st.sampled_from(ExhaustionPolicy),
    max_attempts_per_contact=st.none() | st.integers(1, 12),
    ends_at=st.none() | st.integers(1, 400).map(lambda m: START + timedelta(minutes=m)),
)
FAILED = st.sampled_from(FAILURES)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from([*FAILURES * 3, CallStatus.ANSWER, CallStatus.LOST]),
        st.booleans(),  # whether a lost call was confirmed
        st.integers(0, 5),  # minutes that the call lasts
        st.integers(0, 3),  # minutes that the claim comes late
        st.frozensets(st.sampled_from("POHZ"), max_size=1),  # blacklisted from now on
    ),
    min_size=1,
    max_size=60,
)


@dataclass
class Course:
    entry: Entry
    history: list[HistoryRow]
    final: FinalRow | None
    due: list[datetime]


def course(
    rules: CampaignSettings,
    letters: str,
    events: list[tuple[CallStatus, bool, int, int, frozenset[str]]],
) -> Course:
    """Dial one contact through these events, and look at it after each step."""
    entry, final = load("c1", phones(letters), rules, START)
    history: list[HistoryRow] = []
    due = [entry.scheduled_at]
    blacklisted: set[str] = set()
    now = START
    for status, confirmed, lasts, late, blocked in events:
        if final is not None:
            break
        blacklisted |= blocked
        now = max(now, entry.scheduled_at) + timedelta(minutes=late)
        step = claim(entry, rules, now, blacklisted=blacklisted)
        history += step.blocked
        final = step.final
        due.append(entry.scheduled_at)
        if step.phone is None:
            continue
        now += timedelta(minutes=lasts)
        if status is CallStatus.LOST:
            outcome = expire_lease(entry, rules, now, confirmed=confirmed)
        else:
            outcome = report(entry, rules, status, now)
        history.append(outcome.history)
        final = outcome.final
        due.append(entry.scheduled_at)
    return Course(entry, history, final, due)


COURSES = st.builds(course, SETTINGS, st.sampled_from(["P", "PO", "POH", "POHZ"]), EVENTS)


@settings(max_examples=400)
@given(COURSES)
def test_replaying_the_history_rebuilds_every_counter(run: Course) -> None:
    """And history rows are attempts and blocked numbers, no more and no less (X-33)."""
    counted = Counter((row.number, row.counted) for row in run.history if row.counted)
    stored = {
        (phone.number, status): count
        for phone in run.entry.phones
        for status, count in phone.failures().items()
    }
    assert counted == stored
    answered = sum(row.status is CallStatus.ANSWER for row in run.history)
    blocked = [row.number for row in run.history if row.status is CallStatus.BLACKLIST]
    lost = sum(row.status is CallStatus.LOST and row.counted is None for row in run.history)
    assert run.entry.total_attempts == counted.total() + answered
    assert len(run.history) == run.entry.total_attempts + len(blocked) + lost
    assert len(blocked) == len(set(blocked))
    assert set(blocked) == {
        p.number for p in run.entry.phones if p.state is HopperPhoneState.BLOCKED
    }


@settings(max_examples=400)
@given(COURSES)
def test_the_time_of_an_entry_never_moves_backwards(run: Course) -> None:
    assert run.due == sorted(run.due)
    rounds = [row.round for row in run.history]
    assert rounds == sorted(rounds)


@settings(max_examples=400)
@given(COURSES)
def test_a_round_dials_its_numbers_in_order_and_each_once(run: Course) -> None:
    """X-29, X-30; a number that is tried again (RETRY_SAME, a lost call) keeps its turn."""
    places: dict[int, list[int]] = {}
    for row in run.history:
        places.setdefault(row.round, []).append(row.position)
    for dialed in places.values():
        assert dialed == sorted(dialed)
    again = any(row.status is CallStatus.LOST and not row.counted for row in run.history)
    if not again and not any(row.decision is DialState.WAIT_RETRY for row in same_number(run)):
        assert all(len(set(dialed)) == len(dialed) for dialed in places.values())


def same_number(run: Course) -> list[HistoryRow]:
    """The rows that repeat the number and the round of the row before."""
    pairs = zip(run.history, run.history[1:], strict=False)
    return [b for a, b in pairs if (a.round, a.position) == (b.round, b.position)]


@settings(max_examples=400)
@given(COURSES)
def test_a_final_row_shows_the_last_call_and_its_number_s_failures(run: Course) -> None:
    """X-34; and only a limit that was reached is named (X-32)."""
    if run.final is None:
        assert run.entry.state is not DialState.CLOSED
        return
    assert run.entry.state is DialState.CLOSED
    real = [r for r in run.history if r.counted or r.status is CallStatus.ANSWER]
    last = real[-1] if real else None
    assert run.final.number == (last.number if last else None)
    assert run.final.status == ((last.counted or last.status) if last else None)
    assert run.final.counters == Counter(
        r.counted for r in real if last and r.number == last.number and r.counted
    )
    assert run.final.attempts == len(real)
    assert (run.final.limit is not None) == (run.final.reason is FinalReason.RETRY_EXCEEDED)


@settings(max_examples=300)
@given(SETTINGS, st.sampled_from(["P", "PO", "POH"]), st.lists(FAILED, min_size=1, max_size=9))
def test_dialing_ends_whatever_happens(
    rules: CampaignSettings, letters: str, statuses: list[CallStatus]
) -> None:
    """No number is called more often than the global limit, so every stay is finite."""
    entry, final = load("c1", phones(letters), rules, START)
    calls: Counter[str] = Counter()
    while final is None:
        step = claim(entry, rules, entry.scheduled_at)
        assert step.phone is not None
        calls[step.phone.number] += 1
        assert calls[step.phone.number] <= rules.global_limit
        status = statuses[calls.total() % len(statuses)]
        before = [list(phone.counters) for phone in entry.phones]
        final = report(entry, rules, status, entry.scheduled_at).final
        changed = [
            (phone.number, place)
            for phone, old in zip(entry.phones, before, strict=True)
            for place in range(len(FAILURES))
            if phone.counters[place] != old[place]
        ]
        assert changed == [(step.phone.number, FAILURE_INDEX[status])]


HOURS = st.integers(0, 23).map(lambda hour: f"{hour:02}:00")


@settings(max_examples=200)
@given(
    window=st.tuples(HOURS, HOURS).filter(lambda pair: pair[0] != pair[1]),
    lines=st.integers(1, 3),
    seconds=st.sampled_from([0, 60, 4000]),
    owners=st.lists(st.sampled_from(["P", "PO", "OP", "HO"]), min_size=1, max_size=5),
    blacklist=st.sampled_from(["", "P", "O"]),
    statuses=st.lists(st.sampled_from([*FAILURES, CallStatus.ANSWER]), min_size=1, max_size=6),
)
def test_lines_window_and_numbers_hold_for_contacts_that_share_numbers(
    window: tuple[str, str],
    lines: int,
    seconds: int,
    owners: list[str],
    blacklist: str,
    statuses: list[CallStatus],
) -> None:
    """Nothing is claimed outside the window, no number is in two calls, and all is closed."""
    campaign: Json = {
        "window": {"from": window[0], "to": window[1], "timezone": "UTC"},
        "checkDuplicate": "NEVER",
    }
    contacts = [contact(own, statuses, id=f"c{n}") for n, own in enumerate(owners)]
    answer = simulate(
        scenario(
            *contacts, campaign=campaign, blacklist=blacklist, lines=lines, callSeconds=seconds
        )
    )
    assert answer["open"] == []
    assert len(answer["final"]) == len(owners)
    calls = [
        (datetime.fromisoformat(cast(str, row["at"])), LETTERS[cast(str, row["phone"])])
        for row in answer["history"]
        if row["status"] != "BLACKLIST"
    ]
    assert not any(letter in blacklist for _, letter in calls)
    opens, closes = (int(text[:2]) for text in window)
    for at, letter in calls:
        hour = at.astimezone(UTC).hour
        assert opens <= hour < closes if opens < closes else (hour >= opens or hour < closes)
        up = [other for began, other in calls if began <= at < began + timedelta(seconds=seconds)]
        assert len(up) <= lines
        assert up.count(letter) <= 1
