# SPDX-License-Identifier: Apache-2.0
"""Entries that the gate holds back leave the index of the due, and so do those of one agent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_holds"
down_revision = "2026_11_22_answer_hours"
branch_labels = None
depends_on = None

CLAIMABLE = "state IN ('READY', 'WAIT_NEXT_PHONE', 'WAIT_RETRY', 'WAIT_CALLBACK')"
FREE = f"{CLAIMABLE} AND held_until IS NULL"
DUE = ["campaign_id", "bucket", "priority", "scheduled_at", "id"]
INDEXES = {
    "ix_hopper_entries_owned": (
        ["campaign_id", "owner_id", "bucket", "priority", "scheduled_at", "id"],
        f"{FREE} AND is_owner_only",
    ),
    "ix_hopper_entries_owned_fresh": (
        ["campaign_id", "owner_id", "created_at", "auto_dials", "id"],
        "state = 'READY' AND held_until IS NULL AND is_owner_only",
    ),
    "ix_hopper_entries_held": (
        [
            *("campaign_id", "hold_version", "bucket", "priority"),
            *("held_until", "scheduled_at", "id"),
        ],
        "held_until IS NOT NULL",
    ),
    "ix_hopper_entries_parked": (["campaign_id", "id"], "hold_rule = 'FAULT'"),
}


def upgrade() -> None:
    op.add_column(
        "hopper_entries",
        sa.Column("hold_version", sa.Integer(), server_default="0", nullable=False),
    )
    op.add_column("hopper_entries", sa.Column("claim_evidence", postgresql.JSONB(), nullable=True))
    op.add_column(
        "campaigns", sa.Column("hold_version", sa.Integer(), server_default="1", nullable=False)
    )
    _index("ix_hopper_entries_due", DUE, f"{FREE} AND NOT is_owner_only", again=True)
    for name, (columns, where) in INDEXES.items():
        _index(name, columns, where)


def _index(name: str, columns: list[str], where: str, *, again: bool = False) -> None:
    if again:
        op.drop_index(name, table_name="hopper_entries")
    op.create_index(name, "hopper_entries", columns, unique=False, postgresql_where=sa.text(where))


def downgrade() -> None:
    for name in reversed(INDEXES):
        op.drop_index(name, table_name="hopper_entries")
    _index("ix_hopper_entries_due", DUE, CLAIMABLE, again=True)
    op.drop_column("campaigns", "hold_version")
    op.drop_column("hopper_entries", "claim_evidence")
    op.drop_column("hopper_entries", "hold_version")
