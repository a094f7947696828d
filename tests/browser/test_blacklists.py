# SPDX-License-Identifier: Apache-2.0
"""Blacklists and “Do not call again” in a browser: dialogs, Undo, accessible everywhere."""

import re

import pytest
from playwright.async_api import expect

from server.database import Database
from tests.browser.conftest import Axe, Enter
from tests.factories.access import viewer_of
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.lists import make_list

LOOKS = [("it", "light", 1280, 768), ("en", "dark", 360, 740)]
OFFICE = "+390698765432"


@pytest.fixture
async def contact(database: Database, tenant: int) -> str:
    """Ada with two numbers, open in one campaign."""
    viewer = await viewer_of(database, tenant)
    async with database.transaction(tenant) as session:
        people = (await make_list(session, viewer)).id
        ada = await make_contact(
            session, viewer, "Ada", "Rossi", additional=phones(OFFICE), list_ids=[people]
        )
        await make_campaign(session, viewer, list_ids=[people])
    return f"contact_{ada.id}"


async def test_entries_are_made_narrowed_taken_off_and_brought_back(enter: Enter) -> None:
    """C-26, C-29."""
    page = await enter("/blacklists")
    rows = page.locator("#results tbody tr")
    for number in ("06 1234 5678", "02 2345 6789"):
        await page.keyboard.press("n")
        dialog = page.locator("dialog[open]")
        await dialog.get_by_label("Number or e-mail address").fill(number)
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#toasts")).to_contain_text("is on the blacklist.")
        await expect(page.locator("dialog[open]")).to_have_count(0)
    await expect(rows).to_have_count(2)
    await page.locator("#list-search").fill("0612")
    await expect(rows).to_have_count(1)
    await page.locator("#list-search").fill("")
    await expect(rows).to_have_count(2)
    await page.locator("[data-select-all]").check()
    await page.get_by_role("button", name="Take off", exact=True).click()
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_contain_text("Take 2 entries off the blacklist?")
    await dialog.get_by_role("button", name="Take off the blacklist").click()
    await expect(page.locator(".empty")).to_contain_text("Nobody is on a blacklist")
    await page.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(rows).to_have_count(2)


async def test_a_person_is_not_called_again_and_undo_takes_it_back(
    enter: Enter, contact: str
) -> None:
    page = await enter(f"/contacts/{contact}")
    await page.get_by_role("link", name="Do not call again").first.click()
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_contain_text("1 open stay, campaigns: 1.")
    await dialog.get_by_label(re.compile("Ada Rossi, with all their numbers")).check()
    await dialog.get_by_label("How and when they said so").fill("on the phone")
    await dialog.get_by_role("button", name="Do not call again").click()
    await expect(page.locator("#toasts")).to_contain_text("Ada Rossi will not be called again.")
    await expect(page.locator(".summary")).to_contain_text("Does not want to be called")
    await expect(page.locator(".summary")).to_contain_text("In no campaign")
    assert page.url.endswith(f"/contacts/{contact}")
    await page.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(page.locator("#toasts")).to_contain_text("Ada Rossi may be called again.")
    await expect(page.locator(".summary")).not_to_contain_text("Does not want to be called")


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_the_pages_of_blacklists_pass_the_accessibility_rules(
    enter: Enter,
    axe: Axe,
    contact: str,
    database: Database,
    tenant: int,
    locale: str,
    theme: str,
    width: int,
    height: int,
) -> None:
    async with database.connection(tenant) as connection:
        await connection.execute(
            "INSERT INTO blacklist_entries (number, is_everywhere, is_opt_out, name, note) "
            "VALUES ('+390612345678', false, false, 'Mario', 'by letter'), "
            "('+33123456789', true, true, '', ''), ('+390698765432', true, false, '', '')"
        )
    page = await enter("/blacklists", locale=locale, theme=theme, width=width, height=height)
    root = page.url.removesuffix("/blacklists")
    for path in (
        "/blacklists",
        "/blacklists?holds=opt-out",
        "/blacklists?q=zzz",
        "/blacklists/new",
        "/blacklists/imports/new",
        f"/contacts/{contact}",
        f"/contacts/{contact}/numbers",
        f"/opt-outs/new?contact={contact}&number={OFFICE[1:]}",
    ):
        await page.goto(f"{root}{path}", wait_until="domcontentloaded")
        assert await axe(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") == width, path
