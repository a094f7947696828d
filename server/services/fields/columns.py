# SPDX-License-Identifier: Apache-2.0
"""A value as the columns of its row, and back."""

from typing import Any, Final

from server.domain.fields import Value

# Attribute of a value → column, in the order that whole rows are written in.
COLUMNS: Final = {
    "text": "text_value",
    "text_key": "text_key",
    "number": "number_value",
    "day": "date_value",
    "instant": "instant_value",
    "truth": "boolean_value",
    "unique_key": "unique_key",
}
NAMES: Final = ", ".join(COLUMNS.values())
TYPES: Final = ("text", "text", "float8", "date", "timestamptz", "bool", "text")


def columns_of(value: Value) -> dict[str, object]:
    """The columns of a row that hold the value."""
    return {column: getattr(value, name) for name, column in COLUMNS.items()}


def value_of(row: Any) -> Value:
    """The value of a row that has these columns, by name."""
    return Value(**{name: row[column] for name, column in COLUMNS.items()})
