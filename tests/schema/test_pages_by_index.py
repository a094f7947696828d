# SPDX-License-Identifier: Apache-2.0
"""Pages over all that a centre has walk an index, however much it is (C-29, C-31)."""

import asyncpg
import pytest

from server.context import Context
from server.database import Database
from server.domain.permissions import Viewer
from tests.schema.asking import executor
from tests.services.dialer.centre import Centre

TASKS = """
INSERT INTO scheduled_tasks (campaign_id, contact_id, number, starts_at, ends_at, closed_at)
SELECT $1, $2, '+390612345000', now() + n * interval '1 minute', now() + interval '9 days',
  CASE WHEN n % 3 = 0 THEN now() END
FROM generate_series(1, 2000) n
"""
ENTRIES = """
INSERT INTO blacklist_entries (number, is_opt_out, is_everywhere, created_at)
SELECT '+39' || 60000000 + n, n % 100 = 0, n % 100 = 0, now() + n * interval '1 second'
FROM generate_series(1, 2000) n
"""
CALLS = """
WITH called AS (
  INSERT INTO contacts (first_name, name_key, given_key)
  SELECT 'c', 'c', 'c' FROM generate_series(1, 2000) RETURNING id
)
INSERT INTO call_attempts (campaign_id, contact_id, entry_id, round, position, number, status,
  started_at, ended_at, policy_version)
SELECT $1, id, 1, 1, 0, '+390612345000', 'BUSY', now(), now(), 1 FROM called
"""


class Explaining:
    """The real database, which only says how it would answer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.plan = ""

    async def read(
        self, tenant_id: int | None, sql: str, *args: object, **options: bool
    ) -> list[asyncpg.Record]:
        lines = await self.database.read(tenant_id, f"EXPLAIN {sql}", *args)
        self.plan = "\n".join(line[0] for line in lines)
        return await self.database.read(tenant_id, sql, *args, **options)


async def explained(database: Database, viewer: Viewer, field: str, more: str = "") -> str:
    runner, documents = executor()
    explaining = Explaining(database)
    context = Context(database=explaining, viewer=viewer)  # type: ignore[arg-type]
    page = f"{field} {{ totalCountCapped edges {{ node {{ id {more} }} }} }}"
    await runner.execute(documents.checked(f"{{ {page} }}"), None, {}, context)
    return explaining.plan


@pytest.mark.parametrize(
    ("field", "index"),
    [
        ("scheduledTasks(first: 25)", "ix_scheduled_tasks_page"),
        ("scheduledTasks(first: 25, filter: {type: UNSPECIFIED})", "ix_scheduled_tasks_page"),
        ("scheduledTasks(first: 25, filter: {states: [DUE]})", "ix_scheduled_tasks_page"),
        ("blacklistEntries(first: 25, filter: {isOptOut: true})", "ix_blacklist_entries_opt_outs"),
        ("blacklistEntries(first: 25, filter: {isOptOut: false})", "ix_blacklist_entries_page"),
    ],
)
async def test_a_page_and_its_count_walk_an_index(
    database: Database, viewer: Viewer, owner: asyncpg.Connection, field: str, index: str
) -> None:
    centre = Centre(database, viewer.tenant_id)
    await centre.rows(TASKS, await centre.campaign(), await centre.contact("+390612345000"))
    await centre.rows(ENTRIES)
    await owner.execute("ANALYZE scheduled_tasks, blacklist_entries")
    plan = await explained(database, viewer, field)
    assert plan.count(f" using {index}") == 2, plan


async def test_contacts_of_calls_are_looked_up_though_they_may_be_merged(
    database: Database, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    """X-26: row-level security keeps what is not leakproof from any index."""
    centre = Centre(database, viewer.tenant_id)
    await centre.rows(CALLS, await centre.campaign())
    await owner.execute("ANALYZE contacts, call_attempts, merged_contacts")
    plan = await explained(database, viewer, "callAttempts(first: 25)", "contact { id }")
    assert " using pk_contacts" in plan, plan
