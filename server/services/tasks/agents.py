# SPDX-License-Identifier: Apache-2.0
"""The agents whom a callback of a campaign can be for; colleagues know each other by name."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Role, Viewer
from server.models import Campaign, CampaignAgent, User
from server.services.visibility import visible_campaigns


async def callback_agents(
    session: AsyncSession, viewer: Viewer, campaign_id: int
) -> list[tuple[int, str]]:
    """Id and full name of who works on a campaign that the viewer sees, by name."""
    mine = visible_campaigns(viewer).where(Campaign.id == campaign_id)
    found = (
        select(User.id, User.full_name)
        .join(CampaignAgent, CampaignAgent.user_id == User.id)
        .where(
            CampaignAgent.campaign_id.in_(mine.with_only_columns(Campaign.id)),
            User.role == Role.AGENT.value,
            User.is_active,
        )
        .order_by(User.name_key, User.id)
    )
    return [(row[0], row[1]) for row in await session.execute(found)]
