# SPDX-License-Identifier: Apache-2.0
"""One PostgreSQL for a test run, one database a worker, a fresh tenant for each test: all real."""

import asyncio
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import pytest
from hypothesis import settings

from server.database import Database, of_database
from server.database.embedded import ServerHold, server_status, stop_server
from server.database.migrations import migrate

RUN = (os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"alone{os.getpid()}")[:16]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
ENOUGH_MEMORY = 4 * 1024**3
TEMPLATE = f"rubrica_{RUN}"
_count = itertools.count(1)

# An example takes as long as the machine is busy with others.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

MakeDatabase = Callable[[], Awaitable[str]]
MakeTenant = Callable[[], Awaitable[int]]


def scratch() -> Path:
    """Where test databases are made: in memory where there is enough of it.

    Not in pytest's own folder: that is private, and root's server runs as another user.
    """
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ENOUGH_MEMORY:
        return memory
    return Path(tempfile.gettempdir())


def _sweep() -> None:
    """Remove what runs that were killed have left, which in memory would be missed."""
    for left in scratch().glob("rubrica-tests-*"):
        with suppress(OSError):
            old = left.stat().st_mtime < time.time() - 3600
            if old and not server_status(left / "data").in_use:
                stop_server(left / "data")
                shutil.rmtree(left)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL shared by the workers of this run; `TEST_DATABASE_URL` names another one.

    The last worker out stops and removes the embedded one, which is made to be fast and not safe.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    _sweep()
    folder = scratch() / f"rubrica-tests-{RUN}"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    hold = ServerHold(folder / "data", durable=False)
    yield hold.take()
    if hold.release():
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def as_owner(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that row-level security does not bind, for preparing and for looking behind."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture(scope="session")
async def template(server_url: str) -> AsyncIterator[str]:
    """The database that the migrations built once in this run; the last worker removes it."""
    async with as_owner(server_url) as admin:
        await admin.execute("SELECT pg_advisory_lock(1)")
        if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE):
            await admin.execute(f"CREATE DATABASE {TEMPLATE}_new TEMPLATE template0")
            await asyncio.to_thread(migrate, of_database(server_url, f"{TEMPLATE}_new"))
            await admin.execute(f"ALTER DATABASE {TEMPLATE}_new RENAME TO {TEMPLATE}")
        await admin.execute("SELECT pg_advisory_lock_shared(hashtext($1))", TEMPLATE)
        await admin.execute("SELECT pg_advisory_unlock(1)")
        yield TEMPLATE
        await admin.execute("SELECT pg_advisory_unlock_shared(hashtext($1))", TEMPLATE)
        if await admin.fetchval("SELECT pg_try_advisory_lock(hashtext($1))", TEMPLATE):
            await admin.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")


@asynccontextmanager
async def _database(server_url: str, name: str, template: str) -> AsyncIterator[str]:
    async with as_owner(server_url) as admin:
        # Two workers cannot copy one template at the same time.
        await admin.execute("SELECT pg_advisory_lock(2)")
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield of_database(server_url, name)
    async with as_owner(server_url) as admin:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
async def database_url(server_url: str, template: str) -> AsyncIterator[str]:
    """The owner's URL of this worker's database."""
    async with _database(server_url, f"{TEMPLATE}_{WORKER}", template) as url:
        yield url


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    """The worker's database as the application sees it."""
    found = Database(database_url, pool_size=5)
    await found.start()
    yield found
    await found.stop()


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """The worker's database as its owner, for raw checks behind row-level security."""
    async with as_owner(database_url) as connection:
        yield connection


@pytest.fixture
async def new_tenant(database: Database) -> MakeTenant:
    """A function that makes a further tenant; row-level security keeps the tests apart."""

    async def make() -> int:
        name = f"tenant {next(_count)}"
        rows = await database.read(
            None, "INSERT INTO tenants (name) VALUES ($1) RETURNING id", name
        )
        return int(rows[0]["id"])

    return make


@pytest.fixture
async def tenant(new_tenant: MakeTenant) -> int:
    """The id of a tenant that nobody has used."""
    return await new_tenant()


@pytest.fixture
async def empty_database(server_url: str) -> AsyncIterator[str]:
    """The owner's URL of a database without any table."""
    async with _database(server_url, f"{TEMPLATE}_{WORKER}_{next(_count)}", "template0") as url:
        yield url


@pytest.fixture
async def own_database(server_url: str, template: str) -> AsyncIterator[str]:
    """The owner's URL of a migrated database that one test may damage."""
    async with _database(server_url, f"{TEMPLATE}_{WORKER}_{next(_count)}", template) as url:
        yield url
