# SPDX-License-Identifier: Apache-2.0
"""A typing error in a name still finds it, lower in the list; words of the gone are forgotten."""

import pytest

from server.database import Database
from server.domain.permissions import Viewer
from server.domain.search import SearchAccuracy, SearchType
from server.domain.search.distances import distance
from server.domain.text import sort_key
from server.processes.worker import sweep_words
from server.services.contacts import ContactEdit, delete_contact, edit_contact
from server.services.search import search_everything
from tests.factories.contacts import make_contact
from tests.factories.marks import marked
from tests.factories.users import make_viewer

PEOPLE = [
    ("Mario", "Rossi"),
    ("Giovanna", "Quarantotto"),
    ("Łukasz", "Wiśniewski"),
    ("Gianni", "D’Angelo"),
]


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    viewer = await make_viewer(database, tenant)
    async with database.transaction(tenant) as session:
        for first, last in PEOPLE:
            await make_contact(session, viewer, first, last)
    return viewer


async def found(database: Database, viewer: Viewer, text: str) -> list[tuple[str, str]]:
    results = await search_everything(database, viewer, text, [SearchType.CONTACT], 20)
    return [(each.title, each.accuracy.value) for each in results]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("rosi", "Mario Rossi"),  # left out
        ("rosssi", "Mario Rossi"),  # put in
        ("rozsi", "Mario Rossi"),  # changed
        ("orssi", "Mario Rossi"),  # swapped
        ("maroi rossi", "Mario Rossi"),
        ("mario rosi", "Mario Rossi"),
        ("quarantoto", "Giovanna Quarantotto"),
        ("qarantoto", "Giovanna Quarantotto"),  # two errors in a long word
        ("wisniewsky", "Łukasz Wiśniewski"),
        ("dangelo", "Gianni D’Angelo"),
    ],
)
async def test_a_typing_error_still_finds_the_name(
    database: Database, viewer: Viewer, text: str, title: str
) -> None:
    assert await found(database, viewer, text) == [(title, "FUZZY")]


@pytest.mark.parametrize("text", ["ros", "rx", "rosxyi", "mario bianchi", "12345", "zzzzzz"])
async def test_what_is_not_much_like_a_name_finds_none(
    database: Database, viewer: Viewer, text: str
) -> None:
    assert all(accuracy == "EXACT" for _, accuracy in await found(database, viewer, text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mueller", "Jörg [Müller]"),
        ("muell", "Jörg [Müll]er"),  # while it is typed
        ("joerg muel", "[Jörg] [Mül]ler"),
        ("soehne", "Bauer & [Söhne]"),  # in a company, whose words are not kept
        ("samuele soehn", "[Samuele] Neubauer"),
        ("mueler", "Jörg [Müller]"),  # and an error
        ("muex", None),
        ("neue", None),  # no umlaut stands after another vowel
    ],
)
async def test_a_german_transcription_finds_what_it_stands_for(
    database: Database, viewer: Viewer, text: str, shown: str | None
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await make_contact(session, viewer, "Jörg", "Müller")
        row = await make_contact(session, viewer, "Samuele", "Neubauer")
        row.company, row.company_key = "Bauer & Söhne", sort_key("Bauer & Söhne")
    results = await search_everything(database, viewer, text, [SearchType.CONTACT], 20)
    assert [marked(each) for each in results] == [shown] * (shown is not None)
    assert {each.accuracy for each in results} <= {SearchAccuracy.FUZZY}


async def test_a_name_written_with_a_transcription_stands_first(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        for last in ("Müller", "Mueller"):
            await make_contact(session, viewer, "Anna", last)
    results = [("Anna Mueller", "EXACT"), ("Anna Müller", SearchAccuracy.FUZZY)]
    assert await found(database, viewer, "mueller") == results


async def test_what_was_typed_stands_before_what_is_much_like_it(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await make_contact(session, viewer, "Anna", "Rosi")
    results = [("Anna Rosi", "EXACT"), ("Mario Rossi", SearchAccuracy.FUZZY)]
    assert await found(database, viewer, "rosi") == results


async def words(database: Database, viewer: Viewer) -> list[str]:
    rows = await database.read(viewer.tenant_id, "SELECT word FROM name_words ORDER BY word")
    return [row["word"] for row in rows]


async def test_the_words_of_names_are_known_as_they_are_written(
    database: Database, viewer: Viewer
) -> None:
    known = ["angelo", "d’angelo", "gianni", "giovanna", "lukasz", "mario", "quarantotto", "rossi"]
    assert [w.replace("'", "’") for w in await words(database, viewer)] == [*known, "wisniewski"]
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_contact(session, viewer, "Bartolomea")
        await edit_contact(session, viewer, row.id, ContactEdit(first_name="Bartolomeo"))
        await edit_contact(session, viewer, row.id, ContactEdit(email="b@example.org"))
        row = await make_contact(session, viewer, "Mario", "Rossi")
    assert {"bartolomea", "bartolomeo"} <= set(await words(database, viewer))
    assert len(await words(database, viewer)) == 11  # none twice
    assert await found(database, viewer, "bartolomei") == [("Bartolomeo", "FUZZY")]


async def test_words_that_nobody_has_any_more_are_forgotten(
    database: Database, viewer: Viewer
) -> None:  # an erased person leaves no name behind
    async with database.transaction(viewer.tenant_id) as session:
        gone = await make_contact(session, viewer, "Ermenegilda", "Rossi")
        await make_contact(session, viewer, "Anna", "Maria Ermenegildo")
        key = gone.id
    before = await words(database, viewer)
    assert "ermenegilda" in before
    await sweep_words(database, viewer.tenant_id)
    assert await words(database, viewer) == before
    async with database.transaction(viewer.tenant_id) as session:
        await delete_contact(session, viewer, key)
    await database.read(
        viewer.tenant_id, "INSERT INTO name_words (word) VALUES ('rossi'), ('x%_\\\\') RETURNING id"
    )
    await sweep_words(database, viewer.tenant_id)
    assert await words(database, viewer) == [word for word in before if word != "ermenegilda"]


@pytest.mark.parametrize(
    ("one", "other", "errors"),
    [
        ("rossi", "rossi", 0),
        ("rosi", "rossi", 1),
        ("orssi", "rossi", 1),
        ("kitten", "sitting", 3),
        ("", "ab", 2),
        ("abcd", "badc", 2),
    ],
)
def test_errors_are_counted(one: str, other: str, errors: int) -> None:
    assert distance(one, other) == distance(other, one) == errors
