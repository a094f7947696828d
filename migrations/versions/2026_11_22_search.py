# SPDX-License-Identifier: Apache-2.0
"""Search of contacts: trigram indexes, the words of names, and the functions that read them.

Row-level security lets only leakproof comparisons use an index, and LIKE is none. So the functions
run as the owner of the tables, who has a policy to read them all, and keep to the session's tenant
themselves. The application may call them, and has no more rights than before.
"""

import sqlalchemy as sa
from alembic import op

from migrations.search import function
from server.database.address import APP_ROLE
from server.database.ddl import protect, tenant_id
from server.domain.search.keys import SIGNS, SPELLINGS, folded_letters

revision = "2026_11_22_search"
down_revision = "2026_11_22_agents_sight"
branch_labels = None
depends_on = None

READ = (
    "additional_phones",
    "campaign_agents",
    "campaign_lists",
    "contacts",
    "field_values",
    "final_results",
    "hopper_entries",
    "list_agents",
    "list_members",
    "master_data_fields",
    "name_words",
)
# Of texts that are folded already. A word begins where trigrams have it begin, as far as that is
# usual: not only after a blank. What is ASCII, almost all, is not looked through letter by letter.
SEARCH_KEY = """
CREATE FUNCTION rubrica_search_key(folded text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN octet_length(folded) = char_length(folded) THEN {plain} ELSE {other} END $$
"""
KEY = "rubrica_search_key(' ' || name_key || ' ' || email || ' ' || company_key)"
INDEXES = {
    "ix_contacts_search": f"contacts USING gin (tenant_id, {KEY} gin_trgm_ops)",
    "ix_contacts_search_phone": "contacts USING gin (tenant_id, phone gin_trgm_ops)"
    " WHERE phone IS NOT NULL",
    "ix_additional_phones_search": "additional_phones USING gin (tenant_id, number gin_trgm_ops)",
    "ix_field_values_search": "field_values USING gin (field_id, rubrica_search_key(text_key)"
    " gin_trgm_ops) WHERE text_key IS NOT NULL",
}
# Words that share many trigrams with the one that was asked, and those in which two neighbours have
# changed places, which may share few.
SIMILAR = """
CREATE FUNCTION rubrica_similar_words(asked text, most integer) RETURNS TABLE (word text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = {schema}, pg_temp
SET enable_seqscan = off
SET pg_trgm.similarity_threshold = 0.3
AS $$
  WITH swapped AS MATERIALIZED (
    SELECT array_agg(overlay(asked PLACING reverse(substr(asked, n, 2)) FROM n)) AS words
    FROM generate_series(1, length(asked) - 1) AS n
  )
  (SELECT DISTINCT k.word FROM name_words k
   WHERE k.tenant_id = rubrica_tenant() AND k.word = ANY ((SELECT words FROM swapped)::text[]))
  UNION
  (SELECT k.word FROM name_words k
   WHERE k.tenant_id = rubrica_tenant() AND k.word % asked
   GROUP BY k.word ORDER BY similarity(k.word, asked) DESC, k.word LIMIT most)
$$
"""
# Two that add the same word at once both do: that is harmless, and nobody waits for anybody.
NEW_WORDS = """
  INSERT INTO name_words (tenant_id, word)
  SELECT DISTINCT a.tenant_id, w.word
  FROM {added}, unnest(string_to_array(rubrica_fold(a.name_key), ' ')) AS w (word)
  WHERE length(w.word) BETWEEN 3 AND 60
    AND NOT EXISTS (SELECT FROM name_words k WHERE k.tenant_id = a.tenant_id AND k.word = w.word);
"""
TRIGGERS = {
    "add_name_words": ("added a", "INSERT", "REFERENCING NEW TABLE AS added FOR EACH STATEMENT"),
    "add_changed_name_words": (
        "(SELECT NEW.tenant_id, NEW.name_key) a",
        "UPDATE",
        "FOR EACH ROW WHEN (OLD.name_key IS DISTINCT FROM NEW.name_key)",
    ),
}
FUNCTIONS = (
    "rubrica_search_contacts",
    "rubrica_search_phones",
    "rubrica_similar_words",
)


def _spaced(text: str) -> str:
    """With a blank for each sign that words are parted by."""
    for sign in SIGNS:
        quoted = sign.replace("'", "''")
        text = f"replace({text}, '{quoted}', ' ')"
    return text


def _in_ascii(text: str) -> str:
    known, plain = folded_letters()
    text = f"translate({text}, '{known}', '{plain}')"
    for letter, spelling in SPELLINGS.items():
        text = f"replace({text}, '{letter}', '{spelling}')"
    return text


def upgrade() -> None:
    op.create_table(
        "name_words",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        tenant_id(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_words")),
    )
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.get_bind().exec_driver_sql(
        SEARCH_KEY.format(plain=_spaced("folded"), other=_spaced(_in_ascii("folded")))
    )
    op.create_index("ix_name_words_tenant_id_word", "name_words", ["tenant_id", "word"])
    op.execute(
        "CREATE INDEX ix_name_words_search ON name_words USING gin (tenant_id, word gin_trgm_ops)"
    )
    protect(op.execute, "name_words")
    for name, rest in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {rest}")
    op.execute("ALTER TABLE contacts NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE name_words NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "INSERT INTO name_words (tenant_id, word) SELECT DISTINCT c.tenant_id, w.word"
        " FROM contacts c, unnest(string_to_array(rubrica_fold(c.name_key), ' ')) AS w (word)"
        " WHERE length(w.word) BETWEEN 3 AND 60"
    )
    op.execute("ALTER TABLE contacts FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE name_words FORCE ROW LEVEL SECURITY")
    for name, (added, event, rest) in TRIGGERS.items():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" {NEW_WORDS.format(added=added)} RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON contacts {rest} EXECUTE FUNCTION {name}()"
        )
    for table in READ:
        op.execute(f"CREATE POLICY search ON {table} FOR SELECT TO CURRENT_USER USING (true)")
    for text in (function("contacts", schema), function("phones", schema), SIMILAR):
        op.get_bind().exec_driver_sql(text.replace("{schema}", schema))
    for name in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {APP_ROLE}")


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON contacts")
        op.execute(f"DROP FUNCTION {name}")
    for table in READ:
        op.execute(f"DROP POLICY search ON {table}")
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    op.execute("DROP FUNCTION rubrica_search_key")
    op.drop_table("name_words")
