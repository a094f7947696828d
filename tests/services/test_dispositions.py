# SPDX-License-Identifier: Apache-2.0
"""Dispositions: kept in up to three levels, and what follows a call that gets one (section 4)."""

from sqlalchemy import select

from server.domain.campaigns import CallStatus
from server.domain.dispositions import DispositionAction
from server.domain.gate import GateRule
from server.domain.permissions import Role, Viewer
from server.models import BlacklistEntry, CallAttempt, CallNote, Disposition
from server.services.dispositions import (
    Disposed,
    DispositionEdit,
    DispositionInput,
    create_disposition,
    delete_disposition,
    dispose_call,
    edit_disposition,
    seed_dispositions,
)
from server.services.tasks import CallbackInput
from tests.conftest import MakeTenant
from tests.factories.campaigns import make_campaign
from tests.factories.refusals import refusals
from tests.factories.tasks import soon
from tests.factories.users import make_viewer
from tests.services.dialer.centre import Centre
from tests.services.gate.asking import AskingCentre
from tests.services.gate.asking import refusals as refused_by
from tests.services.tasks.conftest import OFFICE, World
from tests.services.tasks.conftest import world as world  # a fixture

CLOSE, RECALL = DispositionAction.CLOSE, DispositionAction.RECALL
REFUSE = DispositionAction.REFUSE
RESCHEDULE, OPT_OUT = DispositionAction.RESCHEDULE, DispositionAction.OPT_OUT


async def make(world: World, name: str, action: DispositionAction = CLOSE, **given: int) -> int:
    async with world.database.transaction(world.viewer.tenant_id) as session:
        wanted = DispositionInput(name=name, action=action, **given)  # type: ignore[arg-type]
        return (await create_disposition(session, world.viewer, wanted)).id


async def called(world: World, status: CallStatus = CallStatus.ANSWER) -> int:
    """Ada's first call, with this result; the id of its attempt."""
    centre = Centre(world.database, world.viewer.tenant_id)
    await centre.rows("UPDATE campaigns SET state = 'RUNNING'")
    call = await centre.claim_one(world.campaign_id, soon(0.5))
    await centre.report(call, status, soon(0.5), unique_id=f"call {call.entry_id}")
    return await centre.value("SELECT max(id) FROM call_attempts")


async def dispose(
    world: World, attempt_id: int, disposition_id: int, as_: Viewer | None = None, **given: object
) -> Disposed:
    async with world.database.transaction(world.viewer.tenant_id) as session:
        return await dispose_call(
            session,
            as_ or world.agent,
            attempt_id,
            disposition_id,
            **given,  # type: ignore[arg-type]
        )


async def attempts(world: World) -> list[CallAttempt]:
    async with world.database.transaction(world.viewer.tenant_id) as session:
        return list(await session.scalars(select(CallAttempt).order_by(CallAttempt.id)))


async def test_a_centre_without_any_begins_with_some_in_its_own_words(world: World) -> None:
    async with world.database.transaction(world.viewer.tenant_id) as session:
        seeded = await seed_dispositions(session, world.viewer, lambda name: f"~{name}")
        assert seeded == await seed_dispositions(session, world.viewer) + 13
        rows = list(await session.scalars(select(Disposition).order_by(Disposition.id)))
        top = [(row.name, row.action) for row in rows if row.parent_id is None]
    assert top == [
        ("~Success", "CLOSE"),
        ("~Call back", "RECALL"),
        ("~Call back, any agent", "RESCHEDULE"),
        ("~Not interested", "REFUSE"),
        ("~Wrong person", "CLOSE"),
        ("~Wrong number", "CLOSE"),
        ("~Does not want to be called", "OPT_OUT"),
    ]
    beneath = [row.name for row in rows if row.parent_id == rows[3].id]
    assert beneath == ["~Too expensive", "~Has another supplier", "~No need"]


