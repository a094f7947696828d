# SPDX-License-Identifier: Apache-2.0
"""Campaigns, retry settings, what is attached, and the do-not-call entries (X-37, X-40)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from server.database.ddl import INSTANT, protect, recorded, tenant_id

revision = "2026_11_21_campaigns"
down_revision = "2026_11_21_contacts"
branch_labels = None
depends_on = None

TABLES = ("campaigns", "retry_settings", "campaign_lists", "campaign_agents", "blacklist_entries")


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), server_default="MOTION_BULL", nullable=False),
        sa.Column("state", sa.Text(), server_default="DRAFT", nullable=False),
        sa.Column("global_max_retry", sa.Integer(), server_default="4", nullable=False),
        sa.Column("additional_phones_after", sa.Integer(), server_default="1", nullable=False),
        sa.Column("exhaustion_policy", sa.Text(), server_default="ANY_PHONE", nullable=False),
        sa.Column("max_attempts_per_contact", sa.Integer(), nullable=True),
        sa.Column("originate_timeout", sa.Integer(), server_default="30", nullable=False),
        sa.Column("queue_timeout", sa.Integer(), server_default="3", nullable=False),
        sa.Column("check_duplicate", sa.Text(), server_default="ALWAYS", nullable=False),
        sa.Column("dial_order", sa.Text(), server_default="ASC", nullable=False),
        sa.Column("simultaneous_lines", sa.Integer(), server_default="30", nullable=False),
        sa.Column("window_from", sa.Time(), nullable=True),
        sa.Column("window_to", sa.Time(), nullable=True),
        sa.Column("window_days", postgresql.ARRAY(sa.TEXT()), nullable=True),
        sa.Column("timezone", sa.Text(), server_default="Europe/Rome", nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("driver", sa.Text(), server_default="SIMULATED", nullable=False),
        sa.Column("simulation", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("clock_rate", sa.Integer(), server_default="1", nullable=False),
        sa.Column("clock_origin", INSTANT, nullable=True),
        sa.Column("settings_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        recorded("created_at"),
        tenant_id(),
        sa.CheckConstraint("additional_phones_after >= 0", name=op.f("ck_campaigns_wait_from_0")),
        sa.CheckConstraint("clock_rate >= 1", name=op.f("ck_campaigns_clock_rate_from_1")),
        sa.CheckConstraint("global_max_retry >= 0", name=op.f("ck_campaigns_global_max_from_0")),
        sa.CheckConstraint("simultaneous_lines >= 1", name=op.f("ck_campaigns_lines_from_1")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("tenant_id", "name_key", name=op.f("uq_campaigns_tenant_id_name_key")),
    )
    op.create_table(
        "blacklist_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("number", sa.String(length=16, collation="C"), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        recorded("created_at"),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_blacklist_entries_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blacklist_entries")),
    )
    op.create_index(op.f("ix_blacklist_entries_campaign_id"), "blacklist_entries", ["campaign_id"])
    op.create_index(
        "uq_blacklist_entries_scope",
        "blacklist_entries",
        ["tenant_id", "number", sa.literal_column("coalesce(campaign_id, 0)")],
        unique=True,
    )
    op.create_table(
        "campaign_lists",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        recorded("attached_at"),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_campaign_lists_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["contact_lists.id"],
            name=op.f("fk_campaign_lists_list_id_contact_lists"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "list_id", name=op.f("pk_campaign_lists")),
    )
    op.create_index(op.f("ix_campaign_lists_list_id"), "campaign_lists", ["list_id"])
    op.create_table(
        "retry_settings",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("max_retry", sa.Integer(), server_default="3", nullable=False),
        sa.Column("minutes", sa.Integer(), server_default="150", nullable=False),
        sa.Column("after_status", sa.Text(), server_default="ADVANCE", nullable=False),
        tenant_id(),
        sa.CheckConstraint("max_retry >= 0", name=op.f("ck_retry_settings_max_from_0")),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_retry_settings_minutes_from_0")),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_retry_settings_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "status", name=op.f("pk_retry_settings")),
    )
    op.create_table(
        "campaign_agents",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_campaign_agents_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_campaign_agents_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "user_id", name=op.f("pk_campaign_agents")),
    )
    op.create_index(op.f("ix_campaign_agents_user_id"), "campaign_agents", ["user_id"])
    for table in TABLES:
        protect(op.execute, table)


def downgrade() -> None:
    op.drop_table("campaign_agents")
    op.drop_table("retry_settings")
    op.drop_table("campaign_lists")
    op.drop_table("blacklist_entries")
    op.drop_table("campaigns")
