# SPDX-License-Identifier: Apache-2.0
"""The home page of those who lead campaigns, and the other one of agents."""

import re

import pytest

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Permission, Role
from tests.services.dialer.centre import Centre, minutes
from tests.web.visiting import SignIn, text_of

AGENTS = (Permission.CONTACTS_VIEW, Permission.LISTS_VIEW, Permission.CAMPAIGNS_VIEW)


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


async def test_home_shows_what_runs_first_with_hopper_outcomes_and_closed_contacts(
    signed_in: SignIn, centre: Centre
) -> None:
    contacts = [await centre.contact(f"+39061234500{place}") for place in range(3)]
    campaign = await centre.loaded(*contacts, name="spring")
    await centre.campaign(name="autumn", state="DRAFT")
    first, second, _ = await centre.claim(campaign)
    await centre.report(first, CallStatus.ANSWER, minutes(1))
    await centre.report(second, CallStatus.BUSY, minutes(2))
    for role, rights in ((Role.ADMIN, None), (Role.SUPERVISOR, (Permission.CAMPAIGNS_VIEW,))):
        browser = (await signed_in(role, rights)).browser
        page = await browser.get("/")
        text = text_of(page)
        assert "spring Running In the hopper 2 Closed 1 Calls 2 Answered 50%" in text
        assert "1 of 3 contacts closed, 33%" in text
        assert "Waits for a retry 1 Dialing 1" in text
        assert "Answered 1 Busy 1" in text
        assert "Closed contacts Reached 1" in text
        assert text.index("spring") < text.index("autumn")
        assert "Not calling" in text
    # Each plot holds its own table, and they tell of the same minutes.
    plots = re.findall(r'<figure class="plot" id="([^"]+)"', page.text)
    assert plots == [f"calls-campaign_{campaign}", f"closings-campaign_{campaign}"]
    [calls, closings] = re.findall(r'type="application/json" id="[^"]+">(.*?)</script>', page.text)
    assert '"values": [1, 0]' in calls
    assert '"values": [0, 1]' in calls
    assert '"values": [1]' in closings


async def test_further_campaigns_are_shown_short(signed_in: SignIn, centre: Centre) -> None:
    for place in range(4):
        contact = await centre.contact(f"+39061234500{place}")
        campaign = await centre.loaded(contact, name=f"campaign-{place}")
        await centre.report(await centre.claim_one(campaign), CallStatus.ANSWER)
    page = await (await signed_in()).browser.get("/")
    assert re.findall(r"campaign-\d", text_of(page)) == [f"campaign-{n}" for n in (3, 2, 1, 0)]
    assert page.text.count('class="figures"') == 4
    assert page.text.count("data-plot=") == 4  # two each of the two newest


async def test_a_new_centre_is_led_to_its_first_campaign(signed_in: SignIn) -> None:
    page = await (await signed_in()).browser.get("/")
    assert "No campaigns yet" in text_of(page)
    assert 'href="/campaigns/new"' in page.text
    reader = (await signed_in(Role.SUPERVISOR, (Permission.CAMPAIGNS_VIEW,))).browser
    assert 'href="/campaigns/new"' not in (await reader.get("/")).text


async def test_who_may_see_nothing_is_told_whom_to_ask(signed_in: SignIn) -> None:
    for role in (Role.SUPERVISOR, Role.AGENT):
        page = await (await signed_in(role, ())).browser.get("/")
        assert page.status_code == 200
        assert "Ask your administrator for a profile." in text_of(page)


async def test_an_agent_has_their_own_campaigns_lists_and_contacts(
    signed_in: SignIn, centre: Centre
) -> None:
    """X-17."""
    agent = await signed_in(Role.AGENT, AGENTS)
    ada, bruno = await centre.contact("+390612345000"), await centre.contact("+390612345010")
    for key, name in ((ada, "Ada"), (bruno, "Bruno")):
        await centre.rows("UPDATE contacts SET first_name = $1 WHERE id = $2", name, key)
    mine, other = await centre.list_of(ada), await centre.list_of(bruno)
    for key, name in ((mine, "mine"), (other, "other")):
        await centre.rows("UPDATE contact_lists SET name = $1 WHERE id = $2", name, key)
    shown = await centre.campaign(name="assigned")
    await centre.campaign(name="unassigned")
    user = agent.account.user_id
    await centre.rows("INSERT INTO list_agents (list_id, user_id) VALUES ($1, $2)", mine, user)
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)", shown, user
    )
    text = text_of(await agent.browser.get("/"))
    assert "Your campaigns assigned Running" in text
    assert "mine 1 contact" in text
    assert "Ada 06 1234 5000 0" in text
    for hidden in ("unassigned", "Bruno", "other"):
        assert hidden not in text


async def test_an_agents_page_has_what_their_profile_opens(
    signed_in: SignIn, centre: Centre
) -> None:
    """X-09."""
    agent = (await signed_in(Role.AGENT, (Permission.LISTS_VIEW,))).browser
    text = text_of(await agent.get("/"))
    assert "No list is assigned to you." in text
    for hidden in ("Your campaigns", "Your newest contacts"):
        assert hidden not in text
    assert (await agent.get("/live")).status_code == 403
