# SPDX-License-Identifier: Apache-2.0
"""Numbers that are not available: left out of a load, set aside, and back (C-06, C-08)."""

import pytest

from server.domain.dialer import (
    AdditionalNumber,
    Entry,
    EntryPhone,
    FinalReason,
    call_back,
    claim,
    dial_order,
    load,
    phones_changed,
    report,
)
from tests.domain.dialer.dialing import NO_ANSWER, START, at, call, due, loaded, settings


def phones(letters: str) -> list[EntryPhone]:
    """The first is the primary; a small letter is a number that is not available."""
    return dial_order(
        letters[0].upper(),
        [AdditionalNumber(one.upper(), is_available=one.isupper()) for one in letters[1:]],
        is_primary_available=letters[0].isupper(),
    )


def shown(entry: Entry) -> str:
    """The numbers in their order with their failures, those set aside in small letters."""
    return " ".join(
        (phone.number if phone.is_available else phone.number.lower()) + str(sum(phone.counters))
        for phone in entry.phones
    )


@pytest.mark.parametrize(
    ("letters", "dialed"), [("PoH", "PH"), ("pOH", "OH"), ("pO", "O"), ("POH", "POH")]
)
def test_a_load_leaves_them_out_of_the_order(letters: str, dialed: str) -> None:  # C-08
    entry, final = load("c1", phones(letters), settings(), START)
    assert final is None
    assert "".join(phone.number for phone in entry.phones) == dialed
    assert [phone.position for phone in entry.phones] == list(range(len(dialed)))


def test_with_no_number_available_there_is_none_to_dial() -> None:  # C-08
    _, final = load("c1", phones("po"), settings(), START, primary_number="P")
    assert final is not None
    assert (final.reason, final.primary_number) == (FinalReason.NO_DIALABLE_PHONE, "P")


def test_one_set_aside_in_a_round_is_passed_over_and_gives_its_turn_to_the_next() -> None:
    entry = loaded("POH")
    call(entry, 0)
    phones_changed(entry, settings(), phones("PoH"), at(0))
    assert due(entry) == ("H", "WAIT_NEXT_PHONE", 1, 1)
    assert shown(entry) == "P1 H0 o0"
    call(entry, 1)
    assert due(entry) == ("P", "WAIT_RETRY", 3, 2)


def test_one_that_comes_back_has_its_old_place_and_its_counters() -> None:
    """Only new digits start from zero (C-06): else a limit could be walked around."""
    entry = loaded("POH")
    for minute in (0, 1, 2, 4):
        call(entry, minute)
    phones_changed(entry, settings(), phones("PoH"), at(4))
    assert shown(entry) == "P2 H1 o1"
    phones_changed(entry, settings(), phones("POH"), at(4))
    assert shown(entry) == "P2 O1 H1"
    assert due(entry) == ("H", "WAIT_NEXT_PHONE", 5, 2)


def test_one_that_comes_back_before_the_current_waits_for_the_next_round() -> None:
    entry = loaded("POH")
    call(entry, 0)
    phones_changed(entry, settings(), phones("PoH"), at(0))
    phones_changed(entry, settings(), phones("POH"), at(0))
    assert due(entry) == ("H", "WAIT_NEXT_PHONE", 1, 1)
    call(entry, 1)
    assert due(entry) == ("P", "WAIT_RETRY", 3, 2)
    call(entry, 3)
    assert due(entry) == ("O", "WAIT_NEXT_PHONE", 4, 2)


def test_a_round_that_starts_sorts_them_behind_and_keeps_their_counters() -> None:
    entry = loaded("PO")
    call(entry, 0)
    claim(entry, settings(), at(1))
    report(entry, settings(), NO_ANSWER, at(1), relist=lambda: phones("pO"))
    assert shown(entry) == "O1 p1"
    assert due(entry) == ("O", "WAIT_RETRY", 3, 2)


def test_the_last_one_available_ends_the_stay_as_it_goes() -> None:  # C-08
    entry = loaded("PO")
    call(entry, 0)
    final, _ = phones_changed(entry, settings(), phones("po"), at(0))
    assert final is not None
    assert (final.reason, final.number, sum(final.counters.values())) == (
        FinalReason.NO_DIALABLE_PHONE,
        "P",
        1,
    )


def test_a_number_at_its_limit_that_is_set_aside_closes_nobody() -> None:
    """Section 5, step 5 asks the numbers that take part."""
    rules = settings((NO_ANSWER, 1, 2))
    entry = loaded("PO", rules)
    call(entry, 0, rules=rules)
    phones_changed(entry, rules, phones("pO"), at(0))
    assert call(entry, 1, rules=rules).final is not None
    entry = loaded("PO", settings((NO_ANSWER, 2, 2)))
    call(entry, 0, rules=rules)
    final, _ = phones_changed(entry, rules, phones("pO"), at(0))
    assert final is None
    assert due(entry) == ("O", "WAIT_NEXT_PHONE", 1, 1)


def test_the_number_in_a_call_is_set_aside_after_it() -> None:
    entry = loaded("PO")
    claim(entry, settings(), at(0))
    assert phones_changed(entry, settings(), phones("pO"), at(0)) == (None, True)
    assert report(entry, settings(), NO_ANSWER, at(1)).history.number == "P"
    assert phones_changed(entry, settings(), phones("pO"), at(1)) == (None, False)
    assert shown(entry) == "O0 p1"
    assert due(entry) == ("O", "WAIT_NEXT_PHONE", 2, 1)


def test_a_callback_to_a_number_that_is_set_aside_is_not_made() -> None:
    entry = call_back("c1", EntryPhone(number="O"), at(5), primary_number="P")
    final, _ = phones_changed(entry, settings(), phones("Po"), at(0))
    assert final is not None
    assert final.reason is FinalReason.NO_DIALABLE_PHONE
