# SPDX-License-Identifier: Apache-2.0
"""What a person asks of an import, and how a process keeps it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from server.domain.errors import DomainError, ErrorCode, RefusalsError
from server.domain.imports import ColumnMapping, ImportField


@dataclass(frozen=True, kw_only=True)
class TypeColumn:
    """A column of additional phones: each cell that is not blank gives one of this type (X-21)."""

    item_type_id: int
    column: str


@dataclass(frozen=True, kw_only=True)
class OwnColumn:
    """A column of values of one of the centre's own fields, which has to be one of persons."""

    field_id: int
    column: str


@dataclass(frozen=True, kw_only=True)
class MappingInput:
    """Columns by header name, or by number from 1 without header; None or "" is not imported."""

    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None  # instead of first_name: what follows the last blank is the last name
    phone: str | None = None
    email: str | None = None
    company: str | None = None
    priority: str | None = None
    scheduled_at: str | None = None
    item_types: Sequence[TypeColumn] = field(default_factory=tuple)
    own_fields: Sequence[OwnColumn] = field(default_factory=tuple)

    def to_mapping(self) -> ColumnMapping:
        """Raises TAKEN for an item type, or a field of one's own, that has a column already."""
        item_types: dict[int, str] = {}
        own_fields: dict[int, str] = {}
        errors = []
        for index, given in enumerate(self.item_types):
            if given.item_type_id in item_types:
                path = f"mapping.itemTypes.{index}.itemTypeId"
                errors.append(DomainError(ErrorCode.TAKEN, path))
            item_types[given.item_type_id] = given.column
        for index, own in enumerate(self.own_fields):
            if own.field_id in own_fields:
                errors.append(DomainError(ErrorCode.TAKEN, f"mapping.ownFields.{index}.fieldId"))
            own_fields[own.field_id] = own.column
        if errors:
            raise RefusalsError(errors)
        columns = {name: getattr(self, name.value.lower()) for name in ImportField}
        return ColumnMapping(
            fields={name: column for name, column in columns.items() if (column or "").strip()},
            item_types=item_types,
            own_fields=own_fields,
        )


@dataclass(frozen=True, kw_only=True)
class ImportInput:
    """An import to start; what is None is guessed as the preview guesses it.

    The contacts go on the list `list_id`, or on a new one called `list_name`.
    """

    file_id: int
    list_id: int | None = None
    list_name: str | None = None
    encoding: str | None = None
    separator: str | None = None
    has_header: bool | None = None
    mapping: MappingInput | None = None
    check_duplicates: bool = False  # pass over rows whose primary number is on the list
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """An import as it was started: nothing is guessed any more."""

    encoding: str
    separator: str
    has_header: bool
    mapping: ColumnMapping
    columns: tuple[str, ...]
    check_duplicates: bool

    def to_json(self) -> dict[str, object]:
        """For `processes.options`."""
        return {
            "encoding": self.encoding,
            "separator": self.separator,
            "has_header": self.has_header,
            "fields": {name.value: column for name, column in self.mapping.fields.items()},
            "item_types": [[key, column] for key, column in self.mapping.item_types.items()],
            "own_fields": [[key, column] for key, column in self.mapping.own_fields.items()],
            "columns": list(self.columns),
            "check_duplicates": self.check_duplicates,
        }

    @classmethod
    def from_json(cls, stored: dict[str, object]) -> "ImportOptions":
        """What `to_json` made."""
        fields, item_types, columns = (stored[name] for name in ("fields", "item_types", "columns"))
        own_fields = stored.get("own_fields", [])  # which an older process does not have
        if not (
            isinstance(fields, dict)
            and isinstance(item_types, list)
            and isinstance(own_fields, list)
            and isinstance(columns, list)
        ):
            raise TypeError("these are no options of an import")
        return cls(
            encoding=str(stored["encoding"]),
            separator=str(stored["separator"]),
            has_header=bool(stored["has_header"]),
            mapping=ColumnMapping(
                fields={ImportField(name): column for name, column in fields.items()},
                item_types={int(key): column for key, column in item_types},
                own_fields={int(key): column for key, column in own_fields},
            ),
            columns=tuple(columns),
            check_duplicates=bool(stored["check_duplicates"]),
        )


def import_key(sha256: str, list_id: int, options: ImportOptions) -> str:
    """Equal for the same file into the same list by the same mapping (D5)."""
    asked = json.dumps([sha256, list_id, options.to_json()], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()
