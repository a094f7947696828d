# SPDX-License-Identifier: Apache-2.0
"""Sessions, raw connections and notifications: one transaction, one tenant each."""

import asyncio
from collections.abc import Callable

import asyncpg
import pytest
from sqlalchemy import text

from server.database import Database, DatabaseUnavailable, copy_rows, notify
from tests.conftest import MakeTenant, as_owner
from tests.database.test_reads import end_connections
from tests.database.test_rls import INSERT_TYPE

NAMES = "SELECT name FROM contact_item_types ORDER BY name"


async def test_a_transaction_commits_and_rolls_back(database: Database, tenant: int) -> None:
    insert = text(INSERT_TYPE.replace("$1", ":name"))
    async with database.transaction(tenant) as session:
        await session.execute(insert, {"name": "kept"})

    async def fail() -> None:
        async with database.transaction(tenant) as session:
            await session.execute(insert, {"name": "lost"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert [row["name"] for row in await database.read(tenant, NAMES)] == ["kept"]


async def test_a_raw_connection_commits_and_rolls_back(database: Database, tenant: int) -> None:
    async with database.connection(tenant) as connection:
        await connection.execute(INSERT_TYPE, "copied")
        async with connection.transaction():
            assert await connection.fetchval("SELECT count(*) FROM contact_item_types") == 1

    async def fail() -> None:
        async with database.connection(tenant) as connection:
            await connection.execute(INSERT_TYPE, "lost")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.connection(tenant) as connection:
            await connection.execute(INSERT_TYPE, "copied")
    assert [row["name"] for row in await database.read(tenant, NAMES)] == ["copied"]


async def test_rows_are_copied_for_the_tenant_and_for_no_other(
    database: Database, new_tenant: MakeTenant
) -> None:
    mine, theirs = await new_tenant(), await new_tenant()
    columns = ["name", "name_key", "order_by", "color"]
    rows = [(f"type {n}", f"type {n}", n, "#AABBCC") for n in range(1, 4)]
    async with database.connection(mine) as connection:
        assert await copy_rows(connection, "contact_item_types", columns, rows) == 3
        assert await copy_rows(connection, "contact_item_types", columns, []) == 0
    names = [row["name"] for row in await database.read(mine, NAMES)]
    assert names == ["type 1", "type 2", "type 3"]
    assert await database.read(theirs, NAMES) == []
    foreign = [("x", "x", 1, "#AABBCC", theirs)]
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with database.connection(mine) as connection:
            await copy_rows(connection, "contact_item_types", [*columns, "tenant_id"], foreign)


async def test_the_tenant_ends_with_the_transaction(database_url: str) -> None:
    found = Database(database_url, pool_size=2)
    await found.start()
    seen = "SELECT rubrica_tenant()"
    async with found.transaction(5) as session:
        assert await session.scalar(text(seen)) == 5
    async with found.connection(6) as connection:
        assert await connection.fetchval(seen) == 6
    # Looked at from beneath, where nobody sets a tenant first.
    async with found.engine.connect() as bare:
        assert await bare.scalar(text(seen)) is None
    for lane in found._pool._free:
        assert await lane.connection.fetchval(seen) is None
    async with found.transaction(None) as session:
        assert await session.scalar(text(seen)) is None
    async with found.connection(None) as connection:
        assert await connection.fetchval(seen) is None
    await found.stop()


async def test_bulk_work_may_take_longer_on_a_connection_of_its_own(database: Database) -> None:
    async with database.connection(1) as connection:
        assert await connection.fetchval("SHOW statement_timeout") == "30s"
    async with database.connection(1, seconds=600) as connection:
        assert await connection.fetchval("SHOW statement_timeout") == "10min"
        assert await connection.fetchval("SELECT current_user") == "rubrica_app"
        long = connection
    assert long.is_closed()


async def test_lost_connections_are_replaced(database_url: str) -> None:
    found = Database(database_url, pool_size=2)
    await found.start()
    async with found.transaction(1) as session:
        await session.execute(text("SELECT 1"))
    await end_connections(database_url)
    await asyncio.sleep(0.05)
    async with found.transaction(1) as session:
        assert await session.scalar(text("SELECT rubrica_tenant()")) == 1
    async with found.connection(2) as connection:
        assert await connection.fetchval("SELECT rubrica_tenant()") == 2
    await found.stop()


async def test_a_connection_lost_in_a_transaction_is_unavailable(database_url: str) -> None:
    found = Database(database_url, pool_size=2)
    await found.start()

    async def lose_session() -> None:
        async with found.transaction(1) as session:
            await end_connections(database_url)
            await session.execute(text("SELECT 1"))

    async def lose_connection() -> None:
        async with found.connection(1) as connection:
            await end_connections(database_url)
            await connection.execute("SELECT 1")

    for lose in (lose_session, lose_connection):
        with pytest.raises(DatabaseUnavailable):
            await lose()
    async with found.transaction(3) as session:
        assert await session.scalar(text("SELECT rubrica_tenant()")) == 3
    await found.stop()


async def test_a_database_that_is_read_only_still_reads(own_database: str) -> None:
    """F19: reads go on, writes are refused for now."""
    async with as_owner(own_database) as owner:
        name = await owner.fetchval("SELECT current_database()")
        await owner.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    found = Database(own_database, pool_size=2)
    await found.start()
    assert await found.read(1, NAMES) == []
    with pytest.raises(DatabaseUnavailable, match="read-only"):
        async with found.transaction(1) as session:
            await session.execute(text(INSERT_TYPE.replace("$1", "'x'")))
    with pytest.raises(DatabaseUnavailable, match="read-only"):
        async with found.connection(1) as connection:
            await connection.execute(INSERT_TYPE, "x")
    await found.stop()


async def test_a_notification_arrives_when_its_transaction_commits(database: Database) -> None:
    heard: list[str] = []
    unlisten = await database.listen("topic", heard.append)
    async with database.transaction(None) as session:
        await notify(session, "topic", "one")
        await asyncio.sleep(0.05)
        assert heard == []
    await until(lambda: heard == ["one"])
    unlisten()
    async with database.transaction(None) as session:
        await notify(session, "topic", "two")
    await asyncio.sleep(0.05)
    assert heard == ["one"]


async def test_a_notification_too_long_to_send_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="7999 bytes"):
        async with database.transaction(None) as session:
            await notify(session, "topic", "é" * 4000)


async def test_listening_goes_on_after_its_connection_was_killed(database_url: str) -> None:
    """F23: it works again within five seconds, and tells of the gap."""
    found = Database(database_url, pool_size=2)
    await found.start()
    heard: list[str] = []
    await found.listen("later", heard.append)
    for _ in range(2):
        heard.clear()
        async with as_owner(database_url) as owner:
            await owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'rubrica listener' AND datname = current_database()"
            )
        await until(lambda: heard == [""], seconds=5)
        async with found.transaction(None) as session:
            await notify(session, "later", "again")
        await until(lambda: heard == ["", "again"])
    await found.stop()


