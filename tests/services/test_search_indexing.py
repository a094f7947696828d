# SPDX-License-Identifier: Apache-2.0
"""Imported contacts are found at once, before the index has them, and by it afterwards (X-08)."""

import asyncio

import pytest
from sqlalchemy import text

from server.database import Database
from server.domain.permissions import Viewer
from server.domain.search import SearchType
from server.services import contacts
from server.services.dialer import connection_of
from server.services.search import find_phones, search_everything
from server.services.search.indexing import count_new, index_later, index_new
from server.services.search.sweeping import forget_words
from tests.conftest import MakeTenant, as_owner
from tests.factories.contacts import make_contact, phones
from tests.factories.users import make_viewer
from tests.factories.working import working

EXACT = ["salb", "osalba uirin", "quirino 4500", "612345", "471112", "rosalba", "+39 347 111"]
NUMBERS = "SELECT numbers FROM contact_search WHERE contact_id = $1"
ADD = "INSERT INTO additional_phones (contact_id, number, position) VALUES (:id, :number, 0)"


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


@pytest.fixture
async def imported(database: Database, viewer: Viewer) -> int:
    """Rosalba Quirino, of whom the index knows nothing yet."""
    async with database.transaction(viewer.tenant_id) as session:
        await index_later(await connection_of(session))
        further = phones("+393471112223")
        row = await make_contact(session, viewer, "Rosalba", "Quirino", additional=further)
        return row.id


async def found(database: Database, viewer: Viewer, typed: str) -> list[int]:
    hits = await search_everything(database, viewer, typed, [SearchType.CONTACT], 20)
    return [hit.id for hit in hits]


async def documents(database: Database, tenant_id: int, contact_id: int) -> list[str]:
    return [row["numbers"] for row in await database.read(tenant_id, NUMBERS, contact_id)]


async def test_who_was_imported_is_found_before_the_index_has_them_and_once_afterwards(
    database: Database, viewer: Viewer, imported: int
) -> None:
    assert await documents(database, viewer.tenant_id, imported) == []
    for typed in EXACT:
        assert await found(database, viewer, typed) == [imported], typed
    matches = await find_phones(database, viewer, "471112")
    assert [match.contact_id for match in matches] == [imported]
    await index_new(database, viewer.tenant_id)
    assert await documents(database, viewer.tenant_id, imported) == [
        " +390612345000 +393471112223 "
    ]
    for typed in [*EXACT, "rosalbo", "quirnio"]:  # and typing errors are forgiven by now
        assert await found(database, viewer, typed) == [imported], typed
    matches = await find_phones(database, viewer, "471112")
    assert [match.contact_id for match in matches] == [imported]
    assert await database.read(viewer.tenant_id, "SELECT FROM search_backlog") == []


