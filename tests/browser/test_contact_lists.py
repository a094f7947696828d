# SPDX-License-Identifier: Apache-2.0
"""The list of contacts in a browser: filters that last, columns, saved filters, bulk, GraphiQL."""

import pytest
from playwright.async_api import Page, expect

from server.database import Database
from server.domain.permissions import Viewer
from tests.browser.conftest import Axe, Enter
from tests.factories.access import viewer_of
from tests.factories.contacts import make_contact
from tests.factories.lists import make_list

LOOKS = [("en", "light", 1280, 768), ("it", "dark", 360, 740)]
ROWS = "#results tbody tr"


@pytest.fixture
async def people(database: Database, tenant: int) -> list[str]:
    """Sixty contacts, A01 to A60, every third of high priority; the first ten on a list."""
    viewer: Viewer = await viewer_of(database, tenant)
    async with database.transaction(tenant) as session:
        spring = await make_list(session, viewer)
        made = [
            await make_contact(
                session,
                viewer,
                f"A{place:02}",
                phone=f"+3906123450{place:02}",
                priority=1 if place % 3 == 0 else 2,
                list_ids=[spring.id] if place <= 10 else [],
            )
            for place in range(1, 61)
        ]
    return [f"contact_{row.id}" for row in made]


async def test_filters_last_over_an_edit_a_reload_and_the_way_back(
    enter: Enter, people: list[str]
) -> None:
    page = await enter("/contacts")
    await page.locator("summary", has_text="Filter").click()
    await page.select_option("#filter-list", label="Spring")
    await expect(page.locator(ROWS)).to_have_count(10)
    await page.select_option("#filter-priority", label="High")
    await expect(page.locator(ROWS)).to_have_count(3)
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="Name").click()
    await expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    await expect(page.locator(".filter-chip")).to_have_text(["List: Spring", "Priority: High"])
    there = page.url
    await page.locator(f"#contact-{people[8]} [data-shortcut=edit]").click()
    await page.locator("dialog[open] #field-company").fill("Fiat")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(f"#contact-{people[8]}")).to_contain_text("Fiat")
    assert page.url == there
    await page.locator("[data-open]").first.click()
    await page.wait_for_url(f"**/contacts/{people[8]}")
    await page.go_back()
    for _ in range(2):
        await page.wait_for_url(there)
        await expect(page.locator("[data-open]")).to_have_text(["A09", "A06", "A03"])
        await expect(page.locator(".filter-chip")).to_have_count(2)
        await page.reload()
    await page.locator(".filter-chip").first.click()
    await expect(page.locator(ROWS)).to_have_count(20)
    await page.locator("summary", has_text="Filter").click()
    await expect(page.locator("#filter-list")).to_have_value("")  # the menu follows the chip
    await expect(page.locator("#filter-priority")).to_have_value("1")


async def test_the_count_of_a_filtered_list_follows_the_page(
    enter: Enter, people: list[str]
) -> None:
    page = await enter("/contacts?callable=yes")
    await expect(page.locator(".count")).to_have_text("50 of 60")


async def test_columns_are_moved_by_keys_and_kept(enter: Enter, people: list[str]) -> None:
    page = await enter("/contacts?priority=1")
    await page.get_by_role("link", name="Columns").click()
    dialog = page.locator("dialog[open]")
    await dialog.get_by_label("Added", exact=True).check()
    for _ in range(12):
        await page.keyboard.press("Alt+ArrowUp")
    await expect(dialog.get_by_label("Added", exact=True)).to_be_focused()
    await expect(dialog.locator("[data-reorder-said]")).to_have_text("Added is number 1 now.")
    await dialog.get_by_label("E-mail", exact=True).uncheck()
    await dialog.get_by_role("button", name="Move Company up").click()
    await dialog.get_by_role("button", name="Keep columns").click()
    heads = ["", "Name", "Added", "Phone", "Company", "Additional phones", "Actions", "More"]
    await expect(page.locator("thead th")).to_have_text(heads)
    assert page.url.endswith("?priority=1")
    await page.goto(page.url.partition("?")[0])
    await expect(page.locator("thead th")).to_have_text(heads)


async def test_a_filter_is_kept_under_a_name_deleted_and_had_back(
    enter: Enter, people: list[str]
) -> None:
    page = await enter("/contacts")
    await page.locator("summary", has_text="Filter").click()
    await page.select_option("#filter-priority", label="High")
    await expect(page.locator(ROWS)).to_have_count(20)
    await page.keyboard.press("Escape")
    saved = page.get_by_label("Saved filters")
    await saved.click()
    # The menu was drawn before the filter was chosen: what is kept is what the list shows now.
    await page.get_by_role("link", name="Save these filters").click()
    await page.locator("dialog[open] #field-name").fill("Urgent")
    await page.locator("dialog[open]").get_by_role("button", name="Save filter").click()
    await expect(page.locator("#toasts")).to_contain_text("“Urgent” was kept.")
    await page.goto(page.url.partition("?")[0])
    await saved.click()
    await page.get_by_role("link", name="Urgent", exact=True).click()
    await page.wait_for_url("**/contacts?priority=1")
    await saved.click()
    await page.get_by_role("link", name="Edit the filter Urgent").click()
    await page.locator("dialog[open]").get_by_role("button", name="Delete").click()
    await expect(page.locator("#toasts")).to_contain_text("The filter “Urgent” was deleted.")
    await page.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(page.locator("#toasts")).to_contain_text("“Urgent” is back.")


