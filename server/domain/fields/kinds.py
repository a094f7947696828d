# SPDX-License-Identifier: Apache-2.0
"""The vocabulary of master data fields: their types and scopes (C-22)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FieldType(StrEnum):
    """What the values of a field are."""

    TEXT = "TEXT"  # words, on one line or several
    NUMBER = "NUMBER"  # with or without decimals
    DATE = "DATE"  # a calendar day
    DATETIME = "DATETIME"  # an instant
    CHOICE = "CHOICE"  # one of the field's valid values
    BOOLEAN = "BOOLEAN"  # yes or no
    EMAIL = "EMAIL"  # an e-mail address, in lower case
    PHONE = "PHONE"  # a phone number, E.164
    LINK = "LINK"  # an address that begins with http:// or https://


class FieldScope(StrEnum):
    """What a field belongs to."""

    CONTACT = "CONTACT"  # one value a person
    RECORD = "RECORD"  # one value a person and campaign, in campaigns made after the field (C-23)


# The column of `field_values` that each type's values stand and are sorted in.
SORT_COLUMNS: Final = {
    FieldType.TEXT: "text_key",
    FieldType.CHOICE: "text_key",
    FieldType.EMAIL: "text_key",
    FieldType.PHONE: "text_key",
    FieldType.LINK: "text_key",
    FieldType.NUMBER: "number_value",
    FieldType.DATE: "date_value",
    FieldType.DATETIME: "instant_value",
    FieldType.BOOLEAN: "boolean_value",
}
TEXTUAL: Final = frozenset(kind for kind, column in SORT_COLUMNS.items() if column == "text_key")
# The types that may have a size of their own, with the most characters that it can be.
LONGEST: Final = {FieldType.TEXT: 4000, FieldType.EMAIL: 254, FieldType.LINK: 2000}


@dataclass(frozen=True, kw_only=True)
class Field:
    """What a field takes. `size` None: the longest that the type allows."""

    id: int = 0
    name: str
    display_name: str
    type: FieldType
    scope: FieldScope = FieldScope.CONTACT
    size: int | None = None
    valid_values: tuple[str, ...] = ()
    is_required: bool = False
    is_unique: bool = False

    @property
    def sort_column(self) -> str:
        return SORT_COLUMNS[self.type]
