# SPDX-License-Identifier: Apache-2.0
"""The agent's view: who calls, the contact beside the call, notes of it (X-20b, X-39, C-07)."""

import re

import pytest

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import AGENT_CEILING, Permission, Role
from tests.services.dialer.centre import Centre, minutes
from tests.web.visiting import Person, SignIn, text_of

A, B, C, D = (f"+39061234500{digit}" for digit in range(4))
HTMX = {"HX-Request": "true", "HX-Target": "div#desk-body"}


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


@pytest.fixture
async def agent(signed_in: SignIn) -> Person:
    return await signed_in(Role.AGENT, tuple(AGENT_CEILING))


async def give(centre: Centre, agent: Person, campaign: int) -> None:
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)",
        campaign,
        agent.account.user_id,
    )


async def person(centre: Centre, name: str, *numbers: str) -> int:
    contact = await centre.contact(numbers[0], *((number, None) for number in numbers[1:]))
    await centre.rows(
        "UPDATE contacts SET first_name = $2, name_key = lower($2), given_key = lower($2) "
        "WHERE id = $1",
        contact,
        name,
    )
    return contact


def names_of(page: str, until: str = "</form>") -> list[str]:
    """The fields of the contact's form in their order, and its parts."""
    form = page.partition("data-form-tabs")[2].partition(until)[0]
    form = re.sub(r"<template.*?</template>", "", form, flags=re.S)
    return re.findall(r'(?:name="|<section class="form-section" id=")([^"]+)"', form)


@pytest.mark.parametrize("number", ["06 1234 5001", "+390612345001", "0039 06 12345001"])
async def test_a_number_finds_the_caller_in_any_spelling(
    agent: Person, centre: Centre, number: str
) -> None:  # X-20b
    contact = await person(centre, "Ada", A, B)
    await give(centre, agent, await centre.loaded(contact))
    page = await agent.browser.get("/desk", params={"number": number})
    assert page.status_code == 200
    assert "<h1>Ada</h1>" in page.text
    assert f'name="next" value="/desk?contact=contact_{contact}"' in page.text


async def test_a_name_leads_to_those_who_are_called_so(agent: Person, centre: Centre) -> None:
    ada, adam = await person(centre, "Adalberta", A), await person(centre, "Adalgisa", B)
    await person(centre, "Adalina", C)  # out of the agent's sight
    await give(centre, agent, await centre.loaded(ada, adam))
    page = await agent.browser.get("/desk", params={"q": "adal"})
    found = re.findall(r'href="/desk\?contact=(contact_\d+)"', page.text)
    assert sorted(found) == sorted([f"contact_{ada}", f"contact_{adam}"])
    assert (await agent.browser.get("/desk?contact=contact_0")).status_code == 404


async def test_nobody_found_begins_a_new_contact_with_the_number(
    agent: Person, centre: Centre
) -> None:
    campaign = await centre.loaded(await person(centre, "Ada", A), name="spring")
    await give(centre, agent, campaign)
    page = await agent.browser.get("/desk?number=0699887766")
    assert "Nobody that you see has the number 06 9988 7766." in text_of(page)
    assert re.search(r'name="phone" type="tel" value="0699887766"', page.text)
    # The one campaign of an agent without lists is chosen: they would not see it otherwise.
    assert re.search(rf'<option value="campaign_{campaign}" selected', page.text)
    given = {"firstName": "Bruno", "phone": "0699887766", "priority": "2", "next": "/desk"}
    given["campaignId"] = f"campaign_{campaign}"
    answer = await agent.browser.send_form("/contacts", **given)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/desk?contact=contact_")
    page = await agent.browser.get(answer.headers["location"])
    assert "<h1>Bruno</h1>" in page.text
    assert "Record state Remaining" in text_of(page)


async def test_the_contact_tab_is_the_form_of_contact_management(
    agent: Person, signed_in: SignIn, centre: Centre
) -> None:
    """X-20b: the order of the fields and the position of the tabs and the phones are the same."""
    contact = await person(centre, "Ada", A, B, C)
    await give(centre, agent, await centre.loaded(contact))
    desk = (await agent.browser.get(f"/desk?contact=contact_{contact}")).text
    edit = (await agent.browser.get(f"/contacts/contact_{contact}/edit")).text
    assert names_of(desk) == names_of(edit)
    assert names_of(desk).count("additionalPhones.number") == 3  # two and a blank one
    assert names_of(desk).index("form-general") < names_of(desk).index("form-numbers")
    admin = await signed_in()
    managed = names_of((await admin.browser.get(f"/contacts/contact_{contact}/edit")).text)
    assert [name for name in managed if name != "listIds"] == names_of(desk)


