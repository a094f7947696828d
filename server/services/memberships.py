# SPDX-License-Identifier: Apache-2.0
"""Who stands on which list, and what joining or leaving one does to the hopper (X-23)."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.dialer import FinalReason
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Role, Viewer
from server.domain.refusals import Refusals
from server.models import ContactList, ListMember
from server.services.constraints import refusing
from server.services.dialer import close_entries, load_members
from server.services.visibility import visible_lists

_GONE = {
    "fk_list_members_list_id_contact_lists": DomainError(ErrorCode.NOT_FOUND, "listIds"),
    "fk_list_members_contact_id_contacts": DomainError(ErrorCode.NOT_FOUND, "contactIds"),
}


async def check_lists(
    session: AsyncSession,
    viewer: Viewer,
    list_ids: Sequence[int],
    refusals: Refusals,
    *,
    is_placed: bool = False,
) -> frozenset[int]:
    """The ids that the viewer sees, the others refused at their place.

    An agent has to name one: a contact on none of their lists would be out of their sight (X-17),
    unless it `is_placed` where they see it in another way.
    """
    found = frozenset(
        await session.scalars(
            visible_lists(viewer)
            .where(ContactList.id.in_(set(list_ids)))
            .with_only_columns(ContactList.id)
        )
    )
    for index, list_id in enumerate(list_ids):
        if list_id not in found:
            refusals.add(ErrorCode.NOT_FOUND, f"listIds.{index}")
    if viewer.role is Role.AGENT and not list_ids and not is_placed:
        refusals.add(ErrorCode.REQUIRED, "listIds")
    return found


async def seen_lists_of(session: AsyncSession, viewer: Viewer, contact_id: int) -> frozenset[int]:
    """The lists a contact stands on, as far as the viewer sees them."""
    mine = select(ListMember.list_id).where(ListMember.contact_id == contact_id)
    lists = visible_lists(viewer).where(ContactList.id.in_(mine))
    return frozenset(await session.scalars(lists.with_only_columns(ContactList.id)))


async def share_lists(session: AsyncSession, list_ids: Collection[int]) -> None:
    """Lock lists against a campaign that attaches or detaches them just now (X-23).

    Each of the two must see what the other wrote. Lists are locked after a contact and before a
    campaign's turn to load, and in the order of their ids: in one order nobody waits crosswise.
    """
    if list_ids:
        lists = select(ContactList.id).where(ContactList.id.in_(list_ids))
        await session.execute(lists.order_by(ContactList.id).with_for_update(read=True))


async def put_on_list(
    session: AsyncSession, list_id: int, contact_ids: Collection[int]
) -> list[int]:
    """Those that were not on it yet; these are loaded into the campaigns that call the list."""
    if not contact_ids:
        return []
    rows = [{"list_id": list_id, "contact_id": contact_id} for contact_id in sorted(contact_ids)]
    statement = insert(ListMember).on_conflict_do_nothing().returning(ListMember.contact_id)
    async with refusing(session, _GONE):
        added = await session.scalars(statement, rows)
        joined = sorted(added)
    await load_members(session, list_id, joined)
    return joined


async def take_off_list(
    session: AsyncSession, list_id: int, contact_ids: Collection[int]
) -> list[int]:
    """Those that were on it; their stays that came from it end with LIST_DETACHED."""
    left = await session.scalars(
        delete(ListMember)
        .where(ListMember.list_id == list_id, ListMember.contact_id.in_(contact_ids))
        .returning(ListMember.contact_id)
        .execution_options(synchronize_session=False)
    )
    gone = sorted(left)
    if gone:
        reason = FinalReason.LIST_DETACHED
        await close_entries(session, reason, list_id=list_id, contact_ids=gone)
    return gone
