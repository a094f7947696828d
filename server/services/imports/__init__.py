# SPDX-License-Identifier: Apache-2.0
"""Contacts from CSV files: looked at, started by people, loaded chunk by chunk (X-21 to X-24)."""

from server.services.imports.encodings import guess_encoding
from server.services.imports.files import read_head
from server.services.imports.loading import load_batch, read_reader
from server.services.imports.options import (
    ImportInput,
    ImportOptions,
    MappingInput,
    OwnColumn,
    TypeColumn,
)
from server.services.imports.previews import ImportPreview, preview_import
from server.services.imports.starting import start_import

__all__ = [
    "ImportInput",
    "ImportOptions",
    "ImportPreview",
    "MappingInput",
    "OwnColumn",
    "TypeColumn",
    "guess_encoding",
    "load_batch",
    "preview_import",
    "read_head",
    "read_reader",
    "start_import",
]
