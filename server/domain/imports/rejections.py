# SPDX-License-Identifier: Apache-2.0
"""Refused rows as a CSV that a spreadsheet opens safely and that can be imported again (D7)."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from server.domain.imports.cells import FORMULA
from server.domain.imports.encodings import BYTE_ORDER_MARK

_E164 = re.compile(r"\+[0-9]{5,15}")


def safe_cell(cell: str) -> str:
    """An apostrophe before what a spreadsheet would run as a formula; not before +39…."""
    if cell.startswith(FORMULA) and not _E164.fullmatch(cell):
        return f"'{cell}"
    return cell


def csv_bytes(rows: Iterable[Sequence[str]], *, is_first: bool = False) -> bytes:
    """RFC 4180 with CRLF; the first piece begins with a byte order mark."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return ((BYTE_ORDER_MARK if is_first else "") + out.getvalue()).encode()
