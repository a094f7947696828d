# SPDX-License-Identifier: Apache-2.0
"""Processes as rows: who sees them, how they are cancelled, what fences them (C-10 to C-13)."""

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import func, select

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Role, Viewer
from server.domain.processes import FOLLOWING, MOST_TRIES, ProcessState, may_become, retry_delay
from server.models import Event, Process
from server.services.processes import (
    Attempt,
    Counts,
    SupersededError,
    add_process,
    begin_attempt,
    cancel_process,
    fail_attempt,
    find_process,
    finish_attempt,
    leave_attempt,
    process_topic,
    queue_missing,
    record_chunk,
    visible_processes,
)
from tests.conftest import MakeTenant
from tests.factories.imports import look
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def pending(database: Database, viewer: Viewer, due_in: float = -1) -> Process:
    """A process of a kind that no worker does."""
    async with database.transaction(viewer.tenant_id) as session:
        at = await session.scalar(select(func.clock_timestamp() + timedelta(seconds=due_in)))
        return await add_process(session, Process(kind="TEST", scheduled_at=at))


async def begin(database: Database, process: Process) -> Attempt | None:
    async with database.transaction(process.tenant_id) as session:
        return await begin_attempt(session, process.id)


async def begun(database: Database, process: Process) -> Attempt:
    attempt = await begin(database, process)
    assert attempt is not None
    return attempt


async def chunk(database: Database, attempt: Attempt, *, name: str = "chunk") -> None:
    """One chunk that leaves a row to be seen."""
    async with database.connection(attempt.tenant_id) as connection:
        await connection.execute("INSERT INTO events (name) VALUES ($1)", name)
        await record_chunk(connection, attempt, Counts(succeeded=2, failed=1), {"at": 3}, 9)


async def queued(owner: asyncpg.Connection, process: Process) -> int:
    key = f"process:{process.id}"
    return int(await owner.fetchval("SELECT count(*) FROM pgqueuer WHERE dedupe_key = $1", key))


def test_only_open_states_have_followers() -> None:  # C-11, C-13
    assert {state for state, after in FOLLOWING.items() if after} == {
        ProcessState.PENDING,
        ProcessState.RUNNING,
    }
    assert may_become(ProcessState.PENDING, ProcessState.CANCELLED)
    assert not may_become(ProcessState.FINISHED, ProcessState.CANCELLED)
    assert [retry_delay(tries) for tries in (1, 2, 5, 99)] == [1, 2, 16, 30]


async def test_chunks_move_the_counts_and_the_checkpoint(
    database: Database, viewer: Viewer
) -> None:  # C-12
    process = await pending(database, viewer)
    attempt = await begun(database, process)
    await chunk(database, attempt)
    await chunk(database, attempt)
    seen = await look(database, viewer, process.id)
    assert (seen.state, seen.done, seen.succeeded, seen.failed, seen.total) == (
        "RUNNING",
        6,
        4,
        2,
        9,
    )
    assert (await begun(database, process)).work == {"at": 3}


async def test_a_late_twin_is_refused_and_its_chunk_rolled_back(
    database: Database, viewer: Viewer
) -> None:  # F11, F12
    process = await pending(database, viewer)
    late = await begun(database, process)
    current = await begun(database, process)
    assert current.fence == late.fence + 1
    with pytest.raises(SupersededError):
        await chunk(database, late, name="late")
    async with database.transaction(viewer.tenant_id) as session:
        with pytest.raises(SupersededError):
            await finish_attempt(session, late)
        with pytest.raises(SupersededError):
            await fail_attempt(session, late, DomainError(ErrorCode.INVALID))
        assert await session.scalar(select(func.count()).where(Event.name == "late")) == 0
    await chunk(database, current)
    assert (await look(database, viewer, process.id)).done == 3


