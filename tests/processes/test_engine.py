# SPDX-License-Identifier: Apache-2.0
"""The engine under any handler: retries, poison, refusals, stopping, kinds (C-11, F3, F21)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from time import perf_counter

import asyncpg
import pytest
from sqlalchemy import func, select, update

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.processes import MOST_TRIES, ProcessKind
from server.models import Event, Process
from server.processes import engine, run_processes, worker
from server.processes.engine import Chunk, Handler
from server.services.processes import Attempt, Counts, add_process
from tests.factories.imports import look, until_moving, until_over

Apply = Callable[[asyncpg.Connection], Awaitable[Counts]]


@pytest.fixture(autouse=True)
async def at_once(
    database: Database, tenant: int, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """Retries do not wait; what a test leaves open is no work for another test's worker."""
    monkeypatch.setattr(engine, "retry_delay", lambda tries: 0.0)
    monkeypatch.setattr(worker, "POLL", timedelta(seconds=0.2))
    yield
    async with database.transaction(tenant) as session:
        await session.execute(update(Process).values(state="CANCELLED"))


@asynccontextmanager
async def working(
    database: Database, handler: Handler
) -> AsyncIterator[tuple[asyncio.Event, "asyncio.Task[None]"]]:
    """A worker that does imports by this handler."""
    stop = asyncio.Event()
    handlers = {ProcessKind.IMPORT: handler}
    task = asyncio.create_task(run_processes(database, stop, handlers=handlers))
    try:
        yield stop, task
    finally:
        stop.set()
        await task


async def started(database: Database, viewer: Viewer, kind: str = "IMPORT") -> Process:
    async with database.transaction(viewer.tenant_id) as session:
        return await add_process(session, Process(kind=kind))


async def mark(connection: asyncpg.Connection) -> Counts:
    """A row to be seen for each chunk that is done."""
    await connection.execute("INSERT INTO events (name) VALUES ('mark')")
    return Counts(succeeded=1)


async def marks(database: Database, viewer: Viewer) -> int:
    async with database.transaction(viewer.tenant_id) as session:
        return await session.scalar(select(func.count()).where(Event.name == "mark")) or 0


async def test_a_handler_that_always_fails_is_given_up_and_others_go_on(
    database: Database, viewer: Viewer
) -> None:  # F21
    poison, tries = await started(database, viewer), 0

    async def handle(_: Database, attempt: Attempt) -> AsyncGenerator[Chunk, None]:
        nonlocal tries
        if attempt.process_id == poison.id:
            tries += 1
            raise RuntimeError("poison")
        yield Chunk(apply=mark, work={})

    async with working(database, handle):
        good = await started(database, viewer)
        assert (await until_over(database, viewer, good.id)).state == "FINISHED"
        over = await until_over(database, viewer, poison.id)
    assert (over.state, over.error_code, tries) == ("FAILED", "GAVE_UP", MOST_TRIES)
    assert await marks(database, viewer) == 1


async def test_a_failed_chunk_is_rolled_back_and_done_again_once(
    database: Database, viewer: Viewer
) -> None:  # F12
    seen: list[object] = []

    async def handle(_: Database, attempt: Attempt) -> AsyncGenerator[Chunk, None]:
        seen.append(attempt.work)

        async def apply(connection: asyncpg.Connection) -> Counts:
            counts = await mark(connection)
            if len(seen) == 1:
                raise RuntimeError("once")
            return counts

        if not attempt.work:
            yield Chunk(apply=mark, work={"at": 1}, total=2)
        yield Chunk(apply=apply, work={"at": 2})

    process = await started(database, viewer)
    async with working(database, handle):
        over = await until_over(database, viewer, process.id)
    assert (over.state, over.done, over.total) == ("FINISHED", 2, 2)
    assert seen == [{}, {"at": 1}]
    assert await marks(database, viewer) == 2


async def test_a_refusal_fails_the_process_at_once(database: Database, viewer: Viewer) -> None:
    async def handle(_: Database, __: Attempt) -> AsyncGenerator[Chunk, None]:
        yield Chunk(apply=mark, work={})
        raise DomainError(ErrorCode.NOT_FOUND, "listId")

    process = await started(database, viewer)
    async with working(database, handle):
        over = await until_over(database, viewer, process.id)
    assert (over.state, over.error_code, over.error_field) == ("FAILED", "NOT_FOUND", "listId")
    assert (over.succeeded, over.fence, await marks(database, viewer)) == (1, 1, 1)


async def test_a_worker_leaves_alone_what_it_cannot_do(database: Database, viewer: Viewer) -> None:
    async def handle(_: Database, __: Attempt) -> AsyncGenerator[Chunk, None]:
        yield Chunk(apply=mark, work={})

    unknown = await started(database, viewer, "SOMETHING_NEWER")
    async with working(database, handle):
        known = await started(database, viewer)
        await until_over(database, viewer, known.id)
    seen = await look(database, viewer, unknown.id)
    assert (seen.state, seen.fence) == ("PENDING", 0)


async def test_a_worker_stops_at_the_end_of_a_chunk(database: Database, viewer: Viewer) -> None:
    async def handle(_: Database, __: Attempt) -> AsyncGenerator[Chunk, None]:
        while True:
            yield Chunk(apply=mark, work={})

    process = await started(database, viewer)
    async with working(database, handle) as (stop, task):
        await until_moving(database, viewer, process.id)
        stop.set()
        await asyncio.wait_for(task, 5)
    seen = await look(database, viewer, process.id)
    assert (seen.state, seen.done) == ("RUNNING", await marks(database, viewer))
    assert seen.checkpoint["tries"] == 0


async def test_a_worker_stops_within_ten_seconds_though_a_chunk_hangs(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:  # F3
    monkeypatch.setattr("server.processes.worker.GRACE", 0.5)
    hanging = asyncio.Event()

    async def hang(connection: asyncpg.Connection) -> Counts:
        await mark(connection)
        hanging.set()
        await connection.execute("SELECT pg_sleep(20)")
        return Counts(succeeded=1)

    async def handle(_: Database, __: Attempt) -> AsyncGenerator[Chunk, None]:
        yield Chunk(apply=hang, work={})

    process = await started(database, viewer)
    async with working(database, handle) as (stop, task):
        await asyncio.wait_for(hanging.wait(), 10)
        began = perf_counter()
        stop.set()
        await task
    assert perf_counter() - began < 4
    assert (await look(database, viewer, process.id)).done == 0
    assert await marks(database, viewer) == 0


async def test_two_workers_share_the_work(database: Database, viewer: Viewer) -> None:
    done: list[int] = []

    async def handle(_: Database, attempt: Attempt) -> AsyncGenerator[Chunk, None]:
        yield Chunk(apply=mark, work={})
        done.append(attempt.process_id)

    ids = [(await started(database, viewer)).id for _ in range(10)]
    async with working(database, handle), working(database, handle):
        for process_id in ids:
            assert (await until_over(database, viewer, process_id)).fence == 1
    assert sorted(done) == ids
    assert await marks(database, viewer) == 10
