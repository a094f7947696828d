# SPDX-License-Identifier: Apache-2.0
"""Agents at work: their states, the calls they are joined to, and pages that go silent (F17)."""

import asyncio
from datetime import timedelta

import pytest

from server.domain.agents import AgentState
from server.domain.campaigns import CallStatus
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Role
from server.services import agents
from server.services.dialer import Claimed, confirm_originate, reap
from tests.factories.users import make_viewer
from tests.services.agents.floor import Floor
from tests.services.dialer.centre import NOW, minutes

A, B, C = "+390612345000", "+390612345001", "+390612345002"


async def take(
    floor: Floor, call: Claimed, preferred: int | None = None, only: int | None = None
) -> int | None:
    found = await floor.within(
        lambda c: agents.take_ready_agent(
            c,
            call.campaign_id,
            call.entry_id,
            call.token,
            call.contact_id,
            call.number,
            preferred=preferred,
            only=only,
        )
    )
    return None if found is None else found.user_id


async def ready(floor: Floor, campaign_id: int) -> list[int]:
    return await floor.within(lambda c: agents.ready_agents(c, campaign_id))


async def test_an_agent_starts_pauses_for_a_reason_resumes_and_leaves(floor: Floor) -> None:
    campaign = await floor.campaign()
    ada = await floor.agent(campaign)
    assert await ready(floor, campaign) == [ada.user_id]
    await floor.does(ada, agents.set_state, AgentState.PAUSED, "Lunch")
    assert await ready(floor, campaign) == []
    await floor.does(ada, agents.set_state, AgentState.READY)
    await floor.does(ada, agents.set_state, AgentState.OFFLINE)
    assert await floor.moments(ada) == [
        ("READY", ""),
        ("PAUSED", "Lunch"),
        ("READY", ""),
        ("OFFLINE", ""),
    ]
    assert await ready(floor, campaign) == []


async def test_a_pause_wants_a_reason_and_an_agent_who_is_at_work(floor: Floor) -> None:
    ada = await floor.agent()
    with pytest.raises(DomainError) as refused:
        await floor.does(ada, agents.set_state, AgentState.PAUSED, "  ")
    assert (refused.value.code, refused.value.field) == (ErrorCode.REQUIRED, "reason")
    bob = await floor.agent(at_work=False)
    with pytest.raises(DomainError) as refused:
        await floor.does(bob, agents.set_state, AgentState.PAUSED, "Lunch")
    assert refused.value.code is ErrorCode.WRONG_STATE
    assert await floor.state(ada) == "READY"


async def test_only_who_may_make_calls_works_as_an_agent(floor: Floor) -> None:
    nobody = await make_viewer(floor.database, floor.tenant_id, Role.AGENT, permissions=frozenset())
    with pytest.raises(DomainError) as refused:
        await floor.does(nobody, agents.start_work, "")
    assert refused.value.code is ErrorCode.FORBIDDEN
    assert await floor.rows("SELECT 1 FROM agent_desks") == []


async def test_a_call_goes_to_the_agent_who_waited_longest_and_to_the_preferred_before(
    floor: Floor,
) -> None:
    campaign = await floor.loaded(
        await floor.contact(A), await floor.contact(B), await floor.contact(C)
    )
    ada, bob, eve = [await floor.agent(campaign) for _ in range(3)]
    await floor.agent(await floor.campaign())  # of another campaign
    first, second, third = await floor.claim(campaign)
    assert await take(floor, first, preferred=eve.user_id) == eve.user_id
    assert await take(floor, second) == ada.user_id
    assert await take(floor, third, only=ada.user_id) is None
    assert await take(floor, third, preferred=ada.user_id) == bob.user_id
    assert await ready(floor, campaign) == []


async def test_two_workers_never_take_the_same_agent(floor: Floor) -> None:
    campaign = await floor.loaded(*[await floor.contact(f"+39061234500{n}") for n in range(8)])
    some = [(await floor.agent(campaign)).user_id for _ in range(4)]
    calls = await floor.claim(campaign)
    found = await asyncio.gather(*(take(floor, call) for call in calls))
    assert sorted(key for key in found if key is not None) == sorted(some)
    assert found.count(None) == 4


