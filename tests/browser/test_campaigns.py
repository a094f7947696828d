# SPDX-License-Identifier: Apache-2.0
"""Campaigns in a browser: made, started, watched live, held, changed, accessible everywhere."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Permission, Role
from server.services.dialer import tell_campaign
from tests.browser.conftest import Axe, Enter, Watched
from tests.services.dialer.centre import Centre, minutes
from web import live, shared
from web.pages.campaigns import calls, logs

LOOKS = [("en", "light", 1280, 768), ("it", "dark", 360, 740)]
A, B, C, D = (f"+39061234500{place}" for place in range(4))
TOP = "element => element.getBoundingClientRect().top"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Live parts that keep no reader waiting, as nobody reads."""
    monkeypatch.setattr(live, "LEAST_GAP", 0.1)
    monkeypatch.setattr(shared, "SHORTEST", 0.05)
    for page in (calls, logs):
        monkeypatch.setattr(page, "LEAST_GAP", 0.1)


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


async def tell(centre: Centre, campaign: int) -> None:
    await centre.within(lambda connection: tell_campaign(connection, campaign))


async def dial(
    centre: Centre, campaign: int, status: CallStatus = CallStatus.NO_ANSWER, at: float = 0
) -> None:
    """One call, and the word that a worker sends after it."""
    [call] = await centre.claim(campaign, minutes(at), limit=1)
    await centre.report(call, status, minutes(at + 0.5))
    await tell(centre, campaign)


async def in_use(centre: Centre) -> tuple[int, int, int]:
    """A campaign with something in every table; its list, and a contact that is open."""
    office = await centre.item_type("Office", 1)
    contacts = [
        await centre.contact(A, (B, office)),
        await centre.contact(C),
        await centre.contact(D),
    ]
    campaign = await centre.loaded(*contacts, name="Spring offers")
    await centre.rows("UPDATE contacts SET first_name = 'Ada', last_name = 'Farinelli'")
    await dial(centre, campaign)
    await dial(centre, campaign, CallStatus.ANSWER)
    [[list_id]] = await centre.rows("SELECT list_id FROM campaign_lists")
    assert isinstance(list_id, int)
    return campaign, list_id, contacts[0]


async def figure(page: Page, name: str) -> str:
    return await page.locator(f".figures div:has(dt:text-is('{name}')) dd").first.inner_text()


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_the_pages_of_campaigns_pass_the_accessibility_rules(
    enter: Enter, axe: Axe, centre: Centre, locale: str, theme: str, width: int, height: int
) -> None:
    campaign, list_id, contact = await in_use(centre)
    await centre.campaign(name="Autumn", state="DRAFT")
    page = await enter("/", locale=locale, theme=theme, width=width, height=height)
    address = page.url.rstrip("/")
    base = f"/campaigns/campaign_{campaign}"
    paths = ["/", f"/contacts/contact_{contact}/calls", "/campaigns/new"]
    paths += [f"{base}/{tab}" for tab in ("hopper", "history", "final")]
    if width < 720:
        paths += ["/campaigns", base, f"{base}/hopper?state=READY&live=paused"]
        paths += [f"{base}/{tab}" for tab in ("lists", "settings", "retry-settings")]
        paths += [f"{base}/deletion", f"{base}/lists/list_{list_id}/reset"]
        paths += [f"{base}/lists/list_{list_id}/detachment", f"{base}/final?reason=MANUAL"]
    for path in paths:
        await page.goto(f"{address}{path}")
        assert await page.evaluate("document.documentElement.lang") == locale
        assert await axe(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") == width, path
        clipped = await page.evaluate(
            "[...document.querySelectorAll('.data td.fact, .data th.fact')]"
            ".filter((cell) => cell.scrollWidth > cell.clientWidth + 1).length"
        )
        assert clipped == 0, path


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS[1:])
async def test_the_home_of_an_agent_passes_them_too(
    enter: Enter, axe: Axe, centre: Centre, locale: str, theme: str, width: int, height: int
) -> None:
    await in_use(centre)
    rights = (Permission.CONTACTS_VIEW, Permission.LISTS_VIEW, Permission.CAMPAIGNS_VIEW)
    how = {"role": Role.AGENT, "permissions": rights, "locale": locale, "theme": theme}
    page = await enter("/", width=width, height=height, **how)
    assert await axe(page) == []


