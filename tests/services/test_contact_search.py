# SPDX-License-Identifier: Apache-2.0
"""Finding contacts by the beginning of a name, a number or an e-mail address."""

import pytest
from sqlalchemy import select

from server.database import Database
from server.domain.permissions import Role, Viewer
from server.models import Contact
from server.planner.arguments import named_condition
from server.services.contacts import matching, search, visible_contacts
from server.services.lists import add_members
from tests.factories.contacts import make_contact, phones
from tests.factories.lists import make_list
from tests.factories.users import make_viewer

PEOPLE = [
    # first name, last name, primary, e-mail, additional
    ("Élodie", "De Luca", "+390612345000", "elodie@example.com", ()),
    ("Maria Elena", "Rossi", "+393331234567", "", ("+442079460958",)),
    ("Mario", "Rossetti", None, "m.rossetti@example.org", ("+390612345999", "+393331230000")),
    ("Rosa", "", "+48601234567", "", ()),
    ("100%", "Under_score", "+390212345678", "", ()),
]
FOUND = [
    ("", ["100%", "Maria Elena", "Mario", "Rosa", "Élodie"]),
    ("ros", ["Maria Elena", "Mario", "Rosa"]),  # last or first name
    ("ROSSE", ["Mario"]),
    ("r", ["Maria Elena", "Mario", "Rosa"]),  # of one letter the beginnings of names only
    ("l", []),
    ("lu", ["Élodie"]),  # of two the beginnings of words
    ("uc", []),
    ("elodie", ["Élodie"]),  # without its accent, or with
    ("Élo", ["Élodie"]),
    ("m.ross", ["Mario"]),  # a word may begin an address, too
    ("de luca", ["Élodie"]),
    ("de luca el", ["Élodie"]),
    ("elodie de", ["Élodie"]),
    ("luca elodie", ["Élodie"]),
    ("luca lodi", ["Élodie"]),
    ("maria ross", ["Maria Elena"]),
    ("ross mari", ["Maria Elena", "Mario"]),
    ("elena rossi", ["Maria Elena"]),
    ("  rossi   maria  ", ["Maria Elena"]),
    ("maria bianchi", []),
    ("aria", ["Maria Elena"]),  # anywhere in a word
    ("elodie@", ["Élodie"]),
    ("M.Rossetti@EXAMPLE", ["Mario"]),
    ("rossetti@", ["Mario"]),
    ("@example.org", ["Mario"]),
    ("rosi", []),  # no typing errors in a list: it would fill with what nobody meant
    ("06 12345", ["Mario", "Élodie"]),  # primary and additional
    ("+39 06 12345 0", ["Élodie"]),
    ("0039 06/123459", ["Mario"]),
    ("390612345000", ["Élodie"]),
    ("333 123", ["Maria Elena", "Mario"]),
    ("٣٣٣ ١٢٣", ["Maria Elena", "Mario"]),
    ("0958", ["Maria Elena"]),  # the last digits
    ("5999", ["Mario"]),
    ("2345", ["100%", "Mario", "Rosa", "Élodie", "Maria Elena"]),  # anywhere in a number
    ("rossi 0958", ["Maria Elena"]),  # a name, and digits of a number of theirs
    ("0958 rossetti", []),
    ("601", ["Rosa"]),  # a Polish number, sought in Italy
    ("+48 601", ["Rosa"]),
    ("+44 20", ["Maria Elena"]),
    ("020 7946 0958", ["Maria Elena"]),  # as it is dialed there
    ("+44 (0)20 7946", ["Maria Elena"]),
    ("3", ["Maria Elena", "Mario", "100%", "Élodie"]),  # +393…, and everything in Italy by +3…
    ("100%", ["100%"]),
    ("100% under_", ["100%"]),
    ("100% underx", []),
    ("%", []),
    ("_", []),
    ("%%%", []),
    ("under%", []),
    ("+", []),
    ("\x00", []),
    ("\ud800", []),
    ("x" * 100_000, []),
    ("'; DROP TABLE contacts; --", []),
    ("́", []),  # nothing is left of it
    ("😀", []),
    ("\u202e\u200f", []),
]


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    viewer = await make_viewer(database, tenant)
    async with database.transaction(tenant) as session:
        for first, last, phone, email, additional in PEOPLE:
            await make_contact(
                session,
                viewer,
                first,
                last,
                phone=phone,
                email=email,
                additional=phones(*additional),
            )
    return viewer


async def found(database: Database, viewer: Viewer, text: str) -> list[str]:
    async with database.transaction(viewer.tenant_id) as session:
        condition = matching(text, viewer)(Contact.__table__)
        rows = await session.scalars(visible_contacts(viewer).where(condition))
        return sorted(row.first_name for row in rows)


async def test_beginnings_find_contacts(database: Database, viewer: Viewer) -> None:
    for text, expected in FOUND:
        assert await found(database, viewer, text) == sorted(expected), repr(text[:40])


async def test_a_number_is_read_in_the_viewers_region(database: Database, viewer: Viewer) -> None:
    polish = await make_viewer(database, viewer.tenant_id, region="PL")
    british = await make_viewer(database, viewer.tenant_id, region="GB")
    assert await found(database, polish, "601") == ["Rosa"]
    assert await found(database, british, "020 7946") == ["Maria Elena"]
    assert await found(database, british, "20 7946") == ["Maria Elena"]


async def test_an_agent_finds_the_same_among_the_contacts_of_their_lists(
    database: Database, viewer: Viewer
) -> None:
    agent = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    for text, _ in FOUND:
        assert await found(database, agent, text) == []
    async with database.transaction(viewer.tenant_id) as session:
        ids = list(await session.scalars(select(Contact.id)))
        spring = await make_list(session, viewer, agent_ids=[agent.user_id])
        await add_members(session, viewer, spring.id, ids)
    for text, expected in FOUND:
        assert await found(database, agent, text) == sorted(expected), repr(text[:40])


async def test_no_more_than_the_cap_are_found_and_the_best_of_them(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST", 1)
    assert await found(database, viewer, "rossi") == ["Maria Elena"]
    assert await found(database, viewer, "rosa") == ["Rosa"]
    assert await found(database, viewer, "5000") == ["Élodie"]


async def test_inside_a_list_nobody_is_crowded_out_by_those_who_are_not_on_it(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST", 1)
    async with database.transaction(viewer.tenant_id) as session:
        names = select(Contact.id).where(Contact.first_name == "Maria Elena")
        spring = await make_list(session, viewer)
        await add_members(session, viewer, spring.id, [(await session.scalars(names)).one()])
        for text in ("ros", "333 123", "rossi maria", "ari", "567"):
            condition = matching(text, viewer, list_id=spring.id)(Contact.__table__)
            rows = await session.scalars(visible_contacts(viewer).where(condition))
            assert [row.first_name for row in rows] == ["Maria Elena"], text


async def test_two_texts_of_one_kind_make_one_statement(viewer: Viewer) -> None:
    def shape(text: str) -> str:
        return named_condition(matching(text, viewer)(Contact.__table__), "f")[0]

    assert shape("rossi") == shape("bianchi")
    assert shape("06 1") == shape("333 99")
    assert shape("anna rossi") == shape("ross mari")
    assert shape("rossi") == shape("a@b") == shape("06 1")
