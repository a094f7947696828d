# SPDX-License-Identifier: Apache-2.0
"""The hot read path: one round trip, the right tenant always, sound after every failure (F4-F9)."""

import asyncio
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest

from server.database import Database, DatabaseBusy, DatabaseUnavailable, pool
from tests.conftest import as_owner

TENANT = "SELECT rubrica_tenant()"
BACKEND = "SELECT pg_backend_pid()"


@pytest.fixture
async def small(database_url: str) -> AsyncIterator[Database]:
    """Two connections, so that tenants must share them."""
    found = Database(database_url, pool_size=2)
    await found.start()
    yield found
    await found.stop()


async def end_connections(url: str) -> None:
    async with as_owner(url) as owner:
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'rubrica' AND datname = current_database()"
        )


async def test_a_change_of_tenant_never_leaks(small: Database) -> None:
    order = random.Random(7)
    tenants = [order.choice([None, 1, 2, 3, 4, 5]) for _ in range(400)]

    async def read(tenant: int | None) -> int | None:
        if order.random() < 0.1:
            with pytest.raises(asyncpg.PostgresError):
                await small.read(tenant, "SELECT 1/0")
        rows = await small.read(tenant, TENANT)
        return rows[0][0] if rows else None

    assert await asyncio.gather(*(read(tenant) for tenant in tenants)) == tenants


async def test_the_same_tenant_again_costs_one_statement(small: Database) -> None:
    seen: list[str] = []
    await small.read(8, TENANT)
    lane = small._pool._free[-1]
    lane.connection.add_query_logger(lambda record: seen.append(record.query))
    for _ in range(3):
        await small.read(8, TENANT)
    await asyncio.sleep(0)
    assert seen == [TENANT] * 3


async def test_a_connection_that_serves_the_tenant_is_preferred(small: Database) -> None:
    first, second = await asyncio.gather(small.read(1, BACKEND), small.read(2, BACKEND))
    for _ in range(3):
        assert await small.read(1, BACKEND) == first
        assert await small.read(2, BACKEND) == second


async def test_a_refused_statement_leaves_the_connection_sound(small: Database) -> None:
    before = await small.read(3, BACKEND)
    for statement, args in (("SELECT 1/0", ()), ("SELECT nothing", ()), ("SELECT $1::int", ("x",))):
        with pytest.raises((asyncpg.PostgresError, asyncpg.DataError)):
            await small.read(3, statement, *args)
    assert await small.read(3, BACKEND) == before


async def test_a_lost_connection_is_replaced_unseen(small: Database, database_url: str) -> None:
    await asyncio.gather(small.read(1, BACKEND), small.read(2, BACKEND))
    await end_connections(database_url)
    assert [tuple(row) for row in await small.read(1, TENANT)] == [(1,)]
    assert [tuple(row) for row in await small.read(2, TENANT)] == [(2,)]


async def test_a_read_that_is_cut_off_is_asked_once_more(
    small: Database, database_url: str
) -> None:
    reading = asyncio.create_task(small.read(4, "SELECT rubrica_tenant() FROM pg_sleep(0.4)"))
    await asyncio.sleep(0.1)
    await end_connections(database_url)
    assert [tuple(row) for row in await reading] == [(4,)]


async def test_waiting_for_a_connection_has_an_end(
    small: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pool.WAIT < 4.8  # the answer is to be there within five seconds
    monkeypatch.setattr(pool, "WAIT", 0.2)
    sleeping = [asyncio.create_task(small.read(1, "SELECT pg_sleep(0.6)")) for _ in range(2)]
    await asyncio.sleep(0.05)
    with pytest.raises(DatabaseBusy):
        await small.read(2, TENANT)
    await asyncio.gather(*sleeping)
    assert [tuple(row) for row in await small.read(2, TENANT)] == [(2,)]


async def test_who_waits_gets_the_next_free_connection(small: Database) -> None:
    reads = [small.read(n % 7, f"SELECT {n} FROM pg_sleep(0.01)") for n in range(40)]
    assert [rows[0][0] for rows in await asyncio.gather(*reads)] == list(range(40))


async def test_a_cancelled_read_loses_no_connection(small: Database) -> None:
    for delay in (0, 0.005, 0.02, 0.05):
        reads = [asyncio.create_task(small.read(1, "SELECT pg_sleep(0.03)")) for _ in range(6)]
        await asyncio.sleep(delay)
        for reading in reads:
            reading.cancel()
        await asyncio.gather(*reads, return_exceptions=True)
    rows = await asyncio.gather(*(small.read(n, TENANT) for n in range(6)))
    assert [row[0][0] for row in rows] == list(range(6))
    assert small._pool._open <= 2


async def test_a_connection_handed_to_one_who_has_just_given_up_is_not_lost(
    database_url: str,
) -> None:
    found = Database(database_url, pool_size=1)
    await found.start()
    lane = await found._pool.take(1)
    first, second = (asyncio.create_task(found._pool.take(1)) for _ in range(2))
    await asyncio.sleep(0)
    found._pool.give(lane)  # to the first, who is cancelled before it can run on
    first.cancel()
    async with asyncio.timeout(1):
        assert await second is lane
    found._pool.give(lane)
    assert await asyncio.gather(first, return_exceptions=True) != [lane]
    await found.stop()


async def test_a_server_that_takes_no_more_connections_is_busy(own_database: str) -> None:
    found = Database(own_database, pool_size=3)
    await found.start()
    async with as_owner(own_database) as owner:
        await owner.execute(
            f"ALTER DATABASE {await owner.fetchval('SELECT current_database()')} CONNECTION LIMIT 0"
        )
        # A superuser's log-in is not counted: the limit is tried as an ordinary one.
        await owner.execute("CREATE ROLE counted LOGIN PASSWORD 'counted' IN ROLE rubrica_app")
    try:
        limited = Database(
            own_database.replace(found.url.split("@")[0], "postgresql://counted:counted")
        )
        with pytest.raises(DatabaseBusy):
            await limited.start(patience=0)
        await limited.stop()
    finally:
        await found.stop()
        async with as_owner(own_database) as owner:
            await owner.execute("DROP ROLE counted")


async def test_a_database_that_is_away_is_unavailable() -> None:
    found = Database("postgresql://nobody:x@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        await found.start(patience=0.2)
    with pytest.raises(DatabaseUnavailable):
        async with found.transaction(1):
            pass
    with pytest.raises(DatabaseUnavailable):
        async with found.connection(1, seconds=60):
            pass
    await found.stop()


async def test_a_read_may_not_take_for_ever(small: Database) -> None:
    assert (await small.read(1, "SHOW statement_timeout"))[0][0] == "10s"
    assert pool.READ_TIMEOUT < 8  # F7


async def test_a_read_that_takes_too_long_is_unavailable(
    small: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "READ_TIMEOUT", 0.1)
    with pytest.raises(DatabaseUnavailable, match="too long"):
        await small.read(1, "SELECT pg_sleep(3)")
    assert [tuple(row) for row in await small.read(2, TENANT)] == [(2,)]


async def test_a_changed_table_does_not_spoil_prepared_reads(own_database: str) -> None:
    found = Database(own_database, pool_size=2)
    await found.start()
    async with as_owner(own_database) as owner:
        await owner.execute("CREATE TABLE things (a) AS SELECT 1; GRANT SELECT ON things TO PUBLIC")
        assert len((await found.read(1, "SELECT * FROM things"))[0]) == 1
        await owner.execute("ALTER TABLE things ADD COLUMN b int")
    assert len((await found.read(1, "SELECT * FROM things"))[0]) == 2
    await found.stop()
