# SPDX-License-Identifier: Apache-2.0
"""Sessions and tokens that ended long ago do not pile up (ASVS 7.4)."""

import asyncio

import asyncpg

from server.database import Database
from server.processes import run_processes
from server.services import account
from tests.conftest import MakeTenant
from tests.factories.access import make_account

AGES = (  # days since: the end by itself, the end by somebody
    (-1, None),  # still good
    (-1, 29),
    (-1, 31),
    (29, None),
    (31, None),
    (31, 89),
    (91, None),
    (-1, 91),
)


async def furnish(owner: asyncpg.Connection, tenant: int, user_id: int) -> None:
    for number, (expired, revoked) in enumerate(AGES):
        for table, names, values in (
            ("sessions", "", ""),
            ("api_tokens", ", name, hint", ", 'a', 'b'"),
        ):
            await owner.execute(
                f"INSERT INTO {table} (tenant_id, user_id, token_hash, expires_at, revoked_at"
                f"{names}) VALUES ($1, $2, $3, now() - make_interval(days => $4::int),"
                f" now() - make_interval(days => $5::int){values})",
                *(tenant, user_id, f"{table} {user_id} {number}".encode(), expired, revoked),
            )


async def kept(owner: asyncpg.Connection, tenant: int, table: str) -> list[tuple[int, int | None]]:
    rows = await owner.fetch(
        f"SELECT (now()::date - expires_at::date), (now()::date - revoked_at::date) FROM {table}"
        " WHERE tenant_id = $1 ORDER BY id",
        tenant,
    )
    return [tuple(row) for row in rows]


async def test_what_ended_long_ago_is_forgotten_in_its_own_centre(
    database: Database, tenant: int, new_tenant: MakeTenant, owner: asyncpg.Connection
) -> None:
    other_tenant = await new_tenant()
    for centre in (tenant, other_tenant):
        await furnish(owner, centre, (await make_account(database, centre)).user_id)
    async with database.transaction(tenant) as session:
        assert await account.forget_ended(session) == 5 + 2
    async with database.transaction(tenant) as session:
        assert await account.forget_ended(session) == 0
    assert await kept(owner, tenant, "sessions") == [AGES[0], AGES[1], AGES[3]]
    assert await kept(owner, tenant, "api_tokens") == list(AGES[:6])
    assert await kept(owner, other_tenant, "sessions") == list(AGES)


async def test_a_worker_forgets_without_being_asked(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    await furnish(owner, tenant, (await make_account(database, tenant)).user_id)
    stop = asyncio.Event()
    worker = asyncio.create_task(run_processes(database, stop))
    async with asyncio.timeout(30):
        while len(await kept(owner, tenant, "api_tokens")) > 6:  # noqa: ASYNC110 # no event
            await asyncio.sleep(0.05)
    stop.set()
    await worker
