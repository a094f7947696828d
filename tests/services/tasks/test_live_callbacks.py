# SPDX-License-Identifier: Apache-2.0
"""Callbacks as they are dialed: when, on which number, and what failures do (sections 4, 6, 7)."""

from datetime import datetime, timedelta

from server.domain.campaigns import CallStatus
from server.domain.dispositions import DispositionAction
from server.domain.tasks import PreferenceType
from server.services.dialer import Claimed
from server.services.dispositions import DispositionInput, create_disposition, dispose_call
from server.services.tasks import CallbackInput, expire_tasks
from tests.factories.tasks import soon
from tests.services.dialer.centre import Centre
from tests.services.tasks.conftest import HOME, OFFICE, World

BUSY, NO_ANSWER = CallStatus.BUSY, CallStatus.NO_ANSWER


async def at_work(world: World) -> Centre:
    """The campaign runs; others of its list wait as fresh ones, at numbers of their own."""
    centre = Centre(world.database, world.viewer.tenant_id)
    await centre.rows("UPDATE campaigns SET state = 'RUNNING'")
    await centre.rows("UPDATE retry_settings SET minutes = 10")
    return centre


async def others(world: World, centre: Centre, count: int) -> None:
    people = [await centre.contact(f"+39061111{place:04}") for place in range(count)]
    await centre.attach(world.campaign_id, await centre.list_of(*people), soon(-60))


async def recall_at_the_office(world: World, centre: Centre, at: datetime) -> None:
    """Ada answers on her second number and asks to be called at that time."""
    await centre.rows("UPDATE hopper_entries SET current_number = $1, current_position = 1", OFFICE)
    call = await centre.claim_one(world.campaign_id, soon(0.5))
    await centre.report(call, CallStatus.ANSWER, soon(0.5))
    attempt_id = await centre.value("SELECT max(id) FROM call_attempts")
    async with world.database.transaction(world.viewer.tenant_id) as session:
        given = DispositionInput(name="Call back", action=DispositionAction.RESCHEDULE)
        disposition = await create_disposition(session, world.viewer, given)
        wanted = CallbackInput(at=at, ends_at=at + timedelta(hours=3))
        await dispose_call(session, world.agent, attempt_id, disposition.id, callback=wanted)


def dialed(calls: list[Claimed]) -> list[str]:
    return [call.number for call in calls]


async def test_a_recall_is_dialed_at_its_time_on_the_number_reached_and_first_of_all(
    world: World,
) -> None:  # section 4, section 7 bucket 1
    centre, at = await at_work(world), soon(60)
    await recall_at_the_office(world, centre, at)
    await others(world, centre, 5)
    # A retry and a next number are due as well, of higher priority and for longer.
    await centre.rows(
        "UPDATE hopper_entries SET state = 'WAIT_NEXT_PHONE', bucket = 2, priority = 1 "
        "WHERE current_number = '+390611110001'"
    )
    await centre.rows(
        "UPDATE hopper_entries SET state = 'WAIT_RETRY', bucket = 3 "
        "WHERE current_number = '+390611110002'"
    )
    early = await centre.claim(world.campaign_id, at - timedelta(seconds=1), 1)
    assert dialed(early) == ["+390611110001"]  # not before
    on_time = await centre.claim(world.campaign_id, at, 2)
    assert dialed(on_time) == [OFFICE, "+390611110002"]
    assert on_time[0].attempts_made == 0
    await centre.report(on_time[0], CallStatus.ANSWER, at)
    rows = await centre.rows(
        "SELECT decision, status FROM call_attempts WHERE number = $1 ORDER BY id", OFFICE
    )
    assert rows[-1] == ("WAIT_CALLBACK", "ANSWER")
    [task] = await world.tasks()
    assert (task.entry_id, task.close_reason) == (None, "REACHED")
    finals = [final for final in await world.finals() if final.contact_id == world.contact_id]
    assert [(final.is_callback, final.is_rescheduled) for final in finals] == [
        (False, True),
        (True, False),
    ]


