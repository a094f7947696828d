# SPDX-License-Identifier: Apache-2.0
"""Saved filters that can be had back for a while, and chosen columns with an id of their own."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_views"
down_revision = "2026_11_22_master_data"
branch_labels = None
depends_on = None

NAMES = "uq_saved_filters_user_id_subject_name_key"
COLUMNS = ["user_id", "subject", "name_key"]


def upgrade() -> None:
    op.add_column("saved_filters", sa.Column("deleted_at", sa.DateTime(timezone=True)))
    op.drop_constraint(NAMES, "saved_filters", type_="unique")
    op.create_index(
        NAMES,
        "saved_filters",
        COLUMNS,
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_constraint("pk_column_choices", "column_choices", type_="primary")
    op.add_column("column_choices", sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False))
    op.create_primary_key("pk_column_choices", "column_choices", ["id"])
    op.create_unique_constraint(
        "uq_column_choices_user_id_subject", "column_choices", ["user_id", "subject"]
    )


def downgrade() -> None:
    op.drop_constraint("uq_column_choices_user_id_subject", "column_choices", type_="unique")
    op.drop_constraint("pk_column_choices", "column_choices", type_="primary")
    op.drop_column("column_choices", "id")
    op.create_primary_key("pk_column_choices", "column_choices", ["user_id", "subject"])
    op.execute("ALTER TABLE saved_filters NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM saved_filters WHERE deleted_at IS NOT NULL")
    op.execute("ALTER TABLE saved_filters FORCE ROW LEVEL SECURITY")
    op.drop_index(NAMES, table_name="saved_filters")
    op.create_unique_constraint(NAMES, "saved_filters", COLUMNS)
    op.drop_column("saved_filters", "deleted_at")
