# SPDX-License-Identifier: Apache-2.0
"""The additional phones of one contact, written so that a phone keeps its id while it can."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Text, bindparam, cast, delete, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.models import AdditionalPhone
from server.services.constraints import refusing
from server.services.contacts.checks import Phone

_TABLE = AdditionalPhone.metadata.tables["additional_phones"]
_COLUMNS = ("number", "item_type_id", "description", "position", "state")
_CHANGE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in _COLUMNS})
)
_TYPE_GONE = {
    "fk_additional_phones_item_type_id_contact_item_types": DomainError(
        ErrorCode.NOT_FOUND, "additionalPhones"
    )
}


class Stored(NamedTuple):
    id: int
    number: str
    item_type_id: int | None
    description: str
    position: int
    state: str


async def stored_phones(session: AsyncSession, contact_id: int) -> list[Stored]:
    """In the order of entry."""
    columns = _TABLE.c
    rows = await session.execute(
        select(
            columns.id,
            columns.number,
            columns.item_type_id,
            columns.description,
            columns.position,
            columns.state,
        )
        .where(columns.contact_id == contact_id)
        .order_by(columns.position, columns.id)
    )
    return [Stored(*row) for row in rows]


async def write_phones(
    session: AsyncSession, contact_id: int, stored: Sequence[Stored], wanted: Sequence[Phone]
) -> None:
    """Make `stored` into `wanted`, in its order."""
    before = {row.id: row for row in stored}
    ids = _matched(stored, wanted)
    after = [
        Stored(key or 0, phone.number, phone.item_type_id, phone.description, position, phone.state)
        for position, (key, phone) in enumerate(zip(ids, wanted, strict=True))
    ]
    changed = [row for row in after if row.id and row != before[row.id]]
    async with refusing(session, _TYPE_GONE):
        if gone := before.keys() - {row.id for row in after}:
            await session.execute(delete(_TABLE).where(_TABLE.c.id.in_(gone)))
        if moved := [row.id for row in changed if row.number != before[row.id].number]:
            # Two phones may swap their numbers: each is free before the other takes it.
            free = literal("~").concat(cast(_TABLE.c.id, Text))
            await session.execute(update(_TABLE).where(_TABLE.c.id.in_(moved)).values(number=free))
        if changed:
            await session.execute(
                _CHANGE, [{"key": row.id, **_columns(row, "new_")} for row in changed]
            )
        if added := [{"contact_id": contact_id, **_columns(row)} for row in after if not row.id]:
            await session.execute(insert(_TABLE), added)


def _matched(stored: Sequence[Stored], wanted: Sequence[Phone]) -> list[int | None]:
    """The stored phone behind each wanted one: by its id, else by its number, else none."""
    claimed = {phone.id for phone in wanted}
    by_number = {row.number: row.id for row in stored if row.id not in claimed}
    return [phone.id or by_number.get(phone.number) for phone in wanted]


def _columns(row: Stored, prefix: str = "") -> dict[str, object]:
    return {prefix + name: getattr(row, name) for name in _COLUMNS}
