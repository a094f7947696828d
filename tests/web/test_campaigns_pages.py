# SPDX-License-Identifier: Apache-2.0
"""The pages of campaigns: list, form, settings, states, deletion (X-37)."""

import re
from typing import Any

import httpx
import pytest

from server.database import Database
from server.domain.permissions import Permission, Role
from tests.services.dialer.centre import Centre
from tests.web.visiting import Person, SignIn, Visitor, text_of

BLANK = "This cannot be blank. Fill it in."
STATUSES = ("CONGESTION", "BUSY", "NO_ANSWER", "NO_SUCH_NUMBER", "DROP", "ABANDONED", "MACHINE")
STATUSES += ("AGENT_REJECT",)
VIEW = (Permission.CAMPAIGNS_VIEW,)


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
def browser(admin: Person) -> Visitor:
    return admin.browser


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


def box(page: httpx.Response, name: str) -> str:
    """What the field of that name holds."""
    found = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*>', page.text)
    assert found, name
    value = re.search(r'value="([^"]*)"', found[0])
    return value[1] if value else ""


def ticked(page: httpx.Response, name: str) -> list[str]:
    boxes = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page.text)
    return [re.search(r'value="([^"]*)"', one)[1] for one in boxes if " checked" in one]  # type: ignore[index]


def chosen(page: httpx.Response, name: str) -> str:
    menu = re.search(rf'<select[^>]*name="{re.escape(name)}".*?</select>', page.text, re.S)
    assert menu, name
    option = re.search(r'<option value="([^"]*)" selected', menu[0])
    return option[1] if option else ""


def wrong(page: httpx.Response) -> dict[str, str]:
    """The words under each field, by the id they are said to belong to."""
    found = re.findall(
        r'<p class="field-error" id="([^"]+)">(?:<svg.*?</svg>)?(.*?)</p>', page.text
    )
    return {name.removeprefix("field-").removesuffix("-error"): text for name, text in found}


async def settings_of(browser: Visitor, campaign: int) -> Any:
    query = (
        "query($id: ID!) { campaign(id: $id) { name simultaneousLines additionalPhonesAfter "
        "windowFrom windowTo windowDays timezone endsAt maxAttemptsPerContact version "
        "retrySettings { max minutes afterStatus } agents { id } } }"
    )
    return (await browser.graphql(query, id=f"campaign_{campaign}"))["data"]["campaign"]


async def test_a_campaign_is_made_with_its_retry_settings_and_list(
    browser: Visitor, centre: Centre
) -> None:
    """X-37: “Call additional phone after” and the eight rows come as they were typed."""
    spring = await centre.list_of(await centre.contact("+390612345000"), await centre.contact(None))
    page = await browser.get("/campaigns/new")
    assert (box(page, "additionalPhonesAfter"), box(page, "max.BUSY")) == ("1", "3")
    assert ticked(page, "windowDays") == ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
    form: dict[str, object] = {f"max.{status}": "2" for status in STATUSES}
    form |= {f"minutes.{status}": "15" for status in STATUSES}
    form |= {
        "name": "Spring offers",
        "simultaneousLines": "5",
        "additionalPhonesAfter": "7",
        "globalMaxRetry": "6",
        "maxAttemptsPerContact": "",
        "after.BUSY": "RETRY_SAME",
        "has.listIds": "1",
        "listIds": f"list_{spring}",
        "has.windowDays": "1",
        "windowDays": ["MON", "FRI"],
        "windowFrom": "08:30",
        "windowTo": "20:00",
        "timezone": "Europe/Rome",
        "endsAt": "2027-07-01T18:00",
    }
    answer = await browser.send_form("/campaigns", **form)
    assert answer.status_code == 303
    page = await browser.get(answer.headers["location"])
    assert "1 contact loaded, 1 without a number." in text_of(page)
    key = int(answer.headers["location"].removeprefix("/campaigns/campaign_"))
    found = await settings_of(browser, key)
    assert found == {
        "name": "Spring offers",
        "simultaneousLines": 5,
        "additionalPhonesAfter": 7,
        "windowFrom": "08:30:00",
        "windowTo": "20:00:00",
        "windowDays": ["MON", "FRI"],
        "timezone": "Europe/Rome",
        "endsAt": "2027-07-01T16:00:00Z",
        "maxAttemptsPerContact": None,
        "version": 1,
        "agents": [],
        "retrySettings": [
            {
                "max": 2,
                "minutes": 15,
                "afterStatus": "RETRY_SAME" if status == "BUSY" else "ADVANCE",
            }
            for status in STATUSES
        ],
    }


