# SPDX-License-Identifier: Apache-2.0
"""Values of master data fields, written with the contact they belong to (C-22 to C-25)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.fields import Field, FieldScope, FieldType, Reading, Value, read, written
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.domain.text import Unset
from server.models import Campaign, CampaignField, FieldValue, MasterDataField
from server.services.constraints import refusing
from server.services.contacts.inputs import ValueInput
from server.services.fields import field_of, visible_fields
from server.services.fields.columns import COLUMNS, columns_of, value_of
from server.services.numbers import normalized
from server.services.visibility import visible_campaigns

MOST_VALUES = 500
_PLACE = (text("contact_id"), text("field_id"), text("coalesce(campaign_id, 0)"))
_STORED = tuple(getattr(FieldValue, column) for column in COLUMNS.values())


@dataclass(frozen=True, kw_only=True)
class WantedValue:
    """A value as it is to be stored, or None to have none; `path` is where it was given."""

    field: Field
    campaign_id: int | None
    value: Value | None
    path: str


async def check_values(
    session: AsyncSession,
    viewer: Viewer,
    given: Sequence[ValueInput] | Unset,
    refusals: Refusals,
    *,
    contact_id: int | None = None,
) -> list[WantedValue]:
    """What was given, read by its fields, each fault noted at its place (`values.0.value`).

    A required field of persons cannot be blank; a new contact (no `contact_id`) has to bring all
    of them, if it brings any. Those of records are asked of the agent, before the next page of the
    script (C-22).
    The fields are shared to the transaction's end, so that their definitions stay the same.
    """
    if isinstance(given, Unset):
        return []
    if len(given) > MOST_VALUES:
        refusals.add(ErrorCode.OUT_OF_RANGE, "values", max=MOST_VALUES)
        return []
    fields = await _shared_fields(session, viewer, {one.field_id for one in given})
    structures = await _structures(session, viewer, given)
    reading = Reading(phone=lambda number: normalized(number, viewer.region))
    wanted: list[WantedValue] = []
    seen: set[tuple[int, int | None]] = set()
    for index, one in enumerate(given):
        path = f"values.{index}"
        field = fields.get(one.field_id)
        if field is None or not _belongs(field, one, structures, path, refusals):
            if field is None:
                refusals.add(ErrorCode.NOT_FOUND, f"{path}.fieldId")
            continue
        if (field.id, one.campaign_id) in seen:
            refusals.add(ErrorCode.INVALID, f"{path}.fieldId")
            continue
        seen.add((field.id, one.campaign_id))
        with refusals.noting():
            value = read(field, one.value or "", f"{path}.value", reading)
            if value is None and field.is_required and field.scope is FieldScope.CONTACT:
                refusals.add(ErrorCode.REQUIRED, f"{path}.value", label=field.display_name)
            wanted.append(
                WantedValue(field=field, campaign_id=one.campaign_id, value=value, path=path)
            )
    if contact_id is None:
        await _check_complete(session, viewer, fields.keys(), refusals)
    await _check_unique(session, wanted, contact_id, refusals)
    return wanted


async def write_values(
    session: AsyncSession, contact_id: int, wanted: Sequence[WantedValue]
) -> list[str]:
    """Store what was checked; the answer is the names of the fields whose values changed.

    Raises TAKEN (values.0.value) where somebody else has taken a unique value meanwhile.
    """
    stored = await _stored(session, contact_id, {one.field.id for one in wanted})
    changed = [one for one in wanted if stored.get((one.field.id, one.campaign_id)) != one.value]
    for one in sorted(changed, key=lambda one: (one.field.id, one.campaign_id or 0)):
        if one.value is None:
            await session.execute(
                delete(FieldValue).where(
                    FieldValue.contact_id == contact_id,
                    FieldValue.field_id == one.field.id,
                    FieldValue.campaign_id.is_not_distinct_from(one.campaign_id),
                )
            )
            continue
        columns = columns_of(one.value)
        row = insert(FieldValue).values(
            contact_id=contact_id, field_id=one.field.id, campaign_id=one.campaign_id, **columns
        )
        statement = row.on_conflict_do_update(index_elements=_PLACE, set_=columns)
        if not one.field.is_unique:
            await session.execute(statement)
            continue
        async with refusing(session, {"uq_field_values_unique_key": _taken(one)}):
            await session.execute(statement)
    return [one.field.name for one in changed]


async def values_of_contacts(
    session: AsyncSession,
    viewer: Viewer,
    contact_ids: Collection[int],
    *,
    campaign_id: int | None = None,
) -> dict[int, dict[int, str]]:
    """By contact and field the values as text: the persons', and those of records in a campaign.

    For exports and other work on many contacts; the caller may see these contacts.
    """
    rows = await session.execute(
        select(FieldValue.contact_id, FieldValue.field_id, MasterDataField.type, *_STORED)
        .join(MasterDataField, MasterDataField.id == FieldValue.field_id)
        .where(
            FieldValue.contact_id == func.any(list(contact_ids)),
            or_(FieldValue.campaign_id.is_(None), FieldValue.campaign_id == campaign_id),
        )
    )
    found: dict[int, dict[int, str]] = {key: {} for key in contact_ids}
    for row in rows.mappings():
        text_form = written(FieldType(row["type"]), value_of(row))
        found[row["contact_id"]][row["field_id"]] = text_form
    return found


async def _shared_fields(
    session: AsyncSession, viewer: Viewer, field_ids: Collection[int]
) -> dict[int, Field]:
    """In the order of their ids, so that two writers do not wait for each other."""
    rows = await session.scalars(
        visible_fields(viewer)
        .where(MasterDataField.id.in_(field_ids))
        .order_by(MasterDataField.id)
        .with_for_update(read=True)
    )
    return {row.id: field_of(row) for row in rows}


async def _structures(
    session: AsyncSession, viewer: Viewer, given: Sequence[ValueInput]
) -> dict[int, set[int]]:
    """By campaign that was named, and that the viewer sees, the fields of its records."""
    named = {one.campaign_id for one in given if one.campaign_id is not None}
    if not named:
        return {}
    rows = await session.execute(
        visible_campaigns(viewer)
        .where(Campaign.id.in_(named))
        .outerjoin(CampaignField, CampaignField.campaign_id == Campaign.id)
        .with_only_columns(Campaign.id, CampaignField.field_id)
    )
    found: dict[int, set[int]] = {}
    for campaign_id, field_id in rows:
        found.setdefault(campaign_id, set()).add(field_id)
    return found


def _belongs(
    field: Field,
    one: ValueInput,
    structures: dict[int, set[int]],
    path: str,
    refusals: Refusals,
) -> bool:
    """Fields of persons go without a campaign, those of records with one that has them (C-23)."""
    if field.scope is FieldScope.CONTACT:
        if one.campaign_id is not None:
            refusals.add(ErrorCode.INVALID, f"{path}.campaignId", only=FieldScope.RECORD)
        return one.campaign_id is None
    if one.campaign_id is None:
        refusals.add(ErrorCode.REQUIRED, f"{path}.campaignId")
    elif one.campaign_id not in structures:
        refusals.add(ErrorCode.NOT_FOUND, f"{path}.campaignId")
    elif field.id not in structures[one.campaign_id]:
        refusals.add(ErrorCode.NOT_FOUND, f"{path}.fieldId")
    else:
        return True
    return False


async def _check_complete(
    session: AsyncSession, viewer: Viewer, given: Collection[int], refusals: Refusals
) -> None:
    """A new contact's required values that were left out, told one by one."""
    missing = await session.scalars(
        visible_fields(viewer)
        .where(
            MasterDataField.is_required,
            MasterDataField.scope == FieldScope.CONTACT,
            MasterDataField.id.not_in(given),
        )
        .order_by(MasterDataField.position, MasterDataField.id)
    )
    for row in missing:
        refusals.add(ErrorCode.REQUIRED, "values", label=row.display_name)


