# SPDX-License-Identifier: Apache-2.0
"""Scheduled tasks that change: edited in the office, given to another agent (C-35, C-37)."""

from datetime import timedelta

from server.domain.permissions import Role, Viewer
from server.domain.tasks import PreferenceType
from server.models import ScheduledTask
from server.services.tasks import CallbackEdit, Reassigned, Scheduled, edit_task, reassign_tasks
from tests.conftest import MakeTenant
from tests.factories.refusals import refusals
from tests.factories.tasks import soon
from tests.factories.users import make_viewer
from tests.services.tasks.conftest import HOME, OFFICE, World

DIALING = (
    "UPDATE hopper_entries SET state = 'DIALING', claim_token = gen_random_uuid(), "
    "claimed_at = now(), state_before_claim = state, lease_until = now() + interval '1 h'"
)


async def edit(
    world: World, task: ScheduledTask, as_: Viewer | None = None, **given: object
) -> Scheduled:
    async with world.database.transaction(world.viewer.tenant_id) as session:
        wanted = CallbackEdit(**given)  # type: ignore[arg-type]
        return await edit_task(session, as_ or world.viewer, task.id, wanted)


async def reassign(world: World, agent_id: int | None, *tasks: ScheduledTask) -> Reassigned:
    async with world.database.transaction(world.viewer.tenant_id) as session:
        return await reassign_tasks(session, world.viewer, [task.id for task in tasks], agent_id)


async def test_a_change_moves_the_stay_and_is_scheduled_by_a_user(world: World) -> None:  # C-35
    task = (await world.schedule(as_=world.agent, number=OFFICE)).task
    assert task.type == "SCHEDULED_BY_AGENT"
    await world.rows("UPDATE hopper_phones SET no_answer = 2")
    await world.rows("UPDATE hopper_entries SET state = 'WAIT_RETRY', bucket = 3, round = 3")
    at = soon(600)
    changed = (await edit(world, task, at=at, version=task.version)).task
    assert (changed.starts_at, changed.type) == (at, "SCHEDULED_BY_USER")
    assert changed.ends_at - changed.starts_at == timedelta(days=1)  # it goes along
    assert changed.version == task.version + 1
    entry = await world.entry()
    assert entry is not None
    assert (entry.state, entry.bucket, entry.scheduled_at) == ("WAIT_CALLBACK", 1, at)
    assert (entry.callback_until, entry.round) == (changed.ends_at, 1)
    assert await world.numbers() == [(OFFICE, 0)]
    changed = (await edit(world, task, number=HOME, note="At home")).task
    assert (changed.number, changed.note, await world.numbers()) == (HOME, "At home", [(HOME, 0)])
    assert changed.starts_at == at


async def test_what_is_left_out_stays_and_counters_with_it(world: World) -> None:
    task = (await world.schedule(number=OFFICE)).task
    await world.rows("UPDATE scheduled_tasks SET starts_at = starts_at - interval '2 hours'")
    await world.rows("UPDATE hopper_phones SET no_answer = 2")
    changed = (await edit(world, task, note="Later", early_minutes=5)).task  # a start gone by
    assert (changed.note, changed.early_minutes, changed.number) == ("Later", 5, OFFICE)
    assert await world.numbers() == [(OFFICE, 2)]
    later = changed.ends_at + timedelta(hours=3)
    assert (await edit(world, task, ends_at=later)).task.ends_at == later
    entry = await world.entry()
    assert entry is not None
    assert entry.callback_until == later


async def test_whom_it_is_for_can_change(world: World) -> None:  # C-36
    task = (await world.schedule()).task
    other = {"preference": PreferenceType.OTHER, "agent_id": world.colleague.user_id}
    changed = (await edit(world, task, **other)).task
    assert (changed.preference, changed.agent_id) == ("OTHER", world.colleague.user_id)
    entry = await world.entry()
    assert entry is not None
    assert (entry.owner_id, entry.is_owner_only) == (world.colleague.user_id, True)
    changed = (await edit(world, task, preference=PreferenceType.ANYONE)).task
    assert (changed.preference, changed.agent_id) == ("ANYONE", None)
    entry = await world.entry()
    assert entry is not None
    assert (entry.owner_id, entry.is_owner_only) == (None, False)


