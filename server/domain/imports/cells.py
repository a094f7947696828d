# SPDX-License-Identifier: Apache-2.0
"""What single cells mean: text without a spreadsheet's wrapping, numbers, priorities, times."""

import re
import unicodedata
from datetime import datetime, tzinfo

from server.domain.errors import DomainError, ErrorCode
from server.domain.text import clean, is_blank

# `="0612"` keeps a spreadsheet from eating the zero; an apostrophe does the same, and is also
# what an export puts before a cell that a spreadsheet would take for a formula (D7).
_WRAPPED = re.compile(r'="(.*)"', re.DOTALL)
FORMULA = tuple("=+-@\t\r\x00＝＋－＠")
_ROUNDED = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s?[eE]\s?\+?\d+")
_FLOAT = re.compile(r"(\+?\d{5,15})[.,]0")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")  # as on the contact's form


def unwrapped(cell: str) -> str:
    """The cell without outer blanks and without what only keeps spreadsheets in check."""
    cell = cell.strip()
    if not cell or cell[0] not in "='":
        return cell
    if cell[0] == "=":
        match = _WRAPPED.fullmatch(cell)
        return match[1].strip() if match else cell
    return cell[1:].strip() if cell.lstrip("'").startswith(FORMULA) else cell


def read_text(cell: str, column: str, longest: int = 200) -> str:
    """NFC text; refuses NUL, lone surrogates and what is too long, naming the column (D8)."""
    text = cell.strip()
    if not text:
        return ""
    if text[0] in "='":
        text = unwrapped(text)
    # A million rows pass here: only the rare ones take the long way.
    if len(text) <= longest and "\x00" not in text and (text.isascii() or _is_plain(text)):
        return text
    return clean(text, column, longest=longest)


def _is_plain(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return unicodedata.is_normalized("NFC", text)


def read_number(cell: str, column: str) -> str:
    """A phone cell, each digit as it stands; refuses a number that a spreadsheet rounded."""
    text = read_text(cell, column, 100)
    if text[:1] == "'":
        text = text[1:].lstrip()
    if ("e" in text or "E" in text) and _ROUNDED.fullmatch(text):
        raise DomainError(ErrorCode.NUMBER_ROUNDED, column, number=text)
    if text.endswith((".0", ",0")) and (match := _FLOAT.fullmatch(text)):
        return match[1]  # a column of numbers that once had an empty cell
    return text


def is_rounded(cell: str) -> bool:
    """Whether a spreadsheet has turned a long number into a power of ten."""
    return _ROUNDED.fullmatch(unwrapped(cell)) is not None


def read_email(cell: str, column: str) -> str:
    """An e-mail address in lower case, or nothing."""
    text = read_text(cell, column, 254).lower()
    if text and not _ADDRESS.fullmatch(text):
        raise DomainError(ErrorCode.INVALID, column, value=text, expected="name@example.com")
    return text


def read_priority(cell: str, column: str) -> int:
    """1 to 3; a blank cell is 2, the middle."""
    text = read_text(cell, column)
    if not text:
        return 2
    digits = text.removesuffix(".0")
    if not (digits.isdecimal() and len(digits) < 10):
        raise DomainError(ErrorCode.INVALID, column, value=text, expected="1, 2, 3")
    if not 1 <= int(digits) <= 3:
        raise DomainError(ErrorCode.OUT_OF_RANGE, column, min=1, max=3, value=text)
    return int(digits)


def read_instant(cell: str, column: str, zone: tzinfo) -> datetime | None:
    """ISO 8601; without an offset it is a time of the centre's zone."""
    text = read_text(cell, column)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    except ValueError:
        raise DomainError(
            ErrorCode.INVALID, column, value=text, expected="2027-01-31T09:00"
        ) from None


def split_name(name: str) -> tuple[str, str]:
    """First and last name: what follows the last blank is the last name."""
    first, _, last = name.rpartition(" ")
    return (name, "") if is_blank(first) or is_blank(last) else (first.rstrip(), last)
