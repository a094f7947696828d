# SPDX-License-Identifier: Apache-2.0
"""The one way into the hopper: attach, import, create, move and reset all load here (section 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from server.domain.campaigns import CheckDuplicate
from server.domain.dialer import load
from server.services.dialer.campaigns import DialedCampaign, read_campaign
from server.services.dialer.connections import Handle, begin_loading, connection_of
from server.services.dialer.entries import ENTRY_COLUMNS, Stay, read_stays
from server.services.dialer.waking import wake_dialer
from server.services.dialer.writing import Writing

_MEMBERS = "JOIN list_members m ON m.contact_id = c.id AND m.list_id = $2"
_GIVEN = "JOIN unnest($7::bigint[]) AS given(id) ON given.id = c.id"

# The order of section 2 among the additional numbers: typed by order, name and entry, then untyped
# by entry. The name's key compares byte by byte, as its case-folded form does in the domain.
_ORDER = "t.id IS NULL, t.order_by, t.name_key, p.position, p.id"
_ADDITIONAL = """additional_phones p
    LEFT JOIN contact_item_types t ON t.id = p.item_type_id
    WHERE p.state = 'AVAILABLE' AND p.contact_id = """
# Everything is looked up row by row from an index. Joins would be planned on what is known of the
# tables, and a list is often loaded in the transaction that has just imported it.
_ENTRIES = """
WITH source AS MATERIALIZED (
  SELECT c.id, c.phone, c.priority, c.scheduled_at, coalesce(
    CASE WHEN c.phone_state = 'AVAILABLE' THEN c.phone END,
    (SELECT p.number FROM {additional} c.id AND p.number IS DISTINCT FROM c.phone
     ORDER BY {order} LIMIT 1)) AS number
  FROM contacts c {source} ORDER BY c.id
), fresh AS MATERIALIZED (SELECT * FROM source WHERE NOT {known}),
entries AS (
  INSERT INTO hopper_entries (campaign_id, contact_id, list_id, priority, scheduled_at,
    current_number, primary_number, is_unique)
  SELECT $1, id, $2, priority, greatest($3::timestamptz, scheduled_at), number, phone, {is_unique}
  FROM fresh WHERE number IS NOT NULL
  ON CONFLICT DO NOTHING RETURNING id, scheduled_at
)
SELECT (SELECT count(*) FROM source) AS given, (SELECT count(*) FROM entries) AS loaded,
  (SELECT min(id) FROM entries) AS first_id,
  ARRAY(SELECT (id, phone) FROM fresh WHERE number IS NULL) AS numberless,
  ARRAY(SELECT id FROM entries WHERE scheduled_at >= $4::timestamptz) AS late,
  $5::bool AS is_reset, $6::bigint AS left_since
"""
# A number that is also the primary keeps that place; two equal further ones no contact has. The
# primary is dialed first or, where it is not available, not at all (C-08).
_PHONES = f"""
INSERT INTO hopper_phones (entry_id, number, phone_id, item_type_name, position)
SELECT e.id, n.number, n.phone_id, n.item_type_name,
  row_number() OVER (PARTITION BY e.id ORDER BY n.place) - 1
FROM hopper_entries e CROSS JOIN LATERAL (
  SELECT e.primary_number AS number, NULL::bigint AS phone_id, NULL::text AS item_type_name,
    0::bigint AS place
  WHERE e.primary_number = e.current_number
  UNION ALL
  SELECT p.number, p.id, t.name, row_number() OVER (ORDER BY {_ORDER})
  FROM {_ADDITIONAL} e.contact_id AND p.number IS DISTINCT FROM e.primary_number
) n
WHERE e.campaign_id = $1 AND e.id >= $2
"""
# Each row of the hopper stands in one of two indexes, so there are two questions (models.dialer).
_IS_OPEN = """((SELECT 1 FROM hopper_entries e WHERE e.campaign_id = $1
    AND e.primary_number = source.phone AND e.is_unique LIMIT 1) IS NOT NULL
  OR (SELECT 1 FROM hopper_entries e WHERE e.campaign_id = $1
    AND e.primary_number = source.phone AND NOT e.is_unique LIMIT 1) IS NOT NULL)"""
_IS_FINAL = """(SELECT 1 FROM final_results f WHERE f.campaign_id = $1
    AND f.primary_number = source.phone AND NOT (f.contact_id = source.id AND $5::bool)
    AND NOT (f.id > $6::bigint AND f.reason IN ('LIST_DETACHED', 'MOVED')) LIMIT 1) IS NOT NULL"""
_KNOWN = {
    CheckDuplicate.NEVER: "false",
    CheckDuplicate.ONLY_IF_OPEN: _IS_OPEN,
    CheckDuplicate.ALWAYS: f"({_IS_OPEN} OR {_IS_FINAL})",
}
_LATE = f"SELECT {ENTRY_COLUMNS} FROM hopper_entries e WHERE e.id = ANY($1::bigint[]) ORDER BY e.id"
_LATE_AT_ONCE = 5_000
# They had left, and have come back before their calls were over.
_STAY = """
UPDATE hopper_entries e SET close_after_call = NULL, list_id = $2
WHERE e.campaign_id = $1 AND e.state IN ('DIALING', 'CONNECTED')
  AND e.close_after_call = 'LIST_DETACHED' AND EXISTS (
    SELECT 1 FROM list_members m WHERE m.list_id = $2 AND m.contact_id = e.contact_id)
