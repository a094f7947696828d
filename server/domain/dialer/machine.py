# SPDX-License-Identifier: Apache-2.0
"""The transitions of an entry (sections 4, 5 and 11): claim, result, lost lease, close.

Each takes the entry, the campaign's settings and the time, changes the entry in place, and
answers what has to be written down. Nothing here reads a clock, a database or a random number.
"""

from collections.abc import Container
from datetime import datetime

from server.domain.campaigns import (
    FAILURE_INDEX,
    AfterStatus,
    CallStatus,
    CampaignSettings,
)
from server.domain.dialer.closing import close_entry
from server.domain.dialer.entries import Claim, Entry, EntryPhone, FinalRow, HistoryRow, Outcome
from server.domain.dialer.phones import can_be_dialed, carry_over, next_place
from server.domain.dialer.rounds import Relist, count_attempt, end_round, fail
from server.domain.dialer.states import IN_CALL, WAITING, DialState, FinalReason, HopperPhoneState

_NOBODY: frozenset[str] = frozenset()
_NOT_NOW = Claim(None, None, ())


class WrongState(Exception):  # noqa: N818 # the name says it
    """An event that the entry's state cannot take: a fault of the engine, never of a person."""


def claim(
    entry: Entry,
    settings: CampaignSettings,
    now: datetime,
    *,
    blacklisted: Container[str] = _NOBODY,
    busy: Container[str] = _NOBODY,
    relist: Relist | None = None,
) -> Claim:
    """Take the entry's next call if it is due, the window is open and no end has passed.

    A blacklisted number is found here, costs no time and no counter, and leaves one history row a
    stay: its number is blocked and the next one is dialed at this same instant (section 11, V8).
    When none is left the round ends here. `busy` are the numbers in another call: this entry then
    waits where it is, because two contacts may share a number (section 6, row 15).
    """
    if entry.state not in WAITING:
        raise WrongState(f"{entry.state} cannot be claimed")
    if settings.ends_at is not None and now >= settings.ends_at:
        return Claim(None, close_entry(entry, FinalReason.CAMPAIGN_ENDED, now), ())
    if entry.scheduled_at > now:
        return _NOT_NOW
    if settings.window is not None and not settings.window.open_at(now):
        return _NOT_NOW
    blocked: tuple[HistoryRow, ...] = ()
    while True:
        phone = entry.phones[entry.position]
        if phone.state is not HopperPhoneState.BLOCKED:
            if phone.number not in blacklisted:
                break
            phone.state = HopperPhoneState.BLOCKED
            blocked += (_row(entry, phone, CallStatus.BLACKLIST, now, now, entry.state, None),)
        entry.position = next_place(entry, settings, entry.position + 1)
        if entry.position == len(entry.phones):
            return Claim(None, end_round(entry, settings, now, relist)[0], blocked)
    if phone.number in busy:
        return Claim(None, None, blocked)
    entry.state_before_claim = entry.state
    entry.state = DialState.DIALING
    entry.claimed_at = now
    return Claim(phone, None, blocked)


def report(
    entry: Entry,
    settings: CampaignSettings,
    status: CallStatus,
    now: datetime,
    *,
    relist: Relist | None = None,
) -> Outcome:
    """Record the result of the call that is up (section 5). `now` is the time of the result.

    An answer ends the stay and counts as an attempt, not as a failure. That a report belongs to
    this claim, and comes once, is for the engine to check by its token.
    """
    if status in (CallStatus.BLACKLIST, CallStatus.LOST):
        raise WrongState(f"{status} is not the result of a call")
    phone, row = _take_down(entry, status, now, status if status in FAILURE_INDEX else None)
    if status is CallStatus.ANSWER:
        count_attempt(entry, phone, status, now)
        return Outcome(row, close_entry(entry, FinalReason.REACHED, now), False)
    final, relisted = fail(entry, settings, phone, status, now, relist)
    return Outcome(row, final, relisted)


def expire_lease(
    entry: Entry,
    settings: CampaignSettings,
    now: datetime,
    *,
    confirmed: bool,
    relist: Relist | None = None,
) -> Outcome:
    """The lease ended and nobody reported (section 11).

    Unconfirmed, no telephone rang: nothing is counted and the entry is due as it was. Confirmed,
    somebody's may have: it counts as an attempt, and as a CONGESTION for limits and waits.
    """
    counted = CallStatus.CONGESTION if confirmed else None
    phone, row = _take_down(entry, CallStatus.LOST, now, counted)
    if counted is not None:
        final, relisted = fail(entry, settings, phone, counted, now, relist)
        return Outcome(row, final, relisted)
    entry.state = row.decision
    entry.claimed_at = entry.state_before_claim = None
    if entry.close_after_call is not None:
        return Outcome(row, close_entry(entry, entry.close_after_call, now), False)
    return Outcome(row, None, False)