async def test_every_refused_field_says_its_own_words_and_keeps_what_was_typed(
    browser: Visitor, centre: Centre
) -> None:
    form: dict[str, object] = {f"max.{status}": "3" for status in STATUSES}
    form |= {f"minutes.{status}": "150" for status in STATUSES}
    form |= {
        "name": "",
        "simultaneousLines": "many",
        "globalMaxRetry": "",
        "additionalPhonesAfter": "-1",
        "maxAttemptsPerContact": "0",
        "originateTimeout": "4",
        "clockRate": "4000",
        "max.BUSY": "101",
        "minutes.MACHINE": "soon",
        "minutes.DROP": "",
        "windowFrom": "08:00",
        "windowTo": "",
        "timezone": "Europe/Rome",
        "endsAt": "some day",
        "has.listIds": "1",
        "listIds": "list_0",
    }
    page = await browser.send_form("/campaigns", **form)
    assert page.status_code == 422
    within = "This must be between {} and {}.".format
    assert wrong(page) == {
        "name": BLANK,
        "simultaneousLines": within(1, 10000),
        "globalMaxRetry": BLANK,
        "additionalPhonesAfter": within(0, 525600),
        "maxAttemptsPerContact": within(1, 32767),
        "originateTimeout": within(5, 120),
        "clockRate": within(1, 3600),
        "wrong-max-BUSY": within(0, 100),
        "wrong-minutes-MACHINE": within(0, 525600),
        "wrong-minutes-DROP": BLANK,
        "windowTo": BLANK,
        "endsAt": "This does not fit here. Give a date and time such as 2027-01-31 18:00.",
    }
    for name in ("simultaneousLines", "max.BUSY", "minutes.MACHINE", "minutes.DROP", "endsAt"):
        assert box(page, name) == form[name], name
    assert (box(page, "windowFrom"), box(page, "additionalPhonesAfter")) == ("08:00", "-1")
    assert page.text.count("autofocus") == 1
    assert await centre.value("SELECT count(*) FROM campaigns") == 0


async def test_a_list_that_is_gone_is_refused_where_the_lists_are_ticked(
    browser: Visitor, centre: Centre
) -> None:
    await centre.list_of()
    page = await browser.send_form(
        "/campaigns", name="Spring", **{"has.listIds": 1, "listIds": "list_0"}
    )
    assert page.status_code == 422
    section = page.text.partition("Lists to call")[2].partition("</fieldset>")[0]
    assert "There is nothing here under that id" in section
    assert box(page, "name") == "Spring"
    assert await centre.value("SELECT count(*) FROM campaigns") == 0


