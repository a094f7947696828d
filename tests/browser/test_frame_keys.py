# SPDX-License-Identifier: Apache-2.0
"""The pages without the mouse: shortcuts, dialogs, menus, focus."""

import asyncio

from playwright.async_api import Route, expect

from tests.browser.conftest import Axe, OpenPage


async def test_shortcuts_do_what_the_help_says_and_not_while_typing(
    open_page: OpenPage, styleguide: str, axe: Axe
) -> None:
    page = await open_page(f"{styleguide}/contacts?locale=it")
    await page.locator("#list-search").focus()
    await page.keyboard.type("?n/")
    await expect(page.locator("#list-search")).to_have_value("?n/")
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await page.locator("h1").click()
    await page.keyboard.press("?")
    await expect(page.get_by_role("heading", name="Scorciatoie da tastiera")).to_be_visible()
    assert await axe(page) == []
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await expect(page.locator("#search")).to_be_focused()


async def test_a_letter_after_g_goes_to_the_page(open_page: OpenPage, styleguide: str) -> None:
    page = await open_page(f"{styleguide}/styleguide")
    await page.locator("h1").click()
    await page.keyboard.press("g")
    await page.keyboard.press("c")
    await page.wait_for_url("**/contacts")


async def test_rows_are_walked_selected_and_counted(open_page: OpenPage, styleguide: str) -> None:
    page = await open_page(f"{styleguide}/contacts")
    await page.locator("h1").click()
    for key in ("j", "j", "x", "ArrowDown", "x", "k"):
        await page.keyboard.press(key)
    await expect(page.locator("#contact-2")).to_be_focused()
    await expect(page.locator("[data-selected-count]")).to_have_text("2")
    await expect(page.locator(".bulk-bar")).to_be_visible()
    await page.locator("[data-select-matching]").check()
    await expect(page.locator("[data-selected-count]")).to_have_text("All")
    await page.locator("[data-select-all]").check()
    await expect(page.locator("[data-select]:checked")).to_have_count(9)


async def test_a_dialog_opens_by_key_keeps_the_focus_and_gives_it_back(
    open_page: OpenPage, styleguide: str, axe: Axe
) -> None:
    page = await open_page(f"{styleguide}/contacts")
    opener = page.locator("[data-shortcut=new]")
    await opener.focus()
    await page.keyboard.press("n")
    dialog = page.locator("#dialog")
    await expect(dialog).to_be_visible()
    await expect(dialog.locator("#field-name")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(opener).to_be_focused()


async def test_unsaved_changes_are_not_left_by_accident(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page(f"{styleguide}/contacts")
    asked: list[str] = []
    answers = iter([False, True])

    async def answer(dialog: object) -> None:
        asked.append(dialog.message)  # type: ignore[attr-defined]
        await (dialog.accept() if next(answers) else dialog.dismiss())  # type: ignore[attr-defined]

    page.on("dialog", answer)
    await page.locator("[data-shortcut=new]").click()
    await page.locator("#dialog #field-name").fill("Anna")
    await page.locator("#dialog [data-dialog-close]").last.click()
    await expect(page.locator("#dialog")).to_be_visible()
    await page.locator("#dialog [data-dialog-close]").last.click()
    await expect(page.locator("#dialog")).to_be_hidden()
    assert asked == ["You have changes that are not saved. Leave anyway?"] * 2


async def test_a_thousand_records_are_confirmed_by_typing(
    open_page: OpenPage, styleguide: str, axe: Axe
) -> None:
    page = await open_page(f"{styleguide}/contacts")
    await page.locator(".page-actions a").first.click()
    button = page.locator("#dialog .danger")
    await expect(button).to_be_disabled()
    await page.locator("#confirm-word").fill("VIP")
    await expect(button).to_be_enabled()
    assert await axe(page) == []


async def test_the_palette_finds_pages_and_goes_there(open_page: OpenPage, styleguide: str) -> None:
    page = await open_page(f"{styleguide}/styleguide")
    held = asyncio.Event()

    async def late(route: Route) -> None:
        await held.wait()
        await route.fulfill(body='<div class="option"><div role="option">Late</div></div>')

    await page.route("**/search/suggestions*", late)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("conta")
    await expect(page.locator("#palette-list-0")).to_have_text("Contacts")
    await page.keyboard.press("ArrowDown")
    second = page.locator("#palette-list-1")
    await expect(second).to_have_attribute("aria-selected", "true")
    held.set()  # what is found among the records leaves the place alone
    await expect(page.locator("#palette [role=option]").last).to_have_text("Late")
    await expect(second).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/contacts")
