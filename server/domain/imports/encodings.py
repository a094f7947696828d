# SPDX-License-Identifier: Apache-2.0
"""Which encoding a file of contacts is in, as far as its first bytes are sure of it (D6)."""

import codecs
import io
from typing import IO

from server.domain.errors import DomainError, ErrorCode

HEAD = 256 * 1024  # bytes looked at when a file is judged

# What a person may choose; "utf-8" and its kin pass over a byte order mark.
ENCODINGS = (
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "utf-32-le",
    "utf-32-be",
    "cp1252",
    "cp1250",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-15",
    "mac-roman",
    "gb18030",
)
BYTE_ORDER_MARK = "\ufeff"

_MARKS = (  # the four-byte marks begin like the two-byte ones, so they are asked first
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    b"PK\x03\x04",  # zip, and so XLSX, ODS
    b"PK\x05\x06",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",  # XLS
    b"\x7fELF",
    b"\x89PNG\r\n",
    b"%PDF-",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\x1f\x8b\x08",
    b"BZh9",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a",
    b"SQLite format 3\x00",
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1a\x1b")) + b"\x7f"
_UNREADABLE = "rubrica.unreadable"


def _mark_unreadable(error: UnicodeError) -> tuple[str, int]:
    """A lone surrogate for bytes that are no character: the row is refused, the others are read."""
    if isinstance(error, UnicodeDecodeError):
        return "\udcff", error.end
    raise error


codecs.register_error(_UNREADABLE, _mark_unreadable)


def sure_encoding(head: bytes, *, is_whole: bool) -> str | None:
    """The encoding by byte order mark, by UTF-16's pattern of NULs, or by strict UTF-8; else None.

    Raises FILE_EMPTY and FILE_NOT_TEXT. `is_whole`: nothing follows `head`.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            if not decode_head(head, encoding, is_whole=is_whole).strip():
                raise DomainError(ErrorCode.FILE_EMPTY, "fileId")
            return encoding
    if not head.strip(b"\x00 \t\r\n\f\x1a"):
        raise DomainError(ErrorCode.FILE_EMPTY, "fileId")
    if head.startswith(_MAGIC) or (head.startswith(b"MZ") and b"\x00" in head):
        raise DomainError(ErrorCode.FILE_NOT_TEXT, "fileId")
    if wide := _wide(head):
        return wide
    # A stray NUL spoils its cell only; a picture or a program has many of them.
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls >= 8 and controls > len(head) // 20:
        raise DomainError(ErrorCode.FILE_NOT_TEXT, "fileId")
    return "utf-8" if can_decode(head, "utf-8", is_whole=is_whole) else None


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: in a text of mostly Latin letters, every second byte is NUL."""
    even, odd = head[0::2], head[1::2]
    if not odd:
        return None
    high, low = even.count(0) / len(even), odd.count(0) / len(odd)
    if low > 0.4 and high < 0.1:
        return "utf-16-le"
    if high > 0.4 and low < 0.1:
        return "utf-16-be"
    return None


def can_decode(head: bytes, encoding: str, *, is_whole: bool) -> bool:
    """Whether every byte of the head is a character; the last one may be cut in two."""
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(head, is_whole)
    except UnicodeDecodeError:
        return False
    return True


def decode_head(head: bytes, encoding: str, *, is_whole: bool) -> str:
    """The head's whole lines as text, a lone surrogate for each unreadable place."""
    text = codecs.getincrementaldecoder(encoding)(_UNREADABLE).decode(head, is_whole)
    text = text.removeprefix(BYTE_ORDER_MARK)
    if not is_whole:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    return text


def open_text(binary: IO[bytes], encoding: str) -> io.TextIOWrapper:
    """The file as lines of text with their ends as they are; a mark at its start is passed over."""
    text = io.TextIOWrapper(binary, encoding=encoding, errors=_UNREADABLE, newline="")
    if text.read(1) != BYTE_ORDER_MARK:
        text.seek(0)
    return text