async def test_they_are_kept_in_three_levels_with_names_that_differ_among_siblings(
    world: World, new_tenant: MakeTenant
) -> None:
    sale = await make(world, "Sale", campaign_id=world.campaign_id)
    yearly = await make(world, "Yearly", parent_id=sale)
    paid = await make(world, "Paid at once", parent_id=yearly)
    await make(world, "Yearly", parent_id=yearly)  # another level, another thing
    with refusals() as told:
        await make(world, "Deeper", parent_id=paid)
    assert told == [("OUT_OF_RANGE", "parentId")]
    with refusals() as told:
        await make(world, "  SALE ", campaign_id=world.campaign_id)
    assert told == [("TAKEN", "name")]
    assert await make(world, "Sale") != sale  # the centre's
    stranger = await make_viewer(world.database, await new_tenant())
    for given, wanted in (
        (DispositionInput(name=" "), ("REQUIRED", "name")),
        (DispositionInput(name="A", parent_id=0), ("NOT_FOUND", "parentId")),
        (DispositionInput(name="A", campaign_id=0), ("NOT_FOUND", "campaignId")),
        (DispositionInput(name="A", position=-1), ("OUT_OF_RANGE", "position")),
    ):
        with refusals() as told:
            async with world.database.transaction(world.viewer.tenant_id) as session:
                await create_disposition(session, world.viewer, given)
        assert told == [wanted]
    with refusals() as told:
        async with world.database.transaction(stranger.tenant_id) as session:
            await edit_disposition(session, stranger, sale, DispositionEdit(name="Mine"))
    assert told == [("NOT_FOUND", "id")]
    async with world.database.transaction(world.viewer.tenant_id) as session:
        row = await edit_disposition(session, world.viewer, sale, DispositionEdit(name="Sold"))
        assert (row.name, row.version, row.campaign_id) == ("Sold", 2, world.campaign_id)
    with refusals() as told:
        async with world.database.transaction(world.viewer.tenant_id) as session:
            await edit_disposition(session, world.viewer, sale, DispositionEdit(version=1))
    assert told == [("CONFLICT", "version")]
    async with world.database.transaction(world.viewer.tenant_id) as session:
        deleted = await delete_disposition(session, world.viewer, sale)
        assert (deleted.name, deleted.beneath) == ("Sold", 3)


async def test_who_declined_is_left_alone_for_sixty_days_by_the_french_policy(
    world: World,
) -> None:
    """Reliability 5: whichever campaign calls, until the disposition is corrected."""
    centre = AskingCentre(world.database, world.viewer.tenant_id)
    attempt = await called(world)
    call = (await attempts(world))[0]
    french = await centre.loaded(call.contact_id, policies=["FR_DECREE"])

    async def reasons() -> set[GateRule]:
        return refused_by(await centre.ask(french, call.contact_id, OFFICE, call.ended_at))

    assert GateRule.REFUSAL not in await reasons()
    await dispose(world, attempt, await make(world, "Not interested", REFUSE))
    assert GateRule.REFUSAL in await reasons()
    await centre.rows(
        "UPDATE hopper_entries SET held_until = 'infinity', hold_rule = 'REFUSAL', "
        "hold_version = 0 WHERE campaign_id = $1",
        french,
    )
    await dispose(world, attempt, await make(world, "Sale"))
    assert GateRule.REFUSAL not in await reasons()
    assert await centre.rows("SELECT held_until FROM hopper_entries") == [(None,)]
    await dispose(world, attempt, await make(world, "Never", OPT_OUT))
    assert GateRule.REFUSAL in await reasons()


async def test_a_disposition_stands_on_the_call_and_by_level_on_the_final_result(
    world: World,
) -> None:  # section 8, C-07
    no = await make(world, "Not interested")
    costs = await make(world, "Too expensive", parent_id=no)
    attempt_id = await called(world)
    await dispose(world, attempt_id, costs, comment=" Prefers hers ", tags=["price"])
    [attempt] = await attempts(world)
    assert (attempt.disposition, attempt.is_edited) == ("Not interested / Too expensive", False)
    [final] = await world.finals()
    levels = (final.disposition_1, final.disposition_2, final.disposition_3)
    assert levels == ("Not interested", "Too expensive", None)
    assert (final.reason, final.is_rescheduled) == ("REACHED", False)
    async with world.database.transaction(world.viewer.tenant_id) as session:
        [note] = await session.scalars(select(CallNote))
    assert (note.attempt_id, note.comment, note.tags) == (attempt_id, "Prefers hers", ["price"])
    # A correction is told on the history's row.
    await dispose(world, attempt_id, no)
    [attempt] = await attempts(world)
    assert (attempt.disposition, attempt.is_edited) == ("Not interested", True)
    assert attempt.edited_at is not None
    assert (await world.finals())[0].disposition_2 is None


