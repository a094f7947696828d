# SPDX-License-Identifier: Apache-2.0
"""Which lists a campaign calls, and what comes and goes with them (section 9, X-23, X-40)."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from server.database import Database
from server.domain.campaigns import CheckDuplicate
from server.domain.permissions import Viewer
from server.models import CampaignList, Event, HopperEntry
from server.services import campaigns
from server.services.campaigns import Reload
from tests.conftest import MakeTenant
from tests.factories.campaigns import CAMPAIGN, closed, hopper, make_campaign
from tests.factories.contacts import make_contact
from tests.factories.lists import make_list
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def attached(database: Database, viewer: Viewer) -> list[int]:
    async with database.transaction(viewer.tenant_id) as session:
        return sorted(await session.scalars(select(CampaignList.list_id)))


async def test_attaching_tells_what_was_loaded_and_what_was_known(
    database: Database, viewer: Viewer
) -> None:  # X-40 a, b, c, d
    async with database.transaction(viewer.tenant_id) as session:
        first = await make_list(session, viewer, "First")
        second = await make_list(session, viewer, "Second")
        for number in range(3):
            await make_contact(session, viewer, phone=f"+39061234500{number}", list_ids=[first.id])
        await make_contact(session, viewer, phone="+390612345000", list_ids=[first.id])
        await make_contact(session, viewer, phone="+390612345001", list_ids=[second.id])
        await make_contact(session, viewer, phone="+390612345009", list_ids=[second.id])
        await make_contact(session, viewer, phone=None, list_ids=[second.id])
        campaign = await make_campaign(session, viewer)
        assert await campaigns.attach_lists(session, viewer, campaign.id, [first.id]) == Reload(
            loaded=3, duplicates=1
        )
        assert await campaigns.attach_lists(session, viewer, campaign.id, [second.id]) == Reload(
            loaded=1, duplicates=1, without_numbers=1
        )
        event = await session.scalar(
            select(Event).where(Event.name == "campaign.lists_attached").order_by(Event.id)
        )
        assert event is not None
        assert event.data == {"lists": [first.id], "loaded": 3, "closed": 0}
    assert await attached(database, viewer) == [first.id, second.id]


async def test_without_a_check_the_same_number_may_be_open_twice(
    database: Database, viewer: Viewer
) -> None:
    given = replace(CAMPAIGN, check_duplicate=CheckDuplicate.NEVER)
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        for _ in range(2):
            await make_contact(session, viewer, list_ids=[spring.id])
        campaign = await make_campaign(session, viewer, given=given)
        reload = await campaigns.attach_lists(session, viewer, campaign.id, [spring.id])
    assert reload == Reload(loaded=2)


async def test_detaching_closes_the_lists_entries(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        first = await make_list(session, viewer, "First")
        second = await make_list(session, viewer, "Second")
        gone = await make_contact(session, viewer, list_ids=[first.id])
        calling = await make_contact(session, viewer, phone="+390612345001", list_ids=[first.id])
        stays = await make_contact(session, viewer, phone="+390612345002", list_ids=[second.id])
        campaign = await make_campaign(session, viewer, list_ids=[first.id, second.id])
        await session.execute(
            update(HopperEntry).where(HopperEntry.contact_id == calling.id).values(state="DIALING")
        )
        reload = await campaigns.detach_lists(session, viewer, campaign.id, [first.id])
        assert reload == Reload(closed=1, in_call=1)
        assert sorted(await hopper(session, campaign.id)) == sorted([calling.id, stays.id])
        assert await closed(session, campaign.id) == [(gone.id, "LIST_DETACHED")]
    assert await attached(database, viewer) == [second.id]


async def test_replaced_lists_do_not_stop_the_same_numbers_of_the_new_ones(
    database: Database, viewer: Viewer
) -> None:  # X-40 h
    async with database.transaction(viewer.tenant_id) as session:
        old = await make_list(session, viewer, "Old")
        kept = await make_list(session, viewer, "Kept")
        new = await make_list(session, viewer, "New")
        before = await make_contact(session, viewer, list_ids=[old.id])
        stays = await make_contact(session, viewer, phone="+390612345001", list_ids=[kept.id])
        after = await make_contact(session, viewer, list_ids=[new.id])
        campaign = await make_campaign(session, viewer, list_ids=[old.id, kept.id])
        reload = await campaigns.replace_lists(
            session, viewer, campaign.id, [kept.id, new.id, new.id]
        )
        assert reload == Reload(loaded=1, closed=1)
        assert sorted(await hopper(session, campaign.id)) == sorted([stays.id, after.id])
        assert await closed(session, campaign.id) == [(before.id, "LIST_DETACHED")]
    assert await attached(database, viewer) == [kept.id, new.id]


async def test_a_reset_list_starts_afresh(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        contact = await make_contact(session, viewer, list_ids=[spring.id])
        campaign = await make_campaign(session, viewer, list_ids=[spring.id])
        await session.execute(update(HopperEntry).values(state="WAIT_RETRY", round=3))
        reload = await campaigns.reset_list(session, viewer, campaign.id, spring.id)
        assert reload == Reload(loaded=1)
        entry = await session.scalar(select(HopperEntry).execution_options(populate_existing=True))
        assert entry is not None
        assert (entry.contact_id, entry.state, entry.round) == (contact.id, "READY", 1)
        name = await session.scalar(select(Event.name).order_by(Event.id.desc()).limit(1))
        assert name == "campaign.list_reset"


async def test_unknown_foreign_and_unattached_lists_are_refused_alike(
    database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:
    other = await make_viewer(database, await new_tenant())
    async with database.transaction(other.tenant_id) as session:
        theirs = await make_list(session, other)
    async with database.transaction(viewer.tenant_id) as session:
        mine = await make_list(session, viewer)
        campaign = await make_campaign(session, viewer)
        told = []
        ids = [mine.id, theirs.id, 2**62]
        for call in (
            campaigns.attach_lists(session, viewer, campaign.id, ids),
            campaigns.replace_lists(session, viewer, campaign.id, ids),
            campaigns.detach_lists(session, viewer, campaign.id, ids),
            campaigns.reset_list(session, viewer, campaign.id, mine.id),
        ):
            with refusals() as refused:
                await call
            told.append(refused)
    unknown = [("NOT_FOUND", "listIds.1"), ("NOT_FOUND", "listIds.2")]
    unattached = [("NOT_FOUND", "listIds.0"), *unknown]
    assert told == [unknown, unknown, unattached, [("NOT_FOUND", "listId")]]
    assert await attached(database, viewer) == []
