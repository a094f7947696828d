# SPDX-License-Identifier: Apache-2.0
"""An agent at work in a browser: a call from its preview to its result, by the keyboard alone."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from server.database import Database
from server.dialer import worker
from server.domain.permissions import AGENT_CEILING, Role
from tests.browser.conftest import Axe, Enter
from tests.services.dialer.centre import Centre

A, B = "+390612345000", "+390612345001"
AGENT = {"role": Role.AGENT, "permissions": tuple(AGENT_CEILING)}
LOOKS = [("en", "light", 1280, 768), ("it", "dark", 360, 740)]


@pytest.fixture
async def centre(database: Database, tenant: int) -> Centre:
    """Ada and Bruno, due in a preview campaign; whoever is called answers and talks on."""
    centre = Centre(database, tenant)
    campaign = await centre.campaign(
        name="Renewals",
        kind="QUEUE",
        mode="PREVIEW",
        simulation='{"weights": {"ANSWER": 1}, "seconds": 0.3}',
    )
    people = [await centre.contact(A, (B, None)), await centre.contact("+390612345010")]
    for contact, name in zip(people, ("Ada", "Bruno"), strict=True):
        await centre.rows("UPDATE contacts SET first_name = $2 WHERE id = $1", contact, name)
    due = datetime.now(UTC) - timedelta(days=1)
    await centre.attach(campaign, await centre.list_of(*people), due)
    await centre.rows(
        "INSERT INTO dispositions (name, name_key, action) VALUES ('Sold', 'sold', 'CLOSE'), "
        "('Call back', 'call back', 'RECALL')"
    )
    return centre


@pytest.fixture
async def dialing(database: Database) -> AsyncIterator[None]:
    """A dialer worker, as the installation runs one."""
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run_dialer(database, stop))
    yield
    stop.set()
    await task


async def assign(centre: Centre) -> None:
    """The campaign to every agent that there is by now."""
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) "
        "SELECT c.id, u.id FROM campaigns c, users u WHERE u.role = 'AGENT' ON CONFLICT DO NOTHING"
    )


def state(page: Page, name: str) -> object:
    return expect(page.locator(".work-state .badge").first).to_have_text(name)


async def test_a_previewed_call_goes_through_to_its_result(
    enter: Enter, axe: Axe, centre: Centre, dialing: None
) -> None:
    """X-38, X-39, C-22: start, look, dial, talk, hang up, dispose, and on to the next."""
    page = await enter("/desk", **AGENT)
    await assign(centre)
    await page.reload()
    await page.keyboard.press("F2")
    await state(page, "Ready")  # type: ignore[misc]
    await expect(page.get_by_text("Some contacts have additional phones")).to_be_visible()
    await page.keyboard.press("F2")
    await state(page, "Previewing")  # type: ignore[misc]
    await expect(page.locator(".hand")).to_contain_text("number 1 of 2")
    assert await axe(page) == []
    await page.keyboard.press("F2")
    # The page follows by itself: the worker dials, and the customer answers.
    await state(page, "Talking")  # type: ignore[misc]
    save = page.get_by_role("button", name="Save the result and go on")
    await expect(save).to_be_disabled()
    await page.keyboard.press("F9")
    await expect(page.get_by_label("What became of it")).to_be_focused()
    await page.get_by_label("What became of it").select_option(label="Call back")
    await expect(page.get_by_label("When")).to_be_visible()
    await page.get_by_label("What became of it").select_option(label="Sold")
    await expect(page.get_by_label("When")).to_be_hidden()
    await page.get_by_label("Comment").fill("Takes two")
    await page.keyboard.press("F4")
    await state(page, "Wrap-up")  # type: ignore[misc]
    await expect(page.locator(".work-state time")).to_have_text(re.compile(r"^0:0[1-9]$"))
    await expect(page.get_by_label("Comment")).to_have_value("Takes two")  # typed while talking
    await expect(save).to_be_enabled()
    await page.keyboard.press("F2")
    await state(page, "Ready")  # type: ignore[misc]
    assert await centre.rows("SELECT number, status, disposition FROM call_attempts") == [
        (A, "ANSWER", "Sold")
    ]
    assert await centre.rows("SELECT comment FROM call_notes") == [("Takes two",)]
    await page.keyboard.press("F8")
    await state(page, "Paused")  # type: ignore[misc]


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_the_desk_fits_and_is_accessible(
    enter: Enter, axe: Axe, centre: Centre, locale: str, theme: str, width: int, height: int
) -> None:
    how = {"locale": locale, "theme": theme, "width": width, "height": height}
    page = await enter("/desk", **AGENT, **how)
    await assign(centre)
    # The longest that a row can say of when it is due.
    await centre.rows(
        "UPDATE hopper_entries SET state = 'WAIT_NEXT_PHONE', current_number = '+442079460958'"
    )
    await page.reload()
    # With somebody in hand the page goes on to that person's record.
    for shown in (".work-form", ".next", ".desk:has(#desk-body)"):
        await expect(page.locator(shown).first).to_be_visible()
        assert await axe(page) == []
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
        await page.keyboard.press("F2")
