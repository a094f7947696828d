# SPDX-License-Identifier: Apache-2.0
"""Contacts of one company, and those without any, are listed by name; by e-mail likewise."""

from alembic import op

revision = "2026_11_22_contact_order"
down_revision = "2026_11_22_search"
branch_labels = None
depends_on = None

COLUMNS = ("email", "company_key")


def upgrade() -> None:
    _index("name_key")


def downgrade() -> None:
    _index()


def _index(*then: str) -> None:
    for column in COLUMNS:
        name = f"ix_contacts_tenant_id_{column}"
        op.drop_index(name, table_name="contacts")
        op.create_index(name, "contacts", ["tenant_id", column, *then, "id"])
