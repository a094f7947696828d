# SPDX-License-Identifier: Apache-2.0
"""Callbacks that end, stays that were rescheduled, and dispositions on final results."""

import sqlalchemy as sa
from alembic import op

from server.database.ddl import INSTANT

revision = "2026_11_22_callbacks"
down_revision = "2026_11_22_blacklist_search"
branch_labels = None
depends_on = None

LEVELS = ("disposition_1", "disposition_2", "disposition_3")


def upgrade() -> None:
    op.add_column("dispositions", _integer("version", "1", sa.BigInteger()))
    op.add_column("scheduled_tasks", _integer("early_minutes", "0", sa.Integer()))
    op.drop_index("ix_scheduled_tasks_entry_id", table_name="scheduled_tasks")
    in_hopper = sa.text("entry_id IS NOT NULL")
    op.create_index(
        "uq_scheduled_tasks_entry_id",
        "scheduled_tasks",
        ["entry_id"],
        unique=True,
        postgresql_where=in_hopper,
    )
    op.create_index(
        "ix_scheduled_tasks_ends_at",
        "scheduled_tasks",
        ["campaign_id", "ends_at"],
        postgresql_where=in_hopper,
    )
    op.add_column("hopper_entries", sa.Column("callback_until", INSTANT, nullable=True))
    for level in LEVELS:
        op.add_column("final_results", sa.Column(level, sa.Text(), nullable=True))
    for flag in ("is_rescheduled", "is_callback"):
        op.add_column(
            "final_results",
            sa.Column(flag, sa.Boolean(), server_default="false", nullable=False),
        )
    op.add_column("final_results", sa.Column("rescheduled_at", INSTANT, nullable=True))
    op.create_index("ix_final_results_entry_id", "final_results", ["entry_id"])


def downgrade() -> None:
    op.drop_index("ix_final_results_entry_id", table_name="final_results")
    for column in ("rescheduled_at", "is_callback", "is_rescheduled", *LEVELS):
        op.drop_column("final_results", column)
    op.drop_column("hopper_entries", "callback_until")
    op.drop_index("ix_scheduled_tasks_ends_at", table_name="scheduled_tasks")
    op.drop_index("uq_scheduled_tasks_entry_id", table_name="scheduled_tasks")
    op.create_index("ix_scheduled_tasks_entry_id", "scheduled_tasks", ["entry_id"])
    op.drop_column("scheduled_tasks", "early_minutes")
    op.drop_column("dispositions", "version")


def _integer(name: str, default: str, kind: sa.types.TypeEngine[int]) -> sa.Column[int]:
    return sa.Column(name, kind, server_default=default, nullable=False)
