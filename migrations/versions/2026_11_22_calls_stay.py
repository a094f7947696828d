# SPDX-License-Identifier: Apache-2.0
"""Calls stay when their campaign is deleted: they were made, and caps go on counting them."""

import sqlalchemy as sa
from alembic import op

from server.database.ddl import INSTANT, protect, tenant_id

revision = "2026_11_22_calls_stay"
down_revision = "2026_11_22_pages_by_index"
branch_labels = None
depends_on = None

CAMPAIGN = "fk_call_attempts_campaign_id_campaigns"


def upgrade() -> None:
    op.create_table(
        "former_campaigns",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column(
            "deleted_at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        tenant_id(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_campaigns")),
    )
    protect(op.execute, "former_campaigns")
    op.drop_constraint(CAMPAIGN, "call_attempts", type_="foreignkey")


def downgrade() -> None:
    tables = ("call_attempts", "campaigns")
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM call_attempts WHERE campaign_id NOT IN (SELECT id FROM campaigns)")
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.create_foreign_key(
        CAMPAIGN, "call_attempts", "campaigns", ["campaign_id"], ["id"], ondelete="CASCADE"
    )
    op.drop_table("former_campaigns")
