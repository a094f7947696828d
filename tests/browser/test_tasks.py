# SPDX-License-Identifier: Apache-2.0
"""Callbacks in a browser: agreed from the contact, loaded below, assigned, closed and back."""

import pytest
from playwright.async_api import expect

from server.planner import global_id
from tests.browser.conftest import Axe, Enter
from tests.services.tasks.conftest import OFFICE, World
from tests.services.tasks.conftest import world as world

LOOKS = [("en", "light", 1280, 768), ("it", "dark", 360, 740)]


async def test_a_callback_from_the_contact_to_its_closing_and_back(
    enter: Enter, world: World
) -> None:  # C-30, C-35, C-37, C-38
    contact = global_id("contact", world.contact_id)
    page = await enter(f"/contacts/{contact}")
    await page.get_by_role("link", name="Schedule a callback").click()
    drawer = page.locator("#drawer-body")
    await expect(drawer.get_by_text("The contact is open in this campaign")).to_be_visible()
    await drawer.get_by_label("Number").select_option(OFFICE)
    await drawer.get_by_label("Note for whoever calls").fill("About the offer")
    await drawer.get_by_role("button", name="Schedule callback").click()
    await expect(page.get_by_text("Ada Rossi will be called back on")).to_be_visible()
    await expect(page.get_by_role("heading", name="Callbacks")).to_be_visible()

    await page.goto(page.url.split("/contacts")[0] + "/tasks")
    row = page.locator("tr.task")
    await expect(row).to_contain_text("Scheduled")
    await row.get_by_role("link", name="Ada Rossi").click()
    await expect(drawer.get_by_role("heading", name="Callback of Ada Rossi")).to_be_visible()
    await drawer.get_by_label("Delivered to").select_option("OTHER")
    await drawer.get_by_role("button", name="Save callback").click()
    await expect(drawer.get_by_text("This cannot be blank. Fill it in.")).to_be_visible()
    agent = global_id("agent", world.agent.user_id)
    await drawer.get_by_label("Agent", exact=True).select_option(agent)
    await drawer.get_by_role("button", name="Save callback").click()
    await expect(page.get_by_text("The callback of Ada Rossi is on")).to_be_visible()
    assert [(t.type, t.agent_id) for t in await world.tasks()] == [
        ("SCHEDULED_BY_USER", world.agent.user_id)
    ]

    await page.goto(page.url.split("?")[0] + f"?next={agent}")
    await row.get_by_role("checkbox").check()
    colleague = global_id("agent", world.colleague.user_id)
    await page.get_by_label("Assign to").select_option(colleague)
    await page.get_by_role("button", name="Assign", exact=True).click()
    await expect(page.get_by_text("1 scheduled task was assigned.")).to_be_visible()
    await expect(row).to_have_count(0)

    await page.goto(
        page.url.split("?")[0] + f"?campaign={global_id('campaign', world.campaign_id)}"
    )
    await page.get_by_role("link", name="Close callback sessions").click()
    dialog = page.locator("#dialog-body")
    await expect(dialog.get_by_text("Close 1 scheduled task of “Spring offers”?")).to_be_visible()
    await dialog.get_by_role("button", name="Close callback sessions").click()
    await expect(page.get_by_text("1 scheduled task was closed.")).to_be_visible()
    await expect(row).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("1 scheduled task is back.")).to_be_visible()
    await expect(row).to_have_count(1)


async def test_more_are_loaded_below_and_stay_selected_with_the_rest(
    enter: Enter, world: World
) -> None:  # C-31
    await world.rows(
        "INSERT INTO scheduled_tasks (campaign_id, contact_id, number, starts_at, ends_at) "
        "SELECT $1, $2, $3, now() + n * interval '1 minute', now() + interval '9 days' "
        "FROM generate_series(1, 2500) n",
        world.campaign_id,
        world.contact_id,
        OFFICE,
    )
    page = await enter("/tasks")
    rows = page.locator("tr.task")
    for loaded in (1000, 2000, 2500):
        await expect(rows).to_have_count(loaded)
        if loaded < 2500:
            await page.get_by_role("link", name="Load more").click()
    await expect(page.get_by_role("link", name="Load more")).to_have_count(0)
    await expect(page.get_by_text("2.500 of 2.500")).to_be_visible()


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_the_pages_can_be_read_by_everybody(
    enter: Enter, world: World, axe: Axe, locale: str, theme: str, width: int, height: int
) -> None:
    await world.schedule(number=OFFICE, note="Ask for the invoice")
    page = await enter("/tasks", locale=locale, theme=theme, width=width, height=height)
    await expect(page.locator("tr.task")).to_have_count(1)
    assert await axe(page) == []
    await page.locator("tr.task a[data-open]").click()
    await expect(page.locator("#drawer-body form")).to_be_visible()
    assert await axe(page) == []
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert await page.evaluate(fits)
