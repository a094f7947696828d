# SPDX-License-Identifier: Apache-2.0
"""A chunk of rows into the database: COPY and set-based SQL inside the chunk's transaction.

PostgreSQL refuses COPY into a table with row-level security, so the rows go by way of temporary
tables. Arrays as parameters cost the server as much, but the worker seven times as much.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.database.bulk import copy_rows
from server.domain.errors import DomainError, ErrorCode
from server.domain.imports import Batch, Layout, Row, RowReader
from server.domain.text import sort_key
from server.models import ContactItemType, MasterDataField, Tenant
from server.services.contacts import name_keys
from server.services.dialer import Loaded, load_members
from server.services.fields import field_of
from server.services.imports.values import insert_values, without_taken
from server.services.numbers import normalize_many
from server.services.processes import Attempt, Counts, add_rejections
from server.services.search.indexing import index_later

_HOLD_LIST = "SELECT 1 FROM contact_lists WHERE id = $1 FOR SHARE"
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('import into list ' || $1, 0))"
_KNOWN_PHONES = """
SELECT DISTINCT contacts.phone FROM contacts
JOIN list_members ON list_members.contact_id = contacts.id
WHERE list_members.list_id = $1 AND contacts.phone = ANY($2::text[])
"""
_ITEM_TYPES = "SELECT id FROM contact_item_types WHERE id = ANY($1::bigint[]) FOR KEY SHARE"
_FIELDS = (
    "first_name, last_name, name_key, given_key, email, company, company_key, phone, priority, "
    "scheduled_at"
)
_STAGE = f"""
CREATE TEMPORARY TABLE staged_contacts ON COMMIT DROP AS
    SELECT 0 AS place, {_FIELDS} FROM contacts WITH NO DATA
"""
# Ids are given out in the order of the rows, so the sorted ids belong to the rows one by one.
_CONTACTS = f"""
INSERT INTO contacts ({_FIELDS}) SELECT {_FIELDS} FROM staged_contacts ORDER BY place RETURNING id
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
    fields = await session.scalars(
        select(MasterDataField).where(MasterDataField.id.in_(layout.own_fields))
    )
    return RowReader(
        layout=layout,
        dial_order=(*known, *gone),
        zone=ZoneInfo(zone),
        normalize=lambda texts: normalize_many(texts, region),
        name_keys=name_keys,
        # Of a field deleted since the start nothing is read.
        own_fields=[field_of(row) for row in fields],
    )


async def load_batch(
    connection: asyncpg.Connection, attempt: Attempt, batch: Batch, *, check_duplicates: bool
) -> Counts:
    """Store the rows as contacts on the list, load them into its campaigns (X-23), keep the rest.

    Raises NOT_FOUND (listId) when the list was deleted meanwhile.
    """
    list_id = attempt.list_id
    # Held until the commit: a campaign that attaches the list just now waits, and then sees these.
    if list_id is None or not await connection.fetchval(_HOLD_LIST, list_id):
        raise DomainError(ErrorCode.NOT_FOUND, "listId")
    rows: Sequence[Row] = batch.rows
    if check_duplicates:
        rows = await _without_duplicates(connection, list_id, rows)
    skipped = len(batch.rows) - len(rows)
    rows, taken = await without_taken(connection, rows)
    rejections = sorted([*batch.rejections, *taken], key=lambda rejection: rejection.line)
    load = Loaded()
    if rows:
        await index_later(connection)
        ids = await _insert(connection, rows)
        await insert_values(connection, ids, rows)
        await connection.execute(_MEMBERS, list_id, ids)
        load = await load_members(connection, list_id, ids)
    await add_rejections(connection, attempt.process_id, rejections)
    return Counts(
        succeeded=len(rows),
        failed=len(rejections),
        skipped=skipped,
        loaded=load.loaded,
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
    await connection.execute(_STAGE)
    await connection.copy_records_to_table(
        "staged_contacts",
        records=(
            (
                place,
                row.first_name,
                row.last_name,
                row.name_key,
                row.given_key,
                row.email,
                row.company,
                sort_key(row.company),
                row.phone,
                row.priority,
                row.scheduled_at,
            )
            for place, row in enumerate(rows)
        ),
    )
    ids = sorted(record["id"] for record in await connection.fetch(_CONTACTS))
    used = {item_type_id for row in rows for item_type_id, _ in row.extras}
    if used:
        # Locked, so that a type deleted at this moment empties these phones too.
        known = {record["id"] for record in await connection.fetch(_ITEM_TYPES, list(used))}
        await copy_rows(
            connection,
            "additional_phones",
            ("contact_id", "number", "item_type_id", "position"),
            (
                (contact_id, number, item_type_id if item_type_id in known else None, position)
                for contact_id, row in zip(ids, rows, strict=True)
                for position, (item_type_id, number) in enumerate(row.extras)
            ),
        )
    return ids