async def test_a_campaign_is_made_started_and_watched_to_its_end(
    enter: Enter, centre: Centre
) -> None:
    """Retry settings and “call additional phone after”, a list, hopper, history and final live."""
    contact = await centre.contact(A, (B, None))
    await centre.rows("UPDATE contacts SET first_name = 'Ada' WHERE id = $1", contact)
    spring = await centre.list_of(contact)
    page = await enter("/campaigns")
    await page.keyboard.press("n")
    await page.wait_for_url("**/campaigns/new")
    await page.fill("#field-name", "Spring offers")
    await page.check(f"[name=listIds][value=list_{spring}]")
    await page.fill("[name='max.NO_ANSWER']", "1")
    await page.fill("#field-additionalPhonesAfter", "5")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#toasts")).to_contain_text("1 contact loaded.")
    assert await figure(page, "In the hopper") == "1"
    campaign = int(page.url.rpartition("_")[2])
    await page.click("text=Start campaign")
    await expect(page.locator("#toasts")).to_contain_text("Campaign “Spring offers” is running.")
    await dial(centre, campaign)
    await expect(page.locator(".figures")).to_contain_text("Calls")
    await expect(page.locator(".bars", has_text="Waits for the next number")).to_be_visible()
    await page.click("nav.tabs >> text=Hopper")
    row = page.locator("#results tbody tr")
    await expect(row).to_contain_text("06 1234 5001 2 of 2")
    await page.click("nav.tabs >> text=History")
    await expect(row).to_have_count(1)
    await dial(centre, campaign, at=6)
    await expect(row).to_have_count(2)
    await page.click("nav.tabs >> text=Final")
    await expect(row).to_contain_text("Retries used up")
    await row.get_by_role("link", name="Ada", exact=True).click()
    await expect(page.locator(".timeline li.past")).to_have_count(2)
    await expect(page.locator("#panel")).to_contain_text("Open in no campaign: no call is planned.")
    await page.go_back()
    for button, state in (("Pause", "Paused"), ("Resume", "Running"), ("Stop", "Stopped")):
        await page.get_by_role("button", name=button).click()
        await expect(page.locator(".summary")).to_contain_text(state)


async def test_what_comes_next_for_a_contact_follows_its_calls(
    enter: Enter, centre: Centre
) -> None:
    """X-39: the number shown is the number then dialed."""
    contact = await centre.contact(A, (B, None), (C, None))
    campaign = await centre.loaded(contact, name="Spring offers")
    page = await enter(f"/contacts/contact_{contact}/calls")
    coming = page.locator(".timeline li.coming")
    await expect(coming.first).to_contain_text("06 1234 5000")
    await expect(coming).to_have_count(9)
    await coming.first.locator("summary").click()
    await expect(coming.first).to_contain_text("The first call.")
    await dial(centre, campaign)
    await expect(page.locator(".timeline li.past")).to_have_count(1)
    await expect(coming).to_have_count(8)
    await expect(coming.first).to_contain_text("06 1234 5001 2 of 3")


async def test_a_live_table_moves_neither_the_page_nor_the_focus(
    enter: Enter, centre: Centre
) -> None:
    contacts = [await centre.contact(f"+3906{place:06}") for place in range(60)]
    campaign = await centre.loaded(*contacts)
    for call in (await centre.claim(campaign))[:30]:
        await centre.report(call)
    await centre.rows("UPDATE contacts SET first_name = 'Ada'")
    page = await enter(f"/campaigns/campaign_{campaign}/history", height=400)
    rows = page.locator("#results tbody tr")
    await expect(rows).to_have_count(30)
    link = rows.nth(20).locator("th a")
    await link.focus()
    name = await rows.nth(20).get_attribute("id")
    row = page.locator(f"#{name}")
    await row.scroll_into_view_if_needed()
    before = await row.evaluate(TOP)
    await centre.rows(
        "INSERT INTO call_attempts (campaign_id, contact_id, entry_id, round, position, number, "
        "status, started_at, ended_at, policy_version) SELECT $1, $2, 0, 1, 0, '+39061', 'BUSY', "
        "now(), now(), 1 FROM generate_series(1, 3)",
        campaign,
        contacts[0],
    )
    await tell(centre, campaign)
    await expect(rows).to_have_count(33, timeout=8000)
    assert await row.evaluate(TOP) == pytest.approx(before, abs=2)
    assert await page.evaluate("document.activeElement.closest('tr')?.id") == name


