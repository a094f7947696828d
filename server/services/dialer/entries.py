# SPDX-License-Identifier: Apache-2.0
"""Hopper rows as the values that the dial machine works on."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import asyncpg

from server.domain.campaigns import FAILURES, CallStatus
from server.domain.dialer import (
    AdditionalNumber,
    DialState,
    Entry,
    EntryPhone,
    FinalReason,
    HopperPhoneState,
    dial_order,
)

COUNTERS = tuple(status.value.lower() for status in FAILURES)
"""The columns of a phone's counters, in the order in which the machine holds them."""

ENTRY_COLUMNS = """e.id, e.campaign_id, e.contact_id, e.list_id, e.state, e.priority,
  e.scheduled_at, e.round, e.current_position, e.primary_number, e.total_attempts,
  e.first_attempt_at, e.last_attempt_at, e.last_number, e.claim_token, e.claimed_at,
  e.state_before_claim, e.is_originate_confirmed, e.close_after_call, e.has_edited_phones,
  e.is_callback, e.is_owner_only"""
# Authority is the token, a call that is up, and a lease by the database's clock: a worker that
# stood still too long finds no row, whatever its own clock says. A range in an order is looked up
# by the primary key alone; joined by equality, a plan may walk the whole hopper in id order.
HELD = """unnest($1::bigint[], $2::uuid[]) AS claim(id, token) CROSS JOIN LATERAL (
  SELECT e.* FROM hopper_entries e
  WHERE e.id >= claim.id AND e.id <= claim.id AND e.claim_token = claim.token
    AND e.state IN ('DIALING', 'CONNECTED') AND e.lease_until >= clock_timestamp()
  ORDER BY e.id {lock}
) e"""
"""SQL: the entries $1 that are still held with the tokens $2; give both in the order of ids."""
HELD_LOCKED = HELD.format(lock="FOR UPDATE OF e")
HELD_SEEN = HELD.format(lock="")
_PHONE_COLUMNS = (
    "p.entry_id, p.number, p.phone_id, p.item_type_name, p.position, p.is_available, "
    "p.phone_state, "
    f"ARRAY[{', '.join(f'p.{column}' for column in COUNTERS)}] AS counters, "
    "p.last_status, p.last_at"
)
_PHONES = f"""
SELECT {_PHONE_COLUMNS} FROM hopper_phones p WHERE p.entry_id = ANY($1::bigint[])
ORDER BY p.entry_id, p.position
"""
_LAST_PHONES = f"""
SELECT {_PHONE_COLUMNS} FROM hopper_phones p
JOIN unnest($1::bigint[], $2::text[]) AS last(entry_id, number)
  ON p.entry_id = last.entry_id AND p.number = last.number
"""
_NUMBERS = """
SELECT c.id, c.phone, c.phone_state = 'AVAILABLE', p.number, p.id AS phone_id, t.name, t.order_by,
  p.state = 'AVAILABLE'
FROM contacts c
LEFT JOIN additional_phones p ON p.contact_id = c.id
LEFT JOIN contact_item_types t ON t.id = p.item_type_id
WHERE c.id = ANY($1::bigint[]) ORDER BY c.id, p.position, p.id
"""

Claim = tuple[int, uuid.UUID]
"""An entry and the token that its claimer holds."""

# The lookups of an Enum by value cost more than the rest of a row; these are plain ones.
_STATES = {state.value: state for state in DialState}
_PHONE_STATES = {state.value: state for state in HopperPhoneState}
_STATUSES = {status.value: status for status in CallStatus}
_REASONS = {reason.value: reason for reason in FinalReason}


Listing = tuple[tuple[str, int, str | None, int | None, bool], ...]
"""Numbers in their order, with what is kept of them beside counters."""


@dataclass(slots=True)
class Stay:
    """An entry under a lock: the machine's view of it, and what only the database has."""

    entry: Entry
    id: int
    campaign_id: int
    contact_id: int
    list_id: int | None
    token: uuid.UUID | None
    is_confirmed: bool
    has_edited_phones: bool
    is_owner_only: bool = False
    listing: Listing = ()  # its numbers as they were read

    @property
    def is_relisted(self) -> bool:
        """Whether its numbers are others by now, or stand in another order."""
        return listing(self.entry.phones) != self.listing


