# SPDX-License-Identifier: Apache-2.0
"""Loading the viewer: cached, and never with rights of yesterday (X-09)."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database
from server.domain.permissions import AGENT_CEILING, ALL_PERMISSIONS, Permission, Role
from server.services import account
from server.services.access import ViewerCache
from tests.factories.access import Account, make_account, sign_in

ITEM_TYPES = Permission.ITEM_TYPES_VIEW


@dataclass
class Counted:
    """The real database, counting how often it is asked."""

    database: Database
    asked: int = 0

    def transaction(self, tenant_id: int | None) -> AbstractAsyncContextManager[AsyncSession]:
        self.asked += 1
        return self.database.transaction(tenant_id)

    async def read(
        self, tenant_id: int | None, sql: str, *args: object
    ) -> Sequence[Mapping[str, Any]]:
        self.asked += 1
        return await self.database.read(tenant_id, sql, *args)


class Clock:
    """This process's seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def supervisor(database: Database, tenant: int) -> Account:
    return await make_account(database, tenant, Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))


async def test_a_known_cookie_costs_no_statement(database: Database, supervisor: Account) -> None:
    token, _ = await sign_in(database, supervisor)
    cache, counted = ViewerCache(), Counted(database)
    first = await cache.viewer_of_session(counted, token)
    assert counted.asked == 2  # where it stands, who it is
    assert [await cache.viewer_of_session(counted, token) for _ in range(3)] == [first] * 3
    assert counted.asked == 2
    assert first is not None
    assert await cache.current(counted, first) == first
    assert counted.asked == 3


async def test_a_permission_given_or_taken_acts_on_the_next_request(
    database: Database, supervisor: Account, owner: asyncpg.Connection
) -> None:
    """X-09, X-16: Staff > User profile > Permission > Tools > Contact item types."""
    token, _ = await sign_in(database, supervisor)
    cache = ViewerCache()
    viewer = await cache.viewer_of_session(database, token)
    assert viewer is not None
    assert not viewer.may(ITEM_TYPES)
    for permissions, may in ((["item_types.view", "gone.away"], True), ([], False)):
        await owner.execute(
            "UPDATE profiles SET permissions = $2 WHERE id = $1",
            supervisor.profile_id,
            permissions,
        )
        with pytest.raises(asyncpg.PostgresError) as stale:
            await database.read(viewer.tenant_id, "SELECT access_current($1)", viewer.epoch)
        assert stale.value.sqlstate == "RB001"
        viewer = await cache.refresh(database, viewer)
        assert viewer is not None
        assert viewer.permissions == ({ITEM_TYPES} if may else set())
        await database.read(viewer.tenant_id, "SELECT access_current($1)", viewer.epoch)
        assert await cache.viewer_of_session(database, token) == viewer


async def test_a_process_that_learnt_of_a_change_trusts_no_older_viewer(
    database: Database, supervisor: Account, tenant: int, owner: asyncpg.Connection
) -> None:
    token, _ = await sign_in(database, supervisor)
    colleague, other = await sign_in(database, await make_account(database, tenant))
    cache = ViewerCache()
    await cache.viewer_of_session(database, token)
    await owner.execute(
        "UPDATE profiles SET permissions = '{item_types.view}' WHERE id = $1",
        supervisor.profile_id,
    )
    await cache.current(database, other)
    found = await cache.viewer_of_session(database, token)
    assert found is not None
    assert found.may(ITEM_TYPES)
    assert colleague != token


