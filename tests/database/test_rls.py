# SPDX-License-Identifier: Apache-2.0
"""Tenants see nothing of each other, whatever a statement forgets (D10, architecture section 2)."""

import asyncpg

from server.database import Database
from server.models import Base

TENANT_TABLES = sorted(
    name for name, table in Base.metadata.tables.items() if "tenant_id" in table.columns
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
