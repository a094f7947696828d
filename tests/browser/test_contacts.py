# SPDX-License-Identifier: Apache-2.0
"""Contacts in a browser: chips, drawer, keyboard, without scripts, accessible everywhere."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from tests.browser.conftest import Axe, Enter
from tests.factories.access import viewer_of
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list

LOOKS = [("en", "light", 1280, 768), ("it", "dark", 360, 740)]
NUMBERS = "[data-phone-list]:not(.no-js) .phone-number"


@pytest.fixture
async def people(database: Database, tenant: int) -> list[str]:
    """Three contacts in the order of the list, the first with two numbers and on a list."""
    viewer: Viewer = await viewer_of(database, tenant)
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer, "Office", 2)
        await make_item_type(session, viewer, "Mobile", 1, "#0B5394")
        spring = await make_list(session, viewer)
        additional = phones(("055123456", office.id), "055123457")
        made = [
            await make_contact(
                session, viewer, "Ada", "Abate", additional=additional, list_ids=[spring.id]
            ),
            await make_contact(session, viewer, "Bruno", "Rossi", email="bruno@example.com"),
            await make_contact(session, viewer, "Carla", "Verdi", phone=None),
        ]
    return [f"contact_{row.id}" for row in made]


async def values(boxes: Locator) -> list[str]:
    return [await boxes.nth(place).input_value() for place in range(await boxes.count())]


async def type_number(page: Page, number: str) -> None:
    box = page.locator("dialog[open] [data-phone-entry]")
    await box.press_sequentially(number)
    await box.press("Enter")


async def test_chips_are_typed_pasted_typed_over_saved_and_read_back_in_their_order(
    enter: Enter, people: list[str]
) -> None:
    page = await enter("/contacts")
    await page.keyboard.press("n")
    form = page.locator("dialog[open] form")
    await expect(form.locator("#field-firstName")).to_be_focused()
    await page.keyboard.type("Dora")
    await form.locator("#field-phone").fill("06 1234 5000")
    await form.get_by_role("link", name="Phone numbers").click()
    await type_number(page, "347 111 2233")
    await expect(form.locator("[data-phone-entry]")).to_have_value("")
    await form.locator("[data-phone-entry]").press("Enter")  # the empty box does not submit either
    await form.locator("[data-phone-entry]").evaluate(
        """(box) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text", "02 998877, 055 123456\\n+44 20 7946 0958");
            box.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true}));
        }"""
    )
    typed = ["347 111 2233", "02 998877", "055 123456", "+44 20 7946 0958"]
    assert await values(form.locator(NUMBERS)) == typed
    await expect(page.locator("dialog[open]")).to_be_visible()
    chip = form.locator("[data-phone]").first
    await chip.locator("[data-phone-type]").select_option(label="Mobile")
    painted = "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
    assert await chip.evaluate(painted) == ["rgb(11, 83, 148)", "rgb(255, 255, 255)"]
    await chip.locator(".phone-description").fill("evenings")
    await form.get_by_role("link", name="General").click()
    await form.get_by_label("Spring").check()
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url(re.compile(r"/contacts/contact_\d+$"))
    await expect(page.locator("#toasts")).to_contain_text("Dora was created.")
    first = page.locator(".dial-order li").nth(1)  # behind the primary, as its type says
    await expect(first).to_contain_text("347 111 2233")
    await expect(first).to_contain_text("evenings")
    await page.reload()
    await page.keyboard.press("e")
    await expect(page.locator("dialog[open] #field-firstName")).to_have_value("Dora")
    assert await values(page.locator(f"dialog[open] {NUMBERS}")) == [
        "347 111 2233",
        "02 998877",
        "055 123456",
        "+44 20 7946 0958",
    ]
    chosen = page.locator("dialog[open] [data-phone-list] [data-phone-type] option:checked")
    assert await chosen.all_text_contents() == ["Mobile", "No type", "No type", "No type"]


async def test_a_number_that_is_there_twice_is_marked_by_the_server(
    enter: Enter, people: list[str], axe: Axe
) -> None:  # X-20c
    page = await enter("/contacts?q=ada")
    await page.locator(f"#contact-{people[0]} [data-shortcut=edit]").click()
    await type_number(page, "055 12-34-56")
    await page.locator("dialog[open] button.primary").click()
    wrong = page.locator("dialog[open] [data-phone].invalid")
    await expect(wrong).to_have_count(1)
    await expect(wrong.locator(".phone-number")).to_have_value("055 12-34-56")
    await expect(wrong.locator(".phone-number")).to_be_focused()
    await expect(wrong).to_contain_text("+39055123456 is already on this contact.")
    assert await axe(page) == []
    await wrong.locator("[data-phone-remove]").click()
    await page.locator("dialog[open] #field-company").fill("Fiat")
    await page.keyboard.press("Control+Enter")
    row = page.locator(f"#contact-{people[0]}")
    await expect(row).to_contain_text("Fiat")  # in its place, without leaving the list
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await expect(page.locator("#toasts")).to_contain_text("Ada Abate was saved.")
    await expect(row.locator("[data-shortcut=edit]")).to_be_focused()
    assert page.url.endswith("?q=ada")


async def test_the_list_is_worked_by_keyboard_alone(enter: Enter, people: list[str]) -> None:
    page = await enter("/contacts")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await expect(page.locator(f"#contact-{people[1]}")).to_be_focused()
    await page.keyboard.press("x")
    await expect(page.locator(".bulk-bar")).to_contain_text("1 selected")
    await page.keyboard.press("x")
    await page.keyboard.press("k")
    await expect(page.locator(f"#contact-{people[0]}")).to_be_focused()
    await page.keyboard.press("e")
    await expect(page.locator("dialog[open] #field-firstName")).to_have_value("Ada")
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await page.keyboard.press("f")
    await expect(page.locator("#list-search")).to_be_focused()
    await page.keyboard.type("ver")
    await expect(page.locator("#results tbody tr")).to_have_count(1)
    await page.wait_for_url("**/contacts?q=ver")
    await expect(page.locator("#list-search")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.locator("body").press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/contacts/{people[2]}")


async def test_a_filter_is_chosen_shown_as_a_chip_and_taken_out(
    enter: Enter, people: list[str]
) -> None:
    page = await enter("/contacts")
    await page.locator("summary", has_text="Filter").click()
    await page.select_option("#filter-list", label="Spring")
    await expect(page.locator("#results tbody tr")).to_have_count(1)
    chip = page.locator(".filter-chip")
    await expect(chip).to_have_text("List: Spring")
    await page.keyboard.press("Escape")
    await expect(page.locator("#filter-list")).to_be_hidden()
    await chip.click()
    await expect(page.locator("#results tbody tr")).to_have_count(3)
    assert "list=" not in page.url


async def test_a_selection_is_put_on_a_list(enter: Enter, people: list[str]) -> None:
    page = await enter("/contacts")
    await page.locator("[data-select-all]").check()
    await expect(page.locator(".bulk-bar")).to_contain_text("3 selected")
    await page.get_by_role("button", name="Put on list").click()
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_contain_text("3 selected contacts")
    await dialog.get_by_role("button", name="Put on list").click()
    told = "Put on the list: 2. On it already: 1."
    await expect(page.locator("#toasts")).to_contain_text(told)


async def test_a_contact_is_deleted_after_a_question(enter: Enter, people: list[str]) -> None:
    page = await enter("/contacts?q=ada")
    await page.get_by_role("link", name="Delete Ada Abate").click()
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_contain_text("Delete Ada Abate?")
    await expect(dialog).to_contain_text("2 additional phones go with it.")
    await dialog.get_by_role("button", name="Delete contact").click()
    await expect(page.locator("#toasts")).to_contain_text("Ada Abate was deleted.")
    assert page.url.endswith("/contacts?q=ada")
    await expect(page.locator(".empty")).to_contain_text("Nothing matches “ada”")


async def test_without_scripts_a_contact_with_two_more_numbers_is_made(
    enter: Enter, people: list[str]
) -> None:
    page = await enter("/contacts", scripts=False)
    await page.get_by_role("link", name="New contact").click()
    await page.fill("#field-firstName", "Dora")
    blanks = page.locator(".phone-list.no-js [data-phone]")
    await blanks.nth(0).locator(".phone-number").fill("347 111 2233")
    await blanks.nth(0).locator("[data-phone-type]").select_option(label="Mobile")
    await page.get_by_role("button", name="Add another").click()
    await blanks.nth(0).locator(".phone-number").fill("02 998877")
    await page.get_by_role("button", name="Create contact").click()
    await expect(page.locator("h1")).to_have_text("Dora")
    await expect(page.locator("#toasts")).to_contain_text("Dora was created.")
    lines = page.locator(".dial-order li")
    await expect(lines).to_have_count(2)
    await expect(lines.nth(0)).to_contain_text("347 111 2233")
    await page.goto(page.url.rpartition("/")[0] + "?q=dora")
    await expect(page.locator("#results tbody tr")).to_have_count(1)


async def test_an_agent_adds_and_edits_their_contacts(
    enter: Enter, people: list[str], database: Database, tenant: int
) -> None:
    permissions = [f"contacts.{verb}" for verb in ("view", "create", "edit")] + ["lists.view"]
    page = await enter(
        "/contacts", role=Role.AGENT, permissions=tuple(map(Permission, permissions))
    )
    await expect(page.locator(".empty")).to_contain_text("No contacts yet")
    async with database.connection(tenant) as connection:
        await connection.execute(
            "INSERT INTO list_agents (list_id, user_id)"
            " SELECT l.id, u.id FROM contact_lists l, users u WHERE u.role = 'AGENT'"
            " AND u.tenant_id = l.tenant_id"
        )
    await page.reload()
    await expect(page.locator("#results tbody tr")).to_have_count(1)
    await expect(page.get_by_role("link", name=re.compile("^Delete"))).to_have_count(0)
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    await type_number(page, "02 998877")
    await page.locator("dialog[open] [data-phone-list] [data-phone-type]").last.select_option(
        label="Office"
    )
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(f"#contact-{people[0]} .chip")).to_have_text(
        ["Office", "Office", "No type"]
    )
    await page.keyboard.press("n")
    await expect(page.locator("dialog[open] #field-firstName")).to_be_focused()
    await page.keyboard.type("Zoe")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("h1")).to_have_text("Zoe")


async def test_a_full_list_weighs_less_than_150_kilobytes_on_the_first_visit(
    enter: Enter, people: list[str], database: Database, tenant: int
) -> None:
    viewer: Viewer = await viewer_of(database, tenant)
    async with database.transaction(tenant) as session:
        for place in range(50):
            additional = phones(f"0551234{place:02}", f"0551235{place:02}")
            await make_contact(session, viewer, "Zoe", f"Z{place}", additional=additional)
    page = await enter("/contacts")
    await page.wait_for_load_state("load")
    sizes: list[int] = await page.evaluate(
        """() => ['resource', 'navigation'].flatMap((kind) => performance.getEntriesByType(kind))
        .map((entry) => entry.encodedBodySize)"""
    )
    assert 40_000 < sum(sizes) < 150_000


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_the_pages_of_contacts_pass_the_accessibility_rules(
    enter: Enter,
    axe: Axe,
    people: list[str],
    locale: str,
    theme: str,
    width: int,
    height: int,
) -> None:
    page = await enter("/contacts", locale=locale, theme=theme, width=width, height=height)
    record = f"/contacts/{people[0]}"
    root = page.url.removesuffix("/contacts")
    for path in ("/contacts", record, f"{record}/edit", "/contacts?q=zzz"):
        await page.goto(f"{root}{path}", wait_until="domcontentloaded")
        assert await axe(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") == width, path
    await page.goto(f"{root}/contacts", wait_until="domcontentloaded")
    await page.locator("[data-select]").first.check()
    await page.locator("details.dropdown summary").last.click()
    assert await axe(page) == []
    await page.keyboard.press("Escape")
    await page.locator("[data-select]").first.uncheck()
    for opener in ("[data-shortcut=new]", "a[href$='/deletion']"):
        link = page.locator(opener).first
        if not await link.is_visible():
            await page.locator("#results .more summary").first.click()
        await link.click()
        await expect(page.locator("dialog[open] form")).to_be_visible()
        assert await axe(page) == [], opener
        assert await page.evaluate("document.documentElement.scrollWidth") == width, opener
        await page.keyboard.press("Escape")
