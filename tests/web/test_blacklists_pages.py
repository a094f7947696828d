# SPDX-License-Identifier: Apache-2.0
"""Blacklists by the pages: filters, forms, deletion with undo, import, export (C-26 to C-29)."""

import re

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from tests.factories.access import viewer_of
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact
from tests.web.visiting import Person, SignIn, text_of, words_of

ROME, MILAN = "+390612345678", "+390223456789"
DRAWER = {"HX-Request": "true", "HX-Target": "drawer-body"}


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await viewer_of(database, tenant)


async def shown(admin: Person, query: str = "") -> list[str]:
    """Whom the rows of the list name."""
    page = await admin.browser.get(f"/blacklists{query}")
    assert page.status_code == 200
    rows = re.findall(r'<th scope="row" class="fact">(.*?)</th>', page.text, re.S)
    return [words_of(row) for row in rows]


async def entered(admin: Person, **given: str) -> None:
    answer = await admin.browser.post("/blacklists", data={"media": "PHONE", **given})
    assert (answer.status_code, answer.headers["location"]) == (303, "/blacklists")


async def test_an_entry_is_made_changed_and_found_without_scripts(admin: Person) -> None:  # C-26
    empty = await admin.browser.get("/blacklists")
    assert "Nobody is on a blacklist" in empty.text
    await entered(admin, uri="06 1234 5678", name="Mario", note="by letter")
    await entered(admin, media="EMAIL", uri="Anna@example.com", isEverywhere="on")
    assert await shown(admin) == ["anna@example.com", "06 1234 5678"]
    assert await shown(admin, "?q=061234") == ["06 1234 5678"]
    assert await shown(admin, "?holds=everywhere") == ["anna@example.com"]
    assert await shown(admin, "?media=EMAIL&number=06") == []
    page = (await admin.browser.get("/blacklists?name=mario")).text
    assert "Name: mario" in page
    assert "by letter" in page
    [url] = set(re.findall(r'href="(/blacklists/blocked_\d+)"', page))
    form = (await admin.browser.get(url)).text
    assert 'value="Mario"' in form
    assert 'name="version" value="1"' in form
    given = {"uri": MILAN, "name": "Maria", "note": "", "version": "1"}
    assert (await admin.browser.post(url, data=given)).status_code == 303
    assert await shown(admin, "?name=maria") == ["02 2345 6789"]
    late = await admin.browser.post(url, data=given)
    assert late.status_code == 422
    assert "Somebody else changed this" in late.text


async def test_what_is_wrong_is_said_on_the_form(admin: Person) -> None:
    await entered(admin, uri=ROME)
    taken = await admin.browser.post("/blacklists", data={"media": "PHONE", "uri": "06 12345678"})
    assert taken.status_code == 422
    assert f"“{ROME}” is on the blacklist already. Edit that entry." in taken.text
    assert 'value="06 12345678"' in taken.text
    blank = await admin.browser.post("/blacklists", data={"media": "PHONE"}, headers=DRAWER)
    assert blank.status_code == 422
    assert "This cannot be blank" in blank.text


async def test_an_entry_holds_for_one_campaign_or_for_a_person(
    admin: Person, viewer: Viewer, database: Database, tenant: int
) -> None:
    async with database.transaction(tenant) as session:
        campaign = (await make_campaign(session, viewer)).id
        contact = (await make_contact(session, viewer, "Ada", "Rossi")).id
    await entered(admin, uri=ROME, campaignId=f"campaign_{campaign}")
    form = (await admin.browser.get(f"/blacklists/new?contact=contact_{contact}")).text
    assert "Ada Rossi, with all their numbers" in form
    await entered(admin, contactId=f"contact_{contact}")
    assert await shown(admin) == ["Ada Rossi", "06 1234 5678"]
    assert await shown(admin, f"?campaign=campaign_{campaign}") == ["06 1234 5678"]
    page = (await admin.browser.get(f"/blacklists?campaign=campaign_{campaign}")).text
    assert "Campaign Spring offers" in page
    assert "Campaign: Spring offers" in page


