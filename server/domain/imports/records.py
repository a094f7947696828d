# SPDX-License-Identifier: Apache-2.0
"""CSV lines as records that know their line, each fault kept to the line that has it (C-53, D6)."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TextIO

from server.domain.errors import DomainError, ErrorCode

LONGEST_RECORD = 128 * 1024  # characters of a row that is taken
MOST_COLUMNS = 1000
MOST_LINES = 5_000_000  # of a file: in the largest one, twelve characters a line
# How far the end of a quoted cell is looked for: further than any cell that a person could mean.
_LONGEST_SPAN = 12 * 1024 * 1024
_MOST_SPANNED = 100_000  # lines
# A quote without its end swallows lines that are then read again; a file of nothing else would
# take hours, so beyond this many characters read twice it is refused as a whole.
_MOST_READ_AGAIN = 128 * 1024 * 1024
_KEPT = 1000  # characters of a refused line

csv.field_size_limit(_LONGEST_SPAN)


@dataclass(slots=True, kw_only=True)
class Record:
    """The cells of a row; `line` is the physical line it starts at, from 1."""

    line: int
    cells: list[str]
    size: int  # characters
    fault: ErrorCode | None = None  # UNCLOSED_QUOTE or TOO_LONG: the one cell is the raw line


class _RunawayError(Exception):
    """A record grew past every honest size."""


@dataclass(slots=True)
class _Lines:
    """Lines for `csv.reader`, remembering those of the record at hand so that they can go back."""

    text: TextIO
    at_hand: list[str] = field(default_factory=list)
    size: int = 0  # characters of the lines at hand
    before: int = 0  # lines of the file before those at hand
    waiting: deque[str] = field(default_factory=deque)
    read_again: int = 0  # characters

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else self.text.readline(_LONGEST_SPAN + 1)
        if not line:
            raise StopIteration
        self.at_hand.append(line)
        self.size += len(line)
        if self.size > _LONGEST_SPAN or len(self.at_hand) > _MOST_SPANNED:
            self._skip_rest_of(line)
            raise _RunawayError
        if self.before > MOST_LINES:
            raise DomainError(ErrorCode.FILE_TOO_LARGE, "fileId", max=f"{MOST_LINES} lines")
        return line

    def _skip_rest_of(self, line: str) -> None:
        if len(line) > _LONGEST_SPAN and line[-1] not in "\r\n":
            while (rest := self.text.readline(LONGEST_RECORD)) and rest[-1] not in "\r\n":
                pass

    def take(self, count: int) -> str:
        """Settle the first `count` lines at hand, give the others back; the first one's text."""
        first = self.at_hand[0]
        rest = self.at_hand[count:]
        self.read_again += sum(map(len, rest))
        self.waiting.extendleft(reversed(rest))
        self.before += count
        self.at_hand.clear()
        self.size = 0
        return first


def read_records(text: TextIO, separator: str) -> Iterator[Record]:
    """Every record in order; blank lines and rows of blank cells are passed over.

    A quote that is not closed spoils its line only, where the next lines show that it was not meant
    to span them. Raises UNCLOSED_QUOTE for a file that quotes make unreadable, FILE_TOO_LARGE for
    one of more than five million lines.
    """
    lines = _Lines(text)
    first_fault = 0
    while True:
        try:
            for cells in csv.reader(lines, delimiter=separator, strict=True):
                line, size = lines.before + 1, lines.size
                if size > LONGEST_RECORD:
                    yield _refused(lines, len(lines.at_hand), ErrorCode.TOO_LONG)
                    continue
                lines.before += len(lines.at_hand)
                lines.at_hand.clear()
                lines.size = 0
                if any(map(str.strip, cells)) and not (line == 1 and _is_hint(cells)):
                    yield Record(line=line, cells=cells, size=size)
            if not lines.at_hand:
                return
        except csv.Error:
            pass  # the lines at hand tell what was wrong
        except _RunawayError:
            if len(lines.at_hand) > 1:  # what follows may be one cell's text: no rows to be sure of
                line = lines.before + 1
                raise DomainError(ErrorCode.UNCLOSED_QUOTE, "fileId", line=line) from None
        first_fault = first_fault or lines.before + 1
        yield _after_fault(lines, separator)
        if lines.read_again > _MOST_READ_AGAIN:
            raise DomainError(ErrorCode.UNCLOSED_QUOTE, "fileId", line=first_fault)


def _after_fault(lines: _Lines, separator: str) -> Record:
    """The first line at hand; the lines after it are read again as if it were not there."""
    if len(lines.at_hand) > 1:
        return _refused(lines, 1, ErrorCode.UNCLOSED_QUOTE)
    if lines.size > LONGEST_RECORD:
        return _refused(lines, 1, ErrorCode.TOO_LONG)
    # Text after a closing quote, such as `"Rossi" ,06`: careless, but there is only one reading.
    raw = lines.at_hand[0].rstrip("\r\n") + "\n"
    cells = next(csv.reader([raw], delimiter=separator), [])
    if any("\n" in cell for cell in cells):
        return _refused(lines, 1, ErrorCode.UNCLOSED_QUOTE)
    line, size = lines.before + 1, lines.size
    lines.take(1)
    return Record(line=line, cells=cells, size=size)


def _refused(lines: _Lines, count: int, fault: ErrorCode) -> Record:
    line = lines.before + 1
    raw = lines.take(count)[:_KEPT].rstrip("\r\n")
    return Record(line=line, cells=[raw], size=_KEPT, fault=fault)


def _is_hint(cells: list[str]) -> bool:
    """Spreadsheets may write `sep=;` as a first line of its own."""
    first, *rest = cells
    if not first.lower().startswith("sep="):
        return False
    return (len(first) == 4 and rest == [""]) or (len(first) == 5 and not rest)
