# SPDX-License-Identifier: Apache-2.0
"""Fast edit and the choice after a conflict in a browser (X-18, X-19, X-20)."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from server.database import Database
from server.domain.permissions import Viewer
from tests.browser.conftest import Axe, Enter
from tests.factories.access import viewer_of
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list

LOOKS = [("en", "light", 1280, 768), ("it", "dark", 360, 740)]
DIALOG = "dialog[open]"
CHIPS = f"{DIALOG} [data-phone-list]:not(.no-js) [data-phone]"


@pytest.fixture
async def ada(database: Database, tenant: int) -> str:
    """A contact with two numbers, on a list that a campaign calls."""
    viewer: Viewer = await viewer_of(database, tenant)
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer, "Office", 2)
        await make_item_type(session, viewer, "Mobile", 1, "#0B5394")
        spring = await make_list(session, viewer)
        additional = phones(("055123456", office.id), "055123457")
        row = await make_contact(
            session, viewer, "Ada", "Abate", additional=additional, list_ids=[spring.id]
        )
        await make_campaign(session, viewer, list_ids=[spring.id])
    return f"contact_{row.id}"


async def company(page: Page, name: str) -> None:
    """Open the focused row's fast edit by its key, change one field, save by its key."""
    await page.keyboard.press("e")
    await page.locator(f"{DIALOG} #field-company").fill(name)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(DIALOG)).to_have_count(0)


def difference(page: Page, label: str) -> Locator:
    return page.locator(".difference", has=page.locator("legend", has_text=label))


async def test_types_and_descriptions_are_filled_in_and_saved_by_the_keyboard(
    enter: Enter, ada: str
) -> None:
    page = await enter("/contacts")
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    await expect(page.locator(f"{DIALOG} #field-firstName")).to_be_focused()
    chips = page.locator(CHIPS)
    await expect(chips).to_have_count(2)
    await expect(chips.first.locator("[data-phone-type] option:checked")).to_have_text("Office")
    await chips.first.locator("[data-phone-type]").select_option(label="Mobile")
    painted = "one => getComputedStyle(one).backgroundColor"
    assert await chips.first.evaluate(painted) == "rgb(11, 83, 148)"
    await chips.nth(1).locator(".phone-description").fill("evenings")
    entry = page.locator(f"{DIALOG} [data-phone-entry]")
    await entry.press_sequentially("02 998877")
    await entry.press("Enter")
    await expect(chips).to_have_count(3)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(DIALOG)).to_have_count(0)
    row = page.locator(f"#contact-{ada}")
    await expect(row.locator(".chip")).to_have_text(["Mobile", "No type", "No type"])
    await expect(page.locator("#toasts")).to_contain_text("Ada Abate was saved.")
    await page.reload()
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    await expect(chips.first.locator("[data-phone-type] option:checked")).to_have_text("Mobile")
    await expect(chips.nth(1).locator(".phone-description")).to_have_value("evenings")
    await expect(chips.nth(2).locator(".phone-number")).to_have_value("02 998877")


async def test_the_row_behind_changes_in_place_and_scroll_sort_and_page_stay(
    enter: Enter, ada: str, database: Database, tenant: int
) -> None:
    viewer: Viewer = await viewer_of(database, tenant)
    async with database.transaction(tenant) as session:
        for place in range(90):
            await make_contact(session, viewer, "Zoe", f"Z{place:02}", phone=None)
    page = await enter("/contacts?sort=-name")
    await page.get_by_role("link", name="Next").click()
    await expect(page.locator("#results tbody tr")).to_have_count(41)
    at = page.url
    row = page.locator("#results tbody tr").nth(30)
    name = await row.locator("[data-open]").inner_text()
    for _ in range(31):
        await page.keyboard.press("j")
    scroll = await page.evaluate("scrollY")
    assert scroll > 300
    await page.keyboard.press("e")
    await page.locator(f"{DIALOG} #field-lastName").fill("Abbate")
    await page.keyboard.press("Control+Enter")
    await expect(row.locator("[data-open]")).to_have_text("Zoe Abbate")
    assert (page.url, await page.evaluate("scrollY")) == (at, scroll)
    await expect(page.locator("#results tbody tr")).to_have_count(41)
    assert name not in await page.locator("#results").inner_text()
    await page.keyboard.press("j")  # the keyboard goes on from where it was
    await expect(page.locator("#results tbody tr").nth(31)).to_be_focused()


async def test_over_the_hopper_and_over_a_record_the_page_shows_the_contact_anew(
    enter: Enter, ada: str, database: Database, tenant: int
) -> None:
    async with database.connection(tenant) as connection:
        campaign = await connection.fetchval("SELECT id FROM campaigns")
    page = await enter(f"/campaigns/campaign_{campaign}/hopper?live=paused")
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    await page.locator(f"{DIALOG} #field-lastName").fill("Abbate")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#results tbody th")).to_have_text("Ada Abbate")
    await expect(page.locator("#toasts")).to_contain_text("Ada Abbate was saved.")
    assert page.url.endswith("?live=paused")


async def test_what_was_typed_goes_on_in_the_form_of_all_fields(enter: Enter, ada: str) -> None:
    page = await enter("/contacts")
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    await page.locator(f"{DIALOG} #field-lastName").fill("Abbate")
    await page.get_by_role("button", name="All fields").click()
    await expect(page.locator(f"{DIALOG} #field-priority")).to_be_visible()
    await expect(page.locator(f"{DIALOG} #field-lastName")).to_have_value("Abbate")
    await page.select_option(f"{DIALOG} #field-priority", label="High")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(f"#contact-{ada}")).to_contain_text("Ada Abbate")


