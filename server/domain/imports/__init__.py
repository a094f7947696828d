# SPDX-License-Identifier: Apache-2.0
"""The rules of importing contacts from CSV files: what a file is, and what its rows mean (X-21)."""

from server.domain.imports.alphabets import likely_encoding
from server.domain.imports.columns import (
    ColumnMapping,
    ImportField,
    Layout,
    api_name,
    column_names,
    find_columns,
    guess_mapping,
)
from server.domain.imports.dialects import SEPARATORS, guess_header, guess_separator
from server.domain.imports.encodings import (
    ENCODINGS,
    HEAD,
    can_decode,
    decode_head,
    open_text,
    sure_encoding,
)
from server.domain.imports.preview import ImportWarning, Preview, preview_text
from server.domain.imports.records import MOST_COLUMNS, Record, read_records
from server.domain.imports.rejections import csv_bytes, safe_cell
from server.domain.imports.rows import Batch, Rejection, Row, RowReader, rejected

__all__ = [
    "ENCODINGS",
    "HEAD",
    "MOST_COLUMNS",
    "SEPARATORS",
    "Batch",
    "ColumnMapping",
    "ImportField",
    "ImportWarning",
    "Layout",
    "Preview",
    "Record",
    "Rejection",
    "Row",
    "RowReader",
    "api_name",
    "can_decode",
    "column_names",
    "csv_bytes",
    "decode_head",
    "find_columns",
    "guess_header",
    "guess_mapping",
    "guess_separator",
    "likely_encoding",
    "open_text",
    "preview_text",
    "read_records",
    "rejected",
    "safe_cell",
    "sure_encoding",
]