async def _check_unique(
    session: AsyncSession,
    wanted: Sequence[WantedValue],
    contact_id: int | None,
    refusals: Refusals,
) -> None:
    """Each at its place; the index itself decides where two write at the same moment."""
    for one in wanted:
        if one.value is None or one.value.unique_key is None:
            continue
        other = select(FieldValue.id).where(
            FieldValue.field_id == one.field.id,
            func.coalesce(FieldValue.campaign_id, 0) == (one.campaign_id or 0),
            FieldValue.unique_key == one.value.unique_key,
            FieldValue.contact_id.is_distinct_from(contact_id),
        )
        if await session.scalar(other.limit(1)) is not None:
            refusals.errors.append(_taken(one))


async def _stored(
    session: AsyncSession, contact_id: int, field_ids: Collection[int]
) -> dict[tuple[int, int | None], Value]:
    rows = await session.execute(
        select(FieldValue.field_id, FieldValue.campaign_id, *_STORED).where(
            FieldValue.contact_id == contact_id, FieldValue.field_id.in_(field_ids)
        )
    )
    return {(row["field_id"], row["campaign_id"]): value_of(row) for row in rows.mappings()}


def _taken(one: WantedValue) -> DomainError:
    assert one.value is not None
    return DomainError(
        ErrorCode.TAKEN,
        f"{one.path}.value",
        label=one.field.display_name,
        given=written(one.field.type, one.value)[:100],
    )
