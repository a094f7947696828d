# SPDX-License-Identifier: Apache-2.0
"""Who comes first: among the numbers of a contact (section 2), among due entries (section 7)."""

from collections.abc import Iterable
from typing import NamedTuple

from server.domain.campaigns import DialOrder
from server.domain.dialer.entries import Entry, EntryPhone
from server.domain.dialer.states import BUCKETS


class AdditionalNumber(NamedTuple):
    """An additional phone of a contact, normalised, with its type's name and order if it has one.

    Given in entry order, which is the order among the untyped and among equals.
    """

    number: str
    item_type: str | None = None
    order_by: int = 0
    phone_id: int | None = None
    is_available: bool = True

    def rank(self) -> tuple[bool, int, str]:
        if self.item_type is None:
            return (True, 0, "")
        return (False, self.order_by, self.item_type.casefold())


def dial_order(
    primary: str | None,
    additional: Iterable[AdditionalNumber],
    *,
    is_primary_available: bool = True,
) -> list[EntryPhone]:
    """The numbers of a contact in the order in which a round dials them (X-29, X-30, X-36).

    Primary; typed ones by order, case-folded type name, entry order; untyped ones. A repeated
    number keeps its first place in that order and is dialed once. Those that are not available
    stand behind all others and are not dialed (C-08).
    """
    phones: dict[str, EntryPhone] = {}
    if primary is not None:
        phones[primary] = EntryPhone(number=primary, is_available=is_primary_available)
    for number in sorted(additional, key=AdditionalNumber.rank):
        if number.number not in phones:
            phones[number.number] = EntryPhone(
                number=number.number,
                item_type=number.item_type,
                phone_id=number.phone_id,
                is_available=number.is_available,
            )
    listed = sorted(phones.values(), key=lambda phone: not phone.is_available)
    for position, phone in enumerate(listed):
        phone.position = position
    return listed


def due_rank(entry: Entry, order: DialOrder) -> tuple[int, int, float, int | str]:
    """Sorts waiting entries: bucket, priority, time (longest waiting first under ASC), key."""
    when = entry.scheduled_at.timestamp()
    if order is DialOrder.DESC:
        when = -when
    return (BUCKETS[entry.state], entry.priority, when, entry.key)
