# SPDX-License-Identifier: Apache-2.0
"""Finding campaigns, and a campaign's rows as the settings that the machine goes by."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, FromClause, false
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.campaigns import CampaignSettings
from server.domain.errors import DomainError
from server.domain.permissions import Viewer
from server.domain.text import clean, name_key
from server.services.dialer import connection_of, read_campaign


def matching(text: str, viewer: Viewer) -> Callable[[FromClause], ColumnElement[bool]]:
    """Campaigns with this text in their name, in any case; blank finds all."""
    try:
        key = name_key(clean(text, "search"))
    except DomainError:  # no name holds such a character, or is that long
        return lambda campaigns: false()
    return lambda campaigns: campaigns.c.name_key.contains(key, autoescape=True)


async def settings_of(session: AsyncSession, campaign_id: int) -> CampaignSettings:
    """The rules by which the campaign dials now; NOT_FOUND where there is no such campaign."""
    campaign = await read_campaign(await connection_of(session), campaign_id)
    return campaign.settings
