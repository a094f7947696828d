# SPDX-License-Identifier: Apache-2.0
"""How people look at lists: which lists there are, and what a saved filter or a column may hold."""

import re
from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode

from server.domain.errors import DomainError, ErrorCode
from server.domain.text import clean

MOST_COLUMNS = 60
LONGEST_QUERY = 2000
# Where in the list one stands, and how it is drawn: a filter that is kept says neither.
NOT_KEPT = frozenset({"after", "before", "columns", "counts", "view"})
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,49}")


class ViewSubject(StrEnum):
    """A list that has filters and columns of its own."""

    CONTACTS = "CONTACTS"
    LISTS = "LISTS"
    ITEM_TYPES = "ITEM_TYPES"
    CAMPAIGNS = "CAMPAIGNS"
    USERS = "USERS"


# Besides them, a centre's own fields of persons. No other list has columns to choose.
CONTACT_COLUMNS = (
    *("phone", "phones", "company", "email", "tags", "lists"),
    *("priority", "language", "zone", "created"),
)


def kept_query(text: str, field: str = "query") -> str:
    """A list's address after the question mark, without the place in the list; in one spelling."""
    given = clean(text, field, longest=LONGEST_QUERY).removeprefix("?")
    try:
        pairs = parse_qsl(given, keep_blank_values=False, max_num_fields=100)
    except ValueError:
        raise DomainError(ErrorCode.INVALID, field) from None
    kept = [(key, value) for key, value in pairs if key not in NOT_KEPT]
    if any(not _KEY.fullmatch(key) or "\x00" in value for key, value in kept):
        raise DomainError(ErrorCode.INVALID, field)
    query = urlencode(kept)
    if len(query) > LONGEST_QUERY:
        raise DomainError(ErrorCode.TOO_LONG, field, max=LONGEST_QUERY)
    return query


def kept_columns(subject: ViewSubject, names: Sequence[str], offered: Sequence[str]) -> list[str]:
    """The columns in their order, each once. Raises INVALID for one that is not offered."""
    if len(names) > MOST_COLUMNS:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "columns", min=0, max=MOST_COLUMNS)
    for place, name in enumerate(names):
        if name not in offered:
            expected = {"value": name[:50], "expected": ", ".join(offered)}
            told = expected if offered else {"without": subject.value}
            raise DomainError(ErrorCode.INVALID, f"columns.{place}", **told)
    return list(dict.fromkeys(names))
