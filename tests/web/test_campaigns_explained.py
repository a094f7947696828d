# SPDX-License-Identifier: Apache-2.0
"""“Why not now?”: of a hopper row, and of a contact in any campaign."""

import pytest

from server.database import Database
from server.domain.permissions import Permission, Role
from tests.services.dialer.centre import Centre
from tests.web.visiting import SignIn, Visitor, text_of

A, B = "+390612345000", "+390612345001"


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


@pytest.fixture
async def browser(signed_in: SignIn) -> Visitor:
    return (await signed_in()).browser


async def test_the_hopper_tells_of_each_contact_why_it_waits(
    browser: Visitor, centre: Centre
) -> None:
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact, name="spring", policies=["PL_CONSENT"])
    url = f"/campaigns/campaign_{campaign}/contacts/contact_{contact}/explanation"
    assert f'href="{url}"' in (await browser.get(f"/campaigns/campaign_{campaign}/hopper")).text
    page = await browser.get(f"{url}?at=2027-01-04T10:00")
    text = text_of(page)
    assert "Not now: Consent. Time alone does not change that." in text
    assert "Next number: 06 1234 5000 " in text
    assert " 1 of 2, round 1 " in text
    assert "Not passed: Consent Poland: prior consent No consent is recorded for this." in text
    assert "Prawo komunikacji elektronicznej" in text
    assert text.index("No consent is recorded") < text.index("The campaign runs.")
    drawer = await browser.get(url, headers={"hx-request": "true", "hx-target": "drawer-body"})
    assert "<html" not in drawer.text
    assert 'id="drawer-title"' in drawer.text


async def test_another_moment_is_asked_about_in_the_campaigns_zone(
    browser: Visitor, centre: Centre
) -> None:
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, policies=["CALLING_HOURS"], timezone="Europe/Rome")
    url = f"/campaigns/campaign_{campaign}/contacts/contact_{contact}/explanation"
    assert "May be called now." in text_of(await browser.get(f"{url}?at=2027-01-04T20:59"))
    late = text_of(await browser.get(f"{url}?at=2027-01-04T21:00"))
    assert "Not now: Calling hours." in late
    assert "It is Mon 21:00 in Europe/Rome" in late
    assert (await browser.get(f"{url}?at=nonsense")).status_code == 200


async def test_a_contact_says_in_a_line_why_it_waits_and_asks_of_other_campaigns(
    browser: Visitor, centre: Centre
) -> None:
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, name="spring", state="PAUSED")
    other = await centre.campaign(name="autumn")
    page = await browser.get(f"/contacts/contact_{contact}/calls")
    assert "Not now: State of the campaign. Time alone does not change that." in text_of(page)
    assert f"/campaigns/campaign_{campaign}/contacts/contact_{contact}/explanation" in page.text
    choice = await browser.get(f"/contacts/contact_{contact}/explanation")
    assert "autumn" in text_of(choice)
    chosen = await browser.get(f"/contacts/contact_{contact}/explanation?campaign=campaign_{other}")
    assert chosen.status_code == 303
    text = text_of(await browser.get(chosen.headers["location"]))
    assert "Not called: never loaded into this campaign." in text
    assert "Never loaded: on no list that the campaign calls." in text


async def test_what_is_not_to_be_seen_is_missing(
    browser: Visitor, signed_in: SignIn, centre: Centre
) -> None:
    """X-09, X-17."""
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact)
    url = f"/campaigns/campaign_{campaign}/contacts/contact_{contact}/explanation"
    for path in (url.replace("contact_", "contact_9"), url.replace("campaign_", "campaign_9")):
        assert (await browser.get(path)).status_code == 404
    rights = (Permission.CAMPAIGNS_VIEW, Permission.CONTACTS_VIEW)
    agent = (await signed_in(Role.AGENT, rights)).browser
    assert (await agent.get(url)).status_code == 404
    nobody = (await signed_in(Role.SUPERVISOR, ())).browser
    assert (await nobody.get(url)).status_code == 403
    assert (await nobody.get(f"/contacts/contact_{contact}/explanation")).status_code == 403
