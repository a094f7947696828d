# SPDX-License-Identifier: Apache-2.0
"""What a campaign's calls are about, which caps of other campaigns may go by (reliability 5)."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database
from server.domain.permissions import Viewer
from server.models import Campaign
from server.services import campaigns
from server.services.campaigns import CampaignEdit
from tests.factories.campaigns import make_campaign
from tests.factories.users import make_viewer


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def test_another_matter_of_one_campaign_makes_the_holds_of_all_void(
    database: Database, viewer: Viewer
) -> None:
    """Caps may count what is about one matter, whichever campaign called."""
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_campaign(session, viewer)
        other = await make_campaign(session, viewer, "Summer offers")
        before = await _hold_version(session, other.id)
        await campaigns.edit_campaign(session, viewer, row.id, CampaignEdit(global_max_retry=9))
        assert await _hold_version(session, other.id) == before
        await campaigns.edit_campaign(session, viewer, row.id, CampaignEdit(matter="energy"))
        assert await _hold_version(session, other.id) == before + 1


async def _hold_version(session: AsyncSession, campaign_id: int) -> int:
    found = select(Campaign.hold_version).where(Campaign.id == campaign_id)
    return (await session.scalars(found)).one()
