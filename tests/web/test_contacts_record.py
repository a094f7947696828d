# SPDX-License-Identifier: Apache-2.0
"""A contact's record tab by tab, its history with notes, and the form in parts (C-03 to C-09)."""

import re

import pytest

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Permission, Role
from tests.services.dialer.centre import Centre
from tests.web.visiting import Person, SignIn, text_of

A, B, C = (f"+39061234500{digit}" for digit in range(3))
TABS = ("", "/numbers", "/content", "/history", "/details", "/calls")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


async def called(centre: Centre, *, photo: str = "") -> tuple[int, int]:
    """A contact with three numbers, the last set aside, that nobody answered once; its campaign."""
    office = await centre.item_type("Office", 1)
    contact = await centre.contact(A, (B, office), (C, None))
    await centre.rows(
        "UPDATE contacts SET first_name = 'Ada', photo_url = $1, time_zone = 'Asia/Tokyo'", photo
    )
    await centre.rows("UPDATE additional_phones SET state = 'BLOCKED' WHERE number = $1", C)
    campaign = await centre.loaded(contact, name="spring")
    await centre.report(await centre.claim_one(campaign), CallStatus.BUSY)
    return contact, campaign


def fields(page: str) -> dict[str, list[str]]:
    """What a browser would send of the page's form of a contact."""
    form = re.search(r'<form[^>]*action="/contacts/[^"]*".*?</form>', page, flags=re.S)
    assert form is not None
    text = re.sub(r"<template.*?</template>", "", form[0], flags=re.S)
    found: dict[str, list[str]] = {}
    for tag in re.finditer(r"<(input|select|textarea)\b([^>]*)>(.*?)(?=<(?:input|/select))?", text):
        name = re.search(r'name="([^"]+)"', tag[2])
        value = re.search(r'value="([^"]*)"', tag[2])
        if name and tag[1] == "input" and "checkbox" not in tag[2]:
            found.setdefault(name[1], []).append(value[1] if value else "")
    for select in re.finditer(r'<select[^>]*name="([^"]+)".*?</select>', text, flags=re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', select[0])
        found.setdefault(select[1], []).append(chosen[1] if chosen else "")
    return found


async def test_every_tab_is_a_link_and_shows_the_same_strip(
    admin: Person, centre: Centre
) -> None:  # C-05
    contact, _ = await called(centre)
    base = f"/contacts/contact_{contact}"
    for tab in TABS:
        page = await admin.browser.get(base + tab)
        assert page.status_code == 200, tab
        tabs = re.search(r'<nav class="tabs".*?</nav>', page.text, flags=re.S)
        assert tabs is not None
        assert re.findall(r'href="([^"]+)"', tabs[0]) == [base + one for one in TABS]
        assert re.findall(r'href="([^"]+)" aria-current="page"', tabs[0]) == [base + tab]
        strip = text_of(page)
        assert "Record state Postponed Next call" in strip, tab


async def test_the_numbers_stand_in_dial_order_with_state_and_failures(
    admin: Person, centre: Centre
) -> None:  # C-08
    contact, _ = await called(centre)
    page = await admin.browser.get(f"/contacts/contact_{contact}/numbers")
    told = text_of(page)
    assert "06 1234 5000 Primary 1 Available – spring: 1 × Busy" in told
    assert "06 1234 5001 Office 2 Available – –" in told
    assert "06 1234 5002 – Blocked – –" in told
    # What is not dialed stands behind, wherever the numbers are listed.
    await centre.rows("UPDATE additional_phones SET state = 'INACTIVE' WHERE number = $1", B)
    await centre.rows("UPDATE additional_phones SET state = 'AVAILABLE' WHERE number = $1", C)
    told = text_of(await admin.browser.get(f"/contacts/contact_{contact}"))
    assert "06 1234 5002 No type 06 1234 5001 Office Inactive" in told


async def test_the_details_name_the_status_in_each_campaign(
    admin: Person, centre: Centre
) -> None:  # C-05, C-09
    contact, _ = await called(centre)
    other = await centre.loaded(contact, name="autumn")
    await centre.report(await centre.claim_one(other), CallStatus.ANSWER)
    told = text_of(await admin.browser.get(f"/contacts/contact_{contact}/details"))
    assert re.search(r"spring Postponed Waits for the next number .*06 1234 5001 1", told)
    assert "autumn Closed Reached – – 1" in told
    assert re.search(r"Time there now \d\d:\d\d", told)
    assert "Added" in told
    assert "Last agent –" in told


async def test_the_history_shows_fifty_and_loads_more(admin: Person, centre: Centre) -> None:
    """C-07."""
    contact, campaign = await called(centre)
    await centre.rows(
        "INSERT INTO call_attempts (campaign_id, contact_id, entry_id, round, position, number, "
        "status, started_at, ended_at, policy_version, disposition) "
        "SELECT $1, $2, 1, n, 0, $3, 'NO_ANSWER', now(), now(), 1, 'call ' || n || '.' "
        "FROM generate_series(1, 50) n",
        campaign,
        contact,
        A,
    )
    url = f"/contacts/contact_{contact}/history"
    page = await admin.browser.get(url)
    assert page.text.count('<li class="call"') == 50
    assert "call 50." in page.text
    assert "call 1." in page.text
    more = re.search(r'href="(/contacts/[^"]+after=[^"]+)"', page.text)
    assert more is not None
    older = more[1].replace("&amp;", "&")
    part = await admin.browser.get(older, headers=HTMX)
    assert "<html" not in part.text
    assert part.text.count('<li class="call"') == 1
    assert "Busy" in text_of(part)
    whole = await admin.browser.get(older)  # without scripts it is a page of its own
    assert "<html" in whole.text
    assert whole.text.count('<li class="call"') == 1


async def test_a_call_is_noted_in_its_place_and_by_a_page(admin: Person, centre: Centre) -> None:
    """C-07: business tags and comment."""
    contact, _ = await called(centre)
    base = f"/contacts/contact_{contact}"
    attempt = await centre.value("SELECT id FROM call_attempts")
    url = f"{base}/calls/attempt_{attempt}/notes"
    given = {"comment": "Call after six", "tags": "Call back, complaint"}
    part = await admin.browser.post(url, data=given, headers=HTMX)
    assert part.status_code == 200
    assert part.text.strip().startswith(f'<li class="call" id="attempt_{attempt}"')
    assert "Call back complaint Call after six" in text_of(part)
    answer = await admin.browser.send_form(url, comment="Once more", tags="")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"{base}/history#attempt_{attempt}",
    )
    told = text_of(await admin.browser.get(f"{base}/history"))
    assert told.index("Call after six") < told.index("Once more")
    refused = await admin.browser.post(url, data={"comment": "", "tags": ""}, headers=HTMX)
    assert refused.status_code == 422
    assert "This cannot be blank" in refused.text
    refused = await admin.browser.send_form(url, comment="x" * 2001, tags="kept")
    assert refused.status_code == 422
    assert 'value="kept"' in refused.text


