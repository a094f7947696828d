# SPDX-License-Identifier: Apache-2.0
"""The do-not-call entries that a viewer sees, by any criteria or by none (C-27, C-29)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.blacklists import Media
from server.domain.errors import DomainError
from server.domain.permissions import Role, Viewer
from server.domain.text import clean, name_key, sort_key
from server.models import BlacklistEntry, Contact
from server.services.authors import name_of_user
from server.services.numbers import normalized, search_digits, search_prefixes
from server.services.versions import locked_row

Condition = Callable[[FromClause], ColumnElement[bool]]


def visible_blacklist_entries(viewer: Viewer) -> Select[BlacklistEntry]:
    """All of the tenant (C-27); an agent keeps no list and sees none."""
    entries = select(BlacklistEntry)
    return entries.where(false()) if viewer.role is Role.AGENT else entries


def matching(text: str, viewer: Viewer) -> Condition:
    """Part of the name, of the number in any spelling, of the address, or of a person's name."""
    key = _key(text)
    if key is None:
        return lambda entries: false()
    if not key:
        return lambda entries: true()
    return lambda entries: or_(
        entries.c.name_key.contains(key, autoescape=True),
        entries.c.email.contains(key, autoescape=True),
        _has_number(entries, text, viewer),
        _is_called(entries, key),
    )


def with_name(text: str, viewer: Viewer) -> Condition:
    """Part of the entry's name or of the person's, in any case."""
    key = _key(text)
    if key is None:
        return lambda entries: false()
    if not key:
        return lambda entries: true()
    return lambda entries: or_(
        entries.c.name_key.contains(key, autoescape=True), _is_called(entries, key)
    )


def with_number(text: str, viewer: Viewer) -> Condition:
    """The number in any spelling, or digits of it; blank: any entry."""
    if not text.strip():
        return lambda entries: true()
    return lambda entries: _has_number(entries, text, viewer)


def with_email(text: str, viewer: Viewer) -> Condition:
    """Part of the address, in any case; blank: any entry."""
    key = _key(text)
    if key is None:
        return lambda entries: false()
    return lambda entries: entries.c.email.contains(key, autoescape=True) if key else true()


def of_media(media: Any, viewer: Viewer) -> Condition:
    wanted = Media(getattr(media, "value", media))
    return lambda entries: entries.c.media == wanted.value


def of_campaign(campaign_id: int, viewer: Viewer) -> Condition:
    """Those that hold for this campaign alone."""
    return lambda entries: entries.c.campaign_id == campaign_id


def of_list(list_id: int, viewer: Viewer) -> Condition:
    """Those that hold for what is called from this list alone."""
    return lambda entries: entries.c.list_id == list_id


def of_contact(contact_id: int, viewer: Viewer) -> Condition:
    """The marks of one person."""
    return lambda entries: entries.c.contact_id == contact_id


def opted_out(wanted: bool, viewer: Viewer) -> Condition:
    # Not compared with a parameter: the index of opt-outs would not be used.
    return lambda entries: entries.c.is_opt_out if wanted else ~entries.c.is_opt_out


def everywhere(wanted: bool, viewer: Viewer) -> Condition:
    """Whether callbacks and calls by hand are stopped too (C-28)."""
    return lambda entries: entries.c.is_everywhere == wanted


def since(moment: datetime, viewer: Viewer) -> Condition:
    return lambda entries: entries.c.created_at >= moment


def until(moment: datetime, viewer: Viewer) -> Condition:
    return lambda entries: entries.c.created_at < moment


def author_name(entries: FromClause) -> ColumnElement[str]:
    """The full name of who entered it; null when they have left, or for the system."""
    return name_of_user(entries, entries.c.created_by_id)


async def held_entry(
    session: AsyncSession, viewer: Viewer, entry_id: int, version: int | None
) -> BlacklistEntry:
    """The row under a lock. Raises NOT_FOUND (id) and CONFLICT (version)."""
    found = visible_blacklist_entries(viewer).where(BlacklistEntry.id == entry_id)
    return await locked_row(session, found.with_for_update(), version)


def _key(text: str) -> str | None:
    """None for what no name can hold."""
    try:
        return name_key(clean(text, "search"))
    except DomainError:
        return None


def _has_number(entries: FromClause, text: str, viewer: Viewer) -> ColumnElement[bool]:
    readings = []
    if number := normalized(text, viewer.region):
        readings.append(entries.c.number == number)
    readings += [
        entries.c.number.startswith(prefix, autoescape=True)
        for prefix in search_prefixes(text, viewer.region)
    ]
    if digits := search_digits(text, viewer.region):
        readings.append(entries.c.number.contains(digits, autoescape=True))
    return func.coalesce(or_(false(), *readings), false())


def _is_called(entries: FromClause, key: str) -> ColumnElement[bool]:
    people = Contact.__table__.alias()
    words = sort_key(key).split()
    called = select(people.c.id).where(
        people.c.id == entries.c.contact_id,
        *(people.c.name_key.contains(word, autoescape=True) for word in words),
    )
    return called.correlate(entries).exists()
