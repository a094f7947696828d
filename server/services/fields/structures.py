# SPDX-License-Identifier: Apache-2.0
"""The record structure of a campaign: the fields of its records, in order (C-23, C-25)."""

from collections.abc import Sequence

from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.fields import FieldScope
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.models import Campaign, CampaignField, FieldValue, MasterDataField
from server.services.dialer.connections import connection_of
from server.services.events import record
from server.services.fields.changing import pieces
from server.services.fields.definitions import visible_fields
from server.services.visibility import visible_campaigns

_OF_LEAVING = """
SELECT id FROM field_values WHERE campaign_id = $1 AND field_id = ANY($2::bigint[])
"""


async def give_record_fields(session: AsyncSession, campaign_id: int) -> None:
    """A new campaign gets the fields of records that there are now, in their order (C-23)."""
    place = func.row_number().over(order_by=(MasterDataField.position, MasterDataField.id)) - 1
    fields = select(literal(campaign_id), MasterDataField.id, place).where(
        MasterDataField.scope == FieldScope.RECORD
    )
    columns = ["campaign_id", "field_id", "position"]
    await session.execute(insert(CampaignField).from_select(columns, fields))


async def set_record_structure(
    session: AsyncSession,
    viewer: Viewer,
    campaign_id: int,
    field_ids: Sequence[int],
    *,
    values_lost: int = 0,
) -> int:
    """These fields and no others, in this order. Fields of persons cannot be among them.

    The values of fields that leave are deleted: `values_lost` is the number that the caller was
    shown, and agreed to lose. Raises IN_USE (valuesLost) where it is another one. The answer is
    the number deleted.
    """
    campaign = await session.scalar(
        visible_campaigns(viewer)
        .where(Campaign.id == campaign_id)
        .with_for_update(of=Campaign, key_share=True)
    )
    if campaign is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    names = await _named(session, viewer, field_ids)
    before = set(
        await session.scalars(
            select(CampaignField.field_id).where(CampaignField.campaign_id == campaign.id)
        )
    )
    leaving = before - set(field_ids)
    # Nobody writes a value of a field that leaves: who does shares its row.
    await session.execute(
        select(MasterDataField.id)
        .where(MasterDataField.id.in_(leaving))
        .order_by(MasterDataField.id)
        .with_for_update(key_share=True)
    )
    of_leaving = (FieldValue.campaign_id == campaign.id, FieldValue.field_id.in_(leaving))
    lost = await session.scalar(select(func.count()).select_from(FieldValue).where(*of_leaving))
    if lost != values_lost:
        raise DomainError(ErrorCode.IN_USE, "valuesLost", lost=lost)
    connection = await connection_of(session)
    async for keys in pieces(connection, _OF_LEAVING, campaign.id, list(leaving)):
        await connection.execute("DELETE FROM field_values WHERE id = ANY($1::bigint[])", keys)
    await session.execute(delete(CampaignField).where(CampaignField.campaign_id == campaign.id))
    if field_ids:
        await session.execute(
            insert(CampaignField),
            [
                {"campaign_id": campaign.id, "field_id": field_id, "position": position}
                for position, field_id in enumerate(field_ids)
            ],
        )
    record(
        session,
        viewer,
        "campaign.structure_changed",
        campaign.id,
        fields=[names[field_id] for field_id in field_ids],
        values_lost=lost,
    )
    return lost or 0


async def _named(session: AsyncSession, viewer: Viewer, field_ids: Sequence[int]) -> dict[int, str]:
    """The fields' names; each id that is none of a record's fields is refused at its place."""
    found = await session.execute(
        visible_fields(viewer)
        .where(MasterDataField.id.in_(set(field_ids)))
        .with_only_columns(MasterDataField.id, MasterDataField.name, MasterDataField.scope)
        .with_for_update(read=True)
    )
    known = {row.id: row for row in found}
    refusals = Refusals()
    for index, field_id in enumerate(field_ids):
        if field_id not in known or field_id in field_ids[:index]:
            refusals.add(ErrorCode.NOT_FOUND, f"fieldIds.{index}")
        elif known[field_id].scope != FieldScope.RECORD:
            refusals.add(ErrorCode.INVALID, f"fieldIds.{index}", only=FieldScope.RECORD)
    refusals.check()
    return {key: row.name for key, row in known.items()}
