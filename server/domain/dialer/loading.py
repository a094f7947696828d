# SPDX-License-Identifier: Apache-2.0
"""How a contact enters the hopper, and who is skipped as a duplicate (sections 4 and 9)."""

from collections.abc import Container, Iterable
from datetime import datetime

from server.domain.campaigns import CampaignSettings, CheckDuplicate
from server.domain.dialer.closing import close_entry
from server.domain.dialer.entries import Entry, EntryPhone, FinalRow
from server.domain.dialer.machine import WrongState
from server.domain.dialer.states import WAITING, DialState, FinalReason


def admitted(
    primaries: Iterable[str | None],
    policy: CheckDuplicate,
    *,
    open_primaries: Container[str] = frozenset(),
    final_primaries: Container[str] = frozenset(),
) -> list[bool]:
    """For each contact of one load, by its primary number, whether it is loaded (X-40).

    `open_primaries` and `final_primaries` are the primary numbers of the campaign's open entries
    and of its final results: the primary, not the number called last, so a contact that closed on
    its holiday number is still known (section 9, e). Inside one load the first of two equal
    primaries wins. A contact without a primary number is a duplicate of nobody.
    """
    seen: set[str] = set()
    answers = []
    for primary in primaries:
        if primary is None or policy is CheckDuplicate.NEVER:
            answers.append(True)
            continue
        known = primary in seen or primary in open_primaries
        if policy is CheckDuplicate.ALWAYS:
            known = known or primary in final_primaries
        seen.add(primary)
        answers.append(not known)
    return answers


def load(
    key: int | str,
    phones: list[EntryPhone],
    settings: CampaignSettings,
    now: datetime,
    *,
    scheduled_at: datetime | None = None,
    priority: int = 2,
    primary_number: str | None = None,
) -> tuple[Entry, FinalRow | None]:
    """A fresh entry, due now or when the contact says if that is later (X-35).

    `phones` come from `dial_order`; those that are not available are left out (C-08). The final
    result is there when the stay ends as it begins: there is no number to dial, or the first call
    would lie at or after the campaign's end.
    """
    phones = [phone for phone in phones if phone.is_available]
    due = now if scheduled_at is None else max(now, scheduled_at)
    entry = Entry(
        key=key,
        phones=phones,
        scheduled_at=due,
        priority=priority,
        primary_number=primary_number,
    )
    if not phones:
        return entry, close_entry(entry, FinalReason.NO_DIALABLE_PHONE, now)
    if settings.ends_at is not None and due >= settings.ends_at:
        return entry, close_entry(entry, FinalReason.CAMPAIGN_ENDED, now)
    return entry, None


def call_back(
    key: int | str,
    phone: EntryPhone,
    at: datetime,
    *,
    priority: int = 2,
    primary_number: str | None = None,
) -> Entry:
    """The new stay of a contact that asked to be called at that time (section 4, section 6 row 11).

    It dials the number that was reached and no other, from fresh counters.
    """
    return Entry(
        key=key,
        phones=[
            EntryPhone(number=phone.number, item_type=phone.item_type, phone_id=phone.phone_id)
        ],
        scheduled_at=at,
        state=DialState.WAIT_CALLBACK,
        priority=priority,
        primary_number=primary_number,
        is_callback=True,
    )


def become_callback(entry: Entry, phone: EntryPhone, at: datetime) -> None:
    """The open stay of a contact for whom a callback is agreed goes on as that callback.

    One stay a contact and campaign: the number agreed is its only one and starts from fresh
    counters, in round 1. What was called before stays counted for the caps of the contact.
    """
    if entry.state not in WAITING:
        raise WrongState("a call is up")
    entry.phones = [
        EntryPhone(number=phone.number, item_type=phone.item_type, phone_id=phone.phone_id)
    ]
    entry.state, entry.position, entry.round = DialState.WAIT_CALLBACK, 0, 1
    entry.scheduled_at, entry.is_callback = at, True
