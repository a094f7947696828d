# SPDX-License-Identifier: Apache-2.0
"""Remember that a contact's numbers were edited during a call (C-06)."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_edited_phones"
down_revision = "2026_11_21_processes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "hopper_entries",
        sa.Column("has_edited_phones", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("hopper_entries", "has_edited_phones")
