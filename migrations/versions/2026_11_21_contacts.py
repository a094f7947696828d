# SPDX-License-Identifier: Apache-2.0
"""Contacts, their additional phones, item types and lists (X-01 to X-17, X-20c)."""

import sqlalchemy as sa
from alembic import op

from server.database.ddl import INSTANT, protect, recorded, tenant_id

revision = "2026_11_21_contacts"
down_revision = "2026_11_21_access"
branch_labels = None
depends_on = None

TABLES = (
    "contact_item_types",
    "contacts",
    "additional_phones",
    "contact_lists",
    "list_members",
    "list_agents",
)


def upgrade() -> None:
    op.create_table(
        "contact_item_types",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("order_by", sa.BigInteger(), nullable=False),
        sa.Column("color", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        recorded("created_at"),
        tenant_id(),
        sa.CheckConstraint(
            "color ~ '^#[0-9A-F]{6}$'", name=op.f("ck_contact_item_types_color_is_hex")
        ),
        sa.CheckConstraint("order_by >= 1", name=op.f("ck_contact_item_types_order_by_from_1")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_item_types")),
        sa.UniqueConstraint(
            "tenant_id", "name_key", name=op.f("uq_contact_item_types_tenant_id_name_key")
        ),
    )
    op.create_table(
        "contact_lists",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        recorded("created_at"),
        tenant_id(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_lists")),
        sa.UniqueConstraint(
            "tenant_id", "name_key", name=op.f("uq_contact_lists_tenant_id_name_key")
        ),
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), server_default="", nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("given_key", sa.Text(collation="C"), nullable=False),
        sa.Column("email", sa.Text(collation="C"), server_default="", nullable=False),
        sa.Column("company", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=16, collation="C"), nullable=True),
        sa.Column("priority", sa.SmallInteger(), server_default="2", nullable=False),
        sa.Column("scheduled_at", INSTANT, nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        recorded("created_at"),
        recorded("updated_at"),
        tenant_id(),
        sa.CheckConstraint("priority between 1 and 3", name=op.f("ck_contacts_priority_1_to_3")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index("ix_contacts_tenant_id_email", "contacts", ["tenant_id", "email"])
    op.create_index("ix_contacts_tenant_id_given_key", "contacts", ["tenant_id", "given_key"])
    op.create_index("ix_contacts_tenant_id_name_key", "contacts", ["tenant_id", "name_key", "id"])
    op.create_index("ix_contacts_tenant_id_phone", "contacts", ["tenant_id", "phone"])
    op.create_table(
        "additional_phones",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=16, collation="C"), nullable=False),
        sa.Column("item_type_id", sa.BigInteger(), nullable=True),
        sa.Column("description", sa.String(length=255), server_default="", nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_additional_phones_contact_id_contacts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_type_id"],
            ["contact_item_types.id"],
            name=op.f("fk_additional_phones_item_type_id_contact_item_types"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_additional_phones")),
    )
    op.create_index(
        op.f("ix_additional_phones_item_type_id"), "additional_phones", ["item_type_id"]
    )
    op.create_index(
        "ix_additional_phones_tenant_id_number", "additional_phones", ["tenant_id", "number"]
    )
    op.create_index(
        "uq_additional_phones_contact_id_number",
        "additional_phones",
        ["contact_id", "number"],
        unique=True,
    )
    op.create_table(
        "list_members",
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_list_members_contact_id_contacts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["contact_lists.id"],
            name=op.f("fk_list_members_list_id_contact_lists"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("list_id", "contact_id", name=op.f("pk_list_members")),
    )
    op.create_index(op.f("ix_list_members_contact_id"), "list_members", ["contact_id"])
    op.create_table(
        "list_agents",
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["contact_lists.id"],
            name=op.f("fk_list_agents_list_id_contact_lists"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_list_agents_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("list_id", "user_id", name=op.f("pk_list_agents")),
    )
    op.create_index(op.f("ix_list_agents_user_id"), "list_agents", ["user_id"])
    for table in TABLES:
        protect(op.execute, table)


def downgrade() -> None:
    op.drop_table("list_agents")
    op.drop_table("list_members")
    op.drop_table("additional_phones")
    op.drop_table("contacts")
    op.drop_table("contact_lists")
    op.drop_table("contact_item_types")