async def test_an_open_table_of_a_plot_stays_open_and_the_plot_goes_on(
    enter: Enter, centre: Centre
) -> None:
    campaign = await centre.loaded(*[await centre.contact(number) for number in (A, B, C)])
    await dial(centre, campaign)
    page = await enter(f"/campaigns/campaign_{campaign}")
    await expect(page.locator(".uplot")).to_have_count(1)
    await page.locator(".as-table summary").first.click()
    lines = page.locator(".as-table[open] tbody tr")
    await expect(lines).to_have_count(1)
    await dial(centre, campaign, CallStatus.ANSWER, at=2)
    await expect(lines).to_have_count(3)  # with the minute between, in which nobody called
    await expect(page.locator(".uplot")).to_have_count(2)
    cells = await lines.last.locator("td.num").all_inner_texts()
    assert cells == ["1", "0"]


async def test_rows_are_filtered_by_chips_and_stay_so_while_they_live(
    enter: Enter, centre: Centre
) -> None:
    campaign = await centre.loaded(*[await centre.contact(number) for number in (A, B, C, D)])
    await dial(centre, campaign)
    page = await enter(f"/campaigns/campaign_{campaign}/history")
    rows = page.locator("#results tbody tr")
    await page.click(".facets >> text=No answer")
    await page.wait_for_url("**/history?status=NO_ANSWER")
    await expect(page.locator(".facets [aria-current]")).to_contain_text("No answer 1")
    await dial(centre, campaign, CallStatus.BUSY)
    await expect(page.locator(".facets")).to_contain_text("Busy 1")
    await expect(rows).to_have_count(1)
    await dial(centre, campaign)
    await expect(rows).to_have_count(2)
    await page.click(".facets [aria-current]")
    await page.wait_for_url(re.compile(r"/history\??$"))
    await expect(rows).to_have_count(3)
    await dial(centre, campaign)
    await expect(rows).to_have_count(4)


async def test_a_table_is_held_and_let_go(enter: Enter, centre: Centre) -> None:
    campaign = await centre.loaded(*[await centre.contact(number) for number in (A, B, C)])
    await dial(centre, campaign)
    page = await enter(f"/campaigns/campaign_{campaign}/history")
    rows = page.locator("#results tbody tr")
    await expect(rows).to_have_count(1)
    await page.click("text=Hold")
    await page.wait_for_url("**live=paused")
    await dial(centre, campaign)
    await page.wait_for_timeout(500)
    await expect(rows).to_have_count(1)
    await page.click("text=Go live")
    await expect(rows).to_have_count(2)
    await dial(centre, campaign)
    await expect(rows).to_have_count(3)


async def test_a_search_among_campaigns_is_kept_while_their_numbers_change(
    enter: Enter, centre: Centre
) -> None:
    campaign = await centre.loaded(await centre.contact(A), await centre.contact(B), name="spring")
    await centre.campaign(name="autumn")
    page = await enter("/campaigns")
    rows = page.locator("#results tbody tr")
    await expect(rows).to_have_count(2)
    await page.fill("#list-search", "spr")
    await page.wait_for_url("**q=spr")
    await expect(rows).to_have_count(1)
    await expect(rows.locator("td.num").first).to_have_text("2")
    await dial(centre, campaign, CallStatus.ANSWER)
    await expect(rows.locator("td.num").first).to_have_text("1")
    await expect(rows).to_have_count(1)
    assert await page.input_value("#list-search") == "spr"


async def test_detaching_asks_in_a_dialog_and_gives_the_focus_back(
    enter: Enter, centre: Centre
) -> None:
    campaign, list_id, _ = await in_use(centre)
    page = await enter(f"/campaigns/campaign_{campaign}/lists")
    button = page.locator(f"#list_{list_id} >> text=Detach")
    await button.click()
    await expect(page.locator("dialog[open] h2")).to_contain_text("Detach “list")
    await expect(page.locator("dialog[open]")).to_contain_text("2 contacts of this list are open")
    await page.keyboard.press("Escape")
    await expect(button).to_be_focused()
    await button.click()
    await page.click("dialog[open] button.danger")
    await expect(page.locator("#toasts")).to_contain_text("2 entries closed.")
    await expect(page.locator("#panel")).to_contain_text("No list yet")