async def test_a_selection_lasts_from_page_to_page_and_ends_when_it_is_used(
    enter: Enter, people: list[str]
) -> None:
    page = await enter("/contacts")
    bar = page.locator(".bulk-bar")
    await page.locator(f"#contact-{people[0]} [data-select]").check()
    await page.get_by_role("link", name="Next").click()
    await expect(page.locator(ROWS)).to_have_count(10)
    await expect(bar).to_contain_text("1 selected")
    await page.locator(f"#contact-{people[59]} [data-select]").check()
    await page.get_by_role("link", name="Previous").click()
    await expect(page.locator(ROWS)).to_have_count(50)
    await expect(bar).to_contain_text("2 selected")
    await expect(page.locator(f"#contact-{people[0]} [data-select]")).to_be_checked()
    await bar.get_by_role("button", name="Tag", exact=True).click()
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_contain_text("2 selected contacts")
    await dialog.locator("#field-tags").fill("VIP")
    await dialog.get_by_role("button", name="Tag").click()
    await expect(page.locator("#toasts")).to_contain_text("Tagged: 2.")
    await expect(bar).to_be_hidden()


async def test_all_that_match_are_counted_before_they_go(enter: Enter, people: list[str]) -> None:
    page = await enter("/contacts?priority=1")
    await page.locator("[data-select-all]").check()
    await page.get_by_label("All that match").check()
    await expect(page.locator(".bulk-bar")).to_contain_text("All selected")
    await page.get_by_role("button", name="Move to the trash").click()
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_contain_text("All that match: 20 contacts.")
    await dialog.get_by_role("button", name="Move to the trash").click()
    await expect(page.locator("#toasts")).to_contain_text("Moved to the trash: 20.")
    await expect(page.locator("#results")).to_contain_text("Nobody matches these filters")


async def test_the_list_opens_in_graphiql_with_its_document_and_runs_nothing(
    enter: Enter, people: list[str]
) -> None:
    page = await enter("/contacts?priority=1&sort=-name")
    await page.get_by_label("More", exact=True).first.click()
    await page.get_by_role("link", name="As a GraphQL query").click()
    dialog = page.locator("dialog[open]")
    await expect(dialog.locator("#list-query")).to_contain_text("query Contacts(")
    await expect(dialog.locator("#list-variables")).to_contain_text('"priority": 1')
    async with page.context.expect_page() as opened:
        await dialog.get_by_role("link", name="Open in GraphiQL").click()
    graphiql = await opened.value
    await expect(graphiql.locator(".graphiql-query-editor")).to_contain_text("query Contacts")
    await expect(graphiql.locator(".graphiql-editor-tool")).to_contain_text('"priority"')
    await expect(graphiql.locator(".graphiql-response")).not_to_contain_text("A60")
    await graphiql.locator(".graphiql-execute-button").click()
    await expect(graphiql.locator(".graphiql-response")).to_contain_text("A60")


async def _open_everything(page: Page, axe: Axe) -> None:
    assert await axe(page) == []
    await page.locator(".toolbar-form summary").click()
    assert await axe(page) == []
    await page.keyboard.press("Escape")
    for name in ("columns", "filters/new"):
        await page.goto(f"{page.url.partition('/contacts')[0]}/views/contacts/{name}?at=%3Fq%3Da")
        assert await axe(page) == []
        await page.go_back()
    for name in ("export", "graphql"):
        await page.goto(f"{page.url.partition('?')[0]}/{name}?priority=1")
        assert await axe(page) == []
        await page.go_back()
    await page.locator("[data-select]").first.check()
    assert await axe(page) == []
    await page.locator("button[value=trash]").click()
    await expect(page.locator("dialog[open]")).to_be_visible()
    assert await axe(page) == []


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_every_state_of_the_list_is_accessible_and_fits(
    enter: Enter,
    axe: Axe,
    people: list[str],
    locale: str,
    theme: str,
    width: int,
    height: int,
) -> None:
    page = await enter(
        "/contacts?priority=1&callable=yes",
        locale=locale,
        theme=theme,
        width=width,
        height=height,
    )
    await _open_everything(page, axe)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_without_scripts_rows_are_filtered_selected_and_changed(
    enter: Enter, people: list[str]
) -> None:
    page = await enter("/contacts?priority=1", scripts=False)
    await expect(page.locator(ROWS)).to_have_count(20)
    await page.locator(f"#contact-{people[2]} input[name=ids]").check()
    await page.get_by_role("button", name="Tag", exact=True).click()
    await expect(page.locator("main")).to_contain_text("1 selected contact")
    await page.locator("#field-tags").fill("VIP")
    await page.get_by_role("button", name="Tag").click()
    await page.wait_for_url("**/contacts?priority=1")
    await expect(page.locator("#toasts")).to_contain_text("Tagged: 1.")
