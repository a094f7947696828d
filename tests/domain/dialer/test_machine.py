# SPDX-License-Identifier: Apache-2.0
"""The transitions of an entry, row by row (dial-machine sections 4, 5 and 6; X-30 to X-34)."""

import pytest

from server.domain.campaigns import (
    FAILURES,
    AfterStatus,
    CallingWindow,
    CallStatus,
    ExhaustionPolicy,
)
from server.domain.dialer import (
    DialState,
    FinalReason,
    HopperPhoneState,
    Limit,
    WrongState,
    claim,
    close,
    end_passed,
    report,
)
from tests.domain.dialer.dialing import (
    NO_ANSWER,
    at,
    call,
    due,
    final,
    loaded,
    phones,
    settings,
)

ALL_PHONES = ExhaustionPolicy.ALL_PHONES
BUSY, DROP, ANSWER = CallStatus.BUSY, CallStatus.DROP, CallStatus.ANSWER


@pytest.mark.parametrize("status", FAILURES)
def test_every_failure_counts_on_its_number_and_advances(status: CallStatus) -> None:
    """X-30; section 6, rows 8 and 9: a drop and a busy line are failures like the others."""
    entry = loaded()
    row = call(entry, 0, status).history
    assert due(entry) == ("O", "WAIT_NEXT_PHONE", 1, 1)
    assert entry.phones[0].failures() == {status: 1}
    assert (entry.total_attempts, entry.last_number) == (1, "P")
    assert (row.status, row.counted, row.round, row.position) == (status, status, 1, 0)


def test_an_answer_ends_the_stay_and_is_no_failure() -> None:
    entry = loaded()
    call(entry, 0)
    step = call(entry, 1, ANSWER, lasts=3)
    closed = final(step)
    assert (closed.reason, closed.number, closed.status) == (FinalReason.REACHED, "O", ANSWER)
    assert (closed.counters, closed.attempts, closed.at) == ({}, 2, at(4))
    assert (closed.first_attempt_at, closed.last_attempt_at) == (at(0), at(4))
    assert step.history.counted is None
    assert entry.state is DialState.CLOSED


def test_waits_count_from_the_result_and_not_from_the_start_of_the_call() -> None:
    """Section 6, row 5; the history keeps when the call started."""
    entry = loaded("PO")
    row = call(entry, 5, lasts=3).history
    assert (row.scheduled_at, row.started_at, row.ended_at) == (at(0), at(5), at(8))
    assert due(entry) == ("O", "WAIT_NEXT_PHONE", 9, 1)
    call(entry, 30, lasts=1)
    assert due(entry) == ("P", "WAIT_RETRY", 33, 2)


def test_zero_minutes_call_the_next_number_at_once() -> None:
    rules = settings(additional_phones_after=0)
    entry = loaded()
    call(entry, 4, rules=rules)
    assert due(entry) == ("O", "WAIT_NEXT_PHONE", 4, 1)


def test_a_limit_reached_in_the_middle_of_a_round_does_not_end_it() -> None:
    """Section 6, row 2: only at the round's end, over all numbers."""
    rules = settings((NO_ANSWER, 1, 2))
    entry = loaded()
    assert call(entry, 0, rules=rules).final is None
    assert entry.phones[0].state is HopperPhoneState.EXHAUSTED
    assert call(entry, 1, rules=rules).final is None
    assert final(call(entry, 2, rules=rules)).reason is FinalReason.RETRY_EXCEEDED


def test_the_global_limit_is_per_number_and_not_per_contact() -> None:
    """Section 6, row 3: nine calls on three numbers, with a global limit of 4."""
    entry = loaded()
    statuses = [BUSY] * 3 + [DROP] * 3 + [NO_ANSWER] * 3
    for number, status in enumerate(statuses):
        assert call(entry, number * 5, status).final is None
    assert entry.total_attempts == 9


@pytest.mark.parametrize("maximum", [0, 1])
def test_a_max_of_0_and_of_1_are_both_one_attempt(maximum: int) -> None:
    """Section 6, row 10; section 11, for the global limit too."""
    rules = settings((BUSY, maximum, 2))
    assert final(call(loaded("P"), 0, BUSY, rules)).limit == Limit("BUSY", "P")
    assert call(loaded("P"), 0, NO_ANSWER, rules).final is None
    rules = settings(global_max_retry=maximum)
    assert final(call(loaded("P"), 0, BUSY, rules)).limit == Limit("GLOBAL", "P")


