# SPDX-License-Identifier: Apache-2.0
"""Global search by the pages: what matched, where it leads, and for whom (X-08)."""

import html
import re

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from tests.factories.access import viewer_of
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.web.visiting import SignIn, text_of

SEES = (Permission.CONTACTS_VIEW, Permission.LISTS_VIEW)


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await viewer_of(database, tenant)


@pytest.fixture
async def centre(database: Database, tenant: int, viewer: Viewer) -> dict[str, int]:
    """A name that a contact, a list and a campaign have; a number in three spellings."""
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer, "Office", 2)
        autumn = await make_list(session, viewer, "Verdi and friends")
        await make_campaign(session, viewer, "Calls to Verdi")
        additional = phones(("055 123456", office.id))
        ada = await make_contact(
            session, viewer, "Ada", "Verdi", additional=additional, list_ids=[autumn.id]
        )
        await make_contact(session, viewer, "Élodie", "Straße", email="info@example.com")
    return {"ada": ada.id, "list": autumn.id, "office": office.id}


def groups(page: str) -> list[str]:
    return re.findall(r'<div role="group" aria-label="([^"]+)"', page)


def headings(page: str) -> list[str]:
    return re.findall(r'<h2 id="group-\d+">.*?</svg>([\w ]+?) <', page, re.S)


def options(page: str) -> list[tuple[str, str]]:
    """Where each option leads, and what it says."""
    found = re.findall(r'<a role="option" href="([^"]+)"[^>]*>(.*?)</a>', page, re.S)
    plain = [(url, re.sub(r"<(?!/?mark>)[^>]+>", " ", text)) for url, text in found]
    return [(html.unescape(url), " ".join(html.unescape(text).split())) for url, text in plain]


async def test_results_are_grouped_marked_named_and_lead_to_their_objects(
    signed_in: SignIn, centre: dict[str, int]
) -> None:
    admin = (await signed_in()).browser
    page = (await admin.get("/search/suggestions?q=verdi")).text
    assert "<html" not in page
    assert set(groups(page)) == {"Contacts", "Lists", "Campaigns"}
    found = dict(options(page))
    assert found[f"/contacts/contact_{centre['ada']}"].startswith("Ada <mark>Verdi</mark>")
    assert found[f"/contacts?list=list_{centre['list']}"] == "<mark>Verdi</mark> and friends"
    assert options(page)[-1] == ("/search?q=verdi", "All results for “verdi”")
    assert f'data-hx-get="/contacts/contact_{centre["ada"]}/quick"' in page
    page = (await admin.get("/search/suggestions?q=info")).text
    [(_, told), _] = options(page)
    assert told == "Élodie Straße E-mail: <mark>info</mark>@example.com 06 1234 5000"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("055 123456", "<mark>055 123456</mark>"),
        ("(055)12-34-56", "<mark>055 123456</mark>"),
        ("+39055123456", "<mark>055 123456</mark>"),
        ("3456", "055 12<mark>3456</mark>"),
    ],
)
async def test_a_number_is_found_in_any_spelling_and_named_by_its_type(
    signed_in: SignIn, centre: dict[str, int], text: str, shown: str
) -> None:
    admin = (await signed_in()).browser
    page = await admin.get("/search/suggestions", params={"q": text})
    [(url, told), _] = options(page.text)
    assert url == f"/contacts/contact_{centre['ada']}"
    assert told == f"Ada Verdi Office: {shown} 06 1234 5000"


async def test_the_page_of_all_results_needs_no_script_and_filters_by_type(
    signed_in: SignIn, centre: dict[str, int]
) -> None:
    admin = (await signed_in()).browser
    page = await admin.get("/search?q=verdi")
    assert "<html" in page.text
    assert 'name="q" value="verdi"' in page.text
    assert set(headings(page.text)) == {"Contacts", "Lists", "Campaigns"}
    assert 'href="?q=verdi&amp;type=LIST"' in page.text
    some = await admin.get("/search?q=verdi&type=LIST")
    assert headings(some.text) == ["Lists"]
    assert "1 result" in text_of(some)
    unknown = await admin.get("/search?q=verdi&type=NOTHING")
    assert headings(unknown.text) == headings(page.text)
    nothing = await admin.get("/search?q=qqqzzz")
    assert "Nothing matches “qqqzzz”" in text_of(nothing)
    blank = await admin.get("/search?q=%20")
    assert "Search everything" in text_of(blank)


async def test_everybody_finds_what_they_may_see_and_no_more(
    signed_in: SignIn,
    centre: dict[str, int],
    database: Database,
    tenant: int,
    viewer: Viewer,
) -> None:
    agent = await signed_in(Role.AGENT, SEES)
    page = (await agent.browser.get("/search/suggestions?q=verdi")).text
    assert options(page) == []
    assert "Nothing matches" in page
    async with database.transaction(tenant) as session:
        mine = await make_list(session, viewer, "Mine", agent_ids=[agent.account.user_id])
        eva = await make_contact(session, viewer, "Eva", "Verdi", list_ids=[mine.id])
    page = (await agent.browser.get("/search/suggestions?q=verdi")).text
    assert options(page)[0][0] == f"/contacts/contact_{eva.id}"
    assert groups(page) == ["Contacts"]
    assert "/quick" not in page  # who may not edit is not offered it
    page = (await agent.browser.get("/search?q=verdi")).text
    assert "type=USER" not in page
    assert "type=LIST" in page
    reader = await signed_in(Role.SUPERVISOR, (Permission.ITEM_TYPES_VIEW,))
    page = (await reader.browser.get("/search/suggestions?q=office")).text
    assert options(page)[0][0] == "/item-types?q=Office"  # to look at, not to change


async def test_what_is_found_is_text_and_never_markup(
    signed_in: SignIn, database: Database, tenant: int, viewer: Viewer
) -> None:
    async with database.transaction(tenant) as session:
        await make_contact(session, viewer, "<img src=x>", "Rossi", email="")
        await make_list(session, viewer, "Rossi <script>alert(1)</script>")
    admin = (await signed_in()).browser
    for path in ("/search/suggestions", "/search"):
        page = (await admin.get(path, params={"q": "rossi"})).text
        assert "&lt;img src=x&gt; <mark>Rossi</mark>" in page
        assert "<script>alert" not in page


@pytest.mark.parametrize(
    "text", ["a", "x" * 10_000, "%", "__%", "a\x00b", "\u202eitssor", "👩‍👩‍👧", "'; --", '&<>"']
)
async def test_no_text_makes_it_fail(signed_in: SignIn, centre: dict[str, int], text: str) -> None:
    admin = (await signed_in()).browser
    for path in ("/search/suggestions", "/search"):
        answer = await admin.get(path, params={"q": text})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "text",
    ["😀", "👩‍👩‍👧👍🏽", "★", "€ $", "--", "…", "\u200f", "\u2800", "%_%", "__", "x" * 10_000],
)
async def test_signs_alone_find_nothing_and_the_page_says_what_can_be_searched(
    signed_in: SignIn, centre: dict[str, int], text: str
) -> None:
    admin = (await signed_in()).browser
    for path in ("/search/suggestions", "/search"):
        page = await admin.get(path, params={"q": text})
        assert (page.status_code, options(page.text), headings(page.text)) == (200, [], [])
        assert "Names, e-mail addresses, companies, any digits of a number" in text_of(page)