async def test_recall_calls_back_on_the_number_that_was_reached_by_the_same_agent(
    world: World,
) -> None:  # section 4: CONNECTED -> DISPOSITION
    await world.rows("UPDATE hopper_entries SET current_number = $1, current_position = 1", OFFICE)
    recall = await make(world, "Call back", RECALL)
    attempt_id = await called(world)
    at = soon(90)
    disposed = await dispose(world, attempt_id, recall, callback=CallbackInput(at=at))
    assert disposed.callback is not None
    task = disposed.callback.task
    assert (task.number, task.preference, task.agent_id) == (
        OFFICE,
        "PREFER_ME",
        world.agent.user_id,
    )
    assert (task.type, task.starts_at) == ("REQUESTED_FROM_AGENT", at)
    [final] = await world.finals()
    assert (final.is_rescheduled, final.rescheduled_at, final.disposition_1) == (
        True,
        at,
        "Call back",
    )
    entry = await world.entry()
    assert entry is not None
    assert (entry.owner_id, entry.is_owner_only) == (world.agent.user_id, False)
    assert await world.numbers() == [(OFFICE, 0)]


async def test_reschedule_is_for_anyone_and_a_time_is_needed(world: World) -> None:
    again = await make(world, "Later", RESCHEDULE)
    attempt_id = await called(world)
    with refusals() as told:
        await dispose(world, attempt_id, again)
    assert told == [("REQUIRED", "callback")]
    with refusals() as told:
        await dispose(world, attempt_id, again, callback=CallbackInput(at=soon(-5)))
    assert told == [("IN_THE_PAST", "callback.at")]
    assert (await attempts(world))[0].disposition is None
    disposed = await dispose(world, attempt_id, again, callback=CallbackInput(at=soon()))
    assert disposed.callback is not None
    assert disposed.callback.task.preference == "ANYONE"
    sale = await make(world, "Sale")
    with refusals() as told:
        await dispose(world, attempt_id, sale, callback=CallbackInput(at=soon()))
    assert told == [("INVALID", "callback")]


async def test_a_correction_takes_the_callback_back(world: World) -> None:
    recall, sale = await make(world, "Call back", RECALL), await make(world, "Sale")
    attempt_id = await called(world)
    await dispose(world, attempt_id, recall, callback=CallbackInput(at=soon()))
    await dispose(world, attempt_id, sale)
    [task] = await world.tasks()
    assert (task.close_reason, task.entry_id, await world.entry()) == ("MANUAL", None, None)
    first, second = await world.finals()
    assert (first.disposition_1, first.is_rescheduled) == ("Sale", False)
    assert (second.reason, second.is_callback) == ("MANUAL", True)


async def test_closing_a_call_that_was_not_answered_ends_its_stay(world: World) -> None:
    wrong, attempt_id = await make(world, "Wrong person"), await called(world, CallStatus.BUSY)
    assert await world.entry() is not None
    await dispose(world, attempt_id, wrong)
    assert await world.entry() is None
    [final] = await world.finals()
    assert (final.reason, final.disposition_1) == ("MANUAL", "Wrong person")


async def test_who_does_not_want_to_be_called_is_blocked(world: World) -> None:
    never, attempt_id = await make(world, "Never", OPT_OUT), await called(world)
    disposed = await dispose(world, attempt_id, never)
    assert disposed.opted_out is not None
    async with world.database.transaction(world.viewer.tenant_id) as session:
        [row] = await session.scalars(select(BlacklistEntry))
    assert (row.contact_id, row.is_opt_out, row.is_everywhere) == (world.contact_id, True, True)


async def test_an_agent_disposes_of_their_own_calls_with_what_the_campaign_offers(
    world: World,
) -> None:
    attempt_id = await called(world)
    async with world.database.transaction(world.viewer.tenant_id) as session:
        other = await make_campaign(session, world.viewer, "Other")
    sale = await make(world, "Sale")
    elsewhere = await make(world, "Elsewhere", campaign_id=other.id)
    idle = await make_viewer(world.database, world.viewer.tenant_id, Role.AGENT)
    await _give(world, attempt_id)
    for viewer, disposition, wanted in (
        (idle, sale, "attemptId"),
        (world.colleague, sale, "attemptId"),
        (world.agent, elsewhere, "dispositionId"),
        (world.viewer, elsewhere, "dispositionId"),
        (world.viewer, 0, "dispositionId"),
    ):
        with refusals() as told:
            await dispose(world, attempt_id, disposition, viewer)
        assert told == [("NOT_FOUND", wanted)]
    await dispose(world, attempt_id, sale, world.agent)


async def _give(world: World, attempt_id: int) -> None:
    """The history's rows are told once: only their owner could say another agent."""
    from tests.conftest import as_owner

    async with as_owner(world.database.url) as owner:
        await owner.execute(
            "UPDATE call_attempts SET agent_id = $2 WHERE id = $1", attempt_id, world.agent.user_id
        )
