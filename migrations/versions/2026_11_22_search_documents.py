# SPDX-License-Identifier: Apache-2.0
"""What a contact is found by in a table of its own, so that an import need not wait for its index.

Triggers keep it with each change. Only an import says `rubrica.index = 'later'`: then a trigger
notes which contacts are new, the search looks through these, and a worker brings them in.
"""

import sqlalchemy as sa
from alembic import op

from migrations.search import function, in_words
from server.database.address import APP_ROLE
from server.database.ddl import protect, tenant_id

revision = "2026_11_22_search_documents"
down_revision = "2026_11_22_refusals"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_contacts_search": "contacts USING gin (tenant_id, {key(contacts)} gin_trgm_ops)",
    "ix_contacts_search_phone": "contacts USING gin (tenant_id, phone gin_trgm_ops)"
    " WHERE phone IS NOT NULL",
    "ix_additional_phones_search": "additional_phones USING gin (tenant_id, number gin_trgm_ops)",
}
INDEX = (
    "CREATE INDEX ix_contact_search_search ON contact_search"
    " USING gin (tenant_id, key gin_trgm_ops, numbers gin_trgm_ops)"
)
# Contact by contact, by their keys, whatever is known of the tables so far: plans are made when
# there is hardly a row, and are kept. As the owner, for whom no policy adds the tenant to what is
# looked for: an index that begins with the tenant would seem as good as that of the contact.
AS_OWNER = """SECURITY DEFINER
SET search_path = {schema}, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off"""
DOCUMENTS = """
INSERT INTO contact_search (contact_id, tenant_id, key, numbers)
SELECT c.id, c.tenant_id, {key(c)}, {numbers(c)} FROM contacts c"""
# Names are parted before they are folded, as far fewer words are left then. Two that add the same
# word at once both do: that is harmless, and nobody waits for anybody.
WORDS = """
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
# Locked before they are read: of two that change the numbers of one contact, the second reads what
# the first has written.
AGAIN = f"""
CREATE FUNCTION rubrica_search_again(ids bigint[]) RETURNS void LANGUAGE plpgsql
{AS_OWNER}
AS $$
BEGIN
  PERFORM FROM contacts c
  WHERE c.id = ANY (ids) AND c.tenant_id + 0 = coalesce(rubrica_tenant(), c.tenant_id)
  ORDER BY c.id FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  {DOCUMENTS}
  WHERE c.id = ANY (ids) AND c.tenant_id + 0 = coalesce(rubrica_tenant(), c.tenant_id)
  ON CONFLICT (contact_id) DO UPDATE SET key = excluded.key, numbers = excluded.numbers
  WHERE (contact_search.key, contact_search.numbers) IS DISTINCT FROM
        (excluded.key, excluded.numbers);
END $$"""
ADDED_CONTACTS = f"""
CREATE FUNCTION search_added_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('rubrica.index', true) = 'later' THEN
    INSERT INTO search_backlog (tenant_id, first_id, last_id)
    SELECT a.tenant_id, min(a.id), max(a.id) FROM added a GROUP BY a.tenant_id;
  ELSE
    {DOCUMENTS.replace("contacts c", "added c").replace("numbers(c)", "number(c)")};
    {WORDS.format(added="added a")}
  END IF;
  RETURN NULL;
END $$"""
CHANGED_CONTACT = f"""
CREATE FUNCTION search_changed_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM rubrica_search_again(ARRAY[NEW.id]);
  IF OLD.name_key <> NEW.name_key THEN
    {WORDS.format(added="(SELECT NEW.tenant_id, NEW.name_key) a")}
  END IF;
  RETURN NULL;
END $$"""
CHANGED_NUMBERS = """
CREATE FUNCTION search_changed_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('rubrica.index', true) IS DISTINCT FROM 'later' THEN
    PERFORM rubrica_search_again(ARRAY(SELECT DISTINCT c.contact_id FROM changed c));
  END IF;
  RETURN NULL;
