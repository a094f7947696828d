# SPDX-License-Identifier: Apache-2.0
"""What moves by itself or by a click: toasts, live parts, theme, the drawer, the plot's table."""

import json
import re

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import OpenPage


async def test_a_toast_leaves_after_ten_seconds_and_stays_in_the_notices(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page("about:blank")
    await page.clock.install()
    await page.goto(f"{styleguide}/styleguide?toast=1")
    await page.clock.run_for(9500)
    await expect(page.locator("#toasts [data-toast]")).to_have_count(1)
    await page.clock.run_for(1500)
    await expect(page.locator("#toasts [data-toast]")).to_have_count(0)
    await page.locator("[data-notices]").click()
    await expect(page.locator("#notices")).to_contain_text("Saved.")
    async with page.expect_request("**/undo"):
        await page.locator("#notices").get_by_role("button", name="Undo").click()


async def test_a_live_part_shows_what_the_server_sends(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page(f"{styleguide}/styleguide")
    await expect(page.locator("#live-part #step")).to_have_text("2")


async def test_theme_and_row_height_change_at_once_and_are_sent(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page(f"{styleguide}/styleguide?theme=light")
    await page.locator("[popovertarget=theme-menu]").click()
    async with page.expect_request("**/account/preferences") as sent:
        await page.get_by_role("button", name="Dark").click()
    request = await sent.value
    assert "theme=dark" in (request.post_data or "")
    body = page.locator("body")
    assert await body.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(21, 25, 28)"
    await expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


async def test_the_folded_navigation_stays_folded(open_page: OpenPage, styleguide: str) -> None:
    page = await open_page(f"{styleguide}/styleguide")
    await page.locator("[data-nav-fold]").click()
    await page.reload()
    box = await page.locator("#sidebar").bounding_box()
    assert box is not None
    assert box["width"] == 52
    await expect(page.get_by_role("link", name="Lists", exact=True)).to_be_visible()


async def test_the_drawer_opens_without_scripts_on_a_narrow_screen(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page(f"{styleguide}/contacts", width=360, height=740, scripts=False)
    await expect(page.locator("#sidebar")).to_be_hidden()
    await page.locator(".nav-open").click()
    await expect(
        page.locator("#sidebar").get_by_role("link", name="Lists", exact=True)
    ).to_be_visible()


async def test_a_stacked_row_unfolds_without_scripts(open_page: OpenPage, styleguide: str) -> None:
    page = await open_page(f"{styleguide}/contacts", width=360, height=740, scripts=False)
    row = page.locator("#contact-2")
    await expect(row.get_by_text("Waiting")).to_be_hidden()
    await row.locator("summary").click()
    await expect(row.get_by_text("Waiting")).to_be_visible()


async def test_a_plot_has_its_table_without_scripts(open_page: OpenPage, styleguide: str) -> None:
    page = await open_page(f"{styleguide}/styleguide", scripts=False)
    await expect(page.locator("#calls .plot-canvas")).to_be_hidden()
    await page.get_by_text("Show as a table").click()
    await expect(page.locator("#calls tbody tr")).to_have_count(30)


# What a canvas was told to write, and how many of its dots have a colour that is no grey.
WRITTEN = """(() => {
  const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...where) {
    window.written = [];
    clearRect.apply(this, where);
  };
  CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
    window.written.push(text);
    fillText.call(this, text, ...where);
  };
})()"""
COLORED = """(canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const strength = (...dot) => Math.max(...dot) - Math.min(...dot);
  return data.filter(
    (red, n) => n % 4 === 0 && data[n + 3] > 200 && strength(red, data[n + 1], data[n + 2]) > 60
  ).length;
}"""


@pytest.mark.parametrize("points", [1, 2])
async def test_a_plot_of_few_minutes_marks_them_and_names_each_once(
    open_page: OpenPage, styleguide: str, points: int
) -> None:
    page = await open_page("about:blank")

    async def shortened(route: Route) -> None:
        page = await (await route.fetch()).text()
        found = re.search(r'id="calls-data">(.*?)</script>', page)
        assert found
        data = json.loads(found[1])
        for values in (data, *data["series"]):
            values |= {key: values[key][:points] for key in ("times", "values") if key in values}
        await route.fulfill(body=page.replace(found[1], json.dumps(data)))

    await page.route("**/styleguide", shortened)
    await page.add_init_script(WRITTEN)
    await page.goto(f"{styleguide}/styleguide")
    await expect(page.locator("#calls .uplot")).to_be_visible()
    written = await page.evaluate("written")
    clock = [text for text in written if re.fullmatch(r"\d\d:\d\d", text)]
    assert 3 <= len(clock) == len(set(clock)), written
    assert await page.locator("#calls canvas").evaluate(COLORED) > 8


async def test_searching_and_sorting_change_the_results_and_the_address_only(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page(f"{styleguide}/contacts")
    await page.evaluate("document.querySelector('h1').dataset.kept = 'yes'")
    await page.locator("#list-search").press_sequentially("rossi")
    await page.wait_for_url(re.compile(r"/contacts\?q=rossi"))
    assert "list=&" not in page.url
    await expect(page.locator("#list-search")).to_be_focused()
    await expect(page.locator("#list-search")).to_have_value("rossi")
    header = page.locator("th[aria-sort]")
    await expect(header).to_have_attribute("aria-sort", "ascending")
    await header.locator("a").click()
    await page.wait_for_url(re.compile(r"sort=-name"))
    await expect(page.locator("h1")).to_have_attribute("data-kept", "yes")
