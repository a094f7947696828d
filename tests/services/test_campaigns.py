# SPDX-License-Identifier: Apache-2.0
"""Campaigns: their settings and retry settings (X-37, X-40, dial-machine section 1)."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from sqlalchemy import func, select, update

from server.database import Database
from server.domain.campaigns import (
    FAILURES,
    AfterStatus,
    CallStatus,
    CheckDuplicate,
    DialOrder,
    ExhaustionPolicy,
    RetryRule,
    Weekday,
)
from server.domain.permissions import Role, Viewer
from server.models import (
    Campaign,
    CampaignAgent,
    Event,
    HopperEntry,
    RetrySetting,
)
from server.services import campaigns
from server.services.campaigns import CampaignEdit, CampaignInput, RetryInput
from server.telephony.simulated import read_model
from tests.conftest import MakeTenant
from tests.factories.campaigns import CAMPAIGN, make_campaign
from tests.factories.contacts import make_contact
from tests.factories.lists import make_list
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def retry_rows(database: Database, viewer: Viewer) -> list[tuple[str, int, int, int, str]]:
    async with database.transaction(viewer.tenant_id) as session:
        rows = await session.execute(
            select(
                RetrySetting.status,
                RetrySetting.position,
                RetrySetting.max_retry,
                RetrySetting.minutes,
                RetrySetting.after_status,
            ).order_by(RetrySetting.position)
        )
        return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


async def test_a_campaign_starts_as_a_draft_with_the_usual_settings(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_campaign(session, viewer, " Spring ")
        assert (row.name, row.state, row.version, row.settings_version) == ("Spring", "DRAFT", 1, 1)
        assert (row.clock_origin, row.started_at, row.clock_rate) == (None, None, 1)
        settings = await campaigns.settings_of(session, row.id)
    assert await retry_rows(database, viewer) == [
        (status.value, position, 3, 150, "ADVANCE") for position, status in enumerate(FAILURES)
    ]
    assert settings.global_max_retry == 4
    assert settings.additional_phones_after == 1
    assert settings.check_duplicate is CheckDuplicate.ALWAYS
    assert settings.window is None


async def test_every_setting_is_kept_and_is_what_the_machine_goes_by(
    database: Database, viewer: Viewer
) -> None:
    agent = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    ends_at = datetime(2027, 12, 31, 17, tzinfo=UTC)
    given = CampaignInput(
        name="Spring",
        simultaneous_lines=10_000,
        retry=[
            RetryInput(status=CallStatus.BUSY, max=0, minutes=0),
            RetryInput(status=CallStatus.DROP, after_status=AfterStatus.RETRY_SAME),
            RetryInput(status=CallStatus.MACHINE, max=100, minutes=525_600),
        ],
        global_max_retry=0,
        additional_phones_after=0,
        exhaustion_policy=ExhaustionPolicy.ALL_PHONES,
        max_attempts_per_contact=7,
        originate_timeout=5,
        check_duplicate=CheckDuplicate.ONLY_IF_OPEN,
        dial_order=DialOrder.DESC,
        window_from=time(22),
        window_to=time(6),
        window_days=["SUN", "MON", "MON"],
        timezone="Europe/Warsaw",
        ends_at=ends_at,
        simulation={
            "weights": {"ANSWER": 1, "BUSY": 2.5},
            "seed": 7,
            "seconds": 0.5,
            "script": {"+390612345000": ["BUSY", "ANSWER"]},
        },
        clock_rate=60,
        agent_ids=[agent.user_id],
    )
    async with database.transaction(viewer.tenant_id) as session:
        row = await campaigns.create_campaign(session, viewer, given)
    async with database.transaction(viewer.tenant_id) as session:
        settings = await campaigns.settings_of(session, row.id)
        stored = await session.get(Campaign, row.id)
        assert stored is not None
        assert (stored.simultaneous_lines, stored.clock_rate) == (10_000, 60)
        assert stored.window_days == ["MON", "SUN"]
        assert stored.simulation == given.simulation
        assert read_model(stored.simulation).outcome("+390612345000", 1) is CallStatus.ANSWER
        assert (await session.scalars(select(CampaignAgent.user_id))).all() == [agent.user_id]
    assert settings.retry[CallStatus.BUSY] == RetryRule(max=0, minutes=0)
    assert settings.retry[CallStatus.DROP] == RetryRule(max=3, minutes=150)
    assert settings.retry[CallStatus.MACHINE] == RetryRule(max=100, minutes=525_600)
    assert settings.after_status[CallStatus.DROP] is AfterStatus.RETRY_SAME
    assert (settings.global_max_retry, settings.additional_phones_after) == (0, 0)
    assert settings.exhaustion_policy is ExhaustionPolicy.ALL_PHONES
    assert settings.max_attempts_per_contact == 7
    assert settings.check_duplicate is CheckDuplicate.ONLY_IF_OPEN
    assert settings.dial_order is DialOrder.DESC
    assert settings.ends_at == ends_at
    assert settings.window is not None
    assert (settings.window.opens, settings.window.closes) == (time(22), time(6))
    assert settings.window.days == {Weekday.MON, Weekday.SUN}
    assert settings.window.timezone == "Europe/Warsaw"


NAMED = CAMPAIGN
BUSY = CallStatus.BUSY
REFUSED = [
    (replace(NAMED, name=" "), [("REQUIRED", "name")]),
    (replace(NAMED, name="\x00"), [("INVALID_CHARACTER", "name")]),
    (replace(NAMED, name="\udc00"), [("INVALID_CHARACTER", "name")]),
    (replace(NAMED, name="x" * 100_000), [("TOO_LONG", "name")]),
    (replace(NAMED, name="TAKEN  already"), [("TAKEN", "name")]),
    (replace(NAMED, simultaneous_lines=0), [("OUT_OF_RANGE", "simultaneousLines")]),
    (replace(NAMED, simultaneous_lines=10_001), [("OUT_OF_RANGE", "simultaneousLines")]),
    (replace(NAMED, global_max_retry=-1), [("OUT_OF_RANGE", "globalMaxRetry")]),
    (replace(NAMED, global_max_retry=101), [("OUT_OF_RANGE", "globalMaxRetry")]),
    (replace(NAMED, additional_phones_after=-1), [("OUT_OF_RANGE", "additionalPhonesAfter")]),
    (replace(NAMED, additional_phones_after=525_601), [("OUT_OF_RANGE", "additionalPhonesAfter")]),
    (replace(NAMED, max_attempts_per_contact=0), [("OUT_OF_RANGE", "maxAttemptsPerContact")]),
    (replace(NAMED, max_attempts_per_contact=32_768), [("OUT_OF_RANGE", "maxAttemptsPerContact")]),
    (replace(NAMED, originate_timeout=4), [("OUT_OF_RANGE", "originateTimeout")]),
    (replace(NAMED, originate_timeout=121), [("OUT_OF_RANGE", "originateTimeout")]),
    (replace(NAMED, queue_timeout=-1), [("OUT_OF_RANGE", "queueTimeout")]),
    (replace(NAMED, clock_rate=0), [("OUT_OF_RANGE", "clockRate")]),
    (replace(NAMED, clock_rate=3601), [("OUT_OF_RANGE", "clockRate")]),
    (
        replace(NAMED, retry=[RetryInput(status=BUSY, max=-1, minutes=-5)]),
        [("OUT_OF_RANGE", "retry.0.max"), ("OUT_OF_RANGE", "retry.0.minutes")],
    ),
    (
        replace(NAMED, retry=[RetryInput(status=BUSY, max=101, minutes=525_601)]),
        [("OUT_OF_RANGE", "retry.0.max"), ("OUT_OF_RANGE", "retry.0.minutes")],
    ),
    (
        replace(NAMED, retry=[RetryInput(status=BUSY), RetryInput(status=BUSY)]),
        [("INVALID", "retry.1.status")],
    ),
    (
        replace(NAMED, retry=[RetryInput(status=CallStatus.ANSWER)]),
        [("INVALID", "retry.0.status")],
    ),
    (replace(NAMED, timezone="Europe/Nowhere"), [("UNKNOWN_TIMEZONE", "timezone")]),
    (replace(NAMED, timezone="../etc/passwd"), [("UNKNOWN_TIMEZONE", "timezone")]),
    (replace(NAMED, timezone="\x00"), [("UNKNOWN_TIMEZONE", "timezone")]),
    (replace(NAMED, timezone="\ud800"), [("UNKNOWN_TIMEZONE", "timezone")]),
    (replace(NAMED, timezone="x" * 100_000), [("UNKNOWN_TIMEZONE", "timezone")]),
    (replace(NAMED, timezone=""), [("UNKNOWN_TIMEZONE", "timezone")]),
    (replace(NAMED, window_from=time(8)), [("REQUIRED", "windowTo")]),
    (replace(NAMED, window_to=time(8)), [("REQUIRED", "windowFrom")]),
    (replace(NAMED, window_from=time(8), window_to=time(8)), [("INVALID", "windowTo")]),
    (
        replace(NAMED, window_from=time(8), window_to=time(9), window_days=[]),
        [("REQUIRED", "windowDays")],
    ),
    (
        replace(NAMED, window_from=time(8), window_to=time(9), window_days=["MON", "lunedì"]),
        [("INVALID", "windowDays.1")],
    ),
    (replace(NAMED, ends_at=datetime(2027, 1, 1)), [("INVALID", "endsAt")]),  # noqa: DTZ001
    (replace(NAMED, ends_at=datetime(1, 1, 1, tzinfo=UTC)), [("OUT_OF_RANGE", "endsAt")]),
    (replace(NAMED, agent_ids=[2**62]), [("NOT_FOUND", "agentIds.0")]),
    (replace(NAMED, simulation={"speed": 1}), [("INVALID", "simulation.speed")]),
    (replace(NAMED, simulation={"weights": []}), [("INVALID", "simulation.weights")]),
    (replace(NAMED, simulation={"weights": {}}), [("REQUIRED", "simulation.weights")]),
    (replace(NAMED, simulation={"weights": {"BUSY": 0}}), [("REQUIRED", "simulation.weights")]),
    (
        replace(NAMED, simulation={"weights": {"LOST": 1, "BUSY": -1, "DROP": True}}),
        [
            ("INVALID", "simulation.weights.LOST"),
            ("OUT_OF_RANGE", "simulation.weights.BUSY"),
            ("INVALID", "simulation.weights.DROP"),
        ],
    ),
    (
        replace(NAMED, simulation={"seed": "x", "seconds": 1001}),
        [("INVALID", "simulation.seed"), ("OUT_OF_RANGE", "simulation.seconds")],
    ),
    (
        replace(NAMED, simulation={"seed": True, "seconds": float("nan"), "script": []}),
        [
            ("INVALID", "simulation.seed"),
            ("OUT_OF_RANGE", "simulation.seconds"),
            ("INVALID", "simulation.script"),
        ],
    ),
    (
        replace(
            NAMED, simulation={"script": {"+39061": [], "+39062": ["LOST"], "+39\x00": ["BUSY"]}}
        ),
        [
            ("INVALID", "simulation.script.+39061"),
            ("INVALID", "simulation.script.+39062"),
            ("INVALID", "simulation.script.+39\x00"),
        ],
    ),
    (
        replace(NAMED, name="", simultaneous_lines=0, timezone="?", window_to=time(8)),
        [
            ("REQUIRED", "name"),
            ("OUT_OF_RANGE", "simultaneousLines"),
            ("UNKNOWN_TIMEZONE", "timezone"),
            ("REQUIRED", "windowFrom"),
        ],
    ),
]


@pytest.mark.parametrize(("given", "refused"), REFUSED)
async def test_every_fault_is_named_by_its_field_and_nothing_is_stored(
    database: Database, viewer: Viewer, given: CampaignInput, refused: list[tuple[str, str]]
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await make_campaign(session, viewer, "Taken already")
        with refusals() as told:
            await campaigns.create_campaign(session, viewer, given)
    assert told == refused
    async with database.transaction(viewer.tenant_id) as session:
        assert (await session.scalars(select(Campaign.name))).all() == ["Taken already"]
        assert await session.scalar(select(func.count()).select_from(RetrySetting)) == 8


async def test_an_edit_counts_the_settings_version(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_campaign(session, viewer)
        edit = CampaignEdit(
            additional_phones_after=5,
            retry=[RetryInput(status=CallStatus.NO_ANSWER, minutes=2)],
            version=1,
        )
        row = await campaigns.edit_campaign(session, viewer, row.id, edit)
        assert (row.version, row.settings_version, row.additional_phones_after) == (2, 2, 5)
        settings = await campaigns.settings_of(session, row.id)
        assert settings.retry[CallStatus.NO_ANSWER] == RetryRule(max=3, minutes=2)
        assert settings.version == 2
        event = await session.scalar(select(Event).where(Event.name == "campaign.edited"))
        assert event is not None
        assert event.data == {"fields": ["retry", "additional_phones_after"], "version": 2}


@pytest.mark.parametrize(
    ("edit", "refused"),
    [
        (CampaignEdit(name=""), [("REQUIRED", "name")]),
        (CampaignEdit(name="Other"), [("TAKEN", "name")]),
        (CampaignEdit(global_max_retry=9, version=4), [("CONFLICT", "version")]),
        (CampaignEdit(global_max_retry=9, window_to=None), [("REQUIRED", "windowTo")]),
        (CampaignEdit(global_max_retry=9, window_from=time(20)), [("INVALID", "windowTo")]),
        (
            CampaignEdit(global_max_retry=9, retry=[RetryInput(status=BUSY, max=-1)]),
            [("OUT_OF_RANGE", "retry.0.max")],
        ),
    ],
)
async def test_a_refused_edit_changes_nothing(
    database: Database, viewer: Viewer, edit: CampaignEdit, refused: list[tuple[str, str]]
) -> None:
    given = replace(CAMPAIGN, window_from=time(8), window_to=time(20))
    async with database.transaction(viewer.tenant_id) as session:
        await make_campaign(session, viewer, "Other")
        row = await make_campaign(session, viewer, given=given)
    async with database.transaction(viewer.tenant_id) as session:
        with refusals() as told:
            await campaigns.edit_campaign(session, viewer, row.id, edit)
    assert told == refused
    async with database.transaction(viewer.tenant_id) as session:
        stored = await session.get(Campaign, row.id)
        assert stored is not None
        assert (stored.version, stored.settings_version, stored.global_max_retry) == (1, 1, 4)
        assert (stored.name, stored.window_from, stored.window_to) == (
            "Spring offers",
            time(8),
            time(20),
        )
    assert {row[2:] for row in await retry_rows(database, viewer)} == {(3, 150, "ADVANCE")}


async def test_the_clock_keeps_its_rate_once_it_runs(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_campaign(session, viewer)
        await campaigns.edit_campaign(session, viewer, row.id, CampaignEdit(clock_rate=60))
        await campaigns.start_campaign(session, viewer, row.id)
        await campaigns.edit_campaign(session, viewer, row.id, CampaignEdit(clock_rate=60))
        with refusals() as told:
            await campaigns.edit_campaign(session, viewer, row.id, CampaignEdit(clock_rate=1))
    assert told == [("WRONG_STATE", "clockRate")]


async def test_a_campaign_goes_with_all_that_is_its_own(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        await make_contact(session, viewer, list_ids=[spring.id])
        row = await make_campaign(session, viewer, list_ids=[spring.id])
    async with database.transaction(viewer.tenant_id) as session:
        deleted = await campaigns.delete_campaign(session, viewer, row.id, version=1)
        assert deleted == campaigns.DeletedCampaign(id=row.id, name="Spring offers")
    async with database.transaction(viewer.tenant_id) as session:
        for model in (Campaign, RetrySetting, HopperEntry):
            assert await session.scalar(select(func.count()).select_from(model)) == 0
        last = await session.scalar(select(Event.name).order_by(Event.id.desc()).limit(1))
        assert last == "campaign.deleted"


async def test_a_running_campaign_is_not_deleted(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        await make_contact(session, viewer, list_ids=[spring.id])
        row = await make_campaign(session, viewer, list_ids=[spring.id])
        await campaigns.start_campaign(session, viewer, row.id)
        with refusals() as running:
            await campaigns.delete_campaign(session, viewer, row.id)
        await campaigns.stop_campaign(session, viewer, row.id)
        await session.execute(update(HopperEntry).values(state="DIALING"))
        with refusals() as calling:
            await campaigns.delete_campaign(session, viewer, row.id)
    assert running == calling == [("WRONG_STATE", "id")]
    async with database.transaction(viewer.tenant_id) as session:
        assert await session.get(Campaign, row.id) is not None


async def test_a_foreign_campaign_looks_like_a_missing_one(
    database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:
    other = await make_viewer(database, await new_tenant())
    async with database.transaction(other.tenant_id) as session:
        theirs = await make_campaign(session, other)
    told = []
    async with database.transaction(viewer.tenant_id) as session:
        for campaign_id in (theirs.id, 2**62):
            for call in (
                campaigns.edit_campaign(session, viewer, campaign_id, CampaignEdit(name="Mine")),
                campaigns.delete_campaign(session, viewer, campaign_id),
                campaigns.start_campaign(session, viewer, campaign_id),
                campaigns.attach_lists(session, viewer, campaign_id, []),
                campaigns.detach_lists(session, viewer, campaign_id, []),
                campaigns.replace_lists(session, viewer, campaign_id, []),
                campaigns.reset_list(session, viewer, campaign_id, 1),
            ):
                with refusals() as refused:
                    await call
                told += refused
    assert told == [("NOT_FOUND", "id")] * 14
    async with database.transaction(other.tenant_id) as session:
        assert (await session.scalars(select(Campaign.state))).all() == ["DRAFT"]


async def test_an_agent_sees_assigned_campaigns_only(database: Database, viewer: Viewer) -> None:
    agent = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    colleague = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    mine = replace(CAMPAIGN, agent_ids=[agent.user_id])
    other = replace(CAMPAIGN, agent_ids=[colleague.user_id])
    async with database.transaction(viewer.tenant_id) as session:
        await make_campaign(session, viewer, "Mine", given=mine)
        await make_campaign(session, viewer, "Other", given=other)
        seen = [row.name for row in await session.scalars(campaigns.visible_campaigns(agent))]
        condition = campaigns.matching("OTH", viewer)(Campaign.__table__)
        everything = campaigns.visible_campaigns(viewer).where(condition)
        found = [row.name for row in await session.scalars(everything)]
    assert (seen, found) == (["Mine"], ["Other"])
