# SPDX-License-Identifier: Apache-2.0
"""Master data fields: what they are, what they take, and how they may change (C-22 to C-25)."""

from server.domain.fields.definitions import (
    LONGEST_DISPLAY_NAME,
    LONGEST_NAME,
    Change,
    change_of,
    changed_path,
    check_definition,
    split_values,
)
from server.domain.fields.kinds import LONGEST, SORT_COLUMNS, TEXTUAL, Field, FieldScope, FieldType
from server.domain.fields.values import Reading, Value, key_of, read, written

__all__ = [
    "LONGEST",
    "LONGEST_DISPLAY_NAME",
    "LONGEST_NAME",
    "SORT_COLUMNS",
    "TEXTUAL",
    "Change",
    "Field",
    "FieldScope",
    "FieldType",
    "Reading",
    "Value",
    "change_of",
    "changed_path",
    "check_definition",
    "key_of",
    "read",
    "split_values",
    "written",
]
