# SPDX-License-Identifier: Apache-2.0
"""What the definition of a field may be, and which changes of one its values take (C-22)."""

from collections.abc import Sequence
from enum import StrEnum

from server.domain.errors import ErrorCode
from server.domain.fields.kinds import LONGEST, TEXTUAL, Field, FieldType
from server.domain.refusals import Refusals
from server.domain.text import name_key

LONGEST_NAME = 60
LONGEST_DISPLAY_NAME = 100
MOST_VALID_VALUES = 500
LONGEST_VALID_VALUE = 200


class Change(StrEnum):
    """What a change of a field means for the values that it has."""

    NONE = "NONE"  # they stay as they are
    REWRITE = "REWRITE"  # each is read anew by the new definition: all of them, or the change fails
    EMPTY_ONLY = "EMPTY_ONLY"  # possible only where there is none


def split_values(given: Sequence[str], refusals: Refusals) -> tuple[str, ...]:
    """Valid values, one or several with `;` between them a text; the same twice is refused."""
    found: dict[str, str] = {}
    parts = [part for text in given for part in text.split(";")]
    for part in parts:
        value = refusals.text(part, "validValues", longest=LONGEST_VALID_VALUE)
        key = name_key(value)
        if key in found:
            refusals.add(ErrorCode.TAKEN, "validValues", value=value)
        if key:
            found.setdefault(key, value)
    if len(found) > MOST_VALID_VALUES:
        refusals.add(ErrorCode.OUT_OF_RANGE, "validValues", max=MOST_VALID_VALUES)
    return tuple(found.values())


def check_definition(
    field: Field, refusals: Refusals, *, is_multi_line: bool, is_searchable: bool
) -> None:
    """What goes together: choices have valid values and nothing else has, and so on."""
    kind = field.type
    if kind is FieldType.CHOICE and not field.valid_values:
        refusals.add(ErrorCode.REQUIRED, "validValues")
    if kind is not FieldType.CHOICE and field.valid_values:
        refusals.add(ErrorCode.INVALID, "validValues", only=FieldType.CHOICE)
    if field.size is not None and kind not in LONGEST:
        refusals.add(ErrorCode.INVALID, "size", only=FieldType.TEXT)
    elif field.size is not None:
        refusals.within(field.size, "size", 1, LONGEST[kind])
    if is_multi_line and kind is not FieldType.TEXT:
        refusals.add(ErrorCode.INVALID, "isMultiLine", only=FieldType.TEXT)
    if is_searchable and kind not in TEXTUAL:
        refusals.add(ErrorCode.INVALID, "isSearchable", only=FieldType.TEXT)
    if field.is_unique and kind is FieldType.BOOLEAN:
        refusals.add(ErrorCode.INVALID, "isUnique", without=FieldType.BOOLEAN)


def change_of(old: Field, new: Field) -> Change:
    """What the step from the one definition to the other asks of the values."""
    if old.scope is not new.scope:
        return Change.EMPTY_ONLY
    if old.type is not new.type or old.is_unique is not new.is_unique:
        return Change.REWRITE
    if new.type is FieldType.CHOICE and not set(old.valid_values) <= set(new.valid_values):
        return Change.REWRITE
    room = LONGEST.get(new.type, 0)
    return Change.REWRITE if (new.size or room) < (old.size or room) else Change.NONE


def changed_path(old: Field, new: Field) -> str:
    """The input field that a refused change is told at, the weightiest first."""
    if old.scope is not new.scope:
        return "scope"
    if old.type is not new.type:
        return "type"
    if new.type is FieldType.CHOICE and not set(old.valid_values) <= set(new.valid_values):
        return "validValues"
    return "size" if old.size != new.size and old.is_unique is new.is_unique else "isUnique"
