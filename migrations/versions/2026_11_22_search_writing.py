# SPDX-License-Identifier: Apache-2.0
"""Search that costs less to write: hosts by an index of their own, words of names once a statement.

Most trigrams of an e-mail address are those of its host, which few beginnings find as well. And
almost all words of an import's names are known: they are looked up once, not for each contact.
"""

from itertools import zip_longest

import sqlalchemy as sa
from alembic import op

from migrations.search import function
from server.database.address import APP_ROLE
from server.domain.search.keys import SIGNS, SPELLINGS, folded_letters

revision = "2026_11_22_search_writing"
down_revision = "2026_11_22_dialer_complete"
branch_labels = None
depends_on = None

KEY = "rubrica_search_key(' ' || {0}name_key || ' ' || {1} || ' ' || {0}company_key)"
BEFORE_HOST = "split_part({0}email, '@', 1)"
GREEK_OR_CYRILLIC = "[\u0370-\u052f]"

# Names are parted before they are folded, as far fewer words are left then.
NEW_WORDS = """
  INSERT INTO name_words (tenant_id, word)
  SELECT DISTINCT p.tenant_id, w.word
  FROM (
    SELECT DISTINCT a.tenant_id, u.part
    FROM {added}, unnest(string_to_array(a.name_key, ' ')) AS u (part)
  ) p, unnest(
    ARRAY[rubrica_fold(p.part)]
    || CASE WHEN p.part ~ '[^a-z0-9]' THEN string_to_array(rubrica_search_key(p.part), ' ') END
  ) AS w (word)
  WHERE length(w.word) BETWEEN 3 AND 60
    AND NOT EXISTS (SELECT FROM name_words k WHERE k.tenant_id = p.tenant_id AND k.word = w.word);
"""
ADDED = {
    "add_name_words": "added a",
    "add_changed_name_words": "(SELECT NEW.tenant_id, NEW.name_key) a",
}
IN_USE = """
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
        AND {key} LIKE '%' || translate(rubrica_search_key(w.word), '\\', '_') || '%'
        AND (strpos(' ' || rubrica_fold(c.name_key) || ' ', ' ' || w.word || ' ') > 0
          OR strpos(' ' || rubrica_search_key(c.name_key) || ' ', ' ' || w.word || ' ') > 0)
    )
  FROM (
    SELECT DISTINCT k.word FROM name_words k
    WHERE k.tenant_id = rubrica_tenant() AND k.word > after ORDER BY k.word LIMIT most
  ) w
$$
"""


def upgrade() -> None:
    execute = op.get_bind().exec_driver_sql
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute("DROP INDEX ix_contacts_search")
    execute(_search_key())
    key = KEY.format("", BEFORE_HOST.format(""))
    execute(
        f"CREATE INDEX ix_contacts_search ON contacts USING gin (tenant_id, {key} gin_trgm_ops)"
    )
    execute(
        "CREATE INDEX ix_contacts_search_host ON contacts (tenant_id, split_part(email, '@', 2))"
    )
    for name, added in ADDED.items():
        execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {NEW_WORDS.format(added=added)} RETURN NULL; END $$"
        )
    used = IN_USE.replace("{key}", KEY.format("c.", BEFORE_HOST.format("c.")))
    execute(used.replace("{schema}", schema))
    for name in ("contacts", "phones"):
        op.execute(f"DROP FUNCTION rubrica_search_{name}")
        execute(function(name, schema))
        op.execute(f"REVOKE ALL ON FUNCTION rubrica_search_{name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION rubrica_search_{name} TO {APP_ROLE}")


def _search_key() -> str:
    """As before, but only Greek and Cyrillic are looked through letter by letter."""
    known, plain = folded_letters()
    single = dict(zip_longest(known, plain, fillvalue=""))  # what has no sound vanishes
    latin = {letter: to for letter, to in single.items() if not "\u0370" <= letter <= "\u052f"}
    others = [letter for letter in known if letter not in latin]
    text = "folded"
    for letter, to in (latin | SPELLINGS).items():
        text = f"replace({text}, '{letter}', '{to}')"
    sounds = "".join(single[letter] for letter in others)
    given = "".join(sorted(others, key=lambda letter: not single[letter]))
    translated = f"translate({text}, '{given}', '{sounds}')"
    return (
        "CREATE OR REPLACE FUNCTION rubrica_search_key(folded text) RETURNS text"
        " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE"
        f" WHEN octet_length(folded) = char_length(folded) THEN {_spaced('folded')}"
        f" WHEN folded ~ '{GREEK_OR_CYRILLIC}' THEN {_spaced(translated)}"
        f" ELSE {_spaced(text)} END $$"
    )


def _spaced(text: str) -> str:
    """With a blank for each sign that words are parted by."""
    for sign in SIGNS:
        quoted = sign.replace("'", "''")
        text = f"replace({text}, '{quoted}', ' ')"
    return text


def downgrade() -> None:
    op.execute("DROP INDEX ix_contacts_search_host")
    op.execute("DROP INDEX ix_contacts_search")
    op.get_bind().exec_driver_sql(
        "CREATE INDEX ix_contacts_search ON contacts USING gin"
        f" (tenant_id, {KEY.format('', 'email')} gin_trgm_ops)"
    )
