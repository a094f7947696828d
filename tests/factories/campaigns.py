# SPDX-License-Identifier: Apache-2.0
"""Campaigns, made as a supervisor would, and a look at their hopper."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Viewer
from server.models import Campaign, FinalResult, HopperEntry, HopperPhone
from server.services import campaigns
from server.services.campaigns import CampaignInput

CAMPAIGN = CampaignInput(name="Spring offers")


async def make_campaign(
    session: AsyncSession,
    viewer: Viewer,
    name: str = "Spring offers",
    *,
    list_ids: Sequence[int] = (),
    given: CampaignInput = CAMPAIGN,
) -> Campaign:
    campaign = await campaigns.create_campaign(session, viewer, replace(given, name=name))
    if list_ids:
        await campaigns.attach_lists(session, viewer, campaign.id, list_ids)
    return campaign


async def hopper(session: AsyncSession, campaign_id: int) -> dict[int, list[str]]:
    """By contact the numbers of its open entry, in dial order."""
    rows = await session.execute(
        select(HopperEntry.contact_id, HopperPhone.number)
        .join(HopperPhone, HopperPhone.entry_id == HopperEntry.id)
        .where(HopperEntry.campaign_id == campaign_id)
        .order_by(HopperEntry.contact_id, HopperPhone.position)
    )
    found: dict[int, list[str]] = {}
    for contact_id, number in rows:
        found.setdefault(contact_id, []).append(number)
    return found


async def closed(session: AsyncSession, campaign_id: int) -> list[tuple[int, str]]:
    """Contact and reason of each final result, oldest first."""
    rows = await session.execute(
        select(FinalResult.contact_id, FinalResult.reason)
        .where(FinalResult.campaign_id == campaign_id)
        .order_by(FinalResult.id)
    )
    return [(row[0], row[1]) for row in rows]
