# SPDX-License-Identifier: Apache-2.0
"""Saved filters, one's own and shared ones, and the columns that a person chose for a list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, Select, delete, func, literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.exports import FIELD_PREFIX
from server.domain.fields import FieldScope
from server.domain.permissions import Permission, Viewer
from server.domain.refusals import Refusals
from server.domain.text import UNSET, Unset, clean, name_key
from server.domain.views import CONTACT_COLUMNS, ViewSubject, kept_columns, kept_query
from server.models import ColumnChoice, MasterDataField, SavedFilter, User
from server.services.constraints import refusing
from server.services.events import record
from server.services.fields import visible_fields

Condition = Callable[[FromClause], ColumnElement[bool]]
LONGEST_NAME = 100
MOST_FILTERS = 200  # of one person and list
_KEPT = text("interval '1 day'")


@dataclass(frozen=True, kw_only=True)
class FilterInput:
    """With `id` the filter is changed, and what stays UNSET is left as it is."""

    subject: ViewSubject
    name: str | Unset = UNSET
    query: str | Unset = UNSET
    is_shared: bool | Unset = UNSET
    id: int | None = None
    version: int | None = None


def visible_filters(viewer: Viewer) -> Select[SavedFilter]:
    """One's own and those that are shared with everybody."""
    own_or_shared = (SavedFilter.user_id == viewer.user_id) | SavedFilter.is_shared
    return select(SavedFilter).where(SavedFilter.deleted_at.is_(None), own_or_shared)


def visible_choices(viewer: Viewer) -> Select[ColumnChoice]:
    """One's own."""
    return select(ColumnChoice).where(ColumnChoice.user_id == viewer.user_id)


def of_subject(subject: str, viewer: Viewer) -> Condition:
    wanted = str(getattr(subject, "value", subject))
    return lambda views: views.c.subject == wanted


def owner_name(filters: FromClause) -> ColumnElement[str]:
    """Who saved it."""
    users = User.__table__.alias()
    return (
        select(func.coalesce(func.nullif(users.c.full_name, literal("")), users.c.name))
        .where(users.c.id == filters.c.user_id)
        .correlate(filters)
        .scalar_subquery()
    )


async def save_filter(session: AsyncSession, viewer: Viewer, given: FilterInput) -> SavedFilter:
    """A new filter, or a changed one of one's own or, with `contacts.share`, a shared one."""
    row = await _row_of(session, viewer, given)
    refusals = Refusals()
    name = row.name if isinstance(given.name, Unset) else ""
    query = row.query if isinstance(given.query, Unset) else ""
    with refusals.noting():
        if not isinstance(given.name, Unset):
            name = clean(given.name, "name", longest=LONGEST_NAME, required=True)
    with refusals.noting():
        if not isinstance(given.query, Unset):
            query = kept_query(given.query)
    refusals.check()
    if given.is_shared not in (UNSET, row.is_shared) and not viewer.may(Permission.CONTACTS_SHARE):
        raise DomainError(ErrorCode.FORBIDDEN, permission=Permission.CONTACTS_SHARE.value)
    async with refusing(session, _taken(name)):
        row.name, row.name_key, row.query = name, name_key(name), query
        row.is_shared = row.is_shared if isinstance(given.is_shared, Unset) else given.is_shared
        session.add(row)
    record(session, viewer, "filter.saved", row.id, name=name, shared=row.is_shared)
    return row


async def delete_filter(session: AsyncSession, viewer: Viewer, filter_id: int) -> SavedFilter:
    """`restore_filter` brings it back for a day."""
    row = await _changeable(session, viewer, filter_id)
    row.deleted_at = func.clock_timestamp()
    await session.execute(
        delete(SavedFilter).where(
            SavedFilter.user_id == viewer.user_id,
            SavedFilter.deleted_at < func.clock_timestamp() - _KEPT,
        )
    )
    record(session, viewer, "filter.deleted", row.id, name=row.name)
    await session.flush()
    return row


