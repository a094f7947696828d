# SPDX-License-Identifier: Apache-2.0
"""Which column of a file fills which field of a contact (X-21, X-22)."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum

from server.domain.errors import DomainError, ErrorCode, RefusalsError
from server.domain.imports.records import MOST_COLUMNS, Record


class ImportField(StrEnum):
    """A field of a contact that a column may fill; each item type is one more (X-21)."""

    FIRST_NAME = "FIRST_NAME"  # the one field that every contact needs
    LAST_NAME = "LAST_NAME"
    NAME = "NAME"  # both in one cell: what follows the last blank is the last name
    PHONE = "PHONE"  # the primary number
    EMAIL = "EMAIL"
    COMPANY = "COMPANY"
    PRIORITY = "PRIORITY"  # 1 to 3, 1 is the most urgent
    SCHEDULED_AT = "SCHEDULED_AT"  # not called before: a date, or date and time, ISO 8601


# Column names as people write them, in English, Italian and Polish; folded as `_folded` does.
_NAMES: dict[ImportField, str] = {
    ImportField.FIRST_NAME: "first name|firstname|given name|forename|nome|imie|imie klienta",
    ImportField.LAST_NAME: "last name|lastname|surname|family name|cognome|nazwisko",
    ImportField.NAME: (
        "name|full name|fullname|contact|customer|nominativo|nome e cognome|nome cognome"
        "|cognome e nome|contatto|cliente|imie i nazwisko|klient|kontakt"
    ),
    ImportField.PHONE: (
        "phone|phone number|telephone|tel|number|primary phone|telefono|numero|numero di telefono"
        "|telefono principale|telefon|numer|numer telefonu|nr telefonu"
    ),
    ImportField.EMAIL: (
        "email|e mail|mail|email address|posta elettronica|indirizzo email|adres email"
    ),
    ImportField.COMPANY: "company|organization|organisation|azienda|societa|ditta|firma|spolka",
    ImportField.PRIORITY: "priority|priorita|priorytet",
    ImportField.SCHEDULED_AT: "scheduled at|scheduledat|not before|non prima del|nie wczesniej niz",
}


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """Columns by name where the file has a header, else by number from 1 ("2")."""

    fields: Mapping[ImportField, str]
    item_types: Mapping[int, str]  # item type id → column
    own_fields: Mapping[int, str] = dataclass_field(default_factory=dict)  # master data field id

    def addresses(self) -> list[tuple[str, str]]:
        """(input path, column) of each, in order."""
        fields = [(f"mapping.{api_name(name)}", column) for name, column in self.fields.items()]
        for name, columns in (("itemTypes", self.item_types), ("ownFields", self.own_fields)):
            fields += [
                (f"mapping.{name}.{index}.column", column)
                for index, column in enumerate(columns.values())
            ]
        return fields


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A mapping found in a file: where each value stands in a row, from 0."""

    columns: tuple[str, ...]
    fields: Mapping[ImportField, int]
    item_types: Mapping[int, int]  # item type id → position
    has_header: bool
    own_fields: Mapping[int, int] = dataclass_field(default_factory=dict)  # the same of fields


def api_name(name: ImportField) -> str:
    """The field in the API's spelling: `firstName`."""
    first, *rest = name.value.lower().split("_")
    return first + "".join(map(str.capitalize, rest))


def column_names(first: Record, *, has_header: bool) -> tuple[str, ...]:
    """The columns' names: told apart where two are equal, numbers where there are none.

    Raises TOO_MANY_COLUMNS, FILE_NOT_TEXT for an endless line, and UNCLOSED_QUOTE for a first row
    that cannot be read.
    """
    if first.fault is ErrorCode.TOO_LONG:
        is_table = any(separator in first.cells[0] for separator in ",;\t|")
        if not is_table:
            raise DomainError(ErrorCode.FILE_NOT_TEXT, "fileId")
        raise DomainError(ErrorCode.TOO_MANY_COLUMNS, "fileId", max=MOST_COLUMNS)
    if first.fault is not None:
        raise DomainError(first.fault, "fileId", line=first.line)
    width = len(first.cells)
    if width > MOST_COLUMNS:
        raise DomainError(ErrorCode.TOO_MANY_COLUMNS, "fileId", columns=width, max=MOST_COLUMNS)
    if not has_header:
        return tuple(str(number) for number in range(1, width + 1))
    names: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(first.cells, 1):
        wanted = name = _shown(cell) or str(number)
        again = 1
        while _key(name) in taken:
            again += 1
            name = f"{wanted} ({again})"
        taken.add(_key(name))
        names.append(name)
    return tuple(names)


def find_columns(mapping: ColumnMapping, columns: Sequence[str], *, has_header: bool) -> Layout:
    """Where the mapped columns stand; names compare trimmed and case-folded.

    Raises REQUIRED where no column gives a first name, and COLUMN_MISSING for each mapped column
    that the file does not have, naming it (X-22).
    """
    errors: list[DomainError] = []
    if ImportField.FIRST_NAME in mapping.fields and ImportField.NAME in mapping.fields:
        errors.append(DomainError(ErrorCode.INVALID, "mapping.name"))
    elif not {ImportField.FIRST_NAME, ImportField.NAME} & mapping.fields.keys():
        errors.append(DomainError(ErrorCode.REQUIRED, "mapping.firstName"))
    positions = {_key(name): position for position, name in enumerate(columns)}
    for path, column in mapping.addresses():
        if not column.strip():
            errors.append(DomainError(ErrorCode.REQUIRED, path))
        elif _key(_shown(column)) not in positions:
            errors.append(DomainError(ErrorCode.COLUMN_MISSING, path, column=_shown(column)))
    if errors:
        raise RefusalsError(errors)
    return Layout(
        columns=tuple(columns),
        fields={name: positions[_key(_shown(column))] for name, column in mapping.fields.items()},
        item_types={
            key: positions[_key(_shown(column))] for key, column in mapping.item_types.items()
        },
        own_fields={
            key: positions[_key(_shown(column))] for key, column in mapping.own_fields.items()
        },
        has_header=has_header,
    )


def guess_mapping(
    columns: Iterable[str],
    item_types: Mapping[int, str],
    own_fields: Iterable[tuple[int, str]] = (),
) -> ColumnMapping:
    """The mapping that the columns' names suggest: an item type's name goes before a field's.

    `own_fields` are ids and names of the centre's own fields, which come last: a column of
    telephone numbers stays the contact's, whatever else is called so.
    """
    types = {_folded(name): key for key, name in item_types.items()}
    own = {_folded(name): key for key, name in own_fields}
    fields: dict[ImportField, str] = {}
    found: dict[int, str] = {}
    values: dict[int, str] = {}
    for column in columns:
        folded = _folded(column)
        if folded in types:
            found.setdefault(types[folded], column)
        elif name := known_name(column):
            fields.setdefault(name, column)
        elif folded in own:
            values.setdefault(own[folded], column)
    if ImportField.NAME in fields and ImportField.FIRST_NAME in fields:
        del fields[ImportField.NAME]
    return ColumnMapping(fields=fields, item_types=found, own_fields=values)


def known_name(column: str) -> ImportField | None:
    """The field that a column of this name most likely holds."""
    return _KNOWN.get(_folded(column))


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _shown(name: str) -> str:
    """A column's name as it can be stored and shown."""
    return "".join(c if c.isprintable() else " " for c in name[:200]).strip()


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name[:200].casefold().replace("ł", "l"))
    letters = (c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join("".join(letters).split())


_KNOWN = {name: field for field, names in _NAMES.items() for name in names.split("|")}
