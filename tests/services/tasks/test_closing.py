# SPDX-License-Identifier: Apache-2.0
"""Callbacks that end without a call: closed, expired, or with their stay (C-34, C-38)."""

import pytest

from server.domain.dialer import FinalReason
from server.services import campaigns
from server.services.contacts import delete_contact
from server.services.dialer import Closed, close_entries
from server.services.tasks import (
    ClosedTasks,
    close_campaign_tasks,
    close_tasks,
    expire_tasks,
    reopen_tasks,
)
from tests.factories.contacts import make_contact
from tests.factories.refusals import refusals
from tests.factories.tasks import make_callback, shift, soon
from tests.services.tasks.conftest import OFFICE, World
from tests.services.tasks.test_changing import DIALING


async def several(world: World, count: int) -> list[int]:
    """Callbacks of so many more contacts; their tasks' ids."""
    ids = []
    async with world.database.transaction(world.viewer.tenant_id) as session:
        for place in range(count):
            contact = await make_contact(
                session, world.viewer, phone=f"+39061111{place:04}", list_ids=[world.list_id]
            )
            made = await make_callback(session, world.viewer, world.campaign_id, contact.id)
            ids.append(made.task.id)
    return ids


async def close_all(world: World) -> ClosedTasks:
    async with world.database.transaction(world.viewer.tenant_id) as session:
        return await close_campaign_tasks(session, world.viewer, world.campaign_id)


async def expire(world: World) -> Closed:
    async with world.database.connection(world.viewer.tenant_id) as connection:
        return await expire_tasks(connection, world.campaign_id)


async def test_one_is_closed_with_its_stay(world: World) -> None:  # C-38
    task = (await world.schedule()).task
    async with world.database.transaction(world.viewer.tenant_id) as session:
        done = await close_tasks(session, world.viewer, [task.id])
    assert (done.closed, done.in_call) == (1, 0)
    assert await world.entry() is None
    [closed] = await world.tasks()
    assert (closed.close_reason, closed.entry_id) == ("MANUAL", None)
    assert closed.closed_at is not None
    [final] = await world.finals()
    assert (final.reason, final.is_callback) == ("MANUAL", True)
    with refusals() as told:
        async with world.database.transaction(world.viewer.tenant_id) as session:
            await close_tasks(session, world.viewer, [task.id])
    assert told == [("NOT_FOUND", "ids.0")]


async def test_all_of_a_campaign_close_at_once_and_can_come_back(world: World) -> None:  # C-38
    await several(world, 4)
    expired = (await world.schedule()).task
    async with world.database.connection(world.viewer.tenant_id) as connection:
        await shift(connection, expired.id, -3 * 24 * 60)
    await expire(world)
    done = await close_all(world)
    assert (done.closed, done.in_call) == (5, 0)
    assert {task.closed_at for task in await world.tasks()} == {done.closed_at}
    assert await world.rows("SELECT count(*) FROM hopper_entries") == [(0,)]
    assert done.closed_at is not None
    async with world.database.transaction(world.viewer.tenant_id) as session:
        back = await reopen_tasks(session, world.viewer, world.campaign_id, done.closed_at)
    assert back == 5
    tasks = await world.tasks()
    assert [task.closed_at for task in tasks] == [None] * 5
    assert [task.entry_id is None for task in tasks] == [False] * 4 + [True]  # it has expired
    rows = await world.rows("SELECT DISTINCT state, bucket, is_callback FROM hopper_entries")
    assert rows == [("WAIT_CALLBACK", 1, True)]
    with refusals() as told:
        async with world.database.transaction(world.viewer.tenant_id) as session:
            await reopen_tasks(session, world.viewer, world.campaign_id, done.closed_at)
    assert told == [("NOT_FOUND", "closedAt")]


async def test_who_is_open_again_meanwhile_is_not_reopened(world: World) -> None:
    await world.schedule()
    done = await close_all(world)
    assert done.closed_at is not None
    newer = (await world.schedule(at=soon(500))).task
    async with world.database.transaction(world.viewer.tenant_id) as session:
        back = await reopen_tasks(session, world.viewer, world.campaign_id, done.closed_at)
    assert back == 0
    assert [task.closed_at is None for task in await world.tasks()] == [False, True]
    entry = await world.entry()
    assert entry is not None
    assert entry.id == newer.entry_id


