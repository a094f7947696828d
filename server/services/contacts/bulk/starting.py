# SPDX-License-Identifier: Apache-2.0
"""Changes of many contacts: named one by one, or all that match, as somebody has confirmed (D4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, Select, cast, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.bulk import KINDS, MOST_AT_ONCE, REQUIRED, BulkAction
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.models import Contact, ContactList, Process, ProcessTarget, Tag, TrashedContact
from server.services.contacts.bulk.changes import BulkChange, Changed, apply_change
from server.services.contacts.deleted import visible_trash
from server.services.contacts.selections import ContactCriteria, matching_contacts
from server.services.contacts.trash import check_few, check_there
from server.services.events import record
from server.services.processes import add_process
from server.services.tags import MOST_TAGS, check_tags, ensure_tags
from server.services.visibility import visible_contacts, visible_lists

PIECE = 500
"""Contacts of one chunk of a process."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which contacts: `ids`, or all that match `criteria`, or all that a process deleted.

    `count` is what the person has seen and confirmed; with ids it may be left out.
    """

    ids: Sequence[int] | None = None
    criteria: ContactCriteria | None = None
    process_id: int | None = None
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class BulkInput:
    """What is to be done; `tags` are names, of which new ones are made when contacts get them."""

    action: BulkAction
    list_id: int | None = None
    tags: Sequence[str] = ()
    priority: int | None = None


@dataclass(frozen=True, kw_only=True)
class BulkDone:
    """What was done in the request, or the process that does it."""

    matched: int
    changed: Changed
    process_id: int | None = None


async def change_contacts(
    session: AsyncSession, viewer: Viewer, selection: Selection, given: BulkInput
) -> BulkDone:
    """At once for a thousand contacts, as a process for more.

    Raises FORBIDDEN; NOT_FOUND (ids.0, listId); REQUIRED (count) and CONFLICT (count) with the
    `present` number where another one was confirmed; OUT_OF_RANGE (ids, priority, tags).
    """
    if not viewer.may(REQUIRED[given.action]):
        raise DomainError(ErrorCode.FORBIDDEN, permission=REQUIRED[given.action].value)
    change = await _checked(session, viewer, given)
    found = await _found(session, viewer, selection, given.action)
    matched = await _matched(session, selection, found)
    if matched > MOST_AT_ONCE:
        process = await _start(session, viewer, change, found, matched)
        return BulkDone(matched=matched, changed=Changed(done=0), process_id=process.id)
    ids = list(await session.scalars(found))
    changed = await apply_change(session, viewer, change, ids)
    return BulkDone(matched=matched, changed=changed)


async def _checked(session: AsyncSession, viewer: Viewer, given: BulkInput) -> BulkChange:
    refusals = Refusals()
    tag_ids: list[int] = []
    match given.action:
        case BulkAction.ADD_TO_LIST | BulkAction.TAKE_OFF_LIST:
            seen = visible_lists(viewer).where(ContactList.id == given.list_id)
            if await session.scalar(seen.with_only_columns(ContactList.id)) is None:
                refusals.add(ErrorCode.NOT_FOUND, "listId")
        case BulkAction.TAG | BulkAction.UNTAG:
            names = check_tags(given.tags, refusals)
            if not names and not refusals.errors:
                refusals.add(ErrorCode.OUT_OF_RANGE, "tags", min=1, max=MOST_TAGS)
            refusals.check()
            if given.action is BulkAction.TAG:
                tag_ids = await ensure_tags(session, names)
            else:
                known = select(Tag.id).where(Tag.name_key.in_(names))
                tag_ids = list(await session.scalars(known))
        case BulkAction.SET_PRIORITY:
            refusals.within(given.priority or 0, "priority", 1, 3)
        case _:
            pass
    refusals.check()
    return BulkChange(
        action=given.action,
        list_id=given.list_id,
        tag_ids=tuple(sorted(tag_ids)),
        priority=given.priority,
    )


async def _found(
    session: AsyncSession, viewer: Viewer, selection: Selection, action: BulkAction
) -> Select[int]:
    """The ids, in order; each that was named is there."""
    if action is BulkAction.RESTORE:
        keys = visible_trash(viewer).with_only_columns(TrashedContact.contact_id)
        key = TrashedContact.contact_id
    else:
        keys = visible_contacts(viewer).with_only_columns(Contact.id)
        key = Contact.id
    if selection.ids is not None:
        check_few(selection.ids)
        keys = keys.where(key.in_(set(selection.ids)))
        check_there(selection.ids, set(await session.scalars(keys)))
    elif selection.process_id is not None and action is BulkAction.RESTORE:
        keys = keys.where(TrashedContact.process_id == selection.process_id)
    elif selection.criteria is not None and action is not BulkAction.RESTORE:
        keys = matching_contacts(viewer, selection.criteria)
    else:
        raise DomainError(ErrorCode.REQUIRED, "ids")
    return keys.order_by(key)


async def _matched(session: AsyncSession, selection: Selection, found: Select[int]) -> int:
    """How many there are now, if that is what was confirmed."""
    if selection.ids is not None:
        present = len(set(selection.ids))
    else:
        counted = select(func.count()).select_from(found.order_by(None).subquery())
        present = (await session.scalars(counted)).one()
        if selection.criteria is not None and selection.count is None:
            raise DomainError(ErrorCode.REQUIRED, "count")
    if selection.count is not None and selection.count != present:
        raise DomainError(ErrorCode.CONFLICT, "count", present=present)
    return present


async def _start(
    session: AsyncSession, viewer: Viewer, change: BulkChange, found: Select[int], matched: int
) -> Process:
    """The contacts are written down as they match now: what was confirmed is what is changed."""
    kind = KINDS[change.action]
    process = await add_process(
        session,
        Process(
            kind=kind,
            user_id=viewer.user_id,
            list_id=change.list_id or None,
            options=change.to_json(),
            total=matched,
        ),
    )
    rows = found.subquery()
    [key] = rows.columns
    numbered = select(
        key.label("key"), ((func.row_number().over(order_by=key) - 1) // PIECE).label("place")
    ).subquery()
    pieces = (
        select(
            cast(process.id, BigInteger),
            numbered.c.place,
            cast(func.array_agg(numbered.c.key), ARRAY(BigInteger)),
        )
        .group_by(numbered.c.place)
        .order_by(numbered.c.place)
    )
    columns = ["process_id", "position", "contact_ids"]
    await session.execute(insert(ProcessTarget).from_select(columns, pieces))
    data = {"kind": kind, "action": change.action, "count": matched}
    record(session, viewer, "process.started", process.id, **data)
    return process
