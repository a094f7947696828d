# SPDX-License-Identifier: Apache-2.0
"""Forgive typing errors in each part of a name that has signs in it, such as D'Angelo (X-08)."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_parted_names"
down_revision = "2026_11_22_unused_words"
branch_labels = None
depends_on = None

WHOLE = "string_to_array(rubrica_fold({key}), ' ')"
# The name as it is typed in one go, and its parts; a name without signs is not taken apart again.
PARTED = (
    f"{WHOLE} || CASE WHEN {{key}} ~ '[^a-z0-9 ]'"
    " THEN string_to_array(rubrica_search_key({key}), ' ') END"
)
NEW_WORDS = """
  INSERT INTO name_words (tenant_id, word)
  SELECT DISTINCT a.tenant_id, w.word
  FROM {added}, unnest({words}) AS w (word)
  WHERE length(w.word) BETWEEN 3 AND 60
    AND NOT EXISTS (SELECT FROM name_words k WHERE k.tenant_id = a.tenant_id AND k.word = w.word);
"""
ADDED = {
    "add_name_words": "added a",
    "add_changed_name_words": "(SELECT NEW.tenant_id, NEW.name_key) a",
}
UNUSED = """
CREATE OR REPLACE FUNCTION rubrica_words_in_use(after text, most integer)
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
        AND {found}
    )
  FROM (
    SELECT DISTINCT k.word FROM name_words k
    WHERE k.tenant_id = rubrica_tenant() AND k.word > after ORDER BY k.word LIMIT most
  ) w
$$
"""
FOUND = "strpos(' ' || rubrica_fold(c.name_key) || ' ', ' ' || w.word || ' ') > 0"
FOUND_IN_PARTS = (
    f"({FOUND} OR strpos(' ' || rubrica_search_key(c.name_key) || ' ', ' ' || w.word || ' ') > 0)"
)


def _define(words: str, found: str) -> None:
    for name, added in ADDED.items():
        inserted = NEW_WORDS.format(added=added, words=words.format(key="a.name_key"))
        op.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {inserted} RETURN NULL; END $$"
        )
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    written = UNUSED.replace("{schema}", schema).replace("{found}", found)
    op.get_bind().exec_driver_sql(written)


def upgrade() -> None:
    _define(PARTED, FOUND_IN_PARTS)
    for table in ("contacts", "name_words"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        NEW_WORDS.format(
            added="contacts a", words="string_to_array(rubrica_search_key(a.name_key), ' ')"
        ).replace("WHERE length", "WHERE a.name_key ~ '[^a-z0-9 ]' AND length")
    )
    for table in ("contacts", "name_words"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    _define(WHOLE, FOUND)
