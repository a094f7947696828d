# SPDX-License-Identifier: Apache-2.0
"""Tenants see nothing of each other, whatever a statement forgets (D10, architecture section 2)."""

import asyncpg
import pytest

from server.database import Database
from server.database.address import as_application
from server.models import Base
from tests.conftest import MakeTenant

TENANT_TABLES = sorted(
    name for name, table in Base.metadata.tables.items() if "tenant_id" in table.columns
)
INSERT_TYPE = (
    "INSERT INTO contact_item_types (name, name_key, order_by, color) "
    "VALUES ($1, lower($1), 1, '#112233') RETURNING id"
)


async def test_every_table_with_a_tenant_is_protected(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        """
        SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, p.polqual IS NOT NULL AS using,
               p.polwithcheck IS NOT NULL AS checked, p.polcmd::text AS command
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'tenant_isolation'
        WHERE c.relkind IN ('r', 'p')
        """
    )
    assert sorted(row["relname"] for row in rows) == TENANT_TABLES
    assert {tuple(row)[1:] for row in rows} == {(True, True, True, True, "*")}


async def test_only_the_tenants_own_tables_go_without_protection(
    owner: asyncpg.Connection,
) -> None:
    rows = await owner.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relrowsecurity "
        "AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'pgqueuer%'"
    )
    assert {row["relname"] for row in rows} == {"alembic_version", "login_failures", "tenants"}


async def test_the_application_cannot_bypass_row_level_security(database: Database) -> None:
    rows = await database.read(
        None,
        """
        SELECT current_user::text AS name, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole,
               (SELECT count(*) FROM pg_class WHERE relowner = pg_roles.oid) AS owned
        FROM pg_roles WHERE rolname = current_user
        """,
    )
    assert [tuple(row) for row in rows] == [("rubrica_app", False, False, False, False, 0)]


async def test_resetting_the_role_comes_back_to_the_applications(database: Database) -> None:
    connection = await asyncpg.connect(
        **as_application(database.url, statement_timeout=1, name="test")
    )
    for statement in ("RESET ROLE", "RESET ALL", "DISCARD ALL"):
        await connection.execute(statement)
        # A text of its own each time: discarding takes the prepared statements along.
        found = await connection.fetchval(f"SELECT current_user::text -- {statement}")
        assert (statement, found) == (statement, "rubrica_app")
    await connection.close()


async def test_without_a_tenant_nothing_is_visible(
    database: Database, owner: asyncpg.Connection, tenant: int
) -> None:
    await database.read(tenant, INSERT_TYPE, "Office")
    assert await owner.fetchval("SELECT count(*) FROM contact_item_types") > 0
    for table in TENANT_TABLES:
        rows = await database.read(None, f"SELECT count(*) FROM {table}")
        assert (table, rows[0][0]) == (table, 0)


async def test_without_a_tenant_nothing_is_written(database: Database, tenant: int) -> None:
    with pytest.raises(asyncpg.PostgresError):
        await database.read(None, INSERT_TYPE, "Nobody's")


async def test_a_row_is_its_tenants_own(
    database: Database, owner: asyncpg.Connection, new_tenant: MakeTenant
) -> None:
    mine, theirs = await new_tenant(), await new_tenant()
    (row,) = await database.read(theirs, INSERT_TYPE, "Office")
    assert await database.read(mine, "SELECT * FROM contact_item_types") == []
    for statement in (
        "UPDATE contact_item_types SET name = 'taken' WHERE id = $1 RETURNING id",
        "DELETE FROM contact_item_types WHERE id = $1 RETURNING id",
    ):
        assert await database.read(mine, statement, row["id"]) == []
    found = await owner.fetchrow("SELECT * FROM contact_item_types WHERE id = $1", row["id"])
    assert found is not None
    assert (found["name"], found["tenant_id"]) == ("Office", theirs)


async def test_a_row_for_another_tenant_is_refused(
    database: Database, new_tenant: MakeTenant
) -> None:
    mine, theirs = await new_tenant(), await new_tenant()
    (row,) = await database.read(mine, INSERT_TYPE, "Office")
    for statement, value in (
        (
            "INSERT INTO contact_item_types (tenant_id, name, name_key, order_by, color) "
            "VALUES ($1, 'x', 'x', 1, '#112233')",
            theirs,
        ),
        (f"UPDATE contact_item_types SET tenant_id = $1 WHERE id = {row['id']}", theirs),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await database.read(mine, statement, value)


@pytest.mark.parametrize("table", ["events", "call_attempts"])
async def test_what_is_history_stays(database: Database, tenant: int, table: str) -> None:
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id + 1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            await database.read(tenant, statement)


async def test_of_a_call_only_the_disposition_may_be_edited(
    database: Database, tenant: int
) -> None:
    allowed = "UPDATE call_attempts SET disposition = 'SALE', is_edited = true, edited_at = now()"
    assert await database.read(tenant, allowed) == []


async def test_the_registry_of_tenants_is_not_the_applications_to_edit(
    database: Database, tenant: int
) -> None:
    for statement in ("DELETE FROM tenants", "UPDATE tenants SET name = 'x'"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            await database.read(tenant, statement)


async def test_the_queue_is_the_applications_to_use(database: Database) -> None:
    await database.read(
        None,
        "INSERT INTO pgqueuer (priority, status, entrypoint) VALUES (0, 'queued', 'test')",
    )
    rows = await database.read(
        None, "DELETE FROM pgqueuer WHERE entrypoint = 'test' RETURNING priority"
    )
    assert [tuple(row) for row in rows] == [(0,)]
