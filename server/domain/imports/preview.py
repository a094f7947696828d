# SPDX-License-Identifier: Apache-2.0
"""What a file looks like before it is imported: the guesses, sample rows, and what seems wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from server.domain.errors import DomainError, ErrorCode
from server.domain.imports.cells import is_rounded
from server.domain.imports.columns import ColumnMapping, column_names, guess_mapping
from server.domain.imports.dialects import guess_header, guess_separator, sample

SHOWN_ROWS = 20
SHOWN_CELL = 200  # characters


class ImportWarning(StrEnum):
    """What a person should look at before starting an import."""

    ENCODING_GUESSED = "ENCODING_GUESSED"  # look at the accents in the sample rows
    UNEVEN_ROWS = "UNEVEN_ROWS"  # some rows have more or fewer cells: perhaps another separator
    EQUAL_COLUMNS = "EQUAL_COLUMNS"  # two columns have one name; the second was renamed
    ROUNDED_NUMBERS = "ROUNDED_NUMBERS"  # a spreadsheet has rounded numbers, as in 3.9E+11


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A file by its first 256 kB, with the guesses that a person may overrule."""

    encoding: str
    separator: str
    has_header: bool
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  # at most 20, without the header
    mapping: ColumnMapping
    warnings: tuple[ImportWarning, ...]
    is_whole: bool  # nothing follows what was looked at


def preview_text(
    head: str,
    *,
    encoding: str,
    is_guessed: bool,
    is_whole: bool,
    separator: str | None,
    has_header: bool | None,
    item_types: Mapping[int, str],
    own_fields: Sequence[tuple[int, str]] = (),
) -> Preview:
    """The head of a file, already decoded; what is None is guessed.

    Raises FILE_EMPTY and TOO_MANY_COLUMNS. `is_guessed`: the encoding is only a likely one.
    """
    separator = separator or guess_separator(head)
    records = sample(head, separator)
    if not records:
        raise DomainError(ErrorCode.FILE_EMPTY, "fileId")
    rows = [record.cells for record in records if record.fault is None]
    if has_header is None:
        has_header = guess_header(rows)
    columns = column_names(records[0], has_header=has_header)
    body = rows[1:] if has_header else rows
    warnings = {
        ImportWarning.ENCODING_GUESSED: is_guessed,
        ImportWarning.UNEVEN_ROWS: any(len(row) != len(columns) for row in body),
        ImportWarning.EQUAL_COLUMNS: has_header
        and any(name != cell.strip() for name, cell in zip(columns, rows[0], strict=True)),
        ImportWarning.ROUNDED_NUMBERS: any(is_rounded(cell) for row in body for cell in row),
    }
    return Preview(
        encoding=encoding,
        separator=separator,
        has_header=has_header,
        columns=columns,
        rows=tuple(
            tuple(shown_cell(cell) for cell in row[: len(columns)]) for row in body[:SHOWN_ROWS]
        ),
        mapping=guess_mapping(columns if has_header else (), item_types, own_fields),
        warnings=tuple(warning for warning, holds in warnings.items() if holds),
        is_whole=is_whole,
    )


def shown_cell(cell: str) -> str:
    """A cell as a page can show it: short, without NUL and lone surrogates."""
    text = cell[:SHOWN_CELL].replace("\x00", "\ufffd")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
