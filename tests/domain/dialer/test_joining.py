# SPDX-License-Identifier: Apache-2.0
"""Two open stays of one campaign become one, and nothing is reset or dialed twice (X-28)."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from server.domain.campaigns import FAILURES, AfterStatus, CallStatus, CampaignSettings
from server.domain.dialer import (
    DialState,
    Entry,
    EntryPhone,
    FinalReason,
    HopperPhoneState,
    WrongState,
    call_back,
    claim,
    join,
    load,
    report,
    surviving,
)
from tests.domain.dialer.dialing import NO_ANSWER, START, at, call, due, phones, settings
from tests.domain.dialer.test_invariants import SETTINGS


def opened(letters: str, key: int = 1, rules: CampaignSettings | None = None) -> Entry:
    entry, final = load(key, phones(letters), rules or settings(), START)
    assert final is None
    return entry


def failures(entry: Entry) -> dict[str, int]:
    return {phone.number: sum(phone.counters) for phone in entry.phones}


def test_the_higher_counter_of_each_number_is_kept_and_attempts_add_up() -> None:
    mine, other = opened("ABC"), opened("DBE", 2)
    for minute in (0, 1, 2, 4):
        call(mine, minute)  # A B C | A
    call(other, 0)
    call(other, 1)  # D B
    assert join(mine, [other], phones("ABCDE"), settings(), at(5)) is None
    assert failures(mine) == {"A": 2, "B": 1, "C": 1, "D": 1, "E": 0}
    assert mine.total_attempts == 6
    assert (mine.first_attempt_at, mine.last_attempt_at, mine.last_number) == (at(0), at(4), "A")


def test_what_either_has_dialed_in_its_round_waits_for_the_next_one() -> None:
    """The master stands in its second round after A, the other in its first one after D and B."""
    mine, other = opened("ABC"), opened("DBE", 2)
    for minute in (0, 1, 2, 4):
        call(mine, minute)
    call(other, 3)
    call(other, 4)
    join(mine, [other], phones("ABCDE"), settings(), at(5))
    assert due(mine) == ("C", "WAIT_NEXT_PHONE", 5, 2)
    dialed = []
    for minute in range(5, 30):
        if mine.round > 2:
            break
        dialed.append(mine.phone.number)
        call(mine, minute)
    assert dialed == ["C", "E"]


def test_a_fresh_master_goes_on_in_the_round_that_the_other_has_begun() -> None:
    mine, other = opened("AB"), opened("CB", 2)
    call(other, 0)
    join(mine, [other], phones("ABC"), settings(), at(1))
    assert due(mine) == ("A", "WAIT_NEXT_PHONE", 1, 1)
    assert [phone.number for phone in mine.phones] == ["C", "A", "B"]


def test_two_that_were_never_called_are_fresh_and_in_dial_order() -> None:
    mine, other = opened("AB"), opened("CB", 2)
    join(mine, [other], phones("ABC"), settings(), at(1))
    assert due(mine) == ("A", "READY", 0, 1)
    assert [phone.number for phone in mine.phones] == ["A", "B", "C"]


def test_a_round_that_has_nothing_left_ends_by_the_rules_of_a_round() -> None:
    mine, other = opened("AB"), opened("BA", 2)
    call(mine, 0)
    call(other, 1)
    join(mine, [other], phones("AB"), settings(), at(2))
    # Each has dialed what the other has left: the wait counts from the last real call.
    assert due(mine) == ("A", "WAIT_RETRY", 3, 2)


def test_the_number_that_is_to_be_dialed_again_comes_next() -> None:
    rules = settings(after_status={CallStatus.BUSY: AfterStatus.RETRY_SAME})
    mine, other = opened("AB", rules=rules), opened("CD", 2, rules)
    call(mine, 0, CallStatus.BUSY, rules)
    call(other, 0, NO_ANSWER, rules)
    join(mine, [other], phones("ABCD"), rules, at(1))
    assert [phone.number for phone in mine.phones] == ["C", "A", "B", "D"]
    assert due(mine) == ("A", "WAIT_RETRY", 2, 1)


def test_a_cap_that_both_have_reached_together_closes_the_stay() -> None:  # reliability 5 (e)
    rules = settings(max_attempts_per_contact=3)
    mine, other = opened("AB", rules=rules), opened("CD", 2, rules)
    for entry in (mine, other):
        call(entry, 0, NO_ANSWER, rules)
    call(other, 1, NO_ANSWER, rules)
    final = join(mine, [other], phones("ABCD"), rules, at(2))
    assert final is not None
    assert (final.reason, final.attempts) == (FinalReason.CONTACT_CAP, 3)


def test_a_number_that_one_has_found_blacklisted_stays_blocked() -> None:
    mine, other = opened("ABC"), opened("DB", 2)
    call(other, 0, blacklisted="D")
    join(mine, [other], phones("ABCD"), settings(), at(1))
    blocked = {p.number for p in mine.phones if p.state is HopperPhoneState.BLOCKED}
    assert blocked == {"D"}


def test_counters_of_a_number_that_is_set_aside_come_along() -> None:  # C-06
    mine, other = opened("A"), opened("BC", 2)
    call(other, 0)
    fresh = phones("ABC")
    fresh[1].is_available = False
    join(mine, [other], [fresh[0], fresh[2], fresh[1]], settings(), at(1))
    assert failures(mine) == {"A": 0, "B": 1, "C": 0}
    assert [phone.number for phone in mine.phones if not phone.is_available] == ["B"]


def test_a_promise_to_call_back_outlives_the_masters_own_stay() -> None:
    mine, other = opened("AB"), opened("CD", 2)
    late = call_back(3, EntryPhone(number="C"), at(90), primary_number="C")
    early = call_back(4, EntryPhone(number="D"), at(60), primary_number="C")
    assert surviving([mine, other], mine) is mine
    survivor = surviving([mine, late, early], mine)
    assert survivor is early
    assert join(survivor, [mine, late], phones("ABCD"), settings(), at(1)) is None
    assert due(survivor) == ("D", "WAIT_CALLBACK", 60, 1)
    assert [phone.number for phone in survivor.phones] == ["D"]


def test_without_the_master_the_one_that_was_called_most_goes_on() -> None:
    first, second, third = opened("A", 1), opened("B", 2), opened("C", 3)
    assert surviving([third, second, first], None) is first
    call(second, 0)
    assert surviving([first, second, third], None) is second


@pytest.mark.parametrize("place", [0, 1])
def test_nobody_is_merged_under_a_call(place: int) -> None:  # D3
    entries = [opened("A"), opened("B", 2)]
    claim(entries[place], settings(), at(0))
    with pytest.raises(WrongState):
        join(entries[0], [entries[1]], phones("AB"), settings(), at(1))


STEPS = st.lists(st.sampled_from(FAILURES), max_size=12)


@profile(max_examples=300)
@given(
    SETTINGS,
    STEPS,
    STEPS,
    STEPS,
    st.permutations("ABCDE").map("".join),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_whatever_happened_no_number_is_dialed_twice_in_a_round_and_nothing_is_reset(
    rules: CampaignSettings,
    mine_steps: list[CallStatus],
    other_steps: list[CallStatus],
    later: list[CallStatus],
    letters: str,
    mine_count: int,
    other_count: int,
) -> None:
    """Two courses of calls over overlapping numbers, joined, and the calls that follow."""
    mine, other = (
        _course(1, letters[:mine_count], rules, mine_steps),
        _course(2, letters[-other_count:], rules, other_steps),
    )
    if mine is None or other is None:
        return  # one was closed before they met
    retries = AfterStatus.RETRY_SAME in rules.after
    before = [(entry.phones, entry.total_attempts, entry.scheduled_at) for entry in (mine, other)]
    counters = [{p.number: list(p.counters) for p in found} for found, _, _ in before]
    dialed = set() if retries else _dialed(mine) | _dialed(other)
    union = phones("".join(dict.fromkeys(letters[:mine_count] + letters[-other_count:])))
    now = max(mine.scheduled_at, other.scheduled_at)
    final = join(mine, [other], union, rules, now)
    assert mine.total_attempts == sum(attempts for _, attempts, _ in before)
    for phone in mine.phones:
        known = [one[phone.number] for one in counters if phone.number in one]
        assert phone.counters == [max(each) for each in zip(*known, strict=True)]
    assert [p.number for p in mine.phones] == list(dict.fromkeys(p.number for p in mine.phones))
    if final is not None:
        return
    assert {phone.number for phone in mine.phones} == set(letters[:mine_count]) | set(
        letters[-other_count:]
    )
    assert mine.scheduled_at >= max(at for _, _, at in before)
    seen: Counter[tuple[int, str]] = Counter((mine.round, number) for number in dialed)
    if _starts_a_round(mine):
        seen.clear()  # the round that they shared has ended
    for status in later:
        moment = mine.scheduled_at + timedelta(seconds=1)
        taken = claim(mine, rules, moment)
        if taken.phone is None:
            break
        seen[mine.round, taken.phone.number] += 1
        if not retries:
            assert seen[mine.round, taken.phone.number] == 1
        cap = rules.max_attempts_per_contact
        assert cap is None or mine.total_attempts < cap
        if report(mine, rules, status, moment).final is not None:
            break


def _course(
    key: int, letters: str, rules: CampaignSettings, steps: list[CallStatus]
) -> Entry | None:
    """The entry after these calls, or None where it ended."""
    entry, final = load(key, phones(letters), rules, START)
    for status in steps:
        if final is not None:
            return None
        if claim(entry, rules, entry.scheduled_at).phone is None:
            return None
        final = report(entry, rules, status, entry.scheduled_at).final
    return None if final is not None else entry


def _dialed(entry: Entry) -> set[str]:
    if entry.state is not DialState.WAIT_NEXT_PHONE:
        return set()
    return {phone.number for phone in entry.phones[: entry.position]}


def _starts_a_round(entry: Entry) -> bool:
    return entry.state in (DialState.WAIT_RETRY, DialState.READY)
