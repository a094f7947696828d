# SPDX-License-Identifier: Apache-2.0
"""Contacts that a process is for, bulk deletions in the trash, and people who are not the same."""

import sqlalchemy as sa
from alembic import op

from server.database.ddl import protect, recorded, tenant_id

revision = "2026_11_22_bulk_and_duplicates"
down_revision = "2026_11_22_contact_filters"
branch_labels = None
depends_on = None

TABLES = ("process_targets", "distinct_people")


def upgrade() -> None:
    op.add_column("trashed_contacts", sa.Column("process_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_trashed_contacts_process_id_processes"),
        "trashed_contacts",
        "processes",
        ["process_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(op.f("ix_trashed_contacts_process_id"), "trashed_contacts", ["process_id"])
    op.create_table(
        "process_targets",
        sa.Column("process_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("contact_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["process_id"],
            ["processes.id"],
            name=op.f("fk_process_targets_process_id_processes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("process_id", "position", name=op.f("pk_process_targets")),
    )
    op.create_table(
        "distinct_people",
        sa.Column("mark", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        recorded("created_at"),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_distinct_people_user_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("mark", "contact_id", name=op.f("pk_distinct_people")),
    )
    op.create_index(op.f("ix_distinct_people_contact_id"), "distinct_people", ["contact_id"])
    for table in TABLES:
        protect(op.execute, table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index(op.f("ix_trashed_contacts_process_id"), table_name="trashed_contacts")
    op.drop_constraint(
        op.f("fk_trashed_contacts_process_id_processes"), "trashed_contacts", type_="foreignkey"
    )
    op.drop_column("trashed_contacts", "process_id")
