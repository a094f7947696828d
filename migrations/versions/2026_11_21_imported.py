# SPDX-License-Identifier: Apache-2.0
"""Count what an import loaded into hoppers (X-23), and give rejected rows ids of their own."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_imported"
down_revision = "2026_11_21_edited_phones"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "processes", sa.Column("loaded", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.drop_constraint("pk_process_rejections", "process_rejections", type_="primary")
    op.add_column(
        "process_rejections", sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)
    )
    op.create_primary_key("pk_process_rejections", "process_rejections", ["id"])
    op.create_unique_constraint(
        "uq_process_rejections_process_id_line", "process_rejections", ["process_id", "line"]
    )


def downgrade() -> None:
    op.drop_constraint(
        "uq_process_rejections_process_id_line", "process_rejections", type_="unique"
    )
    op.drop_constraint("pk_process_rejections", "process_rejections", type_="primary")
    op.drop_column("process_rejections", "id")
    op.create_primary_key("pk_process_rejections", "process_rejections", ["process_id", "line"])
    op.drop_column("processes", "loaded")
