# SPDX-License-Identifier: Apache-2.0
"""The functions of the search anew: parts of an address are looked for side by side."""

import sqlalchemy as sa
from alembic import op

from migrations.search import function
from server.database.address import APP_ROLE

revision = "2026_11_22_search_addresses"
down_revision = "2026_11_22_parted_names"
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    for name in ("contacts", "phones"):
        op.execute(f"DROP FUNCTION rubrica_search_{name}")
        op.get_bind().exec_driver_sql(function(name, schema))
        op.execute(f"REVOKE ALL ON FUNCTION rubrica_search_{name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION rubrica_search_{name} TO {APP_ROLE}")


def downgrade() -> None:
    """They stay: a program of before takes no harm of them that a way back could mend."""
