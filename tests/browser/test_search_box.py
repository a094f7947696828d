# SPDX-License-Identifier: Apache-2.0
"""The search box of the top bar and the palette, worked by keyboard in a browser (X-08)."""

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, expect

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from tests.browser.conftest import Axe, Enter
from tests.factories.access import viewer_of
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list

LOOKS = [("en", "light", 1280, 768), ("it", "dark", 360, 740)]
BOX = "#search"
OPTIONS = "#search-list [role=option]"
ACTIVE = "#search-list [aria-selected=true]"


@pytest.fixture
async def centre(database: Database, tenant: int) -> dict[str, str]:
    viewer: Viewer = await viewer_of(database, tenant)
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer, "Office", 2)
        spring = await make_list(session, viewer, "Rossi and sons")
        await make_campaign(session, viewer, "Rossi calls")
        additional = phones(("055123456", office.id))
        ada = await make_contact(
            session, viewer, "Ada", "Rossi", additional=additional, list_ids=[spring.id]
        )
        bruno = await make_contact(session, viewer, "Bruno", "Rossini", phone=None)
    return {"ada": f"contact_{ada.id}", "bruno": f"contact_{bruno.id}"}


async def focused(page: Page) -> str:
    found: str = await page.evaluate("document.activeElement.id || document.activeElement.tagName")
    return found


async def test_results_appear_while_typing_and_are_opened_by_keyboard(
    enter: Enter, centre: dict[str, str]
) -> None:
    page = await enter("/lists")
    box = page.locator(BOX)
    await expect(box).to_have_attribute("role", "combobox")
    await expect(box).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("/")
    await expect(box).to_be_focused()
    await page.keyboard.type("ross")
    groups = page.locator("#search-list [role=group]")
    await expect(groups).to_have_count(3)
    await expect(box).to_have_attribute("aria-expanded", "true")
    await expect(page.locator(f"{OPTIONS} mark").first).to_have_text(re.compile("Ross", re.I))
    await expect(page.locator(".options-note").first).to_have_text("4 results")
    # The focus stays in the box; arrows move the active option, and around the end.
    first = await page.locator(ACTIVE).get_attribute("id")
    await expect(box).to_have_attribute("aria-activedescendant", first or "")
    await page.keyboard.press("ArrowUp")
    await expect(page.locator(ACTIVE)).to_have_text(re.compile("All results for “ross”"))
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(ACTIVE)).to_have_attribute("id", first or "")
    await page.keyboard.type("ini")
    await expect(page.locator(ACTIVE)).to_contain_text("Bruno Rossini")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/contacts/{centre['bruno']}")


async def test_the_number_that_matches_is_marked_and_named(
    enter: Enter, centre: dict[str, str]
) -> None:
    page = await enter("/")
    await page.keyboard.press("/")
    await page.keyboard.type("055 1234")
    await expect(page.locator(ACTIVE)).to_contain_text("Ada Rossi")
    await expect(page.locator(f"{ACTIVE} .option-why")).to_have_text("Office: 055 123456")
    await expect(page.locator(f"{ACTIVE} mark")).to_have_text("055 1234")


async def test_escape_closes_and_gives_the_focus_back(enter: Enter, centre: dict[str, str]) -> None:
    page = await enter("/contacts")
    await page.keyboard.press("j")
    await expect(page.locator(f"#contact-{centre['ada']}")).to_be_focused()
    await page.keyboard.press("/")
    await page.keyboard.type("ross")
    await expect(page.locator(".search-panel")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".search-panel")).to_be_hidden()
    await expect(page.locator(BOX)).to_have_attribute("aria-expanded", "false")
    await expect(page.locator(f"#contact-{centre['ada']}")).to_be_focused()
    await page.locator(BOX).click()
    await expect(page.locator(".search-panel")).to_be_visible()  # with what was typed
    await page.mouse.click(900, 600)
    await expect(page.locator(".search-panel")).to_be_hidden()


async def test_an_answer_that_comes_late_never_replaces_a_newer_one(
    enter: Enter, centre: dict[str, str]
) -> None:
    page = await enter("/")
    held = asyncio.Event()

    async def late(route: Route) -> None:
        if route.request.url.endswith("q=ros"):
            await held.wait()
        await route.continue_()

    await page.route("**/search/suggestions*", late)
    await page.keyboard.press("/")
    await page.keyboard.type("ros")
    await asyncio.sleep(0.2)  # the request of the first text is under way
    await page.keyboard.type("sini")
    await expect(page.locator(OPTIONS)).to_have_count(2)
    held.set()
    await asyncio.sleep(0.2)
    await expect(page.locator(OPTIONS)).to_have_count(2)
    await expect(page.locator(ACTIVE)).to_contain_text("Bruno Rossini")


async def test_enter_before_the_answer_opens_what_comes(
    enter: Enter, centre: dict[str, str]
) -> None:
    page = await enter("/")

    async def slow(route: Route) -> None:
        await asyncio.sleep(0.3)
        await route.continue_()

    await page.route("**/search/suggestions*", slow)
    await page.keyboard.press("/")
    await page.keyboard.type("rossini")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/contacts/{centre['bruno']}")


