# SPDX-License-Identifier: Apache-2.0
"""Customers of an agent are counted, and freed when the agent leaves, without a look at others."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_owned_customers"
down_revision = "2026_11_22_objections"
branch_labels = None
depends_on = None

NAME = "ix_hopper_entries_owner_id_campaign_id"


def upgrade() -> None:
    op.create_index(
        NAME,
        "hopper_entries",
        ["owner_id", "campaign_id"],
        unique=False,
        postgresql_where=sa.text("owner_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(NAME, table_name="hopper_entries")
