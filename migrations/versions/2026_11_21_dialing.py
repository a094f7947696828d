# SPDX-License-Identifier: Apache-2.0
"""The hopper, the history and the final results (dial-machine sections 2 and 8)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from server.database.ddl import INSTANT, grant, protect, recorded, tenant_id

revision = "2026_11_21_dialing"
down_revision = "2026_11_21_campaigns"
branch_labels = None
depends_on = None

TABLES = ("hopper_entries", "hopper_phones", "final_results", "attempt_tallies")


def upgrade() -> None:
    op.create_table(
        "attempt_tallies",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("minute", INSTANT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_attempt_tallies_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "minute", "status", name=op.f("pk_attempt_tallies")),
    )
    op.create_table(
        "call_attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("phone_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.String(length=16, collation="C"), nullable=False),
        sa.Column("item_type_name", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("unique_id", sa.Text(), nullable=True),
        sa.Column("scheduled_at", INSTANT, nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("is_edited", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("edited_at", INSTANT, nullable=True),
        recorded("recorded_at"),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_call_attempts_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_attempts")),
    )
    op.create_index("ix_call_attempts_campaign_id", "call_attempts", ["campaign_id", "id"])
    op.create_index(op.f("ix_call_attempts_contact_id"), "call_attempts", ["contact_id"])
    op.create_index(
        "uq_call_attempts_unique_id",
        "call_attempts",
        ["tenant_id", "unique_id"],
        unique=True,
        postgresql_where=sa.text("unique_id IS NOT NULL"),
    )
    op.create_table(
        "final_results",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("primary_number", sa.String(length=16, collation="C"), nullable=True),
        sa.Column("number", sa.String(length=16, collation="C"), nullable=True),
        sa.Column("item_type_name", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("limit_status", sa.Text(), nullable=True),
        sa.Column("limit_number", sa.Text(), nullable=True),
        sa.Column("counters", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("total_attempts", sa.Integer(), nullable=False),
        sa.Column("first_attempt_at", INSTANT, nullable=True),
        sa.Column("last_attempt_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=False),
        recorded("recorded_at"),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_final_results_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_final_results")),
    )
    op.create_index("ix_final_results_campaign_id", "final_results", ["campaign_id", "id"])
    op.create_index(
        "ix_final_results_campaign_id_primary_number",
        "final_results",
        ["campaign_id", "primary_number"],
    )
    op.create_index(op.f("ix_final_results_contact_id"), "final_results", ["contact_id"])
    op.create_table(
        "hopper_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="READY", nullable=False),
        sa.Column("bucket", sa.SmallInteger(), server_default="4", nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default="2", nullable=False),
        sa.Column("scheduled_at", INSTANT, nullable=False),
        sa.Column("round", sa.Integer(), server_default="1", nullable=False),
        sa.Column("current_position", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("current_number", sa.String(length=16, collation="C"), nullable=False),
        sa.Column("primary_number", sa.String(length=16, collation="C"), nullable=True),
        sa.Column("is_unique", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("total_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_attempt_at", INSTANT, nullable=True),
        sa.Column("last_attempt_at", INSTANT, nullable=True),
        sa.Column("last_number", sa.String(length=16, collation="C"), nullable=True),
        sa.Column("claim_token", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("state_before_claim", sa.Text(), nullable=True),
        sa.Column("is_originate_confirmed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("close_after_call", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("is_callback", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("callback_at", INSTANT, nullable=True),
        sa.Column("callback_unique_id", sa.Text(), nullable=True),
        recorded("created_at"),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_hopper_entries_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_hopper_entries_contact_id_contacts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["contact_lists.id"],
            name=op.f("fk_hopper_entries_list_id_contact_lists"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["users.id"],
            name=op.f("fk_hopper_entries_owner_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hopper_entries")),
        postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02},
    )
    op.create_index(
        "ix_hopper_entries_due",
        "hopper_entries",
        ["campaign_id", "bucket", "priority", "scheduled_at", "id"],
        unique=False,
        postgresql_where=sa.text(
            "state IN ('READY', 'WAIT_NEXT_PHONE', 'WAIT_RETRY', 'WAIT_CALLBACK')"
        ),
    )
    op.create_index(
        "ix_hopper_entries_lease",
        "hopper_entries",
        ["campaign_id", "lease_until"],
        unique=False,
        postgresql_where=sa.text("state IN ('DIALING', 'CONNECTED')"),
    )
    op.create_index(op.f("ix_hopper_entries_list_id"), "hopper_entries", ["list_id"])
    op.create_index(
        "ix_hopper_entries_page", "hopper_entries", ["campaign_id", "scheduled_at", "id"]
    )
    op.create_index(
        "ix_hopper_entries_primary_number",
        "hopper_entries",
        ["campaign_id", "primary_number"],
        unique=False,
        postgresql_where=sa.text("NOT is_unique"),
    )
    op.create_index(
        "uq_hopper_entries_contact_id_campaign_id",
        "hopper_entries",
        ["contact_id", "campaign_id"],
        unique=True,
    )
    op.create_index(
        "uq_hopper_entries_dialing_number",
        "hopper_entries",
        ["tenant_id", "current_number"],
        unique=True,
        postgresql_where=sa.text("state IN ('DIALING', 'CONNECTED')"),
    )
    op.create_index(
        "uq_hopper_entries_primary_number",
        "hopper_entries",
        ["campaign_id", "primary_number"],
        unique=True,
        postgresql_where=sa.text("is_unique"),
    )
    op.create_table(
        "hopper_phones",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=16, collation="C"), nullable=False),
        sa.Column("phone_id", sa.BigInteger(), nullable=True),
        sa.Column("item_type_name", sa.Text(), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("phone_state", sa.Text(), server_default="OPEN", nullable=False),
        sa.Column("congestion", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("busy", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("no_answer", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("no_such_number", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("drop", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("abandoned", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("machine", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("agent_reject", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("last_status", sa.Text(), nullable=True),
        sa.Column("last_at", INSTANT, nullable=True),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["hopper_entries.id"],
            name=op.f("fk_hopper_phones_entry_id_hopper_entries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hopper_phones")),
        postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02},
    )
    op.create_index(
        "uq_hopper_phones_entry_id_number", "hopper_phones", ["entry_id", "number"], unique=True
    )
    protect(op.execute, "call_attempts", "SELECT", "INSERT")
    grant(op.execute, "call_attempts", "UPDATE (disposition, is_edited, edited_at)")
    for table in TABLES:
        protect(op.execute, table)


def downgrade() -> None:
    op.drop_table("hopper_phones")
    op.drop_table("hopper_entries")
    op.drop_table("final_results")
    op.drop_table("call_attempts")
    op.drop_table("attempt_tallies")
