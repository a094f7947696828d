# SPDX-License-Identifier: Apache-2.0
"""The dialer complete: gate, agents, callbacks, exchanges, and blacklists of more than numbers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from server.database.ddl import INSTANT, protect, recorded, tenant_id

revision = "2026_11_22_dialer_complete"
down_revision = "2026_11_22_search_addresses"
branch_labels = None
depends_on = None

TABLES = (
    "telephony_exchanges",
    "agent_desks",
    "consents",
    "dispositions",
    "scheduled_tasks",
)


def upgrade() -> None:
    _telephony()
    _agents()
    _consents()
    _dispositions()
    _tasks()
    _blacklists()
    _attempts()
    _campaigns()
    _entries()
    for table in TABLES:
        protect(op.execute, table)
    protect(op.execute, "agent_moments", "SELECT", "INSERT")


def _telephony() -> None:
    op.create_table(
        "telephony_exchanges",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("application", sa.Text(), server_default="rubrica", nullable=False),
        sa.Column(
            "dial_template", sa.Text(), server_default="PJSIP/{number}@trunk", nullable=False
        ),
        sa.Column("agent_template", sa.Text(), server_default="PJSIP/{endpoint}", nullable=False),
        sa.Column("answered_context", sa.Text(), server_default="", nullable=False),
        sa.Column("detects_machines", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        recorded("created_at"),
        tenant_id(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephony_exchanges")),
        sa.UniqueConstraint(
            "tenant_id", "name_key", name=op.f("uq_telephony_exchanges_tenant_id_name_key")
        ),
    )


def _agents() -> None:
    op.create_table(
        "agent_desks",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), server_default="OFFLINE", nullable=False),
        sa.Column("pause_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("since", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("endpoint", sa.Text(), server_default="", nullable=False),
        sa.Column("is_auto_dialing", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("leaves_after_call", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("claim_token", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("unique_id", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("attempt_id", sa.BigInteger(), nullable=True),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_agent_desks_campaign_id_campaigns"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_agent_desks_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_agent_desks")),
    )
    op.create_index(
        "ix_agent_desks_ready",
        "agent_desks",
        ["tenant_id", "since"],
        unique=False,
        postgresql_where=sa.text("state = 'READY'"),
    )
    op.create_table(
        "agent_moments",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("pause_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        recorded("at"),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_agent_moments_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_moments")),
    )
    op.create_index("ix_agent_moments_user_id_at", "agent_moments", ["user_id", "at"], unique=False)


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("matter", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=True),
        recorded("created_at"),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_consents_contact_id_contacts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"],
            ["users.id"],
            name=op.f("fk_consents_recorded_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_contact_id"), "consents", ["contact_id"], unique=False)


def _dispositions() -> None:
    op.create_table(
        "dispositions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("action", sa.Text(), server_default="CLOSE", nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default="0", nullable=False),
        recorded("created_at"),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_dispositions_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["dispositions.id"],
            name=op.f("fk_dispositions_parent_id_dispositions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispositions")),
    )
    op.create_index(op.f("ix_dispositions_parent_id"), "dispositions", ["parent_id"], unique=False)
    op.create_index(
        "uq_dispositions_name",
        "dispositions",
        [
            "tenant_id",
            sa.literal_column("coalesce(campaign_id, 0)"),
            sa.literal_column("coalesce(parent_id, 0)"),
            "name_key",
        ],
        unique=True,
    )


def _tasks() -> None:
    op.create_table(
        "scheduled_tasks",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.String(length=16, collation="C"), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("threshold_minutes", sa.Integer(), server_default="15", nullable=False),
        sa.Column("time_zone", sa.Text(), server_default="", nullable=False),
        sa.Column("type", sa.Text(), server_default="UNSPECIFIED", nullable=False),
        sa.Column("preference", sa.Text(), server_default="ANYONE", nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("last_agent_id", sa.BigInteger(), nullable=True),
        sa.Column("unique_id", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        recorded("created_at"),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["users.id"],
            name=op.f("fk_scheduled_tasks_agent_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_scheduled_tasks_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_scheduled_tasks_contact_id_contacts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["last_agent_id"],
            ["users.id"],
            name=op.f("fk_scheduled_tasks_last_agent_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_tasks")),
    )
    op.create_index(
        op.f("ix_scheduled_tasks_agent_id"), "scheduled_tasks", ["agent_id"], unique=False
    )
    op.create_index(
        "ix_scheduled_tasks_contact_id",
        "scheduled_tasks",
        ["contact_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        op.f("ix_scheduled_tasks_entry_id"), "scheduled_tasks", ["entry_id"], unique=False
    )
    op.create_index(
        "ix_scheduled_tasks_open",
        "scheduled_tasks",
        ["campaign_id", "starts_at", "id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _blacklists() -> None:
    op.add_column(
        "blacklist_entries", sa.Column("media", sa.Text(), server_default="PHONE", nullable=False)
    )
    op.add_column("blacklist_entries", sa.Column("email", sa.Text(collation="C"), nullable=True))
    op.add_column("blacklist_entries", sa.Column("contact_id", sa.BigInteger(), nullable=True))
    op.add_column("blacklist_entries", sa.Column("list_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "blacklist_entries",
        sa.Column("is_everywhere", sa.Boolean(), server_default="false", nullable=False),
    )
    op.add_column(
        "blacklist_entries",
        sa.Column("is_opt_out", sa.Boolean(), server_default="false", nullable=False),
    )
    op.add_column(
        "blacklist_entries", sa.Column("note", sa.Text(), server_default="", nullable=False)
    )
    op.add_column("blacklist_entries", sa.Column("created_by_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "blacklist_entries",
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
    )
    op.alter_column(
        "blacklist_entries",
        "number",
        existing_type=sa.VARCHAR(length=16, collation="C"),
        nullable=True,
    )
    op.drop_index(op.f("uq_blacklist_entries_scope"), table_name="blacklist_entries")
    op.create_index(
        "uq_blacklist_entries_scope",
        "blacklist_entries",
        [
            "tenant_id",
            "number",
            sa.literal_column("coalesce(campaign_id, 0)"),
            sa.literal_column("coalesce(list_id, 0)"),
        ],
        unique=True,
        postgresql_where=sa.text("media = 'PHONE'"),
    )
    op.create_index(
        op.f("ix_blacklist_entries_contact_id"), "blacklist_entries", ["contact_id"], unique=False
    )
    op.create_index(
        op.f("ix_blacklist_entries_list_id"), "blacklist_entries", ["list_id"], unique=False
    )
    op.create_foreign_key(
        op.f("fk_blacklist_entries_created_by_id_users"),
        "blacklist_entries",
        "users",
        ["created_by_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_blacklist_entries_contact_id_contacts"),
        "blacklist_entries",
        "contacts",
        ["contact_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_foreign_key(
        op.f("fk_blacklist_entries_list_id_contact_lists"),
        "blacklist_entries",
        "contact_lists",
        ["list_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_check_constraint(
        "one_target", "blacklist_entries", "num_nonnulls(number, email, contact_id) = 1"
    )


def _attempts() -> None:
    op.add_column(
        "call_attempts",
        sa.Column("evidence", postgresql.JSONB(), server_default="{}", nullable=False),
    )
    op.add_column("call_attempts", sa.Column("mode", sa.Text(), nullable=True))
    op.add_column("call_attempts", sa.Column("caller_id", sa.Text(), nullable=True))
    op.add_column("call_attempts", sa.Column("rang_at", INSTANT, nullable=True))
    op.add_column("call_attempts", sa.Column("answered_at", INSTANT, nullable=True))
    op.add_column("call_attempts", sa.Column("connected_at", INSTANT, nullable=True))
    op.drop_index(op.f("ix_call_attempts_contact_id"), table_name="call_attempts")
    op.create_index(
        "ix_call_attempts_contact_id_started_at",
        "call_attempts",
        ["contact_id", "started_at"],
        unique=False,
    )
    op.create_index(
        "ix_call_attempts_number_started_at",
        "call_attempts",
        ["tenant_id", "number", "started_at"],
        unique=False,
    )


def _campaigns() -> None:
    op.add_column("campaigns", sa.Column("max_attempts_per_number", sa.Integer(), nullable=True))
    op.add_column(
        "campaigns", sa.Column("mode", sa.Text(), server_default="DIRECT", nullable=False)
    )
    op.add_column(
        "campaigns",
        sa.Column(
            "power_level", sa.Numeric(precision=3, scale=1), server_default="1", nullable=False
        ),
    )
    op.add_column(
        "campaigns",
        sa.Column(
            "abandoned_cap", sa.Numeric(precision=4, scale=2), server_default="3", nullable=False
        ),
    )
    op.add_column(
        "campaigns",
        sa.Column("abandoned_hours", sa.Integer(), server_default="720", nullable=False),
    )
    op.add_column(
        "campaigns", sa.Column("wrap_up_seconds", sa.Integer(), server_default="30", nullable=False)
    )
    op.add_column(
        "campaigns", sa.Column("dialway", sa.Text(), server_default="OFF", nullable=False)
    )
    op.add_column(
        "campaigns", sa.Column("may_obtain", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column(
        "campaigns",
        sa.Column("obtained_per_click", sa.Integer(), server_default="20", nullable=False),
    )
    op.add_column(
        "campaigns", sa.Column("most_owned", sa.Integer(), server_default="50", nullable=False)
    )
    op.add_column(
        "campaigns",
        sa.Column("policies", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False),
    )
    op.add_column(
        "campaigns", sa.Column("rules", postgresql.JSONB(), server_default="[]", nullable=False)
    )
    op.add_column("campaigns", sa.Column("matter", sa.Text(), server_default="", nullable=False))
    op.add_column("campaigns", sa.Column("starts_at", INSTANT, nullable=True))
    op.add_column("campaigns", sa.Column("exchange_id", sa.BigInteger(), nullable=True))
    op.add_column("campaigns", sa.Column("caller_id", sa.Text(), server_default="", nullable=False))
    op.create_foreign_key(
        op.f("fk_campaigns_exchange_id_telephony_exchanges"),
        "campaigns",
        "telephony_exchanges",
        ["exchange_id"],
        ["id"],
        ondelete="RESTRICT",
    )
    op.create_check_constraint("power_level_1_to_10", "campaigns", "power_level BETWEEN 1 AND 10")


def _entries() -> None:
    op.add_column("contact_lists", sa.Column("screened_at", INSTANT, nullable=True))
    op.add_column(
        "hopper_entries",
        sa.Column("is_owner_only", sa.Boolean(), server_default="false", nullable=False),
    )
    op.add_column(
        "hopper_entries", sa.Column("auto_dials", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("hopper_entries", sa.Column("agent_id", sa.BigInteger(), nullable=True))
    op.add_column("hopper_entries", sa.Column("held_until", INSTANT, nullable=True))
    op.add_column("hopper_entries", sa.Column("hold_rule", sa.Text(), nullable=True))
    op.add_column("hopper_entries", sa.Column("hold_evidence", postgresql.JSONB(), nullable=True))
    op.add_column(
        "hopper_entries", sa.Column("faults", sa.SmallInteger(), server_default="0", nullable=False)
    )
    op.create_foreign_key(
        op.f("fk_hopper_entries_agent_id_users"),
        "hopper_entries",
        "users",
        ["agent_id"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade() -> None:
    op.drop_constraint(
        op.f("fk_hopper_entries_agent_id_users"), "hopper_entries", type_="foreignkey"
    )
    op.drop_column("hopper_entries", "faults")
    op.drop_column("hopper_entries", "hold_evidence")
    op.drop_column("hopper_entries", "hold_rule")
    op.drop_column("hopper_entries", "held_until")
    op.drop_column("hopper_entries", "agent_id")
    op.drop_column("hopper_entries", "auto_dials")
    op.drop_column("hopper_entries", "is_owner_only")
    op.drop_column("contact_lists", "screened_at")
    op.drop_constraint(
        op.f("fk_campaigns_exchange_id_telephony_exchanges"), "campaigns", type_="foreignkey"
    )
    op.drop_column("campaigns", "caller_id")
    op.drop_column("campaigns", "exchange_id")
    op.drop_column("campaigns", "starts_at")
    op.drop_column("campaigns", "matter")
    op.drop_column("campaigns", "rules")
    op.drop_column("campaigns", "policies")
    op.drop_column("campaigns", "most_owned")
    op.drop_column("campaigns", "obtained_per_click")
    op.drop_column("campaigns", "may_obtain")
    op.drop_column("campaigns", "dialway")
    op.drop_column("campaigns", "wrap_up_seconds")
    op.drop_column("campaigns", "abandoned_hours")
    op.drop_column("campaigns", "abandoned_cap")
    op.drop_constraint(op.f("ck_campaigns_power_level_1_to_10"), "campaigns")
    op.drop_column("campaigns", "power_level")
    op.drop_column("campaigns", "mode")
    op.drop_column("campaigns", "max_attempts_per_number")
    op.drop_index("ix_call_attempts_number_started_at", table_name="call_attempts")
    op.drop_index("ix_call_attempts_contact_id_started_at", table_name="call_attempts")
    op.create_index(
        op.f("ix_call_attempts_contact_id"), "call_attempts", ["contact_id"], unique=False
    )
    op.drop_column("call_attempts", "connected_at")
    op.drop_column("call_attempts", "answered_at")
    op.drop_column("call_attempts", "rang_at")
    op.drop_column("call_attempts", "caller_id")
    op.drop_column("call_attempts", "mode")
    op.drop_column("call_attempts", "evidence")
    op.execute("DELETE FROM blacklist_entries WHERE number IS NULL")
    op.drop_constraint(op.f("ck_blacklist_entries_one_target"), "blacklist_entries")
    op.drop_constraint(
        op.f("fk_blacklist_entries_list_id_contact_lists"), "blacklist_entries", type_="foreignkey"
    )
    op.drop_constraint(
        op.f("fk_blacklist_entries_contact_id_contacts"), "blacklist_entries", type_="foreignkey"
    )
    op.drop_constraint(
        op.f("fk_blacklist_entries_created_by_id_users"), "blacklist_entries", type_="foreignkey"
    )
    op.drop_index(op.f("ix_blacklist_entries_list_id"), table_name="blacklist_entries")
    op.drop_index(op.f("ix_blacklist_entries_contact_id"), table_name="blacklist_entries")
    op.drop_index(
        "uq_blacklist_entries_scope",
        table_name="blacklist_entries",
        postgresql_where=sa.text("media = 'PHONE'"),
    )
    op.create_index(
        op.f("uq_blacklist_entries_scope"),
        "blacklist_entries",
        ["tenant_id", "number", sa.literal_column("COALESCE(campaign_id, 0::bigint)")],
        unique=True,
    )
    op.alter_column(
        "blacklist_entries",
        "number",
        existing_type=sa.VARCHAR(length=16, collation="C"),
        nullable=False,
    )
    op.drop_column("blacklist_entries", "version")
    op.drop_column("blacklist_entries", "created_by_id")
    op.drop_column("blacklist_entries", "note")
    op.drop_column("blacklist_entries", "is_opt_out")
    op.drop_column("blacklist_entries", "is_everywhere")
    op.drop_column("blacklist_entries", "list_id")
    op.drop_column("blacklist_entries", "contact_id")
    op.drop_column("blacklist_entries", "email")
    op.drop_column("blacklist_entries", "media")
    op.drop_index(
        "ix_scheduled_tasks_open",
        table_name="scheduled_tasks",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(op.f("ix_scheduled_tasks_entry_id"), table_name="scheduled_tasks")
    op.drop_index(
        "ix_scheduled_tasks_contact_id",
        table_name="scheduled_tasks",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(op.f("ix_scheduled_tasks_agent_id"), table_name="scheduled_tasks")
    op.drop_table("scheduled_tasks")
    op.drop_index("uq_dispositions_name", table_name="dispositions")
    op.drop_index(op.f("ix_dispositions_parent_id"), table_name="dispositions")
    op.drop_table("dispositions")
    op.drop_index(op.f("ix_consents_contact_id"), table_name="consents")
    op.drop_table("consents")
    op.drop_index("ix_agent_moments_user_id_at", table_name="agent_moments")
    op.drop_table("agent_moments")
    op.drop_index(
        "ix_agent_desks_ready",
        table_name="agent_desks",
        postgresql_where=sa.text("state = 'READY'"),
    )
    op.drop_table("agent_desks")
    op.drop_table("telephony_exchanges")
