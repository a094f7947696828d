# SPDX-License-Identifier: Apache-2.0
"""What an import is told and what it says of a file: columns, mapping, warnings (X-21, X-22)."""

import strawberry

from server.domain.imports import ImportField
from server.domain.imports import ImportWarning as WarningCode

strawberry.enum(ImportField, description="A field of a contact that a column may fill.")
strawberry.enum(
    WarningCode,
    name="ImportWarningCode",
    description="What to look at before an import is started.",
)


@strawberry.type(description="Something to look at before the import is started.")
class ImportWarning:
    code: WarningCode
    message: str = strawberry.field(description="For people, in the reader's language.")


@strawberry.type(description="A column of a file, and what its name suggests that it holds.")
class PreviewColumn:
    name: str = strawberry.field(description="Its number from 1 where the file has no header.")
    examples: list[str] = strawberry.field(description="Its first different values, 3 at most.")
    field: ImportField | None
    item_type_id: strawberry.ID | None
    master_data_field_id: strawberry.ID | None


@strawberry.type(description="What a column of the file fills.")
class MappedColumn:
    column: str
    field: ImportField | None
    field_label: str | None = strawberry.field(description="Localized.")
    item_type_id: strawberry.ID | None
    master_data_field_id: strawberry.ID | None


@strawberry.type(description="How an import reads its file.")
class ImportDetails:
    encoding: str
    separator: str
    has_header: bool
    check_duplicates: bool
    columns: list[str] = strawberry.field(description="All columns of the file, in its order.")
    mapping: list[MappedColumn]


@strawberry.input(description="A column of the file with what it fills; with neither, nothing.")
class ImportColumnInput:
    column: str = strawberry.field(
        description="Its name in the header; its number from 1 where there is none."
    )
    field: ImportField | None = None
    item_type_id: strawberry.ID | None = strawberry.field(
        default=None, description="Each cell that is not blank is a phone of this type (X-21)."
    )
    master_data_field_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Each cell that is not blank is a value of this CONTACT field (C-22).",
    )


@strawberry.input(description="An import to start; what is left out is guessed as in the preview.")
class StartImportInput:
    file_id: strawberry.ID
    list_id: strawberry.ID | None = strawberry.field(
        default=None, description="The list that the contacts go on."
    )
    new_list_name: str | None = strawberry.field(
        default=None, description="Instead of `listId`: a list that is made for them."
    )
    encoding: str | None = strawberry.field(
        default=None, description="As `utf-8`, `utf-16-le`, `cp1252`, `cp1250`, `iso-8859-2`."
    )
    separator: str | None = strawberry.field(
        default=None, description="One of comma, semicolon, tab, `|`, colon and blank."
    )
    has_header: bool | None = strawberry.field(
        default=None, description="Whether the first row names the columns."
    )
    mapping: list[ImportColumnInput] | None = strawberry.field(
        default=None, description="Columns not named are not imported."
    )
    check_duplicates: bool = strawberry.field(
        default=False,
        description="Pass over rows whose primary number is on the list already (X-24).",
    )
    comment: str = ""
