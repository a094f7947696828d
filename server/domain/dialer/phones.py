# SPDX-License-Identifier: Apache-2.0
"""The numbers of an open entry: which is next, and what an edit does to them (section 6 row 13)."""

from server.domain.campaigns import CampaignSettings
from server.domain.dialer.closing import exhausted
from server.domain.dialer.entries import Entry, EntryPhone
from server.domain.dialer.states import HopperPhoneState


def next_place(entry: Entry, settings: CampaignSettings, place: int) -> int:
    """The first place, from `place` on, that this round can dial; past the end when none is.

    Blocked numbers are passed over, those set aside, and under ALL_PHONES exhausted ones (section
    5, step 4).
    """
    phones = entry.phones
    while place < len(phones):
        phone = phones[place]
        if can_be_dialed(phone) and not (settings.spares_exhausted and exhausted(phone, settings)):
            break
        place += 1
    return place


def can_be_dialed(phone: EntryPhone) -> bool:
    """Neither set aside nor found on a blacklist; its limits are another question."""
    return phone.is_available and phone.state is not HopperPhoneState.BLOCKED


def sort_again(entry: Entry, fresh: list[EntryPhone]) -> None:
    """Take over the dial order of today; what is known of a number is kept by number (X-36)."""
    known = {phone.number: phone for phone in entry.phones}
    entry.phones = [
        _refreshed(known.get(phone.number), phone)
        for phone in fresh
        if phone.is_available or phone.number in known
    ]
    number_places(entry)


def carry_over(entry: Entry, fresh: list[EntryPhone], *, keeps_current: bool) -> bool:
    """Edit the numbers inside a round; whether the current one is kept although it was removed.

    A new number goes behind the one that precedes it in the fresh order. `entry.position` then
    is the place of the current number, or of the one that follows where the current one was.
    A number that is set aside leaves the order like a removed one and comes back into it like a
    new one, but its counters are kept meanwhile: they start afresh with new digits only (C-06).
    """
    order = [phone for phone in fresh if phone.is_available]
    wanted = {phone.number: phone for phone in order}
    aside = {phone.number for phone in fresh if not phone.is_available}
    known = {phone.number: phone for phone in entry.phones}
    current = entry.phone
    stays = keeps_current or current.number in wanted

    def is_kept(phone: EntryPhone) -> bool:
        return (phone.is_available and phone.number in wanted) or (
            keeps_current and phone is current
        )

    place = sum(1 for phone in entry.phones[: entry.position] if is_kept(phone))
    phones = [
        _refreshed(phone, wanted.get(phone.number, phone))
        for phone in entry.phones
        if is_kept(phone)
    ]
    numbers = [phone.number for phone in phones]
    # A callback dials the number that was reached and no other (section 6, row 11).
    for index, phone in enumerate([] if entry.is_callback else order):
        if phone.number in numbers:
            continue
        at = numbers.index(order[index - 1].number) + 1 if index else 0
        phones.insert(at, _refreshed(known.get(phone.number), phone))
        numbers.insert(at, phone.number)
        # Where the current number was removed, the one that was typed in its stead is next.
        if at < place or (at == place and stays):
            place += 1
    for phone in entry.phones:
        if phone.number in aside and phone.number not in numbers:
            phone.is_available = False
            phones.append(phone)
    entry.phones, entry.position = phones, place
    number_places(entry)
    return keeps_current and current.number not in wanted


def _refreshed(known: EntryPhone | None, fresh: EntryPhone) -> EntryPhone:
    if known is None:
        return fresh
    known.item_type, known.phone_id = fresh.item_type, fresh.phone_id
    known.is_available = fresh.is_available
    return known


def number_places(entry: Entry) -> None:
    """Each number's own note of where it stands."""
    for place, phone in enumerate(entry.phones):
        phone.position = place
