# SPDX-License-Identifier: Apache-2.0
"""Answered and abandoned calls by hour, so that a month's rate is a few hundred rows."""

import sqlalchemy as sa
from alembic import op

from server.database.ddl import INSTANT, protect, tenant_id

revision = "2026_11_22_answer_hours"
down_revision = "2026_11_22_callbacks"
branch_labels = None
depends_on = None

_FILL = """
INSERT INTO answer_hours (tenant_id, campaign_id, hour, answered, abandoned)
SELECT tenant_id, campaign_id, date_trunc('hour', minute, 'UTC'), sum(attempts),
  coalesce(sum(attempts) FILTER (WHERE status <> 'ANSWER'), 0)
FROM attempt_tallies WHERE status IN ('ANSWER', 'DROP', 'ABANDONED')
GROUP BY 1, 2, 3
"""


def upgrade() -> None:
    op.create_table(
        "answer_hours",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("hour", INSTANT, nullable=False),
        sa.Column("answered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("abandoned", sa.BigInteger(), server_default="0", nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_answer_hours_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "hour", name=op.f("pk_answer_hours")),
    )
    op.execute("ALTER TABLE attempt_tallies NO FORCE ROW LEVEL SECURITY")
    op.execute(_FILL)
    op.execute("ALTER TABLE attempt_tallies FORCE ROW LEVEL SECURITY")
    protect(op.execute, "answer_hours")


def downgrade() -> None:
    op.drop_table("answer_hours")
