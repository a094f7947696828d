# SPDX-License-Identifier: Apache-2.0
"""The mapping of an import, column by column as callers give it, field by field as services do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from server.domain.errors import DomainError, ErrorCode, RefusalsError
from server.domain.imports import ImportField, api_name
from server.planner import key_of
from server.resolvers.inputs import NO_ROW, Given
from server.services.imports import MappingInput, OwnColumn, TypeColumn

# What a column may be given as: the input's field, and how the API spells it.
MEANINGS = {
    "field": "field",
    "item_type_id": "itemTypeId",
    "master_data_field_id": "masterDataFieldId",
}


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """`places`: the services' path of each column → the caller's, without its last step."""

    mapping: MappingInput
    places: dict[str, str]

    @classmethod
    def of(cls, columns: list[Given]) -> "Mapped":
        """Raises INVALID for a column with two meanings, TAKEN for two columns with one."""
        fields: dict[str, str] = {}
        types: list[TypeColumn] = []
        own: list[OwnColumn] = []
        places: dict[str, str] = {}
        errors: list[DomainError] = []
        seen: dict[object, str] = {}
        for index, given in enumerate(columns):
            place, name = f"mapping.{index}", given["column"]
            meant = {last: given[key] for key, last in MEANINGS.items() if given.get(key)}
            if not meant:
                continue
            [*_, (last, meaning)] = meant.items()
            if len(meant) > 1:
                errors.append(DomainError(ErrorCode.INVALID, f"{place}.{last}"))
            elif (taken := seen.setdefault((last, meaning), name)) is not name:
                errors.append(DomainError(ErrorCode.TAKEN, f"{place}.{last}", column=taken))
            elif last == "field":
                fields[ImportField(meaning).value.lower()] = name
                places[f"mapping.{api_name(ImportField(meaning))}"] = place
            elif last == "itemTypeId":
                places[f"mapping.itemTypes.{len(types)}"] = place
                key = key_of(str(meaning), "ContactItemType") or NO_ROW
                types.append(TypeColumn(item_type_id=key, column=name))
            else:
                places[f"mapping.ownFields.{len(own)}"] = place
                key = key_of(str(meaning), "MasterDataField") or NO_ROW
                own.append(OwnColumn(field_id=key, column=name))
        if errors:
            raise RefusalsError(errors)
        mapping = MappingInput(**fields, item_types=types, own_fields=own)
        return cls(mapping=mapping, places=places)

    def path(self, refusal: DomainError) -> str:
        """Where the caller gave what was refused."""
        field = refusal.field or ""
        if place := self.places.get(field):
            is_column = refusal.code in (ErrorCode.COLUMN_MISSING, ErrorCode.REQUIRED)
            return f"{place}.{'column' if is_column else 'field'}"
        path, _, last = field.rpartition(".")
        last = "masterDataFieldId" if last == "fieldId" else last
        return f"{self.places[path]}.{last}" if path in self.places else "mapping"


@contextmanager
def at_their_columns(mapped: Mapped | None) -> Iterator[None]:
    """Refusals of the mapping name the column that the caller gave it with."""
    try:
        yield
    except (DomainError, RefusalsError) as refusal:
        errors = refusal.errors if isinstance(refusal, RefusalsError) else [refusal]
        raise RefusalsError([_renamed(error, mapped) for error in errors]) from None


def _renamed(error: DomainError, mapped: Mapped | None) -> DomainError:
    field = error.field or ""
    if field == "listName":
        return DomainError(error.code, "newListName", **error.params)
    is_given = mapped is not None and field in mapped.places
    if field == "mapping.firstName" and error.code is ErrorCode.REQUIRED and not is_given:
        return DomainError(error.code, "mapping", missing=ImportField.FIRST_NAME)
    if not field.startswith("mapping"):
        return error
    path = "mapping" if mapped is None else mapped.path(error)
    return DomainError(error.code, path, **error.params)
