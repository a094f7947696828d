# SPDX-License-Identifier: Apache-2.0
"""Migrations: from nothing, back, once for all who start at once, not behind a lock (D11, F14)."""

import asyncio
import os
import time

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from server.database import Database
from server.database.address import APP_ROLE
from server.database.ddl import CREATE_APP_ROLE
from server.database.migrations import (
    FOLDER,
    LockedOutError,
    configuration,
    current,
    downgrade,
    head,
    migrate,
)
from server.settings import SetupError
from tests.children import ended, fork
from tests.conftest import as_owner

TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
    "AND relkind = 'r' ORDER BY 1"
)
FUNCTIONS = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1"
SHAPE = """
SELECT table_name, column_name, data_type, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2
"""
RULES = """
SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2
"""
GRANTS = """
SELECT table_name, privilege_type FROM information_schema.role_table_grants
WHERE grantee = 'rubrica_app' ORDER BY 1, 2
"""


async def seen(url: str, *statements: str) -> list[list[tuple[object, ...]]]:
    async with as_owner(url) as owner:
        return [[tuple(row) for row in await owner.fetch(sql)] for sql in statements]


async def test_the_models_and_the_migrations_agree(own_database: str) -> None:
    await asyncio.to_thread(command.check, configuration(own_database))


async def test_up_and_down_and_up_again_is_the_same(empty_database: str) -> None:
    await asyncio.to_thread(migrate, empty_database)
    built = await seen(empty_database, SHAPE, RULES, GRANTS)
    assert await current(empty_database) == head()
    await asyncio.to_thread(downgrade, empty_database, "base")
    assert await seen(empty_database, TABLES, FUNCTIONS) == [[("alembic_version",)], []]
    assert await current(empty_database) is None
    await asyncio.to_thread(migrate, empty_database)
    assert await seen(empty_database, SHAPE, RULES, GRANTS) == built


async def test_each_step_down_and_up_keeps_the_data_of_the_others(own_database: str) -> None:
    """D11: what a migration does not undo is as it was, counted and summed."""
    database = Database(own_database, pool_size=2)
    await database.start()
    (tenant,) = await database.read(None, "INSERT INTO tenants (name) VALUES ('t') RETURNING id")
    await database.read(
        tenant["id"],
        "INSERT INTO contact_item_types (name, name_key, order_by, color) "
        "SELECT 'n' || n, 'n' || n, n, '#AABBCC' FROM generate_series(1, 100) n",
    )
    await database.stop()
    sums = "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY id)) FROM contact_item_types t"
    before = await seen(own_database, sums)
    contacts = next(
        script.revision
        for script in ScriptDirectory(str(FOLDER)).walk_revisions()
        if script.revision.endswith("_contacts")
    )
    await asyncio.to_thread(downgrade, own_database, contacts)
    assert await current(own_database) == contacts
    await asyncio.to_thread(migrate, own_database)
    assert await current(own_database) == head()
    assert await seen(own_database, sums) == before


def test_of_many_that_start_at_once_one_migrates_and_none_fails(empty_database: str) -> None:
    """F14, each a process of its own."""

    def start() -> bool:
        migrate(empty_database)
        return True

    children = [fork(start) for _ in range(8)]
    assert [ended(child) for child in children] == [0] * 8
    with asyncio.Runner() as runner:
        assert runner.run(current(empty_database)) == head()


async def test_nobody_queues_behind_a_migration_that_waits_for_a_table(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F13: a lock is asked for one second at a time."""
    monkeypatch.setattr("server.database.migrations.LOCK_TRIES", 1)
    async with as_owner(own_database) as owner, owner.transaction():
        await owner.execute("LOCK TABLE process_rejections IN ACCESS SHARE MODE")
        began = time.monotonic()
        with pytest.raises(LockedOutError):
            await asyncio.to_thread(downgrade, own_database, "base")
        assert 0.9 < time.monotonic() - began < 5
        assert ("process_rejections",) in (await seen(own_database, TABLES))[0]


async def test_the_role_may_be_made_for_two_databases_at_once(
    server_url: str, empty_database: str
) -> None:
    """Roles belong to the server, so the lock of one database does not keep the other away."""
    role = f"raced_{os.getpid()}"
    create = CREATE_APP_ROLE.replace(APP_ROLE, role)
    async with as_owner(server_url) as one, as_owner(empty_database) as other:
        for _ in range(10):
            await asyncio.gather(one.execute(create), other.execute(create))
            for connection in (one, other):
                await connection.execute(f"DROP OWNED BY {role}")
            await one.execute(f"DROP ROLE {role}")


async def test_an_owner_who_is_no_superuser_can_migrate_and_serve(
    server_url: str, empty_database: str
) -> None:
    name = f"plain_{os.getpid()}"
    async with as_owner(empty_database) as admin:
        await admin.execute(f"CREATE ROLE {name} LOGIN CREATEROLE PASSWORD 'plain'")
        await admin.execute(f"GRANT {APP_ROLE} TO {name} WITH ADMIN OPTION")
        database = await admin.fetchval("SELECT current_database()")
        await admin.execute(f"ALTER DATABASE {database} OWNER TO {name}")
        await admin.execute(f"ALTER SCHEMA public OWNER TO {name}")
    secret = empty_database.split("//")[1].split("@")[0]
    url = empty_database.replace(secret, f"{name}:plain")
    try:
        await asyncio.to_thread(migrate, url)
        served = Database(url, pool_size=2)
        await served.start()
        (tenant,) = await served.read(None, "INSERT INTO tenants (name) VALUES ('t') RETURNING id")
        await served.read(
            tenant["id"], "INSERT INTO users (name, name_key, role) VALUES ('u', 'u', 'ADMIN')"
        )
        assert [tuple(row) for row in await served.read(tenant["id"], "SELECT access_epoch()")] == [
            (2,)
        ]
        await served.stop()
        owner = await asyncpg.connect(url)
        assert await owner.fetchval("SELECT count(*) FROM users") == 0  # forced: the owner too
        await owner.close()
        await asyncio.to_thread(downgrade, url, "base")
    finally:
        async with as_owner(empty_database) as admin:
            await admin.execute(f"REASSIGN OWNED BY {name} TO CURRENT_USER")
            await admin.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


async def test_a_user_who_may_not_is_told_in_one_line(empty_database: str) -> None:
    name = f"powerless_{os.getpid()}"
    async with as_owner(empty_database) as admin:
        await admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x'")
    secret = empty_database.split("//")[1].split("@")[0]
    try:
        with pytest.raises(SetupError, match="must name a user who owns the database"):
            await asyncio.to_thread(migrate, empty_database.replace(secret, f"{name}:x"))
    finally:
        async with as_owner(empty_database) as admin:
            await admin.execute(f"DROP ROLE {name}")


async def test_a_database_without_tables_is_refused_in_one_line(empty_database: str) -> None:
    database = Database(empty_database, pool_size=2)
    async with as_owner(empty_database) as admin:
        exists = await admin.fetchval("SELECT to_regrole($1)", APP_ROLE)
    if exists is not None:
        await database.start()  # the role belongs to the whole server, so the rest tells
        with pytest.raises(asyncpg.UndefinedTableError):
            await database.read(None, "SELECT 1 FROM tenants")
    await database.stop()


async def test_the_tables_of_a_newer_program_are_refused_in_one_line(own_database: str) -> None:
    async with as_owner(own_database) as owner:
        await owner.execute("UPDATE alembic_version SET version_num = '2099_01_01_later'")
    with pytest.raises(SetupError, match="newer Rubrica, to 2099_01_01_later: install"):
        await asyncio.to_thread(migrate, own_database)
