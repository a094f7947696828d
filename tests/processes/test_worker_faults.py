# SPDX-License-Identifier: Apache-2.0
"""Imports whose workers are killed, frozen or cut off end with exactly their rows (F12)."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from subprocess import Popen
from time import perf_counter

import asyncpg
import pytest
from structlog.testing import capture_logs

from server.database import Database
from server.domain.permissions import Viewer
from server.models import Process
from server.processes import run_processes
from server.services.imports import ImportInput
from tests.conftest import as_owner
from tests.factories.imports import (
    NEW_LIST,
    begin_import,
    look,
    until_moving,
    until_over,
    upload,
)
from tests.factories.item_types import make_item_type
from tests.factories.users import make_viewer
from tests.processes.workers import CHUNK_ROWS, start_worker

ROWS = 12_000
PEOPLE = "Nome,Telefono,Office\n" + "".join(
    f"Person {n},06{n:07},{f'07{n:07}' if n % 2 else 'none' if n % 1000 == 0 else ''}\n"
    for n in range(ROWS)
)
REFUSED = ROWS // 1000
Start = Callable[[], "Popen[bytes]"]


@pytest.fixture
async def alone(own_database: str) -> AsyncIterator[tuple[Database, Viewer]]:
    """A database of the test's own, and who imports there."""
    database = Database(own_database, pool_size=3)
    await database.start()
    rows = await database.read(None, "INSERT INTO tenants (name) VALUES ('a') RETURNING id")
    yield database, await make_viewer(database, rows[0]["id"])
    await database.stop()


@pytest.fixture
def start(own_database: str) -> Iterator[Start]:
    """Starts worker processes; those still there at the end are killed."""
    started: list[Popen[bytes]] = []

    def begin() -> "Popen[bytes]":
        started.append(start_worker(own_database))
        return started[-1]

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


async def begun(database: Database, viewer: Viewer) -> Process:
    async with database.transaction(viewer.tenant_id) as session:
        await make_item_type(session, viewer, "Office")
    file = await upload(database, viewer, PEOPLE)
    return await begin_import(database, viewer, replace(NEW_LIST, file_id=file.id))


async def check_exactly_once(url: str, process: Process) -> None:
    """Each row came in once or is among the refused ones, and the counts say so."""
    assert (process.state, process.total, process.done) == ("FINISHED", ROWS, ROWS)
    assert (process.succeeded, process.failed, process.skipped) == (ROWS - REFUSED, REFUSED, 0)
    async with as_owner(url) as owner:
        names = [row[0] for row in await owner.fetch("SELECT first_name FROM contacts ORDER BY id")]
        assert names == [f"Person {n}" for n in range(ROWS) if n % 1000]
        lines = await owner.fetch("SELECT line FROM process_rejections ORDER BY line")
        assert [row[0] for row in lines] == [n + 2 for n in range(0, ROWS, 1000)]
        assert await owner.fetchval("SELECT count(*) FROM additional_phones") == ROWS // 2
        members = "SELECT count(*) FROM list_members WHERE list_id = $1"
        assert await owner.fetchval(members, process.list_id) == ROWS - REFUSED


async def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(
    alone: tuple[Database, Viewer], own_database: str, start: Start
) -> None:  # F12
    database, viewer = alone
    process = await begun(database, viewer)
    chance, kills = random.Random(), 0
    for _ in range(4):
        before = await look(database, viewer, process.id)
        worker = start()
        await until_fence(database, viewer, process.id, before.fence)
        await asyncio.sleep(chance.uniform(0, 0.5))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        seen = await look(database, viewer, process.id)
        kills += seen.state == "RUNNING"
        assert seen.done % CHUNK_ROWS == 0
    start()
    await check_exactly_once(own_database, await until_over(database, viewer, process.id))
    assert kills > 0


async def test_a_frozen_workers_late_chunk_is_refused(
    alone: tuple[Database, Viewer], own_database: str, start: Start
) -> None:  # F11, F12
    database, viewer = alone
    process = await begun(database, viewer)
    first = start()
    before = await until_moving(database, viewer, process.id)
    first.send_signal(signal.SIGSTOP)
    start()
    await until_fence(database, viewer, process.id, before.fence)
    first.send_signal(signal.SIGCONT)
    await check_exactly_once(own_database, await until_over(database, viewer, process.id))


async def test_a_stopped_worker_ends_soon_and_another_goes_on(
    alone: tuple[Database, Viewer], own_database: str, start: Start
) -> None:  # F3
    database, viewer = alone
    process = await begun(database, viewer)
    worker = start()
    await until_moving(database, viewer, process.id)
    began = perf_counter()
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 10) == 0
    assert perf_counter() - began < 10
    seen = await look(database, viewer, process.id)
    assert (seen.state, seen.checkpoint["tries"]) == ("RUNNING", 0)
    assert 0 < seen.done < ROWS
    start()
    await check_exactly_once(own_database, await until_over(database, viewer, process.id))


async def test_an_import_goes_on_when_its_connections_come_back(
    alone: tuple[Database, Viewer], own_database: str, start: Start
) -> None:  # F4, F6, F23
    database, viewer = alone
    process = await begun(database, viewer)
    start()
    await until_moving(database, viewer, process.id)
    async with as_owner(own_database) as owner:
        for _ in range(5):
            await cut_all(owner)
            await asyncio.sleep(0.3)
    over = await until_over(database, viewer, process.id)
    await check_exactly_once(own_database, over)
    # The queue was found again too: the next import starts without the sweep.
    given = ImportInput(file_id=over.file_id or 0, list_name="Again")
    again = await begin_import(database, viewer, given)
    await until_over(database, viewer, again.id, within=30)


async def cut_all(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


async def until_fence(database: Database, viewer: Viewer, process_id: int, above: int) -> None:
    async with asyncio.timeout(20):
        while True:
            process = await look(database, viewer, process_id)
            if process.fence > above or process.state not in ("PENDING", "RUNNING"):
                return
            await asyncio.sleep(0.01)


async def test_an_outage_is_logged_once_and_not_once_a_try(own_database: str) -> None:  # F19
    async with as_owner(own_database) as owner:
        name = await owner.fetchval("SELECT current_database()")
        await owner.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    cut_off = Database(own_database, pool_size=2)
    await cut_off.start()
    stop = asyncio.Event()
    with capture_logs() as logs:
        task = asyncio.create_task(run_processes(cut_off, stop))
        await asyncio.sleep(2.5)  # five tries
        stop.set()
        await task
    await cut_off.stop()
    lost = [each["reason"] for each in logs if each["event"] == "processes.queue_lost"]
    assert len(lost) == 1, lost
    assert "read-only" in lost[0]
