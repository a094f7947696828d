# SPDX-License-Identifier: Apache-2.0
"""Merging, undoing and the trash in a browser: by keyboard, without scripts, accessible."""

import pytest
from playwright.async_api import Page, expect

from server.database import Database
from server.domain.permissions import Viewer
from tests.browser.conftest import Axe, Enter
from tests.factories.access import viewer_of
from tests.factories.contacts import make_contact
from tests.factories.merging import Pair, make_pair

LOOKS = [("en", "light", 1280, 768), ("it", "dark", 360, 740)]


@pytest.fixture
async def pair(database: Database, tenant: int) -> Pair:
    viewer: Viewer = await viewer_of(database, tenant)
    async with database.transaction(tenant) as session:
        await make_contact(session, viewer, "Bruno", "Abate", phone="02 5551234")
        return await make_pair(session, viewer)


async def select_pair(page: Page, pair: Pair) -> None:
    for key in (pair.ada, pair.rosi):
        await page.locator(f"#contact-{key} [data-select]").check()
    await page.get_by_role("button", name="Merge", exact=True).click()
    await expect(page.locator("h1")).to_have_text("Merge 2 contacts")


async def test_two_are_selected_merged_by_keyboard_and_taken_apart_again(
    enter: Enter, pair: Pair
) -> None:
    page = await enter("/contacts")
    await select_pair(page, pair)
    masters = page.locator("#masters")
    await expect(masters.get_by_role("radio").first).to_be_checked()
    moves = page.locator("li[data-number='+390612340001'] [data-moves]")
    await expect(moves).to_be_visible()
    await expect(page.locator(".hint.warned").first).to_contain_text("“Home” is kept")
    await page.locator("body").press("2")  # the last name of the second
    last_name = page.locator("[name='choice.lastName']")
    await expect(last_name.nth(1)).to_be_checked()
    phone = page.locator("[name='choice.phone']")
    await expect(phone.first).to_be_focused()  # on to the next choice
    await page.keyboard.press("ArrowRight")
    await expect(phone.nth(1)).to_be_checked()
    await expect(moves).to_be_hidden()
    primary = page.locator("li[data-number='+390612340001'] [data-is-primary]")
    await expect(primary).to_be_visible()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("h1")).to_have_text("Ada Rossi")
    toast = page.locator("#toasts")
    await expect(toast).to_contain_text("1 contact became part of Ada Rossi.")
    assert page.url.endswith(pair.rosi)  # the first of the list stays
    await expect(page.locator("main")).to_contain_text("06 1234 0001")
    await toast.get_by_role("button", name="Undo").click()
    await expect(toast).to_contain_text("The merge was undone: 2 contacts are there again.")
    await expect(page.locator("h1")).to_have_text("Ada Rosi")
    await page.goto(page.url.replace(pair.rosi, pair.ada))
    await expect(page.locator("h1")).to_have_text("Ada Rossi")


async def test_another_master_shows_its_own_preview_in_place(enter: Enter, pair: Pair) -> None:
    page = await enter(f"/merge?{pair.query}")
    await page.locator("#masters").get_by_role("radio").nth(1).check()
    await expect(page.locator("[name='choice.lastName']").nth(1)).to_be_checked()
    await expect(page.get_by_role("button", name="Merge into Ada Rosi")).to_be_visible()
    assert f"master={pair.rosi}" in page.url
    await expect(page.locator("#masters").get_by_role("radio").nth(1)).to_be_focused()


