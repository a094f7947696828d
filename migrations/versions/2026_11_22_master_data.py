# SPDX-License-Identifier: Apache-2.0
"""Master data fields that are deleted come back; readers know which fields there are (C-22)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from server.database.ddl import INSTANT, bump_epoch, protect, recorded, tenant_id

revision = "2026_11_22_master_data"
down_revision = "2026_11_22_bulk_and_duplicates"
branch_labels = None
depends_on = None

# What a condition or an order by a field goes by: who read it before reads it again.
DEFINED = ("scope", "type", "valid_values", "display_name")
# Values of one field are seldom spread as those of all: what the planner has to know.
STATISTICS = ("text_key", "number_value", "date_value", "boolean_value")


def upgrade() -> None:
    op.create_table(
        "trashed_fields",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("field_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(), nullable=False),
        sa.Column("value_count", sa.BigInteger(), nullable=False),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        recorded("deleted_at"),
        sa.Column("expires_at", INSTANT, nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["deleted_by"],
            ["users.id"],
            name=op.f("fk_trashed_fields_deleted_by_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trashed_fields")),
        sa.UniqueConstraint(
            "tenant_id", "field_id", name=op.f("uq_trashed_fields_tenant_id_field_id")
        ),
    )
    op.create_index(
        "ix_trashed_fields_deleted_at", "trashed_fields", ["tenant_id", "deleted_at", "id"]
    )
    op.create_table(
        "trashed_field_values",
        sa.Column("trashed_field_id", sa.BigInteger(), nullable=False),
        sa.Column("value_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("text_value", sa.Text(), nullable=True),
        sa.Column("text_key", sa.Text(), nullable=True),
        sa.Column("number_value", sa.Double(), nullable=True),
        sa.Column("date_value", sa.Date(), nullable=True),
        sa.Column("instant_value", INSTANT, nullable=True),
        sa.Column("boolean_value", sa.Boolean(), nullable=True),
        sa.Column("unique_key", sa.Text(), nullable=True),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["trashed_field_id"],
            ["trashed_fields.id"],
            name=op.f("fk_trashed_field_values_trashed_field_id_trashed_fields"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "trashed_field_id", "value_id", name=op.f("pk_trashed_field_values")
        ),
    )
    for table in ("trashed_fields", "trashed_field_values"):
        protect(op.execute, table)
    bump_epoch(op.execute, "master_data_fields", changed=DEFINED, created=True)
    for column in STATISTICS:
        op.execute(
            f"CREATE STATISTICS st_field_values_{column} (mcv) ON field_id, {column} "
            "FROM field_values"
        )


def downgrade() -> None:
    for column in reversed(STATISTICS):
        op.execute(f"DROP STATISTICS st_field_values_{column}")
    for trigger in ("access_rows", "access_changed"):
        op.execute(f"DROP TRIGGER {trigger} ON master_data_fields")
    op.drop_table("trashed_field_values")
    op.drop_table("trashed_fields")
