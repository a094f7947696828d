# SPDX-License-Identifier: Apache-2.0
"""Numbers that open entries must not dial any more, at once and in every campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.domain.dialer import IN_CALL, block
from server.services.blacklists.blocking import NUMBER_STOPPED
from server.services.dialer.campaigns import read_campaigns
from server.services.dialer.connections import Handle, connection_of, hold_claims, use_indexes
from server.services.dialer.entries import ENTRY_COLUMNS, read_stays
from server.services.dialer.holds import release_holds
from server.services.dialer.waking import wake_dialer
from server.services.dialer.writing import Writing

WITH_NUMBER = """
SELECT e.id FROM hopper_entries e WHERE e.contact_id IN (
  SELECT id FROM contacts WHERE tenant_id = rubrica_tenant() AND phone = ANY($1::text[])
  UNION ALL SELECT contact_id FROM additional_phones
    WHERE tenant_id = rubrica_tenant() AND number = ANY($1::text[]))
UNION SELECT id FROM hopper_entries WHERE tenant_id = rubrica_tenant()
  AND current_number = ANY($1::text[]) AND state IN ('DIALING', 'CONNECTED')
UNION SELECT entry_id FROM scheduled_tasks
  WHERE number = ANY($1::text[]) AND closed_at IS NULL AND entry_id IS NOT NULL
"""
"""SQL for the ids of the open entries that may dial one of the numbers $1."""
_HELD = f"""
SELECT {ENTRY_COLUMNS} FROM hopper_entries e
WHERE e.id = ANY($1::bigint[]) ORDER BY e.id FOR UPDATE OF e
"""
_REOPENED = """
UPDATE hopper_phones p SET phone_state = 'OPEN' FROM hopper_entries e
WHERE p.entry_id = ANY($2::bigint[]) AND p.number = ANY($1::text[])
  AND p.phone_state = 'BLOCKED' AND e.id = p.entry_id AND NOT ({stopped})
""".format(
    stopped=NUMBER_STOPPED.format(
        tenant="e.tenant_id",
        number="p.number",
        campaign="e.campaign_id",
        list="e.list_id",
        is_callback="e.is_callback",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Entries in which a number was blocked; those that ended by it, and those in a call."""

    entries: int = 0
    closed: int = 0
    in_call: int = 0


async def block_numbers(
    handle: Handle, numbers: Sequence[str], now: datetime | None = None
) -> Blocked:
    """Each is BLOCKED with its history row in every open entry that has it (section 11).

    An entry that waits for it goes on to its next number, or its round ends; one that calls it
    just now goes on after the result. Call it once the numbers stand on the list, in the same
    transaction: it waits for claims that do not know them yet.
    """
    connection = await connection_of(handle)
    await hold_claims(connection)
    await use_indexes(connection)
    ids = sorted(row[0] for row in await connection.fetch(WITH_NUMBER, list(numbers)))
    stays = await read_stays(connection, await connection.fetch(_HELD, ids))
    campaigns = await read_campaigns(connection, {stay.campaign_id for stay in stays}, now)
    writing, wanted = Writing(), set(numbers)
    entries = closed = in_call = 0
    for stay in stays:
        if not any(phone.number in wanted for phone in stay.entry.phones):
            continue
        campaign = campaigns[stay.campaign_id]
        outcome = block(stay.entry, campaign.settings, wanted, campaign.now)
        for row in outcome.blocked:
            writing.record(stay, row, campaign)
        entries += 1
        if outcome.final is not None:
            writing.close(stay, outcome.final)
            closed += 1
        else:
            in_call += stay.entry.state in IN_CALL
            writing.change(stay, campaign)
    await writing.write(connection)
    # Held because of a number that is not next any more.
    await release_holds(connection, contact_ids=[stay.contact_id for stay in stays])
    for campaign_id in sorted(campaigns):
        await wake_dialer(connection, campaign_id)
    return Blocked(entries=entries, closed=closed, in_call=in_call)


async def unblock_numbers(handle: Handle, numbers: Sequence[str]) -> None:
    """Once no entry names them any more, stays that are still open may dial them again."""
    connection = await connection_of(handle)
    await use_indexes(connection)
    ids = sorted(row[0] for row in await connection.fetch(WITH_NUMBER, list(numbers)))
    held = await connection.fetch(_HELD, ids)
    await connection.execute(_REOPENED, list(numbers), [row["id"] for row in held])
    await release_holds(connection, contact_ids=[row["contact_id"] for row in held])
    for campaign_id in sorted({row["campaign_id"] for row in held}):
        await wake_dialer(connection, campaign_id)
