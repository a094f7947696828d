# SPDX-License-Identifier: Apache-2.0
"""Contacts by any of their fields, the best first; by what is much like it, the last (X-08).

The function of the database gives the keys, of the tenant's contacts that are in the viewer's
reach; what is shown of them is read here, under row-level security and the viewer's sight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    Double,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.types import TypeEngine

from server.domain.permissions import Role, Viewer
from server.models import AdditionalPhone, Contact, ContactItemType, FieldValue, MasterDataField
from server.services.search.asking import Asked, read_abroad
from server.services.search.found import Found, Reads
from server.services.search.judging import judge
from server.services.search.spelling import like
from server.services.visibility import visible_contacts

DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]

# The parameters of `rubrica_search_contacts`, in their order.
_PARAMETERS: dict[str, TypeEngine[Any]] = {
    "steps": ARRAY(Text),
    "phrase": Text(),
    "host": Text(),
    "words": ARRAY(Text),
    "address": Text(),
    "beginnings": ARRAY(Text),
    "digits": Text(),
    "figure": Double(),
    "day": Date(),
    "agent": BigInteger(),
    "inside_list": BigInteger(),
    "campaign": BigInteger(),
    "most": Integer(),
}


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Among which contacts is looked: those of a list, or with a record in a campaign."""

    list_id: int | None = None
    campaign_id: int | None = None


EVERYWHERE = Reach()


def keys_found(
    asked: Asked, viewer: Viewer, most: int, reach: Reach = EVERYWHERE
) -> ColumnElement[list[int]]:
    """The keys of the best `most` contacts, as an array that a statement makes once."""
    values = dict(zip(_PARAMETERS, _arguments(asked, viewer, most, reach), strict=True))
    bound = [bindparam(None, values[name], type_=kind) for name, kind in _PARAMETERS.items()]
    # A sub-select of its own: the planner would run a function that it is to unnest, only to guess
    # how many there are.
    found = select(func.rubrica_search_contacts(*bound)).scalar_subquery()
    kind: TypeEngine[Any] = ARRAY(BigInteger)
    return cast(found, kind)


async def find_contacts(reads: Reads, viewer: Viewer, asked: Asked, most: int) -> list[Found]:
    """At most `most` contacts that the viewer may see."""
    exact = await _read(reads, viewer, asked, most)
    found = [judge(row, asked) for row in exact]
    if len(found) < most:
        alike = read_abroad(asked) or await like(reads, viewer, asked)
        if alike is not None:
            known = {each.id for each in found}
            rows = await _read(reads, viewer, alike, most)
            found += [judge(row, alike) for row in rows if row["id"] not in known]
    return found[:most]


async def _read(reads: Reads, viewer: Viewer, asked: Asked, most: int) -> Sequence[asyncpg.Record]:
    sql, names = _statement(viewer.role is Role.AGENT)
    values = dict(zip(_PARAMETERS, _arguments(asked, viewer, most, EVERYWHERE), strict=True))
    values["viewer_id"] = viewer.user_id
    return await reads.read(viewer.tenant_id, sql, *(values[name] for name in names))


def _arguments(asked: Asked, viewer: Viewer, most: int, reach: Reach) -> list[object]:
    agent = viewer.user_id if viewer.role is Role.AGENT else None
    return [*asked.arguments(), agent, reach.list_id, reach.campaign_id, most]


@lru_cache(maxsize=2)
def _statement(is_agent: bool) -> tuple[str, Sequence[str]]:
    """The text, and the names of its parameters in order; the same for all who have the role."""
    role = Role.AGENT if is_agent else Role.SUPERVISOR
    someone = Viewer(
        user_id=0, tenant_id=0, name="", full_name="", role=role, permissions=frozenset()
    )
    bound = [bindparam(name, type_=kind) for name, kind in _PARAMETERS.items()]
    called: Any = func.unnest(func.rubrica_search_contacts(*bound))
    hit = called.table_valued("id", with_ordinality="place", name="hit").render_derived()
    contacts = Contact.__table__.c
    columns: list[Any] = [
        *(
            contacts[name]
            for name in ("id", "first_name", "last_name", "email", "company", "phone")
        ),
        _numbers().label("numbers"),
        _values().label("custom"),
    ]
    rows: Select[Any] = visible_contacts(someone).with_only_columns(*columns)
    compiled = (
        rows.join(hit, hit.c.id == contacts.id).order_by(hit.c.place).compile(dialect=DIALECT)
    )
    return compiled.string, tuple(compiled.positiontup or ())


def _numbers() -> ColumnElement[Any]:
    """(number, item type's key, its name) of the additional phones, in their order."""
    phones, types = AdditionalPhone.__table__, ContactItemType.__table__
    rows = (
        select(func.row(phones.c.number, types.c.id, types.c.name))
        .select_from(phones.outerjoin(types, types.c.id == phones.c.item_type_id))
        .where(phones.c.contact_id == Contact.__table__.c.id)
        .order_by(phones.c.position, phones.c.id)
        .correlate(Contact.__table__)
    )
    return func.array(rows.scalar_subquery())


def _values() -> ColumnElement[Any]:
    """(display name, text, number, day) of the values in searchable fields."""
    values, fields = FieldValue.__table__, MasterDataField.__table__
    rows = (
        select(
            func.row(
                fields.c.display_name,
                values.c.text_value,
                values.c.number_value,
                values.c.date_value,
                values.c.campaign_id,
            )
        )
        .select_from(values.join(fields, fields.c.id == values.c.field_id))
        .where(values.c.contact_id == Contact.__table__.c.id, fields.c.is_searchable)
        .order_by(fields.c.position, fields.c.id)
        .correlate(Contact.__table__)
    )
    return func.array(rows.scalar_subquery())
