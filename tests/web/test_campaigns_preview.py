# SPDX-License-Identifier: Apache-2.0
"""The retry settings' preview: the calls they lead to, with scripts and without (X-37)."""

import re

import httpx
import pytest

from server.database import Database
from server.domain.permissions import Permission, Role
from tests.services.dialer.centre import Centre
from tests.web.visiting import SignIn, Visitor, text_of

HTMX = {"hx-request": "true", "hx-target": "preview"}


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


@pytest.fixture
async def browser(signed_in: SignIn) -> Visitor:
    return (await signed_in()).browser


@pytest.fixture
async def page(centre: Centre) -> str:
    """The retry settings of a campaign whose types are Office and Holiday."""
    await centre.item_type("Office", 1)
    await centre.item_type("Holiday", 2)
    return f"/campaigns/campaign_{await centre.campaign()}/retry-settings"


def fields(shown: httpx.Response) -> dict[str, str]:
    """What the form would send."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", shown.text):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value:
            found[name[1]] = value[1]
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', shown.text):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def rounds(shown: httpx.Response) -> list[tuple[str, str]]:
    """Number and outcome of each call, in order."""
    calls = re.findall(r'<li class="coming.*?</li>', shown.text, re.S)
    return [
        (text_of(httpx.Response(200, text=chip)), text_of(httpx.Response(200, text=badge)))
        for call in calls
        for chip, badge in re.findall(
            r'(<span class="chip.*?</span>) (<span class="badge.*?</span>)', call, re.S
        )
    ]


async def test_the_page_shows_the_calls_of_a_contact_that_nobody_answers(
    browser: Visitor, page: str
) -> None:
    """V1, with the retry waits of the campaign, in the order of the types (X-29 to X-32)."""
    shown = await browser.get(page)
    assert shown.status_code == 200
    assert (
        rounds(shown)
        == [("Primary", "No answer"), ("Office", "No answer"), ("Holiday", "No answer")] * 3
    )
    text = text_of(shown)
    assert "Retries used up after 9 calls" in text
    assert "Again 2 minutes after “No answer”." in text
    assert shown.text.count('class="plan-round"') == 3


async def test_fields_that_change_redraw_the_part_alone(browser: Visitor, page: str) -> None:
    given = fields(await browser.get(page))
    given |= {"max.NO_ANSWER": "1", "sample.2.type": "", "sample.1.outcome": "BUSY"}
    part = await browser.post(f"{page}/preview", data=given, headers=HTMX)
    assert part.status_code == 200
    assert "<html" not in part.text
    assert rounds(part) == [("Primary", "No answer"), ("Office", "Busy")]
    stored = fields(await browser.get(page))
    assert stored["max.NO_ANSWER"] == "3"  # nothing was saved


async def test_without_scripts_a_button_shows_the_same_on_the_whole_page(
    browser: Visitor, page: str
) -> None:
    given = fields(await browser.get(page)) | {"max.NO_ANSWER": "1", "sample.0.outcome": "ANSWER"}
    whole = await browser.post(f"{page}/preview", data=given)
    assert whole.status_code == 200
    assert "<html" in whole.text
    assert rounds(whole) == [("Primary", "Answered")]
    assert f'formaction="{page}/preview"' in whole.text
    typed = fields(whole)
    assert (typed["max.NO_ANSWER"], typed["sample.0.outcome"]) == ("1", "ANSWER")


async def test_findings_stand_beside_the_fields_that_they_name(browser: Visitor, page: str) -> None:
    """A dead number that closes live people, and a cap that leaves numbers uncalled."""
    given = fields(await browser.get(page))
    given |= {"max.NO_SUCH_NUMBER": "1", "maxAttemptsPerContact": "2"}
    whole = await browser.post(f"{page}/preview", data=given)
    slots = dict(re.findall(r'data-finding-slot="([^"]+)">(.*?)</div>', whole.text, re.S))
    assert "closes the whole contact" in slots["retry.3.max"]
    assert "closed before all of them" in slots["maxAttemptsPerContact"]
    assert slots["retry.2.max"] == ""
    part = await browser.post(f"{page}/preview", data=given, headers=HTMX)
    named = re.findall(r'data-finding="([^"]+)"', part.text)
    assert named == ["retry.3.max", "maxAttemptsPerContact"]


async def test_settings_that_cannot_be_saved_say_why_in_the_place_of_calls(
    browser: Visitor, page: str
) -> None:
    given = fields(await browser.get(page)) | {"minutes.BUSY": "-5", "max.DROP": ""}
    part = await browser.post(f"{page}/preview", data=given, headers=HTMX)
    assert part.status_code == 200
    text = text_of(part)
    assert "These settings cannot be saved as they are" in text
    assert "This cannot be blank" in text
    assert "Busy: This must be" in text  # which row it is
    assert rounds(part) == []


async def test_a_refused_save_keeps_the_preview(browser: Visitor, page: str) -> None:
    given = fields(await browser.get(page)) | {"globalMaxRetry": "101", "sample.1.type": ""}
    refused = await browser.post(page, data=given)
    assert refused.status_code == 422
    assert fields(refused)["sample.1.type"] == ""


async def test_who_may_only_look_previews_what_is_stored(signed_in: SignIn, page: str) -> None:
    """X-09: without the permission to see types, numbers have none."""
    reader = (await signed_in(Role.SUPERVISOR, (Permission.CAMPAIGNS_VIEW,))).browser
    shown = await reader.get(page)
    assert rounds(shown)[:2] == [("Primary", "No answer")] * 2
    given = {"has.sample": "1", "sample.0.outcome": "ANSWER", "sample.1.type": "none"}
    part = await reader.post(f"{page}/preview", data=given, headers=HTMX)
    assert rounds(part) == [("Primary", "Answered")]


async def test_hostile_samples_are_read_as_none(browser: Visitor, page: str) -> None:
    given = {"has.sample": "1", "sample.1.type": "type_0", "sample.0.outcome": "<b>"}
    part = await browser.post(f"{page}/preview", data=given, headers=HTMX)
    assert part.status_code == 200
    assert {name for name, _ in rounds(part)} == {"Primary"}


async def test_a_day_of_calls_is_drawn_with_its_closed_hours(
    browser: Visitor, centre: Centre, page: str
) -> None:
    """Section 6 row 6: what falls into the night waits for the morning."""
    key = page.split("/")[2].removeprefix("campaign_")
    await centre.rows(
        "UPDATE campaigns SET window_from = '08:00', window_to = '20:00', timezone = 'Asia/Tokyo' "
        "WHERE id = $1",
        int(key),
    )
    given = fields(await browser.get(page)) | {"minutes.NO_ANSWER": "1440"}
    part = await browser.post(f"{page}/preview", data=given, headers=HTMX)
    assert part.text.count('<rect class="open"') == 3
    assert "Times in Asia/Tokyo" in text_of(part)