async def test_selected_entries_leave_after_a_question_and_come_back_by_undo(
    admin: Person,
) -> None:
    await entered(admin, uri=ROME)
    await entered(admin, uri=MILAN)
    page = (await admin.browser.get("/blacklists")).text
    ids = re.findall(r'name="ids" value="(blocked_\d+)"', page)
    asked = await admin.browser.post("/blacklists/deletions/new", data={"ids": ids})
    assert "Take 2 entries off the blacklist?" in asked.text
    assert "06 1234 5678" in text_of(asked)
    done = await admin.browser.post("/blacklists/deletions", data={"ids": ids})
    assert done.status_code == 303
    told = (await admin.browser.get("/blacklists")).text
    assert "2 entries were taken off the blacklist." in told
    [undo] = re.findall(r'action="(/blacklists/deletions/deletion_\d+/restorations)"', told)
    await admin.browser.post(undo)
    assert "2 entries are back on the blacklist." in (await admin.browser.get("/blacklists")).text
    assert len(await shown(admin)) == 2


async def test_an_opt_out_is_taken_off_with_a_warning(admin: Person) -> None:
    await admin.browser.post("/opt-outs", data={"number": ROME, "who": "number"})
    page = (await admin.browser.get("/blacklists?holds=opt-out")).text
    [entry] = set(re.findall(r'name="ids" value="(blocked_\d+)"', page))
    asked = await admin.browser.get(f"/blacklists/deletions/new?ids={entry}")
    assert "They asked not to be called. Campaigns will call them again." in asked.text
    form = (await admin.browser.get(f"/blacklists/{entry}")).text
    assert "They asked not to be called" in form
    assert 'name="isEverywhere"' not in form
    saved = await admin.browser.post(f"/blacklists/{entry}", data={"name": "Office", "note": ""})
    assert saved.status_code == 303


async def test_pasted_numbers_and_files_are_imported_row_by_row(admin: Person) -> None:
    sent = {"text": f"{ROME}\nnobody\n{ROME}", "name": "2026"}
    done = await admin.browser.post("/blacklists/imports", data=sent)
    words = text_of(done)
    assert "1 entry added" in words
    assert "2 rows not taken" in words
    assert "“nobody” is not a phone number." in words
    file = {"file": ("n.csv", f"Nome;Telefono\r\nNicolò;{MILAN}\r\n".encode("cp1252"), "text/csv")}
    done = await admin.browser.post("/blacklists/imports", data={"text": ""}, files=file)
    assert "1 entry added" in text_of(done)
    assert await shown(admin, "?name=Nicolò") == ["02 2345 6789"]
    picture = {"file": ("a.png", b"\x89PNG\r\n" + bytes(64), "image/png")}
    refused = await admin.browser.post("/blacklists/imports", data={"text": ""}, files=picture)
    assert refused.status_code == 422
    assert "This is not a text file." in refused.text
    nothing = await admin.browser.post("/blacklists/imports", data={"text": " "})
    assert nothing.status_code == 422


async def test_what_is_shown_is_exported_and_runs_nothing(admin: Person) -> None:
    await entered(admin, uri=ROME, name="=1+1")
    await entered(admin, uri=MILAN)
    answer = await admin.browser.get("/blacklists/export.csv?q=0612")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = answer.content.decode("utf-8-sig").split("\r\n")
    assert len(lines) == 3
    assert lines[1].startswith(f"{ROME},'=1+1,,PHONE,")


async def test_who_may_only_look_is_offered_nothing_else(signed_in: SignIn, admin: Person) -> None:
    await entered(admin, uri=ROME)
    reader = await signed_in(Role.SUPERVISOR, (Permission.BLACKLISTS_VIEW,))
    page = (await reader.browser.get("/blacklists")).text
    assert "06 1234 5678" in page
    assert "/blacklists/new" not in page
    assert 'name="ids"' not in page
    for url in ("/blacklists/new", "/blacklists/imports/new"):
        assert (await reader.browser.get(url)).status_code == 403
    agent = await signed_in(Role.AGENT, (Permission.BLACKLISTS_VIEW, Permission.CALLS_BLOCK))
    assert (await agent.browser.get("/blacklists")).status_code == 403
