# SPDX-License-Identifier: Apache-2.0
"""A merge taken back within thirty days: every contact again, with the ids it had (D2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.merging import ChangeOutcome, ChangeSince, MergeState, undo
from server.domain.permissions import Viewer
from server.domain.trash import LeftOutKind
from server.models import CallAttempt, ContactMerge
from server.services.contacts.holding import hold_contacts
from server.services.contacts.merging.keeping import give_back_kept, reopen_tasks
from server.services.contacts.merging.persons import write_person
from server.services.contacts.merging.reading import state_of, visible_merges
from server.services.contacts.restoring import (
    LeftOut,
    Restoring,
    restore_entries,
    restore_snapshots,
)
from server.services.contacts.snapshots import Snapshot, take_snapshots
from server.services.contacts.trash import delete_children, on_call
from server.services.dialer import change_phones, connection_of
from server.services.dialer.merging import hold_stays
from server.services.dialer.unmerging import drop_finals, return_stays
from server.services.events import record
from server.services.fields import refit
from server.services.memberships import share_lists

# All that had become part of a contact that is there again leads to it, at whatever remove.
_LEAD = """
WITH RECURSIVE parts AS (
  SELECT m.contact_id FROM merged_contacts m JOIN contact_merges g ON g.id = m.merge_id
  WHERE g.master_id = $1
  UNION
  SELECT m.contact_id FROM merged_contacts m JOIN contact_merges g ON g.id = m.merge_id
  JOIN parts p ON g.master_id = p.contact_id
)
UPDATE merged_contacts SET master_id = $1 WHERE contact_id IN (SELECT contact_id FROM parts)
"""
_APART = "DELETE FROM merged_contacts WHERE merge_id = $1"


@dataclass(frozen=True, kw_only=True)
class Unmerged:
    """The contacts that there are again, the master first."""

    contact_ids: list[int]
    changes: Sequence[ChangeSince]
    left_out: list[LeftOut]


async def changes_since_merge(
    session: AsyncSession, viewer: Viewer, merge_id: int
) -> list[ChangeSince]:
    """What `undo_merge` would say; nothing is changed. Raises what it raises, but for calls."""
    merge = await _undoable(session, viewer, merge_id)
    connection = await connection_of(session)
    before, after = await _documents(connection, merge)
    [now] = (await take_snapshots(connection, [merge.master_id])).values()
    undone = undo(before, after, now)
    return [*undone.changes, *await _calls(session, merge)]


async def undo_merge(session: AsyncSession, viewer: Viewer, merge_id: int) -> Unmerged:
    """Each contact as it was; what was done to the merged one since stays with the master.

    So do its calls. Raises NOT_FOUND (mergeId); WRONG_STATE while the contact is on a call, where
    the merge is undone or too old, or the contact deleted or in a later merge, with that state.
    """
    merge = await _undoable(session, viewer, merge_id, lock=True)
    connection = await connection_of(session)
    before, after = await _documents(connection, merge)
    lists = {row["list_id"] for one in before for row in one["lists"]}
    await share_lists(session, lists)
    held = await hold_contacts(session, viewer, [merge.master_id])
    await _check_undoable(session, merge_id)  # a later merge or a deletion may have been faster
    if state := held.on_call.get(merge.master_id):
        raise on_call(state, "mergeId")
    campaigns = {row["campaign_id"] for one in before for row in one["entries"]}
    await hold_stays(connection, [merge.master_id], campaigns, lists)
    [now] = (await take_snapshots(connection, [merge.master_id])).values()
    undone = undo(before, after, now)
    changes = [*undone.changes, *await _calls(session, merge)]
    ids = [one["contact"]["id"] for one in before]
    left_out = await _write(session, connection, undone.documents, merge.merged_at)
    await give_back_kept(connection, before, after, now)
    stays = await return_stays(
        connection, [one["entries"] for one in before], after["entries"], now["entries"]
    )
    await change_phones(connection, ids)
    back = Restoring(entries=stays.entries, kept_entries=stays.kept, left_out=left_out)
    for entry in stays.ended:
        back.leave_out(entry["contact_id"], LeftOutKind.CLOSED, entry["_name"])
    returned = await restore_entries(connection, back, dict.fromkeys(ids, merge.merged_at))
    await drop_finals(connection, returned, after["entries"], merge.merged_at)
    await reopen_tasks(connection, before)
    await change_phones(connection, ids)
    await connection.execute(_APART, merge.id)
    for contact_id in ids[1:]:
        await connection.execute(_LEAD, contact_id)
    merge.undone_by = viewer.user_id
    merge.undone_at = func.clock_timestamp()
    record(
        session,
        viewer,
        "contact.unmerged",
        merge.master_id,
        name=merge.name,
        contacts=ids[1:],
        merge=merge.id,
        changes=[_told(change) for change in changes],
        left_out=len(back.left_out),
    )
    await session.flush()
    return Unmerged(contact_ids=ids, changes=changes, left_out=back.left_out)


async def _undoable(
    session: AsyncSession, viewer: Viewer, merge_id: int, *, lock: bool = False
) -> ContactMerge:
    found = visible_merges(viewer).where(ContactMerge.id == merge_id)
    merge = await session.scalar(found.with_for_update(of=ContactMerge) if lock else found)
    if merge is None:
        raise DomainError(ErrorCode.NOT_FOUND, "mergeId")
    await _check_undoable(session, merge_id)
    return merge


async def _check_undoable(session: AsyncSession, merge_id: int) -> None:
    state = select(state_of(ContactMerge.__table__)).where(ContactMerge.id == merge_id)
    stands = MergeState((await session.scalars(state)).one())
    if stands is not MergeState.UNDOABLE:
        raise DomainError(ErrorCode.WRONG_STATE, "mergeId", state=stands)


async def _documents(
    connection: asyncpg.Connection, merge: ContactMerge
) -> tuple[list[Snapshot], Snapshot]:
    """How the contacts were before, and the one after; values as their fields read them today.

    What a field does not take any more stays as it was: it is told of when it cannot come back.
    """
    found = []
    for document in [*merge.before, merge.after]:
        given: Snapshot = document
        fitting, others = await refit(connection, given["values"])
        found.append({**given, "values": [*fitting, *others]})
    return found[:-1], found[-1]


async def _calls(session: AsyncSession, merge: ContactMerge) -> list[ChangeSince]:
    """Calls that were made since are the master's: history is never rewritten."""
    count = await session.scalar(
        select(func.count())
        .select_from(CallAttempt)
        .where(CallAttempt.contact_id == merge.master_id, CallAttempt.recorded_at > merge.merged_at)
    )
    stays = ChangeOutcome.STAYS
    return [ChangeSince(field="calls", merged=None, now=count, outcome=stays)] if count else []


async def _write(
    session: AsyncSession,
    connection: asyncpg.Connection,
    documents: Sequence[Snapshot],
    merged_at: datetime,
) -> list[LeftOut]:
    """All but the open stays. The master's row stays a row; what hung on it is written anew."""
    master_id = documents[0]["contact"]["id"]
    now: datetime = await connection.fetchval("SELECT clock_timestamp()")
    since = {one["contact"]["id"]: merged_at for one in documents} | {master_id: now}
    await delete_children(connection, [master_id])
    kept: Snapshot = {"entries": [], "marks": [], "consents": [], "tasks": []}
    left_out = await restore_snapshots(connection, [one | kept for one in documents], since)
    await write_person(session, master_id, documents[0]["contact"])
    return left_out


def _told(change: ChangeSince) -> dict[str, str]:
    return {"field": change.field, "outcome": change.outcome.value}
