# SPDX-License-Identifier: Apache-2.0
"""Every piece, at both widths, in both themes and languages: no violation, no sideways scroll."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Axe, OpenPage

LOOKS = [
    ("en", "light", (1280, 768)),
    ("it", "dark", (1280, 768)),
    ("en", "dark", (360, 740)),
    ("it", "light", (360, 740)),
]


@pytest.mark.parametrize(("locale", "theme", "size"), LOOKS)
async def test_every_piece_passes_the_accessibility_rules(
    open_page: OpenPage, styleguide: str, axe: Axe, locale: str, theme: str, size: tuple[int, int]
) -> None:
    width, height = size
    url = f"{styleguide}/styleguide?theme={theme}&locale={locale}&toast=1"
    page = await open_page(url, width=width, height=height)
    await page.wait_for_selector(".u-legend")
    assert await axe(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [1280, 360])
async def test_the_page_before_log_in_passes_the_accessibility_rules(
    open_page: OpenPage, styleguide: str, axe: Axe, width: int
) -> None:
    page = await open_page(f"{styleguide}/login?locale=it", width=width)
    assert await axe(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("density", ["comfortable", "compact"])
async def test_rows_are_36_or_28_pixels_high(
    open_page: OpenPage, styleguide: str, density: str
) -> None:
    page = await open_page(f"{styleguide}/styleguide?density={density}")
    box = await page.locator("#contact-5").bounding_box()
    assert box is not None
    assert box["height"] == (36 if density == "comfortable" else 28)


async def test_controls_are_at_least_24_pixels_high(open_page: OpenPage, styleguide: str) -> None:
    page = await open_page(f"{styleguide}/styleguide?density=compact")
    small = await page.evaluate(
        """() => [...document.querySelectorAll('button, .button, select, summary, input')]
        .filter((one) => one.checkVisibility() && one.type !== 'checkbox')
        .filter((one) => one.getBoundingClientRect().height < 24).map((one) => one.outerHTML)"""
    )
    assert small == []


async def test_the_first_visit_weighs_less_than_150_kilobytes(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page(f"{styleguide}/styleguide")
    await page.wait_for_selector(".u-legend")
    sizes: list[int] = await page.evaluate(
        """() => ['resource', 'navigation'].flatMap((kind) => performance.getEntriesByType(kind))
        .map((entry) => entry.encodedBodySize)"""
    )
    assert 40_000 < sum(sizes) < 150_000


async def test_chips_have_their_types_color_and_a_legible_ink_without_scripts(
    open_page: OpenPage, styleguide: str
) -> None:
    page = await open_page(f"{styleguide}/styleguide", scripts=False)
    chip = page.locator(".data .chip").nth(1)
    await expect(chip).to_have_css("background-color", "rgb(11, 83, 148)")
    await expect(chip).to_have_css("color", "rgb(255, 255, 255)")
