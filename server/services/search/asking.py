# SPDX-License-Identifier: Apache-2.0
"""What a typed text may mean: words, the beginning of a number, or some of its digits."""

from dataclasses import dataclass

from server.domain.errors import DomainError
from server.domain.search import search_key
from server.domain.text import clean
from server.services.numbers import search_digits, search_prefixes

MOST_WORDS = 5


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`beginnings` are E.164; `digits` is what may stand anywhere in a number, "" for none."""

    text: str
    words: tuple[str, ...]
    beginnings: tuple[str, ...]
    digits: str


def read_text(text: str, region: str) -> Asked | None:
    """None where nothing is asked, or what nothing can hold."""
    try:
        cleaned = clean(text, "text")
    except DomainError:
        return None
    words = tuple(dict.fromkeys(search_key(cleaned).split()))[:MOST_WORDS]
    if not words:
        return None
    beginnings = search_prefixes(cleaned, region)
    digits = search_digits(cleaned, region)
    return Asked(text=cleaned, words=words, beginnings=beginnings, digits=digits)
