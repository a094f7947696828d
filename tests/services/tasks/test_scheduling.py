# SPDX-License-Identifier: Apache-2.0
"""Scheduling a callback: one stay, one number, a time and somebody to call (C-30, C-35, C-36)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from server.domain.permissions import Role
from server.domain.tasks import CallbackWarning, PreferenceType
from server.models import AdditionalPhone, Campaign, Event, FinalResult, HopperEntry
from server.services import campaigns
from server.services.opt_outs import OptOutInput, opt_out
from server.services.tasks import CallbackInput
from tests.conftest import MakeTenant
from tests.factories.campaigns import make_campaign
from tests.factories.refusals import refusals
from tests.factories.tasks import make_callback, soon
from tests.factories.users import make_viewer
from tests.services.tasks.conftest import HOME, OFFICE, World

YEAR = datetime.now(UTC).year + 1


async def test_an_open_stay_becomes_the_callback_on_one_number_from_fresh_counters(
    world: World,
) -> None:  # dial-machine sections 4 and 6 row 11
    before = await world.entry()
    assert before is not None
    await world.rows(
        "UPDATE hopper_entries SET state = 'WAIT_RETRY', bucket = 3, round = 2, total_attempts = 2,"
        " held_until = 'infinity', hold_rule = 'WINDOW'"
    )
    await world.rows("UPDATE hopper_phones SET no_answer = 1")
    at = soon()
    scheduled = await world.schedule(at=at, number="06 12345001", note="  About the offer ")
    entry = await world.entry()
    assert entry is not None
    assert entry.id == before.id
    assert (entry.state, entry.bucket, entry.round) == ("WAIT_CALLBACK", 1, 1)
    assert (entry.scheduled_at, entry.is_callback, entry.callback_at) == (at, True, at)
    assert entry.callback_until == at + timedelta(days=1)
    assert (entry.current_number, entry.total_attempts, entry.held_until) == (OFFICE, 2, None)
    assert await world.numbers() == [(OFFICE, 0)]
    task = scheduled.task
    assert (task.entry_id, task.number, task.note) == (entry.id, OFFICE, "About the offer")
    assert (task.starts_at, task.ends_at) == (at, at + timedelta(days=1))
    assert (task.type, task.preference, task.agent_id) == ("SCHEDULED_BY_USER", "ANYONE", None)
    assert (task.time_zone, task.threshold_minutes, task.early_minutes) == ("Europe/Rome", 15, 0)
    assert scheduled.warnings == ()


async def test_a_contact_that_is_closed_or_was_never_open_gets_a_new_stay(world: World) -> None:
    await world.rows("DELETE FROM hopper_phones")
    await world.rows("DELETE FROM hopper_entries")
    scheduled = await world.schedule(number=OFFICE)
    entry = await world.entry()
    assert entry is not None
    assert scheduled.task.entry_id == entry.id
    assert (entry.state, entry.bucket, entry.is_callback) == ("WAIT_CALLBACK", 1, True)
    assert (entry.list_id, entry.primary_number, entry.is_unique) == (world.list_id, HOME, False)
    assert await world.numbers() == [(OFFICE, 0)]
    rows = await world.rows("SELECT phone_id IS NOT NULL, item_type_name FROM hopper_phones")
    assert rows == [(True, "Office")]


async def test_scheduling_again_moves_the_callback_and_makes_no_second_one(world: World) -> None:
    first = await world.schedule(number=OFFICE)
    later = soon(600)
    second = await world.schedule(at=later, number=HOME)
    assert second.task.id == first.task.id
    assert second.task.version == first.task.version + 1
    assert [task.starts_at for task in await world.tasks()] == [later]
    assert await world.numbers() == [(HOME, 0)]
    # An expired one is closed by it: a contact has one callback a campaign.
    await world.rows("UPDATE scheduled_tasks SET entry_id = NULL, ends_at = now() - interval '1 s'")
    await world.rows("DELETE FROM hopper_phones")
    await world.rows("DELETE FROM hopper_entries")
    third = await world.schedule()
    assert [(t.id, t.close_reason) for t in await world.tasks()] == [
        (first.task.id, "CALLBACK_EXPIRED"),
        (third.task.id, None),
    ]


async def test_whom_it_is_for_decides_who_gets_the_stay(world: World) -> None:  # C-36
    for preference, named, owner, is_only in (
        (PreferenceType.ANYONE, None, None, False),
        (PreferenceType.PREFER_ME, None, world.agent.user_id, False),
        (PreferenceType.ONLY_ME, None, world.agent.user_id, True),
        (PreferenceType.OTHER, world.colleague.user_id, world.colleague.user_id, True),
    ):
        scheduled = await world.schedule(as_=world.agent, preference=preference, agent_id=named)
        entry = await world.entry()
        assert entry is not None
        assert (entry.owner_id, entry.is_owner_only) == (owner, is_only), preference
        assert (scheduled.task.agent_id, scheduled.task.last_agent_id) == (
            owner,
            world.agent.user_id,
        )
    office = {"preference": PreferenceType.ONLY_ME, "agent_id": world.agent.user_id}
    assert (await world.schedule(**office)).task.agent_id == world.agent.user_id


async def test_who_schedules_and_in_which_call_decides_the_type(world: World) -> None:  # C-35
    assert (await world.schedule(as_=world.agent)).task.type == "SCHEDULED_BY_AGENT"
    assert (await world.schedule()).task.type == "SCHEDULED_BY_USER"
    await _answered(world)
    agreed = await world.schedule(as_=world.agent, unique_id="call 1")
    assert agreed.task.type == "REQUESTED_FROM_AGENT"


async def test_the_call_gives_its_number_and_its_stay_is_marked_as_rescheduled(
    world: World,
) -> None:  # dial-machine sections 4 and 8
    entry_id = await _answered(world)
    at = soon()
    agreed = await world.schedule(as_=world.agent, at=at, unique_id="call 1")
    assert (agreed.task.number, agreed.task.unique_id) == (OFFICE, "call 1")
    entry = await world.entry()
    assert entry is not None
    assert entry.id != entry_id
    assert (entry.callback_unique_id, entry.list_id) == ("call 1", world.list_id)
    final = (await world.finals())[-1]
    assert (final.entry_id, final.is_rescheduled, final.rescheduled_at) == (entry_id, True, at)


async def _answered(world: World) -> int:
    """Ada's stay as it is after she answered at the office."""
    entry = await world.entry()
    assert entry is not None
    async with world.database.transaction(world.viewer.tenant_id) as session:
        session.add(
            FinalResult(
                campaign_id=world.campaign_id,
                contact_id=world.contact_id,
                entry_id=entry.id,
                reason="REACHED",
                total_attempts=1,
                closed_at=datetime.now(UTC),
            )
        )
        await session.delete(await session.get_one(HopperEntry, entry.id))
    await world.rows(
        "INSERT INTO call_attempts (campaign_id, contact_id, list_id, entry_id, round, position, "
        "number, status, unique_id, started_at, ended_at, policy_version, agent_id) "
        "VALUES ($1, $2, $3, $4, 1, 1, $5, 'ANSWER', 'call 1', now(), now(), 1, $6)",
        world.campaign_id,
        world.contact_id,
        world.list_id,
        entry.id,
        OFFICE,
        world.agent.user_id,
    )
    return entry.id