def test_the_cap_closes_at_once_even_in_the_middle_of_a_round() -> None:
    rules = settings(max_attempts_per_contact=2)
    entry = loaded()
    call(entry, 0, rules=rules)
    closed = final(call(entry, 1, rules=rules))
    assert (closed.reason, closed.number, closed.limit) == (FinalReason.CONTACT_CAP, "O", None)


def test_the_cap_does_not_stand_before_an_answer() -> None:
    rules = settings(max_attempts_per_contact=1)
    assert final(call(loaded(), 0, ANSWER, rules)).reason is FinalReason.REACHED


def test_retry_same_stays_on_the_number_until_it_is_exhausted() -> None:
    """Section 5, step 3: the same round, the status's own wait; then step 4."""
    rules = settings((DROP, 2, 7), after_status={DROP: AfterStatus.RETRY_SAME})
    entry = loaded("PO")
    call(entry, 0, DROP, rules)
    assert due(entry) == ("P", "WAIT_RETRY", 7, 1)
    call(entry, 7, DROP, rules)
    assert due(entry) == ("O", "WAIT_NEXT_PHONE", 8, 1)
    assert final(call(entry, 8, rules=rules)).limit == Limit("DROP", "P")


def test_close_phone_exhausts_a_number_at_its_first_failure_of_that_kind() -> None:
    """Section 5, step 3. Under ANY_PHONE one exhausted number closes at the round's end."""
    after = {BUSY: AfterStatus.CLOSE_PHONE}
    rules = settings(after_status=after)
    entry = loaded("PO")
    call(entry, 0, BUSY, rules)
    assert entry.phones[0].state is HopperPhoneState.EXHAUSTED
    assert due(entry) == ("O", "WAIT_NEXT_PHONE", 1, 1)
    assert final(call(entry, 1, rules=rules)).limit == Limit("BUSY", "P")
    rules = settings(after_status=after, exhaustion_policy=ALL_PHONES)
    entry = loaded("PO")
    call(entry, 0, BUSY, rules)
    call(entry, 1, rules=rules)
    assert due(entry) == ("O", "WAIT_RETRY", 3, 2)


def test_all_phones_passes_over_exhausted_numbers_in_a_round() -> None:
    rules = settings((BUSY, 1, 2), exhaustion_policy=ALL_PHONES)
    entry = loaded("POH")
    call(entry, 0, rules=rules)
    call(entry, 1, BUSY, rules)
    call(entry, 2, rules=rules)
    assert due(entry) == ("P", "WAIT_RETRY", 4, 2)
    call(entry, 4, rules=rules)
    assert due(entry) == ("H", "WAIT_NEXT_PHONE", 5, 2)


def test_a_limit_raised_in_the_middle_lets_the_contact_go_on() -> None:
    """Exhaustion is computed from the counters and the settings of the moment."""
    entry = loaded("PO")
    call(entry, 0, rules=settings((NO_ANSWER, 1, 2)))
    assert call(entry, 1, rules=settings((NO_ANSWER, 2, 2))).final is None
    assert due(entry) == ("P", "WAIT_RETRY", 3, 2)


def test_the_limit_named_is_of_the_last_number_if_that_is_exhausted() -> None:
    rules = settings((NO_ANSWER, 1, 2))
    entry = loaded("PO")
    call(entry, 0, rules=rules)
    assert final(call(entry, 1, rules=rules)).limit == Limit("NO_ANSWER", "O")


def test_of_two_limits_on_one_number_the_status_just_recorded_is_named() -> None:
    """Two can be reached at once only where the limits were lowered in the middle."""
    for last, before in ((BUSY, NO_ANSWER), (NO_ANSWER, BUSY)):
        entry = loaded("P")
        call(entry, 0, before)
        rules = settings((NO_ANSWER, 1, 2), (BUSY, 1, 2))
        assert final(call(entry, 2, last, rules)).limit == Limit(last, "P")
    entry = loaded("PO")
    for minute, status in enumerate((NO_ANSWER, DROP, BUSY)):
        call(entry, minute * 3, status)
    # On a number that was not called just now, the first in the order of the counters.
    assert final(call(entry, 12, DROP, rules)).limit == Limit("BUSY", "P")


def test_nothing_is_claimed_before_its_time() -> None:
    entry = loaded()
    call(entry, 0)
    assert claim(entry, settings(), at(0.99)) == (None, None, ())
    assert claim(entry, settings(), at(1)).phone is entry.phones[1]


