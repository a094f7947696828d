# SPDX-License-Identifier: Apache-2.0
"""Previews: the agent sees exactly the number that is dialed, and why (X-38, X-39)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from server.domain.campaigns import CallStatus
from server.domain.permissions import Viewer
from server.services import agents
from tests.schema.asking import Ask
from tests.services.agents.floor import Floor

A, B, C = "+390612345000", "+390612345001", "+390612345002"
DAY = timedelta(days=1)
CALL = """{
  stage stageLabel number itemTypeName place places placeLabel hasAdditionalPhones
  why whyLabel attemptsMade contact { phone } after { number placeLabel reason }
}"""
DESK = f"{{ state stateLabel pauseReason campaigns {{ mode mayPreview }} call {CALL} }}"
NEXT = f"""mutation {{ previewNext(input: {{}}) {{
  found desk {DESK} userErrors {{ code field message }} }} }}"""


def step(name: str, given: str = "") -> str:
    return f"mutation {{ {name}{given} {{ desk {DESK} userErrors {{ code field message }} }} }}"


async def done(ask: Ask, agent: Viewer, name: str, given: str = "") -> dict[str, Any]:
    """The desk after a step that is not refused."""
    answer = (await ask(step(name, given), as_=agent))["data"][name]
    assert answer["userErrors"] == []
    return dict(answer["desk"])


async def preview(ask: Ask, agent: Viewer) -> dict[str, Any]:
    answer = (await ask(NEXT, as_=agent))["data"]["previewNext"]
    assert (answer["userErrors"], answer["found"]) == ([], True)
    return dict(answer["desk"])


async def campaign_of(floor: Floor, *contacts: int, **columns: object) -> int:
    """Due since yesterday, by the world's clock."""
    given = {"kind": "QUEUE", "mode": "PREVIEW", "additional_phones_after": 0} | columns
    campaign = await floor.campaign(**given)
    await floor.attach(campaign, await floor.list_of(*contacts), datetime.now(UTC) - DAY)
    return campaign


async def test_the_preview_names_the_number_its_type_its_place_and_what_comes_next(
    ask: Ask, floor: Floor
) -> None:
    """X-39: "2 of 3", why this one, what comes next; and it is the number then dialed."""
    office = await floor.item_type("Office", 1)
    contact = await floor.contact(A, (B, office), (C, None))
    campaign = await campaign_of(floor, contact)
    agent = await floor.agent(campaign)
    before = datetime.now(UTC) - DAY
    await floor.report(await floor.claim_one(campaign, before), at=before)  # nobody is reached
    desk = await preview(ask, agent)
    assert desk["state"] == "PREVIEWING"
    assert desk["call"] == {
        "stage": "PREVIEW",
        "stageLabel": "Not dialed yet",
        "number": B,
        "itemTypeName": "Office",
        "place": 2,
        "places": 3,
        "placeLabel": "2 of 3",
        "hasAdditionalPhones": True,
        "why": "WAIT_NEXT_PHONE",
        "whyLabel": "The number before it was not reached.",
        "attemptsMade": 1,
        "contact": {"phone": A},
        "after": {"number": C, "placeLabel": "3 of 3", "reason": None},
    }
    await done(ask, agent, "dialPreviewed")
    (order,) = await floor.within(lambda c: agents.take_orders(c, campaign))
    assert (order.user_id, order.claimed.number, order.claimed.position) == (agent.user_id, B, 1)
    assert await floor.within(lambda c: agents.take_orders(c, campaign)) == []  # one worker only


async def test_the_number_shown_is_dialed_though_the_contact_is_edited_meanwhile(
    ask: Ask, floor: Floor
) -> None:
    """X-39: an edit takes effect after the call."""
    contact = await floor.contact(A, (B, None))
    campaign = await campaign_of(floor, contact)
    agent = await floor.agent(campaign)
    assert (await preview(ask, agent))["call"]["number"] == A
    given = f'(input: {{id: "contact_{contact}", phone: "{C}"}})'
    edited = f"mutation {{ editContact{given} {{ userErrors {{ code }} }} }}"
    assert (await ask(edited))["data"]["editContact"]["userErrors"] == []
    await done(ask, agent, "dialPreviewed")
    (order,) = await floor.within(lambda c: agents.take_orders(c, campaign))
    assert order.claimed.number == A


async def test_a_contact_with_one_number_has_no_additional_phones(ask: Ask, floor: Floor) -> None:
    """X-38: the message stands only where the strategy has something to choose."""
    campaign = await campaign_of(floor, await floor.contact(A))
    call = (await preview(ask, await floor.agent(campaign)))["call"]
    assert (call["hasAdditionalPhones"], call["placeLabel"]) == (False, "1 of 1")


async def test_two_agents_never_preview_the_same_customer(ask: Ask, floor: Floor) -> None:
    campaign = await campaign_of(floor, await floor.contact(A), await floor.contact(B))
    numbers = {
        (await preview(ask, await floor.agent(campaign)))["call"]["number"] for _ in range(2)
    }
    assert numbers == {A, B}
    third = (await ask(NEXT, as_=await floor.agent(campaign)))["data"]["previewNext"]
    assert (third["found"], third["desk"]["state"]) == (False, "READY")


