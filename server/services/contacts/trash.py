# SPDX-License-Identifier: Apache-2.0
"""Deleting contacts into the trash, where each waits thirty days as one document (D3, D4).

The live tables hold no deleted contact, so that no search, list or campaign has to leave one out.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import asyncpg
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.bulk import MOST_AT_ONCE
from server.domain.dialer import DialState, FinalReason
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.domain.trash import KEPT
from server.models import ContactMerge, DistinctPeople, MergedContact, TrashedContact
from server.services.contacts.holding import hold_contacts
from server.services.contacts.inputs import DeletedContact
from server.services.contacts.keeping import keep_suppressed, suppress
from server.services.contacts.restoring import LeftOut, restore_snapshots
from server.services.contacts.snapshots import DOCUMENT
from server.services.dialer import close_entries, connection_of
from server.services.events import record

_MOVE = f"""
INSERT INTO trashed_contacts
  (contact_id, name, name_key, phone, snapshot, deleted_by, expires_at, process_id)
SELECT c.id, btrim(c.first_name || ' ' || c.last_name), c.name_key, c.phone, {DOCUMENT}, $2,
  clock_timestamp() + $3::interval, $4
FROM contacts c WHERE c.id = ANY($1::bigint[])
"""
# Their children first: left to the foreign keys it would be a statement a contact and table.
_DELETE_CHILDREN = (
    "DELETE FROM field_values WHERE contact_id = ANY($1::bigint[])",
    "DELETE FROM contact_tags WHERE contact_id = ANY($1::bigint[])",
    "DELETE FROM list_members WHERE contact_id = ANY($1::bigint[])",
    "DELETE FROM additional_phones WHERE contact_id = ANY($1::bigint[])",
)
_DELETE = "DELETE FROM contacts WHERE id = ANY($1::bigint[])"


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A contact that a change passed over, and why."""

    contact_id: int
    name: str
    refusal: DomainError


@dataclass(frozen=True, kw_only=True)
class Trashed:
    """What a deletion of several contacts did."""

    names: dict[int, str]
    entries_closed: int
    skipped: list[Skipped] = field(default_factory=list)


async def delete_contact(
    session: AsyncSession, viewer: Viewer, contact_id: int, version: int | None = None
) -> DeletedContact:
    """Into the trash, with all that hangs on it; history and final results stay.

    Refused while a call is up (WRONG_STATE). Open stays in campaigns end with CONTACT_DELETED.
    """
    held = await hold_contacts(session, viewer, [contact_id])
    if contact_id not in held.names:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    if version is not None and version != held.versions[contact_id]:
        raise DomainError(ErrorCode.CONFLICT, "version")
    if state := held.on_call.get(contact_id):
        raise on_call(state)
    closed = await _move(session, viewer.user_id, [contact_id], None)
    name = held.names[contact_id]
    record(session, viewer, "contact.deleted", contact_id, name=name, entries_closed=closed)
    await session.flush()
    until = select(TrashedContact.expires_at).where(TrashedContact.contact_id == contact_id)
    return DeletedContact(
        id=contact_id,
        name=name,
        entries_closed=closed,
        trashed_until=(await session.scalars(until)).one(),
    )


async def trash_contacts(
    session: AsyncSession,
    viewer: Viewer,
    contact_ids: Sequence[int],
    *,
    process_id: int | None = None,
) -> Trashed:
    """Those that there are; whoever is on a call is passed over and named."""
    held = await hold_contacts(session, viewer, contact_ids)
    closed = await _move(session, viewer.user_id, held.free, process_id)
    for contact_id in held.free:
        record(session, viewer, "contact.deleted", contact_id, name=held.names[contact_id])
    await session.flush()
    return Trashed(
        names={contact_id: held.names[contact_id] for contact_id in held.free},
        entries_closed=closed,
        skipped=[
            Skipped(contact_id=contact_id, name=held.names[contact_id], refusal=on_call(state))
            for contact_id, state in held.on_call.items()
        ],
    )


def check_few(contact_ids: Sequence[int]) -> None:
    """One request changes a limited number of contacts."""
    if not 1 <= len(contact_ids) <= MOST_AT_ONCE:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "ids", min=1, max=MOST_AT_ONCE)


def check_there(contact_ids: Sequence[int], present: Collection[int]) -> None:
    """NOT_FOUND on each place whose contact is not there; a foreign one looks the same."""
    known = set(present)
    refusals = Refusals()
    for place, contact_id in enumerate(contact_ids):
        if contact_id not in known:
            refusals.add(ErrorCode.NOT_FOUND, f"ids.{place}")
    refusals.check()


def on_call(state: DialState, field: str = "id") -> DomainError:
    """Nobody takes a contact away from under a call (D3)."""
    return DomainError(ErrorCode.WRONG_STATE, field, state=state)


