# SPDX-License-Identifier: Apache-2.0
"""Find what was done to one object, however long the audit is."""

from alembic import op

revision = "2026_11_22_event_subjects"
down_revision = "2026_11_22_daily_contacts"
branch_labels = None
depends_on = None

INDEX = "ix_events_tenant_id_subject_id_id"


def upgrade() -> None:
    op.create_index(INDEX, "events", ["tenant_id", "subject_id", "id"])


def downgrade() -> None:
    op.drop_index(INDEX, "events")
