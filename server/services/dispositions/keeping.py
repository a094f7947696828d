# SPDX-License-Identifier: Apache-2.0
"""Make, change and delete dispositions; a centre without any begins with some."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.dispositions import DEFAULTS, LEVELS, Default, DispositionAction
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.domain.text import UNSET, Unset, name_key
from server.models import Campaign, Disposition
from server.services.constraints import refusing
from server.services.dispositions.choosing import path_of, visible_dispositions
from server.services.events import record
from server.services.versions import locked_row
from server.services.visibility import visible_campaigns

LONGEST_NAME = 100
LAST_PLACE = 32_767


@dataclass(frozen=True, kw_only=True)
class DispositionInput:
    """`campaign_id` None: for all campaigns. Beneath a parent it belongs to what that belongs to.

    `position` None: behind its siblings.
    """

    name: str
    action: DispositionAction = DispositionAction.CLOSE
    campaign_id: int | None = None
    parent_id: int | None = None
    position: int | None = None


@dataclass(frozen=True, kw_only=True)
class DispositionEdit:
    """What stays UNSET is left as it is; `version` is the one that the editor saw."""

    name: str | Unset = UNSET
    action: DispositionAction | Unset = UNSET
    position: int | Unset = UNSET
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class DeletedDisposition:
    id: int
    name: str
    beneath: int  # how many went with it


async def create_disposition(
    session: AsyncSession, viewer: Viewer, given: DispositionInput
) -> Disposition:
    """Up to three levels; two siblings have two names. Calls keep the names they were given."""
    refusals = Refusals()
    name = refusals.text(given.name, "name", longest=LONGEST_NAME, required=True)
    if given.position is not None:
        refusals.within(given.position, "position", 0, LAST_PLACE)
    campaign_id = given.campaign_id
    if given.parent_id is not None:
        parent = await session.scalar(
            visible_dispositions(viewer).where(Disposition.id == given.parent_id)
        )
        if parent is None:
            refusals.add(ErrorCode.NOT_FOUND, "parentId")
        elif campaign_id is not None and campaign_id != parent.campaign_id:
            refusals.add(ErrorCode.INVALID, "campaignId", without=parent.name)
        elif len(await path_of(session, parent)) >= LEVELS:
            refusals.add(ErrorCode.OUT_OF_RANGE, "parentId", max=LEVELS)
        else:
            campaign_id = parent.campaign_id
    elif campaign_id is not None and not await _sees_campaign(session, viewer, campaign_id):
        refusals.add(ErrorCode.NOT_FOUND, "campaignId")
    refusals.check()
    row = Disposition(
        name=name,
        name_key=name_key(name),
        action=given.action.value,
        campaign_id=campaign_id,
        parent_id=given.parent_id,
        position=given.position or 0,
    )
    if given.position is None:
        row.position = await _next_place(session, campaign_id, given.parent_id)
    async with refusing(session, _name_taken(name)):
        session.add(row)
    record(session, viewer, "disposition.created", row.id, name=row.name, action=row.action)
    await session.refresh(row)
    return row


async def edit_disposition(
    session: AsyncSession, viewer: Viewer, disposition_id: int, edit: DispositionEdit
) -> Disposition:
    """Calls that were disposed of before keep the name and what followed."""
    row = await _locked(session, viewer, disposition_id, edit.version)
    refusals = Refusals()
    name, action, position = edit.name, edit.action, edit.position
    async with refusing(session, _name_taken(name)):
        if not isinstance(name, Unset):
            row.name = refusals.text(name, "name", longest=LONGEST_NAME, required=True)
            row.name_key = name_key(row.name)
        if not isinstance(action, Unset):
            row.action = action.value
        if not isinstance(position, Unset):
            row.position = refusals.within(position, "position", 0, LAST_PLACE)
        refusals.check()
        row.version += 1
    record(session, viewer, "disposition.edited", row.id, name=row.name, action=row.action)
    return row


async def delete_disposition(
    session: AsyncSession, viewer: Viewer, disposition_id: int, version: int | None = None
) -> DeletedDisposition:
    """With all beneath it. Calls keep the names they were given."""
    row = await _locked(session, viewer, disposition_id, version)
    beneath = await _count_beneath(session, [row.id])
    deleted = DeletedDisposition(id=row.id, name=row.name, beneath=beneath)
    await session.execute(delete(Disposition).where(Disposition.id == row.id))
    record(session, viewer, "disposition.deleted", row.id, name=row.name, beneath=beneath)
    await session.flush()
    return deleted


async def seed_dispositions(
    session: AsyncSession, viewer: Viewer, translate: Callable[[str], str] = str
) -> int:
    """The defaults, where the centre has none at all; `translate` gives their names."""
    if await session.scalar(select(exists(select(Disposition.id)))):
        return 0
    return await _seed(session, DEFAULTS, None, translate)


async def _seed(
    session: AsyncSession,
    defaults: Sequence[Default],
    parent_id: int | None,
    translate: Callable[[str], str],
) -> int:
    rows = []
    for position, default in enumerate(defaults):
        name = translate(default.name)
        rows.append(
            Disposition(
                name=name,
                name_key=name_key(name),
                action=default.action.value,
                parent_id=parent_id,
                position=position,
            )
        )
    session.add_all(rows)
    await session.flush()
    count = len(rows)
    for row, default in zip(rows, defaults, strict=True):
        if default.beneath:
            count += await _seed(session, default.beneath, row.id, translate)
    return count


async def _locked(
    session: AsyncSession, viewer: Viewer, disposition_id: int, version: int | None
) -> Disposition:
    found = (
        visible_dispositions(viewer)
        .where(Disposition.id == disposition_id)
        .with_for_update(of=Disposition)
    )
    return await locked_row(session, found, version)


async def _count_beneath(session: AsyncSession, parents: list[int]) -> int:
    found: Select[int] = select(Disposition.id).where(Disposition.parent_id.in_(parents))
    ids = list(await session.scalars(found))
    return len(ids) + (await _count_beneath(session, ids) if ids else 0)


async def _next_place(session: AsyncSession, campaign_id: int | None, parent_id: int | None) -> int:
    last = select(func.max(Disposition.position)).where(
        Disposition.parent_id.is_not_distinct_from(parent_id),
        Disposition.campaign_id.is_not_distinct_from(campaign_id),
    )
    found = await session.scalar(last)
    return 0 if found is None else min(found + 1, LAST_PLACE)


async def _sees_campaign(session: AsyncSession, viewer: Viewer, campaign_id: int) -> bool:
    campaigns = visible_campaigns(viewer).where(Campaign.id == campaign_id)
    return await session.scalar(campaigns.with_only_columns(Campaign.id)) is not None


def _name_taken(name: str | Unset) -> dict[str, DomainError]:
    return {"uq_dispositions_name": DomainError(ErrorCode.TAKEN, "name", value=name)}
