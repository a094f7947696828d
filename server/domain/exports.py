# SPDX-License-Identifier: Apache-2.0
"""Contacts as a CSV that a spreadsheet opens safely and that can be imported again (D7)."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from server.domain.errors import DomainError, ErrorCode
from server.domain.imports.cells import FORMULA
from server.domain.imports.encodings import BYTE_ORDER_MARK
from server.domain.text import is_storable

MOST_COLUMNS = 100
FIELD_PREFIX = "field_"
_E164 = re.compile(r"\+[0-9]{5,15}")


class ExportColumn(StrEnum):
    """What a column of an export holds; each item type and custom field is one more."""

    FIRST_NAME = "FIRST_NAME"
    LAST_NAME = "LAST_NAME"
    PHONE = "PHONE"  # the primary number
    PHONES = "PHONES"  # a column for each item type, as many as a contact has numbers of it
    EMAIL = "EMAIL"
    COMPANY = "COMPANY"
    TAGS = "TAGS"
    LISTS = "LISTS"
    PRIORITY = "PRIORITY"  # 1 to 3, as an import reads it
    LANGUAGE = "LANGUAGE"
    TIME_ZONE = "TIME_ZONE"
    CREATED_AT = "CREATED_AT"  # ISO 8601 in the exporter's zone
    FIELD = "FIELD"  # a custom field


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A column as it was asked for: what it holds, and its name in the file."""

    column: ExportColumn
    text: str
    field_id: int | None = None


def check_headings(headings: Sequence[Heading]) -> None:
    """Some columns, not more than a table has, each with a name that text can be."""
    if not headings:
        raise DomainError(ErrorCode.REQUIRED, "columns")
    if len(headings) > MOST_COLUMNS:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "columns", min=1, max=MOST_COLUMNS)
    for place, one in enumerate(headings):
        if not is_storable(one.text):
            raise DomainError(ErrorCode.INVALID_CHARACTER, f"columns.{place}.heading")


def numbered(text: str, count: int) -> list[str]:
    """Names of columns that hold the same: Office, Office 2, Office 3."""
    return [text if place == 0 else f"{text} {place + 1}" for place in range(count)]


def told_apart(names: Iterable[str]) -> list[str]:
    """Each name once: an import finds its columns by them."""
    taken: dict[str, int] = {}
    found = []
    for name in names:
        key = name.casefold()
        taken[key] = taken.get(key, 0) + 1
        found.append(name if taken[key] == 1 else f"{name} ({taken[key]})")
    return found


def csv_rows(
    rows: Iterable[Sequence[str]], phones: AbstractSet[int] = frozenset(), *, is_first: bool = False
) -> bytes:
    """RFC 4180 with CRLF; the first piece begins with a byte order mark.

    An apostrophe goes before what a spreadsheet would take for a formula, which an import takes
    off again. The E.164 numbers of the columns at the places `phones` stay as they are.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows(
        [_guarded(cell, is_phone=place in phones) for place, cell in enumerate(row)] for row in rows
    )
    return ((BYTE_ORDER_MARK if is_first else "") + out.getvalue()).encode()


def _guarded(cell: str, *, is_phone: bool) -> str:
    # Apostrophes that stand there already count: an import takes one off, and leaves the others.
    if not cell.lstrip("'").startswith(FORMULA) or (is_phone and _E164.fullmatch(cell)):
        return cell
    return f"'{cell}"
