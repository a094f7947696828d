# SPDX-License-Identifier: Apache-2.0
"""What contacts can be asked for by a value of a field, and what cannot be a value of it (C-01)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from server.domain.errors import DomainError, ErrorCode
from server.domain.fields import TEXTUAL, Field, FieldType, Reading, key_of, read
from server.domain.permissions import Viewer
from server.services.numbers import normalized, search_prefixes

BOUNDS: Final = ("lt", "lte", "gt", "gte")


@dataclass(frozen=True, kw_only=True)
class FieldCondition:
    """What is asked of a field of this type; all that is given has to hold.

    Values are text, as they are written; `check_condition` refuses what is no value of the field.
    Without a campaign a field of records is asked of any of them.
    """

    field_id: int
    type: FieldType
    campaign_id: int | None = None
    eq: str | None = None
    any_of: tuple[str, ...] | None = None
    starts_with: str | None = None
    lt: str | None = None
    lte: str | None = None
    gt: str | None = None
    gte: str | None = None
    is_empty: bool | None = None


def check_condition(asked: FieldCondition, field: Field, path: str, viewer: Viewer) -> None:
    """Raises what a form tells of text that is no value of the field, at its place below `path`.

    A bound or a beginning is compared as text is: it need be no whole address or choice.
    """
    for name, text in _exact(asked):
        sort_value(compared_as(field), text, f"{path}.{name}", viewer)
        sort_value(field, _as_offered(field, text), f"{path}.{name}", viewer)
    for name in BOUNDS:
        if (bound := getattr(asked, name)) is not None:
            sort_value(compared_as(field), bound, f"{path}.{name}", viewer)
    if asked.starts_with is not None:
        prefixes(field, asked.starts_with, f"{path}.startsWith", viewer)


def compared_as(field: Field) -> Field:
    """As which values are compared: those of most types are texts."""
    is_text = field.type in TEXTUAL and field.type is not FieldType.PHONE
    return replace(field, type=FieldType.TEXT, size=None) if is_text else field


def sort_value(field: Field, text: str, path: str, viewer: Viewer) -> object:
    """What stands in the sort column of a value that is written so. Raises as `read` does."""
    reading = Reading(
        phone=lambda number: normalized(number, viewer.region), zone=ZoneInfo(viewer.timezone)
    )
    value = read(field, text, path, reading)
    if value is None or value.text_key == "":
        raise DomainError(ErrorCode.REQUIRED, path, label=field.display_name)
    parts = (value.text_key, value.number, value.day, value.instant, value.truth)
    return next(part for part in parts if part is not None)


def prefixes(field: Field, text: str, path: str, viewer: Viewer) -> Sequence[str]:
    """How sorted texts begin that are meant by the beginning of one. Raises as `read` does."""
    if field.type not in TEXTUAL:
        raise DomainError(ErrorCode.INVALID, path, not_text=field.display_name)
    if field.type is not FieldType.PHONE:
        return [str(sort_value(compared_as(field), text, path, viewer))]
    found = search_prefixes(text, viewer.region)
    if not found:
        label, number = field.display_name, text[:100]
        raise DomainError(ErrorCode.INVALID_NUMBER, path, label=label, number=number)
    return found


def _exact(asked: FieldCondition) -> Iterator[tuple[str, str]]:
    if asked.eq is not None:
        yield "eq", asked.eq
    for place, text in enumerate(asked.any_of or ()):
        yield f"in.{place}", text


def _as_offered(field: Field, text: str) -> str:
    """The choice that is meant: filters tell neither case nor accents apart."""
    offered = {key_of(one): one for one in field.valid_values}
    return offered.get(key_of(text), text) if field.type is FieldType.CHOICE else text