async def test_settings_are_shown_in_the_campaigns_zone_and_saved(
    browser: Visitor, centre: Centre
) -> None:
    """New York's summer clock is four hours behind UTC; the reader's own zone says nothing here."""
    campaign = await centre.campaign(name="Spring")
    await centre.rows(
        "UPDATE campaigns SET timezone = 'America/New_York', ends_at = '2027-07-01T22:00Z', "
        "window_from = '08:05', window_to = '20:00', window_days = '{SAT}'"
    )
    path = f"/campaigns/campaign_{campaign}/settings"
    page = await browser.get(path)
    assert (box(page, "endsAt"), box(page, "windowFrom")) == ("2027-07-01T18:00", "08:05")
    assert (chosen(page, "timezone"), ticked(page, "windowDays")) == ("America/New_York", ["SAT"])
    answer = await browser.send_form(
        path,
        version=box(page, "version"),
        name="Summer",
        simultaneousLines="8",
        timezone="America/New_York",
        endsAt="2027-07-01T19:30",
        windowFrom="",
        windowTo="",
        **{"has.windowDays": "1", "windowDays": ["SAT", "SUN"]},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    found = await settings_of(browser, campaign)
    assert (found["name"], found["simultaneousLines"]) == ("Summer", 8)
    assert found["endsAt"] == "2027-07-01T23:30:00Z"
    # Without hours there are no days either: it may call at any time.
    assert (found["windowFrom"], found["windowTo"], found["windowDays"]) == (None, None, None)
    again = await browser.send_form(path, version="1", name="Autumn")
    assert again.status_code == 422
    assert "Somebody else changed this since you opened it." in text_of(again)
    assert box(again, "name") == "Autumn"
    assert (await settings_of(browser, campaign))["name"] == "Summer"


async def test_hours_without_a_day_are_refused_and_hours_that_are_none_too(
    browser: Visitor, centre: Centre
) -> None:
    path = f"/campaigns/campaign_{await centre.campaign()}/settings"
    hours = {"windowFrom": "08:00", "windowTo": "20:00", "has.windowDays": "1"}
    page = await browser.send_form(path, **hours)
    assert page.status_code == 422
    assert BLANK in page.text.partition("Days</legend>")[2].partition("</fieldset>")[0]
    page = await browser.send_form(path, **hours | {"windowFrom": "25:99", "windowDays": "MON"})
    assert wrong(page) == {"windowFrom": "This does not fit here. Give a time such as 08:30."}
    assert box(page, "windowFrom") == "25:99"


async def test_retry_settings_are_changed_by_themselves(browser: Visitor, centre: Centre) -> None:
    """X-37."""
    campaign = await centre.campaign(simultaneous_lines=9)
    path = f"/campaigns/campaign_{campaign}/retry-settings"
    page = await browser.get(path)
    assert (box(page, "max.BUSY"), box(page, "minutes.BUSY")) == ("3", "2")
    form = {f"max.{status}": "0" for status in STATUSES}
    form |= {f"minutes.{status}": "30" for status in STATUSES}
    answer = await browser.send_form(path, additionalPhonesAfter="0", globalMaxRetry="2", **form)
    assert answer.status_code == 303
    found = await settings_of(browser, campaign)
    assert (found["additionalPhonesAfter"], found["simultaneousLines"]) == (0, 9)
    assert {(row["max"], row["minutes"]) for row in found["retrySettings"]} == {(0, 30)}
    page = await browser.get(path)
    assert "at once" in text_of(page).partition("Next number after")[2][:20]


async def test_who_may_only_look_gets_fields_that_cannot_be_changed(
    signed_in: SignIn, centre: Centre
) -> None:
    campaign = await centre.campaign(name="Spring")
    reader = (await signed_in(Role.SUPERVISOR, VIEW)).browser
    base = f"/campaigns/campaign_{campaign}"
    for tab in ("settings", "retry-settings"):
        page = await reader.get(f"{base}/{tab}")
        assert page.status_code == 200
        assert '<fieldset class="whole" disabled>' in page.text
        assert "Your profile lets you see these settings, not change them." in text_of(page)
        assert 'data-shortcut="save"' not in page.text
    overview = await reader.get(base)
    for word in ("Pause", "Stop", "Delete"):
        assert f"{word}</button>" not in overview.text
        assert f"{word}</a>" not in overview.text
    for path in ("settings", "retry-settings", "pauses", "stops", "lists"):
        assert (await reader.send_form(f"{base}/{path}", name="Mine")).status_code == 403, path
    for path in ("deletion", "lists/list_1/reset", "lists/list_1/detachment"):
        assert (await reader.get(f"{base}/{path}")).status_code == 403, path
    assert (await reader.get("/campaigns/new")).status_code == 403
    found = await centre.rows("SELECT name, state FROM campaigns")
    assert found == [("Spring", "RUNNING")]


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("DRAFT", ["Start campaign"]),
        ("RUNNING", ["Stop", "Pause"]),
        ("PAUSED", ["Stop", "Resume"]),
        ("STOPPED", ["Start campaign"]),
        ("ENDED", ["Start campaign"]),
    ],
)
async def test_a_campaign_offers_what_its_state_allows(
    browser: Visitor, centre: Centre, state: str, buttons: list[str]
) -> None:
    campaign = await centre.campaign(state=state)
    page = await browser.get(f"/campaigns/campaign_{campaign}")
    head = page.text.partition('class="page-actions"')[2].partition("</header>")[0]
    found = re.findall(r"<button[^>]*>(?:<svg.*?</svg>)?(.*?)</button>", head)
    assert found == buttons
    assert ("Delete</a>" in head) == (state != "RUNNING")


