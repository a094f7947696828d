# SPDX-License-Identifier: Apache-2.0
"""All tasks of a contact by an index: who is deleted takes the closed ones along too."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_tasks_of_contacts"
down_revision = "2026_11_22_owned_customers"
branch_labels = None
depends_on = None

INDEX, TABLE = "ix_scheduled_tasks_contact_id", "scheduled_tasks"


def upgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE)
    op.create_index(op.f(INDEX), TABLE, ["contact_id"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), table_name=TABLE)
    op.create_index(INDEX, TABLE, ["contact_id"], postgresql_where=sa.text("closed_at IS NULL"))
