# SPDX-License-Identifier: Apache-2.0
"""Numbers that are blocked outside of a claim, at the word of who has them (section 11)."""

import pytest

from server.domain.campaigns import AfterStatus, CallStatus
from server.domain.dialer import FinalReason, HopperPhoneState, WrongState, block, claim, report
from tests.domain.dialer.dialing import NO_ANSWER, at, call, due, final, loaded, settings

BLOCKED, OPEN = HopperPhoneState.BLOCKED, HopperPhoneState.OPEN


def test_a_blocked_number_leaves_its_row_at_its_place_and_the_next_is_due_as_it_was() -> None:
    entry = loaded()
    step = block(entry, settings(), {"P", "X"}, at(1))
    assert [(r.status, r.number, r.position, r.counted) for r in step.blocked] == [
        (CallStatus.BLACKLIST, "P", 0, None)
    ]
    assert (step.final, due(entry)) == (None, ("O", "READY", 0, 1))
    assert [phone.state for phone in entry.phones] == [BLOCKED, OPEN, OPEN]
    assert block(entry, settings(), {"P"}, at(2)).blocked == ()  # one row a stay


def test_a_number_that_is_not_next_is_passed_over_when_its_turn_comes() -> None:
    entry = loaded()
    step = block(entry, settings(), {"O"}, at(0))
    assert ([row.position for row in step.blocked], due(entry)[0]) == ([1], "P")
    call(entry, 0)
    assert due(entry) == ("H", "WAIT_NEXT_PHONE", 1, 1)


def test_the_last_number_of_a_round_that_is_blocked_ends_the_round() -> None:
    entry = loaded("PO")
    call(entry, 0)
    block(entry, settings(), {"O"}, at(0.5))
    assert due(entry) == ("P", "WAIT_RETRY", 2, 2)


def test_an_entry_whose_numbers_are_all_blocked_closes() -> None:
    entry = loaded("PO")
    assert final(block(entry, settings(), {"P", "O"}, at(0))).reason is (
        FinalReason.ALL_PHONES_BLOCKED
    )
    with pytest.raises(WrongState):
        block(entry, settings(), {"P"}, at(1))


@pytest.mark.parametrize("after", AfterStatus)
def test_a_call_that_is_up_goes_on_and_its_number_stays_blocked(after: AfterStatus) -> None:
    """Also where the status would dial the same number again."""
    rules = settings(after_status={NO_ANSWER: after})
    entry = loaded("PO")
    assert claim(entry, rules, at(0)).phone is not None
    step = block(entry, rules, {"P"}, at(0))
    assert (len(step.blocked), step.final, entry.state) == (1, None, "DIALING")
    report(entry, rules, NO_ANSWER, at(1))
    assert (entry.phones[0].state, due(entry)) == (BLOCKED, ("O", "WAIT_NEXT_PHONE", 2, 1))


def test_a_call_that_is_up_to_the_only_number_closes_the_stay_at_its_result() -> None:
    entry = loaded("P")
    claim(entry, settings(), at(0))
    block(entry, settings(), {"P"}, at(0))
    assert final(report(entry, settings(), NO_ANSWER, at(1))).reason is (
        FinalReason.ALL_PHONES_BLOCKED
    )
