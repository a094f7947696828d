# SPDX-License-Identifier: Apache-2.0
"""What has changed since a merge, as people read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.fields import Field
from server.domain.merging import ChangeOutcome, ChangeSince
from server.services.contacts.merging.previews import read_fields, text_of

_CUSTOM = "custom_"


@dataclass(frozen=True, kw_only=True)
class ShownChange:
    """A change with texts for its values; `label` "" where the field is everybody's."""

    field: str
    label: str
    merged: str | None
    now: str | None
    outcome: ChangeOutcome


async def shown_changes(session: AsyncSession, changes: Sequence[ChangeSince]) -> list[ShownChange]:
    """In their order; a centre's own fields by their display names."""
    fields = await read_fields(session, {key for one in changes if (key := _field_id(one))})
    return [_shown(one, fields) for one in changes]


def _shown(change: ChangeSince, fields: Mapping[int, Field]) -> ShownChange:
    key = _field_id(change)
    field = fields.get(key or 0)
    merged, now = (
        _text(value) if key is None else None if field is None else text_of(value)
        for value in (change.merged, change.now)
    )
    return ShownChange(
        field=change.field,
        label="" if key is None else change.field if field is None else field.display_name,
        merged=merged,
        now=now,
        outcome=change.outcome,
    )


def _field_id(change: ChangeSince) -> int | None:
    if not change.field.startswith(_CUSTOM):
        return None
    return int(change.field.removeprefix(_CUSTOM).split("_")[0])


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)
