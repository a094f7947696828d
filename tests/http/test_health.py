# SPDX-License-Identifier: Apache-2.0
"""`/healthz` knows only the process, `/readyz` the database and its migrations (F20)."""

import asyncio

from server.database import Database
from server.database.migrations import head
from server.http import healthz, readyz
from tests.http.conversations import Caller


async def test_an_alive_process_says_so_without_a_database() -> None:
    async with Caller(healthz) as caller:
        answer = await caller.get("/healthz")
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert (await caller.head("/healthz")).content == b""
        assert (await caller.post("/healthz")).status_code == 405


async def test_a_migrated_database_is_ready(database: Database) -> None:
    async with Caller(readyz(database, head)) as caller:
        answer = await caller.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n")


async def test_another_version_of_the_tables_is_not_ready(database: Database) -> None:
    async with Caller(readyz(database, lambda: "2099_01_01_later")) as caller:
        answer = await caller.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert "not migrated" in answer.text


async def test_no_free_connection_is_not_ready_soon(own_database: str) -> None:  # F20
    crowded = Database(own_database, pool_size=1)
    await crowded.start()
    try:
        async with crowded.connection(None), Caller(readyz(crowded, head)) as caller:
            async with asyncio.timeout(4):
                answer = await caller.get("/readyz")
            assert answer.status_code == 503
            assert "connection" not in answer.text
    finally:
        await crowded.stop()


async def test_a_database_that_is_gone_is_not_ready(own_database: str) -> None:
    gone = Database(own_database, pool_size=1)
    await gone.start()
    await gone.stop()
    async with Caller(readyz(gone, head)) as caller:
        assert (await caller.get("/readyz")).status_code == 503