async def test_cancelling_a_pending_process_keeps_it_from_starting(
    database: Database, viewer: Viewer
) -> None:  # C-13
    process = await pending(database, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        cancelled = await cancel_process(session, viewer, process.id)
    assert (cancelled.state, cancelled.done) == ("CANCELLED", 0)
    assert cancelled.finished_at is not None
    assert await begin(database, process) is None


async def test_cancelling_a_running_process_refuses_the_chunk_in_hand(
    database: Database, viewer: Viewer
) -> None:  # C-13
    process = await pending(database, viewer)
    attempt = await begun(database, process)
    await chunk(database, attempt)
    async with database.transaction(viewer.tenant_id) as session:
        await cancel_process(session, viewer, process.id)
    with pytest.raises(SupersededError):
        await chunk(database, attempt)
    seen = await look(database, viewer, process.id)
    assert (seen.state, seen.done) == ("CANCELLED", 3)
    assert await begin(database, process) is None


async def test_what_is_over_cannot_be_cancelled(database: Database, viewer: Viewer) -> None:  # C-13
    process = await pending(database, viewer)
    attempt = await begun(database, process)
    async with database.transaction(viewer.tenant_id) as session:
        await finish_attempt(session, attempt)
    with refusals() as told:
        async with database.transaction(viewer.tenant_id) as session:
            await cancel_process(session, viewer, process.id)
    assert told == [("WRONG_STATE", "id")]
    assert (await look(database, viewer, process.id)).state == "FINISHED"


async def test_poison_is_parked_after_five_tries_that_did_nothing(
    database: Database, viewer: Viewer
) -> None:  # F21
    process = await pending(database, viewer)
    await chunk(database, await begun(database, process))
    for _ in range(MOST_TRIES):
        await begun(database, process)
    assert await begin(database, process) is None
    seen = await look(database, viewer, process.id)
    assert (seen.state, seen.error_code, seen.error_params) == (
        "FAILED",
        "GAVE_UP",
        {"tries": MOST_TRIES},
    )


async def test_stopping_in_good_order_and_waiting_for_the_database_are_no_tries(
    database: Database, viewer: Viewer
) -> None:
    process = await pending(database, viewer)
    for _ in range(MOST_TRIES + 3):
        attempt = await begun(database, process)
        async with database.transaction(viewer.tenant_id) as session:
            await leave_attempt(session, attempt)
    for _ in range(MOST_TRIES + 3):
        async with database.transaction(viewer.tenant_id) as session:
            assert await begin_attempt(session, process.id, is_resumed=True) is not None


async def test_a_failure_keeps_its_reason(database: Database, viewer: Viewer) -> None:  # C-11
    process = await pending(database, viewer)
    attempt = await begun(database, process)
    error = DomainError(ErrorCode.COLUMN_MISSING, "mapping.phone", column="Tel")
    async with database.transaction(viewer.tenant_id) as session:
        await fail_attempt(session, attempt, error)
    seen = await look(database, viewer, process.id)
    assert (seen.state, seen.error_code, seen.error_field, seen.error_params) == (
        "FAILED",
        "COLUMN_MISSING",
        "mapping.phone",
        {"column": "Tel"},
    )


async def test_a_process_does_not_begin_before_its_time(
    database: Database, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    process = await pending(database, viewer, due_in=3600)
    assert await begin(database, process) is None
    wait = await owner.fetchval(
        "SELECT execute_after - now() FROM pgqueuer WHERE dedupe_key = $1", f"process:{process.id}"
    )
    assert timedelta(minutes=59) < wait <= timedelta(hours=1)


async def test_open_processes_that_the_queue_lost_are_queued_again(
    database: Database, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    process, cancelled = await pending(database, viewer), await pending(database, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        await cancel_process(session, viewer, cancelled.id)
        assert await queue_missing(session) == 0
    keys = [f"process:{process.id}", f"process:{cancelled.id}"]
    await owner.execute("DELETE FROM pgqueuer WHERE dedupe_key = ANY($1::text[])", keys)
    async with database.transaction(viewer.tenant_id) as session:
        assert await queue_missing(session) == 1
        assert await queue_missing(session) == 0
    assert (await queued(owner, process), await queued(owner, cancelled)) == (1, 0)


async def test_a_process_that_is_not_stored_is_not_queued(
    database: Database, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    before = await owner.fetchval("SELECT count(*) FROM pgqueuer")
    async with database.transaction(viewer.tenant_id) as session:
        await add_process(session, Process(kind="TEST"))
        await session.rollback()
    assert await owner.fetchval("SELECT count(*) FROM pgqueuer") == before


async def test_each_change_is_told(database: Database, viewer: Viewer) -> None:
    process = await pending(database, viewer)
    heard: list[str] = []
    end = await database.listen(process_topic(process.id), heard.append)
    attempt = await begun(database, process)
    await chunk(database, attempt)
    async with database.transaction(viewer.tenant_id) as session:
        await finish_attempt(session, attempt)
    async with database.transaction(viewer.tenant_id) as session:
        events = await session.scalars(select(Event.name).order_by(Event.id))
        assert list(events) == ["chunk", "process.finished"]
    for _ in range(50):
        if "FINISHED" in heard:
            break
        await look(database, viewer, process.id)
    end()
    assert heard == ["RUNNING", "RUNNING", "FINISHED"]


async def test_an_agent_and_a_foreigner_see_no_process(
    database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:  # C-10, D9
    process = await pending(database, viewer)
    agent = replace(viewer, role=Role.AGENT)
    foreigner = await make_viewer(database, await new_tenant())
    for other in (agent, foreigner):
        async with database.transaction(other.tenant_id) as session:
            assert list(await session.scalars(visible_processes(other))) == []
            with refusals() as told:
                await find_process(session, other, process.id)
            with refusals() as told_again:
                await cancel_process(session, other, process.id)
        assert told == told_again == [("NOT_FOUND", "id")]
    assert (await look(database, viewer, process.id)).state == "PENDING"
