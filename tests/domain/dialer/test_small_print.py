# SPDX-License-Identifier: Apache-2.0
"""Blacklisted numbers, busy numbers, lost leases and edited numbers (sections 6 and 11)."""

import pytest

from server.domain.campaigns import AfterStatus, CallStatus, ExhaustionPolicy
from server.domain.dialer import (
    DialState,
    EntryPhone,
    FinalReason,
    HopperPhoneState,
    Limit,
    call_back,
    claim,
    close,
    expire_lease,
    phones_changed,
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

BUSY, CONGESTION = CallStatus.BUSY, CallStatus.CONGESTION


def test_a_blacklisted_number_leaves_a_row_and_the_next_is_dialed_at_once() -> None:
    entry = loaded()
    step = claim(entry, settings(), at(0), blacklisted={"P", "O"})
    assert step.phone is entry.phones[2]
    assert [(r.status, r.number, r.position, r.started_at, r.counted) for r in step.blocked] == [
        (CallStatus.BLACKLIST, "P", 0, at(0), None),
        (CallStatus.BLACKLIST, "O", 1, at(0), None),
    ]
    assert [p.state for p in entry.phones] == [HopperPhoneState.BLOCKED] * 2 + [
        HopperPhoneState.OPEN
    ]
    assert entry.phones[0].failures() == {}
    report(entry, settings(), NO_ANSWER, at(0))
    assert due(entry) == ("H", "WAIT_RETRY", 2, 2)
    assert claim(entry, settings(), at(2), blacklisted={"P", "O"}).blocked == ()


def test_a_round_that_runs_out_of_numbers_ends_there_and_waits_from_the_last_call() -> None:
    """Section 11: the wait is that of the last real call, from its result."""
    rules = settings((BUSY, 3, 7))
    entry = loaded("PO")
    call(entry, 0, BUSY, rules)
    step = claim(entry, rules, at(1), blacklisted={"O"})
    assert (step.phone, step.final, len(step.blocked)) == (None, None, 1)
    assert due(entry) == ("P", "WAIT_RETRY", 7, 2)


def test_the_time_of_an_entry_never_moves_backwards() -> None:
    rules = settings(additional_phones_after=30)
    entry = loaded("PO")
    call(entry, 0, rules=rules)
    claim(entry, rules, at(30), blacklisted={"O"})
    assert due(entry) == ("P", "WAIT_RETRY", 30, 2)


def test_a_round_that_runs_out_of_numbers_tests_the_limits() -> None:
    rules = settings((BUSY, 1, 7))
    entry = loaded("PO")
    call(entry, 0, BUSY, rules)
    closed = final(claim(entry, rules, at(1), blacklisted={"O"}))
    assert (closed.reason, closed.limit, closed.at) == (
        FinalReason.RETRY_EXCEEDED,
        Limit("BUSY", "P"),
        at(1),
    )
    assert (closed.number, closed.status, closed.counters) == ("P", BUSY, {BUSY: 1})


def test_all_numbers_blocked_closes_with_nothing_dialed() -> None:
    step = claim(loaded("PO"), settings(), at(0), blacklisted={"P", "O"})
    closed = final(step)
    assert (closed.reason, closed.number, closed.status, closed.attempts) == (
        FinalReason.ALL_PHONES_BLOCKED,
        None,
        None,
        0,
    )
    assert len(step.blocked) == 2


@pytest.mark.parametrize("policy", list(ExhaustionPolicy))
def test_blacklisted_later_is_blocked_and_never_exhausted(policy: ExhaustionPolicy) -> None:
    rules = settings(exhaustion_policy=policy)
    entry = loaded("P")
    call(entry, 0, BUSY, rules)
    closed = final(claim(entry, rules, at(2), blacklisted={"P"}))
    assert (closed.reason, closed.limit) == (FinalReason.ALL_PHONES_BLOCKED, None)
    assert (closed.number, closed.status, closed.attempts) == ("P", BUSY, 1)


def test_a_number_in_another_call_is_waited_for() -> None:
    """Section 6, row 15: two contacts may share a number, and it rings once at a time."""
    entry = loaded("PO")
    assert claim(entry, settings(), at(0), busy={"P"}).phone is None
    assert due(entry) == ("P", "READY", 0, 1)
    step = claim(entry, settings(), at(0), blacklisted={"P"}, busy={"O"})
    assert (step.phone, len(step.blocked)) == (None, 1)
    assert due(entry) == ("O", "READY", 0, 1)
    assert claim(entry, settings(), at(1)).phone is entry.phones[1]


def test_a_lost_claim_that_never_rang_counts_nothing_and_is_due_as_before() -> None:
    entry = loaded("PO")
    call(entry, 0)
    claim(entry, settings(), at(1))
    step = expire_lease(entry, settings(), at(3), confirmed=False)
    assert (step.history.status, step.history.counted) == (CallStatus.LOST, None)
    assert (step.history.started_at, step.history.ended_at) == (at(1), at(3))
    assert due(entry) == ("O", "WAIT_NEXT_PHONE", 1, 1)
    assert (entry.total_attempts, entry.phone.failures()) == (1, {})
    assert claim(entry, settings(), at(3)).phone is entry.phone


def test_a_lost_call_that_may_have_rung_counts_as_a_congestion() -> None:
    rules = settings((CONGESTION, 2, 9))
    entry = loaded("P")
    for minute, round_ in ((0, 2), (20, None)):
        claim(entry, rules, at(minute))
        step = expire_lease(entry, rules, at(minute + 3), confirmed=True)
        assert (step.history.status, step.history.counted) == (CallStatus.LOST, CONGESTION)
        if round_:
            assert due(entry) == ("P", "WAIT_RETRY", 12, 2)
    closed = final(step)
    assert (closed.limit, closed.counters, closed.attempts) == (
        Limit("CONGESTION", "P"),
        {CONGESTION: 2},
        2,
    )


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_close_that_waited_for_a_lost_call_is_done(confirmed: bool) -> None:
    entry = loaded()
    claim(entry, settings(), at(0))
    close(entry, FinalReason.LIST_DETACHED, at(0))
    step = expire_lease(entry, settings(), at(3), confirmed=confirmed)
    assert final(step).reason is FinalReason.LIST_DETACHED


def test_a_new_number_after_the_current_one_joins_this_round() -> None:
    """Section 6, row 13."""
    entry = loaded("PO")
    call(entry, 0)
    assert phones_changed(entry, settings(), phones("POH"), at(0)) == (None, False)
    assert due(entry) == ("O", "WAIT_NEXT_PHONE", 1, 1)
    call(entry, 1)
    assert due(entry) == ("H", "WAIT_NEXT_PHONE", 2, 1)


def test_a_new_number_before_the_current_one_joins_the_next_round() -> None:
    entry = loaded("PH")
    call(entry, 0)
    phones_changed(entry, settings(), phones("POH"), at(0))
    assert [(p.number, p.position) for p in entry.phones] == [("P", 0), ("O", 1), ("H", 2)]
    assert due(entry) == ("H", "WAIT_NEXT_PHONE", 1, 1)
    call(entry, 1)
    call(entry, 3)
    assert due(entry) == ("O", "WAIT_NEXT_PHONE", 4, 2)


def test_a_changed_number_starts_at_zero_and_takes_the_old_one_s_turn() -> None:
    """C-06: the counters belong to the digits."""
    entry = loaded("POH")
    for minute in (0, 1, 2, 4):
        call(entry, minute)
    phones_changed(entry, settings(), phones("PXH"), at(4))
    assert due(entry) == ("X", "WAIT_NEXT_PHONE", 5, 2)
    assert [p.failures() for p in entry.phones] == [{NO_ANSWER: 2}, {}, {NO_ANSWER: 1}]


def test_a_removed_number_gives_its_turn_to_the_next_at_the_same_time() -> None:
    entry = loaded("POH")
    call(entry, 0)
    phones_changed(entry, settings(), phones("PH"), at(0))
    assert due(entry) == ("H", "WAIT_NEXT_PHONE", 1, 1)


def test_removing_the_last_number_of_a_round_ends_the_round() -> None:
    entry = loaded("PO")
    call(entry, 0, BUSY)
    phones_changed(entry, settings(), phones("P"), at(0.5))
    assert due(entry) == ("P", "WAIT_RETRY", 2, 2)


def test_removing_every_number_closes() -> None:
    entry = loaded("PO")
    call(entry, 0)
    closed, _ = phones_changed(entry, settings(), [], at(0.5))
    assert closed is not None
    assert (closed.reason, closed.number, closed.attempts, closed.counters) == (
        FinalReason.NO_DIALABLE_PHONE,
        "P",
        1,
        {},
    )


@pytest.mark.parametrize(
    ("status", "confirmed", "then"),
    [
        (BUSY, True, ("O", BUSY, {BUSY: 1}, 2)),
        (None, True, ("O", CONGESTION, {CONGESTION: 1}, 2)),
        (None, False, ("P", None, {}, 1)),
    ],
)
def test_removing_every_number_during_a_call_closes_on_the_last_that_was_dialed(
    status: CallStatus | None,
    confirmed: bool,
    then: tuple[str, CallStatus | None, dict[CallStatus, int], int],
) -> None:
    """With its result, though its number is gone; one that was never rung is not named."""
    entry, none = loaded("PO"), list[EntryPhone]()
    call(entry, 0)
    claim(entry, settings(), at(1))
    assert phones_changed(entry, settings(), none, at(1)) == (None, True)
    if status is not None:
        closed = report(entry, settings(), status, at(1), relist=lambda: none).final
    else:
        lost = expire_lease(entry, settings(), at(1), confirmed=confirmed, relist=lambda: none)
        closed = lost.final or phones_changed(entry, settings(), none, at(1))[0]
    assert closed is not None
    assert closed.reason is FinalReason.NO_DIALABLE_PHONE
    assert (closed.number, closed.status, closed.counters, closed.attempts) == then


def test_a_new_primary_is_first_while_the_round_has_not_begun() -> None:
    """X-29: the first call of every round is the primary's."""
    entry = loaded("O")
    phones_changed(entry, settings(), phones("PO"), at(0))
    assert due(entry) == ("P", "READY", 0, 1)
    entry = loaded("O")
    call(entry, 0)
    phones_changed(entry, settings(), phones("PO"), at(0))
    assert due(entry) == ("P", "WAIT_RETRY", 2, 2)


def test_a_number_that_is_tried_again_keeps_its_turn() -> None:
    rules = settings(after_status={BUSY: AfterStatus.RETRY_SAME})
    entry = loaded("O")
    call(entry, 0, BUSY, rules)
    phones_changed(entry, rules, phones("PO"), at(0))
    assert due(entry) == ("O", "WAIT_RETRY", 2, 1)


def test_a_number_in_a_call_stays_until_its_result() -> None:
    entry = loaded("PO")
    claim(entry, settings(), at(0))
    assert phones_changed(entry, settings(), phones("XO"), at(0)) == (None, True)
    assert entry.state is DialState.DIALING
    assert report(entry, settings(), NO_ANSWER, at(1)).history.number == "P"
    assert phones_changed(entry, settings(), phones("XO"), at(1)) == (None, False)
    assert "P" not in [p.number for p in entry.phones]
    assert due(entry) == ("O", "WAIT_NEXT_PHONE", 2, 1)


def test_an_edit_gives_a_callback_no_other_number() -> None:
    entry = call_back("c1", loaded("P").phone, at(5))
    assert phones_changed(entry, settings(), phones("PO"), at(0)) == (None, False)
    assert [p.number for p in entry.phones] == ["P"]
    claim(entry, settings(), at(5))
    step = report(entry, settings(), NO_ANSWER, at(5), relist=lambda: phones("PO"))
    assert not step.relisted
    assert due(entry) == ("P", "WAIT_RETRY", 7, 2)
