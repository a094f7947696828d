# SPDX-License-Identifier: Apache-2.0
"""Entering the hopper and check_duplicate (dial-machine sections 4 and 9; X-35, X-40)."""

import pytest

from server.domain.campaigns import CheckDuplicate
from server.domain.dialer import DialState, FinalReason, admitted, call_back, load
from tests.domain.dialer.dialing import START, at, call, due, final, loaded, phones, settings

ALWAYS, IF_OPEN, NEVER = (
    CheckDuplicate.ALWAYS,
    CheckDuplicate.ONLY_IF_OPEN,
    CheckDuplicate.NEVER,
)
NEW = ["1", "2", "3"]


def test_always_on_an_empty_campaign_loads_everybody() -> None:
    """X-40, the bug of the field: (a)."""
    assert admitted(NEW, ALWAYS) == [True] * 3


@pytest.mark.parametrize(
    ("policy", "expected"),
    [(ALWAYS, [False] * 3), (IF_OPEN, [False] * 3), (NEVER, [True] * 3)],
)
def test_a_second_load_of_the_same_contacts_is_all_duplicates_but_under_never(
    policy: CheckDuplicate, expected: list[bool]
) -> None:
    """(b)."""
    assert admitted(NEW, policy, open_primaries=set(NEW)) == expected


def test_one_new_number_among_known_ones_is_loaded() -> None:
    """(c)."""
    assert admitted([*NEW, "4"], ALWAYS, open_primaries=set(NEW)) == [False, False, False, True]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (ALWAYS, [True, True, False]),
        (IF_OPEN, [True, True, False]),
        (NEVER, [True, True, True]),
    ],
)
def test_inside_one_load_the_first_of_two_equal_numbers_wins(
    policy: CheckDuplicate, expected: list[bool]
) -> None:
    """(d)."""
    assert admitted(["1", "2", "1"], policy) == expected


def test_a_contact_that_closed_on_another_number_is_still_known_by_its_primary() -> None:
    """(e): the final result keeps the primary beside the number called last."""
    rules = settings(max_attempts_per_contact=3)
    entry, _ = load("c1", phones("POH"), rules, START, primary_number="P")
    for minute in range(3):
        step = call(entry, minute, rules=rules)
    closed = final(step)
    assert (closed.number, closed.primary_number) == ("H", "P")
    known = {closed.primary_number}
    assert admitted(["P", "H"], ALWAYS, final_primaries=known) == [False, True]


def test_only_if_open_loads_a_closed_contact_again() -> None:
    """(f)."""
    assert admitted(["P"], IF_OPEN, final_primaries={"P"}) == [True]
    assert admitted(["P"], NEVER, final_primaries={"P"}, open_primaries={"P"}) == [True]


def test_an_entry_in_the_middle_of_its_numbers_is_open_by_its_primary() -> None:
    """(g)."""
    entry, _ = load("c1", phones("POH"), settings(), START, primary_number="P")
    call(entry, 0)
    assert entry.phone.number == "O"
    assert admitted(["P", "O"], IF_OPEN, open_primaries={entry.primary_number}) == [False, True]


def test_lists_that_left_before_the_check_make_no_duplicates() -> None:
    """(h): the detached list's entries are closed; ONLY_IF_OPEN no longer sees them."""
    assert admitted(NEW, IF_OPEN, open_primaries=set(), final_primaries=set(NEW)) == [True] * 3


def test_contacts_without_a_primary_number_are_duplicates_of_nobody() -> None:
    assert admitted([None, None], ALWAYS, open_primaries={"1"}) == [True, True]


def test_a_fresh_entry_is_due_now_or_when_the_contact_says_if_that_is_later() -> None:
    """X-35: per row, at its insertion."""
    for own, expected in ((None, 0), (at(-5), 0), (at(7), 7)):
        entry, closed = load("c1", phones("P"), settings(), START, scheduled_at=own)
        assert closed is None
        assert due(entry) == ("P", "READY", expected, 1)
        assert entry.total_attempts == 0
        assert entry.phone.failures() == {}


def test_a_contact_without_numbers_is_final_at_once() -> None:
    entry, closed = load("c1", [], settings(), START)
    assert closed is not None
    assert (closed.reason, closed.number, closed.status, closed.attempts, closed.at) == (
        FinalReason.NO_DIALABLE_PHONE,
        None,
        None,
        0,
        START,
    )
    assert entry.state is DialState.CLOSED


@pytest.mark.parametrize(("own", "ends"), [(None, 0), (None, -1), (9, 9), (10, 9)])
def test_nothing_is_loaded_to_be_dialed_at_or_after_the_end(own: int | None, ends: int) -> None:
    rules = settings(ends_at=at(ends))
    own_time = None if own is None else at(own)
    _, closed = load("c1", phones("P"), rules, START, scheduled_at=own_time)
    assert closed is not None
    assert (closed.reason, closed.at, closed.counters) == (FinalReason.CAMPAIGN_ENDED, START, {})


def test_a_callback_dials_the_reached_number_alone_with_fresh_counters() -> None:
    """Section 4 (DISPOSITION) and section 6, row 11."""
    before = loaded("POH")
    call(before, 0)
    entry = call_back("c1", before.phones[1], at(90), priority=1)
    assert due(entry) == ("O", "WAIT_CALLBACK", 90, 1)
    assert [call(entry, 90 + 2 * n).final is None for n in range(3)] == [True, True, False]
    assert entry.phones[0].failures() == {"NO_ANSWER": 3}
