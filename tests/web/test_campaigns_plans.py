# SPDX-License-Identifier: Apache-2.0
"""The coming calls of a contact, from the hopper: what was dialed solid, what comes outlined."""

import re

import pytest

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Permission, Role
from tests.services.dialer.centre import Centre, minutes
from tests.web.visiting import SignIn, Visitor, text_of

A, B = "+390612345000", "+390612345001"


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


@pytest.fixture
async def browser(signed_in: SignIn) -> Visitor:
    return (await signed_in()).browser


async def test_the_hopper_opens_the_coming_calls_of_each_contact(
    browser: Visitor, centre: Centre
) -> None:
    """X-33: one call made, and those that follow if nobody answers, until the end."""
    contact = await centre.contact(A, (B, await centre.item_type("Office", 1)))
    campaign = await centre.loaded(contact, name="spring")
    await centre.report(await centre.claim_one(campaign), CallStatus.BUSY, minutes(1))
    url = f"/campaigns/campaign_{campaign}/contacts/contact_{contact}/plan"
    hopper = await browser.get(f"/campaigns/campaign_{campaign}/hopper")
    assert f'href="{url}"' in hopper.text
    page = await browser.get(url)
    items = re.findall(r'<li class="(coming|past) .*?</li>', page.text, re.S)
    assert items == ["past"] + ["coming"] * 5
    text = text_of(page)
    assert "Retries used up after 6 calls" in text
    assert "06 1234 5001 Office 2 of 2" in text
    drawer = await browser.get(url, headers={"hx-request": "true", "hx-target": "drawer-body"})
    assert "<html" not in drawer.text
    assert 'id="drawer-title"' in drawer.text


async def test_another_result_may_be_thought_of(browser: Visitor, centre: Centre) -> None:
    contact = await centre.contact(A)
    campaign = await centre.campaign()
    url = f"/campaigns/campaign_{campaign}/contacts/contact_{contact}/plan"
    page = await browser.get(f"{url}?outcome=ANSWER")
    assert "Reached after 1 call" in text_of(page)
    assert "Not open here: as if it were loaded now." in text_of(page)
    assert "after 3 calls" in text_of(await browser.get(f"{url}?outcome=nonsense"))


async def test_what_is_not_to_be_seen_is_missing(
    browser: Visitor, signed_in: SignIn, centre: Centre
) -> None:
    """X-09, X-17."""
    contact, campaign = await centre.contact(A), await centre.campaign()
    url = f"/campaigns/campaign_{campaign}/contacts/contact_{contact}/plan"
    for path in (url.replace("contact_", "contact_9"), url.replace("campaign_", "campaign_9")):
        assert (await browser.get(path)).status_code == 404
    rights = (Permission.CAMPAIGNS_VIEW, Permission.CONTACTS_VIEW)
    agent = (await signed_in(Role.AGENT, rights)).browser
    assert (await agent.get(url)).status_code == 404
    nobody = (await signed_in(Role.SUPERVISOR, ())).browser
    assert (await nobody.get(url)).status_code == 403
