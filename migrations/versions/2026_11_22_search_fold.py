# SPDX-License-Identifier: Apache-2.0
"""The folded form of a text, as searches compare it; the same as `search_key` of the program."""

from alembic import op

from server.domain.search.keys import SPELLINGS, letters

revision = "2026_11_22_search_fold"
down_revision = "2026_11_22_numbers_set_aside"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Both are trusted: the owner of the database may create them without being a superuser.
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
    known, plain = letters()
    folded = f"lower(translate(given, '{known}', '{plain}'))"
    for letter, spelling in SPELLINGS.items():
        folded = f"replace({folded}, '{letter}', '{spelling}')"
    # What is ASCII already, almost all, is not looked through letter by letter. Only functions of
    # the catalog: an index is built with nothing else in the search path.
    op.execute(
        "CREATE FUNCTION rubrica_fold(given text) RETURNS text"
        " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$"
        " SELECT CASE WHEN octet_length(given) = char_length(given) THEN lower(given)"
        f" ELSE {folded} END $$"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION rubrica_fold(text)")
    for name in ("btree_gin", "pg_trgm"):  # they stay where they serve others, or are another's
        op.execute(
            f"DO $$ BEGIN DROP EXTENSION IF EXISTS {name};"
            " EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN NULL;"
            " END $$"
        )
