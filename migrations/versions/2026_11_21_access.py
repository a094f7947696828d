# SPDX-License-Identifier: Apache-2.0
"""Tenants, users and their rights: row-level security begins here (D10, X-09)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from server.database.ddl import (
    CREATE_APP_ROLE,
    EVERYTHING,
    INSTANT,
    LEAVE_SCHEMA,
    also_visible,
    bump_epoch,
    grant,
    protect,
    recorded,
    tenant_id,
)

revision = "2026_11_21_access"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("profiles", "users", "sessions", "api_tokens")

FUNCTIONS = (
    # No tenant set: NULL, which equals nothing, so that nothing is visible.
    """
    CREATE FUNCTION rubrica_tenant() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('rubrica.tenant_id', true), '')::bigint $$
    """,
    """
    CREATE FUNCTION rubrica_token_hash() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT decode(nullif(current_setting('rubrica.token_hash', true), ''), 'hex') $$
    """,
    """
    CREATE FUNCTION rubrica_login_name() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('rubrica.login_name', true), '') $$
    """,
    # plpgsql, so that the table may come after it; a tenant whose rights never changed has no row.
    """
    CREATE FUNCTION access_epoch() RETURNS bigint LANGUAGE plpgsql STABLE
    AS $$
    BEGIN
      RETURN coalesce((SELECT epoch FROM access_epochs WHERE tenant_id = rubrica_tenant()), 1);
    END $$
    """,
    # In the WHERE of every planned read: a viewer whose rights changed is refused in the same round
    # trip, and built anew.
    """
    CREATE FUNCTION access_current(expected bigint) RETURNS boolean LANGUAGE plpgsql STABLE
    AS $$
    BEGIN
      IF access_epoch() <> expected THEN
        RAISE EXCEPTION 'access rights have changed' USING ERRCODE = 'RB001';
      END IF;
      RETURN true;
    END $$
    """,
)
# As the owner: the application may read the epochs, never set them.
BUMP = """
DO $do$ BEGIN EXECUTE format($sql$
CREATE FUNCTION bump_access_epoch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = %I, pg_temp
AS $$
BEGIN
  INSERT INTO access_epochs AS known (tenant_id, epoch)
  VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END, 2)
  ON CONFLICT (tenant_id) DO UPDATE SET epoch = known.epoch + 1;
  RETURN NULL;
END $$
$sql$, current_schema()); END $do$
"""
SHOWN = ("name", "full_name", "locale", "timezone", "theme", "density")
RIGHTS = (
    ("users", ("role", "profile_id", "is_active", *SHOWN), True),
    ("profiles", ("permissions",), True),
    ("sessions", ("revoked_at",), False),
    ("api_tokens", ("revoked_at", "expires_at", "scopes"), False),
)


def upgrade() -> None:
    op.execute(CREATE_APP_ROLE)
    for function in FUNCTIONS:
        op.execute(function)
    op.create_table(
        "login_failures",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), server_default="0", nullable=False),
        recorded("first_at"),
        sa.Column("locked_until", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_failures")),
    )
    op.create_table(
        "profiles",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        recorded("created_at"),
        tenant_id(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles")),
        sa.UniqueConstraint("tenant_id", "name_key", name=op.f("uq_profiles_tenant_id_name_key")),
    )
    op.create_table(
        "tenants",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("default_region", sa.Text(), server_default="IT", nullable=False),
        sa.Column("timezone", sa.Text(), server_default="Europe/Rome", nullable=False),
        recorded("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("name", name=op.f("uq_tenants_name")),
    )
    op.create_table(
        "access_epochs",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_access_epochs_tenant_id_tenants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_access_epochs")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("full_name", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("profile_id", sa.BigInteger(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), server_default="en", nullable=False),
        sa.Column("timezone", sa.Text(), server_default="Europe/Rome", nullable=False),
        sa.Column("theme", sa.Text(), server_default="auto", nullable=False),
        sa.Column("density", sa.Text(), server_default="comfortable", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("last_login_at", INSTANT, nullable=True),
        recorded("created_at"),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profiles.id"], name=op.f("fk_users_profile_id_profiles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name_key", name=op.f("uq_users_name_key")),
    )
    op.create_index(op.f("ix_users_profile_id"), "users", ["profile_id"])
    op.create_index("ix_users_tenant_id_name_key", "users", ["tenant_id", "name_key", "id"])
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.TEXT()), nullable=True),
        recorded("created_at"),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index(op.f("ix_api_tokens_user_id"), "api_tokens", ["user_id"])
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        recorded("at"),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("data", postgresql.JSONB(), server_default="{}", nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_events_user_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_tenant_id_id", "events", ["tenant_id", "id"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ip", sa.Text(), server_default="", nullable=False),
        sa.Column("user_agent", sa.Text(), server_default="", nullable=False),
        recorded("created_at"),
        recorded("last_seen_at"),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"])
    op.execute("GRANT SELECT ON alembic_version TO rubrica_app")
    grant(op.execute, "tenants", "SELECT", "INSERT")
    protect(op.execute, "access_epochs", "SELECT")
    grant(op.execute, "login_failures", *EVERYTHING)
    protect(op.execute, "events", "SELECT", "INSERT")
    for table in TABLES:
        protect(op.execute, table)
    presented = "token_hash = rubrica_token_hash()"
    also_visible(op.execute, "sessions", "by_token", presented)
    also_visible(op.execute, "api_tokens", "by_token", presented)
    also_visible(op.execute, "users", "by_login_name", "name_key = rubrica_login_name()")
    op.execute(BUMP)
    for table, columns, created in RIGHTS:
        bump_epoch(op.execute, table, changed=columns, created=created)


def downgrade() -> None:
    op.drop_table("sessions")
    op.drop_table("events")
    op.drop_table("api_tokens")
    op.drop_table("users")
    op.drop_table("access_epochs")
    op.drop_table("tenants")
    op.drop_table("profiles")
    op.drop_table("login_failures")
    for name in (
        "bump_access_epoch()",
        "access_current(bigint)",
        "access_epoch()",
        "rubrica_login_name()",
        "rubrica_token_hash()",
        "rubrica_tenant()",
    ):
        op.execute(f"DROP FUNCTION {name}")
    op.execute("REVOKE ALL ON alembic_version FROM rubrica_app")
    op.execute(LEAVE_SCHEMA)
