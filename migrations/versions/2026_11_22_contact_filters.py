# SPDX-License-Identifier: Apache-2.0
"""Find contacts by when they were added, by priority, language and zone, and those without any.

The page of the newest reads by the moment now, and no longer by the id.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_contact_filters"
down_revision = "2026_11_22_event_subjects"
branch_labels = None
depends_on = None

# Name, columns between the tenant and the id, and which rows stand in it.
INDEXES = (
    ("ix_contacts_tenant_id_created_at", ["created_at"], None),
    ("ix_contacts_priority", ["priority", "name_key"], "priority <> 2"),
    ("ix_contacts_language", ["language", "name_key"], "language <> ''"),
    ("ix_contacts_time_zone", ["time_zone", "name_key"], "time_zone <> ''"),
    ("ix_contacts_without_phone", ["name_key"], "phone IS NULL"),
)


def upgrade() -> None:
    for name, columns, rows in INDEXES:
        where = None if rows is None else sa.text(rows)
        op.create_index(name, "contacts", ["tenant_id", *columns, "id"], postgresql_where=where)
    op.drop_index("ix_contacts_tenant_id_id", table_name="contacts")


def downgrade() -> None:
    op.create_index("ix_contacts_tenant_id_id", "contacts", ["tenant_id", "id"])
    for name, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name="contacts")
