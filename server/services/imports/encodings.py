# SPDX-License-Identifier: Apache-2.0
"""A file's encoding where its bytes leave a choice: the likeliest of a short list (D6)."""

import chardet

from server.domain.errors import DomainError, ErrorCode
from server.domain.imports import ENCODINGS, can_decode, likely_encoding, sure_encoding

_GUESSED = ("cp1252", "cp1250", "iso-8859-1", "iso-8859-2", "iso-8859-15", "mac-roman", "gb18030")
_NAMES = {
    "windows-1252": "cp1252",
    "windows-1250": "cp1250",
    "iso8859-15": "iso-8859-15",
    "macroman": "mac-roman",
}
_C1 = bytes(range(0x80, 0xA0))  # letters in Windows' code pages, controls in ISO's


def guess_encoding(head: bytes, *, is_whole: bool) -> tuple[str, bool]:
    """The encoding of a file's first bytes, and whether it is only a likely one.

    Raises FILE_EMPTY, FILE_NOT_TEXT, and ENCODING_UNKNOWN where nothing on the list fits.
    """
    if encoding := sure_encoding(head, is_whole=is_whole):
        return encoding, False
    if likely := likely_encoding(head, is_whole=is_whole):
        return likely, True
    fitting = [name for name in _GUESSED if can_decode(head, name, is_whole=is_whole)]
    if head.translate(None, _C1) != head:
        fitting = [name for name in fitting if not name.startswith("iso-")]
    if not fitting:
        raise DomainError(ErrorCode.ENCODING_UNKNOWN, "encoding")
    found = chardet.detect(head, include_encodings=fitting, no_match_encoding=fitting[0])
    name = str(found["encoding"]).lower()
    return _NAMES.get(name, name) if _NAMES.get(name, name) in ENCODINGS else fitting[0], True


def check_encoding(encoding: str, head: bytes, *, is_whole: bool) -> str:
    """The encoding that a person chose, if we know it and the head can be read in it."""
    known = encoding.strip().lower().replace("_", "-")
    if known not in ENCODINGS or not can_decode(head, known, is_whole=is_whole):
        raise DomainError(ErrorCode.ENCODING_UNKNOWN, "encoding", encoding=encoding[:40])
    return known
