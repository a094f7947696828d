# SPDX-License-Identifier: Apache-2.0
"""When a number is exhausted, when that closes a stay, and the final row it leaves (section 5)."""

from datetime import datetime
from operator import ge

from server.domain.campaigns import FAILURE_INDEX, FAILURES, AfterStatus, CampaignSettings
from server.domain.dialer.entries import Entry, EntryPhone, FinalRow, Limit
from server.domain.dialer.states import GLOBAL_LIMIT, DialState, FinalReason, HopperPhoneState


def _closed_by_status(phone: EntryPhone, settings: CampaignSettings) -> bool:
    place = FAILURE_INDEX.get(phone.last_status) if phone.last_status else None
    return place is not None and settings.after[place] is AfterStatus.CLOSE_PHONE


def exhausted(phone: EntryPhone, settings: CampaignSettings) -> bool:
    """Whether a number is at a limit: of a status, of all together, or closed by its last status.

    It is computed from the counters and today's settings and never read from `phone.state`, so
    that a limit raised in the middle of a campaign takes effect at the next round end.
    """
    counters = phone.counters
    return (
        sum(counters) >= settings.global_limit
        or any(map(ge, counters, settings.limits))
        or _closed_by_status(phone, settings)
    )


def verdict(entry: Entry, settings: CampaignSettings) -> tuple[FinalReason, Limit | None] | None:
    """Whether the end of a round closes the stay, and why (section 5, step 5; X-32).

    Blocked numbers do not take part: a blacklisted number never counts as exhausted, and when
    only such numbers are left, "all of the others are exhausted" would be true of nothing. Those
    set aside are as if they were not there (C-08).
    """
    phones = [phone for phone in entry.phones if phone.is_available]
    if not phones:
        return FinalReason.NO_DIALABLE_PHONE, None
    left = [phone for phone in phones if phone.state is not HopperPhoneState.BLOCKED]
    if not left:
        return FinalReason.ALL_PHONES_BLOCKED, None
    spent = [phone for phone in left if exhausted(phone, settings)]
    if not spent or (settings.spares_exhausted and len(spent) < len(left)):
        return None
    return FinalReason.RETRY_EXCEEDED, _limit(entry, settings, spent)


def _limit(entry: Entry, settings: CampaignSettings, spent: list[EntryPhone]) -> Limit:
    """The limit to name when several are reached at once.

    The number just called if it is one of them, else the first in dial order; on it the status
    just recorded if that is reached, else the first reached one, else the global limit, else the
    status that closes a number by itself.
    """
    last = entry.last_phone
    phone = last if last in spent else spent[0]
    reached = [
        status
        for status, count, limit in zip(FAILURES, phone.counters, settings.limits, strict=True)
        if count >= limit
    ]
    if last is not None and last.last_status in reached:
        return Limit(last.last_status.value, phone.number)
    if reached:
        return Limit(reached[0].value, phone.number)
    if sum(phone.counters) >= settings.global_limit or phone.last_status is None:
        return Limit(GLOBAL_LIMIT, phone.number)
    return Limit(phone.last_status.value, phone.number)


def close_entry(
    entry: Entry,
    reason: FinalReason,
    now: datetime,
    limit: Limit | None = None,
    *,
    last: EntryPhone | None = None,
) -> FinalRow:
    """Close the stay: the last number called and that number's failures (X-34).

    `last` is that number where it was removed during its call.
    """
    entry.state = DialState.CLOSED
    entry.claimed_at = entry.state_before_claim = None
    last = last or entry.last_phone
    return FinalRow(
        reason=reason,
        at=now,
        number=entry.last_number,
        item_type=last.item_type if last is not None else None,
        status=last.last_status if last is not None else None,
        counters=last.failures() if last is not None else {},
        attempts=entry.total_attempts,
        limit=limit,
        round=entry.round,
        primary_number=entry.primary_number,
        first_attempt_at=entry.first_attempt_at,
        last_attempt_at=entry.last_attempt_at,
    )
