# SPDX-License-Identifier: Apache-2.0
"""Log-in, users, profiles, tokens and audit in a browser, by keyboard and without scripts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from server.app import create_app
from server.database import Database
from server.domain.permissions import PERMISSION_TREE, Permission, Role
from server.settings import Settings
from tests.browser.conftest import Axe, OpenPage, serving
from tests.factories.access import PASSWORD, Account, make_account

FOUR = [f"item_types.{verb}" for verb in ("view", "create", "edit", "delete")]
LOOKS = [("en", "light", 1280, 768), ("it", "dark", 360, 740)]
TICKED = "[name=permissions]:checked"


@dataclass(frozen=True, kw_only=True)
class Centre:
    """An administrator, and an agent with a profile, who live at an address."""

    address: str
    admin: Account
    agent: Account


@pytest_asyncio.fixture(scope="session")
async def site(database: Database) -> AsyncIterator[str]:
    async for address in serving(create_app(Settings(), database)):
        yield address


@pytest_asyncio.fixture
async def centre(site: str, database: Database, tenant: int) -> Centre:
    admin = await make_account(database, tenant)
    agent = await make_account(database, tenant, Role.AGENT, (Permission.LISTS_VIEW,))
    return Centre(address=site, admin=admin, agent=agent)


async def enter(open_page: OpenPage, centre: Centre, path: str = "/users", **how: object) -> Page:
    """A page that a log-in leads to."""
    page = await open_page(f"{centre.address}/login?next={path}", **how)
    await page.fill("#field-name", centre.admin.name)
    await page.fill("#field-password", PASSWORD)
    await page.click("button.primary")
    await page.wait_for_url(f"**{path}")
    return page


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_the_pages_of_staff_pass_the_accessibility_rules(
    open_page: OpenPage,
    axe: Axe,
    centre: Centre,
    database: Database,
    locale: str,
    theme: str,
    width: int,
    height: int,
) -> None:
    async with database.connection(centre.admin.tenant_id) as connection:
        await connection.execute(
            "UPDATE users SET locale = $1, theme = $2 WHERE id = $3",
            *(locale, theme, centre.admin.user_id),
        )
    login = await open_page(f"{centre.address}/login?locale={locale}", width=width, height=height)
    assert await axe(login) == []
    page = await enter(open_page, centre, width=width, height=height)
    agent, profile = f"user_{centre.agent.user_id}", f"profile_{centre.agent.profile_id}"
    paths = ["/users", f"/profiles/{profile}", "/tokens/new", "/events", "/account/sessions"]
    if width < 720:
        paths += ["/users/new", f"/users/{agent}", f"/users/{agent}/deactivation", "/profiles"]
        paths += [f"/profiles/{profile}/deletion", "/tokens", "/account", "/account/password"]
    for path in paths:
        await page.goto(f"{centre.address}{path}")
        assert await page.evaluate("document.documentElement.lang") == locale
        assert await axe(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") == width, path
    await page.goto(f"{centre.address}/users?role=AGENT")
    await page.click(f"#user-{agent} th a")
    await page.wait_for_selector("dialog[open] #field-fullName")
    assert await axe(page) == []


async def test_all_buttons_tick_at_once_and_unsaved_ticks_are_guarded(
    open_page: OpenPage, centre: Centre
) -> None:
    path = f"/profiles/profile_{centre.agent.profile_id}"
    page = await enter(open_page, centre, path)
    await page.click("[name=toggle][value=item_types]")
    ticked = await page.eval_on_selector_all(TICKED, "boxes => boxes.map((box) => box.value)")
    assert ticked == ["lists.view", *FOUR]
    assert await page.get_attribute("[value=item_types]", "aria-pressed") == "true"
    await page.click("[name=toggle][value=everything]")
    assert await page.locator(TICKED).count() == len(Permission)
    await page.click("[name=toggle][value=everything]")
    assert await page.locator(TICKED).count() == 0
    await page.check("[value='item_types.view']")
    asked: list[str] = []

    async def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        await dialog.accept()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    await page.click(".sidebar a[href='/users']")
    await page.wait_for_url("**/users")
    assert asked == ["beforeunload"]


async def test_a_profile_is_edited_without_scripts(open_page: OpenPage, centre: Centre) -> None:
    path = f"/profiles/profile_{centre.agent.profile_id}"
    page = await enter(open_page, centre, path, scripts=False)
    tools = PERMISSION_TREE["tools"]
    count = 1 + sum(permission.subject in tools for permission in Permission)
    await page.click("[name=toggle][value='group.tools']")
    await expect(page.locator(TICKED)).to_have_count(count)
    await page.click("text=Save user profile")
    await page.wait_for_url("**/profiles")
    await page.goto(f"{centre.address}{path}")
    await expect(page.locator(TICKED)).to_have_count(count)
    await page.goto(f"{centre.address}/account")
    await page.click("button.account")
    await page.click("text=Log out")
    await page.wait_for_url("**/login")
    await expect(page.locator("main")).to_contain_text("You are logged out.")


async def test_the_next_search_keeps_the_sort_and_drops_the_removed_filter(
    open_page: OpenPage, centre: Centre
) -> None:
    page = await enter(open_page, centre)
    await page.goto(f"{centre.address}/users?role=AGENT")
    await page.click(".filter-chip")
    await expect(page.locator("#results tbody tr")).to_have_count(2)
    await page.click("th.sortable a")
    await page.wait_for_url("**sort=-name")
    await page.fill("#list-search", "account")
    await page.wait_for_url("**q=account**")
    assert "sort=-name" in page.url
    assert "role" not in page.url
    await page.click("summary:has-text('Filter')")
    await page.select_option("#filter-role", "ADMIN")
    await expect(page.locator("#results tbody tr")).to_have_count(1)
    await expect(page.locator(".filter-chip")).to_have_text("Administrator")


async def test_a_user_is_made_by_keyboard_alone(open_page: OpenPage, centre: Centre) -> None:
    page = await enter(open_page, centre)
    await page.keyboard.press("n")
    await expect(page.locator("dialog[open] #field-name")).to_be_focused()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("dialog[open] .field-error")).to_have_text(
        "This cannot be blank. Fill it in."
    )
    await expect(page.locator("dialog[open] #field-name")).to_be_focused()
    await page.keyboard.type(f"sara {centre.agent.tenant_id}")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#toasts")).to_contain_text("was created.")
    await expect(page.locator("#results tbody tr")).to_have_count(3)


async def test_the_focus_returns_to_the_rows_menu(open_page: OpenPage, centre: Centre) -> None:
    page = await enter(open_page, centre)
    row = page.locator(f"#user-user_{centre.agent.user_id}")
    await row.locator("summary").first.click()
    await row.get_by_text("Set password").click()
    await expect(page.locator("dialog[open] #field-password")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(row.locator("summary").first).to_be_focused()


async def test_the_secret_of_a_token_is_copied(open_page: OpenPage, centre: Centre) -> None:
    page = await enter(open_page, centre, "/tokens/new")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await expect(page.locator(".tree")).to_be_hidden()
    await page.check("[name=extent][value=some]")
    await expect(page.locator(".tree")).to_be_visible()
    await page.fill("#field-name", "CRM")
    await page.click("text=Create API token")
    await page.click("[data-copy=secret]")
    await expect(page.locator("#toasts")).to_contain_text("Copied")
    secret = await page.inner_text("#secret")
    assert await page.evaluate("navigator.clipboard.readText()") == secret