async def test_listening_goes_on_after_a_fault_that_nobody_thought_of(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A driver that is cut off in the middle of an answer also raises its internal errors."""
    found = Database(database_url, pool_size=2)
    await found.start()
    connect = asyncpg.connect
    faults = [asyncpg.InternalClientError("cannot switch to state 12"), RuntimeError("a bug")]

    async def faulty(**arguments: object) -> asyncpg.Connection:
        if faults:
            raise faults.pop()
        return await connect(**arguments)

    monkeypatch.setattr(asyncpg, "connect", faulty)
    heard: list[str] = []
    await found.listen("later", heard.append)
    await until(lambda: heard == [""])
    assert not faults
    await found.stop()


async def test_one_listener_that_fails_does_not_deafen_another(database: Database) -> None:
    heard: list[str] = []

    def fails(_payload: str) -> None:
        raise ZeroDivisionError

    endings = [await database.listen("both", fails), await database.listen("both", heard.append)]
    async with database.transaction(None) as session:
        await notify(session, "both", "x")
    await until(lambda: heard == ["x"])
    for unlisten in endings:
        unlisten()


async def until(true: Callable[[], bool], seconds: float = 2) -> None:
    """Wait for a condition that another task brings about."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 # a condition, not an event
            await asyncio.sleep(0.01)
