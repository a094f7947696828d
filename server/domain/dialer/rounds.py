# SPDX-License-Identifier: Apache-2.0
"""What follows a call that failed, and what follows the last number of a round (section 5)."""

from collections.abc import Callable
from datetime import datetime

from server.domain.campaigns import FAILURE_INDEX, AfterStatus, CallStatus, CampaignSettings
from server.domain.dialer.closing import close_entry, exhausted, verdict
from server.domain.dialer.entries import Entry, EntryPhone, FinalRow
from server.domain.dialer.phones import next_place, sort_again
from server.domain.dialer.states import DialState, FinalReason, HopperPhoneState

Relist = Callable[[], list[EntryPhone]]
"""The contact's numbers as they stand now, from `dial_order`; asked for as a round starts."""


def count_attempt(entry: Entry, phone: EntryPhone, status: CallStatus, now: datetime) -> None:
    phone.last_status = status
    phone.last_at = entry.last_attempt_at = now
    entry.last_number = phone.number
    entry.total_attempts += 1
    if entry.first_attempt_at is None:
        entry.first_attempt_at = entry.claimed_at


def fail(
    entry: Entry,
    settings: CampaignSettings,
    phone: EntryPhone,
    status: CallStatus,
    now: datetime,
    relist: Relist | None,
) -> tuple[FinalRow | None, bool]:
    """Section 5, steps 1 to 4."""
    place = FAILURE_INDEX[status]
    phone.counters[place] += 1
    count_attempt(entry, phone, status, now)
    if entry.close_after_call is not None:
        return close_entry(entry, entry.close_after_call, now), False
    spent = exhausted(phone, settings)
    is_blocked = phone.state is HopperPhoneState.BLOCKED  # while the call was up
    if not is_blocked:
        phone.state = HopperPhoneState.EXHAUSTED if spent else HopperPhoneState.OPEN
    cap = settings.max_attempts_per_contact
    if cap is not None and entry.total_attempts >= cap:
        return close_entry(entry, FinalReason.CONTACT_CAP, now), False
    if settings.after[place] is AfterStatus.RETRY_SAME and not (spent or is_blocked):
        # The same round and the same number, so that only this number waits its own time.
        due = now + settings.waits[place]
        return _wait(entry, settings, DialState.WAIT_RETRY, due, now), False
    following = next_place(entry, settings, entry.position + 1)
    if following < len(entry.phones):
        # The limits are not looked at in the middle of a round (section 6, row 2).
        entry.position = following
        due = now + settings.phone_wait
        return _wait(entry, settings, DialState.WAIT_NEXT_PHONE, due, now), False
    return end_round(entry, settings, now, relist)


def end_round(
    entry: Entry, settings: CampaignSettings, now: datetime, relist: Relist | None
) -> tuple[FinalRow | None, bool]:
    """Section 5, steps 5 and 6: close, or start the next round; also says if it was re-sorted.

    The wait is that of the last real call's status, from that call's result (X-31), whether the
    round ended with that call or with numbers that were passed over after it.
    """
    closing = verdict(entry, settings)
    if closing is not None:
        return close_entry(entry, closing[0], now, closing[1]), False
    due, last = entry.scheduled_at, entry.last_phone
    if last is not None and last.last_status in FAILURE_INDEX and entry.last_attempt_at:
        due = entry.last_attempt_at + settings.waits[FAILURE_INDEX[last.last_status]]
    relisted = relist is not None and not entry.is_callback
    if relist is not None and relisted:
        sort_again(entry, relist())
        closing = verdict(entry, settings)
        if closing is not None:
            return close_entry(entry, closing[0], now, closing[1], last=last), True
    entry.round += 1
    entry.position = next_place(entry, settings, 0)
    return _wait(entry, settings, DialState.WAIT_RETRY, due, now), relisted


def _wait(
    entry: Entry, settings: CampaignSettings, state: DialState, due: datetime, now: datetime
) -> FinalRow | None:
    """Wait in that state until `due`, never earlier than before; or close at the campaign's end.

    The end is held against the time itself, unmoved by the window (section 6, rows 6 and 7).
    """
    entry.state = state
    entry.scheduled_at = max(entry.scheduled_at, due)
    entry.claimed_at = entry.state_before_claim = None
    if settings.ends_at is not None and entry.scheduled_at >= settings.ends_at:
        return close_entry(entry, FinalReason.CAMPAIGN_ENDED, now)
    return None