END $$"""
CHANGED_NUMBER = """
CREATE FUNCTION search_changed_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM rubrica_search_again(ARRAY[OLD.contact_id, NEW.contact_id]);
  RETURN NULL;
END $$"""
NOTED = """(SELECT c.tenant_id, c.name_key FROM contacts c
    WHERE c.id = ANY (ids) AND c.tenant_id + 0 = note.tenant_id) a"""
# One note of new contacts at a time; who is erased at this moment is waited for and left out. Where
# somebody is held for longer, another look brings the note in.
LATER = f"""
CREATE FUNCTION rubrica_index_later() RETURNS boolean LANGUAGE plpgsql
{AS_OWNER}
SET lock_timeout = '2s'
AS $$
DECLARE
  note search_backlog;
  ids bigint[];
BEGIN
  SELECT * INTO note FROM search_backlog b WHERE b.tenant_id = rubrica_tenant()
  ORDER BY b.id LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN false; END IF;
  ids := ARRAY(SELECT generate_series(note.first_id, note.last_id));
  {DOCUMENTS} WHERE c.id = ANY (ids) AND c.tenant_id + 0 = note.tenant_id FOR KEY SHARE OF c
  ON CONFLICT (contact_id) DO NOTHING;
  {WORDS.format(added=NOTED)}
  DELETE FROM search_backlog b WHERE b.id = note.id;
  -- Others keep plans for tables of so many pages; at four times as many they are made anew.
  IF (SELECT pg_relation_size(t.oid) > 4 * 8192 * greatest(t.relpages, 16)
      FROM pg_class t WHERE t.oid = 'contacts'::regclass) THEN
    ANALYZE (SKIP_LOCKED) contacts, additional_phones, list_members, contact_search, name_words;
  END IF;
  RETURN true;
