# SPDX-License-Identifier: Apache-2.0
"""One change of many contacts, as it is applied to a thousand of them or fewer at a time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.bulk import BulkAction
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import Contact, ContactTag
from server.services.contacts.conflicts import tell_changed
from server.services.contacts.restoring import LeftOut
from server.services.contacts.trash import Skipped, restore_there, trash_contacts
from server.services.dialer import follow_contacts
from server.services.events import record
from server.services.memberships import put_on_list, share_lists, take_off_list
from server.services.tags import MOST_TAGS
from server.services.visibility import visible_contacts


@dataclass(frozen=True, kw_only=True)
class BulkChange:
    """`list_id` for lists, `tag_ids` for tags, `priority` for that: checked before."""

    action: BulkAction
    list_id: int | None = None
    tag_ids: tuple[int, ...] = ()
    priority: int | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "action": self.action.value,
            "list_id": self.list_id,
            "tag_ids": list(self.tag_ids),
            "priority": self.priority,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "BulkChange":
        return cls(
            action=BulkAction(stored["action"]),
            list_id=stored["list_id"],
            tag_ids=tuple(stored["tag_ids"]),
            priority=stored["priority"],
        )


@dataclass(frozen=True, kw_only=True)
class Changed:
    """How many were changed, how many are so already or gone, and who was passed over."""

    done: int
    unchanged: int = 0
    contact_ids: Sequence[int] = ()  # for a restoration those that are back
    skipped: list[Skipped] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


async def apply_change(
    session: AsyncSession,
    viewer: Viewer,
    change: BulkChange,
    contact_ids: Sequence[int],
    *,
    process_id: int | None = None,
) -> Changed:
    """To those of the contacts that are there, and that the viewer sees."""
    given = sorted(set(contact_ids))
    match change.action:
        case BulkAction.TRASH:
            trashed = await trash_contacts(session, viewer, given, process_id=process_id)
            done, skipped = len(trashed.names), trashed.skipped
            rest = len(given) - done - len(skipped)
            return Changed(done=done, unchanged=rest, skipped=skipped)
        case BulkAction.RESTORE:
            back = await restore_there(session, viewer, given)
            return Changed(
                done=len(back.contact_ids),
                unchanged=len(given) - len(back.contact_ids),
                contact_ids=back.contact_ids,
                left_out=back.left_out,
            )
        case BulkAction.ADD_TO_LIST | BulkAction.TAKE_OFF_LIST:
            return await _move(session, viewer, change, given)
        case BulkAction.TAG | BulkAction.UNTAG:
            return await _tag(session, viewer, change, given)
        case BulkAction.SET_PRIORITY:
            return await _prioritize(session, viewer, change, given)


async def _move(
    session: AsyncSession, viewer: Viewer, change: BulkChange, given: list[int]
) -> Changed:
    """Campaigns that call the list load who comes (X-23), and end the stays of who goes."""
    if change.list_id is None:
        raise DomainError(ErrorCode.REQUIRED, "listId")
    await share_lists(session, [change.list_id])
    there = await _hold(session, viewer, given)
    if change.action is BulkAction.ADD_TO_LIST:
        moved = await put_on_list(session, change.list_id, there)
        name = "list.members_added"
    else:
        moved = await take_off_list(session, change.list_id, there)
        name = "list.members_removed"
    await tell_changed(session, viewer, moved, "listIds")
    if moved:
        record(session, viewer, name, change.list_id, count=len(moved))
    return Changed(done=len(moved), unchanged=len(given) - len(moved))


async def _tag(
    session: AsyncSession, viewer: Viewer, change: BulkChange, given: list[int]
) -> Changed:
    there = await _hold(session, viewer, given)
    found = await session.execute(
        select(ContactTag.contact_id, ContactTag.tag_id).where(ContactTag.contact_id.in_(there))
    )
    has: defaultdict[int, set[int]] = defaultdict(set)
    for contact_id, tag_id in found:
        has[contact_id].add(tag_id)
    tags = set(change.tag_ids)
    if change.action is BulkAction.UNTAG:
        changed = [key for key in there if has[key] & tags]
        await session.execute(
            delete(ContactTag)
            .where(ContactTag.contact_id.in_(changed), ContactTag.tag_id.in_(tags))
            .execution_options(synchronize_session=False)
        )
        await tell_changed(session, viewer, changed, "tags")
        return Changed(done=len(changed), unchanged=len(given) - len(changed))
    full = [key for key in there if len(has[key] | tags) > MOST_TAGS]
    changed = [key for key in there if tags - has[key] and key not in set(full)]
    rows = [
        {"contact_id": key, "tag_id": tag_id}
        for key in changed
        for tag_id in sorted(tags - has[key])
    ]
    if rows:
        await session.execute(insert(ContactTag).on_conflict_do_nothing(), rows)
    await tell_changed(session, viewer, changed, "tags")
    too_many = DomainError(ErrorCode.OUT_OF_RANGE, "tags", max=MOST_TAGS)
    return Changed(
        done=len(changed),
        unchanged=len(given) - len(changed) - len(full),
        skipped=[Skipped(contact_id=key, name=there[key], refusal=too_many) for key in full],
    )


async def _prioritize(
    session: AsyncSession, viewer: Viewer, change: BulkChange, given: list[int]
) -> Changed:
    there = await _hold(session, viewer, given)
    changed = await session.scalars(
        update(Contact)
        .where(Contact.id.in_(there), Contact.priority != change.priority)
        .values(priority=change.priority)
        .returning(Contact.id)
        .execution_options(synchronize_session=False)
    )
    keys = sorted(changed)
    await tell_changed(session, viewer, keys, "priority")
    await follow_contacts(session, keys)
    return Changed(done=len(keys), unchanged=len(given) - len(keys))


async def _hold(session: AsyncSession, viewer: Viewer, given: list[int]) -> dict[int, str]:
    """Those that there are, by name, held in the order of their ids as everybody does."""
    rows = await session.execute(
        visible_contacts(viewer)
        .where(Contact.id.in_(given))
        .with_only_columns(Contact.id, Contact.first_name, Contact.last_name)
        .order_by(Contact.id)
        .with_for_update(of=Contact, key_share=True)
    )
    return {row.id: f"{row.first_name} {row.last_name}".strip() for row in rows}
