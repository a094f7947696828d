# SPDX-License-Identifier: Apache-2.0
"""List the newest contacts of a tenant without sorting all of them."""

from alembic import op

revision = "2026_11_21_newest_contacts"
down_revision = "2026_11_21_imported"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_contacts_tenant_id_id", "contacts", ["tenant_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_contacts_tenant_id_id", "contacts")
