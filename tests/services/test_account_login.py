# SPDX-License-Identifier: Apache-2.0
"""Logging in (X-09): one answer to every way of being wrong, and a limit to trying."""

import asyncio
import hashlib
from datetime import timedelta
from statistics import median
from time import perf_counter

import asyncpg
import pytest
from argon2 import PasswordHasher

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import ALL_PERMISSIONS, Role, Viewer
from server.services.account import log_in
from server.services.account.login import shown
from server.services.account.passwords import HASHER, verify_password
from server.services.account.throttle import address_counter, name_counter
from tests.factories.access import (
    PASSWORD,
    events_of,
    make_account,
    password_hash,
)


async def refused(
    database: Database, name: str, password: str = "wrong", ip: str = ""
) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        await log_in(database, name, password, ip=ip)
    return refusal.value


async def tries_of(owner: asyncpg.Connection, key: str | None) -> int | None:
    count: int | None = await owner.fetchval("SELECT count FROM login_failures WHERE key = $1", key)
    return count


async def test_a_name_in_any_case_and_its_password_sign_in(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    account = await make_account(database, tenant)
    token, viewer = await log_in(
        database,
        f"  {account.name.upper()} ",
        PASSWORD,
        ip="192.0.2.7",
        user_agent="Test\x00/1 \ud800",
        absolute=timedelta(hours=3),
    )
    row = await owner.fetchrow(
        "SELECT *, expires_at - created_at AS life FROM sessions WHERE user_id = $1",
        account.user_id,
    )
    assert viewer == Viewer(
        user_id=account.user_id,
        tenant_id=tenant,
        name=account.name,
        full_name=viewer.full_name,
        role=Role.ADMIN,
        permissions=ALL_PERMISSIONS,
        locale="en",
        timezone="Europe/Rome",
        region="IT",
        session_id=row["id"],
        epoch=viewer.epoch,
    )
    assert len(token) == 43  # 256 bits in base64
    assert row["token_hash"] == hashlib.sha256(token.encode()).digest()
    assert (row["ip"], row["user_agent"]) == ("192.0.2.7", "Test/1 ?")
    assert abs(row["life"] - timedelta(hours=3)) < timedelta(seconds=1)
    assert await events_of(owner, tenant) == [("account.logged_in", account.user_id)]
    seen = await owner.fetchval(
        "SELECT last_login_at > now() - interval '1 minute' FROM users WHERE id = $1",
        account.user_id,
    )
    assert seen is True


async def test_each_log_in_has_a_token_of_its_own(database: Database, tenant: int) -> None:
    account = await make_account(database, tenant)
    first, second = (
        await log_in(database, account.name, PASSWORD),
        await log_in(database, account.name, PASSWORD),
    )
    assert first[0] != second[0]
    assert first[1].session_id != second[1].session_id


async def test_unknown_wrong_inactive_and_passwordless_get_the_same_answer(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    wrong = await make_account(database, tenant)
    inactive = await make_account(database, tenant, active=False)
    unset = await make_account(database, tenant, hashed=None)
    answers = [
        await refused(database, "nobody of that name", PASSWORD),
        await refused(database, wrong.name),
        await refused(database, inactive.name, PASSWORD),
        await refused(database, unset.name, PASSWORD),
    ]
    assert {(a.code, a.field, tuple(a.params)) for a in answers} == {
        (ErrorCode.CREDENTIALS, None, ())
    }
    assert await events_of(owner, tenant) == [
        ("account.login_failed", wrong.user_id),
        ("account.login_failed", inactive.user_id),
        ("account.login_failed", unset.user_id),
    ]
    assert await owner.fetchval("SELECT count(*) FROM sessions WHERE tenant_id = $1", tenant) == 0


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(
    database: Database, tenant: int
) -> None:
    account = await make_account(database, tenant)

    async def duration(name: str) -> float:
        start = perf_counter()
        await refused(database, name)
        return perf_counter() - start

    await duration("warms the caches")
    wrong, unknown = [], []
    for number in range(4):
        wrong.append(await duration(account.name))
        unknown.append(await duration(f"nobody {number}"))
    assert 0.6 < median(unknown) / median(wrong) < 1.6


@pytest.mark.parametrize("name", ["", "a\x00b", "\ud800", "x" * 100_000, "' OR 1=1 --"])
async def test_a_name_that_cannot_be_is_just_wrong(database: Database, name: str) -> None:
    refusal = await refused(database, name, ip="198.51.100.1")
    # The blank ones share a counter, which may be locked by the others.
    assert refusal.code in (ErrorCode.CREDENTIALS, ErrorCode.THROTTLED)


@pytest.mark.parametrize("password", ["", "\x00", "\ud800", "x" * 100_000])
async def test_a_password_that_cannot_be_is_just_wrong(
    database: Database, tenant: int, password: str
) -> None:
    account = await make_account(database, tenant)
    assert (await refused(database, account.name, password)).code is ErrorCode.CREDENTIALS


async def test_the_sixth_try_waits_even_with_the_right_password(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    account = await make_account(database, tenant)
    key = name_counter(account.name.casefold())
    for _ in range(5):
        assert (await refused(database, account.name)).code is ErrorCode.CREDENTIALS
    locked = await refused(database, account.name, PASSWORD)
    assert locked.code is ErrorCode.THROTTLED
    assert 25 <= int(str(locked.params["seconds"])) <= 30
    assert await tries_of(owner, key) == 5  # waiting costs no further try
    await owner.execute("UPDATE login_failures SET locked_until = now() WHERE key = $1", key)
    assert (await refused(database, account.name)).code is ErrorCode.CREDENTIALS
    longer = await refused(database, account.name, PASSWORD)
    assert 55 <= int(str(longer.params["seconds"])) <= 60
    await owner.execute("UPDATE login_failures SET locked_until = now() WHERE key = $1", key)
    await log_in(database, account.name, PASSWORD)
    assert await tries_of(owner, key) is None


async def test_a_name_that_nobody_has_locks_alike(database: Database) -> None:
    for _ in range(5):
        await refused(database, "Somebody Unheard-of")
    assert (await refused(database, "somebody  unheard-of")).code is ErrorCode.THROTTLED


async def test_many_tries_at_once_count_each(database: Database, tenant: int) -> None:
    """Aliases of one request, or requests in parallel: `a1: logIn a2: logIn …` (reliability A1)."""
    account = await make_account(database, tenant)
    answers = await asyncio.gather(*(refused(database, account.name) for _ in range(12)))
    codes = [answer.code for answer in answers]
    assert codes.count(ErrorCode.CREDENTIALS) == 5
    assert codes.count(ErrorCode.THROTTLED) == 7


async def test_an_address_has_fifty_tries_whatever_the_names(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    account = await make_account(database, tenant)
    ip = "203.0.113.50"
    await owner.execute(
        "INSERT INTO login_failures (key, count) VALUES ($1, 49)", address_counter(ip)
    )
    await log_in(database, account.name, PASSWORD, ip=ip)
    assert await tries_of(owner, address_counter(ip)) == 49  # a right one is given back
    assert (await refused(database, "one more", ip=ip)).code is ErrorCode.CREDENTIALS
    locked = await refused(database, "and another", ip=ip)
    assert locked.code is ErrorCode.THROTTLED
    assert 890 <= int(str(locked.params["seconds"])) <= 900
    await log_in(database, account.name, PASSWORD, ip="203.0.113.51")


async def test_failures_of_yesterday_are_swept_by_a_log_in(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    account = await make_account(database, tenant)
    await owner.execute(
        "INSERT INTO login_failures (key, count, first_at, locked_until) VALUES"
        " ('swept', 3, now() - interval '2 days', NULL),"
        " ('kept', 9, now() - interval '2 days', now() - interval '1 hour')"
    )
    await log_in(database, account.name, PASSWORD)
    assert await tries_of(owner, "swept") is None
    assert await tries_of(owner, "kept") == 9


async def test_a_hash_of_older_parameters_is_renewed(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
    account = await make_account(database, tenant, hashed=password_hash(weak))
    await log_in(database, account.name, PASSWORD)
    stored = await owner.fetchval("SELECT password_hash FROM users WHERE id = $1", account.user_id)
    assert stored.startswith("$argon2id$")
    assert not HASHER.check_needs_rehash(stored)
    await log_in(database, account.name, PASSWORD)


async def test_whoever_is_deactivated_while_the_password_is_checked_stays_out(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    account = await make_account(database, tenant)
    change = owner.transaction()
    await change.start()
    await owner.execute("UPDATE users SET is_active = false WHERE id = $1", account.user_id)
    trying = asyncio.create_task(refused(database, account.name, PASSWORD))
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
    async with asyncio.timeout(5):
        while not await owner.fetchval(waiting):
            await owner.execute("SELECT pg_sleep(0.01)")
    await change.commit()
    assert (await trying).code is ErrorCode.CREDENTIALS
    assert await owner.fetchval("SELECT count(*) FROM sessions WHERE tenant_id = $1", tenant) == 0


async def test_hashing_leaves_the_event_loop_free() -> None:
    ticks = 0
    checking = asyncio.create_task(verify_password(None, PASSWORD))
    while not checking.done():
        await asyncio.sleep(0.002)
        ticks += 1
    assert ticks >= 4


def test_a_strangers_name_cannot_forge_a_log_line() -> None:
    assert shown("eve\n2026 admin logged in\x1b[2K\u202e") == (
        r"eve\n2026 admin logged in\x1b[2K\u202e"
    )
    assert len(shown("x" * 500)) == 64
