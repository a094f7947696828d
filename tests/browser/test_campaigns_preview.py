# SPDX-License-Identifier: Apache-2.0
"""The retry settings in a browser: the calls they lead to follow the fields (X-37)."""

import re

import pytest
from playwright.async_api import expect

from server.database import Database
from tests.browser.conftest import Axe, Enter
from tests.services.dialer.centre import Centre

LOOKS = [("en", "light", 1280, 768), ("it", "dark", 360, 740)]


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


async def retry_settings(centre: Centre) -> str:
    await centre.item_type("Office", 1)
    await centre.item_type("Holiday", 2)
    return f"/campaigns/campaign_{await centre.campaign()}/retry-settings"


async def test_the_calls_follow_the_fields_while_one_types(centre: Centre, enter: Enter) -> None:
    """Focus and what was typed stay; findings come beside the fields that they name, and go."""
    page = await enter(await retry_settings(centre))
    calls = page.locator("#preview .plan-calls li")
    await expect(calls).to_have_count(9)
    await expect(page.get_by_role("button", name="Preview")).to_be_hidden()
    limit = page.locator("#field-max-NO_ANSWER")
    await limit.fill("1")
    await expect(calls).to_have_count(3)
    await expect(limit).to_be_focused()
    await expect(limit).to_have_value("1")
    await page.locator("select[name='sample.1.outcome']").select_option("ANSWER")
    await expect(calls).to_have_count(2)
    await expect(page.locator("#preview .plan-end")).to_contain_text("Reached")
    slot = page.locator("[data-finding-slot='retry.3.max']")
    await expect(slot.locator(".finding")).to_have_count(0)
    await page.locator("#field-max-NO_SUCH_NUMBER").fill("1")
    await expect(slot).to_contain_text("closes the whole contact")
    await page.locator("#field-exhaustionPolicy").select_option("ALL_PHONES")
    await expect(slot.locator(".finding")).to_have_count(0)
    await page.get_by_role("button", name="Save retry settings").click()
    await expect(page.locator("#field-max-NO_ANSWER")).to_have_value("1")
    await expect(page.locator(".toast")).to_contain_text("The settings were saved")


async def test_without_scripts_the_button_does_it(centre: Centre, enter: Enter) -> None:
    page = await enter(await retry_settings(centre), scripts=False)
    await page.locator("#field-max-NO_ANSWER").fill("1")
    await page.get_by_role("button", name="Preview").click()
    await expect(page.locator("#preview .plan-calls li")).to_have_count(3)
    await expect(page.locator("#field-max-NO_ANSWER")).to_have_value("1")


async def test_a_narrow_page_leaves_choices_and_findings_their_whole_width(
    centre: Centre, enter: Enter
) -> None:
    page = await enter(await retry_settings(centre), width=360, height=740)
    await page.locator("#field-max-NO_SUCH_NUMBER").fill("1")
    for found in ("select[name='after.BUSY']", ".finding-row .finding"):
        box = await page.locator(found).bounding_box()
        assert box
        assert box["width"] > 300, found


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_the_pages_are_accessible(
    centre: Centre, enter: Enter, axe: Axe, locale: str, theme: str, width: int, height: int
) -> None:
    """Retry settings, forecast and the live page, wide and narrow, light and dark."""
    url = await retry_settings(centre)
    how = {"locale": locale, "theme": theme, "width": width, "height": height}
    page = await enter(url, **how)
    for path in (url, url.replace("retry-settings", "forecast"), "/live"):
        await page.goto(re.sub(r"(https?://[^/]+).*", r"\1", page.url) + path)
        await expect(page.locator("main h1")).to_be_visible()
        await page.wait_for_timeout(500)
        assert await axe(page) == []
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path
