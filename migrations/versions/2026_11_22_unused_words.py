# SPDX-License-Identifier: Apache-2.0
"""Which words of names nobody has any more, so that nothing stays of people who were erased."""

import sqlalchemy as sa
from alembic import op

from server.database.address import APP_ROLE

revision = "2026_11_22_unused_words"
down_revision = "2026_11_22_contact_order"
branch_labels = None
depends_on = None

# A word begins most of the names that have it, so the ordinary indexes answer for nearly all.
UNUSED = """
CREATE FUNCTION rubrica_words_in_use(after text, most integer)
RETURNS TABLE (word text, is_used boolean)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = {schema}, pg_temp
SET enable_seqscan = off
AS $$
  SELECT w.word, EXISTS (
      SELECT FROM contacts c WHERE c.tenant_id = rubrica_tenant()
        AND c.name_key >= w.word AND c.name_key < w.word || chr(1114111)
        AND starts_with(rubrica_fold(c.name_key) || ' ', w.word || ' ')
    ) OR EXISTS (
      SELECT FROM contacts c WHERE c.tenant_id = rubrica_tenant()
        AND c.given_key >= w.word AND c.given_key < w.word || chr(1114111)
        AND starts_with(rubrica_fold(c.given_key) || ' ', w.word || ' ')
    ) OR EXISTS (
      SELECT FROM contacts c WHERE c.tenant_id = rubrica_tenant()
        AND rubrica_search_key(' ' || c.name_key || ' ' || c.email || ' ' || c.company_key)
            LIKE '%' || translate(rubrica_search_key(w.word), '\\', '_') || '%'
        AND strpos(' ' || rubrica_fold(c.name_key) || ' ', ' ' || w.word || ' ') > 0
    )
  FROM (
    SELECT DISTINCT k.word FROM name_words k
    WHERE k.tenant_id = rubrica_tenant() AND k.word > after ORDER BY k.word LIMIT most
  ) w
$$
"""


def upgrade() -> None:
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.get_bind().exec_driver_sql(UNUSED.replace("{schema}", schema))
    op.execute("REVOKE ALL ON FUNCTION rubrica_words_in_use FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION rubrica_words_in_use TO {APP_ROLE}")


def downgrade() -> None:
    op.execute("DROP FUNCTION rubrica_words_in_use")
