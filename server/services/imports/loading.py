# SPDX-License-Identifier: Apache-2.0
"""A chunk of rows into the database, in set-based SQL inside the chunk's transaction.

Arrays instead of COPY: PostgreSQL refuses COPY into a table with row-level security, and a staging
table costs more than it saves (decision in `docs/decisions`).
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.imports import Batch, Layout, Row, RowReader
from server.models import ContactItemType, Tenant
from server.services.contacts import name_keys
from server.services.dialer.loading import load_contacts
from server.services.numbers import normalize_many
from server.services.processes import Attempt, Counts, add_rejections

_HOLD_LIST = "SELECT 1 FROM contact_lists WHERE id = $1 FOR KEY SHARE"
_CAMPAIGNS = "SELECT campaign_id FROM campaign_lists WHERE list_id = $1 ORDER BY campaign_id"
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('import into list ' || $1, 0))"
_KNOWN_PHONES = """
SELECT DISTINCT contacts.phone FROM contacts
JOIN list_members ON list_members.contact_id = contacts.id
WHERE list_members.list_id = $1 AND contacts.phone = ANY($2::text[])
"""
_ITEM_TYPES = "SELECT id FROM contact_item_types WHERE id = ANY($1::bigint[]) FOR KEY SHARE"
_COLUMNS = (
    "first_name, last_name, name_key, given_key, email, company, phone, priority, scheduled_at"
)
# Ids are given out in the order of the rows, so the sorted ids belong to the rows one by one.
_PHONES = """
SELECT DISTINCT contacts.phone FROM contacts
JOIN list_members ON list_members.contact_id = contacts.id
WHERE list_members.list_id = $1 AND contacts.phone = ANY($2::text[])
"""
_ITEM_TYPES = "SELECT id FROM contact_item_types WHERE id = ANY($1::bigint[]) FOR KEY SHARE"
_COLUMNS = (
    "first_name, last_name, name_key, given_key, email, company, phone, priority, scheduled_at"
)
# Ids are given out in the order of the rows, so the sorted ids belong to the rows one by one.
_CONTACTS = f"""
INSERT INTO contacts
    ({_COLUMNS})
SELECT {_COLUMNS}
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::smallint[], $9::timestamptz[]) WITH ORDINALITY AS given ({_COLUMNS}, place)
ORDER BY place RETURNING id
"""
_PHONES = """
INSERT INTO additional_phones (contact_id, number, item_type_id, position)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::smallint[])
"""
_MEMBERS = "INSERT INTO list_members (list_id, contact_id) SELECT $1, unnest($2::bigint[])"


async def read_reader(session: AsyncSession, layout: Layout) -> RowReader:
    """The reader of rows for this tenant: its region, its zone, its item types' dial order."""
    region, zone = (
        await session.execute(
            select(Tenant.default_region, Tenant.timezone).where(Tenant.id == func.rubrica_tenant())
        )
    ).one()
    types = await session.scalars(
        select(ContactItemType.id)
        .where(ContactItemType.id.in_(layout.item_types))
        .order_by(ContactItemType.order_by, ContactItemType.name_key)
    )
    known = list(types)
    # A type deleted since the start: its phones come in untyped, as after a deletion.
    gone = [key for key in layout.item_types if key not in known]
    return RowReader(
        layout=layout,
        dial_order=(*known, *gone),
        zone=ZoneInfo(zone),
        normalize=lambda texts: normalize_many(texts, region),
        name_keys=name_keys,
    )


async def load_batch(
    connection: asyncpg.Connection, attempt: Attempt, batch: Batch, *, check_duplicates: bool
) -> Counts:
    """Store the rows as contacts on the list, load them into its campaigns (X-23), keep the rest.

    Raises NOT_FOUND (listId) when the list was deleted meanwhile.
    """
    list_id = attempt.list_id
    # Held, so that no campaign attaches the list between here and the commit: its load would not
    # see these contacts, and this one would not see the campaign.
    if list_id is None or not await connection.fetchval(_HOLD_LIST, list_id):
        raise DomainError(ErrorCode.NOT_FOUND, "listId")
    rows = batch.rows
    if check_duplicates:
        rows = await _without_duplicates(connection, list_id, rows)
    if rows:
        ids = await _insert(connection, rows)
        await connection.execute(_MEMBERS, list_id, ids)
        for campaign in await connection.fetch(_CAMPAIGNS, list_id):
            await load_contacts(connection, campaign["campaign_id"], list_id, ids)
    await add_rejections(connection, attempt.process_id, batch.rejections)
    return Counts(
        succeeded=len(rows), failed=len(batch.rejections), skipped=len(batch.rows) - len(rows)
    )


async def _without_duplicates(
    connection: asyncpg.Connection, list_id: int, rows: Sequence[Row]
) -> list[Row]:
    """The rows whose primary number is new to the list; of two equal ones the first (X-24)."""
    await connection.execute(_ONE_AT_A_TIME, str(list_id))
    phones = [row.phone for row in rows if row.phone]
    seen = {record["phone"] for record in await connection.fetch(_KNOWN_PHONES, list_id, phones)}
    kept = []
    for row in rows:
        if row.phone is None or row.phone not in seen:
            kept.append(row)
            seen.add(row.phone)
    return kept


async def _insert(connection: asyncpg.Connection, rows: Sequence[Row]) -> list[int]:
    inserted = await connection.fetch(
        _CONTACTS,
        [row.first_name for row in rows],
        [row.last_name for row in rows],
        [row.name_key for row in rows],
        [row.given_key for row in rows],
        [row.email for row in rows],
        [row.company for row in rows],
        [row.phone for row in rows],
        [row.priority for row in rows],
        [row.scheduled_at for row in rows],
    )
    ids = sorted(record["id"] for record in inserted)
    owners, numbers, types, positions = [], [], [], []
    for contact_id, row in zip(ids, rows, strict=True):
        for position, (item_type_id, number) in enumerate(row.extras):
            owners.append(contact_id)
            numbers.append(number)
            types.append(item_type_id)
            positions.append(position)
    if numbers:
        # Locked, so that a type deleted at this moment empties these phones too.
        wanted = list(set(types))
        known = {record["id"] for record in await connection.fetch(_ITEM_TYPES, wanted)}
        alive = [key if key in known else None for key in types]
        await connection.execute(_PHONES, owners, numbers, alive, positions)
    return ids
