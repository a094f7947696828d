# SPDX-License-Identifier: Apache-2.0
"""People who are not the same: their group is not shown again until somebody else joins it."""

import uuid
from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.duplicates import DuplicateKind
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import Contact, DistinctPeople
from server.services.contacts.duplicates.numbers import MOST_MEMBERS, holders
from server.services.contacts.trash import check_few, check_there
from server.services.dialer import connection_of
from server.services.events import record
from server.services.visibility import visible_contacts


async def dismiss_duplicates(
    session: AsyncSession,
    viewer: Viewer,
    contact_ids: Sequence[int] | None = None,
    *,
    key: str | None = None,
) -> int:
    """These contacts, or all of a group by its `key`; how many people they are.

    Raises NOT_FOUND (ids.0, key) and OUT_OF_RANGE (ids) for fewer than two.
    """
    found = await _group(session, viewer, contact_ids, key)
    if not await _marks_over(session, found):
        mark = uuid.uuid4()
        rows = [
            {"mark": mark, "contact_id": one, "user_id": viewer.user_id} for one in sorted(found)
        ]
        await session.execute(insert(DistinctPeople), rows)
        record(session, viewer, "contact.told_apart", None, contacts=sorted(found))
    return len(found)


async def reconsider_duplicates(
    session: AsyncSession,
    viewer: Viewer,
    contact_ids: Sequence[int] | None = None,
    *,
    key: str | None = None,
) -> int:
    """What `dismiss_duplicates` did is taken back: their group is shown again.

    How many people they are; raises what that raises.
    """
    found = await _group(session, viewer, contact_ids, key)
    if marks := await _marks_over(session, found):
        await session.execute(delete(DistinctPeople).where(DistinctPeople.mark.in_(marks)))
        record(session, viewer, "contact.reconsidered", None, contacts=sorted(found))
    return len(found)


async def _group(
    session: AsyncSession, viewer: Viewer, contact_ids: Sequence[int] | None, key: str | None
) -> set[int]:
    """Two people or more, all of them seen by the viewer."""
    if contact_ids is None and key is None:
        raise DomainError(ErrorCode.REQUIRED, "ids")
    wanted = await _members(session, key) if contact_ids is None else list(contact_ids)
    if contact_ids is not None:
        check_few(contact_ids)
    seen = visible_contacts(viewer).where(Contact.id.in_(set(wanted)))
    found = set(await session.scalars(seen.with_only_columns(Contact.id)))
    if contact_ids is not None:
        check_there(contact_ids, found)
        if len(found) < 2:
            raise DomainError(ErrorCode.OUT_OF_RANGE, "ids", min=2)
    elif len(found) < 2:
        raise DomainError(ErrorCode.NOT_FOUND, "key")
    return found


async def _members(session: AsyncSession, key: str | None) -> list[int]:
    """Of a group's key, as `find_duplicates` gave it."""
    kind, _, told = (key or "").partition(":")
    if kind == DuplicateKind.NAME:
        ids = [int(one) for one in told.split(".") if one.isascii() and one.isdigit()]
        return [one for one in ids if one < 2**63][:MOST_MEMBERS]
    if kind not in (DuplicateKind.NUMBER, DuplicateKind.EMAIL) or not told.isprintable():
        return []
    held = await holders(await connection_of(session), DuplicateKind(kind), [told])
    return held[told]


async def _marks_over(session: AsyncSession, contact_ids: set[int]) -> list[uuid.UUID]:
    """The marks under which all of them stand, perhaps with others."""
    rows = await session.execute(
        select(DistinctPeople.mark, DistinctPeople.contact_id).where(
            DistinctPeople.contact_id.in_(contact_ids)
        )
    )
    marks: dict[uuid.UUID, set[int]] = {}
    for mark, contact_id in rows:
        marks.setdefault(mark, set()).add(contact_id)
    return [mark for mark, marked in marks.items() if marked == contact_ids]