async def restore_filter(session: AsyncSession, viewer: Viewer, filter_id: int) -> SavedFilter:
    """Raises TAKEN where another filter has its name by now."""
    row = await _changeable(session, viewer, filter_id, is_deleted=True)
    async with refusing(session, _taken(row.name)):
        row.deleted_at = None
    record(session, viewer, "filter.restored", row.id, name=row.name)
    return row


async def choose_columns(
    session: AsyncSession, viewer: Viewer, subject: ViewSubject, columns: Sequence[str]
) -> list[str]:
    """What the viewer sees of the list from now on; none: what everybody sees at first.

    Raises INVALID (columns.0) for one that there is not.
    """
    kept = kept_columns(subject, columns, await _offered(session, viewer, subject))
    if kept:
        statement = insert(ColumnChoice).values(
            user_id=viewer.user_id, subject=subject.value, columns=kept
        )
        await session.execute(
            statement.on_conflict_do_update(
                constraint="uq_column_choices_user_id_subject",
                set_={"columns": statement.excluded.columns},
            )
        )
    else:
        mine = delete(ColumnChoice).where(ColumnChoice.user_id == viewer.user_id)
        await session.execute(mine.where(ColumnChoice.subject == subject.value))
    record(session, viewer, "account.columns_chosen", viewer.user_id, list=subject.value)
    return kept


async def _offered(session: AsyncSession, viewer: Viewer, subject: ViewSubject) -> list[str]:
    """The columns that there are to choose."""
    if subject is not ViewSubject.CONTACTS:
        return []
    of_persons = visible_fields(viewer).where(MasterDataField.scope == FieldScope.CONTACT.value)
    by_place = of_persons.with_only_columns(MasterDataField.id).order_by(MasterDataField.position)
    return [*CONTACT_COLUMNS, *(f"{FIELD_PREFIX}{key}" for key in await session.scalars(by_place))]


async def _row_of(session: AsyncSession, viewer: Viewer, given: FilterInput) -> SavedFilter:
    if given.id is not None:
        row = await _changeable(session, viewer, given.id)
        if row.subject != given.subject:
            raise DomainError(ErrorCode.NOT_FOUND, "id")
        if given.version is not None and given.version != row.version:
            raise DomainError(ErrorCode.CONFLICT, "version")
        row.version += 1
        return row
    mine = visible_filters(viewer).where(
        SavedFilter.user_id == viewer.user_id, SavedFilter.subject == given.subject
    )
    counted = select(func.count()).select_from(mine.subquery())
    if (await session.scalar(counted) or 0) >= MOST_FILTERS:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "name", min=0, max=MOST_FILTERS)
    if isinstance(given.name, Unset):
        raise DomainError(ErrorCode.REQUIRED, "name")
    if isinstance(given.query, Unset):
        raise DomainError(ErrorCode.REQUIRED, "query")
    return SavedFilter(user_id=viewer.user_id, subject=given.subject.value, is_shared=False)


async def _changeable(
    session: AsyncSession, viewer: Viewer, filter_id: int, *, is_deleted: bool = False
) -> SavedFilter:
    """One's own, or a shared one for who may share; others are seen and not changed."""
    condition = SavedFilter.user_id == viewer.user_id
    if viewer.may(Permission.CONTACTS_SHARE):
        condition |= SavedFilter.is_shared
    state = SavedFilter.deleted_at.is_not(None) if is_deleted else SavedFilter.deleted_at.is_(None)
    wanted = select(SavedFilter).where(SavedFilter.id == filter_id, condition, state)
    row = await session.scalar(wanted.with_for_update())
    if row is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    return row


def _taken(name: str) -> dict[str, DomainError]:
    refusal = DomainError(ErrorCode.TAKEN, "name", value=name)
    return {"uq_saved_filters_user_id_subject_name_key": refusal}
