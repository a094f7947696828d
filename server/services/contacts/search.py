# SPDX-License-Identifier: Apache-2.0
"""Finding contacts by the beginning of a name, a number or an e-mail address.

Row-level security lets only leakproof comparisons use an index, so LIKE cannot: a beginning is
searched as a range of a "C" column. What few rows such ranges leave is filtered by the rest.

Where the beginning is long enough to be rare, its ids are collected first: left to itself, and
seeing only placeholders, PostgreSQL would walk all contacts in name order until it has a page.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from server.domain.errors import DomainError
from server.domain.permissions import Viewer
from server.domain.text import clean, sort_key
from server.models import AdditionalPhone, Contact, ListMember
from server.services.numbers import search_prefixes

Condition = Callable[[FromClause], ColumnElement[bool]]
Ids = Select[int]
Column = ColumnElement[Any]

_RARE_LETTERS = 3
_RARE_DIGITS = 8  # of E.164: plus, country code and some five digits
_MOST_WORDS = 5
_AFTER_TEXT = "\U0010ffff"
_AFTER_DIGITS = ":"  # follows 9


def matching(text: str, viewer: Viewer) -> Condition:
    """The contacts that a search box means by this text; blank finds all.

    With an @ the beginning of an e-mail address. Digits, however grouped, the beginning of a
    number, the primary or any additional one, with or without country code. Else every word must
    begin a word of the name, and the first or the last one begin the first or the last name.
    """
    try:
        cleaned = clean(text, "search")
    except DomainError:  # no contact holds such a character, or is that long
        return lambda contacts: false()
    if not cleaned:
        return lambda contacts: true()
    if "@" in cleaned:
        return _by_email(cleaned.lower())
    if prefixes := search_prefixes(cleaned, viewer.region):
        return _by_number(prefixes)
    return _by_name(sort_key(cleaned).split()[:_MOST_WORDS])


def _by_email(prefix: str) -> Condition:
    def condition(contacts: FromClause) -> ColumnElement[bool]:
        return _among(contacts, _contact_ids(lambda row: _begins(row.c.email, prefix)))

    return condition


def _by_number(prefixes: Sequence[str]) -> Condition:
    def begins(number: Column) -> ColumnElement[bool]:
        return or_(*(_begins(number, prefix, _AFTER_DIGITS) for prefix in prefixes))

    phones = AdditionalPhone.__table__.alias()
    additional: Ids = select(phones.c.contact_id).where(begins(phones.c.number))

    def condition(contacts: FromClause) -> ColumnElement[bool]:
        if min(map(len, prefixes)) < _RARE_DIGITS:
            return or_(begins(contacts.c.phone), contacts.c.id.in_(additional))
        return _among(contacts, _contact_ids(lambda row: begins(row.c.phone)), additional)

    return condition


def _by_name(words: Sequence[str]) -> Condition:
    if not words:
        return lambda contacts: false()
    starts = sorted({words[0], words[-1]})

    def named(row: FromClause) -> ColumnElement[bool]:
        found = or_(
            *(_begins(key, start) for start in starts for key in (row.c.name_key, row.c.given_key))
        )
        padded = literal(" ").concat(row.c.name_key)
        rest = (padded.contains(f" {word}", autoescape=True) for word in words)
        return and_(found, *rest) if len(words) > 1 else found

    def mailed(row: FromClause) -> ColumnElement[bool]:
        return _begins(row.c.email, words[0])

    arms = (named, mailed) if len(words) == 1 else (named,)

    def condition(contacts: FromClause) -> ColumnElement[bool]:
        if min(map(len, starts)) < _RARE_LETTERS:
            return or_(*(arm(contacts) for arm in arms))
        return _among(contacts, *map(_contact_ids, arms))

    return condition


def _begins(
    column: ColumnElement[Any], prefix: str, after: str = _AFTER_TEXT
) -> ColumnElement[bool]:
    return and_(column >= prefix, column < prefix + after)


def _contact_ids(arm: Condition) -> Ids:
    row = Contact.__table__.alias()
    return select(row.c.id).where(arm(row))


def _among(contacts: FromClause, *ids: Ids) -> ColumnElement[bool]:
    """An array and not IN: it is made once, before the contacts are looked at."""
    found = func.array(union_all(*ids).scalar_subquery())
    condition: ColumnElement[bool] = contacts.c.id == func.any(found)
    return condition


def on_list(list_id: int, viewer: Viewer) -> Condition:
    """The contacts that stand on the list."""

    def condition(contacts: FromClause) -> ColumnElement[bool]:
        members = ListMember.__table__.alias()
        return contacts.c.id.in_(select(members.c.contact_id).where(members.c.list_id == list_id))

    return condition


def additional_phone_count(contacts: FromClause) -> ColumnElement[int]:
    """How many numbers a contact has besides the primary one."""
    phones = AdditionalPhone.__table__.alias()
    return (
        select(func.count())
        .select_from(phones)
        .where(phones.c.contact_id == contacts.c.id)
        .scalar_subquery()
    )
