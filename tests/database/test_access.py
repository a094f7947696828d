# SPDX-License-Identifier: Apache-2.0
"""What log-in sees before the tenant is known, and the epoch that ends cached rights (X-09)."""

import asyncpg
import pytest
from sqlalchemy import text

from server.database import Database
from tests.conftest import MakeTenant

DIGEST = bytes(range(32))


async def add_user(database: Database, tenant: int, name: str) -> int:
    rows = await database.read(
        tenant,
        "INSERT INTO users (name, name_key, role) VALUES ($1, lower($1), 'AGENT') RETURNING id",
        f"{name}-{tenant}",
    )
    return int(rows[0]["id"])


async def epoch(database: Database, tenant: int) -> int:
    return int((await database.read(tenant, "SELECT access_epoch()"))[0][0])


async def test_a_session_is_found_by_its_token_and_by_nothing_else(
    database: Database, new_tenant: MakeTenant
) -> None:
    theirs = await new_tenant()
    digest = DIGEST[:-8] + theirs.to_bytes(8)
    user = await add_user(database, theirs, "anna")
    for table, columns in (
        ("sessions", "expires_at) VALUES ($1, $2, now()"),
        ("api_tokens", "name, hint) VALUES ($1, $2, 'n', 'hint'"),
    ):
        await database.read(
            theirs, f"INSERT INTO {table} (user_id, token_hash, {columns})", user, digest
        )
        seen = text(f"SELECT tenant_id FROM {table} WHERE token_hash = :digest")
        async with database.transaction(None) as session:
            assert (await session.execute(seen, {"digest": digest})).all() == []
            await session.execute(
                text("SELECT set_config('rubrica.token_hash', :hex, true)"), {"hex": digest.hex()}
            )
            assert (await session.execute(text(f"SELECT tenant_id FROM {table}"))).all() == [
                (theirs,)
            ]
            changed = await session.execute(text(f"DELETE FROM {table} RETURNING id"))
            assert changed.all() == []
        async with database.transaction(None) as session:
            assert (await session.execute(seen, {"digest": digest})).all() == []


async def test_a_user_is_found_by_the_name_given_at_log_in(
    database: Database, new_tenant: MakeTenant
) -> None:
    mine, theirs = await new_tenant(), await new_tenant()
    user = await add_user(database, theirs, "bea")
    await add_user(database, theirs, "carl")
    async with database.transaction(mine) as session:
        await session.execute(
            text("SELECT set_config('rubrica.login_name', :name, true)"), {"name": f"bea-{theirs}"}
        )
        found = await session.execute(text("SELECT id, tenant_id FROM users"))
        assert found.all() == [(user, theirs)]
    assert await database.read(mine, "SELECT id FROM users") == []


async def test_rights_that_change_end_the_epoch(database: Database, new_tenant: MakeTenant) -> None:
    mine, theirs = await new_tenant(), await new_tenant()
    assert (await epoch(database, mine), await epoch(database, theirs)) == (1, 1)
    user = await add_user(database, mine, "dora")
    (profile,) = await database.read(
        mine, "INSERT INTO profiles (name, name_key) VALUES ('p', 'p') RETURNING id"
    )
    await database.read(
        mine,
        "INSERT INTO sessions (user_id, token_hash, expires_at) VALUES ($1, $2, now())",
        user,
        DIGEST + mine.to_bytes(8),
    )
    await database.read(
        mine,
        "INSERT INTO api_tokens (user_id, token_hash, name, hint) VALUES ($1, $2, 'n', 'h')",
        user,
        DIGEST + mine.to_bytes(8),
    )
    before = await epoch(database, mine)
    for statement in (
        "UPDATE users SET role = 'SUPERVISOR'",
        f"UPDATE users SET profile_id = {profile['id']}",
        "UPDATE users SET is_active = false",
        "UPDATE users SET locale = 'it'",
        "UPDATE profiles SET permissions = '{contacts.view}'",
        "UPDATE sessions SET revoked_at = now()",
        "UPDATE api_tokens SET scopes = '{contacts.view}'",
        "DELETE FROM sessions",
        "DELETE FROM api_tokens",
        "DELETE FROM users",
        "DELETE FROM profiles",
    ):
        await database.read(mine, statement)
        before += 1
        assert (statement, await epoch(database, mine)) == (statement, before)
    assert await epoch(database, theirs) == 1


async def test_what_is_no_right_leaves_the_epoch(database: Database, tenant: int) -> None:
    user = await add_user(database, tenant, "eva")
    await database.read(
        tenant,
        "INSERT INTO sessions (user_id, token_hash, expires_at) VALUES ($1, $2, now())",
        user,
        DIGEST + tenant.to_bytes(8),
    )
    before = await epoch(database, tenant)
    await database.read(tenant, "UPDATE users SET last_login_at = now(), password_hash = 'x'")
    await database.read(tenant, "UPDATE sessions SET last_seen_at = now(), expires_at = now()")
    assert await epoch(database, tenant) == before


async def test_a_read_with_stale_rights_is_refused_in_the_same_round_trip(
    database: Database, tenant: int
) -> None:
    current = await epoch(database, tenant)
    guarded = "SELECT id FROM users WHERE access_current($1)"
    assert await database.read(tenant, guarded, current) == []
    user = await add_user(database, tenant, "fay")
    with pytest.raises(asyncpg.PostgresError) as refused:
        await database.read(tenant, guarded, current)
    assert refused.value.sqlstate == "RB001"
    rows = await database.read(tenant, guarded, current + 1)
    assert [row["id"] for row in rows] == [user]


async def test_the_application_cannot_set_an_epoch(database: Database, tenant: int) -> None:
    await add_user(database, tenant, "gil")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.read(tenant, "UPDATE access_epochs SET epoch = 1")
