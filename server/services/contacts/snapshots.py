# SPDX-License-Identifier: Apache-2.0
"""A contact with all that hangs on it as one document, and back as the same rows (D2, D4).

A document holds each row as PostgreSQL tells it, column by column, and beside it under `_name` what
the row refers to is called: a list that is gone when the contact comes back can still be named.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateColumn, DefaultClause

from server.models import (
    AdditionalPhone,
    BlacklistEntry,
    Consent,
    Contact,
    ContactTag,
    FieldValue,
    HopperEntry,
    HopperPhone,
    ListMember,
    ScheduledTask,
)

Snapshot = dict[str, Any]
"""`contact`: a row; `phones`, `lists`, `tags`, `values`, `entries` (each with `phones`), `marks`,
`consents`, `tasks`: rows. Documents of before these three were kept lack them."""

Row = dict[str, Any]

_NAMED = "to_jsonb({0}) || jsonb_build_object('_name', {1})"


def _rows(what: str, source: str, order: str) -> str:
    return f"(SELECT coalesce(jsonb_agg({what} ORDER BY {order}), '[]') FROM {source})"


DOCUMENT = f"""jsonb_build_object(
  'contact', to_jsonb(c),
  'phones', {
    _rows(
        _NAMED.format("p", "t.name"),
        "additional_phones p LEFT JOIN contact_item_types t ON t.id = p.item_type_id "
        "WHERE p.contact_id = c.id",
        "p.position, p.id",
    )
},
  'lists', {
    _rows(
        _NAMED.format("m", "l.name"),
        "list_members m JOIN contact_lists l ON l.id = m.list_id WHERE m.contact_id = c.id",
        "m.list_id",
    )
},
  'tags', {
    _rows(
        _NAMED.format("g", "t.name"),
        "contact_tags g JOIN tags t ON t.id = g.tag_id WHERE g.contact_id = c.id",
        "g.tag_id",
    )
},
  'values', {
    _rows(
        _NAMED.format("v", "f.display_name"),
        "field_values v JOIN master_data_fields f ON f.id = v.field_id WHERE v.contact_id = c.id",
        "v.field_id, v.campaign_id NULLS FIRST",
    )
},
  'entries', {
    _rows(
        f"{_NAMED.format('e', 'k.name')} || jsonb_build_object('phones', "
        + _rows("to_jsonb(h)", "hopper_phones h WHERE h.entry_id = e.id", "h.position, h.id")
        + ")",
        "hopper_entries e JOIN campaigns k ON k.id = e.campaign_id WHERE e.contact_id = c.id",
        "e.campaign_id",
    )
},
  'marks', {_rows("to_jsonb(b)", "blacklist_entries b WHERE b.contact_id = c.id", "b.id")},
  'consents', {_rows("to_jsonb(s)", "consents s WHERE s.contact_id = c.id", "s.id")},
  'tasks', {_rows("to_jsonb(d)", "scheduled_tasks d WHERE d.contact_id = c.id", "d.id")})"""
"""SQL over a row `c` of contacts."""

_TAKE = f"SELECT c.id, {DOCUMENT}::text FROM contacts c WHERE c.id = ANY($1::bigint[])"


async def take_snapshots(
    connection: asyncpg.Connection, contact_ids: Sequence[int]
) -> dict[int, Snapshot]:
    """By contact; the caller holds the contacts locked, or only looks."""
    rows = await connection.fetch(_TAKE, list(contact_ids))
    return {row[0]: json.loads(row[1]) for row in rows}


def full_name(contact: Row) -> str:
    """As it is written to people."""
    return " ".join(part for part in (contact["first_name"], contact["last_name"]) if part)


async def insert_rows(connection: asyncpg.Connection, table: Table, rows: Iterable[Row]) -> None:
    """Rows of documents as rows of a table, those there already left as they are.

    A row whose `id` is None is a new one. A column that the document does not know yet gets its
    default: the table may have grown since.
    """
    known: list[Row] = []
    new: list[Row] = []
    for row in rows:
        (new if row.get("id", 0) is None else known).append(row)
    for given, keep_ids in ((known, True), (new, False)):
        if given:
            await connection.execute(_insert(table, keep_ids=keep_ids), json.dumps(given))


CONTACTS: Table = Contact.metadata.tables[Contact.__tablename__]
PHONES: Table = Contact.metadata.tables[AdditionalPhone.__tablename__]
MEMBERS: Table = Contact.metadata.tables[ListMember.__tablename__]
TAGS: Table = Contact.metadata.tables[ContactTag.__tablename__]
VALUES: Table = Contact.metadata.tables[FieldValue.__tablename__]
ENTRIES: Table = Contact.metadata.tables[HopperEntry.__tablename__]
ENTRY_PHONES: Table = Contact.metadata.tables[HopperPhone.__tablename__]
MARKS: Table = Contact.metadata.tables[BlacklistEntry.__tablename__]
CONSENTS: Table = Contact.metadata.tables[Consent.__tablename__]
TASKS: Table = Contact.metadata.tables[ScheduledTask.__tablename__]


def _insert(table: Table, *, keep_ids: bool) -> str:
    columns = [
        column
        for column in table.columns
        if keep_ids or not (column.primary_key and column.identity)
    ]
    names = ", ".join(f'"{column.name}"' for column in columns)
    values = ", ".join(_value(column) for column in columns)
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {values} "
        f"FROM jsonb_populate_recordset(NULL::{table.name}, $1::jsonb) r ON CONFLICT DO NOTHING"
    )


def _value(column: Column[Any]) -> str:
    default = column.server_default
    if column.nullable or not isinstance(default, DefaultClause):
        return f'r."{column.name}"'
    written = str(CreateColumn(column).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    _, _, after = written.partition(" DEFAULT ")
    return f'coalesce(r."{column.name}", {after.removesuffix(" NOT NULL")})'
