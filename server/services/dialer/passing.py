# SPDX-License-Identifier: Apache-2.0
"""Due entries whose next number must not be dialed: the dial machine goes on from there.

A blacklisted number is passed over at once, with one history row a stay; a stay whose person is
blacklisted closes; and whatever number comes next is asked of the gate like any other.
"""

import uuid
from collections.abc import Sequence

import asyncpg

from server.domain.blacklists import Media
from server.domain.dialer import FinalReason, HistoryRow, close, expire_lease
from server.domain.dialer import claim as claim_entry
from server.services.blacklists import Candidate, blocks_for
from server.services.dialer.campaigns import DialedCampaign
from server.services.dialer.claims import Picked, claimed
from server.services.dialer.entries import ENTRY_COLUMNS, Stay, read_numbers, read_stays
from server.services.dialer.gating import Due, Reasons, ask, hold_of
from server.services.dialer.holds import Hold, hold_entries
from server.services.dialer.picking import CALLS
from server.services.dialer.writing import Writing

_PICKED = f"SELECT {ENTRY_COLUMNS} FROM hopper_entries e WHERE e.id = ANY($1::bigint[])"
_BUSY = """
SELECT current_number FROM hopper_entries
WHERE tenant_id = rubrica_tenant() AND current_number = ANY($1::text[])
  AND state IN ('DIALING', 'CONNECTED')
"""
_EXPLAIN = """
UPDATE hopper_entries e SET claim_evidence = u.evidence::jsonb, agent_id = NULL
FROM unnest($1::bigint[], $2::text[]) AS u(id, evidence) WHERE e.id = u.id
"""


async def claim_by_machine(
    connection: asyncpg.Connection, campaign: DialedCampaign, entry_ids: Sequence[int]
) -> list[Picked]:
    """What became of each of these due entries, which this transaction has locked."""
    if not entry_ids:
        return []
    found = await read_stays(connection, await connection.fetch(_PICKED, entry_ids))
    stays = {stay.id: stay for stay in found}
    numbers = sorted({phone.number for stay in found for phone in stay.entry.phones})
    stopped = await _stopped(connection, found)
    busy = {row[0] for row in await connection.fetch(_BUSY, numbers)}
    current = await read_numbers(connection, {stay.contact_id for stay in found})
    writing = Writing()
    blocked: dict[int, tuple[HistoryRow, ...]] = {}
    calling: list[Stay] = []
    for entry_id in entry_ids:
        stay = stays[entry_id]
        blacklisted = stopped[entry_id]
        if blacklisted is None:
            final = close(stay.entry, FinalReason.BLACKLIST_CONTACT, campaign.now)
            if final is not None:
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
        blocked[entry_id] = outcome.blocked
        for row in outcome.blocked:
            writing.record(stay, row, campaign)
        if outcome.final is not None:
            writing.close(stay, outcome.final)
        elif outcome.phone is not None:
            busy.add(outcome.phone.number)
            calling.append(stay)
        else:
            writing.change(stay, campaign)
    evidence, holds = await _ask(connection, campaign, calling)
    for stay in calling:
        if stay.id in evidence:
            stay.token = uuid.uuid4()
        else:
            expire_lease(stay.entry, campaign.settings, campaign.now, confirmed=False)
        writing.change(stay, campaign, token=stay.token)
    await writing.write(connection)
    await hold_entries(connection, holds, campaign.hold_version)
    await connection.execute(_EXPLAIN, list(evidence), list(evidence.values()))
    calls = {row["id"]: row for row in await connection.fetch(CALLS, list(evidence))}
    return [
        Picked(key, rows, claimed(calls[key], campaign) if key in calls else None)
        for key, rows in blocked.items()
    ]


async def _ask(
    connection: asyncpg.Connection, campaign: DialedCampaign, calling: Sequence[Stay]
) -> tuple[dict[int, str], list[Hold]]:
    """Why those of the entries may call that may, and the holds of the others."""
    if not campaign.has_rules:
        return {stay.id: Reasons(campaign).of(None) for stay in calling}, []
    due = [
        Due(
            id=stay.id,
            contact_id=stay.contact_id,
            list_id=stay.list_id,
            number=stay.entry.phone.number,
            is_callback=stay.entry.is_callback,
            is_owner_only=stay.is_owner_only,
        )
        for stay in calling
    ]
    evidence, holds, reasons = {}, [], Reasons(campaign)
    for entry, verdict in zip(due, await ask(connection, campaign, due), strict=True):
        if verdict.allowed:
            evidence[entry.id] = reasons.of(verdict)
        else:
            holds.append(hold_of(entry.id, verdict, campaign))
    return evidence, holds


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