async def test_a_call_that_is_up_closes_at_its_end(world: World) -> None:  # C-38
    await world.schedule()
    await world.rows(DIALING)
    done = await close_all(world)
    assert (done.closed, done.in_call) == (0, 1)
    entry = await world.entry()
    assert entry is not None
    assert entry.close_after_call == "MANUAL"
    assert (await world.tasks())[0].closed_at is None


async def test_after_its_end_a_task_has_left_the_hopper_and_is_shown_as_expired(
    world: World,
) -> None:  # C-34
    task = (await world.schedule(number=OFFICE)).task
    assert await expire(world) == Closed()
    async with world.database.connection(world.viewer.tenant_id) as connection:
        await shift(connection, task.id, -24 * 60 - 61)
    assert await expire(world) == Closed(closed=1)
    assert await world.entry() is None
    [expired] = await world.tasks()
    assert (expired.entry_id, expired.closed_at, expired.close_reason) == (None, None, None)
    [final] = await world.finals()
    assert (final.reason, final.is_callback) == ("CALLBACK_EXPIRED", True)
    assert await expire(world) == Closed()


async def test_a_call_that_is_up_when_its_end_passes_is_let_go_on(world: World) -> None:
    task = (await world.schedule()).task
    await world.rows(DIALING)
    async with world.database.connection(world.viewer.tenant_id) as connection:
        await shift(connection, task.id, -3 * 24 * 60)
    assert await expire(world) == Closed(in_call=1)
    assert await expire(world) == Closed()  # told once
    entry = await world.entry()
    assert entry is not None
    assert (entry.state, entry.close_after_call) == ("DIALING", "CALLBACK_EXPIRED")


@pytest.mark.parametrize("reason", [reason for reason in FinalReason if reason != "MERGED"])
async def test_whatever_ends_the_stay_ends_the_task(world: World, reason: FinalReason) -> None:
    await world.schedule()
    async with world.database.transaction(world.viewer.tenant_id) as session:
        await close_entries(session, reason, contact_ids=[world.contact_id])
    [task] = await world.tasks()
    wanted = None if reason is FinalReason.CALLBACK_EXPIRED else reason.value
    assert (task.entry_id, task.close_reason) == (None, wanted)
    assert (task.closed_at is None) == (wanted is None)


async def test_a_list_that_leaves_takes_its_callbacks_and_one_that_starts_afresh_none(
    world: World,
) -> None:
    await world.schedule()
    async with world.database.transaction(world.viewer.tenant_id) as session:
        await campaigns.reset_list(session, world.viewer, world.campaign_id, world.list_id)
    entry = await world.entry()
    assert entry is not None
    assert (entry.is_callback, (await world.tasks())[0].entry_id) == (True, entry.id)
    async with world.database.transaction(world.viewer.tenant_id) as session:
        await campaigns.detach_lists(session, world.viewer, world.campaign_id, [world.list_id])
    assert (await world.tasks())[0].close_reason == "LIST_DETACHED"


async def test_a_deleted_contact_is_not_called_back(world: World) -> None:
    await world.schedule()
    async with world.database.transaction(world.viewer.tenant_id) as session:
        await delete_contact(session, world.viewer, world.contact_id)
    assert await world.entry() is None
    assert [task.closed_at is None for task in await world.tasks()] in ([], [False])


async def test_the_end_of_the_campaign_closes_its_callbacks(world: World) -> None:
    await world.schedule()
    await world.rows("UPDATE campaigns SET state = 'RUNNING', ends_at = now() - interval '1 s'")
    from server.services.dialer import close_ended

    async with world.database.connection(world.viewer.tenant_id) as connection:
        await close_ended(connection, world.campaign_id)
    assert (await world.tasks())[0].close_reason == "CAMPAIGN_ENDED"
