# SPDX-License-Identifier: Apache-2.0
"""Which lists a campaign calls: attach, detach, replace, reset (section 9; X-23, X-40)."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.models import CampaignList, ContactList
from server.services import dialer
from server.services.campaigns.inputs import Reload
from server.services.campaigns.writing import locked_campaign
from server.services.dialer import Loaded
from server.services.events import record
from server.services.visibility import visible_lists


async def attach_lists(
    session: AsyncSession, viewer: Viewer, campaign_id: int, list_ids: Sequence[int]
) -> Reload:
    """Besides those it calls already. In any state: the entries wait until the campaign runs."""
    campaign = await locked_campaign(session, viewer, campaign_id)
    await _check_seen(session, viewer, list_ids)
    loaded = Loaded()
    for list_id in sorted(set(list_ids)):
        loaded += await dialer.attach_list(session, campaign.id, list_id)
    reload = _reload(loaded)
    _record(session, viewer, "campaign.lists_attached", campaign.id, list_ids, reload)
    return reload


async def detach_lists(
    session: AsyncSession, viewer: Viewer, campaign_id: int, list_ids: Sequence[int]
) -> Reload:
    """Their entries close with LIST_DETACHED, those in a call when it is over."""
    campaign = await locked_campaign(session, viewer, campaign_id)
    await _check_attached(session, campaign.id, list_ids, "listIds.{}")
    closed = in_call = 0
    for list_id in sorted(set(list_ids)):
        left = await dialer.detach_list(session, campaign.id, list_id)
        closed, in_call = closed + left.closed, in_call + left.in_call
    reload = Reload(closed=closed, in_call=in_call)
    _record(session, viewer, "campaign.lists_detached", campaign.id, list_ids, reload)
    return reload


async def replace_lists(
    session: AsyncSession, viewer: Viewer, campaign_id: int, list_ids: Sequence[int]
) -> Reload:
    """One transaction, in which the old lists' entries leave before the duplicate check (9 h)."""
    campaign = await locked_campaign(session, viewer, campaign_id)
    await _check_seen(session, viewer, list_ids)
    replaced = await dialer.replace_lists(session, campaign.id, list_ids)
    left = replaced.closed
    reload = _reload(replaced.loaded, closed=left.closed, in_call=left.in_call)
    _record(session, viewer, "campaign.lists_replaced", campaign.id, list_ids, reload)
    return reload


async def reset_list(
    session: AsyncSession, viewer: Viewer, campaign_id: int, list_id: int
) -> Reload:
    """The list's contacts start afresh, the closed ones too; history and final results stay."""
    campaign = await locked_campaign(session, viewer, campaign_id)
    await _check_attached(session, campaign.id, [list_id], "listId")
    reset = await dialer.reset_list(session, campaign.id, list_id)
    reload = _reload(reset.loaded, in_call=reset.in_call)
    _record(session, viewer, "campaign.list_reset", campaign.id, [list_id], reload)
    return reload


async def _check_seen(session: AsyncSession, viewer: Viewer, list_ids: Sequence[int]) -> None:
    lists = visible_lists(viewer).where(ContactList.id.in_(set(list_ids)))
    known = set(await session.scalars(lists.with_only_columns(ContactList.id)))
    _check(list_ids, known, "listIds.{}")


async def _check_attached(
    session: AsyncSession, campaign_id: int, list_ids: Sequence[int], path: str
) -> None:
    attached = select(CampaignList.list_id).where(CampaignList.campaign_id == campaign_id)
    _check(list_ids, set(await session.scalars(attached)), path)


def _check(list_ids: Sequence[int], known: set[int], path: str) -> None:
    refusals = Refusals()
    for index, list_id in enumerate(list_ids):
        if list_id not in known:
            refusals.add(ErrorCode.NOT_FOUND, path.format(index))
    refusals.check()


def _reload(loaded: Loaded, *, closed: int = 0, in_call: int = 0) -> Reload:
    return Reload(
        loaded=loaded.loaded,
        duplicates=loaded.duplicates,
        without_numbers=loaded.without_numbers,
        closed=closed,
        in_call=in_call,
    )


def _record(
    session: AsyncSession,
    viewer: Viewer,
    event: str,
    campaign_id: int,
    list_ids: Sequence[int],
    reload: Reload,
) -> None:
    lists = sorted(set(list_ids))
    record(
        session, viewer, event, campaign_id, lists=lists, loaded=reload.loaded, closed=reload.closed
    )
