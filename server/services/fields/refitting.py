# SPDX-License-Identifier: Apache-2.0
"""Values that were kept outside their table, such as in the trash, as their fields read them now.

A field may have been retyped, made unique or got other choices meanwhile. Its row has to be held by
whoever asks, so that it stays as it is until the values stand in their table again.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from server.domain.errors import DomainError
from server.domain.fields import Field, FieldScope, FieldType, Reading, Value, read, written
from server.services.fields.columns import columns_of
from server.services.numbers import normalized

Row = dict[str, Any]
"""A row of `field_values` as PostgreSQL tells it in JSON."""

_FIELDS = """
SELECT id, name, display_name, type, scope, size, valid_values, is_unique
FROM master_data_fields WHERE id = ANY($1::bigint[])
"""
_STRUCTURES = "SELECT campaign_id, field_id FROM campaign_fields WHERE field_id = ANY($1::bigint[])"
_CENTRE = "SELECT default_region, timezone FROM tenants WHERE id = rubrica_tenant()"


async def refit(connection: asyncpg.Connection, rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The rows with the columns that their fields give their values now, and those that have no
    place any more: their field is gone, belongs to another scope or to other campaigns, or does
    not take them."""
    if not rows:
        return [], []
    wanted = list({row["field_id"] for row in rows})
    found = await connection.fetch(_FIELDS, wanted)
    places = {tuple(row) for row in await connection.fetch(_STRUCTURES, wanted)}
    fields = {row["id"]: _field(row) for row in found}
    region, zone = await connection.fetchrow(_CENTRE)
    reading = Reading(phone=lambda text: normalized(text, region), zone=ZoneInfo(zone))
    fitting, others = [], []
    for row in rows:
        place = row["campaign_id"], row["field_id"]
        columns = None
        if row["campaign_id"] is None or place in places:
            columns = _columns(fields.get(row["field_id"]), row, reading)
        if columns is None:
            others.append(row)
        else:
            fitting.append({**row, **columns})
    return fitting, others


def _field(row: asyncpg.Record) -> Field:
    return Field(
        id=row["id"],
        name=row["name"],
        display_name=row["display_name"],
        type=FieldType(row["type"]),
        scope=FieldScope(row["scope"]),
        size=row["size"],
        valid_values=tuple(row["valid_values"]),
        is_unique=row["is_unique"],
    )


def _columns(field: Field | None, row: Row, reading: Reading) -> Mapping[str, object] | None:
    is_of_record = row["campaign_id"] is not None
    if field is None or (field.scope is FieldScope.RECORD) != is_of_record:
        return None
    try:
        value = read(field, stored_text(row), "value", reading)
    except DomainError:
        return None
    return None if value is None else {k: _told(v) for k, v in columns_of(value).items()}


def stored_text(row: Mapping[str, Any]) -> str:
    """The value as it is written, whatever type it had."""
    if row["text_value"] is not None:
        return str(row["text_value"])
    day, instant = row["date_value"], row["instant_value"]
    value = Value(
        # A whole number comes from JSON without its decimals.
        number=None if row["number_value"] is None else float(row["number_value"]),
        day=None if day is None else date.fromisoformat(day),
        instant=None if instant is None else datetime.fromisoformat(instant),
        truth=row["boolean_value"],
    )
    return written(FieldType.NUMBER, value)


def _told(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
