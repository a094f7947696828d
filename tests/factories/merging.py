# SPDX-License-Identifier: Apache-2.0
"""Two records of one person that differ in nearly everything that a merge has to decide."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Viewer
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.people import make_tag


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Ada Rossi and Ada Rosi, both open in one campaign; ids of the API."""

    ada: str
    rosi: str
    campaign_id: int
    list_id: int

    @property
    def keys(self) -> tuple[int, int]:
        return int(self.ada.removeprefix("contact_")), int(self.rosi.removeprefix("contact_"))

    @property
    def query(self) -> str:
        return f"ids={self.ada}&ids={self.rosi}"


async def make_pair(session: AsyncSession, viewer: Viewer) -> Pair:
    """X-25's example: primary 1 with Office 2 and 3, and primary 4 with Home 2 and 5."""
    office = await make_item_type(session, viewer, "Office", 1)
    home = await make_item_type(session, viewer, "Home", 2)
    spring = await make_list(session, viewer)
    campaign = await make_campaign(session, viewer, list_ids=[spring.id])
    ada = await make_contact(
        session,
        viewer,
        "Ada",
        "Rossi",
        phone="+390612340001",
        email="ada@example.com",
        additional=phones(("+390612340002", office.id), "+390612340003"),
        list_ids=[spring.id],
    )
    rosi = await make_contact(
        session,
        viewer,
        "Ada",
        "Rosi",
        phone="+390612340004",
        additional=phones(("+390612340002", home.id), "+390612340005"),
        list_ids=[spring.id],
    )
    await make_tag(session, "VIP", ada.id, rosi.id)
    await make_tag(session, "Call back", rosi.id)
    return Pair(
        ada=f"contact_{ada.id}",
        rosi=f"contact_{rosi.id}",
        campaign_id=campaign.id,
        list_id=spring.id,
    )
