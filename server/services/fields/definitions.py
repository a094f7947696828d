# SPDX-License-Identifier: Apache-2.0
"""Which fields there are: rows, their definitions, and a copy that filters and sorts go by."""

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import asyncpg
from sqlalchemy import ColumnElement, FromClause, Select, false, func, or_, select

from server.domain.errors import DomainError
from server.domain.fields import SORT_COLUMNS, Field, FieldScope, FieldType
from server.domain.permissions import Viewer
from server.domain.text import clean, name_key
from server.models import CampaignField, FieldValue, MasterDataField
from server.services.counts import count_below

Definitions = Mapping[int, Field]

_ALL = """
SELECT id, name, display_name, type, scope, size, valid_values, is_required, is_unique
FROM master_data_fields
"""


class Reads(Protocol):
    """The one way to the database that is needed here."""

    async def read(self, tenant_id: int | None, sql: str, *args: object) -> list[asyncpg.Record]:
        """The rows of one statement."""
        ...


# By tenant the access epoch that they were read at: a change of any field counts it up.
_known: "WeakKeyDictionary[Reads, dict[int, tuple[int, Definitions]]]" = WeakKeyDictionary()


def visible_fields(viewer: Viewer) -> Select[MasterDataField]:
    """Everybody in the tenant: agents fill them in too."""
    return select(MasterDataField)


def field_of(row: MasterDataField) -> Field:
    """What the row's values have to be."""
    return Field(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        type=FieldType(row.type),
        scope=FieldScope(row.scope),
        size=row.size,
        valid_values=tuple(row.valid_values),
        is_required=row.is_required,
        is_unique=row.is_unique,
    )


async def definitions(database: Reads, viewer: Viewer) -> Definitions:
    """The tenant's fields by id, as of the viewer's epoch.

    Read once an epoch: the statement that uses them asks whether the epoch still is the one.
    """
    known = _known.setdefault(database, {})
    found = known.get(viewer.tenant_id)
    if found is None or found[0] != viewer.epoch:
        rows = await database.read(viewer.tenant_id, _ALL)
        fields = {row["id"]: _field(row) for row in rows}
        found = known[viewer.tenant_id] = viewer.epoch, MappingProxyType(fields)
    return found[1]


def value_count(fields: FromClause) -> ColumnElement[int]:
    """How many values the field has."""
    return _counted(fields, capped=False)


def value_count_capped(fields: FromClause) -> ColumnElement[int]:
    """The same, but quick for any field: COUNT_CAP + 1 stands for all beyond."""
    return _counted(fields, capped=True)


def named(text: str, viewer: Viewer) -> Callable[[FromClause], ColumnElement[bool]]:
    """The text stands in the name or in the display name, whatever its case."""
    try:
        key = name_key(clean(text, "search"))
    except DomainError:
        return lambda fields: false()
    return lambda fields: or_(
        fields.c.name_key.contains(key, autoescape=True),
        func.lower(fields.c.display_name).contains(key, autoescape=True),
    )


def in_scope(scope: Any, viewer: Viewer) -> Callable[[FromClause], ColumnElement[bool]]:
    return lambda fields: fields.c.scope == str(getattr(scope, "value", scope))


def of_type(kind: Any, viewer: Viewer) -> Callable[[FromClause], ColumnElement[bool]]:
    return lambda fields: fields.c.type == str(getattr(kind, "value", kind))


def _counted(fields: FromClause, *, capped: bool) -> ColumnElement[int]:
    """The sum over the columns that values stand in: each has an index, the whole table none."""
    counts = []
    for column in sorted(set(SORT_COLUMNS.values())):
        values = FieldValue.__table__.alias()
        belongs = (values.c.field_id == fields.c.id) & values.c[column].is_not(None)
        counts.append(count_below(values, belongs, fields, capped=capped))
    return reduce(operator.add, counts)


def of_campaign(campaigns: FromClause, fields: FromClause) -> ColumnElement[bool]:
    """The relation between a campaign and the fields of its records."""
    chosen = CampaignField.__table__.alias()
    found = select(chosen.c.field_id).where(
        chosen.c.campaign_id == campaigns.c.id, chosen.c.field_id == fields.c.id
    )
    return found.correlate(campaigns, fields).exists()


def place_in_campaign(campaigns: FromClause, fields: FromClause) -> ColumnElement[int]:
    """Where in a campaign's records the field stands."""
    chosen = CampaignField.__table__.alias()
    place = select(func.min(chosen.c.position)).where(
        chosen.c.campaign_id == campaigns.c.id, chosen.c.field_id == fields.c.id
    )
    return place.correlate(campaigns, fields).scalar_subquery()


def _field(row: asyncpg.Record) -> Field:
    return Field(
        id=row["id"],
        name=row["name"],
        display_name=row["display_name"],
        type=FieldType(row["type"]),
        scope=FieldScope(row["scope"]),
        size=row["size"],
        valid_values=tuple(row["valid_values"]),
        is_required=row["is_required"],
        is_unique=row["is_unique"],
    )
