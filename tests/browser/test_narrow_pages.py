# SPDX-License-Identifier: Apache-2.0
"""What is long, and what opens, stays within the window of a cheap screen and of a telephone."""

import pytest
from playwright.async_api import Page, expect

from server.database import Database
from server.domain.permissions import Viewer
from tests.browser.conftest import Enter
from tests.factories.access import viewer_of
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type

LONG = "Archimede-Bartolomeo Castelguglielmo della Fontana Serenissima"
WORD = "Castelguglielmoarchimedebartolomeo" * 3
# What can be seen beyond an edge of the window, but for what lies in a part with its own scroll.
OUTSIDE = """() => {
  const width = document.documentElement.clientWidth;
  const isCut = (one) => one && (getComputedStyle(one).overflowX !== 'visible' || isCut(one.parentElement));
  const isShut = (one) => one.closest('details:not([open]) > :not(summary)');
  const found = [...document.querySelectorAll('main *')].filter((one) => {
    const { left, right, width: wide, height } = one.getBoundingClientRect();
    return wide > 1 && height > 1 && (left < -1 || right > width + 1)
      && !isShut(one) && !isCut(one.parentElement.closest('main *'));
  }).map((one) => `${one.localName}.${one.className}`);
  const scrolls = document.documentElement.scrollWidth - width;
  return scrolls ? [`the page scrolls by ${scrolls}`, ...found] : found;
}"""  # noqa: E501 # a script


@pytest.fixture
async def people(database: Database, tenant: int) -> list[str]:
    """Two contacts with long names and addresses, and four numbers of long types each."""
    viewer: Viewer = await viewer_of(database, tenant)
    async with database.transaction(tenant) as session:
        types = [await make_item_type(session, viewer, f"{LONG} {n}", n) for n in range(1, 5)]
        numbers = phones(*((f"+39061234500{one.order_by}", one.id) for one in types))
        email = f"{WORD[:60]}@example.com"
        made = []
        for name, phone in ((LONG, "+390612345010"), (WORD, "+442038308488")):
            how = {"phone": phone, "email": email, "additional": numbers}
            made.append(await make_contact(session, viewer, name, WORD, **how))  # type: ignore[arg-type]
            made[-1].company = f"{LONG} S.p.A."
    return [f"contact_{contact.id}" for contact in made]


async def outside(page: Page) -> list[str]:
    found: list[str] = await page.evaluate(OUTSIDE)
    return found[:5]


async def test_menus_of_lists_open_within_a_narrow_window(enter: Enter, people: list[str]) -> None:
    page = await enter("/contacts", locale="it", width=360, height=740)
    root = page.url.removesuffix("/contacts")
    opened = []
    for path in ("/contacts", "/campaigns", "/fields", "/users", "/blacklists"):
        await page.goto(f"{root}{path}", wait_until="domcontentloaded")
        for menu in await page.locator(".toolbar .dropdown").all():
            await menu.locator("summary").click()
            assert await menu.locator(".menu").is_visible()
            assert await outside(page) == [], path
            await menu.locator("summary").click()
            opened.append(path)
    assert len(opened) == 9


@pytest.mark.parametrize(("locale", "width"), [("it", 1280), ("en", 1180)])
async def test_rows_with_long_names_show_their_last_button_on_a_cheap_screen(
    enter: Enter, people: list[str], locale: str, width: int
) -> None:
    page = await enter("/contacts", locale=locale, theme="dark", width=width, height=800)
    assert await outside(page) == []
    rows = page.locator("#results tbody tr")
    assert await rows.count() == 2
    for row in await rows.all():
        box = await row.locator("a[href$='/deletion']").bounding_box()
        assert box
        assert box["x"] + box["width"] <= width
        assert await row.locator(".chips .chip").last.inner_text() == "+1"


@pytest.mark.parametrize(("locale", "theme", "width"), [("en", "light", 360), ("it", "dark", 1280)])
async def test_long_names_stay_within_the_window(
    enter: Enter, people: list[str], locale: str, theme: str, width: int
) -> None:
    page = await enter("/contacts", locale=locale, theme=theme, width=width, height=740)
    root = page.url.removesuffix("/contacts")
    assert await outside(page) == []
    merge = f"/merge?ids={people[0]}&ids={people[1]}"
    for path in ("/item-types", "/duplicates", f"/contacts/{people[0]}", merge):
        await page.goto(f"{root}{path}", wait_until="domcontentloaded")
        assert await outside(page) == [], path


async def test_a_text_of_ten_thousand_characters_leaves_the_explanation_in_sight(
    enter: Enter,
) -> None:
    """It may be one word, or the half of a book; what can be searched is said beneath."""
    page = await enter("/lists", width=360, height=740)
    root = page.url.removesuffix("/lists")
    for text in ("x" * 10_000, "ab " * 3_000):
        await page.goto(f"{root}/search?q={text}", wait_until="domcontentloaded")
        assert await outside(page) == []
        await expect(page.locator(".empty h2 + p")).to_be_in_viewport()