def close(entry: Entry, reason: FinalReason, now: datetime) -> FinalRow | None:
    """Close for a reason from outside; while a call is up, mark it and close at its result."""
    if entry.state in IN_CALL:
        entry.close_after_call = reason
        return None
    if entry.state not in WAITING:
        raise WrongState("it is closed already")
    return close_entry(entry, reason, now)


def end_passed(entry: Entry, settings: CampaignSettings, now: datetime) -> FinalRow | None:
    """Close a waiting entry whose campaign has ended, such as one that waited for its window.

    A call that is up finishes; its result computes a next time after the end and closes then.
    """
    if settings.ends_at is None or now < settings.ends_at or entry.state not in WAITING:
        return None
    return close_entry(entry, FinalReason.CAMPAIGN_ENDED, now)


def block(
    entry: Entry, settings: CampaignSettings, numbers: Container[str], now: datetime
) -> Claim:
    """These numbers are not to be dialed again in this stay, known at once and not by a claim.

    Each leaves its history row. Was one of them next, the entry goes on to the number after it, at
    the same time, or its round ends. A call that is up goes on; after it the entry does the same.
    """
    if entry.state is DialState.CLOSED:
        raise WrongState("it is closed already")
    decision = entry.state_before_claim or entry.state
    blocked: tuple[HistoryRow, ...] = ()
    for place, phone in enumerate(entry.phones):
        if phone.number in numbers and phone.state is not HopperPhoneState.BLOCKED:
            phone.state = HopperPhoneState.BLOCKED
            row = _row(entry, phone, CallStatus.BLACKLIST, now, now, decision, None)
            blocked += (row._replace(position=place),)
    if entry.state in IN_CALL or can_be_dialed(entry.phone):
        return Claim(None, None, blocked)
    entry.position = next_place(entry, settings, entry.position)
    if entry.position < len(entry.phones):
        return Claim(None, None, blocked)
    return Claim(None, end_round(entry, settings, now, None)[0], blocked)


def phones_changed(
    entry: Entry, settings: CampaignSettings, phones: list[EntryPhone], now: datetime
) -> tuple[FinalRow | None, bool]:
    """The contact's numbers were edited while it is open (section 6, row 13; C-06).

    `phones` is the new list from `dial_order`. The order of this round stays as it is; a new
    number takes its place in it with counters at 0 and is dialed in this round if that place is
    still to come; a removed one goes, and if it was next, the one after it is next, at the same
    time. A number in a call stays until its result: the answer's second part then says that the
    edit has to be given again after it.
    """
    if entry.state is DialState.CLOSED:
        raise WrongState("it is closed already")
    in_call = entry.state in IN_CALL
    # Before a round's first call the round starts with whoever is first now, which after an edit
    # may be a new primary; "still to come" is everybody.
    begun = in_call or round_has_begun(entry, settings)
    pending = carry_over(entry, phones, keeps_current=in_call)
    if in_call:
        return None, pending
    entry.position = next_place(entry, settings, entry.position if begun else 0)
    if entry.position < len(entry.phones):
        return None, False
    return end_round(entry, settings, now, None)[0], False


def round_has_begun(entry: Entry, settings: CampaignSettings) -> bool:
    """Whether a waiting entry has dialed in its present round, or retries a number in it."""
    if entry.state is DialState.WAIT_NEXT_PHONE:
        return True
    last = entry.last_phone
    if entry.state is not DialState.WAIT_RETRY or last is None or last is not entry.phone:
        return False
    place = FAILURE_INDEX.get(last.last_status) if last.last_status else None
    return place is not None and settings.after[place] is AfterStatus.RETRY_SAME


def _row(
    entry: Entry,
    phone: EntryPhone,
    status: CallStatus,
    started_at: datetime,
    ended_at: datetime,
    decision: DialState,
    counted: CallStatus | None,
) -> HistoryRow:
    return HistoryRow(
        status,
        entry.round,
        entry.position,
        phone.number,
        phone.item_type,
        phone.phone_id,
        entry.scheduled_at,
        started_at,
        ended_at,
        decision,
        counted,
    )


def _take_down(
    entry: Entry, status: CallStatus, now: datetime, counted: CallStatus | None
) -> tuple[EntryPhone, HistoryRow]:
    if entry.state not in IN_CALL or entry.claimed_at is None or entry.state_before_claim is None:
        raise WrongState(f"{entry.state} has no call that could end")
    phone = entry.phones[entry.position]
    started = entry.claimed_at
    return phone, _row(entry, phone, status, started, now, entry.state_before_claim, counted)
