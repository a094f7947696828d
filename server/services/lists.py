# SPDX-License-Identifier: Apache-2.0
"""Contact lists: who stands on them, which agents see them, what campaigns call them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, FromClause, delete, false, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Role, Viewer
from server.domain.refusals import Refusals
from server.domain.text import UNSET, Unset, clean, name_key
from server.models import (
    Campaign,
    CampaignList,
    Contact,
    ContactList,
    ListAgent,
    ListMember,
    User,
)
from server.services.constraints import refusing
from server.services.contacts.conflicts import tell_changed
from server.services.counts import count_below
from server.services.dialer import release_holds
from server.services.events import record
from server.services.memberships import put_on_list, share_lists, take_off_list
from server.services.versions import locked_row
from server.services.visibility import visible_contacts, visible_lists

__all__ = [
    "DeletedList",
    "ListEdit",
    "ListInput",
    "add_members",
    "create_list",
    "delete_list",
    "edit_list",
    "matching",
    "member_count",
    "member_count_capped",
    "remove_members",
    "visible_lists",
]

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 1000
SKEW = timedelta(minutes=5)  # clocks of those who tell when it was screened
MOST_AT_ONCE = 1000  # contacts that one request may add or remove; more come by import


@dataclass(frozen=True, kw_only=True)
class ListInput:
    """`agent_ids` are users with the role AGENT: they see the list and who stands on it."""

    name: str
    description: str = ""
    agent_ids: Sequence[int] = ()
    screened_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ListEdit:
    """What stays UNSET is left as it is; `agent_ids` replaces all who are assigned."""

    name: str | Unset = UNSET
    description: str | Unset = UNSET
    agent_ids: Sequence[int] | Unset = UNSET
    screened_at: datetime | Unset | None = UNSET
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class DeletedList:
    id: int
    name: str
    members: int  # contacts that stood on it; they stay


def member_count(lists: FromClause) -> ColumnElement[int]:
    """How many contacts stand on the list."""
    members = ListMember.__table__.alias()
    return count_below(members, members.c.list_id == lists.c.id, lists)


def member_count_capped(lists: FromClause) -> ColumnElement[int]:
    """The same, but quick for any list: COUNT_CAP + 1 stands for all beyond."""
    members = ListMember.__table__.alias()
    return count_below(members, members.c.list_id == lists.c.id, lists, capped=True)


def matching(text: str, viewer: Viewer) -> Callable[[FromClause], ColumnElement[bool]]:
    """Lists with this text in their name, in any case; blank finds all."""
    try:
        key = name_key(clean(text, "search"))
    except DomainError:  # no name holds such a character, or is that long
        return lambda lists: false()
    return lambda lists: lists.c.name_key.contains(key, autoescape=True)


async def create_list(session: AsyncSession, viewer: Viewer, given: ListInput) -> ContactList:
    row = ContactList()
    edit = ListEdit(
        name=given.name,
        description=given.description,
        agent_ids=given.agent_ids,
        screened_at=given.screened_at,
    )
    async with refusing(session, _name_taken(given.name)):
        await _fill(session, viewer, row, edit)
        session.add(row)
    await _assign(session, row.id, given.agent_ids)
    record(session, viewer, "list.created", row.id, name=row.name)
    await session.refresh(row)
    return row


async def edit_list(
    session: AsyncSession, viewer: Viewer, list_id: int, edit: ListEdit
) -> ContactList:
    row = await _locked(session, viewer, list_id, edit.version)
    async with refusing(session, _name_taken(edit.name)):
        await _fill(session, viewer, row, edit)
        row.version += 1
    if not isinstance(edit.agent_ids, Unset):
        await session.execute(delete(ListAgent).where(ListAgent.list_id == row.id))
        await _assign(session, row.id, edit.agent_ids)
    if not isinstance(edit.screened_at, Unset):
        await release_holds(session, list_id=row.id)  # calls may have waited for it
    record(session, viewer, "list.edited", row.id, name=row.name)
    return row


async def delete_list(
    session: AsyncSession, viewer: Viewer, list_id: int, version: int | None = None
) -> DeletedList:
    """Its contacts stay. Refused while a campaign calls it, which the refusal names (IN_USE)."""
    row = await _locked(session, viewer, list_id, version)
    campaign = await session.scalar(
        select(Campaign.name)
        .join(CampaignList, CampaignList.campaign_id == Campaign.id)
        .where(CampaignList.list_id == row.id)
        .order_by(Campaign.name_key)
        .limit(1)
    )
    if campaign is not None:
        raise DomainError(ErrorCode.IN_USE, "id", used_by=campaign)
    members = await session.scalar(
        select(func.count()).select_from(ListMember).where(ListMember.list_id == row.id)
    )
    await session.delete(row)
    record(session, viewer, "list.deleted", row.id, name=row.name, members=members)
    await session.flush()
    return DeletedList(id=row.id, name=row.name, members=members or 0)


async def add_members(
    session: AsyncSession, viewer: Viewer, list_id: int, contact_ids: Sequence[int]
) -> int:
    """How many were not on it yet; campaigns that call the list load them at once (X-23)."""
    row = await _shared(session, viewer, list_id)
    known = await _known_contacts(session, viewer, contact_ids)
    added = await put_on_list(session, row.id, known)
    await tell_changed(session, viewer, added, "listIds")
    record(session, viewer, "list.members_added", row.id, count=len(added))
    return len(added)


async def remove_members(
    session: AsyncSession, viewer: Viewer, list_id: int, contact_ids: Sequence[int]
) -> int:
    """How many stood on it; their open stays that came from it end."""
    row = await _shared(session, viewer, list_id)
    known = await _known_contacts(session, viewer, contact_ids)
    removed = await take_off_list(session, row.id, known)
    await tell_changed(session, viewer, removed, "listIds")
    record(session, viewer, "list.members_removed", row.id, count=len(removed))
    return len(removed)


async def _shared(session: AsyncSession, viewer: Viewer, list_id: int) -> ContactList:
    row = await session.scalar(visible_lists(viewer).where(ContactList.id == list_id))
    if row is None:
        raise DomainError(ErrorCode.NOT_FOUND, "listId")
    await share_lists(session, [list_id])
    return row


async def _locked(
    session: AsyncSession, viewer: Viewer, list_id: int, version: int | None
) -> ContactList:
    found = visible_lists(viewer).where(ContactList.id == list_id).with_for_update(of=ContactList)
    return await locked_row(session, found, version)


async def _fill(session: AsyncSession, viewer: Viewer, row: ContactList, edit: ListEdit) -> None:
    refusals = Refusals()
    name, description = edit.name, edit.description
    if not isinstance(name, Unset):
        name = refusals.text(name, "name", longest=LONGEST_NAME, required=True)
    if not isinstance(description, Unset):
        description = refusals.text(description, "description", longest=LONGEST_DESCRIPTION)
    if not isinstance(edit.agent_ids, Unset):
        agents = select(User.id).where(User.id.in_(set(edit.agent_ids)), User.role == Role.AGENT)
        known = set(await session.scalars(agents))
        for index, agent_id in enumerate(edit.agent_ids):
            if agent_id not in known:
                refusals.add(ErrorCode.NOT_FOUND, f"agentIds.{index}")
    screened_at = edit.screened_at
    if not isinstance(screened_at, Unset):
        await _check_screening(session, screened_at, refusals)
    refusals.check()
    if not isinstance(screened_at, Unset):
        row.screened_at = screened_at
    if not isinstance(name, Unset):
        row.name, row.name_key = name, name_key(name)
    if not isinstance(description, Unset):
        row.description = description


async def _check_screening(
    session: AsyncSession, moment: datetime | None, refusals: Refusals
) -> None:
    """A moment of the past: a comparison that is still to come would keep the list good for
    longer than the law has it."""
    if moment is None:
        return
    now: datetime = await session.scalar(select(func.clock_timestamp()))  # type: ignore[assignment]
    if moment.tzinfo is None:
        refusals.add(ErrorCode.INVALID, "screenedAt", expected="2027-01-31T18:00:00Z")
    else:
        refusals.within_time(moment, "screenedAt", before=now + SKEW)


async def _assign(session: AsyncSession, list_id: int, agent_ids: Sequence[int]) -> None:
    if agent_ids:
        rows = [{"list_id": list_id, "user_id": agent_id} for agent_id in sorted(set(agent_ids))]
        await session.execute(insert(ListAgent), rows)


async def _known_contacts(
    session: AsyncSession, viewer: Viewer, contact_ids: Sequence[int]
) -> set[int]:
    """Held in the order of their ids, so that nobody edits their lists meanwhile."""
    refusals = Refusals()
    if len(contact_ids) > MOST_AT_ONCE:
        raise DomainError(ErrorCode.OUT_OF_RANGE, "contactIds", max=MOST_AT_ONCE)
    known = set(
        await session.scalars(
            visible_contacts(viewer)
            .where(Contact.id.in_(set(contact_ids)))
            .with_only_columns(Contact.id)
            .order_by(Contact.id)
            .with_for_update(of=Contact, key_share=True)
        )
    )
    for index, contact_id in enumerate(contact_ids):
        if contact_id not in known:
            refusals.add(ErrorCode.NOT_FOUND, f"contactIds.{index}")
    refusals.check()
    return known


def _name_taken(name: str | Unset) -> dict[str, DomainError]:
    refusal = DomainError(ErrorCode.TAKEN, "name", value=name)
    return {"uq_contact_lists_tenant_id_name_key": refusal}
