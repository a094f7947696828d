# SPDX-License-Identifier: Apache-2.0
"""Contacts in daily use: fields of one's own, tags, phone states, trash, merges, saved filters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from server.database.ddl import INSTANT, protect, recorded, tenant_id
from server.domain.text import sort_key

revision = "2026_11_22_daily_contacts"
down_revision = "2026_11_21_newest_contacts"
branch_labels = None
depends_on = None

STATES = "IN ('AVAILABLE', 'INACTIVE', 'EXCLUDED', 'BLOCKED')"
TABLES = (
    "tags",
    "contact_tags",
    "master_data_fields",
    "campaign_fields",
    "field_values",
    "trashed_contacts",
    "contact_merges",
    "merged_contacts",
    "saved_filters",
    "column_choices",
)


def upgrade() -> None:
    _contacts()
    _tags()
    _fields()
    _trash()
    _views()
    _calls()
    for table in TABLES:
        protect(op.execute, table)
    protect(op.execute, "call_notes", "SELECT", "INSERT")


def _contacts() -> None:
    """What a person is known by, and the state of each number (C-05, C-08)."""
    op.add_column(
        "additional_phones",
        sa.Column("state", sa.Text(), server_default="AVAILABLE", nullable=False),
    )
    op.add_column(
        "contacts",
        sa.Column("company_key", sa.Text(collation="C"), server_default="", nullable=False),
    )
    op.add_column(
        "contacts", sa.Column("phone_state", sa.Text(), server_default="AVAILABLE", nullable=False)
    )
    op.add_column("contacts", sa.Column("time_zone", sa.Text(), server_default="", nullable=False))
    op.add_column("contacts", sa.Column("language", sa.Text(), server_default="", nullable=False))
    op.add_column("contacts", sa.Column("photo_url", sa.Text(), server_default="", nullable=False))
    op.drop_index(op.f("ix_contacts_tenant_id_email"), table_name="contacts")
    op.create_index("ix_contacts_tenant_id_email", "contacts", ["tenant_id", "email", "id"])
    op.create_index(
        "ix_contacts_tenant_id_company_key", "contacts", ["tenant_id", "company_key", "id"]
    )
    op.create_check_constraint("state_known", "additional_phones", f"state {STATES}")
    op.create_check_constraint("phone_state_known", "contacts", f"phone_state {STATES}")
    _fold_companies()


def _tags() -> None:
    """Words that group contacts (X-26)."""
    op.create_table(
        "tags",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        recorded("created_at"),
        tenant_id(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("tenant_id", "name_key", name=op.f("uq_tags_tenant_id_name_key")),
    )
    op.create_table(
        "contact_tags",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_contact_tags_contact_id_contacts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tags.id"], name=op.f("fk_contact_tags_tag_id_tags"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", "tag_id", name=op.f("pk_contact_tags")),
    )
    op.create_index(op.f("ix_contact_tags_tag_id"), "contact_tags", ["tag_id"])


def _fields() -> None:
    """Master data fields and their values (C-22 to C-25)."""
    op.create_table(
        "master_data_fields",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("valid_values", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("is_required", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_unique", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_multi_line", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_searchable", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        recorded("created_at"),
        tenant_id(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_master_data_fields")),
        sa.UniqueConstraint(
            "tenant_id", "name_key", name=op.f("uq_master_data_fields_tenant_id_name_key")
        ),
    )
    op.create_table(
        "campaign_fields",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("field_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_campaign_fields_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["field_id"],
            ["master_data_fields.id"],
            name=op.f("fk_campaign_fields_field_id_master_data_fields"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "field_id", name=op.f("pk_campaign_fields")),
    )
    op.create_index(op.f("ix_campaign_fields_field_id"), "campaign_fields", ["field_id"])
    op.create_table(
        "field_values",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("field_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("text_value", sa.Text(), nullable=True),
        sa.Column("text_key", sa.Text(collation="C"), nullable=True),
        sa.Column("number_value", sa.Double(), nullable=True),
        sa.Column("date_value", sa.Date(), nullable=True),
        sa.Column("instant_value", INSTANT, nullable=True),
        sa.Column("boolean_value", sa.Boolean(), nullable=True),
        sa.Column("unique_key", sa.Text(collation="C"), nullable=True),
        tenant_id(),
        sa.CheckConstraint(
            "num_nonnulls(text_value, number_value, date_value, instant_value, boolean_value) = 1",
            name=op.f("ck_field_values_one_value"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_field_values_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_field_values_contact_id_contacts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["field_id"],
            ["master_data_fields.id"],
            name=op.f("fk_field_values_field_id_master_data_fields"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_values")),
    )
    for column in ("text_key", "number_value", "date_value", "instant_value", "boolean_value"):
        op.create_index(
            f"ix_field_values_{column}",
            "field_values",
            ["tenant_id", "field_id", column, "contact_id"],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.create_index(op.f("ix_field_values_campaign_id"), "field_values", ["campaign_id"])
    op.create_index(
        "uq_field_values_contact_id",
        "field_values",
        ["contact_id", "field_id", sa.text("coalesce(campaign_id, 0)")],
        unique=True,
    )
    op.create_index(
        "uq_field_values_unique_key",
        "field_values",
        ["field_id", sa.text("coalesce(campaign_id, 0)"), "unique_key"],
        unique=True,
        postgresql_where=sa.text("unique_key IS NOT NULL"),
    )


def _trash() -> None:
    """What was deleted or merged, whole."""
    op.create_table(
        "contact_merges",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("master_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("merged_by", sa.BigInteger(), nullable=True),
        recorded("merged_at"),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["merged_by"],
            ["users.id"],
            name=op.f("fk_contact_merges_merged_by_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"],
            ["users.id"],
            name=op.f("fk_contact_merges_undone_by_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_merges")),
    )
    op.create_index("ix_contact_merges_expires_at", "contact_merges", ["expires_at"])
    op.create_index(op.f("ix_contact_merges_master_id"), "contact_merges", ["master_id"])
    op.create_index("ix_contact_merges_tenant_id_id", "contact_merges", ["tenant_id", "id"])
    op.create_table(
        "trashed_contacts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("phone", sa.String(length=16, collation="C"), nullable=True),
        sa.Column("snapshot", postgresql.JSONB(), nullable=False),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        recorded("deleted_at"),
        sa.Column("expires_at", INSTANT, nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["deleted_by"],
            ["users.id"],
            name=op.f("fk_trashed_contacts_deleted_by_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trashed_contacts")),
        sa.UniqueConstraint(
            "tenant_id", "contact_id", name=op.f("uq_trashed_contacts_tenant_id_contact_id")
        ),
    )
    op.create_index(
        "ix_trashed_contacts_deleted_at", "trashed_contacts", ["tenant_id", "deleted_at", "id"]
    )
    op.create_index("ix_trashed_contacts_expires_at", "trashed_contacts", ["expires_at"])
    op.create_index(
        "ix_trashed_contacts_name_key", "trashed_contacts", ["tenant_id", "name_key", "id"]
    )
    op.create_table(
        "merged_contacts",
        sa.Column("contact_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("merge_id", sa.BigInteger(), nullable=False),
        sa.Column("master_id", sa.BigInteger(), nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["merge_id"],
            ["contact_merges.id"],
            name=op.f("fk_merged_contacts_merge_id_contact_merges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_merged_contacts")),
    )
    op.create_index(op.f("ix_merged_contacts_master_id"), "merged_contacts", ["master_id"])
    op.create_index(op.f("ix_merged_contacts_merge_id"), "merged_contacts", ["merge_id"])


def _views() -> None:
    """Saved filters and chosen columns."""
    op.create_table(
        "column_choices",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("columns", sa.ARRAY(sa.Text()), nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_column_choices_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "subject", name=op.f("pk_column_choices")),
    )
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        recorded("created_at"),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_saved_filters_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint(
            "user_id", "subject", "name_key", name=op.f("uq_saved_filters_user_id_subject_name_key")
        ),
    )
    op.create_index(
        "ix_saved_filters_tenant_id_subject", "saved_filters", ["tenant_id", "subject", "name_key"]
    )


def _calls() -> None:
    """Who called, and what was noted afterwards (C-07)."""
    op.create_table(
        "call_notes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("tags", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        recorded("created_at"),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["call_attempts.id"],
            name=op.f("fk_call_notes_attempt_id_call_attempts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_call_notes_user_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_notes")),
    )
    op.create_index(op.f("ix_call_notes_attempt_id"), "call_notes", ["attempt_id"])
    op.add_column("call_attempts", sa.Column("agent_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_call_attempts_agent_id_users"),
        "call_attempts",
        "users",
        ["agent_id"],
        ["id"],
        ondelete="SET NULL",
    )


def _fold_companies() -> None:
    """Contacts that are there already; their owner looks past the policy meanwhile."""
    connection = op.get_bind()
    op.execute("ALTER TABLE contacts NO FORCE ROW LEVEL SECURITY")
    found = connection.execute(sa.text("SELECT DISTINCT company FROM contacts WHERE company <> ''"))
    names = [row[0] for row in found]
    if names:
        connection.execute(
            sa.text(
                "UPDATE contacts SET company_key = known.key "
                "FROM unnest(:names ::text[], :keys ::text[]) AS known (name, key) "
                "WHERE contacts.company = known.name"
            ),
            {"names": names, "keys": [sort_key(name) for name in names]},
        )
    op.execute("ALTER TABLE contacts FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table("call_notes")
    op.drop_constraint(op.f("fk_call_attempts_agent_id_users"), "call_attempts", type_="foreignkey")
    op.drop_column("call_attempts", "agent_id")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_contacts_tenant_id_company_key", table_name="contacts")
    op.drop_index("ix_contacts_tenant_id_email", table_name="contacts")
    op.create_index("ix_contacts_tenant_id_email", "contacts", ["tenant_id", "email"])
    for column in ("photo_url", "language", "time_zone", "phone_state", "company_key"):
        op.drop_column("contacts", column)
    op.drop_column("additional_phones", "state")
