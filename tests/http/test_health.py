# SPDX-License-Identifier: Apache-2.0
"""`/healthz` knows only the process, `/readyz` the database and its migrations (F20)."""

import asyncio

import pytest

from server.database import Database
from server.database.migrations import FOLDER, is_behind
from server.http import healthz, readyz
from tests.conftest import as_owner
from tests.http.conversations import Caller


async def test_an_alive_process_says_so_without_a_database() -> None:
    async with Caller(healthz) as caller:
        answer = await caller.get("/healthz")
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert (await caller.head("/healthz")).content == b""
        assert (await caller.post("/healthz")).status_code == 405


async def test_a_migrated_database_is_ready(database: Database) -> None:
    async with Caller(readyz(database, is_behind)) as caller:
        answer = await caller.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n")


@pytest.mark.parametrize(
    ("revision", "status"),
    [("2026_11_21_access", 503), (None, 503), ("2099_01_01_of_a_newer_program", 200)],
)
async def test_tables_of_an_older_program_are_not_ready_those_of_a_newer_one_are(
    own_database: str, revision: str | None, status: int
) -> None:  # F13
    assert (FOLDER / "versions" / "2026_11_21_access.py").exists()
    async with as_owner(own_database) as owner:
        if revision is None:
            await owner.execute("DELETE FROM alembic_version")
        else:
            await owner.execute("UPDATE alembic_version SET version_num = $1", revision)
    found = Database(own_database, pool_size=1)
    await found.start()
    try:
        async with Caller(readyz(found, is_behind)) as caller:
            answer = await caller.get("/readyz")
    finally:
        await found.stop()
    assert answer.status_code == status
    assert ("not migrated" in answer.text, "retry-after" in answer.headers) == (
        status == 503,
        status == 503,
    )


async def test_no_free_connection_is_not_ready_soon(own_database: str) -> None:  # F20
    crowded = Database(own_database, pool_size=1)
    await crowded.start()
    try:
        async with crowded.connection(None), Caller(readyz(crowded, is_behind)) as caller:
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
    async with Caller(readyz(gone, is_behind)) as caller:
        assert (await caller.get("/readyz")).status_code == 503
