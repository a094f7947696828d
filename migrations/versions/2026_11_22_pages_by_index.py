# SPDX-License-Identifier: Apache-2.0
"""Open scheduled tasks of all campaigns by their start, and opt-outs by their date, by an index."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_pages_by_index"
down_revision = "2026_11_22_tasks_of_contacts"
branch_labels = None
depends_on = None

TASKS, OPT_OUTS = "ix_scheduled_tasks_page", "ix_blacklist_entries_opt_outs"


def upgrade() -> None:
    op.create_index(
        TASKS,
        "scheduled_tasks",
        ["tenant_id", "starts_at", "id"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        OPT_OUTS,
        "blacklist_entries",
        ["tenant_id", "created_at", "id"],
        postgresql_where=sa.text("is_opt_out"),
    )


def downgrade() -> None:
    op.drop_index(OPT_OUTS, table_name="blacklist_entries")
    op.drop_index(TASKS, table_name="scheduled_tasks")