END $$"""
TRIGGERS = {
    "search_added": "AFTER INSERT ON contacts REFERENCING NEW TABLE AS added FOR EACH STATEMENT"
    " EXECUTE FUNCTION search_added_contacts()",
    "search_changed": "AFTER UPDATE OF name_key, email, company_key, phone ON contacts FOR EACH ROW"
    " WHEN ((OLD.name_key, OLD.email, OLD.company_key, OLD.phone) IS DISTINCT FROM"
    " (NEW.name_key, NEW.email, NEW.company_key, NEW.phone))"
    " EXECUTE FUNCTION search_changed_contact()",
    "search_added_numbers": "AFTER INSERT ON additional_phones REFERENCING NEW TABLE AS changed"
    " FOR EACH STATEMENT EXECUTE FUNCTION search_changed_numbers()",
    "search_removed_numbers": "AFTER DELETE ON additional_phones REFERENCING OLD TABLE AS changed"
    " FOR EACH STATEMENT EXECUTE FUNCTION search_changed_numbers()",
    "search_changed_number": "AFTER UPDATE OF contact_id, number ON additional_phones FOR EACH ROW"
    " WHEN ((OLD.contact_id, OLD.number) IS DISTINCT FROM (NEW.contact_id, NEW.number))"
    " EXECUTE FUNCTION search_changed_number()",
}
WORD_TRIGGERS = {
    "add_name_words": (
        "added a",
        "INSERT ON contacts REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
    ),
    "add_changed_name_words": (
        "(SELECT NEW.tenant_id, NEW.name_key) a",
        "UPDATE ON contacts FOR EACH ROW WHEN (OLD.name_key IS DISTINCT FROM NEW.name_key)",
    ),
}
FUNCTIONS = (
    "rubrica_index_later",
    "search_added_contacts",
    "search_changed_contact",
    "search_changed_numbers",
    "search_changed_number",
    "rubrica_search_again",
)
IN_USE = """
CREATE OR REPLACE FUNCTION rubrica_words_in_use(after text, most integer)
RETURNS TABLE (word text, is_used boolean)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = {schema}, pg_temp
SET enable_seqscan = off
AS $$
  SELECT w.word, {new} EXISTS (
      SELECT FROM contacts c WHERE c.tenant_id = rubrica_tenant()
        AND c.name_key >= w.word AND c.name_key < w.word || chr(1114111)
        AND starts_with(rubrica_fold(c.name_key) || ' ', w.word || ' ')
    ) OR EXISTS (
      SELECT FROM contacts c WHERE c.tenant_id = rubrica_tenant()
        AND c.given_key >= w.word AND c.given_key < w.word || chr(1114111)
        AND starts_with(rubrica_fold(c.given_key) || ' ', w.word || ' ')
    ) OR EXISTS (
      SELECT FROM {documents} WHERE s.tenant_id = rubrica_tenant()
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
# Contacts of which the index knows nothing yet may have any word.
NEW = "EXISTS (SELECT FROM search_backlog b WHERE b.tenant_id = rubrica_tenant()) OR"
DOCUMENTS_IN_USE = ("contact_search s JOIN contacts c ON c.id = s.contact_id", "s.key")
CONTACTS_IN_USE = ("contacts c JOIN contacts s ON s.id = c.id", "{key(c)}")


def upgrade() -> None:
    execute = op.get_bind().exec_driver_sql
    schema = _schema()
    op.create_table(
        "contact_search",
        sa.Column("contact_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("numbers", sa.Text(collation="C"), nullable=False),
        tenant_id(),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_contact_search_contact_id_contacts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_contact_search")),
    )
    op.create_table(
        "search_backlog",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        tenant_id(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_backlog")),
    )
    protect(op.execute, "contact_search")
    protect(op.execute, "search_backlog")
    _unprotected(in_words(DOCUMENTS), "contacts", "additional_phones", "contact_search")
    execute(INDEX)
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    for name in WORD_TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON contacts")
        op.execute(f"DROP FUNCTION {name}")
    written = (
        AGAIN,
        ADDED_CONTACTS,
        CHANGED_CONTACT,
        CHANGED_NUMBERS,
        CHANGED_NUMBER,
        LATER,
    )
    for text in written:
        execute(in_words(text).replace("{schema}", schema))
    for name in ("rubrica_search_again", "rubrica_index_later"):
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {APP_ROLE}")
    for name, rest in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {rest}")
    for table in ("contact_search", "search_backlog"):
        op.execute(f"CREATE POLICY search ON {table} FOR SELECT TO CURRENT_USER USING (true)")
    _define_in_use(NEW, *DOCUMENTS_IN_USE)
    for name in ("contacts", "phones"):
        op.execute(f"DROP FUNCTION rubrica_search_{name}")
        execute(function(name, schema))
        op.execute(f"REVOKE ALL ON FUNCTION rubrica_search_{name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION rubrica_search_{name} TO {APP_ROLE}")


def _unprotected(statement: str, *tables: str) -> None:
    """Of all tenants at once, by the owner."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.get_bind().exec_driver_sql(statement)
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _define_in_use(new: str, documents: str, key: str) -> None:
    text = IN_USE.replace("{new}", new).replace("{documents}", documents).replace("{key}", key)
    op.get_bind().exec_driver_sql(in_words(text).replace("{schema}", _schema()))


def _schema() -> str:
    return str(op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())")))


def downgrade() -> None:
    """Without the search, which needs this table: a program of before makes its own again when it
    goes down to before `2026_11_22_search_addresses` and up.
    """
    _unprotected(WORDS.format(added="contacts a"), "contacts", "name_words")  # of who is noted
    for name, rest in TRIGGERS.items():
        table = "contacts" if " ON contacts" in rest else "additional_phones"
        op.execute(f"DROP TRIGGER {name} ON {table}")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    _define_in_use("", *CONTACTS_IN_USE)
    op.drop_table("search_backlog")
    op.drop_table("contact_search")
    for name, rest in INDEXES.items():
        op.get_bind().exec_driver_sql(f"CREATE INDEX {name} ON {in_words(rest)}")
    for name, (added, rest) in WORD_TRIGGERS.items():
        op.get_bind().exec_driver_sql(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {WORDS.format(added=added)} RETURN NULL; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} AFTER {rest} EXECUTE FUNCTION {name}()")