async def test_a_contact_is_edited_fast_from_a_result(
    enter: Enter, centre: dict[str, str]
) -> None:
    page = await enter("/contacts")
    await page.keyboard.press("/")
    await page.keyboard.type("rossini")
    await expect(page.locator(ACTIVE)).to_contain_text("Bruno Rossini")
    await page.keyboard.press("Alt+Enter")
    await expect(page.locator("dialog[open] #field-lastName")).to_have_value("Rossini")
    await page.locator("dialog[open] #field-company").fill("Fiat")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(f"#contact-{centre['bruno']}")).to_contain_text("Fiat")
    await expect(page.locator(BOX)).to_be_focused()
    # The same by the mouse.
    await page.locator("[data-result-edit]").first.click()
    await expect(page.locator("dialog[open] #field-company")).to_have_value("Fiat")


async def test_without_a_match_it_says_so_and_enter_shows_the_page(
    enter: Enter, centre: dict[str, str]
) -> None:
    page = await enter("/")
    await page.keyboard.press("/")
    await page.keyboard.type("qqqzzz")
    await expect(page.locator(".options-note").first).to_contain_text("Nothing matches “qqqzzz”")
    await expect(page.locator(BOX)).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/search?q=qqqzzz")
    await expect(page.locator(".empty")).to_contain_text("Nothing matches “qqqzzz”")
    await expect(page.locator(BOX)).to_have_value("qqqzzz")


async def test_the_page_of_results_is_filtered_walked_and_needs_no_scripts(
    enter: Enter, centre: dict[str, str]
) -> None:
    page = await enter("/search?q=ross")
    await expect(page.locator("#results h2")).to_have_count(3)
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    await expect(page.locator("dialog[open] #field-firstName")).to_be_visible()
    await page.locator("dialog[open] #field-company").fill("Fiat")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#results")).to_contain_text("Fiat")
    await page.get_by_role("link", name="Campaigns", exact=True).last.click()
    await expect(page.locator("#results h2")).to_have_count(1)
    assert page.url.endswith("/search?q=ross&type=CAMPAIGN")
    plain = await enter("/", scripts=False)
    await plain.fill(BOX, "rossini")
    await plain.keyboard.press("Enter")
    await expect(plain.locator("#results tbody th")).to_have_text(["Bruno Rossini"])
    await plain.get_by_role("link", name="Bruno Rossini", exact=True).click()
    await plain.wait_for_url(f"**/contacts/{centre['bruno']}")


async def test_an_agent_finds_only_their_contacts(enter: Enter, centre: dict[str, str]) -> None:
    rights = (Permission.CONTACTS_VIEW, Permission.LISTS_VIEW)
    page = await enter("/", role=Role.AGENT, permissions=rights)
    await page.keyboard.press("/")
    await page.keyboard.type("ross")
    await expect(page.locator(".options-note").first).to_contain_text("Nothing matches “ross”")


async def test_the_palette_finds_actions_pages_and_records(
    enter: Enter, centre: dict[str, str]
) -> None:
    page = await enter("/contacts")
    await page.keyboard.press("Control+k")
    options = page.locator("#palette-list [role=option]")
    await expect(options.filter(has_text="New contact")).to_have_count(1)
    await expect(options.filter(has_text="Campaigns")).to_have_count(1)
    await page.keyboard.type("rossini")
    await expect(page.locator("#palette-list [aria-selected=true]")).to_contain_text("Rossini")
    await page.keyboard.press("Alt+Enter")
    await expect(page.locator("#dialog #field-lastName")).to_have_value("Rossini")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("new con")
    await page.keyboard.press("Enter")
    await expect(page.locator("#drawer #field-firstName")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("rossini")
    await expect(page.locator("#palette-list [aria-selected=true]")).to_contain_text("Rossini")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/contacts/{centre['bruno']}")


async def test_results_are_there_soon_after_the_last_key(
    enter: Enter, centre: dict[str, str]
) -> None:
    page = await enter("/")
    await page.keyboard.press("/")
    waited = []
    for text in ("r", "o", "s", "s", "i", "n"):
        await page.evaluate(
            """() => {
                const list = document.getElementById("search-list");
                document.getElementById("search").addEventListener("input", () => {
                    const began = performance.now();
                    window.shown = new Promise((resolve) => new MutationObserver(
                        () => resolve(performance.now() - began)).observe(list, {childList: true}));
                }, {once: true});
            }"""
        )
        await page.keyboard.type(text)
        waited.append(await page.evaluate("window.shown"))
    # 100 ms on a quiet machine; the pause for another key is 60 of them.
    assert sorted(waited)[len(waited) // 2] < 250, waited


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_search_and_palette_pass_the_accessibility_rules(
    enter: Enter,
    axe: Axe,
    centre: dict[str, str],
    locale: str,
    theme: str,
    width: int,
    height: int,
) -> None:
    page = await enter("/search?q=ross", locale=locale, theme=theme, width=width, height=height)
    assert await axe(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    await page.keyboard.press("/")
    await page.keyboard.type("ross")
    await expect(page.locator(OPTIONS)).to_have_count(5)
    assert await axe(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    await page.fill(BOX, "qqqzzz")
    await expect(page.locator(OPTIONS)).to_have_count(0)
    assert await axe(page) == []
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("ross")
    await expect(page.locator("#palette-list mark").first).to_be_visible()
    assert await axe(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == width
