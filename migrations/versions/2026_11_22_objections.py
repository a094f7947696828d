# SPDX-License-Identifier: Apache-2.0
"""Entries in a register of objections stand beside the consents that they revoke."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_objections"
down_revision = "2026_11_22_holds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "consents",
        sa.Column("is_objection", sa.Boolean(), server_default="false", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("consents", "is_objection")