async def test_a_page_may_load_the_photo_of_its_contact_and_no_other(
    admin: Person, centre: Centre
) -> None:  # C-05
    contact, _ = await called(centre, photo="https://photos.example.com/ada.jpg?x=1")
    for path in (f"/contacts/contact_{contact}/details", f"/desk?contact=contact_{contact}"):
        page = await admin.browser.get(path)
        assert 'src="https://photos.example.com/ada.jpg?x=1"' in page.text
        assert 'referrerpolicy="no-referrer"' in page.text
        policy = page.headers["content-security-policy"]
        assert "img-src 'self' data: https://photos.example.com;" in policy
    page = await admin.browser.get("/contacts")
    assert "img-src 'self' data:;" in page.headers["content-security-policy"]


async def test_the_form_opens_the_part_with_the_first_fault(
    admin: Person, centre: Centre
) -> None:
    contact, _ = await called(centre)
    url = f"/contacts/contact_{contact}"
    form = (await admin.browser.get(f"{url}/edit")).text
    assert 'id="form-general" aria-label="General" data-current' in form
    given = fields(form)
    wrong = given | {"phone": ["12"], "company": ["kept"]}
    page = await admin.browser.post(url, data=wrong)
    assert page.status_code == 422
    assert 'id="form-numbers" aria-label="Phone numbers" data-current' in page.text
    assert re.search(r'<input id="field-phone"[^>]*aria-invalid="true"[^>]*autofocus', page.text)
    assert 'value="kept"' in page.text
    # The first in the order of the form, however the server found them.
    wrong |= {"photoUrl": ["http://example.com/a.jpg"]}
    page = await admin.browser.post(url, data=wrong)
    assert 'id="form-general" aria-label="General" data-current' in page.text
    assert page.text.count("autofocus") == 1
    assert await centre.rows("SELECT company, version FROM contacts") == [("", 1)]


async def test_an_edit_saves_every_part_at_once(admin: Person, centre: Centre) -> None:  # C-05
    contact, _ = await called(centre)
    url = f"/contacts/contact_{contact}"
    given = fields((await admin.browser.get(f"{url}/edit?tab=numbers&next={url}/numbers")).text)
    given |= {
        "tags": ["VIP, late payer"],
        "timeZone": ["Europe/Rome"],
        "language": ["it"],
        "photoUrl": ["https://example.com/a.jpg"],
        "phoneState": ["EXCLUDED"],
        "additionalPhones.number": ["06 1234 5009", "06 1234 5002"],
    }
    answer = await admin.browser.post(url, data=given)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{url}/numbers")
    assert await centre.rows(
        "SELECT phone_state, time_zone, language, photo_url, version FROM contacts"
    ) == [("EXCLUDED", "Europe/Rome", "it", "https://example.com/a.jpg", 2)]
    # A changed number is available, an untouched one as it was (C-06).
    assert await centre.rows("SELECT number, state FROM additional_phones ORDER BY position") == [
        ("+390612345009", "AVAILABLE"),
        (C, "BLOCKED"),
    ]
    assert await centre.rows("SELECT name FROM tags ORDER BY 1") == [("VIP",), ("late payer",)]