def listing(phones: Sequence[EntryPhone]) -> Listing:
    return tuple((p.number, p.position, p.item_type, p.phone_id, p.is_available) for p in phones)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A contact's numbers as they stand now."""

    primary: str | None
    is_primary_available: bool
    additional: tuple[AdditionalNumber, ...]

    def phones(self) -> list[EntryPhone]:
        return dial_order(
            self.primary, self.additional, is_primary_available=self.is_primary_available
        )


def columns_of(claims: Sequence[Claim]) -> tuple[list[int], list[uuid.UUID]]:
    """Two arrays in the order of ids, in which everybody locks entries."""
    ordered = sorted(claims, key=lambda claim: claim[0])
    return [entry_id for entry_id, _ in ordered], [token for _, token in ordered]


async def read_stays(
    connection: asyncpg.Connection,
    rows: Sequence[asyncpg.Record],
    *,
    only_last_phone: bool = False,
) -> list[Stay]:
    """The stays of rows with ENTRY_COLUMNS, in their order.

    With `only_last_phone` just the number called last is read: all that closing one asks for.
    """
    phones: defaultdict[int, list[EntryPhone]] = defaultdict(list)
    if only_last_phone:
        called = [(row["id"], row["last_number"]) for row in rows if row["last_number"]]
        found = await connection.fetch(
            _LAST_PHONES, [entry_id for entry_id, _ in called], [number for _, number in called]
        )
    else:
        found = await connection.fetch(_PHONES, [row["id"] for row in rows])
    for row in found:
        phones[row[0]].append(_phone(row))
    return [_stay(row, phones[row["id"]]) for row in rows]


async def read_numbers(
    connection: asyncpg.Connection, contact_ids: Iterable[int]
) -> dict[int, Numbers]:
    """By contact. Read only after the entries are locked, so that an edit is not missed."""
    rows = await connection.fetch(_NUMBERS, list(contact_ids))
    primaries: dict[int, tuple[str | None, bool]] = {}
    additional: defaultdict[int, list[AdditionalNumber]] = defaultdict(list)
    for contact_id, primary, is_dialed, number, phone_id, item_type, order_by, is_available in rows:
        primaries[contact_id] = primary, is_dialed
        if number is not None:
            additional[contact_id].append(
                AdditionalNumber(number, item_type, order_by or 0, phone_id, is_available)
            )
    return {
        contact_id: Numbers(*primary, tuple(additional[contact_id]))
        for contact_id, primary in primaries.items()
    }


def _phone(row: asyncpg.Record) -> EntryPhone:
    (
        _,
        number,
        phone_id,
        item_type,
        position,
        is_available,
        state,
        counters,
        last_status,
        last_at,
    ) = row
    return EntryPhone(
        number=number,
        item_type=item_type,
        phone_id=phone_id,
        position=position,
        is_available=is_available,
        state=_PHONE_STATES[state],
        counters=counters,
        last_status=None if last_status is None else _STATUSES[last_status],
        last_at=last_at,
    )


def _stay(row: asyncpg.Record, phones: list[EntryPhone]) -> Stay:
    (
        entry_id,
        campaign_id,
        contact_id,
        list_id,
        state,
        priority,
        scheduled_at,
        round_,
        position,
        primary_number,
        total_attempts,
        first_attempt_at,
        last_attempt_at,
        last_number,
        token,
        claimed_at,
        before,
        is_confirmed,
        close_after_call,
        has_edited_phones,
        is_callback,
        is_owner_only,
    ) = row
    entry = Entry(
        key=entry_id,
        phones=phones,
        scheduled_at=scheduled_at,
        state=_STATES[state],
        position=position,
        round=round_,
        priority=priority,
        primary_number=primary_number,
        total_attempts=total_attempts,
        first_attempt_at=first_attempt_at,
        last_attempt_at=last_attempt_at,
        last_number=last_number,
        claimed_at=claimed_at,
        state_before_claim=None if before is None else _STATES[before],
        close_after_call=None if close_after_call is None else _REASONS[close_after_call],
        is_callback=is_callback,
    )
    return Stay(
        entry,
        entry_id,
        campaign_id,
        contact_id,
        list_id,
        token,
        is_confirmed,
        has_edited_phones,
        is_owner_only,
        listing(phones),
    )