def test_an_entry_waits_for_the_window_and_keeps_its_time() -> None:
    """Section 6, row 6."""
    window = CallingWindow(opens=at(30).time(), closes=at(60).time())
    rules = settings(window=window)
    entry = loaded()
    assert claim(entry, rules, at(29)).phone is None
    assert due(entry) == ("P", "READY", 0, 1)
    assert claim(entry, rules, at(60)).phone is None
    assert claim(entry, rules, at(30)).phone is entry.phone


def test_a_retry_at_or_after_the_end_closes_as_it_is_computed() -> None:
    """Section 6, row 7: never a loop; the final shows the last call."""
    for ends in (1, 0.5):
        rules = settings(ends_at=at(ends))
        closed = final(call(loaded(rules=rules), 0, BUSY, rules))
        assert (closed.reason, closed.number, closed.status, closed.at) == (
            FinalReason.CAMPAIGN_ENDED,
            "P",
            BUSY,
            at(0),
        )
        assert closed.counters == {BUSY: 1}
    assert call(loaded(), 0, BUSY, settings(ends_at=at(1.01))).final is None


def test_nothing_is_dialed_at_or_after_the_end() -> None:
    rules = settings(ends_at=at(10))
    entry = loaded(rules=rules)
    assert end_passed(entry, rules, at(9.99)) is None
    assert final(claim(entry, rules, at(10))).reason is FinalReason.CAMPAIGN_ENDED
    entry = loaded(rules=rules)
    closed = end_passed(entry, rules, at(10))
    assert closed is not None
    assert (closed.reason, closed.number, closed.at) == (FinalReason.CAMPAIGN_ENDED, None, at(10))


def test_a_call_that_is_up_when_the_end_passes_closes_with_its_result() -> None:
    rules = settings(ends_at=at(10))
    entry = loaded(rules=rules)
    claim(entry, rules, at(9))
    assert end_passed(entry, rules, at(10)) is None
    assert final(report(entry, rules, NO_ANSWER, at(11))).reason is FinalReason.CAMPAIGN_ENDED


@pytest.mark.parametrize("reason", [FinalReason.MANUAL, FinalReason.CONTACT_DELETED])
def test_a_waiting_entry_closes_for_a_reason_from_outside(reason: FinalReason) -> None:
    entry = loaded()
    call(entry, 0, BUSY)
    closed = close(entry, reason, at(5))
    assert closed is not None
    assert (closed.reason, closed.number, closed.status, closed.at) == (reason, "P", BUSY, at(5))


def test_an_entry_in_a_call_closes_after_it() -> None:
    entry = loaded()
    claim(entry, settings(), at(0))
    assert close(entry, FinalReason.MOVED, at(0)) is None
    assert entry.state is DialState.DIALING
    step = report(entry, settings(), NO_ANSWER, at(1))
    assert (final(step).reason, final(step).counters) == (FinalReason.MOVED, {NO_ANSWER: 1})
    assert step.history.status is NO_ANSWER


def test_an_answer_is_kept_although_a_close_was_asked_for() -> None:
    entry = loaded()
    claim(entry, settings(), at(0))
    close(entry, FinalReason.MOVED, at(0))
    assert final(report(entry, settings(), ANSWER, at(1))).reason is FinalReason.REACHED


def test_events_that_a_state_cannot_take_are_faults_of_the_engine() -> None:
    entry = loaded()
    with pytest.raises(WrongState):
        report(entry, settings(), NO_ANSWER, at(0))
    claim(entry, settings(), at(0))
    with pytest.raises(WrongState):
        claim(entry, settings(), at(0))
    for status in (CallStatus.BLACKLIST, CallStatus.LOST):
        with pytest.raises(WrongState):
            report(entry, settings(), status, at(0))
    report(entry, settings(), ANSWER, at(0))
    for event in (close, lambda entry, *_: report(entry, settings(), ANSWER, at(1))):
        with pytest.raises(WrongState):
            event(entry, FinalReason.MANUAL, at(1))


def test_a_type_order_edited_meanwhile_takes_effect_at_the_next_round() -> None:
    """Section 2: never in the middle of a round; what is known of a number stays with it."""
    entry = loaded("POH")
    for minute in (0, 1, 2):
        claim(entry, settings(), at(minute))
        step = report(entry, settings(), NO_ANSWER, at(minute), relist=lambda: phones("PHO"))
        assert step.relisted is (minute == 2)
    assert [(p.number, p.position, p.failures()) for p in entry.phones] == [
        ("P", 0, {NO_ANSWER: 1}),
        ("H", 1, {NO_ANSWER: 1}),
        ("O", 2, {NO_ANSWER: 1}),
    ]
    call(entry, 4)
    assert due(entry) == ("H", "WAIT_NEXT_PHONE", 5, 2)