async def test_a_campaign_is_started_paused_resumed_and_stopped(
    browser: Visitor, centre: Centre
) -> None:
    campaign = await centre.campaign(name="Spring", state="DRAFT")
    base = f"/campaigns/campaign_{campaign}"
    for path, state, words in (
        ("starts", "RUNNING", "Campaign “Spring” is running."),
        ("pauses", "PAUSED", "Campaign “Spring” is paused."),
        ("resumptions", "RUNNING", "Campaign “Spring” is running again."),
        ("stops", "STOPPED", "Campaign “Spring” is stopped."),
    ):
        answer = await browser.send_form(f"{base}/{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, base)
        assert words in text_of(await browser.get(base))
        assert await centre.rows("SELECT state FROM campaigns") == [(state,)]
    answer = await browser.send_form(f"{base}/pauses")
    assert "This cannot be done while it is “Stopped”." in text_of(await browser.get(base))
    await centre.rows("UPDATE campaigns SET ends_at = '2020-01-01'")
    answer = await browser.send_form(f"{base}/starts")
    assert answer.headers["location"] == f"{base}/settings"
    page = await browser.get(answer.headers["location"])
    assert "Its end has passed. Set another one first." in text_of(page)


async def test_deleting_names_what_goes(browser: Visitor, centre: Centre) -> None:
    contacts = [await centre.contact(f"+39061234500{place}") for place in range(3)]
    campaign = await centre.loaded(*contacts, name="Spring")
    call, *_ = await centre.claim(campaign, limit=1)
    await centre.report(call)
    await centre.rows("UPDATE campaigns SET state = 'STOPPED'")
    path = f"/campaigns/campaign_{campaign}/deletion"
    page = await browser.get(path)
    text = text_of(page)
    assert "Delete “Spring”?" in text
    assert "3 contacts open in its hopper 0 final results The contacts" in text
    assert 'name="confirm"' not in page.text
    answer = await browser.send_form(path)
    assert answer.headers["location"] == "/campaigns"
    assert "Campaign “Spring” was deleted." in text_of(await browser.get("/campaigns"))


async def test_the_name_is_typed_where_a_thousand_records_go(
    browser: Visitor, centre: Centre
) -> None:
    campaign = await centre.campaign(name="Spring (new)", state="STOPPED")
    await centre.rows(
        "INSERT INTO final_results (campaign_id, contact_id, entry_id, reason, total_attempts, "
        "closed_at) SELECT $1, n, n, 'REACHED', 1, now() FROM generate_series(1, 1000) n",
        campaign,
    )
    path = f"/campaigns/campaign_{campaign}/deletion"
    page = await browser.get(path)
    assert "1.000 final results" in text_of(page)
    assert "Type “Spring (new)” to confirm" in text_of(page)
    for typed in ("", "spring (new)"):
        answer = await browser.send_form(path, confirm=typed)
        assert answer.status_code == 422
        assert "Type the campaign's name as it stands here." in text_of(answer)
    assert await centre.value("SELECT count(*) FROM campaigns") == 1
    assert (await browser.send_form(path, confirm="Spring (new)")).status_code == 303
    assert await centre.value("SELECT count(*) FROM campaigns") == 0


async def test_the_list_is_searched_filtered_and_counted(browser: Visitor, centre: Centre) -> None:
    await centre.loaded(await centre.contact("+390612345000"), name="spring", state="PAUSED")
    await centre.campaign(name="autumn")
    page = await browser.get("/campaigns")
    rows = re.findall(r'<tr id="campaign_\d+">.*?</tr>', page.text, re.S)
    cells = [re.findall(r'<td class="num"[^>]*>(.*?)</td>', row) for row in rows]
    assert cells == [["0", "0", "0"], ["1", "0", "0"]]
    page = await browser.get("/campaigns?q=spr")
    assert ("spring</a>" in page.text, "autumn</a>" in page.text) == (True, False)
    page = await browser.get("/campaigns?state=PAUSED")
    assert "State: Paused" in page.text
    assert ("spring</a>" in page.text, "autumn</a>" in page.text) == (True, False)
    assert "No campaign is in this state" in text_of(await browser.get("/campaigns?state=ENDED"))
    assert (await browser.get("/campaigns?state=nonsense&sort=%00")).status_code == 200
    assert "Nothing matches “zz”" in text_of(await browser.get("/campaigns?q=zz"))


async def test_what_is_not_there_is_said_so(
    browser: Visitor, signed_in: SignIn, centre: Centre
) -> None:
    """X-17: an agent's campaigns are those assigned, the others are not there at all."""
    campaign = await centre.campaign()
    agent = (await signed_in(Role.AGENT, VIEW)).browser
    tabs = ("", "/settings", "/retry-settings", "/hopper", "/history", "/final", "/live")
    for who, key in ((browser, "campaign_0"), (browser, "list_1"), (agent, f"campaign_{campaign}")):
        for tab in tabs:
            assert (await who.get(f"/campaigns/{key}{tab}")).status_code == 404, tab