async def test_a_state_that_was_chosen_outlasts_a_refusal(admin: Person, centre: Centre) -> None:
    """C-06: the form that comes back still says that it was chosen."""
    contact, _ = await called(centre)
    url = f"/contacts/contact_{contact}"
    given = fields((await admin.browser.get(f"{url}/edit")).text)
    given["additionalPhones.number"] = ["06 1234 5009", "06 1234 5002"]
    given["additionalPhones.state"] = ["INACTIVE", "BLOCKED"]
    page = await admin.browser.post(url, data=given | {"firstName": [""]})
    assert page.status_code == 422
    again = fields(page.text)
    assert again["additionalPhones.state"][:2] == ["INACTIVE", "BLOCKED"]
    await admin.browser.post(url, data=again | {"firstName": ["Ada"]})
    assert await centre.rows("SELECT number, state FROM additional_phones ORDER BY position") == [
        ("+390612345009", "INACTIVE"),
        (C, "BLOCKED"),
    ]


async def test_a_new_contact_of_a_campaign_has_a_record_there(
    admin: Person, centre: Centre
) -> None:  # C-03
    await centre.item_type("Office", 1)
    campaign = await centre.loaded(await centre.contact(B), name="spring")
    page = await admin.browser.get(f"/contacts/new?campaign=campaign_{campaign}")
    given = fields(page.text.replace('action="/contacts"', 'action="/contacts/"'))
    assert given["campaignId"] == [f"campaign_{campaign}"]
    answer = await admin.browser.post(
        "/contacts", data=given | {"firstName": ["Bruno"], "phone": [A]}
    )
    page = await admin.browser.get(answer.headers["location"])
    assert "Bruno was created." in text_of(page)
    assert "Record state Remaining" in text_of(page)
    # One whose number the campaign knows is made, and it is said that nobody will call it.
    answer = await admin.browser.post(
        "/contacts", data=given | {"firstName": ["Carla"], "phone": [A]}
    )
    told = text_of(await admin.browser.get(answer.headers["location"]))
    assert "The campaign knows the number already" in told
    assert "Record state In no campaign" in told


async def test_who_may_see_no_campaigns_has_the_record_without_them(
    signed_in: SignIn, centre: Centre
) -> None:
    contact, _ = await called(centre)
    clerk = await signed_in(Role.SUPERVISOR, (Permission.CONTACTS_VIEW, Permission.CONTACTS_EDIT))
    base = f"/contacts/contact_{contact}"
    for tab in ("", "/numbers", "/content", "/details", "/edit"):
        page = await clerk.browser.get(base + tab)
        assert page.status_code == 200, tab
        assert "spring" not in page.text
        assert "/history" not in page.text
    for tab in ("/history", "/calls"):
        assert (await clerk.browser.get(base + tab)).status_code == 403


async def test_an_agent_has_the_same_form_and_tabs(signed_in: SignIn, centre: Centre) -> None:
    """X-16, X-17: one template for everybody."""
    contact, campaign = await called(centre)
    names = []
    for role in (Role.ADMIN, Role.SUPERVISOR, Role.AGENT):
        who = await signed_in(role, tuple(Permission))
        if role is Role.AGENT:
            await centre.rows(
                "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)",
                campaign,
                who.account.user_id,
            )
        page = await who.browser.get(f"/contacts/contact_{contact}/edit")
        assert page.status_code == 200, role
        names.append([name for name in fields(page.text) if name != "listIds"])
    assert names[0] == names[1] == names[2]
    assert names[0].index("photoUrl") < names[0].index("phone")


async def test_what_is_set_aside_does_not_count_in_the_hopper(
    admin: Person, centre: Centre
) -> None:  # C-08
    contact, campaign = await called(centre)
    await centre.rows(
        "UPDATE hopper_phones SET is_available = false, position = 2 WHERE number = $1", A
    )
    await centre.rows("UPDATE hopper_phones SET position = 0 WHERE number = $1", B)
    await centre.rows("UPDATE hopper_entries SET current_position = 0, current_number = $1", B)
    page = await admin.browser.get(f"/contacts/contact_{contact}/calls")
    assert "06 1234 5001 Office 1 of 1" in text_of(page)
    page = await admin.browser.get(f"/campaigns/campaign_{campaign}/hopper")
    assert " of 2" not in text_of(page)