async def test_who_leaves_with_changes_is_asked(enter: Enter, ada: str) -> None:
    page = await enter("/contacts")
    asked: list[str] = []

    async def stay(dialog: object) -> None:
        asked.append(dialog.message)  # type: ignore[attr-defined]
        await dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    await page.locator(f"{DIALOG} #field-firstName").fill("")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(f"{DIALOG} .field-error")).to_have_count(1)
    await page.keyboard.press("Escape")  # what came back with its faults is not saved either
    await expect(page.locator(DIALOG)).to_be_visible()
    assert asked == ["You have changes that are not saved. Leave anyway?"]


async def test_of_two_who_edit_the_second_chooses_field_by_field(
    enter: Enter, ada: str
) -> None:
    anna, bruno = await enter("/contacts"), await enter("/contacts")
    for page in (anna, bruno):
        await page.keyboard.press("j")
        await page.keyboard.press("e")
        await expect(page.locator(f"{DIALOG} #field-firstName")).to_be_focused()
    await anna.locator(f"{DIALOG} #field-company").fill("Fiat")
    await anna.locator(f"{DIALOG} #field-lastName").fill("Abbate")
    await anna.locator(CHIPS).first.locator(".phone-description").fill("reception")
    await anna.keyboard.press("Control+Enter")
    await expect(anna.locator(f"#contact-{ada}")).to_contain_text("Fiat")
    await bruno.locator(f"{DIALOG} #field-company").fill("Olivetti")
    await bruno.locator(f"{DIALOG} #field-email").fill("ada@example.com")
    await bruno.locator(CHIPS).first.locator(".phone-description").fill("desk")
    await bruno.keyboard.press("Control+Enter")
    await expect(bruno.locator(".difference")).to_have_count(4)
    await expect(bruno.locator(f"{DIALOG} .notice")).to_contain_text("saved this contact")
    both = difference(bruno, "Company")
    await expect(both.locator(".value")).to_have_text(["Olivetti", "Fiat"])
    await expect(both.locator(".hint")).to_have_text("When you opened it: Blank")
    await expect(both.locator("input").first).to_be_focused()
    await expect(difference(bruno, "Last name").locator(":checked")).to_have_value("theirs")
    await expect(difference(bruno, "E-mail").locator(":checked")).to_have_value("yours")
    number = difference(bruno, "Number")
    await expect(number.locator(".value")).to_have_text(
        [re.compile("desk"), re.compile("reception")]
    )
    await expect(bruno.locator(f"#contact-{ada}")).not_to_contain_text("Olivetti")
    await bruno.keyboard.press("Control+Enter")  # the browser asks for the choice that is missing
    await expect(bruno.locator(".difference")).to_have_count(4)
    await both.get_by_label("Olivetti").check()
    await number.get_by_label("reception").check()
    await bruno.keyboard.press("Control+Enter")
    row = bruno.locator(f"#contact-{ada}")
    await expect(row).to_contain_text("Olivetti")
    await expect(row).to_contain_text("Ada Abbate")
    await expect(row).to_contain_text("ada@example.com")
    await bruno.keyboard.press("e")
    await expect(bruno.locator(CHIPS).first.locator(".phone-description")).to_have_value(
        "reception"
    )


async def test_without_scripts_both_are_pages(enter: Enter, ada: str) -> None:
    anna, bruno = [await enter("/contacts?q=ada", scripts=False) for _ in range(2)]
    for page in (anna, bruno):
        await page.get_by_role("link", name="Edit Ada Abate").click()
        await expect(page.locator("h1")).to_have_text("Fast edit: Ada Abate")
    await anna.fill("#field-company", "Fiat")
    await anna.get_by_role("button", name="Save contact").click()
    await expect(anna.locator("#toasts")).to_contain_text("Ada Abate was saved.")
    assert anna.url.endswith("/contacts?q=ada")
    await bruno.fill("#field-company", "Olivetti")
    await bruno.get_by_role("button", name="Save contact").click()
    await expect(bruno.locator("h1")).to_have_text("Changed meanwhile: Ada Abate")
    await bruno.get_by_label("Olivetti").check()
    await bruno.get_by_role("button", name="Save these choices").click()
    await expect(bruno.locator(f"#contact-{ada}")).to_contain_text("Olivetti")
    assert bruno.url.endswith("/contacts?q=ada")


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_both_pass_the_accessibility_rules(
    enter: Enter, axe: Axe, ada: str, locale: str, theme: str, width: int, height: int
) -> None:
    how = {"locale": locale, "theme": theme, "width": width, "height": height}
    page, other = await enter("/contacts", **how), await enter(f"/contacts/{ada}/quick")
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    await expect(page.locator(f"{DIALOG} #field-firstName")).to_be_focused()
    assert await axe(page) == []
    await other.fill("#field-company", "Fiat")
    await other.locator("[data-phone] .phone-description").first.fill("reception")
    await other.keyboard.press("Control+Enter")
    await expect(other.locator("#toasts")).to_contain_text("was saved")
    await page.locator(f"{DIALOG} #field-company").fill("Olivetti")
    await page.locator(CHIPS).first.locator(".phone-description").fill("desk")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".difference")).to_have_count(2)
    assert await axe(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == width