async def test_a_deletion_is_undone_and_then_kept_in_the_trash(enter: Enter, pair: Pair) -> None:
    page = await enter("/contacts?q=bruno")  # D4
    rows = page.locator("#results tbody tr")

    async def delete() -> None:
        await page.get_by_role("link", name="Delete Bruno Abate").click()
        await page.get_by_role("button", name="Delete contact").click()
        await expect(page.locator("#toasts")).to_contain_text("Bruno Abate was deleted.")
        await expect(rows).to_have_count(0)

    await delete()
    await page.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(page.locator("#toasts")).to_contain_text("Bruno Abate is back.")
    await expect(rows).to_have_count(1)
    await delete()
    await page.locator("body").press("g")
    await page.keyboard.press("x")
    await expect(page.locator("h1")).to_have_text("Trash")
    await page.locator("[data-select]").check()
    await page.locator(".bulk-bar").get_by_role("button", name="Delete for good").click()
    await expect(page.locator("h1")).to_have_text("Delete Bruno Abate for good?")
    await page.go_back()
    await page.get_by_role("button", name="Restore Bruno Abate").click()
    await expect(page.locator("#toasts")).to_contain_text("Bruno Abate is back.")
    await expect(page.locator(".empty")).to_contain_text("The trash is empty")


async def test_a_group_of_duplicates_goes_from_the_page_and_comes_back(
    enter: Enter, pair: Pair
) -> None:
    page = await enter("/contacts")
    await page.locator("body").press("g")
    await page.keyboard.press("d")
    await expect(page.locator("h1")).to_have_text("Duplicates")
    groups = page.locator(".duplicate-group")
    await expect(groups).to_have_count(1)
    await expect(groups.locator(".same")).to_have_count(2)
    await groups.get_by_role("button", name="Not a duplicate").click()
    await expect(groups).to_have_count(0)
    toast = page.locator("#toasts")
    await expect(toast).to_contain_text("2 contacts are not shown as duplicates any more.")
    await toast.get_by_role("button", name="Undo").click()
    await expect(toast).to_contain_text("They are shown as duplicates again.")
    await expect(groups).to_have_count(1)
    await groups.get_by_role("button", name="Merge", exact=True).click()
    await expect(page.locator("h1")).to_have_text("Merge 2 contacts")


async def test_without_scripts_two_are_merged_and_taken_apart(enter: Enter, pair: Pair) -> None:
    page = await enter("/contacts", scripts=False)
    await select_pair(page, pair)
    await page.locator("#masters").get_by_role("radio").nth(1).check()
    await page.get_by_role("button", name="Show the preview").click()
    await page.locator("[name='choice.lastName']").first.check()
    await page.get_by_role("button", name="Merge into Ada Rossi").click()
    await expect(page.locator("h1")).to_have_text("Ada Rosi")
    await page.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(page.locator("h1")).to_have_text("Ada Rossi")
    await expect(page.locator("#toasts")).to_contain_text("2 contacts are there again")


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_the_pages_of_merging_pass_the_accessibility_rules(
    enter: Enter, axe: Axe, pair: Pair, locale: str, theme: str, width: int, height: int
) -> None:
    page = await enter("/merges", locale=locale, theme=theme, width=width, height=height)
    root = page.url.removesuffix("/merges")

    async def look(path: str) -> None:
        await page.goto(f"{root}{path}", wait_until="domcontentloaded")
        await clean(path)

    async def clean(where: str) -> None:
        assert await axe(page) == [], where
        assert await page.evaluate("document.documentElement.scrollWidth") == width, where

    await look("/trash")
    await look("/duplicates")
    await look("/duplicates?kind=NAME")
    await look(f"/contacts/{pair.ada}/merge")
    await look(f"/merge?{pair.query}")
    await page.locator("#merge [data-shortcut=save]").click()
    await page.locator("#toasts .toast").wait_for()
    await look("/merges")
    await page.locator("a[href$='/undo']").first.evaluate("link => location.assign(link.href)")
    await page.wait_for_url("**/undo")
    await clean("undo")
    await page.goto(f"{root}/contacts/{pair.ada}/deletion", wait_until="domcontentloaded")
    await page.locator("button.danger").click()
    await look(f"/contacts/{pair.ada}")
    await look("/trash")
    await page.locator("[data-select]").check()
    await clean("the selection")
    await page.locator(".bulk-bar button").last.click()
    await page.wait_for_url("**/purge*")
    await clean("purge")
