# SPDX-License-Identifier: Apache-2.0
"""The agent's view in a browser: a caller found, corrected, called, noted (X-20b, C-06, C-07)."""

import re

import pytest
from playwright.async_api import Dialog, expect

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import AGENT_CEILING, Role
from tests.browser.conftest import Axe, Enter
from tests.services.dialer.centre import Centre

A, B, C = (f"+39061234500{digit}" for digit in range(3))
AGENT = {"role": Role.AGENT, "permissions": tuple(AGENT_CEILING)}


@pytest.fixture
async def centre(database: Database, tenant: int) -> Centre:
    """Ada, whose second number is set aside, on a list that a campaign calls; all agents see it."""
    centre = Centre(database, tenant)
    office = await centre.item_type("Office", 1)
    contact = await centre.contact(A, (B, office), (C, None))
    await centre.rows(
        "UPDATE contacts SET first_name = 'Ada', last_name = 'Rossi', name_key = 'rossi ada', "
        "given_key = 'ada rossi' WHERE id = $1",
        contact,
    )
    await centre.rows("UPDATE additional_phones SET state = 'INACTIVE' WHERE number = $1", B)
    await centre.rows("INSERT INTO tags (name, name_key) VALUES ('VIP', 'vip')")
    await centre.loaded(contact, name="spring")
    return centre


async def assign(centre: Centre) -> None:
    """The campaign to every agent that there is by now."""
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) "
        "SELECT c.id, u.id FROM campaigns c, users u WHERE u.role = 'AGENT' ON CONFLICT DO NOTHING"
    )


async def test_a_caller_is_found_corrected_and_noted(
    enter: Enter, axe: Axe, centre: Centre
) -> None:  # X-20b, C-06, C-07
    page = await enter("/", **AGENT)
    await assign(centre)
    await page.locator("main").get_by_role("link", name="Desk").click()
    box = page.get_by_label("Number or name of the caller")
    await expect(box).to_be_focused()
    await box.fill("06 1234 5002")
    await box.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ada Rossi")
    assert await axe(page) == []

    # The numbers are one click away; changed digits are available, as one sees at once.
    await page.get_by_role("link", name="Edit the numbers").click()
    await expect(page.get_by_label("Primary phone")).to_be_focused()
    chip = page.locator("[data-phone-list] [data-phone]").first
    await expect(chip.get_by_label("State")).to_have_value("INACTIVE")
    await chip.get_by_label("Number", exact=True).fill("06 1234 5009")
    await expect(chip.get_by_label("State")).to_have_value("AVAILABLE")
    await chip.get_by_label("Number", exact=True).fill("06 1234 5001")
    await expect(chip.get_by_label("State")).to_have_value("INACTIVE")
    await chip.get_by_label("Number", exact=True).fill("06 1234 5009")
    await chip.get_by_label("State").select_option("EXCLUDED")
    await page.get_by_role("link", name="General", exact=True).click()
    await page.get_by_label("First name").fill("")
    await page.get_by_label("First name").press("Control+Enter")
    # The first fault takes the focus in its part, and the call beside it stays.
    await expect(page.get_by_label("First name")).to_be_focused()
    await expect(page.get_by_text("This cannot be blank")).to_be_visible()
    await expect(page.get_by_role("heading", name="Note the call")).to_be_visible()
    await page.get_by_label("First name").fill("Adele")
    await page.get_by_label("First name").press("Control+Enter")
    await expect(page.get_by_text("Adele Rossi was saved.")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"/desk\?contact="))
    assert await centre.rows("SELECT number, state FROM additional_phones ORDER BY position") == [
        ("+390612345009", "EXCLUDED"),
        (C, "AVAILABLE"),
    ]

    # The call comes up by itself; its note waits for the result, and keeps what was typed.
    await expect(page.get_by_text("No call is up with this contact.")).to_be_visible()
    [campaign] = [row[0] for row in await centre.rows("SELECT id FROM campaigns")]
    assert isinstance(campaign, int)
    call = await centre.claim_one(campaign)
    await expect(page.locator(".call-up")).to_contain_text("1 of 2")
    await page.get_by_label("Comment").fill("Call after six")
    await page.get_by_label("Business tags").fill("complaint")
    await page.get_by_role("button", name="Save note").click()
    await expect(page.get_by_text("The call is still up.")).to_be_visible()
    await expect(page.get_by_label("Comment")).to_have_value("Call after six")
    await centre.report(call, CallStatus.BUSY)
    await page.get_by_role("button", name="Save note").click()
    await expect(page.get_by_text("The note was saved.")).to_be_visible()
    await page.get_by_role("link", name="History").first.click()
    await expect(page.locator(".note-of-call")).to_contain_text("Call after six")
    assert await axe(page) == []


async def test_nobody_knows_the_caller_who_is_added_with_the_number(
    enter: Enter, axe: Axe, centre: Centre
) -> None:
    page = await enter("/", **AGENT)
    await assign(centre)
    await page.goto(page.url + "desk?number=%2B390699887766")
    await expect(page.get_by_text("Nobody that you see has the number")).to_be_visible()
    await page.get_by_label("First name").fill("Bruno")
    tags = page.get_by_label("Tags", exact=True)
    await tags.fill("vip, new")
    await page.get_by_role("button", name="Create contact").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bruno")
    await expect(page.locator(".person-strip")).to_contain_text("06 9988 7766")
    await expect(page.locator(".person-strip")).to_contain_text("VIP")
    assert await axe(page) == []


async def test_typed_things_are_not_left_by_accident(enter: Enter, centre: Centre) -> None:
    page = await enter("/", **AGENT)
    await assign(centre)
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    await page.goto(page.url + "desk?number=0612345000")
    page.on("dialog", stay)
    await page.get_by_label("Company").fill("Fiat")
    await page.get_by_role("link", name="Phone numbers").click()
    await page.get_by_role("link", name="General", exact=True).click()
    await expect(page.get_by_label("Company")).to_have_value("Fiat")
    assert asked == []
    await page.get_by_role("link", name="Whole record").click()
    await expect(page.get_by_label("Company")).to_have_value("Fiat")
    assert asked == ["beforeunload"]


async def test_without_scripts_every_part_of_the_form_is_there(
    enter: Enter, centre: Centre
) -> None:
    page = await enter("/", scripts=False, **AGENT)
    await assign(centre)
    await page.goto(page.url + "desk?number=0612345000")
    for name in ("General", "Phone numbers", "Record content"):
        await expect(page.get_by_role("region", name=name)).to_be_visible()
    await page.get_by_label("Last name").fill("Verdi")
    await page.get_by_role("button", name="Save contact").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ada Verdi")
    await expect(page).to_have_url(re.compile(r"/desk\?contact="))


@pytest.mark.parametrize("look", [("it", "dark"), ("en", "light")])
async def test_the_record_and_the_desk_fit_a_telephone(
    enter: Enter, axe: Axe, centre: Centre, look: tuple[str, str]
) -> None:
    locale, theme = look
    page = await enter("/", width=360, height=740, locale=locale, theme=theme)
    [contact] = [row[0] for row in await centre.rows("SELECT id FROM contacts")]
    start = page.url
    for path in ("", "/numbers", "/history", "/details", "/edit?tab=numbers"):
        await page.goto(f"{start}contacts/contact_{contact}{path}")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert await axe(page) == [], path
    await page.goto(f"{start}desk?contact=contact_{contact}")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await axe(page) == []
