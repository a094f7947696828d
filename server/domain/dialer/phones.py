# SPDX-License-Identifier: Apache-2.0
"""The numbers of an open entry: which is next, and what an edit does to them (section 6 row 13)."""

from server.domain.campaigns import CampaignSettings
from server.domain.dialer.closing import exhausted
from server.domain.dialer.entries import Entry, EntryPhone
from server.domain.dialer.states import HopperPhoneState


def next_place(entry: Entry, settings: CampaignSettings, place: int) -> int:
    """The first place, from `place` on, that this round can dial; past the end when none is.

    Blocked numbers are passed over, and under ALL_PHONES exhausted ones (section 5, step 4).
    """
    phones = entry.phones
    while place < len(phones):
        phone = phones[place]
        if phone.state is not HopperPhoneState.BLOCKED and not (
            settings.spares_exhausted and exhausted(phone, settings)
        ):
            break
        place += 1
    return place


def sort_again(entry: Entry, fresh: list[EntryPhone]) -> None:
    """Take over the dial order of today; what is known of a number is kept by number (X-36)."""
    known = {phone.number: phone for phone in entry.phones}
    entry.phones = [_refreshed(known.get(phone.number), phone) for phone in fresh]
    _number_places(entry)


def carry_over(entry: Entry, fresh: list[EntryPhone], *, keeps_current: bool) -> bool:
    """Edit the numbers inside a round; whether the current one is kept although it was removed.

    A new number goes behind the one that precedes it in the fresh order. `entry.position` then
    is the place of the current number, or of the one that follows where the current one was.
    """
    wanted = {phone.number: phone for phone in fresh}
    current = entry.phone
    stays = keeps_current or current.number in wanted
    place = sum(1 for phone in entry.phones[: entry.position] if phone.number in wanted)
    phones = [
        _refreshed(phone, wanted.get(phone.number, phone))
        for phone in entry.phones
        if phone.number in wanted or (keeps_current and phone is current)
    ]
    numbers = [phone.number for phone in phones]
    # A callback dials the number that was reached and no other (section 6, row 11).
    for index, phone in enumerate([] if entry.is_callback else fresh):
        if phone.number in numbers:
            continue
        at = numbers.index(fresh[index - 1].number) + 1 if index else 0
        phones.insert(at, phone)
        numbers.insert(at, phone.number)
        # Where the current number was removed, the one that was typed in its stead is next.
        if at < place or (at == place and stays):
            place += 1
    entry.phones, entry.position = phones, place
    _number_places(entry)
    return keeps_current and current.number not in wanted


def _refreshed(known: EntryPhone | None, fresh: EntryPhone) -> EntryPhone:
    if known is None:
        return fresh
    known.item_type, known.phone_id = fresh.item_type, fresh.phone_id
    return known


def _number_places(entry: Entry) -> None:
    for place, phone in enumerate(entry.phones):
        phone.position = place