async def _move(
    session: AsyncSession, user_id: int | None, contact_ids: list[int], process_id: int | None
) -> int:
    """Answers how many stays in campaigns ended."""
    if not contact_ids:
        return 0
    connection = await connection_of(session)
    await connection.execute(_MOVE, contact_ids, user_id, KEPT, process_id)
    await suppress(connection, contact_ids)
    ended = await close_entries(session, FinalReason.CONTACT_DELETED, contact_ids=contact_ids)
    await delete_rows(connection, contact_ids)
    return ended.closed


async def delete_rows(connection: asyncpg.Connection, contact_ids: list[int]) -> None:
    """Contacts with all that hangs on them, whose open stays have ended before."""
    await delete_children(connection, contact_ids)
    await connection.execute(_DELETE, contact_ids)


async def delete_children(connection: asyncpg.Connection, contact_ids: list[int]) -> None:
    """Numbers, lists, tags and values; open stays are another matter."""
    for statement in _DELETE_CHILDREN:
        await connection.execute(statement, contact_ids)


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What came back, and what had to stay out."""

    contact_ids: list[int]
    left_out: list[LeftOut]


async def restore_contacts(
    session: AsyncSession, viewer: Viewer, contact_ids: Sequence[int]
) -> Restored:
    """From the trash, with the same ids and relations (D4); NOT_FOUND for one that is not in it."""
    check_few(contact_ids)
    back = await restore_there(session, viewer, contact_ids)
    check_there(contact_ids, back.contact_ids)
    return back


async def restore_there(
    session: AsyncSession, viewer: Viewer, contact_ids: Sequence[int]
) -> Restored:
    """Those that are in the trash.

    Open stays go on where campaigns still call and have nobody else with the primary number.
    """
    rows = await session.execute(
        select(TrashedContact)
        .where(TrashedContact.contact_id.in_(set(contact_ids)))
        .order_by(TrashedContact.contact_id)
        .with_for_update()
    )
    found = list(rows.scalars())
    if not found:
        return Restored(contact_ids=[], left_out=[])
    back = [row.contact_id for row in found]
    left_out = await restore_snapshots(
        await connection_of(session),
        [row.snapshot for row in found],
        {row.contact_id: row.deleted_at for row in found},
    )
    await session.execute(delete(TrashedContact).where(TrashedContact.contact_id.in_(back)))
    missing = Counter(one.contact_id for one in left_out)
    for row in found:
        lost = missing[row.contact_id]
        record(session, viewer, "contact.restored", row.contact_id, name=row.name, left_out=lost)
    await session.flush()
    return Restored(contact_ids=back, left_out=left_out)


async def purge_contacts(
    session: AsyncSession, viewer: Viewer, contact_ids: Sequence[int], count: int
) -> int:
    """For good, before the thirty days are over; audited (D4).

    CONFLICT with the `present` count where that is not the one that was confirmed.
    """
    check_few(contact_ids)
    rows = await session.scalars(
        select(TrashedContact.contact_id)
        .where(TrashedContact.contact_id.in_(set(contact_ids)))
        .order_by(TrashedContact.contact_id)
        .with_for_update()
    )
    present = list(rows)
    check_there(contact_ids, present)
    if len(present) != count:
        raise DomainError(ErrorCode.CONFLICT, "count", present=len(present))
    await _forget(session, present)
    record(session, viewer, "contact.purged", None, contacts=present, count=len(present))
    await session.flush()
    return len(present)


async def sweep_trash(session: AsyncSession, *, limit: int = MOST_AT_ONCE) -> int:
    """What has lain in the trash for thirty days goes for good; how many contacts these were.

    So does what merges of that age kept of the contacts as they were.
    """
    expired = await session.scalars(
        select(TrashedContact.contact_id)
        .where(TrashedContact.expires_at <= func.clock_timestamp())
        .order_by(TrashedContact.contact_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = list(expired)
    # That they were merged is remembered for good: links and history go by it.
    await session.execute(
        update(ContactMerge)
        .where(ContactMerge.expires_at <= func.clock_timestamp(), ContactMerge.after != {})
        .values(before=[], after={})
        .execution_options(synchronize_session=False)
    )
    if gone:
        await _forget(session, gone)
        record(session, None, "contact.purged", None, contacts=gone, count=len(gone))
        await session.flush()
    return len(gone)


async def _forget(session: AsyncSession, contact_ids: list[int]) -> None:
    """Also what merges kept of them; their calls stay in the history, without a person, and the
    numbers of those who opted out on the blacklist."""
    await keep_suppressed(await connection_of(session), contact_ids)
    ended = select(MergedContact.merge_id).where(MergedContact.master_id.in_(contact_ids))
    for table, condition in (
        (TrashedContact, TrashedContact.contact_id.in_(contact_ids)),
        (ContactMerge, or_(ContactMerge.master_id.in_(contact_ids), ContactMerge.id.in_(ended))),
        (DistinctPeople, DistinctPeople.contact_id.in_(contact_ids)),
    ):
        await session.execute(
            delete(table).where(condition).execution_options(synchronize_session=False)
        )
