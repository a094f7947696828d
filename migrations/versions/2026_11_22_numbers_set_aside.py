# SPDX-License-Identifier: Apache-2.0
"""Keep the counters of a number that is set aside while its contact is open (C-06, C-08)."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_numbers_set_aside"
down_revision = "2026_11_22_views"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "hopper_phones",
        sa.Column("is_available", sa.Boolean(), server_default=sa.true(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("hopper_phones", "is_available")