@pytest.mark.parametrize(
    ("role", "permissions", "expected"),
    [
        (Role.ADMIN, None, ALL_PERMISSIONS),
        (Role.ADMIN, (), ALL_PERMISSIONS),
        (Role.SUPERVISOR, tuple(Permission), ALL_PERMISSIONS),
        (Role.SUPERVISOR, None, frozenset()),
        (Role.AGENT, tuple(Permission), AGENT_CEILING),
        (Role.AGENT, (Permission.USERS_EDIT,), frozenset()),
    ],
)
async def test_role_and_profile_together_make_the_rights(
    database: Database,
    tenant: int,
    role: Role,
    permissions: tuple[Permission, ...] | None,
    expected: frozenset[Permission],
) -> None:
    _, viewer = await sign_in(database, await make_account(database, tenant, role, permissions))
    assert viewer.permissions == expected


async def test_a_deactivated_users_session_ends_at_once(
    database: Database, supervisor: Account, owner: asyncpg.Connection
) -> None:
    """ASVS 7.4.2."""
    token, _ = await sign_in(database, supervisor)
    cache = ViewerCache()
    viewer = await cache.viewer_of_session(database, token)
    assert viewer is not None
    await owner.execute("UPDATE users SET is_active = false WHERE id = $1", supervisor.user_id)
    assert await cache.current(database, viewer) is None
    assert await cache.viewer_of_session(database, token) is None


@pytest.mark.parametrize(
    "change",
    [
        "last_seen_at = now() - interval '8 hours 1 second'",
        "expires_at = now()",
        "revoked_at = now()",
    ],
)
async def test_the_database_decides_that_a_session_is_over(
    database: Database, supervisor: Account, owner: asyncpg.Connection, change: str
) -> None:
    """ASVS 7.3.1, 7.3.2, 7.4.5."""
    token, viewer = await sign_in(database, supervisor)
    cache = ViewerCache()
    assert await cache.viewer_of_session(database, token) is not None
    await owner.execute(f"UPDATE sessions SET {change} WHERE id = $1", viewer.session_id)
    assert await cache.current(database, viewer) is None
    assert await cache.viewer_of_session(database, token) is None
    assert await ViewerCache().viewer_of_session(database, token) is None


async def test_a_session_used_within_the_limit_stays(
    database: Database, supervisor: Account, owner: asyncpg.Connection
) -> None:
    token, viewer = await sign_in(database, supervisor)
    await owner.execute(
        "UPDATE sessions SET last_seen_at = now() - interval '7 hours 59 minutes' WHERE id = $1",
        viewer.session_id,
    )
    shorter = ViewerCache(idle=timedelta(hours=7))
    assert await shorter.viewer_of_session(database, token) is None
    assert await ViewerCache().viewer_of_session(database, token) is not None


async def test_a_cached_session_that_seems_idle_or_over_is_looked_up_again(
    database: Database, supervisor: Account, owner: asyncpg.Connection
) -> None:
    token, viewer = await sign_in(database, supervisor)
    clock = Clock()
    cache, counted = ViewerCache(clock=clock), Counted(database)
    await cache.viewer_of_session(counted, token)
    clock.now += 8 * 3600 - 1
    await cache.viewer_of_session(counted, token)
    await cache.drain()
    before = counted.asked
    clock.now += 8 * 3600 - 1  # used a moment ago, by this clock
    await cache.viewer_of_session(counted, token)
    await cache.drain()
    assert counted.asked - before == 1  # "last seen" alone
    clock.now += 8 * 3600
    await cache.viewer_of_session(counted, token)  # by the database's clock nothing is over
    await cache.drain()
    assert counted.asked - before == 2
    await owner.execute(
        "UPDATE sessions SET last_seen_at = now() - interval '9 hours' WHERE id = $1",
        viewer.session_id,
    )
    clock.now += 8 * 3600
    assert await cache.viewer_of_session(counted, token) is None


