# SPDX-License-Identifier: Apache-2.0
"""A call knows whether the person declined in it: rules count days from there."""

import sqlalchemy as sa
from alembic import op

from server.database.ddl import grant

revision = "2026_11_22_refusals"
down_revision = "2026_11_22_calls_stay"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "call_attempts",
        sa.Column("is_refusal", sa.Boolean(), server_default="false", nullable=False),
    )
    grant(op.execute, "call_attempts", "UPDATE (is_refusal)")


def downgrade() -> None:
    op.drop_column("call_attempts", "is_refusal")
