# SPDX-License-Identifier: Apache-2.0
"""Contacts that become one while several are open in a campaign: one stay survives (X-28).

Nothing is reset by it: counters are kept by number, the higher one of each; attempts add up, as the
person was called so often; the latest time to call holds; and a number that one of the stays has
dialed in its present round waits for the next one.
"""

from collections.abc import Sequence
from datetime import datetime

from server.domain.campaigns import CampaignSettings
from server.domain.dialer.closing import close_entry
from server.domain.dialer.entries import Entry, EntryPhone, FinalRow
from server.domain.dialer.machine import WrongState, round_has_begun
from server.domain.dialer.phones import carry_over, next_place, number_places
from server.domain.dialer.rounds import end_round
from server.domain.dialer.states import WAITING, DialState, FinalReason, HopperPhoneState


def surviving(entries: Sequence[Entry], own: Entry | None) -> Entry:
    """The stay that goes on: the earliest callback, for it was promised; else the master's `own`;
    else that of the contact that was called most.
    """
    callbacks = [entry for entry in entries if entry.is_callback]
    if callbacks:
        return min(callbacks, key=lambda entry: (entry.scheduled_at, entry.key))
    if own is not None:
        return own
    return max(entries, key=lambda entry: (entry.round, entry.total_attempts, -int(entry.key)))


def join(
    survivor: Entry,
    others: Sequence[Entry],
    phones: list[EntryPhone],
    settings: CampaignSettings,
    now: datetime,
) -> FinalRow | None:
    """Make `survivor` the stay of the contact that has `phones` now (from `dial_order`).

    The others are read only; they close with MERGED. The final result is there when the survivor
    ends by this: an attempts cap is reached together, or its last round has nothing left to dial.
    """
    if any(entry.state not in WAITING for entry in (survivor, *others)):
        raise WrongState("a contact on a call is not merged")
    joined = [] if survivor.is_callback else others  # a callback dials the number reached, only
    begun = round_has_begun(survivor, settings)
    dialed = {number for other in joined for number in _dialed(other, settings)}
    carry_over(survivor, phones, keeps_current=False)
    place = survivor.position if begun else 0
    _keep_set_aside(survivor, joined, phones)
    _join_numbers(survivor, joined)
    retried = survivor.phones[place : place + 1]
    ahead = [phone for phone in survivor.phones[place:] if phone.number in dialed]
    rest = [phone for phone in survivor.phones[place:] if phone.number not in dialed]
    # The number that it was about to dial once more comes next, unless another stay dialed it too.
    is_retried = begun and survivor.state is DialState.WAIT_RETRY and ahead[:1] != retried
    survivor.phones = [*survivor.phones[:place], *ahead, *rest]
    number_places(survivor)
    _join_times(survivor, joined)
    if survivor.state is not DialState.WAIT_CALLBACK and not is_retried:
        survivor.state = _state(survivor, joined, has_dialed=begun or bool(ahead))
    cap = settings.max_attempts_per_contact
    if joined and cap is not None and survivor.total_attempts >= cap:
        return close_entry(survivor, FinalReason.CONTACT_CAP, now)
    survivor.position = next_place(survivor, settings, place + len(ahead))
    if survivor.position < len(survivor.phones):
        return None
    return end_round(survivor, settings, now, lambda: phones)[0]


def _dialed(entry: Entry, settings: CampaignSettings) -> set[str]:
    """The numbers that the present round has dialed, the one that it would dial again included."""
    if not round_has_begun(entry, settings):
        return set()
    retried = entry.state is DialState.WAIT_RETRY
    return {phone.number for phone in entry.phones[: entry.position + retried]}


def _keep_set_aside(survivor: Entry, others: Sequence[Entry], phones: Sequence[EntryPhone]) -> None:
    """Numbers that only another stay knows and that are set aside now: for their counters."""
    known = {phone.number for phone in survivor.phones}
    theirs = {phone.number for other in others for phone in other.phones}
    survivor.phones += [
        phone
        for phone in phones
        if not phone.is_available and phone.number in theirs and phone.number not in known
    ]


def _join_numbers(survivor: Entry, others: Sequence[Entry]) -> None:
    """What each stay knows of a number: the higher counters, the later status, the harder state."""
    kept = {phone.number: phone for phone in survivor.phones}
    for other in others:
        for phone in other.phones:
            mine = kept.get(phone.number)
            if mine is None:
                continue
            mine.counters = list(map(max, mine.counters, phone.counters))
            if phone.last_at is not None and (mine.last_at is None or phone.last_at > mine.last_at):
                mine.last_at, mine.last_status = phone.last_at, phone.last_status
            states = {mine.state, phone.state}
            if HopperPhoneState.BLOCKED in states:
                mine.state = HopperPhoneState.BLOCKED
            elif HopperPhoneState.EXHAUSTED in states:
                mine.state = HopperPhoneState.EXHAUSTED


def _join_times(survivor: Entry, others: Sequence[Entry]) -> None:
    """One person was called by all of the stays."""
    for other in others:
        survivor.total_attempts += other.total_attempts
        survivor.round = max(survivor.round, other.round)
        survivor.scheduled_at = max(survivor.scheduled_at, other.scheduled_at)
        survivor.priority = min(survivor.priority, other.priority)
        first = [at for at in (survivor.first_attempt_at, other.first_attempt_at) if at is not None]
        survivor.first_attempt_at = min(first, default=None)
        last = other.last_attempt_at
        if last is not None and (
            survivor.last_attempt_at is None or last > survivor.last_attempt_at
        ):
            survivor.last_attempt_at, survivor.last_number = last, other.last_number


def _state(survivor: Entry, others: Sequence[Entry], *, has_dialed: bool) -> DialState:
    if has_dialed:
        return DialState.WAIT_NEXT_PHONE
    waiting = survivor.round > 1 or any(
        entry.state is DialState.WAIT_RETRY for entry in (survivor, *others)
    )
    return DialState.WAIT_RETRY if waiting else DialState.READY