async def test_what_cannot_be_changed_is_refused(world: World, new_tenant: MakeTenant) -> None:
    task = (await world.schedule()).task
    stranger = await make_viewer(world.database, await new_tenant())
    idle = await make_viewer(world.database, world.viewer.tenant_id, Role.AGENT)
    for given, wanted in (
        ({"at": soon(-5)}, ("IN_THE_PAST", "at")),
        ({"ends_at": soon(5)}, ("BEFORE_START", "endsAt")),
        ({"at": "2027-13-01T09:00"}, ("INVALID", "localAt")),
        ({"number": "+390699999999"}, ("NOT_FOUND", "number")),
        ({"time_zone": "Nowhere"}, ("UNKNOWN_TIMEZONE", "timeZone")),
        ({"preference": PreferenceType.OTHER}, ("REQUIRED", "agentId")),
        (
            {"preference": PreferenceType.OTHER, "agent_id": idle.user_id},
            ("NOT_ASSIGNED", "agentId"),
        ),
        ({"version": task.version + 5}, ("CONFLICT", "version")),
    ):
        with refusals() as told:
            await edit(world, task, **given)
        assert told == [wanted], given
    for viewer in (stranger, idle):
        with refusals() as told:
            async with world.database.transaction(viewer.tenant_id) as session:
                await edit_task(session, viewer, task.id, CallbackEdit(note="Mine"))
        assert told == [("NOT_FOUND", "id")]
    await world.rows(DIALING)
    with refusals() as told:
        await edit(world, task, note="Now")
    assert told == [("WRONG_STATE", "id")]
    await world.rows("UPDATE scheduled_tasks SET closed_at = now(), entry_id = NULL")
    with refusals() as told:
        await edit(world, task, note="Too late")
    assert told == [("WRONG_STATE", "id")]
    assert (await world.tasks())[0].note == ""


async def test_an_expired_task_waits_again_with_a_new_time(world: World) -> None:
    task = (await world.schedule(number=OFFICE)).task
    await world.rows(
        "UPDATE scheduled_tasks SET entry_id = NULL, starts_at = now() - interval '3 days', "
        "ends_at = now() - interval '2 days'"
    )
    await world.rows("DELETE FROM hopper_phones")
    await world.rows("DELETE FROM hopper_entries")
    with refusals() as told:
        await edit(world, task, note="Only a note")
    assert told == [("IN_THE_PAST", "at")]
    at = soon()
    changed = (await edit(world, task, at=at)).task
    entry = await world.entry()
    assert entry is not None
    assert (changed.entry_id, entry.scheduled_at, entry.is_callback) == (entry.id, at, True)
    assert await world.numbers() == [(OFFICE, 0)]


async def test_reassigned_tasks_go_to_an_agent_of_their_campaign(world: World) -> None:  # C-37
    task = (await world.schedule()).task
    assert await reassign(world, world.colleague.user_id, task) == Reassigned(reassigned=1)
    [changed] = await world.tasks()
    assert (changed.agent_id, changed.preference) == (world.colleague.user_id, "OTHER")
    assert changed.type == "SCHEDULED_BY_USER"
    entry = await world.entry()
    assert entry is not None
    assert (entry.owner_id, entry.is_owner_only) == (world.colleague.user_id, True)
    # Those that were for one agent stay of their kind.
    await world.rows("UPDATE scheduled_tasks SET preference = 'PREFER_ME'")
    await reassign(world, world.agent.user_id, task)
    [changed] = await world.tasks()
    assert (changed.agent_id, changed.preference) == (world.agent.user_id, "PREFER_ME")
    await reassign(world, None, task)
    [changed] = await world.tasks()
    assert (changed.agent_id, changed.preference) == (None, "ANYONE")
    entry = await world.entry()
    assert entry is not None
    assert (entry.owner_id, entry.is_owner_only) == (None, False)


async def test_who_does_not_work_there_is_refused_and_calls_that_are_up_are_left(
    world: World, new_tenant: MakeTenant
) -> None:  # C-37
    task = (await world.schedule()).task
    idle = await make_viewer(world.database, world.viewer.tenant_id, Role.AGENT)
    stranger = await make_viewer(world.database, await new_tenant(), Role.AGENT)
    for agent_id, wanted in (
        (idle.user_id, ("NOT_ASSIGNED", "agentId")),
        (stranger.user_id, ("NOT_FOUND", "agentId")),
        (world.viewer.user_id, ("NOT_FOUND", "agentId")),
    ):
        with refusals() as told:
            await reassign(world, agent_id, task)
        assert told == [wanted]
    missing = ScheduledTask(id=task.id + 1_000)
    with refusals() as told:
        await reassign(world, world.agent.user_id, task, missing)
    assert told == [("NOT_FOUND", "ids.1")]
    await world.rows(DIALING)
    assert await reassign(world, world.agent.user_id, task) == Reassigned(in_call=1)
    assert (await world.tasks())[0].agent_id is None
