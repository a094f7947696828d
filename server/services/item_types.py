# SPDX-License-Identifier: Apache-2.0
"""Contact item types: the categories of additional phones and their dial order (X-01 to X-10).

A change of order or name reaches the hopper at each entry's next round, never inside one: the
machine sorts the numbers anew as a round starts (dial-machine section 2).
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    cast,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.colors import parse_color
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.domain.text import UNSET, Unset, clean, name_key
from server.models import AdditionalPhone, ContactItemType
from server.services.constraints import refusing
from server.services.counts import count_below
from server.services.events import record
from server.services.versions import locked_row

LONGEST_NAME = 100
LAST_PLACE = 2_147_483_647  # the largest Int of GraphQL


@dataclass(frozen=True, kw_only=True)
class ItemTypeInput:
    """`color` is `#RRGGBB` or `#RGB` in any case; `order_by` counts from 1, lower goes first."""

    name: str
    order_by: int
    color: str


@dataclass(frozen=True, kw_only=True)
class ItemTypeEdit:
    """What stays UNSET is left as it is; `version` is the one that the editor saw."""

    name: str | Unset = UNSET
    order_by: int | Unset = UNSET
    color: str | Unset = UNSET
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class DeletedItemType:
    id: int
    name: str
    phones_untyped: int  # how many phones had the type, and are dialed last from now on


def visible_item_types(viewer: Viewer) -> Select[ContactItemType]:
    """Everybody in the tenant: agents choose among the types too (X-13)."""
    return select(ContactItemType)


def phone_count(item_types: FromClause) -> ColumnElement[int]:
    """How many additional phones have the type."""
    phones = AdditionalPhone.__table__.alias()
    return count_below(phones, phones.c.item_type_id == item_types.c.id, item_types)


def phone_count_capped(item_types: FromClause) -> ColumnElement[int]:
    """The same, but quick for any type: COUNT_CAP + 1 stands for all beyond."""
    phones = AdditionalPhone.__table__.alias()
    return count_below(phones, phones.c.item_type_id == item_types.c.id, item_types, capped=True)


def matching(text: str, viewer: Viewer) -> Callable[[FromClause], ColumnElement[bool]]:
    """Any part of the name in any case, an Order by, or a colour; blank finds all (X-08)."""
    try:
        key = name_key(clean(text, "search"))
    except DomainError:  # no name holds such a character, or is that long
        return lambda item_types: false()

    def condition(item_types: FromClause) -> ColumnElement[bool]:
        columns = item_types.c
        return or_(
            columns.name_key.contains(key, autoescape=True),
            cast(columns.order_by, Text) == key,
            func.lower(columns.color).contains(key, autoescape=True),
        )

    return condition


async def create_item_type(
    session: AsyncSession, viewer: Viewer, given: ItemTypeInput
) -> ContactItemType:
    """X-01. Two types may share an order (X-03), but not a name (X-10)."""
    row = ContactItemType()
    _fill(row, ItemTypeEdit(name=given.name, order_by=given.order_by, color=given.color))
    async with refusing(session, _name_taken(row.name)):
        session.add(row)
    record(session, viewer, "item_type.created", row.id, name=row.name, order_by=row.order_by)
    await session.refresh(row)
    return row


async def edit_item_type(
    session: AsyncSession, viewer: Viewer, item_type_id: int, edit: ItemTypeEdit
) -> ContactItemType:
    """X-02. Name and colour show at once, the order takes effect at each entry's next round."""
    row = await _locked(session, viewer, item_type_id, edit.version)
    before = {"name": row.name, "order_by": row.order_by, "color": row.color}
    async with refusing(session, _name_taken(edit.name)):
        _fill(row, edit)
        row.version += 1
    changed = {key: getattr(row, key) for key, old in before.items() if getattr(row, key) != old}
    record(session, viewer, "item_type.edited", row.id, changed=changed)
    return row


async def delete_item_type(
    session: AsyncSession, viewer: Viewer, item_type_id: int, version: int | None = None
) -> DeletedItemType:
    """Its phones stay and become untyped, so they are dialed last (X-02, X-06)."""
    row = await _locked(session, viewer, item_type_id, version)
    untyped = await session.scalars(
        update(AdditionalPhone)
        .where(AdditionalPhone.item_type_id == row.id)
        .values(item_type_id=None)
        .returning(AdditionalPhone.id)
        .execution_options(synchronize_session=False)
    )
    count = len(untyped.all())
    await session.delete(row)
    record(session, viewer, "item_type.deleted", row.id, name=row.name, phones_untyped=count)
    await session.flush()
    return DeletedItemType(id=row.id, name=row.name, phones_untyped=count)


async def _locked(
    session: AsyncSession, viewer: Viewer, item_type_id: int, version: int | None
) -> ContactItemType:
    found = visible_item_types(viewer).where(ContactItemType.id == item_type_id).with_for_update()
    return await locked_row(session, found, version)


def _fill(row: ContactItemType, edit: ItemTypeEdit) -> None:
    refusals = Refusals()
    name, order_by, color = edit.name, edit.order_by, edit.color
    if not isinstance(name, Unset):
        name = refusals.text(name, "name", longest=LONGEST_NAME, required=True)
    if not isinstance(order_by, Unset):
        order_by = refusals.within(order_by, "orderBy", 1, LAST_PLACE)
    if not isinstance(color, Unset):
        color = _color(color, refusals)
    refusals.check()
    # Only now: a refused edit must leave the row in the session as it was.
    if not isinstance(name, Unset):
        row.name, row.name_key = name, name_key(name)
    if not isinstance(order_by, Unset):
        row.order_by = order_by
    if not isinstance(color, Unset):
        row.color = color


def _color(text: str, refusals: Refusals) -> str:
    cleaned = refusals.text(text, "color", longest=20, required=True)
    color = parse_color(cleaned)
    if color is None and cleaned:
        refusals.add(ErrorCode.INVALID, "color", value=cleaned, expected="#RRGGBB")
    return color or ""


def _name_taken(name: str | Unset) -> dict[str, DomainError]:
    refusal = DomainError(ErrorCode.TAKEN, "name", value=name)
    return {"uq_contact_item_types_tenant_id_name_key": refusal}
