# SPDX-License-Identifier: Apache-2.0
"""Contact lists in a browser: agents to choose, counts that follow, accessible everywhere."""

import pytest
from playwright.async_api import expect

from server.database import Database
from server.domain.counts import COUNT_CAP
from server.domain.permissions import Role, Viewer
from tests.browser.conftest import Axe, Enter
from tests.factories.access import make_account, viewer_of
from tests.factories.contacts import make_contact
from tests.factories.lists import make_list

LOOKS = [("it", "light", 1280, 768), ("en", "dark", 360, 740)]


@pytest.fixture
async def spring(database: Database, tenant: int) -> str:
    """A list with a contact and, of twelve agents, one."""
    viewer: Viewer = await viewer_of(database, tenant)
    agents = [await make_account(database, tenant, Role.AGENT) for _ in range(12)]
    async with database.transaction(tenant) as session:
        row = await make_list(session, viewer, agent_ids=[agents[0].user_id])
        await make_contact(session, viewer, "Ada", list_ids=[row.id])
    return f"list_{row.id}"


async def test_a_list_is_edited_with_agents_found_among_many(enter: Enter, spring: str) -> None:
    page = await enter("/lists")
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    dialog = page.locator("dialog[open]")
    boxes = dialog.locator(".choices-box label")
    await expect(boxes).to_have_count(12)
    name = (await boxes.nth(11).inner_text()).strip()
    find = dialog.locator("[data-choices-filter]")
    await find.fill(name)
    await find.press("Enter")  # stays in the form
    shown = dialog.locator(".choices-box label:visible")
    await expect(shown).to_have_count(2)  # the found one, and the chosen one
    await dialog.get_by_label(name, exact=True).check()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#toasts")).to_contain_text("List “Spring” was saved.")
    await expect(page.locator(f"#list-{spring}")).to_contain_text(name)


async def test_a_list_leads_to_its_contacts_and_a_new_one_stands_on_it(
    enter: Enter, spring: str
) -> None:
    page = await enter("/lists")
    await page.get_by_role("link", name="Spring", exact=True).click()
    await expect(page.locator("#results tbody tr")).to_have_count(1)
    await expect(page.locator(".filter-chip")).to_have_text("List: Spring")
    await page.keyboard.press("n")
    await expect(page.locator("dialog[open]").get_by_label("Spring")).to_be_checked()


async def test_the_whole_count_takes_its_place_when_the_page_stands(
    enter: Enter, spring: str, database: Database, tenant: int
) -> None:
    async with database.connection(tenant) as connection:
        await connection.execute(
            "WITH made AS (INSERT INTO contacts (first_name, name_key, given_key)"
            " SELECT 'A', 'a', 'a' FROM generate_series(1, $2) RETURNING id)"
            " INSERT INTO list_members (list_id, contact_id) SELECT $1, id FROM made",
            *(int(spring.removeprefix("list_")), COUNT_CAP),
        )
    page = await enter("/lists")
    await expect(page.locator(f"#list-{spring} .num")).to_have_text("10.001")
    assert page.url.endswith("/lists")
    await page.goto(page.url.replace("/lists", "/contacts"), wait_until="domcontentloaded")
    await expect(page.locator(".count")).to_have_text("50 of 10.001")


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_the_pages_of_lists_pass_the_accessibility_rules(
    enter: Enter, axe: Axe, spring: str, locale: str, theme: str, width: int, height: int
) -> None:
    page = await enter("/lists", locale=locale, theme=theme, width=width, height=height)
    root = page.url
    for path in ("", f"/{spring}", "?q=zzz"):
        await page.goto(f"{root}{path}", wait_until="domcontentloaded")
        assert await axe(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") == width, path
    await page.goto(root, wait_until="domcontentloaded")
    if width < 720:
        await page.locator("#results .more summary").first.click()
    for opener in ("[data-shortcut=edit]", "a[href$='/deletion']"):
        await page.locator(opener).first.click()
        await expect(page.locator("dialog[open] form")).to_be_visible()
        assert await axe(page) == [], opener
        await page.keyboard.press("Escape")
