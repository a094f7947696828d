# SPDX-License-Identifier: Apache-2.0
"""The separator of a file and whether its first row names the columns, guessed from its head."""

import io
from collections import Counter
from itertools import islice

from server.domain.errors import DomainError
from server.domain.imports.columns import known_name
from server.domain.imports.records import Record, read_records

SEPARATORS = (",", ";", "\t", "|", ":", " ")
_ORDER = (";", "\t", "|", ",", ":", " ")  # a comma stands in numbers and texts too
# A time or a name holds these often: taken only where no other splits the rows evenly.
_WEAK = (":", " ")
_SAMPLE = 100  # rows


def guess_separator(head: str) -> str:
    """The separator that splits the rows most evenly, and then into most cells; else a comma."""
    hint = head[:6].lower()
    if hint.startswith("sep=") and hint[4:5] in SEPARATORS:
        return hint[4]
    best, best_score = ",", (False, 0.0, 0)
    for separator in _ORDER:
        try:
            widths = [len(row.cells) for row in sample(head, separator) if row.fault is None]
        except DomainError:  # its quotes make no sense with this separator
            continue
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        evenness = round(count / len(widths), 1)
        # Only the rows that a separator splits speak for it.
        score = (separator not in _WEAK and evenness >= 0.8, evenness, width)
        if width > 1 and score > best_score:
            best, best_score = separator, score
    return best


def sample(head: str, separator: str) -> list[Record]:
    """The first rows."""
    return list(islice(read_records(io.StringIO(head, newline=""), separator), _SAMPLE))


def guess_header(rows: list[list[str]]) -> bool:
    """Whether the first row names the columns: no number and no address stands in it."""
    if not rows:
        return False
    first, *others = rows
    if any(_is_datum(cell) for cell in first):
        return False
    if any(known_name(cell) for cell in first):
        return True
    return any(_is_datum(cell) for row in others for cell in row)


def _is_datum(cell: str) -> bool:
    return "@" in cell or sum(map(str.isdecimal, cell)) >= 5
