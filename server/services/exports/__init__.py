# SPDX-License-Identifier: Apache-2.0
"""Exports: contacts of a list as a CSV, at once or as a process (C-12, C-14, C-51, D7)."""

from server.services.exports.instant import MOST_AT_ONCE, ExportedFile, export_now
from server.services.exports.options import ExportInput
from server.services.exports.rows import Layout, read_rows, survey
from server.services.exports.storing import (
    PIECE,
    append_piece,
    check_may_export,
    file_name,
    hold,
    keep_matching,
    kept,
    kept_piece,
    open_file,
    seal_file,
    start_export,
)

__all__ = [
    "MOST_AT_ONCE",
    "PIECE",
    "ExportInput",
    "ExportedFile",
    "Layout",
    "append_piece",
    "check_may_export",
    "export_now",
    "file_name",
    "hold",
    "keep_matching",
    "kept",
    "kept_piece",
    "open_file",
    "read_rows",
    "seal_file",
    "start_export",
    "survey",
]