async def test_what_was_changed_before_the_index_came_to_it_is_found_as_it_is(
    database: Database, viewer: Viewer, imported: int
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await session.execute(
            text("UPDATE contacts SET name_key = 'ferrabosco rosalba' WHERE id = :id"),
            {"id": imported},
        )
        await session.execute(text(ADD), {"id": imported, "number": "+390699887766"})
    for _ in range(2):
        assert await found(database, viewer, "errabosc") == [imported]
        assert await found(database, viewer, "uirin") == []
        assert await found(database, viewer, "998877") == [imported]
        await index_new(database, viewer.tenant_id)
    assert await found(database, viewer, "ferabosco") == [imported]


async def test_who_was_erased_before_the_index_came_to_them_leaves_nothing(
    database: Database, viewer: Viewer, imported: int
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.delete_contact(session, viewer, imported)
    await index_new(database, viewer.tenant_id)
    for table in ("contact_search", "search_backlog", "name_words"):
        assert await database.read(viewer.tenant_id, f"SELECT FROM {table}") == []


async def test_an_erasure_and_the_index_at_once_leave_nothing(
    database: Database, viewer: Viewer, imported: int
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await session.execute(text("DELETE FROM contacts WHERE id = :id"), {"id": imported})
        indexing = asyncio.create_task(index_new(database, viewer.tenant_id))
        done, _ = await asyncio.wait({indexing}, timeout=0.3)
        assert not done  # it waits for what becomes of the person
    await indexing
    assert await documents(database, viewer.tenant_id, imported) == []


async def test_of_two_who_add_a_number_at_once_both_are_found(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_contact(session, viewer, "Rosalba", "Quirino")

    async def add(number: str) -> None:
        async with database.transaction(viewer.tenant_id) as session:
            await session.execute(text(ADD), {"id": row.id, "number": number})
            await asyncio.sleep(0.2)

    await asyncio.gather(add("+390688112233"), add("+390677112233"))
    for typed in ("881122", "771122"):
        assert await found(database, viewer, typed) == [row.id]


async def test_numbers_that_move_or_go_are_no_longer_found(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        further = phones("+390688112233", "+390677112233", "+390666112233")
        one = await make_contact(session, viewer, "Rosalba", "Quirino", additional=further)
        other = await make_contact(session, viewer, "Agostina", "Ferri", phone="+390612345001")
    first, second, third, fourth = (
        "+390612345000",
        "+390688112233",
        "+390677112233",
        "+390666112233",
    )
    changed = "+390655112233"
    steps = (
        (f"UPDATE additional_phones SET number = '{changed}' WHERE number = '{second}'", []),
        (f"UPDATE additional_phones SET contact_id = {other.id} WHERE number = '{third}'", [third]),
        (f"DELETE FROM additional_phones WHERE number = '{fourth}'", [third]),
        (f"UPDATE contacts SET phone = NULL WHERE id = {one.id}", [third]),
    )
    left = ({first, changed, third, fourth}, {first, changed, fourth}, {first, changed}, {changed})
    for (change, moved), expected in zip(steps, left, strict=True):
        async with database.transaction(viewer.tenant_id) as session:
            await session.execute(text(change))
        [numbers] = await documents(database, viewer.tenant_id, one.id)
        assert set(numbers.split()) == expected
        [numbers] = await documents(database, viewer.tenant_id, other.id)
        assert numbers.split() == ["+390612345001", *moved]


async def test_words_of_names_stay_while_somebody_waits_for_the_index(
    database: Database, viewer: Viewer, imported: int
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await session.execute(text("INSERT INTO name_words (word) VALUES ('quirino'), ('nobody')"))
    words = set[str]()
    for expected in ({"quirino", "nobody"}, {"quirino", "rosalba"}):
        async with database.transaction(viewer.tenant_id) as session:
            await forget_words(session, "")
            words = set(await session.scalars(text("SELECT word FROM name_words")))
        assert words == expected
        await index_new(database, viewer.tenant_id)
        async with database.transaction(viewer.tenant_id) as session:
            await forget_words(session, "")


async def test_everybody_who_waits_is_found_however_many_notes_there_are(
    database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:
    """Between those of another centre, which count for nothing."""
    other = await make_viewer(database, await new_tenant())
    ids = set[int]()
    for place in range(24):
        whose = other if place % 2 else viewer
        async with database.transaction(whose.tenant_id) as session:
            await index_later(await connection_of(session))
            row = await make_contact(session, whose, "Rosalba", "Quirino")
        ids |= {row.id} if whose is viewer else set()
    assert await count_new(database, viewer.tenant_id) == 12
    hits = await search_everything(database, viewer, "uirino", [SearchType.CONTACT], 50)
    assert {hit.id for hit in hits} == ids


async def test_the_index_does_not_wait_long_for_who_is_held(
    database: Database, viewer: Viewer, imported: int
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        held = text("SELECT FROM contacts WHERE id = :id FOR UPDATE")
        await session.execute(held, {"id": imported})
        async with asyncio.timeout(10):
            await index_new(database, viewer.tenant_id)
        assert await found(database, viewer, "uirin") == [imported]
    assert await count_new(database, viewer.tenant_id) == 1
    await index_new(database, viewer.tenant_id)
    assert await count_new(database, viewer.tenant_id) == 0


async def test_nobody_holds_contacts_of_another_centre_by_the_index(
    database: Database, viewer: Viewer, imported: int, new_tenant: MakeTenant
) -> None:
    again = text("SELECT rubrica_search_again(ARRAY[CAST(:id AS bigint)])")
    async with database.transaction(await new_tenant()) as session:
        await session.execute(again, {"id": imported})
        async with database.transaction(viewer.tenant_id) as own:
            await own.execute(text("SET LOCAL lock_timeout = '1s'"))
            await own.execute(
                text("UPDATE contacts SET company = 'x' WHERE id = :id"), {"id": imported}
            )
    assert await documents(database, viewer.tenant_id, imported) == []


async def test_a_worker_brings_in_what_another_left_whichever_centre_fails(
    own_database: str,
) -> None:
    database = Database(own_database, pool_size=4)
    await database.start()
    made = "INSERT INTO tenants (name) VALUES ('a'), ('b') RETURNING id"
    broken, sound = [row["id"] for row in await database.read(None, made)]
    keys = {}
    for tenant in (broken, sound):
        viewer = await make_viewer(database, tenant)
        async with database.transaction(tenant) as session:
            await index_later(await connection_of(session))
            keys[tenant] = (await make_contact(session, viewer, "Rosalba", "Quirino")).id
    async with as_owner(own_database) as owner:
        await owner.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'broken'; END $$"
        )
        await owner.execute(
            "CREATE TRIGGER fail BEFORE INSERT ON contact_search FOR EACH ROW"
            f" WHEN (NEW.tenant_id = {broken}) EXECUTE FUNCTION fail()"
        )
    async with working(database), asyncio.timeout(20):
        while not await documents(database, sound, keys[sound]):  # noqa: ASYNC110 # no event
            await asyncio.sleep(0.05)
    assert await documents(database, broken, keys[broken]) == []
    assert await count_new(database, broken) == 1
    await database.stop()
