# SPDX-License-Identifier: Apache-2.0
"""Row-level security as migrations write it: forced on every table that has a `tenant_id` (D10)."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from .address import APP_ROLE

Execute = Callable[[str], object]
EVERYTHING = ("SELECT", "INSERT", "UPDATE", "DELETE")

# Roles belong to the whole server: two databases may be migrated at once, so both outcomes of the
# race are right. A superuser may become any role; an ordinary owner is granted it.
CREATE_APP_ROLE = f"""
DO $$
BEGIN
  BEGIN
    CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  IF NOT pg_has_role(current_user, '{APP_ROLE}', 'MEMBER') THEN
    EXECUTE format('GRANT {APP_ROLE} TO %I', current_user);
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO {APP_ROLE}', current_schema());
END $$
"""

LEAVE_SCHEMA = f"""
DO $$ BEGIN EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM {APP_ROLE}', current_schema()); END $$
"""
INSTANT = sa.DateTime(timezone=True)


def tenant_id() -> sa.Column[int]:
    """Whose row it is; unless said otherwise that of the session's tenant."""
    return sa.Column(
        "tenant_id", sa.BigInteger(), server_default=sa.text("rubrica_tenant()"), nullable=False
    )


def recorded(name: str) -> sa.Column[datetime]:
    """When the row was written, by the database's clock."""
    return sa.Column(name, INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False)


def grant(execute: Execute, table: str, *privileges: str) -> None:
    """What the application may do with a table; a privilege may name columns."""
    execute(f'GRANT {", ".join(privileges)} ON "{table}" TO {APP_ROLE}')


def protect(execute: Execute, table: str, *privileges: str) -> None:
    """Rows are seen and written only by the tenant that the session serves, the owner included."""
    execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    execute(
        f'CREATE POLICY tenant_isolation ON "{table}" '
        "USING (tenant_id = rubrica_tenant()) WITH CHECK (tenant_id = rubrica_tenant())"
    )
    grant(execute, table, *(privileges or EVERYTHING))


def also_visible(execute: Execute, table: str, policy: str, condition: str) -> None:
    """A row that is read before the tenant is known: who presents its secret sees that one."""
    execute(f'CREATE POLICY {policy} ON "{table}" FOR SELECT USING ({condition})')


def bump_epoch(execute: Execute, table: str, *, changed: tuple[str, ...], created: bool) -> None:
    """Count the tenant's access epoch up when rights may have changed through this table."""
    old = ", ".join(f"OLD.{column}" for column in changed)
    new = ", ".join(f"NEW.{column}" for column in changed)
    execute(
        f"CREATE TRIGGER access_changed AFTER UPDATE ON {table} FOR EACH ROW "
        f"WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION bump_access_epoch()"
    )
    events = "INSERT OR DELETE" if created else "DELETE"
    execute(
        f"CREATE TRIGGER access_rows AFTER {events} ON {table} FOR EACH ROW "
        "EXECUTE FUNCTION bump_access_epoch()"
    )


def statements(script: str) -> list[str]:
    """A script of another package as single statements, which is all that asyncpg prepares.

    A semicolon at a line's end separates, except within the `$$` of a function's body.
    """
    found, current, inside = [], [], False
    for line in script.splitlines():
        if line.startswith("--"):
            continue
        current.append(line)
        inside ^= line.count("$$") % 2 == 1
        if line.rstrip().endswith(";") and not inside:
            found.append("\n".join(current))
            current = []
    return [statement for statement in found if statement.strip()]
