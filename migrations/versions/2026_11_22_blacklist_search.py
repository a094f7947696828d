# SPDX-License-Identifier: Apache-2.0
"""Do-not-call entries: once a scope for every media, sorted by name and date, and suppressions."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_blacklist_search"
down_revision = "2026_11_22_search_writing"
branch_labels = None
depends_on = None

TABLE = "blacklist_entries"
SCOPE: tuple[sa.ColumnElement[int], ...] = (
    sa.literal_column("coalesce(campaign_id, 0)"),
    sa.literal_column("coalesce(list_id, 0)"),
)


def upgrade() -> None:
    op.add_column(
        TABLE, sa.Column("name_key", sa.Text(collation="C"), server_default="", nullable=False)
    )
    op.add_column(TABLE, sa.Column("suppressed_for", sa.BigInteger(), nullable=True))
    op.create_index(
        "uq_blacklist_entries_email",
        TABLE,
        ["tenant_id", "email", *SCOPE],
        unique=True,
        postgresql_where=sa.text("media = 'EMAIL'"),
    )
    op.create_index(
        "uq_blacklist_entries_person",
        TABLE,
        ["contact_id", *SCOPE],
        unique=True,
        postgresql_where=sa.text("media = 'PERSON'"),
    )
    op.create_index("ix_blacklist_entries_name", TABLE, ["tenant_id", "name_key", "id"])
    op.create_index("ix_blacklist_entries_page", TABLE, ["tenant_id", "created_at", "id"])
    op.create_index(op.f("ix_blacklist_entries_suppressed_for"), TABLE, ["suppressed_for"])


def downgrade() -> None:
    for name in ("suppressed_for", "page", "name"):
        op.drop_index(f"ix_blacklist_entries_{name}", table_name=TABLE)
    for name in ("person", "email"):
        op.drop_index(f"uq_blacklist_entries_{name}", table_name=TABLE)
    op.drop_column(TABLE, "suppressed_for")
    op.drop_column(TABLE, "name_key")