async def test_a_local_time_is_read_in_its_zone_and_one_that_spring_leaves_out_is_refused(
    world: World,
) -> None:
    rome = ZoneInfo("Europe/Rome")
    noon = datetime(YEAR, 7, 1, 12, tzinfo=rome)
    local = await world.schedule(at=f"{YEAR}-07-01T12:00", ends_at=f"{YEAR}-07-01T18:30")
    assert local.task.starts_at == noon
    assert local.task.ends_at - local.task.starts_at == timedelta(hours=6, minutes=30)
    elsewhere = await world.schedule(at=f"{YEAR}-07-01T12:00", time_zone="America/New_York")
    assert elsewhere.task.starts_at == noon + timedelta(hours=6)
    assert elsewhere.task.time_zone == "America/New_York"
    # The person's own zone goes before the campaign's.
    await world.rows("UPDATE contacts SET time_zone = 'Asia/Tokyo'")
    assert (await world.schedule(at=f"{YEAR}-07-01T12:00")).task.time_zone == "Asia/Tokyo"

    skipped, twice = _clock_changes(rome)
    with refusals() as told:
        await world.schedule(at=skipped.isoformat(), time_zone="Europe/Rome")
    assert told == [("TIME_SKIPPED", "localAt")]
    autumn = await world.schedule(at=twice.isoformat(), time_zone="Europe/Rome")
    first_of_two = twice.replace(tzinfo=rome, fold=0).astimezone(UTC)
    assert autumn.task.starts_at == first_of_two