async def test_a_call_takes_its_agent_from_ringing_over_talking_to_wrap_up(floor: Floor) -> None:
    campaign = await floor.loaded(await floor.contact(A))
    ada = await floor.agent(campaign)
    call = await floor.claim_one(campaign)
    await take(floor, call)
    assert await floor.within(lambda c: agents.customer_rings(c, call.token))
    assert await floor.within(lambda c: agents.agent_connected(c, call.token))
    assert not await floor.within(lambda c: agents.agent_connected(c, call.token))
    await floor.report(call, CallStatus.ANSWER)
    attempt = await floor.value("SELECT id FROM call_attempts")
    assert await floor.within(lambda c: agents.call_ended(c, call.token, attempt)) == ada.user_id
    assert [state for state, _ in await floor.moments(ada)] == [
        "READY",
        "RINGING",
        "TALKING",
        "WRAP_UP",
    ]
    assert await floor.value("SELECT attempt_id FROM agent_desks") == attempt


async def test_a_call_that_never_came_leaves_the_agent_ready_or_where_they_wanted_to_be(
    floor: Floor,
) -> None:
    campaign = await floor.loaded(await floor.contact(A), await floor.contact(B))
    ada = await floor.agent(campaign)
    first, second = await floor.claim(campaign)
    await take(floor, first)
    await floor.within(lambda c: agents.free_agent(c, first.token))
    assert await floor.state(ada) == "READY"
    await take(floor, second)
    await floor.does(ada, agents.set_state, AgentState.PAUSED, "Lunch")
    assert await floor.state(ada) == "RINGING"  # after the call only
    assert await floor.within(lambda c: agents.free_agent(c, first.token)) is None  # an old one
    await floor.within(lambda c: agents.free_agent(c, second.token))
    assert (await floor.moments(ada))[-1] == ("PAUSED", "Lunch")


async def test_an_agent_whose_page_is_gone_is_offline_and_gets_no_call(floor: Floor) -> None:
    """F17, without a call in hand."""
    campaign = await floor.loaded(await floor.contact(A))
    ada = await floor.agent(campaign)
    await floor.silent_for(ada, 1)
    assert await ready(floor, campaign) == []
    assert await take(floor, await floor.claim_one(campaign)) is None
    assert not await floor.within(lambda c: agents.beat(c, ada.user_id))
    await floor.within(agents.reap_agents)
    assert await floor.state(ada) == "OFFLINE"


async def test_a_sign_of_the_page_keeps_the_agent_at_work(floor: Floor) -> None:
    campaign = await floor.campaign()
    ada = await floor.agent(campaign)
    await floor.rows("UPDATE agent_desks SET lease_until = clock_timestamp() + interval '1 second'")
    assert await floor.within(lambda c: agents.beat(c, ada.user_id))
    ((left,),) = await floor.rows("SELECT lease_until - clock_timestamp() FROM agent_desks")
    assert isinstance(left, timedelta)
    assert timedelta(seconds=55) < left <= timedelta(seconds=agents.LEASE)
    await floor.within(agents.reap_agents)
    assert await floor.state(ada) == "READY"


async def test_a_conversation_whose_page_and_hang_up_are_lost_ends_as_lost(floor: Floor) -> None:
    """F17: LOST after the lease, the agent freed, not redialed before its retry time."""
    campaign = await floor.loaded(await floor.contact(A), wait=10)
    ada = await floor.agent(campaign)
    call = await floor.claim_one(campaign)
    await floor.within(lambda c: confirm_originate(c, [(call.entry_id, call.token)]))
    await take(floor, call)
    await floor.within(lambda c: agents.agent_connected(c, call.token))
    await floor.silent_for(ada, 1)
    await floor.within(agents.reap_agents)
    assert await floor.within(lambda c: reap(c, NOW)) == []  # the page may come back
    assert await floor.state(ada) == "TALKING"
    await floor.silent_for(ada, 91)
    await floor.within(agents.reap_agents)
    (lost,) = await floor.within(lambda c: reap(c, NOW))
    assert lost.was_confirmed
    await floor.within(agents.reap_agents)
    assert await floor.state(ada) == "OFFLINE"
    assert await floor.rows("SELECT status FROM call_attempts") == [("LOST",)]
    assert await floor.claim(campaign, minutes(9)) == []
    assert len(await floor.claim(campaign, minutes(10))) == 1


async def test_an_agent_whose_call_was_lost_is_not_left_talking(floor: Floor) -> None:
    """F17: the telephony's event is lost while the agent's page is there."""
    campaign = await floor.loaded(await floor.contact(A))
    ada = await floor.agent(campaign)
    call = await floor.claim_one(campaign)
    await take(floor, call)
    await floor.within(lambda c: agents.agent_connected(c, call.token))
    await floor.lease_is_over(call)
    await floor.within(reap)
    await floor.within(agents.reap_agents)
    assert await floor.state(ada) == "WRAP_UP"
