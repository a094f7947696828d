# SPDX-License-Identifier: Apache-2.0
"""Starting, pausing, resuming and stopping a campaign."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import Campaign, Event, HopperEntry
from server.services import campaigns
from server.services.campaigns import CampaignEdit
from server.services.dialer import read_campaign
from tests.factories.campaigns import CAMPAIGN, make_campaign
from tests.factories.contacts import make_contact
from tests.factories.lists import make_list
from tests.factories.users import make_viewer

Action = Callable[[AsyncSession, Viewer, int], Awaitable[Campaign]]
ACTIONS: dict[str, Action] = {
    "start": campaigns.start_campaign,
    "pause": campaigns.pause_campaign,
    "resume": campaigns.resume_campaign,
    "stop": campaigns.stop_campaign,
}
LEGAL = {
    ("DRAFT", "start"): "RUNNING",
    ("RUNNING", "pause"): "PAUSED",
    ("PAUSED", "resume"): "RUNNING",
    ("RUNNING", "stop"): "STOPPED",
    ("PAUSED", "stop"): "STOPPED",
    ("STOPPED", "start"): "RUNNING",
    ("ENDED", "start"): "RUNNING",
}
STATES = ("DRAFT", "RUNNING", "PAUSED", "STOPPED", "ENDED")


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", ACTIONS)
async def test_only_the_legal_ways_lead_from_state_to_state(
    database: Database, viewer: Viewer, state: str, action: str
) -> None:
    expected = LEGAL.get((state, action))
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_campaign(session, viewer)
        await session.execute(update(Campaign).values(state=state))
        await session.refresh(row)
        if expected is None:
            with pytest.raises(DomainError) as refused:
                await ACTIONS[action](session, viewer, row.id)
            assert refused.value.code is ErrorCode.WRONG_STATE
            assert (refused.value.field, refused.value.params) == ("id", {"state": state})
        else:
            assert (await ACTIONS[action](session, viewer, row.id)).state == expected
    async with database.transaction(viewer.tenant_id) as session:
        assert (await session.scalars(select(Campaign.state))).all() == [expected or state]
        events = (await session.scalars(select(Event.name).order_by(Event.id))).all()
        assert len(events) == (1 if expected is None else 2)


async def test_the_campaigns_clock_begins_at_the_real_time_and_runs_at_its_rate(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_campaign(session, viewer, given=replace(CAMPAIGN, clock_rate=3600))
        before = datetime.now(UTC)
        row = await campaigns.start_campaign(session, viewer, row.id)
        assert row.clock_origin is not None
        assert abs(row.clock_origin - before) < timedelta(seconds=5)
        assert row.started_at == row.clock_origin
        origin = row.clock_origin
        await campaigns.stop_campaign(session, viewer, row.id)
        row = await campaigns.start_campaign(session, viewer, row.id)
        # The clock was not set back: what waited goes on waiting.
        assert row.clock_origin == origin
        assert row.started_at is not None
        assert row.started_at > origin
        raw = await (await session.connection()).get_raw_connection()
        dialed = await read_campaign(raw.driver_connection, row.id)
        passed = datetime.now(UTC) - origin
        assert dialed.now - origin <= passed * 3600 < dialed.now - origin + timedelta(hours=1)


async def test_stopping_keeps_what_is_open(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        await make_contact(session, viewer, list_ids=[spring.id])
        row = await make_campaign(session, viewer, list_ids=[spring.id])
        await campaigns.start_campaign(session, viewer, row.id)
        await campaigns.stop_campaign(session, viewer, row.id)
        assert (await session.scalars(select(HopperEntry.state))).all() == ["READY"]


async def test_a_campaign_past_its_end_starts_only_with_a_later_one(
    database: Database, viewer: Viewer
) -> None:
    past, future = datetime(2026, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_campaign(session, viewer, given=replace(CAMPAIGN, ends_at=past))
        with pytest.raises(DomainError) as refused:
            await campaigns.start_campaign(session, viewer, row.id)
        assert (refused.value.code, refused.value.field) == (ErrorCode.OUT_OF_RANGE, "endsAt")
        assert row.state == "DRAFT"
    async with database.transaction(viewer.tenant_id) as session:
        await campaigns.edit_campaign(session, viewer, row.id, CampaignEdit(ends_at=future))
        assert (await campaigns.start_campaign(session, viewer, row.id)).state == "RUNNING"


async def test_whoever_watches_is_woken_by_a_change_of_state(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_campaign(session, viewer)
    woken = asyncio.Event()
    forget = await database.listen(f"campaign:{row.id}", lambda payload: woken.set())
    try:
        async with database.transaction(viewer.tenant_id) as session:
            await campaigns.start_campaign(session, viewer, row.id)
        await asyncio.wait_for(woken.wait(), 5)
    finally:
        forget()
