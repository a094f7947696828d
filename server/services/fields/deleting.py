# SPDX-License-Identifier: Apache-2.0
"""Delete a master data field with its values, and bring both back within thirty days."""

from datetime import timedelta

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import CampaignField, MasterDataField, TrashedField
from server.services.constraints import refusing
from server.services.dialer.connections import connection_of
from server.services.events import record
from server.services.fields.changing import count_values, pieces
from server.services.fields.columns import NAMES
from server.services.fields.definitions import field_of
from server.services.fields.inputs import DeletedField
from server.services.fields.writing import locked_field

KEPT = timedelta(days=30)
_DEFINITION = (
    *("name", "name_key", "display_name", "scope", "type", "size", "valid_values"),
    *("is_required", "is_unique", "is_multi_line", "is_searchable", "position", "version"),
)
# In pieces, so that no statement takes longer than one may.
_VALUES = "SELECT id FROM field_values WHERE field_id = $1 AND {} IS NOT NULL"
_MOVE_OUT = f"""
WITH gone AS (
  DELETE FROM field_values WHERE id = ANY($2::bigint[])
  RETURNING id, contact_id, campaign_id, {NAMES}
)
INSERT INTO trashed_field_values (trashed_field_id, value_id, contact_id, campaign_id, {NAMES})
SELECT $1, id, contact_id, campaign_id, {NAMES} FROM gone
"""
_TRASHED = "SELECT value_id FROM trashed_field_values WHERE trashed_field_id = $1 ORDER BY value_id"
# The person or the campaign that a value belonged to may have gone since.
_MOVE_BACK = f"""
INSERT INTO field_values (id, field_id, contact_id, campaign_id, {NAMES})
OVERRIDING SYSTEM VALUE
SELECT value_id, $2, contact_id, campaign_id, {NAMES} FROM trashed_field_values AS gone
WHERE trashed_field_id = $1 AND value_id = ANY($3::bigint[])
  AND EXISTS (SELECT 1 FROM contacts WHERE contacts.id = gone.contact_id)
  AND (campaign_id IS NULL
       OR EXISTS (SELECT 1 FROM campaigns WHERE campaigns.id = gone.campaign_id))
"""

# Values of contacts that are not there go to where these wait: into the trash, or among the
# documents of the merge that they became part of another contact by.
_WAITING = """
WITH given AS (
  SELECT contact_id, jsonb_agg(to_jsonb(v) || jsonb_build_object(
    'id', v.value_id, 'field_id', $2::bigint, '_name', $3::text)) AS rows
  FROM trashed_field_values v
  WHERE trashed_field_id = $1 AND value_id = ANY($4::bigint[])
    AND NOT EXISTS (SELECT 1 FROM contacts WHERE contacts.id = v.contact_id)
  GROUP BY contact_id
), trashed AS (
  UPDATE trashed_contacts t
  SET snapshot = jsonb_set(t.snapshot, '{values}', (t.snapshot -> 'values') || given.rows)
  FROM given WHERE t.contact_id = given.contact_id
)
UPDATE contact_merges m SET before = (
  SELECT jsonb_agg(CASE WHEN c.contact_id IS NULL THEN d.told
    ELSE jsonb_set(d.told, '{values}', (d.told -> 'values') || given.rows) END ORDER BY d.place)
  FROM jsonb_array_elements(m.before) WITH ORDINALITY AS d (told, place)
  LEFT JOIN given ON given.contact_id = (d.told #>> '{contact,id}')::bigint
  LEFT JOIN merged_contacts c ON c.contact_id = given.contact_id AND c.merge_id = m.id
)
WHERE m.before <> '[]' AND m.id IN (
  SELECT merge_id FROM merged_contacts JOIN given USING (contact_id))
"""


def visible_trashed_fields(viewer: Viewer) -> Select[TrashedField]:
    """Those of the tenant that can still come back."""
    return select(TrashedField).where(TrashedField.expires_at > func.clock_timestamp())


async def delete_field(
    session: AsyncSession,
    viewer: Viewer,
    field_id: int,
    *,
    values_lost: int,
    version: int | None = None,
) -> DeletedField:
    """`values_lost` is the number of values that the caller was shown, and agreed to lose.

    Raises IN_USE (valuesLost) with the number of now where it is another one.
    """
    row = await locked_field(session, viewer, field_id, version)
    field = field_of(row)
    count = await count_values(session, field)
    if count != values_lost:
        raise DomainError(ErrorCode.IN_USE, "valuesLost", lost=count)
    places = await session.execute(
        select(CampaignField.campaign_id, CampaignField.position)
        .where(CampaignField.field_id == row.id)
        .order_by(CampaignField.campaign_id)
    )
    now = func.clock_timestamp()
    await session.execute(delete(TrashedField).where(TrashedField.expires_at <= now))
    gone = TrashedField(
        field_id=row.id,
        name=row.name,
        definition={name: getattr(row, name) for name in _DEFINITION}
        | {"campaigns": [[campaign, place] for campaign, place in places]},
        value_count=count,
        deleted_by=viewer.user_id,
        expires_at=now + KEPT,
    )
    session.add(gone)
    await session.flush()
    connection = await connection_of(session)
    async for keys in pieces(connection, _VALUES.format(field.sort_column), row.id):
        await connection.execute(_MOVE_OUT, gone.id, keys)
    await session.delete(row)
    record(session, viewer, "field.deleted", row.id, name=row.name, values_lost=count)
    await session.flush()
    return DeletedField(id=row.id, name=row.name, values_lost=count, trashed_id=gone.id)


async def restore_field(
    session: AsyncSession, viewer: Viewer, trashed_id: int
) -> tuple[MasterDataField, int]:
    """The field under its id, in the campaigns that are left, with its values: their number.

    Raises TAKEN (name) where another field has taken the name since.
    """
    gone = await session.scalar(
        visible_trashed_fields(viewer).where(TrashedField.id == trashed_id).with_for_update()
    )
    if gone is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    columns = {name: gone.definition[name] for name in _DEFINITION}
    row = MasterDataField(id=gone.field_id, **columns)
    row.version += 1
    taken = DomainError(ErrorCode.TAKEN, "name", value=row.name)
    async with refusing(session, {"uq_master_data_fields_tenant_id_name_key": taken}):
        session.add(row)
    connection = await connection_of(session)
    places = gone.definition["campaigns"]
    assert isinstance(places, list)
    await connection.execute(
        "INSERT INTO campaign_fields (campaign_id, field_id, position) "
        "SELECT campaign_id, $1, place FROM unnest($2::bigint[], $3::int[]) "
        "AS had (campaign_id, place) "
        "WHERE EXISTS (SELECT 1 FROM campaigns WHERE campaigns.id = had.campaign_id)",
        row.id,
        [campaign for campaign, _ in places],
        [place for _, place in places],
    )
    count = 0
    async for keys in pieces(connection, _TRASHED, gone.id):
        moved = await connection.execute(_MOVE_BACK, gone.id, row.id, keys)
        await connection.execute(_WAITING, gone.id, row.id, row.display_name, keys)
        count += int(moved.rpartition(" ")[2])
    await session.delete(gone)
    record(session, viewer, "field.restored", row.id, name=row.name, values=count)
    await session.flush()
    await session.refresh(row)
    return row, count
