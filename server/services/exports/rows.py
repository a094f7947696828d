# SPDX-License-Identifier: Apache-2.0
"""Contacts as rows of text, in the columns that an export was asked for (C-51, D7)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import FromClause, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.exports import ExportColumn, numbered, told_apart
from server.domain.permissions import Viewer
from server.models import (
    AdditionalPhone,
    Contact,
    ContactItemType,
    ContactList,
    ContactTag,
    ListMember,
    Tag,
)
from server.services.contacts.values import values_of_contacts
from server.services.exports.options import ExportInput
from server.services.visibility import visible_contacts, visible_lists

PLAIN = {
    ExportColumn.FIRST_NAME: "first_name",
    ExportColumn.LAST_NAME: "last_name",
    ExportColumn.EMAIL: "email",
    ExportColumn.COMPANY: "company",
    ExportColumn.LANGUAGE: "language",
    ExportColumn.TIME_ZONE: "time_zone",
}
BETWEEN = ", "


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns of the file. `widths`: for each item type (None: no type) how many numbers of it
    a contact has at the most; types stand in dial order."""

    widths: Mapping[int | None, int]
    names: Sequence[str]
    phones: frozenset[int]  # the places of columns that hold numbers

    def to_json(self) -> dict[str, object]:
        widths = [[key, width] for key, width in self.widths.items()]
        return {"widths": widths, "names": list(self.names), "phones": sorted(self.phones)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Layout":
        return cls(
            widths=dict(stored["widths"]),
            names=stored["names"],
            phones=frozenset(stored["phones"]),
        )


async def survey(session: AsyncSession, given: ExportInput, found: Select[int]) -> Layout:
    """The columns that the contacts `found` need."""
    widths: dict[int | None, int] = {}
    types: dict[int | None, str] = {None: given.untyped}
    if any(one.column is ExportColumn.PHONES for one in given.headings):
        wanted = found.subquery()
        each = (
            select(AdditionalPhone.item_type_id, func.count().label("numbers"))
            .join(wanted, wanted.c.id == AdditionalPhone.contact_id)
            .group_by(AdditionalPhone.contact_id, AdditionalPhone.item_type_id)
            .subquery()
        )
        most = select(each.c.item_type_id, func.max(each.c.numbers)).group_by(each.c.item_type_id)
        counted: dict[int | None, int] = dict(list(await session.execute(most)))
        in_dial_order = select(ContactItemType).order_by(
            ContactItemType.order_by, ContactItemType.name_key
        )
        named: dict[int | None, str] = {
            row.id: row.name for row in await session.scalars(in_dial_order)
        }
        types = named | types
        widths = {key: counted[key] for key in types if key in counted}
    names: list[str] = []
    phones: set[int] = set()
    for one in given.headings:
        if one.column is ExportColumn.PHONES:
            headed = [name for key, width in widths.items() for name in numbered(types[key], width)]
        else:
            headed = [one.text]
        if one.column in (ExportColumn.PHONES, ExportColumn.PHONE):
            phones |= set(range(len(names), len(names) + len(headed)))
        names += headed
    return Layout(widths=widths, names=told_apart(names), phones=frozenset(phones))


async def read_rows(
    session: AsyncSession,
    viewer: Viewer,
    given: ExportInput,
    layout: Layout,
    contact_ids: Sequence[int],
) -> list[list[str]]:
    """The contacts in the order of `contact_ids`, without those gone or out of sight by now."""
    seen = visible_contacts(viewer).where(Contact.id == func.any(list(contact_ids)))
    contacts = {row.id: row for row in await session.scalars(seen)}
    for row in contacts.values():
        session.expunge(row)
    columns = {one.column for one in given.headings}
    phones = await _phones(session, contacts) if ExportColumn.PHONES in columns else {}
    tags = await _tags(session, contacts) if ExportColumn.TAGS in columns else {}
    lists = await _lists(session, viewer, contacts) if ExportColumn.LISTS in columns else {}
    values = (
        await values_of_contacts(session, viewer, list(contacts))
        if ExportColumn.FIELD in columns
        else {}
    )
    zone = ZoneInfo(given.timezone)

    def cells(row: Contact) -> list[str]:
        made: list[str] = []
        for one in given.headings:
            match one.column:
                case ExportColumn.PHONES:
                    made += _spread(phones.get(row.id, {}), layout.widths)
                case ExportColumn.PHONE:
                    made.append(row.phone or "")
                case ExportColumn.TAGS:
                    made.append(BETWEEN.join(tags.get(row.id, [])))
                case ExportColumn.LISTS:
                    made.append(BETWEEN.join(lists.get(row.id, [])))
                case ExportColumn.PRIORITY:
                    made.append(str(row.priority))
                case ExportColumn.CREATED_AT:
                    made.append(row.created_at.astimezone(zone).isoformat(timespec="seconds"))
                case ExportColumn.FIELD:
                    made.append(values.get(row.id, {}).get(one.field_id or 0, ""))
                case plain:
                    made.append(getattr(row, PLAIN[plain]))
        return made

    return [cells(contacts[key]) for key in contact_ids if key in contacts]


Phones = dict[int | None, list[str]]


def _spread(numbers: Phones, widths: Mapping[int | None, int]) -> list[str]:
    made: list[str] = []
    for key, width in widths.items():
        mine = numbers.get(key, [])[:width]  # one that was added since the survey has no column
        made += [*mine, *[""] * (width - len(mine))]
    return made


async def _phones(session: AsyncSession, contacts: Collection[int]) -> dict[int, Phones]:
    rows = await session.execute(
        select(AdditionalPhone.contact_id, AdditionalPhone.item_type_id, AdditionalPhone.number)
        .where(AdditionalPhone.contact_id == func.any(list(contacts)))
        .order_by(AdditionalPhone.contact_id, AdditionalPhone.position, AdditionalPhone.id)
    )
    found: dict[int, Phones] = {}
    for contact_id, item_type_id, number in rows:
        found.setdefault(contact_id, {}).setdefault(item_type_id, []).append(number)
    return found


async def _tags(session: AsyncSession, contacts: Collection[int]) -> dict[int, list[str]]:
    return await _names(session, Tag.__table__, ContactTag.__table__, "tag_id", contacts)


async def _lists(
    session: AsyncSession, viewer: Viewer, contacts: Collection[int]
) -> dict[int, list[str]]:
    mine = set(await session.scalars(visible_lists(viewer).with_only_columns(ContactList.id)))
    table, members = ContactList.__table__, ListMember.__table__
    return await _names(session, table, members, "list_id", contacts, mine)


async def _names(
    session: AsyncSession,
    table: FromClause,
    relation: FromClause,
    key: str,
    contacts: Collection[int],
    only: Collection[int] | None = None,
) -> dict[int, list[str]]:
    statement = (
        select(relation.c.contact_id, table.c.name, table.c.id)
        .join(table, table.c.id == relation.c[key])
        .where(relation.c.contact_id == func.any(list(contacts)))
        .order_by(relation.c.contact_id, table.c.name_key)
    )
    found: dict[int, list[str]] = {}
    for contact_id, name, row_id in await session.execute(statement):
        if only is None or row_id in only:
            found.setdefault(contact_id, []).append(name)
    return found


__all__ = ["Layout", "read_rows", "survey"]