async def test_the_call_that_is_up_says_which_number_it_is_and_what_comes_next(
    agent: Person, centre: Centre
) -> None:
    contact = await person(centre, "Ada", A, B, C)
    campaign = await centre.loaded(contact, name="spring")
    await give(centre, agent, campaign)
    page = await agent.browser.get(f"/desk?contact=contact_{contact}")
    assert "No call is up with this contact." in text_of(page)
    await centre.report(await centre.claim_one(campaign))
    await centre.claim_one(campaign, minutes(1))
    told = text_of(await agent.browser.get(f"/desk?contact=contact_{contact}"))
    assert "Dialing spring 06 1234 5001 2 of 3 What comes next" in told
    assert "06 1234 5002 3 of 3" in told
    told = text_of(await agent.browser.get("/desk"))
    assert "Calls that are up Ada 06 1234 5001 Dialing" in told


async def test_a_note_waits_for_the_result_and_then_belongs_to_the_last_call(
    agent: Person, centre: Centre
) -> None:  # C-07
    contact = await person(centre, "Ada", A)
    campaign = await centre.loaded(contact, name="spring")
    await give(centre, agent, campaign)
    given = {"contact": f"contact_{contact}", "comment": "Angry", "tags": "complaint"}
    page = await agent.browser.send_form("/desk/notes", **given)
    assert page.status_code == 422
    assert "There is no call to note yet." in page.text
    call = await centre.claim_one(campaign)
    part = await agent.browser.post("/desk/notes", data=given, headers={"HX-Request": "true"})
    assert part.status_code == 422
    assert "The call is still up." in part.text
    assert "Angry</textarea>" in part.text
    assert 'value="complaint"' in part.text
    await centre.report(call, CallStatus.BUSY)
    part = await agent.browser.post("/desk/notes", data=given, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "The note was saved." in part.text
    assert "Angry" not in part.text
    assert await centre.rows(
        "SELECT a.status, n.tags, n.comment FROM call_notes n JOIN call_attempts a "
        "ON a.id = n.attempt_id"
    ) == [("BUSY", ["complaint"], "Angry")]
    answer = await agent.browser.send_form("/desk/notes", **given)
    assert answer.headers["location"] == f"/desk?contact=contact_{contact}"
    told = text_of(await agent.browser.get(f"/desk?contact=contact_{contact}&tab=history"))
    assert told.count("Angry") == 2


async def test_a_fault_stays_in_the_panel_and_saving_comes_back_to_the_desk(
    agent: Person, centre: Centre
) -> None:
    contact = await person(centre, "Ada", A)
    await give(centre, agent, await centre.loaded(contact))
    back = f"/desk?contact=contact_{contact}"
    given = {"firstName": "", "phone": A, "priority": "2", "version": "1", "base": "{}"}
    given["next"] = back
    url = f"/contacts/contact_{contact}"
    part = await agent.browser.post(url, data=given, headers=HTMX)
    assert part.status_code == 422
    assert "<html" not in part.text
    assert 'data-hx-target="#desk-body"' in part.text
    answer = await agent.browser.post(url, data=given | {"firstName": "Bea"}, headers=HTMX)
    assert answer.headers["hx-redirect"] == back
    answer = await agent.browser.send_form(url, **given | {"firstName": "Zoe", "version": "2"})
    assert (answer.status_code, answer.headers["location"]) == (303, back)


async def test_who_may_only_look_has_no_form_and_no_note(
    signed_in: SignIn, centre: Centre
) -> None:
    contact = await person(centre, "Ada", A)
    await centre.loaded(contact)
    rights = (Permission.CONTACTS_VIEW, Permission.CAMPAIGNS_VIEW)
    reader = await signed_in(Role.SUPERVISOR, rights)
    page = await reader.browser.get(f"/desk?contact=contact_{contact}")
    assert page.status_code == 200
    assert "Save note" not in page.text
    assert "data-form-tabs" not in page.text
    refused = await reader.browser.send_form("/desk/notes", contact=f"contact_{contact}")
    assert refused.status_code == 403
    nobody = await signed_in(Role.SUPERVISOR, (Permission.LISTS_VIEW,))
    assert (await nobody.browser.get("/desk")).status_code == 403


async def test_an_agents_home_leads_to_the_desk(agent: Person) -> None:
    page = await agent.browser.get("/")
    assert re.search(r'class="button primary" href="/desk"', page.text)


@pytest.mark.parametrize("text", ["%", "\x00", "‮", "😀", "a" * 10_000, "__", "' OR 1=1"])
async def test_hostile_texts_find_nobody(agent: Person, text: str) -> None:
    page = await agent.browser.get("/desk", params={"q": text})
    assert page.status_code == 200
    assert "/desk?contact=" not in page.text
