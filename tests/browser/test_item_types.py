# SPDX-License-Identifier: Apache-2.0
"""Contact item types in a browser: colours, search, keyboard, without scripts, accessible."""

import pytest
from playwright.async_api import expect

from server.database import Database
from server.domain.permissions import Viewer
from tests.browser.conftest import Axe, Enter
from tests.factories.access import viewer_of
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type

LOOKS = [("en", "dark", 1280, 768), ("it", "light", 360, 740)]
PAINTED = "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"


@pytest.fixture
async def office(database: Database, tenant: int) -> str:
    """Office, Mobile and a contact with a number of the first."""
    viewer: Viewer = await viewer_of(database, tenant)
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer, "Office", 1)
        await make_item_type(session, viewer, "Mobile", 2, "#0B5394")
        await make_contact(session, viewer, additional=phones(("055123456", office.id)))
    return f"type_{office.id}"


async def test_a_type_is_made_by_keyboard_and_its_chip_shown_beforehand(
    enter: Enter, office: str, axe: Axe
) -> None:
    page = await enter("/item-types")
    await page.keyboard.press("n")
    await expect(page.locator("dialog[open] #field-name")).to_be_focused()
    await expect(page.locator("dialog[open] #field-orderBy")).to_have_value("3")
    await page.keyboard.type("Assistant")
    preview = page.locator("dialog[open] .color-preview .chip")
    await expect(preview).to_have_text("Assistant")
    await page.locator('[data-swatch="#2E7D32"]').press("Enter")
    await expect(page.locator("dialog[open] #field-color")).to_have_value("#2e7d32")
    assert await preview.evaluate(PAINTED) == ["rgb(46, 125, 50)", "rgb(255, 255, 255)"]
    pressed = page.locator('[data-swatch][aria-pressed="true"]')
    await expect(pressed).to_have_attribute("data-swatch", "#2E7D32")
    assert await axe(page) == []
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#toasts")).to_contain_text("Item type “Assistant” was created.")
    row = page.locator("#results tbody tr").nth(2)
    await expect(row).to_contain_text("#2E7D32")
    assert await row.locator(".chip").evaluate(PAINTED) == [
        "rgb(46, 125, 50)",
        "rgb(255, 255, 255)",
    ]


async def test_a_refused_type_stays_open_with_its_fault_focused(enter: Enter, office: str) -> None:
    page = await enter("/item-types?sort=name")
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    await expect(page.locator("dialog[open] #field-name")).to_have_value("Mobile")
    await page.locator("dialog[open] #field-name").fill("office")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("dialog[open] .field-error")).to_have_text(
        "“office” is already taken. Choose another name."
    )
    await expect(page.locator("dialog[open] #field-name")).to_be_focused()
    await page.locator("dialog[open] #field-name").fill("Cell")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#toasts")).to_contain_text("Item type “Cell” was saved.")
    assert page.url.endswith("/item-types?sort=name")


async def test_search_follows_the_keys_and_clearing_brings_all_back(
    enter: Enter, office: str
) -> None:
    page = await enter("/item-types?sort=-order")
    rows = page.locator("#results tbody tr")
    await expect(rows).to_have_count(2)
    await page.locator("#list-search").press_sequentially("off")
    await expect(rows).to_have_count(1)
    await page.wait_for_url("**q=off**")
    assert "sort=-order" in page.url
    await page.locator("#list-search").fill("nothing like it")
    await expect(page.locator(".empty")).to_contain_text("Nothing matches “nothing like it”")
    await page.locator("#list-search").fill("")
    await expect(rows).to_have_count(2)
    assert "q=" not in page.url


async def test_without_scripts_a_type_is_made_and_deleted(enter: Enter, office: str) -> None:
    page = await enter("/item-types", scripts=False)
    await page.get_by_role("link", name="New item type").click()
    await page.fill("#field-name", "Home")
    await expect(page.locator(".swatches")).to_be_hidden()
    await page.get_by_role("button", name="Create item type").click()
    await expect(page.locator("#results tbody tr")).to_have_count(3)
    await page.get_by_role("link", name="Delete Office").click()
    await expect(page.locator("main")).to_contain_text("1 phone has this type.")
    await page.get_by_role("button", name="Delete item type").click()
    await expect(page.locator("#toasts")).to_contain_text("1 phone is untyped now")
    await expect(page.locator("#results tbody tr")).to_have_count(2)


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_the_pages_of_item_types_pass_the_accessibility_rules(
    enter: Enter, axe: Axe, office: str, locale: str, theme: str, width: int, height: int
) -> None:
    page = await enter("/item-types", locale=locale, theme=theme, width=width, height=height)
    root = page.url
    for path in ("", f"/{office}", "?q=zzz"):
        await page.goto(f"{root}{path}", wait_until="domcontentloaded")
        assert await axe(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") == width, path
    await page.goto(root, wait_until="domcontentloaded")
    if width < 720:
        await page.locator("#results .more summary").first.click()
    await page.locator("a[href$='/deletion']").first.click()
    await expect(page.locator("dialog[open] form")).to_be_visible()
    assert await axe(page) == []
    await page.keyboard.press("Escape")
    await expect(page.locator("a[href$='/deletion']").first).to_be_focused()