"""
_NEWEST_FINAL = "SELECT coalesce(max(id), 0) FROM final_results WHERE campaign_id = $1"
_NONE_LEFT = 2**62  # above every id
NEVER_OPEN = 0
"""The entry id of a final result whose contact never had an entry: it has no number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of the contacts of one load; together they are all that were given."""

    loaded: int = 0
    duplicates: int = 0  # skipped: known by check_duplicate, or the contact is open already
    without_numbers: int = 0  # none, or none available: closed at once with NO_DIALABLE_PHONE
    ended: int = 0  # closed at once with CAMPAIGN_ENDED

    def __add__(self, other: "Loaded") -> "Loaded":
        return Loaded(
            loaded=self.loaded + other.loaded,
            duplicates=self.duplicates + other.duplicates,
            without_numbers=self.without_numbers + other.without_numbers,
            ended=self.ended + other.ended,
        )


async def load_contacts(
    handle: Handle,
    campaign_id: int,
    list_id: int | None,
    contact_ids: Sequence[int] | None = None,
    *,
    now: datetime | None = None,
    is_reset: bool = False,
    left_since: int | None = None,
) -> Loaded:
    """Load a list's members, or these contacts as coming from it or none (X-23, X-35, X-36, X-40).

    Under a duplicate check the contact with the lowest id wins. `is_reset`: a contact's own final
    results do not stop it. `left_since`: neither do final results above this id that only say that
    an entry left with its list (section 9, h). `now` None is the campaign's clock. Who is in a call
    after which their stay was to end with the list goes on with it.
    """
    connection = await connection_of(handle)
    await begin_loading(connection, campaign_id)
    campaign = await read_campaign(connection, campaign_id, now)
    policy = campaign.settings.check_duplicate
    statement = _ENTRIES.format(
        additional=_ADDITIONAL,
        order=_ORDER,
        source=_MEMBERS if contact_ids is None else _GIVEN,
        known=_KNOWN[policy],
        is_unique="false" if policy is CheckDuplicate.NEVER else "true",
    )
    arguments: list[object] = [
        campaign_id,
        list_id,
        campaign.now,
        campaign.settings.ends_at,
        is_reset,
        _NONE_LEFT if left_since is None else left_since,
    ]
    if contact_ids is not None:
        arguments.append(list(contact_ids))
    await connection.execute(_STAY, campaign_id, list_id)
    row = await connection.fetchrow(statement, *arguments)
    if row["loaded"]:
        # Loads of a campaign take turns: its entries from the first of this load on are this load.
        await connection.execute(_PHONES, campaign_id, row["first_id"])
    await _finish_numberless(connection, campaign, list_id, row["numberless"])
    await _finish_late(connection, campaign, row["late"])
    await wake_dialer(connection, campaign_id)
    return Loaded(
        loaded=row["loaded"] - len(row["late"]),
        duplicates=row["given"] - row["loaded"] - len(row["numberless"]),
        without_numbers=len(row["numberless"]),
        ended=len(row["late"]),
    )


async def newest_final(handle: Handle, campaign_id: int) -> int:
    """A mark for `left_since`."""
    connection = await connection_of(handle)
    found: int = await connection.fetchval(_NEWEST_FINAL, campaign_id)
    return found


async def _finish_numberless(
    connection: asyncpg.Connection,
    campaign: DialedCampaign,
    list_id: int | None,
    contacts: Sequence[tuple[int, str | None]],
) -> None:
    """Each a contact and its primary number, which the duplicate check knows it by (section 9)."""
    writing = Writing()
    for contact_id, primary in contacts:
        entry, final = load(NEVER_OPEN, [], campaign.settings, campaign.now, primary_number=primary)
        if final is not None:
            stay = Stay(entry, NEVER_OPEN, campaign.id, contact_id, list_id, None, False, False)
            writing.finish(stay, final)
    await writing.write(connection)


async def _finish_late(
    connection: asyncpg.Connection, campaign: DialedCampaign, entry_ids: list[int]
) -> None:
    for first in range(0, len(entry_ids), _LATE_AT_ONCE):
        rows = await connection.fetch(_LATE, entry_ids[first : first + _LATE_AT_ONCE])
        writing = Writing()
        for stay in await read_stays(connection, rows):
            entry = stay.entry
            _, final = load(
                entry.key,
                entry.phones,
                campaign.settings,
                campaign.now,
                scheduled_at=entry.scheduled_at,
                primary_number=entry.primary_number,
            )
            if final is not None:
                writing.close(stay, final)
        await writing.write(connection)