async def test_last_seen_is_written_once_a_minute_at_most(
    database: Database, supervisor: Account, owner: asyncpg.Connection
) -> None:
    token, viewer = await sign_in(database, supervisor)
    clock = Clock()
    cache, counted = ViewerCache(clock=clock), Counted(database)

    async def age_after_use() -> float:
        await cache.viewer_of_session(counted, token)
        await cache.drain()
        age: float = await owner.fetchval(
            "SELECT extract(epoch FROM clock_timestamp() - last_seen_at)::float8"
            " FROM sessions WHERE id = $1",
            viewer.session_id,
        )
        return age

    await owner.execute(
        "UPDATE sessions SET last_seen_at = now() - interval '50 seconds' WHERE id = $1",
        viewer.session_id,
    )
    assert await age_after_use() > 49
    clock.now += 9
    assert await age_after_use() > 49
    await owner.execute(
        "UPDATE sessions SET last_seen_at = now() - interval '61 seconds' WHERE id = $1",
        viewer.session_id,
    )
    clock.now += 2
    assert await age_after_use() < 5
    before = counted.asked
    clock.now += 59
    await age_after_use()
    assert counted.asked == before


async def test_a_tokens_last_use_is_written_once_a_minute_at_most(
    database: Database, supervisor: Account, tenant: int, owner: asyncpg.Connection
) -> None:
    _, viewer = await sign_in(database, supervisor)
    async with database.transaction(tenant) as session:
        made = await account.create_token(session, viewer, account.TokenInput(name="script"))
    clock = Clock()
    cache = ViewerCache(clock=clock)
    query = "SELECT last_used_at FROM api_tokens WHERE id = $1"
    assert await owner.fetchval(query, made.token.id) is None
    await cache.viewer_of_token(database, made.secret)
    await cache.drain()
    first = await owner.fetchval(query, made.token.id)
    assert first is not None
    clock.now += 61
    await cache.viewer_of_token(database, made.secret)
    await cache.drain()
    assert await owner.fetchval(query, made.token.id) == first  # a minute of the database, too
    await owner.execute(
        "UPDATE api_tokens SET last_used_at = now() - interval '2 minutes' WHERE id = $1",
        made.token.id,
    )
    clock.now += 61
    await cache.viewer_of_token(database, made.secret)
    await cache.drain()
    assert await owner.fetchval(query, made.token.id) > first


async def test_reading_goes_on_while_last_seen_cannot_be_written(
    database: Database, supervisor: Account, owner: asyncpg.Connection
) -> None:
    """Fault F19: a database that takes no writes."""
    token, viewer = await sign_in(database, supervisor)
    await owner.execute(
        "UPDATE sessions SET last_seen_at = now() - interval '2 minutes' WHERE id = $1",
        viewer.session_id,
    )

    class ReadOnly(Counted):
        def transaction(self, tenant_id: int | None) -> AbstractAsyncContextManager[AsyncSession]:
            if tenant_id is not None:
                raise OSError("read-only")
            return super().transaction(tenant_id)

    cache, store = ViewerCache(), ReadOnly(database)
    assert await cache.viewer_of_session(store, token) is not None
    await cache.drain()
    assert await cache.viewer_of_session(store, token) is not None
    await cache.drain()


async def test_the_cache_forgets_who_was_seen_longest_ago(
    database: Database, supervisor: Account
) -> None:
    tokens = [(await sign_in(database, supervisor))[0] for _ in range(3)]
    cache, counted = ViewerCache(size=2), Counted(database)
    for token in (tokens[0], tokens[1], tokens[0], tokens[2]):
        await cache.viewer_of_session(counted, token)
    before = counted.asked
    await cache.viewer_of_session(counted, tokens[0])
    assert counted.asked == before
    await cache.viewer_of_session(counted, tokens[1])
    assert counted.asked == before + 2


async def test_a_session_is_no_bearer_token_and_the_other_way_round(
    database: Database, supervisor: Account, tenant: int
) -> None:
    token, viewer = await sign_in(database, supervisor)
    async with database.transaction(tenant) as session:
        made = await account.create_token(session, viewer, account.TokenInput(name="script"))
    cache = ViewerCache()
    assert await cache.viewer_of_token(database, token) is None
    assert await cache.viewer_of_session(database, made.secret) is None
