# SPDX-License-Identifier: Apache-2.0
"""Words of names, by which typing errors are forgiven: there while somebody has them (X-08)."""

from sqlalchemy import text

from server.database import Database
from server.domain.search import SearchType
from server.services import contacts
from server.services.search import search_everything
from server.services.search.sweeping import forget_words
from tests.factories.contacts import make_contact
from tests.factories.users import make_viewer


async def words(database: Database, tenant_id: int) -> set[str]:
    """Those that are left once nobody's are forgotten."""
    async with database.transaction(tenant_id) as session:
        after: str | None = ""
        while after is not None:
            after = await forget_words(session, after)
        return set(await session.scalars(text("SELECT word FROM name_words")))


async def test_each_part_of_a_name_is_kept_while_somebody_has_it(
    database: Database, tenant: int
) -> None:
    viewer = await make_viewer(database, tenant)
    async with database.transaction(tenant) as session:
        row = await make_contact(session, viewer, "Jean-Philippe", "D'Annunziata", phone=None)
        await make_contact(session, viewer, "Rosa", "Philippe", phone=None)
    parts = {"jean", "philippe", "annunziata", "jean-philippe", "d'annunziata", "rosa"}
    assert await words(database, tenant) == parts
    for typed in ("annunziatta", "jean-philipe", "philipe annunziata", "danunziata"):
        found = await search_everything(database, viewer, typed, [SearchType.CONTACT], 20)
        assert row.id in {each.id for each in found}, typed
    async with database.transaction(tenant) as session:
        await contacts.delete_contact(session, viewer, row.id)
    assert await words(database, tenant) == {"philippe", "rosa"}
    async with database.transaction(tenant) as session:
        await contacts.restore_contacts(session, viewer, [row.id])
    assert await words(database, tenant) == parts


async def test_a_name_that_was_saved_with_unseen_marks_is_found_with_and_without_them(
    database: Database, tenant: int
) -> None:
    """As copied from a message of people who write from right to left."""
    viewer = await make_viewer(database, tenant)
    async with database.transaction(tenant) as session:
        row = await make_contact(session, viewer, "\u200fשרה", "לוי\u200e", phone=None)
    for typed in ("שרה", "\u200fשרה\u200e לוי", "לוי", "שר"):
        found = await search_everything(database, viewer, typed, [SearchType.CONTACT], 20)
        assert [each.id for each in found] == [row.id], typed