async def test_a_second_press_previews_nobody_else(ask: Ask, floor: Floor) -> None:
    campaign = await campaign_of(floor, await floor.contact(A), await floor.contact(B))
    agent = await floor.agent(campaign)
    await preview(ask, agent)
    (error,) = (await ask(NEXT, as_=agent))["data"]["previewNext"]["userErrors"]
    assert (error["code"], error["message"]) == (
        "WRONG_STATE",
        "This cannot be done while it is “Previewing”.",
    )
    assert await floor.value("SELECT count(*) FROM hopper_entries WHERE state = 'DIALING'") == 1


async def test_a_skipped_customer_counts_nothing_and_comes_back_later(
    ask: Ask, floor: Floor
) -> None:
    campaign = await campaign_of(floor, await floor.contact(A), await floor.contact(B))
    agent = await floor.agent(campaign)
    assert (await preview(ask, agent))["call"]["number"] == A
    await done(ask, agent, "skipPreviewed", '(input: {reason: "On holiday", minutes: 30})')
    assert (await preview(ask, agent))["call"]["number"] == B
    rows = await floor.rows(
        "SELECT state, total_attempts, scheduled_at > clock_timestamp() + interval '29 minutes', "
        "scheduled_at < clock_timestamp() + interval '31 minutes' "
        "FROM hopper_entries ORDER BY id LIMIT 1"
    )
    assert rows == [("READY", 0, True, True)]
    assert await floor.rows("SELECT 1 FROM call_attempts") == []
    assert await floor.rows("SELECT data ->> 'reason' FROM events WHERE name = 'call.skipped'") == [
        ("On holiday",)
    ]


async def test_skipping_wants_a_reason(ask: Ask, floor: Floor) -> None:
    campaign = await campaign_of(floor, await floor.contact(A))
    agent = await floor.agent(campaign)
    await preview(ask, agent)
    answer = await ask(step("skipPreviewed", '(input: {reason: " "})'), as_=agent)
    (error,) = answer["data"]["skipPreviewed"]["userErrors"]
    assert (error["code"], error["field"]) == ("REQUIRED", "reason")
    assert await floor.state(agent) == "PREVIEWING"


async def test_a_preview_whose_page_is_gone_is_due_again_at_once(ask: Ask, floor: Floor) -> None:
    """F17: nothing rang, so nothing is counted and nobody is lost."""
    campaign = await campaign_of(floor, await floor.contact(A))
    agent = await floor.agent(campaign)
    await preview(ask, agent)
    await floor.silent_for(agent, 1)
    await floor.within(agents.reap_agents)
    assert await floor.state(agent) == "OFFLINE"
    assert await floor.rows("SELECT 1 FROM call_attempts") == []
    assert (await preview(ask, await floor.agent(campaign)))["call"]["number"] == A


async def test_a_call_let_go_before_any_telephone_rang_leaves_no_trace(
    ask: Ask, floor: Floor
) -> None:
    campaign = await campaign_of(floor, await floor.contact(A))
    agent = await floor.agent(campaign)
    await preview(ask, agent)
    await done(ask, agent, "dialPreviewed")
    assert (await done(ask, agent, "rejectCall"))["state"] == "READY"
    assert await floor.rows("SELECT 1 FROM call_attempts") == []
    assert await floor.within(lambda c: agents.take_orders(c, campaign)) == []


async def test_a_call_let_go_while_it_rings_is_to_be_hung_up_as_rejected(
    ask: Ask, floor: Floor
) -> None:
    campaign = await campaign_of(floor, await floor.contact(A))
    agent = await floor.agent(campaign)
    await preview(ask, agent)
    await done(ask, agent, "dialPreviewed")
    (order,) = await floor.within(lambda c: agents.take_orders(c, campaign))
    token = order.claimed.token
    desk = await done(ask, agent, "rejectCall")
    assert desk["call"]["stage"] == "REJECTED"
    wanted = await floor.within(lambda c: agents.wanted_hang_ups(c, campaign))
    assert wanted == [agents.HangUp(token=token, is_rejected=True)]
    await floor.report(order.claimed, CallStatus.AGENT_REJECT)
    await floor.within(lambda c: agents.free_agent(c, token))
    assert await floor.state(agent) == "READY"
    assert await floor.within(lambda c: agents.wanted_hang_ups(c, campaign)) == []


async def test_pausing_during_a_preview_takes_effect_after_it(ask: Ask, floor: Floor) -> None:
    campaign = await campaign_of(floor, await floor.contact(A))
    agent = await floor.agent(campaign)
    await preview(ask, agent)
    desk = await done(ask, agent, "pauseWork", '(input: {reason: "Lunch"})')
    assert (desk["state"], desk["pauseReason"]) == ("PREVIEWING", "Lunch")
    desk = await done(ask, agent, "skipPreviewed", '(input: {reason: "No"})')
    assert (desk["state"], desk["pauseReason"]) == ("PAUSED", "Lunch")
    desk = await done(ask, agent, "resumeWork")
    assert (desk["state"], desk["pauseReason"]) == ("READY", "")
