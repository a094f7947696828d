# SPDX-License-Identifier: Apache-2.0
"""Find the open entries of a list in one campaign, which agents of the campaign see (X-17)."""

from alembic import op

revision = "2026_11_22_agents_sight"
down_revision = "2026_11_22_search_fold"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_hopper_entries_list_id_campaign_id", "hopper_entries", ["list_id", "campaign_id"]
    )
    op.drop_index("ix_hopper_entries_list_id", table_name="hopper_entries")


def downgrade() -> None:
    op.create_index("ix_hopper_entries_list_id", "hopper_entries", ["list_id"])
    op.drop_index("ix_hopper_entries_list_id_campaign_id", table_name="hopper_entries")
