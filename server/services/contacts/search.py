# SPDX-License-Identifier: Apache-2.0
"""Finding contacts by the beginning of a name, a number or an e-mail address.

Row-level security lets only leakproof comparisons use an index, so LIKE cannot: a beginning is a
range of a "C" column. Each range is read in the order of its own index and gives at most MOST ids;
the contacts are then read by these ids. Left to itself, PostgreSQL would rather walk a million
contacts in name order, hoping for a page full of matches that may not be there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)

from server.domain.counts import SEARCH_CAP
from server.domain.errors import DomainError
from server.domain.permissions import Role, Viewer
from server.domain.text import clean, sort_key
from server.models import AdditionalPhone, Contact, ListMember
from server.services.numbers import search_prefixes

Condition = Callable[[FromClause], ColumnElement[bool]]

_CONTACTS = Contact.__table__
_PHONES = AdditionalPhone.__table__
_MEMBERS = ListMember.__table__

MOST = SEARCH_CAP
"""Contacts that one range gives, the first in its order: whoever means fewer types on."""

_MOST_WORDS = 5
_RARE = 3  # letters from which on a word alone is worth a search for it anywhere
_AFTER_TEXT = "\U0010ffff"
_AFTER_DIGITS = ":"  # follows 9


def matching(text: str, viewer: Viewer, *, list_id: int | None = None) -> Condition:
    """The contacts that a search box means by this text; blank finds all.

    Inside a list (`list_id`) what its ranges give are contacts on it, so that none is crowded out.

    With an @ the beginning of an e-mail address. Digits, however grouped, the beginning of a
    number, the primary or any additional one, with or without country code. One word begins the
    last or the first name or an address; of several each begins a word of the name, and they
    stand in their order at its front, or the first or last of them begins first or last name.
    """
    try:
        cleaned = clean(text, "search")
    except DomainError:  # no contact holds such a character, or is that long
        return lambda contacts: false()
    if not cleaned:
        return lambda contacts: true()
    prefixes = search_prefixes(cleaned, viewer.region)
    if "@" in cleaned:
        ranges = [_Range("email", cleaned.lower())]
    elif prefixes:
        ranges = [_Range(name, p, _AFTER_DIGITS) for p in prefixes for name in ("phone", "number")]
    else:
        ranges = _by_name(sort_key(cleaned).split()[:_MOST_WORDS])
    return _any_of(ranges, list_id, is_among_few=viewer.role is Role.AGENT)


@dataclass(frozen=True, slots=True)
class _Range:
    """Contacts by the beginning of a column, whose names have words that begin so.

    The column is one of the contact's or the `number` of its additional phones.
    """

    column: str
    prefix: str
    after: str = _AFTER_TEXT
    words: Sequence[str] = ()

    def holds(self, row: FromClause) -> ColumnElement[bool]:
        key = row.c[self.column]
        conditions = [key >= self.prefix, key < self.prefix + self.after]
        for word in self.words:
            named = literal(" ").concat(row.c.name_key)
            conditions.append(named.contains(f" {word}", autoescape=True))
        return and_(*conditions)

    def ids(self, list_id: int | None) -> Select[int]:
        """The first in the range's own order, of those on the list if one is named."""
        row = (_PHONES if self.column == "number" else _CONTACTS).alias()
        contact_id = row.c.contact_id if self.column == "number" else row.c.id
        found = select(contact_id).where(self.holds(row))
        if list_id is not None:
            members = _MEMBERS.alias()
            found = found.where(
                exists().where(members.c.list_id == list_id, members.c.contact_id == contact_id)
            )
        return found.order_by(row.c[self.column]).limit(literal_column(str(MOST)))


def _by_name(words: Sequence[str]) -> list[_Range]:
    keys = ("name_key", "given_key")
    if not words:
        return []
    in_order = [_Range(key, " ".join(words)) for key in keys]
    if len(words) == 1:
        return [*in_order, _Range("email", words[0])]
    starts = sorted({word for word in (words[0], words[-1]) if len(word) >= _RARE})
    return in_order + [_Range(key, start, words=words) for start in starts for key in keys]


def _any_of(ranges: Sequence[_Range], list_id: int | None, *, is_among_few: bool) -> Condition:
    """In one of the ranges; `is_among_few` contacts it is asked of each, and none is left out."""
    if not ranges:
        return lambda contacts: false()
    if is_among_few:
        return lambda contacts: or_(*(_asked_of(contacts, each) for each in ranges))
    found = func.array(ranges[0].ids(list_id).scalar_subquery())
    for each in ranges[1:]:
        found = func.array_cat(found, func.array(each.ids(list_id).scalar_subquery()))
    # An array and not IN: it is made once, before the contacts are looked at.
    return lambda contacts: contacts.c.id == func.any(found)


def _asked_of(contacts: FromClause, asked: _Range) -> ColumnElement[bool]:
    if asked.column != "number":
        return asked.holds(contacts)
    phones = _PHONES.alias()
    return exists().where(phones.c.contact_id == contacts.c.id, asked.holds(phones))
