# SPDX-License-Identifier: Apache-2.0
"""The phone field of every contact form, with scripts and without (X-07, X-12, X-13, X-14)."""

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.styleguide import app

NUMBERS = "[data-phone-list]:not(.no-js) .phone-number"


async def numbers(page: Page) -> list[str]:
    boxes = page.locator(NUMBERS)
    return [await boxes.nth(place).input_value() for place in range(await boxes.count())]


def entry(page: Page) -> Locator:
    return page.locator("[data-phone-entry]")


async def colors(row: Locator) -> tuple[str, str]:
    background, ink = await row.evaluate(
        "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
    )
    return background, ink


async def test_enter_makes_a_chip_empties_the_box_and_does_not_submit(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page(f"{styleguide}/styleguide")
    before = await numbers(page)
    await entry(page).press_sequentially("+39 347 1112233")
    await entry(page).press("Enter")
    await entry(page).press_sequentially("02 998877")
    await entry(page).press("Enter")
    assert await numbers(page) == [*before, "+39 347 1112233", "02 998877"]
    await expect(entry(page)).to_have_value("")
    await expect(entry(page)).to_be_focused()
    await entry(page).press("Enter")  # the empty box does not submit either
    assert page.url.endswith("/styleguide")
    await expect(page.locator("[data-phone-status]")).to_have_text("Added: 02 998877")


async def test_a_pasted_list_makes_several_chips(open_page: OpenPage, styleguide: str) -> None:
    page = await open_page(f"{styleguide}/styleguide")
    before = await numbers(page)
    await entry(page).evaluate(
        """(box) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text", "02 111, 02 222;\\n02 333\\r\\n\\n");
            box.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true}));
        }"""
    )
    assert await numbers(page) == [*before, "02 111", "02 222", "02 333"]
    await expect(entry(page)).to_have_value("")


async def test_choosing_a_type_recolors_the_chip_at_once(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page(f"{styleguide}/styleguide")
    row = page.locator("[data-phone-list]:not(.no-js) [data-phone]").nth(0)
    assert await colors(row) == ("rgb(170, 187, 204)", "rgb(0, 0, 0)")
    await row.locator("[data-phone-type]").select_option(label="Mobile")
    assert await colors(row) == ("rgb(11, 83, 148)", "rgb(255, 255, 255)")
    await row.locator("[data-phone-type]").select_option(label="No type")
    neutral = page.locator("[data-phone-list]:not(.no-js) [data-phone]").nth(2)
    assert await colors(row) == await colors(neutral)
    offered = await row.locator("[data-phone-type] option").all_text_contents()
    assert offered == ["No type", "Office", "Mobile", "Holiday Home"]


async def test_a_color_that_no_chip_had_yet_is_painted_with_a_legible_ink(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page(f"{styleguide}/styleguide")
    row = page.locator("[data-phone-list]:not(.no-js) [data-phone]").nth(0)
    await row.locator("option").nth(1).evaluate("one => { one.dataset.color = '#123456' }")
    await row.locator("[data-phone-type]").select_option(label="Mobile")
    await row.locator("[data-phone-type]").select_option(label="Office")
    assert await colors(row) == ("rgb(18, 52, 86)", "rgb(255, 255, 255)")


async def test_backspace_in_the_empty_box_goes_to_the_last_chip_then_removes_it(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page(f"{styleguide}/styleguide")
    before = await numbers(page)
    await entry(page).focus()
    await page.keyboard.press("Backspace")
    assert await numbers(page) == before
    await page.keyboard.press("Backspace")
    assert await numbers(page) == before[:-1]
    await expect(entry(page)).to_be_focused()
    await page.locator("[data-phone-list] [data-phone-remove]").first.click()
    assert await numbers(page) == before[1:-1]


async def test_a_refused_number_is_marked_on_its_chip(open_page: OpenPage, styleguide: str) -> None:
    page = await open_page(f"{styleguide}/styleguide")  # X-20c
    wrong = page.locator("[data-phone].invalid")
    await expect(wrong).to_have_count(1)
    box = wrong.locator(".phone-number")
    await expect(box).to_have_value("12")
    await expect(box).to_have_attribute("aria-invalid", "true")
    described = await box.get_attribute("aria-describedby")
    assert described is not None
    await expect(page.locator(f"#{described.strip()}")).to_have_text("Not a number.")


async def test_what_is_sent_holds_every_chip_and_what_is_still_in_the_box(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page(f"{styleguide}/styleguide")
    row = page.locator("[data-phone-list]:not(.no-js) [data-phone]").nth(1)
    await row.locator(".phone-description").fill("evenings")
    await entry(page).fill("02 998877")
    async with page.expect_response("**/form"):
        await page.locator("main form.form .primary").click()
    assert {row.pop("state") for row in app.state.sent} == {None}  # nobody touched them (C-06)
    assert app.state.sent == [
        {"id": "7", "number": "02 1234 5678", "itemTypeId": "1", "description": "reception"},
        {"id": "8", "number": "333 123 4567", "itemTypeId": "2", "description": "evenings"},
        {"id": "9", "number": "12", "itemTypeId": None, "description": None},
        {"id": None, "number": "02 998877", "itemTypeId": None, "description": None},
    ]
    # The refused form came back in place, with its first wrong field focused.
    await expect(page.locator("#field-name")).to_be_focused()


async def test_without_scripts_the_rows_are_plain_fields_and_more_can_be_added(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page(f"{styleguide}/styleguide", scripts=False)
    await expect(entry(page)).to_be_hidden()
    blank = page.locator(".phone-list.no-js [data-phone]")
    await expect(blank).to_have_count(2)
    await blank.nth(0).locator(".phone-number").fill("+48 22 123 45 67")
    await blank.nth(0).locator("[data-phone-type]").select_option(label="Holiday Home")
    await page.locator("[name=add_phone]").click()
    assert [row["number"] for row in app.state.sent][-1] == "+48 22 123 45 67"
    assert app.state.sent[-1]["itemTypeId"] == "3"
    await expect(page.locator(".phone-list.no-js [data-phone]")).to_have_count(4)
