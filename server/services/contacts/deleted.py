# SPDX-License-Identifier: Apache-2.0
"""What is in the trash, and where the contact of an old link went (D4)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    cast,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError
from server.domain.permissions import Role, Viewer
from server.domain.text import clean, sort_key
from server.domain.trash import ContactPlace, days_left
from server.models import (
    CampaignAgent,
    CampaignList,
    Contact,
    ContactMerge,
    ListAgent,
    MergedContact,
    TrashedContact,
    User,
)
from server.services.numbers import search_prefixes
from server.services.visibility import visible_contacts

Condition = Callable[[FromClause], ColumnElement[bool]]
_DAY = 86_400


def visible_trash(viewer: Viewer) -> Select[TrashedContact]:
    """All of the centre; an agent never deletes, and sees none."""
    deleted = select(TrashedContact)
    return deleted.where(false()) if viewer.role is Role.AGENT else deleted


def matching(text: str, viewer: Viewer) -> Condition:
    """The beginnings of words of the name, or of any of the numbers; blank finds all."""
    try:
        cleaned = clean(text, "search")
    except DomainError:
        return lambda deleted: false()
    if not cleaned:
        return lambda deleted: true()
    prefixes = search_prefixes(cleaned, viewer.region)
    if prefixes:
        return lambda deleted: or_(*(_has_number(deleted, prefix) for prefix in prefixes))
    words = sort_key(cleaned).split()
    return lambda deleted: and_(
        true(),
        *(
            func.concat(" ", deleted.c.name_key).contains(f" {word}", autoescape=True)
            for word in words
        ),
    )


def of_contact(contact_id: int, viewer: Viewer) -> Condition:
    """The one that had this id, and has it again once it is restored."""
    return lambda deleted: deleted.c.contact_id == contact_id


def of_process(process_id: int, viewer: Viewer) -> Condition:
    """What one bulk deletion took away."""
    return lambda deleted: deleted.c.process_id == process_id


def kept(*path: str) -> Callable[[FromClause], ColumnElement[str]]:
    """A column of the contact that was."""
    return lambda deleted: deleted.c.snapshot[("contact", *path)].astext


def phone_count(deleted: FromClause) -> ColumnElement[int]:
    """How many numbers it had besides the primary one."""
    return func.jsonb_array_length(deleted.c.snapshot["phones"])


def days_until(column: str) -> Callable[[FromClause], ColumnElement[int]]:
    """Begun days until the row goes for good, by the database's clock."""

    def build(rows: FromClause) -> ColumnElement[int]:
        left = func.extract("epoch", rows.c[column] - func.clock_timestamp())
        return cast(func.greatest(0, func.ceil(left / _DAY)), Integer)

    return build


def user_named(column: str) -> Callable[[FromClause], ColumnElement[str]]:
    """The log-in name of whom the column names; null for the system itself."""
    users = User.__table__.alias()
    return lambda rows: (
        select(users.c.name).where(users.c.id == rows.c[column]).correlate(rows).scalar_subquery()
    )


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """Where a contact is; `contact_id` is the one to go to, its own or that of its master."""

    place: ContactPlace
    contact_id: int | None = None
    name: str | None = None
    at: datetime | None = None
    by_name: str | None = None
    days_left: int | None = None
    merge_id: int | None = None


async def find_whereabouts(session: AsyncSession, viewer: Viewer, contact_id: int) -> Whereabouts:
    """GONE as well where it is out of the viewer's sight (D9).

    Of one that became part of another it is the place of that other one.
    """
    if name := await _visible_name(session, viewer, contact_id):
        return Whereabouts(place=ContactPlace.HERE, contact_id=contact_id, name=name)
    merged = await session.execute(
        select(MergedContact.master_id, MergedContact.merge_id, ContactMerge.merged_at, User.name)
        .join(ContactMerge, ContactMerge.id == MergedContact.merge_id)
        .outerjoin(User, User.id == ContactMerge.merged_by)
        .where(MergedContact.contact_id == contact_id)
    )
    if row := merged.one_or_none():
        name = await _visible_name(session, viewer, row.master_id)
        if name is None:  # it may have gone the same way as any other
            return await _in_trash(session, viewer, row.master_id)
        return Whereabouts(
            place=ContactPlace.MERGED,
            contact_id=row.master_id,
            name=name,
            at=row.merged_at,
            by_name=row.name,
            merge_id=row.merge_id,
        )
    return await _in_trash(session, viewer, contact_id)


async def _in_trash(session: AsyncSession, viewer: Viewer, contact_id: int) -> Whereabouts:
    trashed = await session.execute(
        select(
            TrashedContact.name,
            TrashedContact.deleted_at,
            TrashedContact.expires_at,
            func.clock_timestamp().label("now"),
            User.name.label("by_name"),
        )
        .outerjoin(User, User.id == TrashedContact.deleted_by)
        .where(TrashedContact.contact_id == contact_id, _was_seen_by(viewer))
    )
    if found := trashed.one_or_none():
        return Whereabouts(
            place=ContactPlace.TRASH,
            contact_id=contact_id,
            name=found.name,
            at=found.deleted_at,
            by_name=found.by_name,
            days_left=days_left(found.expires_at, found.now),
        )
    return Whereabouts(place=ContactPlace.GONE)


async def _visible_name(session: AsyncSession, viewer: Viewer, contact_id: int) -> str | None:
    name = func.btrim(Contact.first_name.concat(" ").concat(Contact.last_name))
    found = visible_contacts(viewer).where(Contact.id == contact_id).with_only_columns(name)
    seen: str | None = await session.scalar(found)
    return seen


def _was_seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer saw the contact while it was there: an agent on a list or in a campaign
    assigned to them (X-17)."""
    if viewer.role is not Role.AGENT:
        return true()
    campaigns = select(CampaignAgent.campaign_id).where(CampaignAgent.user_id == viewer.user_id)
    lists = union_all(
        select(ListAgent.list_id).where(ListAgent.user_id == viewer.user_id),
        select(CampaignList.list_id).where(CampaignList.campaign_id.in_(campaigns)),
    )
    return or_(_had("lists", "list_id", lists), _had("entries", "campaign_id", campaigns))


def _had(part: str, column: str, keys: Select[int] | CompoundSelect[int]) -> ColumnElement[bool]:
    """Whether one of the rows that the document holds there refers to one of the keys."""
    rows = func.jsonb_array_elements(TrashedContact.snapshot[part]).table_valued("value")
    key = cast(func.jsonb_extract_path_text(rows.c.value, column), BigInteger)
    return select(rows.c.value).where(key.in_(keys)).exists()


def _has_number(deleted: FromClause, prefix: str) -> ColumnElement[bool]:
    further = func.jsonb_array_elements(deleted.c.snapshot["phones"]).table_valued("value")
    number = cast(func.jsonb_extract_path_text(further.c.value, "number"), Text)
    return or_(
        deleted.c.phone.startswith(prefix, autoescape=True),
        select(further.c.value)
        .where(number.startswith(prefix, autoescape=True))
        .correlate(deleted)
        .exists(),
    )
