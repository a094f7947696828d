# SPDX-License-Identifier: Apache-2.0
"""An agent at work on the pages: each step by a form (X-38, X-39, R-05 to R-07, C-22)."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import AGENT_CEILING, Permission, Role
from server.services import agents
from tests.services.dialer.centre import Centre
from tests.web.visiting import Person, SignIn, text_of

A, B, C = "+390612345000", "+390612345001", "+390612345002"
PREVIEW: dict[str, object] = {"kind": "QUEUE", "mode": "PREVIEW", "additional_phones_after": 0}
AUTO: dict[str, object] = {"kind": "QUEUE", "mode": "AGENT_FIRST", "dialway": "OPTIONAL"}


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    return Centre(database, tenant)


@pytest.fixture
async def agent(signed_in: SignIn) -> Person:
    return await signed_in(Role.AGENT, tuple(AGENT_CEILING))


async def campaign_of(centre: Centre, agent: Person, *contacts: int, **columns: object) -> int:
    """A campaign of the agent whose customers are due since yesterday."""
    campaign = await centre.campaign(**columns)
    await centre.attach(
        campaign, await centre.list_of(*contacts), datetime.now(UTC) - timedelta(days=1)
    )
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)",
        campaign,
        agent.account.user_id,
    )
    return campaign


async def press(agent: Person, step: str, **fields: object) -> str:
    """What the desk says after a step."""
    answer = await agent.browser.send_form(f"/desk/{step}", **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    return text_of(await agent.browser.get("/desk"))


async def talked(centre: Centre, campaign: int) -> None:
    """The worker places the call, the customer answers, and hangs up."""
    (order,) = await centre.within(lambda c: agents.take_orders(c, campaign))
    token = order.claimed.token
    await centre.within(lambda c: agents.agent_connected(c, token))
    await centre.report(order.claimed, CallStatus.ANSWER, datetime.now(UTC))
    attempt = await centre.value("SELECT max(id) FROM call_attempts")
    await centre.within(lambda c: agents.call_ended(c, token, attempt))


async def test_the_desk_takes_an_agent_from_start_to_leaving(agent: Person) -> None:
    assert "Start work F2" in text_of(await agent.browser.get("/desk"))
    said = await press(agent, "starts", endpoint="PJSIP/101")
    assert "Ready" in said
    assert "your telephone: PJSIP/101" in said
    said = await press(agent, "pauses", reason="Lunch")
    assert "Lunch" in said
    assert "Resume F8" in said
    assert "Ready" in await press(agent, "resumptions")
    assert "Start work F2" in await press(agent, "leaves")


async def test_the_preview_list_warns_that_the_strategy_chooses_the_number(
    agent: Person, centre: Centre
) -> None:
    """X-38: a message and no number picker."""
    await campaign_of(centre, agent, await centre.contact(A, (B, None), (C, None)), **PREVIEW)
    await agent.browser.send_form("/desk/starts")
    page = await agent.browser.get("/desk")
    said = text_of(page)
    assert (
        "Some contacts have additional phones: which number is dialed is chosen by the campaign's "
        "strategy, not by the agent." in said
    )
    assert "06 1234 5000 1 of 3" in said
    assert 'name="number"' not in page.text


async def test_the_list_does_not_warn_where_nobody_has_additional_phones(
    agent: Person, centre: Centre
) -> None:
    """X-38."""
    await campaign_of(centre, agent, await centre.contact(A), **PREVIEW)
    await agent.browser.send_form("/desk/starts")
    assert "additional phones" not in text_of(await agent.browser.get("/desk")).partition("Who")[0]


async def test_the_preview_names_exactly_the_number_that_is_dialed(
    agent: Person, centre: Centre
) -> None:
    """X-39: number, type, "2 of 3", why this one, what comes next."""
    office = await centre.item_type("Office", 1)
    contact = await centre.contact(A, (B, office), (C, None))
    campaign = await campaign_of(centre, agent, contact, **PREVIEW)
    past = datetime.now(UTC) - timedelta(hours=2)
    await centre.report(await centre.claim_one(campaign, past), at=past)
    await agent.browser.send_form("/desk/starts")
    said = await press(agent, "previews")
    assert "06 1234 5001 Office number 2 of 3" in said
    assert "Why this one now The number before it was not reached." in said
    assert "If nobody is reached 06 1234 5002 (3 of 3)" in said
    assert "This contact has 3 numbers. The campaign's strategy chooses" in said
    assert "Dial this number F2" in said
    assert "About to be dialed" in await press(agent, "dials")
    (order,) = await centre.within(lambda c: agents.take_orders(c, campaign))
    assert order.claimed.number == B
    await centre.within(lambda c: agents.agent_connected(c, order.claimed.token))
    talking = text_of(await agent.browser.get("/desk"))
    assert "Why this one now" in talking
    assert "If nobody is reached" not in talking


async def test_a_result_is_saved_after_the_call_and_the_agent_is_ready_again(
    agent: Person, centre: Centre
) -> None:
    campaign = await campaign_of(centre, agent, await centre.contact(A), **PREVIEW)
    await agent.browser.send_form("/desk/starts")
    await press(agent, "previews")
    await press(agent, "dials")
    await talked(centre, campaign)
    page = await agent.browser.get("/desk")
    assert "Wrap-up" in text_of(page)
    assert "disabled" not in page.text.partition("data-after-call")[2].partition(">")[0]
    answer = await agent.browser.send_form("/desk/results", comment="Wants a brochure", tags="warm")
    assert answer.status_code == 303
    assert await centre.rows("SELECT comment, tags FROM call_notes") == [
        ("Wants a brochure", ["warm"])
    ]
    assert "Ready" in text_of(await agent.browser.get("/desk"))


async def disposition(centre: Centre, name: str, action: str) -> str:
    key = await centre.value(
        "INSERT INTO dispositions (name, name_key, action) VALUES ($1, lower($1), $2) RETURNING id",
        name,
        action,
    )
    return f"disposition_{key}"


async def test_a_result_says_what_became_of_the_call_and_when_to_call_again(
    agent: Person, centre: Centre
) -> None:
    """C-36; the callback is agreed with whoever was called, for the agent who agreed it."""
    again = await disposition(centre, "Call back", "RECALL")
    await disposition(centre, "Sold", "CLOSE")
    campaign = await campaign_of(centre, agent, await centre.contact(A, (B, None)), **PREVIEW)
    await agent.browser.send_form("/desk/starts")
    await press(agent, "previews")
    await press(agent, "dials")
    await talked(centre, campaign)
    page = await agent.browser.get("/desk")
    assert re.findall(r'data-action="(\w+)">([^<]+)<', page.text) == [
        ("RECALL", "Call back"),
        ("CLOSE", "Sold"),
    ]
    silent = await agent.browser.send_form("/desk/results", comment="Nothing said")
    assert silent.status_code == 422
    assert await centre.rows("SELECT 1 FROM call_notes") == []
    refused = await agent.browser.send_form("/desk/results", dispositionId=again)
    assert refused.status_code == 422
    assert "Wrap-up" in text_of(refused)
    at = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT12:00")
    sent = {"dispositionId": again, "localAt": at, "note": "Ask for the invoice"}
    assert (await agent.browser.send_form("/desk/results", **sent)).status_code == 303
    assert await centre.rows("SELECT disposition FROM call_attempts") == [("Call back",)]
    assert await centre.rows("SELECT number, preference, agent_id, note FROM scheduled_tasks") == [
        (A, "PREFER_ME", agent.account.user_id, "Ask for the invoice")
    ]
    assert await centre.rows("SELECT state, current_number FROM hopper_entries") == [
        ("WAIT_CALLBACK", A)
    ]


async def test_a_result_is_refused_while_a_required_field_of_the_script_is_blank(
    agent: Person, centre: Centre
) -> None:
    """C-22: required record content before the next step."""
    campaign = await campaign_of(centre, agent, await centre.contact(A), **PREVIEW)
    field = await centre.value(
        "INSERT INTO master_data_fields (name, name_key, display_name, scope, type, is_required) "
        "VALUES ('Plan', 'plan', 'Plan', 'RECORD', 'TEXT', true) RETURNING id"
    )
    await centre.rows(
        "INSERT INTO campaign_fields (campaign_id, field_id, position) VALUES ($1, $2, 0)",
        campaign,
        field,
    )
    await agent.browser.send_form("/desk/starts")
    await press(agent, "previews")
    await press(agent, "dials")
    await talked(centre, campaign)
    row = {
        "values.fieldId": f"field_{field}",
        "values.campaignId": f"campaign_{campaign}",
        "values.type": "TEXT",
        "values.isRequired": "",
        "values.before": "",
    }
    blank = await agent.browser.send_form("/desk/results", comment="Kept", **row)
    assert blank.status_code == 422
    assert "“Plan” cannot be blank. Fill it in." in text_of(blank)
    assert ">Kept</textarea>" in blank.text.replace("\n", "")
    assert await centre.rows("SELECT 1 FROM call_notes") == []
    done = await agent.browser.send_form("/desk/results", **row, **{"values.value": "Gold"})
    assert done.status_code == 303
    assert await centre.rows("SELECT text_value FROM field_values") == [("Gold",)]


async def test_the_button_for_auto_dialing_stands_where_a_dialway_allows_it(
    agent: Person, centre: Centre
) -> None:
    """R-05, R-06: start, and press again to stop."""
    campaign = await campaign_of(centre, agent, **(AUTO | {"dialway": "OFF"}))
    assert "auto-dial" not in await press(agent, "starts")
    await centre.rows("UPDATE campaigns SET dialway = 'OPTIONAL' WHERE id = $1", campaign)
    assert "Start to auto-dial" in text_of(await agent.browser.get("/desk"))
    assert "Stop auto-dialing" in await press(agent, "dialing-starts")
    assert "Start to auto-dial" in await press(agent, "dialing-stops")


async def test_the_obtain_button_says_what_it_would_get(agent: Person, centre: Centre) -> None:
    """R-07."""
    people = [await centre.contact(f"+39061234500{digit}") for digit in range(5)]
    limits = {"may_obtain": True, "obtained_per_click": 3, "most_owned": 4}
    campaign = await campaign_of(centre, agent, *people, **(AUTO | limits))
    said = await press(agent, "starts")
    assert "You own 0 of at most 4. Obtain 3 customers" in said
    said = await press(agent, "obtained", campaign=f"campaign_{campaign}")
    assert "3 customers are yours now." in said
    assert "You own 3 of at most 4. Obtain 1 customer" in said
    said = await press(agent, "obtained", campaign=f"campaign_{campaign}")
    assert "You own 4 of at most 4." in said
    assert "Obtain" not in said


async def test_a_step_that_is_not_possible_says_so(agent: Person) -> None:
    assert "This cannot be done while it is “Not at work”." in await press(agent, "dials")


async def test_who_may_not_make_calls_has_no_desk_of_their_own(signed_in: SignIn) -> None:
    may = tuple(AGENT_CEILING - {Permission.CALLS_MAKE})
    other = await signed_in(Role.AGENT, may)
    assert "Start work" not in text_of(await other.browser.get("/desk"))
    answer = await other.browser.send_form("/desk/starts")
    assert answer.status_code == 403
