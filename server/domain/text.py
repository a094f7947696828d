# SPDX-License-Identifier: Apache-2.0
"""What text may come in, and the keys that names are compared and sorted by."""

import unicodedata
from enum import Enum
from typing import Final

from server.domain.errors import DomainError, ErrorCode


class Unset(Enum):
    """A field that an edit leaves as it is, where None would clear it."""

    UNSET = "UNSET"


UNSET: Final = Unset.UNSET

# Letters, signs and marks that draw nothing; what else is blank tells its category.
_FILLERS: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)

# What comes along when somebody copies a name; the joiners of Persian and Hindi are not among it.
UNSEEN: Final = str.maketrans(
    "",
    "",
    "\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
    "\u2066\u2067\u2068\u2069\ufeff",
)


def is_storable(text: str) -> bool:
    """Whether it is free of NUL and of lone surrogates, which no text of the database can hold."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def clean(value: str, field: str, *, longest: int = 200, required: bool = False) -> str:
    """NFC text without outer blanks, or a refusal that names `field` (reliability D8)."""
    if not is_storable(value):
        raise DomainError(ErrorCode.INVALID_CHARACTER, field)
    if len(value) > 4 * longest:  # before normalising: a huge text costs nothing
        raise DomainError(ErrorCode.TOO_LONG, field, max=longest)
    cleaned = unicodedata.normalize("NFC", value).strip()
    if len(cleaned) > longest:
        raise DomainError(ErrorCode.TOO_LONG, field, max=longest)
    if required and is_blank(cleaned):
        raise DomainError(ErrorCode.REQUIRED, field)
    return cleaned


def is_blank(text: str) -> bool:
    """Whether there is nothing to see: only blanks, controls, direction marks, joiners, fillers.

    Beside letters they stay: Persian and Hindi are written with joiners (D8).
    """
    return all(
        character in _FILLERS or unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Zs")
        for character in text
    )


def name_key(name: str) -> str:
    """Names that differ only in case or inner blanks are the same name (X-10)."""
    return " ".join(name.casefold().split())


def sort_key(*parts: str) -> str:
    """Folded, without accents and unseen marks: "Élodie Straße" sorts as "elodie strasse"."""
    text = " ".join(part for part in parts if part).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(UNSEEN))
        text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(text.split())