def _clock_changes(zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Next year's half past two that does not exist, and the one that exists twice."""
    changes = []
    for day in range(365):
        local = datetime(YEAR, 1, 1, 2, 30) + timedelta(days=day)  # noqa: DTZ001 # a wall clock
        offsets = {local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
        if len(offsets) == 2:
            changes.append(local)
    assert len(changes) == 2
    return changes[0], changes[1]


async def test_what_is_no_callback_is_refused_on_its_field(
    world: World, new_tenant: MakeTenant
) -> None:
    past, year = soon(-2), f"{YEAR}-01-04T09:00"
    stranger = await make_viewer(world.database, await new_tenant(), Role.AGENT)
    idle = await make_viewer(world.database, world.viewer.tenant_id, Role.AGENT)
    other = PreferenceType.OTHER
    for given, wanted in (
        ({"at": past}, [("IN_THE_PAST", "at")]),
        ({"at": soon(), "ends_at": soon(30)}, [("BEFORE_START", "endsAt")]),
        ({"at": soon(), "ends_at": soon(60)}, [("BEFORE_START", "endsAt")]),
        ({"at": datetime(YEAR, 1, 4, 9)}, [("INVALID", "at")]),  # noqa: DTZ001 # no instant
        ({"at": "tomorrow"}, [("INVALID", "localAt")]),
        ({"at": f"{year}Z"}, [("INVALID", "localAt")]),
        ({"at": "9999-12-31T23:59"}, [("INVALID", "localAt")]),
        ({"at": year, "ends_at": "never"}, [("INVALID", "localEndsAt")]),
        ({"at": datetime.max.replace(tzinfo=UTC)}, [("OUT_OF_RANGE", "at")]),
        ({"at": soon(), "ends_at": datetime(1, 1, 1, tzinfo=UTC)}, [("OUT_OF_RANGE", "endsAt")]),
        ({"at": year, "time_zone": "Europe/Atlantis"}, [("UNKNOWN_TIMEZONE", "timeZone")]),
        ({"number": "+390699999999"}, [("NOT_FOUND", "number")]),
        ({"number": "nobody"}, [("INVALID_NUMBER", "number")]),
        ({"preference": other}, [("REQUIRED", "agentId")]),
        ({"preference": PreferenceType.PREFER_ME}, [("REQUIRED", "agentId")]),
        ({"agent_id": world.agent.user_id}, [("INVALID", "agentId")]),
        ({"preference": other, "agent_id": stranger.user_id}, [("NOT_FOUND", "agentId")]),
        ({"preference": other, "agent_id": world.viewer.user_id}, [("NOT_FOUND", "agentId")]),
        ({"preference": other, "agent_id": idle.user_id}, [("NOT_ASSIGNED", "agentId")]),
        ({"threshold_minutes": -1}, [("OUT_OF_RANGE", "thresholdMinutes")]),
        ({"early_minutes": 100_000}, [("OUT_OF_RANGE", "earlyMinutes")]),
        ({"note": "x" * 2_001}, [("TOO_LONG", "note")]),
        ({"unique_id": "no call"}, [("NOT_FOUND", "uniqueId")]),
        (
            {"at": past, "number": "0", "preference": other},
            [("INVALID_NUMBER", "number"), ("IN_THE_PAST", "at"), ("REQUIRED", "agentId")],
        ),
    ):
        with refusals() as told:
            await world.schedule(**given)
        assert told == wanted, given
    entry = await world.entry()
    assert entry is not None
    assert (await world.tasks(), entry.state) == ([], "READY")


async def test_numbers_that_are_set_aside_are_no_callback(world: World) -> None:  # C-08
    async with world.database.transaction(world.viewer.tenant_id) as session:
        await session.execute(update(AdditionalPhone).values(state="EXCLUDED"))
    with refusals() as told:
        await world.schedule(number=OFFICE)
    assert told == [("WRONG_STATE", "number")]
    assert (await world.schedule()).task.number == HOME


async def test_nothing_is_scheduled_at_or_after_the_end_of_the_campaign(world: World) -> None:
    ends = soon(120)
    async with world.database.transaction(world.viewer.tenant_id) as session:
        await session.execute(update(Campaign).values(ends_at=ends))
    with refusals() as told:
        await world.schedule(at=ends)
    assert told == [("AFTER_END", "at")]
    assert (await world.schedule(at=soon(60))).task.ends_at == ends
    await world.rows("UPDATE campaigns SET state = 'ENDED'")
    with refusals() as told:
        await world.schedule(at=soon(60))
    assert told == [("WRONG_STATE", "campaignId")]


async def test_nobody_schedules_under_a_call_that_is_up(world: World) -> None:
    await world.rows(
        "UPDATE hopper_entries SET state = 'DIALING', claim_token = gen_random_uuid(), "
        "claimed_at = now(), state_before_claim = 'READY', lease_until = now() + interval '1 h'"
    )
    with refusals() as told:
        await world.schedule()
    assert told == [("WRONG_STATE", "contactId")]


async def test_who_does_not_see_the_contact_or_the_campaign_finds_neither(
    world: World, new_tenant: MakeTenant
) -> None:
    database, tenant_id = world.database, world.viewer.tenant_id
    idle = await make_viewer(database, tenant_id, Role.AGENT)
    foreign = await make_viewer(database, await new_tenant())
    async with database.transaction(tenant_id) as session:
        other = await make_campaign(session, world.viewer, "Other")
    for viewer, campaign_id, contact_id, wanted in (
        (idle, world.campaign_id, world.contact_id, "campaignId"),
        (world.agent, other.id, world.contact_id, "campaignId"),
        (world.viewer, 0, world.contact_id, "campaignId"),
        (world.viewer, world.campaign_id, 0, "contactId"),
        (foreign, world.campaign_id, world.contact_id, "campaignId"),
    ):
        with refusals() as told:
            async with database.transaction(viewer.tenant_id) as session:
                await make_callback(session, viewer, campaign_id, contact_id)
        assert told == [("NOT_FOUND", wanted)]


async def test_a_time_outside_the_hours_is_scheduled_with_a_warning(world: World) -> None:
    async with world.database.transaction(world.viewer.tenant_id) as session:
        edit = campaigns.CampaignEdit(window_from=time(9), window_to=time(18))
        await campaigns.edit_campaign(session, world.viewer, world.campaign_id, edit)
    inside, night = f"{YEAR}-07-01T12:00", f"{YEAR}-07-01T20:00"
    assert (await world.schedule(at=inside)).warnings == ()
    assert (await world.schedule(at=night)).warnings == (CallbackWarning.OUTSIDE_HOURS,)
    short = {"at": night, "ends_at": f"{YEAR}-07-01T21:00"}
    assert (await world.schedule(**short)).warnings == (CallbackWarning.NEVER_ALLOWED,)
    async with world.database.transaction(world.viewer.tenant_id) as session:
        await opt_out(session, world.viewer, OptOutInput(contact_id=world.contact_id))
    assert (await world.schedule(at=inside)).warnings == (CallbackWarning.BLOCKED,)
    await world.rows("DELETE FROM blacklist_entries")
    only = {"preference": PreferenceType.ONLY_ME, "agent_id": world.agent.user_id}
    assert (await world.schedule(at=inside, **only)).warnings == (CallbackWarning.NO_AGENTS,)


async def test_it_is_audited(world: World) -> None:
    scheduled = await world.schedule()
    async with world.database.transaction(world.viewer.tenant_id) as session:
        found = await session.scalars(select(Event).where(Event.name == "task.scheduled"))
        event = found.one()
    assert (event.subject_id, event.user_id) == (scheduled.task.id, world.viewer.user_id)
    assert event.data["contact_id"] == world.contact_id


@pytest.mark.parametrize("minutes", [0, 5])
async def test_a_start_in_the_present_minute_is_now(world: World, minutes: int) -> None:
    at = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=minutes)
    assert (await world.schedule(CallbackInput(at=at))).task.starts_at == at
