# SPDX-License-Identifier: Apache-2.0
"""What an edit of a contact's numbers does to its open entries (section 6 row 13, C-06)."""

from collections.abc import Sequence
from datetime import datetime

from server.domain.dialer import IN_CALL, phones_changed
from server.services.dialer.campaigns import read_campaigns
from server.services.dialer.connections import (
    Handle,
    begin_loading,
    connection_of,
    use_indexes,
)
from server.services.dialer.entries import ENTRY_COLUMNS, read_numbers, read_stays
from server.services.dialer.waking import wake_dialer
from server.services.dialer.writing import Writing

_CAMPAIGNS = """
SELECT DISTINCT campaign_id FROM hopper_entries
WHERE contact_id = ANY($1::bigint[]) ORDER BY campaign_id
"""
_OPEN = f"""
SELECT {ENTRY_COLUMNS} FROM hopper_entries e
WHERE e.contact_id = ANY($1::bigint[]) ORDER BY e.id FOR UPDATE OF e
"""
# An edit is never refused because another contact with this number is open: this entry then
# leaves the uniqueness that loads rely on, and both stay visible to the duplicate check.
_PRIMARY = """
UPDATE hopper_entries e SET primary_number = $2, is_unique = e.is_unique AND NOT EXISTS (
  SELECT 1 FROM hopper_entries o WHERE o.campaign_id = e.campaign_id
    AND o.primary_number = $2 AND o.is_unique AND o.id <> e.id)
WHERE e.id = $1 AND e.primary_number IS DISTINCT FROM $2
"""


async def change_phones(
    handle: Handle, contact_ids: Sequence[int], now: datetime | None = None
) -> None:
    """Take over the numbers that these contacts have now, in every campaign they are open in.

    Call it after the numbers are written, in the same transaction. During a call the number that
    is up stays until the result, and the rest of the edit is taken over then.
    """
    connection = await connection_of(handle)
    open_in = [row[0] for row in await connection.fetch(_CAMPAIGNS, list(contact_ids))]
    if not open_in:
        return
    for campaign_id in open_in:
        await begin_loading(connection, campaign_id)
    await use_indexes(connection)
    rows = await connection.fetch(_OPEN, list(contact_ids))
    stays = await read_stays(connection, rows)
    campaigns = await read_campaigns(connection, {stay.campaign_id for stay in stays}, now)
    numbers = await read_numbers(connection, {stay.contact_id for stay in stays})
    writing = Writing()
    for stay in stays:
        campaign, listed = campaigns[stay.campaign_id], numbers[stay.contact_id]
        entry = stay.entry
        entry.primary_number = listed.primary
        await connection.execute(_PRIMARY, stay.id, listed.primary)
        final, is_pending = phones_changed(entry, campaign.settings, listed.phones(), campaign.now)
        if final is not None:
            writing.close(stay, final)
            continue
        stay.has_edited_phones = is_pending and entry.state in IN_CALL
        writing.change(stay, campaign)
    await writing.write(connection)
    for campaign_id in open_in:
        await wake_dialer(connection, campaign_id)
