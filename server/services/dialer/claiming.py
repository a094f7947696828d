# SPDX-License-Identifier: Apache-2.0
"""Claims: the due entries in the order of section 7, each for one caller only (section 4).

The usual claim is one statement. An entry whose next number is blacklisted goes through the dial
machine, and so does one that wants a number which such an entry may go on to.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from server.domain.blacklists import Media
from server.domain.campaigns import DialOrder
from server.domain.dialer import FinalReason, HistoryRow, close
from server.domain.dialer import claim as claim_entry
from server.services.blacklists import NUMBER_STOPPED, PERSON_STOPPED, Candidate, blocks_for
from server.services.dialer.campaigns import DialedCampaign, count_open_calls, read_campaign
from server.services.dialer.connections import Handle, begin_claiming, connection_of
from server.services.dialer.entries import ENTRY_COLUMNS, Stay, read_numbers, read_stays
from server.services.dialer.lanes import DUE, LANES
from server.services.dialer.pacing import allowance
from server.services.dialer.writing import Writing

_CLAIM = """
WITH due AS MATERIALIZED (
  SELECT e.* FROM (VALUES {lanes}) AS lane(bucket, priority)
  CROSS JOIN LATERAL ({in_lane}) e LIMIT $3
), ranked AS (
  SELECT due.id, due.current_number,
    row_number() OVER (ORDER BY bucket, priority, scheduled_at {order}, id) AS rank,
    row_number() OVER (PARTITION BY current_number
                       ORDER BY bucket, priority, scheduled_at {order}, id) AS of_number,
    {stopped} AS is_blacklisted
  FROM due
), contested AS (
  SELECT p.number FROM ranked JOIN hopper_phones p ON p.entry_id = ranked.id
  WHERE ranked.is_blacklisted AND ranked.of_number = 1
  UNION ALL SELECT number FROM hopper_phones WHERE entry_id = ANY($6::bigint[])
), claimed AS (
  UPDATE hopper_entries e SET state_before_claim = e.state, state = 'DIALING', claimed_at = $2,
    claim_token = gen_random_uuid(), lease_until = clock_timestamp() + $4::interval,
    is_originate_confirmed = false
  FROM ranked
  WHERE e.id = ranked.id AND ranked.of_number = 1
    AND e.current_number NOT IN (SELECT number FROM contested)
  RETURNING e.*, ranked.rank
)
SELECT e.rank, 1 AS of_number, {columns}
FROM claimed e LEFT JOIN hopper_phones p ON p.entry_id = e.id AND p.number = e.current_number
UNION ALL
SELECT ranked.rank, ranked.of_number, ranked.id, NULL, NULL, ranked.current_number, NULL, NULL,
  NULL, NULL, NULL, NULL
FROM ranked WHERE of_number > 1 OR current_number IN (SELECT number FROM contested)
ORDER BY rank
"""
_COLUMNS = """e.id, e.claim_token, e.contact_id, e.current_number, e.current_position, e.round,
  e.total_attempts, e.lease_until, p.item_type_name, p.phone_id"""
_PICKED = f"SELECT {ENTRY_COLUMNS} FROM hopper_entries e WHERE e.id = ANY($1::bigint[])"
_CALLS = f"""
SELECT {_COLUMNS} FROM hopper_entries e
JOIN hopper_phones p ON p.entry_id = e.id AND p.number = e.current_number
WHERE e.id = ANY($1::bigint[])
"""
_BUSY = """
SELECT current_number FROM hopper_entries
WHERE tenant_id = rubrica_tenant() AND current_number = ANY($1::text[])
  AND state IN ('DIALING', 'CONNECTED')
"""
_OF_CALL = {
    "tenant": "due.tenant_id",
    "campaign": "$1",
    "list": "due.list_id",
    "is_callback": "due.is_callback",
}
_STOPPED = " OR ".join(
    (
        NUMBER_STOPPED.format(number="due.current_number", **_OF_CALL),
        PERSON_STOPPED.format(contact="due.contact_id", **_OF_CALL),
    )
)
STATEMENTS = {
    order: _CLAIM.format(
        lanes=LANES, in_lane=DUE[order], order=order.value, columns=_COLUMNS, stopped=_STOPPED
    )
    for order in DialOrder
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A call to make now. Whoever reports its result shows the token (`report`)."""

    entry_id: int
    token: uuid.UUID
    campaign_id: int
    contact_id: int
    number: str
    item_type: str | None
    phone_id: int | None
    position: int
    round: int
    attempts_made: int  # in this stay, before this call
    claimed_at: datetime  # the campaign's clock
    lease_until: datetime  # the database's clock
    timeout: int  # seconds to let it ring


@dataclass(frozen=True, slots=True)
class Picked:
    """What became of one due entry: numbers passed over, then a call, or none."""

    entry_id: int
    blocked: tuple[HistoryRow, ...]
    call: Claimed | None


async def claim(
    handle: Handle, campaign_id: int, limit: int, now: datetime | None = None
) -> list[Claimed]:
    """Up to `limit` calls to make, in the order of section 7; as many as lines are free.

    None while the campaign does not run or its window is closed. `now` None is the campaign's
    clock. The leases run by the database's clock: originate and queue timeout and 60 s.
    """
    calls: list[Claimed] = []
    while len(calls) < limit:
        batch = await claim_batch(handle, campaign_id, limit - len(calls), now)
        calls.extend(picked.call for picked in batch if picked.call is not None)
        if all(picked.call is not None for picked in batch):
            break  # nobody gave a line back
    return calls