async def test_a_callback_that_fails_tries_its_number_only_and_closes_when_it_is_exhausted(
    world: World,
) -> None:  # section 6 row 11
    centre, at = await at_work(world), soon(60)
    await recall_at_the_office(world, centre, at)
    moment, made = at, []
    for _ in range(3):  # three of a kind is the limit
        [call] = await centre.claim(world.campaign_id, moment)
        made.append(call.number)
        await centre.report(call, NO_ANSWER, moment)
        moment += timedelta(minutes=10)
    assert made == [OFFICE] * 3
    assert await centre.claim(world.campaign_id, moment) == []
    assert await world.entry() is None
    final = (await world.finals())[-1]
    assert (final.reason, final.is_callback, final.number, final.total_attempts) == (
        "RETRY_EXCEEDED",
        True,
        OFFICE,
        3,
    )
    [task] = await world.tasks()
    assert (task.close_reason, task.entry_id) == ("RETRY_EXCEEDED", None)


async def test_after_its_end_it_is_never_dialed_even_before_the_worker_has_looked(
    world: World,
) -> None:  # C-34
    centre, at = await at_work(world), soon(60)
    await recall_at_the_office(world, centre, at)
    ends = at + timedelta(hours=3)
    assert await centre.claim(world.campaign_id, ends + timedelta(seconds=1)) == []
    async with world.database.connection(world.viewer.tenant_id) as connection:
        expired = await expire_tasks(connection, world.campaign_id, ends + timedelta(seconds=1))
    assert expired.closed == 1
    assert await centre.claim(world.campaign_id, ends - timedelta(seconds=1)) == []


async def test_at_its_very_end_it_is_still_dialed(world: World) -> None:  # C-34
    centre, at = await at_work(world), soon(60)
    await recall_at_the_office(world, centre, at)
    assert dialed(await centre.claim(world.campaign_id, at + timedelta(hours=3))) == [OFFICE]


async def test_a_retry_that_falls_after_the_end_is_not_made(world: World) -> None:  # C-34
    centre, at = await at_work(world), soon(60)
    await recall_at_the_office(world, centre, at)
    late = at + timedelta(hours=2, minutes=55)
    [call] = await centre.claim(world.campaign_id, late)
    await centre.report(call, BUSY, late)
    assert await centre.claim(world.campaign_id, late + timedelta(minutes=10)) == []


async def test_one_for_an_agent_waits_for_that_agent(world: World) -> None:  # C-36
    centre = await at_work(world)
    await centre.rows("UPDATE campaigns SET kind = 'QUEUE', mode = 'PROGRESSIVE'")
    at = soon(60)
    other = {"preference": PreferenceType.OTHER, "agent_id": world.colleague.user_id}
    await world.schedule(at=at, **other)
    [entry] = await centre.rows("SELECT owner_id, is_owner_only, scheduled_at FROM hopper_entries")
    assert entry == (world.colleague.user_id, True, at)
    assert await centre.claim(world.campaign_id, at) == []  # for nobody in particular


async def test_a_callback_on_a_number_that_is_edited_away_ends(world: World) -> None:
    from server.services.contacts import ContactEdit, edit_contact

    await world.schedule(number=OFFICE)
    async with world.database.transaction(world.viewer.tenant_id) as session:
        await edit_contact(
            session, world.viewer, world.contact_id, ContactEdit(additional_phones=[])
        )
    [task] = await world.tasks()
    assert (task.entry_id, task.close_reason) == (None, "NO_DIALABLE_PHONE")
    assert await world.entry() is None


async def test_a_new_number_does_not_join_a_callback(world: World) -> None:
    from server.services.contacts import ContactEdit, edit_contact

    await world.schedule(number=OFFICE)
    async with world.database.transaction(world.viewer.tenant_id) as session:
        await edit_contact(session, world.viewer, world.contact_id, ContactEdit(phone="0612345999"))
    assert await world.numbers() == [(OFFICE, 0)]
    assert HOME not in [number for number, _ in await world.numbers()]
