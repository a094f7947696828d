# SPDX-License-Identifier: Apache-2.0
"""A new contact of a campaign: its record there begins with it (C-03)."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.models import Campaign, CampaignList
from server.services.dialer import load_contacts
from server.services.memberships import put_on_list
from server.services.visibility import visible_campaigns


async def check_campaign(
    session: AsyncSession, viewer: Viewer, campaign_id: int | None, refusals: Refusals
) -> list[int]:
    """The lists that the campaign calls, longest attached first; one out of sight is refused."""
    if campaign_id is None:
        return []
    seen = visible_campaigns(viewer).where(Campaign.id == campaign_id)
    if await session.scalar(seen.with_only_columns(Campaign.id)) is None:
        refusals.add(ErrorCode.NOT_FOUND, "campaignId")
        return []
    called = select(CampaignList.list_id).where(CampaignList.campaign_id == campaign_id)
    return list(
        await session.scalars(called.order_by(CampaignList.attached_at, CampaignList.list_id))
    )


async def join_campaign(
    session: AsyncSession,
    campaign_id: int,
    contact_id: int,
    called: Collection[int],
    on_lists: Collection[int],
) -> None:
    """Nothing to do where it stands on one of the `called` lists already: that has loaded it.

    Else it joins the one attached first, so that it is there when the list starts afresh; a
    campaign that calls no list takes it without one.
    """
    if set(called) & set(on_lists):
        return
    if called:
        await put_on_list(session, next(iter(called)), [contact_id])
    else:
        await load_contacts(session, campaign_id, None, [contact_id])