async def claim_batch(
    handle: Handle, campaign_id: int, limit: int, now: datetime | None = None
) -> list[Picked]:
    """The first due entries, as many as lines are free, without two that want one number.

    An entry that is passed over as blacklisted gives its line back only to the next batch.
    """
    connection = await connection_of(handle)
    await begin_claiming(connection)
    campaign = await read_campaign(connection, campaign_id, now)
    if not campaign.dials:
        return []
    free = min(limit, campaign.lines - await count_open_calls(connection, campaign_id))
    free = await allowance(connection, campaign, free) if free > 0 else 0
    picked: dict[int, Claimed | None] = {}
    waiting: dict[int, str] = {}  # entries of this batch for the machine, and what they want
    while free > len(picked):
        wanted = free - len(picked)
        rows = await connection.fetch(
            STATEMENTS[campaign.settings.dial_order],
            campaign_id,
            campaign.now,
            wanted,
            campaign.settings.lease,
            list(waiting.values()),
            list(waiting),
        )
        for row in rows:
            if row["of_number"] == 1:
                picked[row["id"]] = _claimed(row, campaign)
                if row["claim_token"] is None:
                    waiting[row["id"]] = row["current_number"]
        if len(rows) < wanted or all(row["of_number"] == 1 for row in rows):
            break
    blocked = await _claim_by_machine(connection, campaign, picked)
    return [Picked(key, blocked.get(key, ()), call) for key, call in picked.items()]


async def _claim_by_machine(
    connection: asyncpg.Connection, campaign: DialedCampaign, picked: dict[int, Claimed | None]
) -> dict[int, tuple[HistoryRow, ...]]:
    ids = [entry_id for entry_id, call in picked.items() if call is None]
    if not ids:
        return {}
    found = await read_stays(connection, await connection.fetch(_PICKED, ids))
    stays = {stay.id: stay for stay in found}
    numbers = sorted({phone.number for stay in found for phone in stay.entry.phones})
    stopped = await _stopped(connection, found)
    busy = {row[0] for row in await connection.fetch(_BUSY, numbers)}
    current = await read_numbers(connection, {stay.contact_id for stay in found})
    writing = Writing()
    blocked: dict[int, tuple[HistoryRow, ...]] = {}
    for entry_id in ids:
        stay = stays[entry_id]
        blacklisted = stopped[entry_id]
        if blacklisted is None:
            if (
                final := close(stay.entry, FinalReason.BLACKLIST_CONTACT, campaign.now)
            ) is not None:
                writing.close(stay, final)
            blocked[entry_id] = ()
            continue
        listed = current.get(stay.contact_id)
        outcome = claim_entry(
            stay.entry,
            campaign.settings,
            campaign.now,
            blacklisted=blacklisted,
            busy=busy,
            relist=None if listed is None else listed.phones,
        )
        for row in outcome.blocked:
            writing.record(stay, row, campaign)
        if outcome.final is not None:
            writing.close(stay, outcome.final)
        elif outcome.phone is not None:
            busy.add(outcome.phone.number)
            stay.token = uuid.uuid4()
            writing.change(stay, campaign, token=stay.token)
        else:
            writing.change(stay, campaign)
        blocked[entry_id] = outcome.blocked
    await writing.write(connection)
    for row in await connection.fetch(_CALLS, [stay.id for stay in found if stay.token]):
        picked[row["id"]] = _claimed(row, campaign)
    return blocked


async def _stopped(connection: asyncpg.Connection, stays: list[Stay]) -> dict[int, set[str] | None]:
    """By entry: its numbers that must not be dialed; None where its person must not be (C-28)."""
    asked = [(stay, phone.number) for stay in stays for phone in stay.entry.phones]
    blocks = await blocks_for(
        connection,
        [
            Candidate(
                contact_id=stay.contact_id,
                number=number,
                campaign_id=stay.campaign_id,
                list_id=stay.list_id,
            )
            for stay, number in asked
        ],
    )
    found: dict[int, set[str] | None] = {stay.id: set() for stay in stays}
    for (stay, number), held in zip(asked, blocks, strict=True):
        block = held.stopping(is_automatic=not stay.entry.is_callback)
        numbers = found[stay.id]
        if block is None or numbers is None:
            continue
        if block.media is Media.PERSON:
            found[stay.id] = None
        else:
            numbers.add(number)
    return found


def _claimed(row: asyncpg.Record, campaign: DialedCampaign) -> Claimed | None:
    if row["claim_token"] is None:
        return None
    return Claimed(
        entry_id=row["id"],
        token=row["claim_token"],
        campaign_id=campaign.id,
        contact_id=row["contact_id"],
        number=row["current_number"],
        item_type=row["item_type_name"],
        phone_id=row["phone_id"],
        position=row["current_position"],
        round=row["round"],
        attempts_made=row["total_attempts"],
        claimed_at=campaign.now,
        lease_until=row["lease_until"],
        timeout=campaign.settings.originate_timeout,
    )
