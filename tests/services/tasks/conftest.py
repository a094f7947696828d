# SPDX-License-Identifier: Apache-2.0
"""Ada on the list of a campaign, and the people who may call her back."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from server.database import Database
from server.domain.permissions import Role, Viewer
from server.models import FinalResult, HopperEntry, HopperPhone, ScheduledTask
from server.services.tasks import CallbackInput, Scheduled
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.tasks import assign, make_callback
from tests.factories.users import make_viewer

HOME, OFFICE = "+390612345000", "+390612345001"


@dataclass(frozen=True)
class World:
    """A campaign with two agents; Ada has two numbers, and stands on its list."""

    database: Database
    viewer: Viewer
    agent: Viewer
    colleague: Viewer
    campaign_id: int
    list_id: int
    contact_id: int

    async def schedule(
        self, given: CallbackInput | None = None, as_: Viewer | None = None, **columns: object
    ) -> Scheduled:
        async with self.database.transaction(self.viewer.tenant_id) as session:
            return await make_callback(
                session,
                as_ or self.viewer,
                self.campaign_id,
                self.contact_id,
                given,
                **columns,
            )

    async def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        async with self.database.connection(self.viewer.tenant_id) as connection:
            return [tuple(row) for row in await connection.fetch(sql, *args)]

    async def entry(self) -> HopperEntry | None:
        """Ada's open stay."""
        async with self.database.transaction(self.viewer.tenant_id) as session:
            found: HopperEntry | None = await session.scalar(
                select(HopperEntry).where(HopperEntry.contact_id == self.contact_id)
            )
            return found

    async def numbers(self) -> list[tuple[str, int]]:
        """The numbers of her stay, and their failures."""
        async with self.database.transaction(self.viewer.tenant_id) as session:
            rows = await session.execute(
                select(HopperPhone.number, HopperPhone.no_answer).order_by(HopperPhone.position)
            )
            return [(row[0], row[1]) for row in rows]

    async def tasks(self) -> list[ScheduledTask]:
        async with self.database.transaction(self.viewer.tenant_id) as session:
            return list(await session.scalars(select(ScheduledTask).order_by(ScheduledTask.id)))

    async def finals(self) -> list[FinalResult]:
        async with self.database.transaction(self.viewer.tenant_id) as session:
            return list(await session.scalars(select(FinalResult).order_by(FinalResult.id)))


@pytest.fixture
async def world(database: Database, tenant: int) -> World:
    viewer = await make_viewer(database, tenant)
    agent = await make_viewer(database, tenant, Role.AGENT)
    colleague = await make_viewer(database, tenant, Role.AGENT)
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer, "Office", 1)
        spring = await make_list(session, viewer)
        campaign = await make_campaign(session, viewer, list_ids=[spring.id])
        contact = await make_contact(
            session,
            viewer,
            "Ada",
            "Rossi",
            phone=HOME,
            additional=phones((OFFICE, office.id)),
            list_ids=[spring.id],
        )
        await assign(session, campaign.id, agent, colleague)
    return World(database, viewer, agent, colleague, campaign.id, spring.id, contact.id)