async def test_a_refused_form_shows_its_words_and_focuses_the_first(
    enter: Enter, centre: Centre
) -> None:
    page = await enter("/campaigns/new")
    await page.fill("[name='max.BUSY']", "900")
    await page.fill("#field-originateTimeout", "")
    await page.fill("#field-name", "Spring")
    await page.click("text=Create campaign")
    await expect(page.locator("#wrong-max-BUSY")).to_have_text("This must be between 0 and 100.")
    await expect(page.locator("[name='max.BUSY']")).to_be_focused()
    await expect(page.locator("#field-originateTimeout-error")).to_have_text(
        "This cannot be blank. Fill it in."
    )
    await expect(page.locator("#field-name")).to_have_value("Spring")
    await page.fill("[name='max.BUSY']", "9")
    await page.fill("#field-originateTimeout", "20")
    await page.click("text=Create campaign")
    await page.wait_for_url(re.compile(r"/campaigns/campaign_\d+$"))
    await expect(page.locator("#panel")).to_contain_text("No list yet")


async def test_who_loses_the_right_leaves_the_live_page(
    enter: Enter, centre: Centre, watched: Watched
) -> None:
    """X-09: a part that asks again before the page leaves is refused, and nothing else happens."""
    campaign, _, _ = await in_use(centre)
    rights = (Permission.CAMPAIGNS_VIEW,)
    page = await enter(f"/campaigns/campaign_{campaign}", role=Role.SUPERVISOR, permissions=rights)
    await expect(page.locator(".figures")).to_be_visible()
    await centre.rows("UPDATE sessions SET revoked_at = now()")
    await tell(centre, campaign)
    await page.wait_for_url("**/login**")
    assert [fault for fault in watched.faults if "status of 401" not in fault] == []
    watched.faults.clear()


async def test_a_live_part_that_cannot_begin_tries_again(
    enter: Enter, centre: Centre, watched: Watched
) -> None:
    """As on a server that is just being restarted; nobody is bothered with words about it."""
    campaign, _, _ = await in_use(centre)
    page = await enter("/campaigns")
    tries: list[str] = []

    async def refuse_once(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) == 1:
            await route.fulfill(status=503, body="")
        else:
            await route.continue_()

    await page.route("**/history/live*", refuse_once)
    await page.goto(f"{page.url}/campaign_{campaign}/history")
    rows = page.locator("#results tbody tr")
    await expect(rows).to_have_count(2)
    await dial(centre, campaign)
    await expect(rows).to_have_count(3, timeout=9000)
    await expect(page.locator(".toast")).to_have_count(0)
    assert len(tries) == 2
    assert len(watched.faults) == 1
    assert "503" in watched.faults.pop()


async def test_campaigns_work_without_scripts(enter: Enter, centre: Centre) -> None:
    contact = await centre.contact(A)
    spring = await centre.list_of(contact)
    page = await enter("/campaigns/new", scripts=False)
    await page.fill("#field-name", "Spring offers")
    await page.check(f"[name=listIds][value=list_{spring}]")
    await page.click("text=Create campaign")
    await page.click("text=Start campaign")
    await expect(page.locator(".summary")).to_contain_text("Running")
    await page.click("nav.tabs >> text=Hopper")
    await page.click(".facets >> text=Ready")
    await expect(page.locator("#results tbody tr")).to_have_count(1)
    await expect(page.locator("text=Hold")).to_be_hidden()
    await page.click("nav.tabs >> text=Lists")
    await page.click("text=Detach")
    await page.click("button.danger")
    await expect(page.locator("main")).to_contain_text("1 entry closed.")
    await page.click("text=Stop")
    await page.click("text=Delete")
    await page.click("button.danger")
    await expect(page.locator("main")).to_contain_text("Campaign “Spring offers” was deleted.")


async def test_what_opens_in_the_drawer_brings_its_styles_and_they_stay(
    enter: Enter, centre: Centre
) -> None:
    """The hopper does not load them itself; nothing is seen before they are there."""
    campaign = await centre.loaded(await centre.contact(A))
    page = await enter(f"/campaigns/campaign_{campaign}/hopper")
    sheets = page.locator("head link[href$='rules.css']")
    await expect(sheets).to_have_count(0)
    for _ in range(2):
        await page.locator("a[href$='/explanation']").click()
        await page.locator("dialog[open] .verdict").wait_for()
        shown = "one => getComputedStyle(one).display"
        assert await page.locator("dialog[open] .verdict").evaluate(shown) == "flex"
        await expect(sheets).to_have_count(1)
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog[open]")).to_have_count(0)
