# SPDX-License-Identifier: Apache-2.0
"""Create, edit and order master data fields (C-22, C-24)."""

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.fields import (
    LONGEST_DISPLAY_NAME,
    LONGEST_NAME,
    Field,
    FieldType,
    change_of,
    check_definition,
    split_values,
)
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.domain.text import Unset, is_blank, name_key
from server.models import MasterDataField
from server.services.constraints import refusing
from server.services.events import record
from server.services.fields.changing import change_values
from server.services.fields.definitions import field_of, visible_fields
from server.services.fields.inputs import FieldEdit, FieldInput
from server.services.versions import locked_row

MOST_FIELDS = 200


async def create_field(session: AsyncSession, viewer: Viewer, given: FieldInput) -> MasterDataField:
    """At the end of the order. Campaigns that there are do not get it (C-23).

    Raises TAKEN for a name of another field in any case (C-24), and what does not go together.
    """
    row = MasterDataField(valid_values=[], is_multi_line=False, is_searchable=False)
    edit = FieldEdit(
        name=given.name,
        display_name=given.display_name,
        type=given.type,
        scope=given.scope,
        size=given.size,
        valid_values=given.valid_values,
        is_required=given.is_required,
        is_unique=given.is_unique,
        is_multi_line=given.is_multi_line,
        is_searchable=given.is_searchable,
    )
    _fill(row, _checked(row, edit))
    count, last = (
        await session.execute(select(func.count(), func.max(MasterDataField.position)))
    ).one()
    if count >= MOST_FIELDS:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "name", max=MOST_FIELDS)
    row.position = 0 if last is None else last + 1
    async with refusing(session, _name_taken(row.name)):
        session.add(row)
    record(session, viewer, "field.created", row.id, name=row.name, type=row.type, scope=row.scope)
    await session.refresh(row)
    return row


async def edit_field(
    session: AsyncSession, viewer: Viewer, field_id: int, edit: FieldEdit
) -> MasterDataField:
    """Its values go along whole, or the change is refused with how many stand in its way."""
    row = await locked_field(session, viewer, field_id, edit.version)
    old, before = field_of(row), _stored(row)
    columns = _checked(row, edit)
    new = _field_after(old, columns)
    rewritten = await change_values(session, viewer, old, new, change_of(old, new))
    async with refusing(session, _name_taken(str(columns["name"]))):
        _fill(row, columns)
        row.version += 1
    changed = {key: value for key, value in _stored(row).items() if before[key] != value}
    record(session, viewer, "field.edited", row.id, changed=changed, values_rewritten=rewritten)
    return row


async def reorder_fields(
    session: AsyncSession, viewer: Viewer, field_ids: Sequence[int]
) -> list[MasterDataField]:
    """These first, in this order; others follow as they stood."""
    rows = list(
        await session.scalars(
            visible_fields(viewer)
            .order_by(MasterDataField.position, MasterDataField.id)
            .with_for_update()
        )
    )
    known = {row.id: row for row in rows}
    refusals = Refusals()
    for index, field_id in enumerate(field_ids):
        if field_id not in known or field_id in field_ids[:index]:
            refusals.add(ErrorCode.NOT_FOUND, f"ids.{index}")
    refusals.check()
    ordered = [known[field_id] for field_id in field_ids]
    ordered += [row for row in rows if row.id not in field_ids]
    for position, row in enumerate(ordered):
        await session.execute(
            update(MasterDataField)
            .where(MasterDataField.id == row.id, MasterDataField.position != position)
            .values(position=position)
        )
    record(session, viewer, "field.reordered", None, fields=[row.name for row in ordered])
    return ordered


async def locked_field(
    session: AsyncSession, viewer: Viewer, field_id: int, version: int | None
) -> MasterDataField:
    """Nobody writes a value of it meanwhile: who does shares the row to the transaction's end."""
    found = visible_fields(viewer).where(MasterDataField.id == field_id).with_for_update()
    return await locked_row(session, found, version)


def _checked(row: MasterDataField, edit: FieldEdit) -> dict[str, object]:
    """The definition's columns after the edit."""
    refusals = Refusals()
    columns = _stored(row)
    if not isinstance(edit.name, Unset):
        columns["name"] = refusals.text(edit.name, "name", longest=LONGEST_NAME, required=True)
    if not isinstance(edit.display_name, Unset):
        shown = refusals.text(edit.display_name, "displayName", longest=LONGEST_DISPLAY_NAME)
        shown = str(columns["name"])[:LONGEST_DISPLAY_NAME] if is_blank(shown) else shown
        columns["display_name"] = shown
    for column in (
        *("type", "scope", "size", "is_required", "is_unique"),
        *("is_multi_line", "is_searchable"),
    ):
        value = getattr(edit, column)
        if not isinstance(value, Unset):
            columns[column] = value
    if not isinstance(edit.valid_values, Unset):
        columns["valid_values"] = list(split_values(edit.valid_values, refusals))
    if not isinstance(edit.type, Unset) and edit.type != row.type:
        _leave_behind(edit, columns)
    check_definition(
        _field_after(None, columns),
        refusals,
        is_multi_line=bool(columns["is_multi_line"]),
        is_searchable=bool(columns["is_searchable"]),
    )
    refusals.check()
    return columns


def _leave_behind(edit: FieldEdit, columns: dict[str, object]) -> None:
    """What only the old type had goes with it, unless the edit itself names it."""
    gone: dict[str, object] = {
        "size": None,
        "valid_values": [],
        "is_multi_line": False,
        "is_searchable": False,
    }
    if columns["type"] == FieldType.BOOLEAN:
        gone["is_unique"] = False
    left = {name: blank for name, blank in gone.items() if isinstance(getattr(edit, name), Unset)}
    columns.update(left)


def _stored(row: MasterDataField) -> dict[str, object]:
    names = (
        *("name", "display_name", "type", "scope", "size", "valid_values"),
        *("is_required", "is_unique", "is_multi_line", "is_searchable"),
    )
    return {name: getattr(row, name) for name in names}


def _field_after(old: Field | None, columns: dict[str, object]) -> Field:
    row = MasterDataField(**columns)
    row.id = 0 if old is None else old.id
    return field_of(row)


def _fill(row: MasterDataField, columns: dict[str, object]) -> None:
    for column, value in columns.items():
        setattr(row, column, value)
    row.name_key = name_key(row.name)


def _name_taken(name: str) -> dict[str, DomainError]:
    refusal = DomainError(ErrorCode.TAKEN, "name", value=name)
    return {"uq_master_data_fields_tenant_id_name_key": refusal}
