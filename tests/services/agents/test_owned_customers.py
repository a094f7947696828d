# SPDX-License-Identifier: Apache-2.0
"""Customers of an agent: obtained, given, spread evenly, dialed in order (R-01 to R-12)."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.services import agents
from server.services.dialer import Claimed, claim
from tests.factories.users import make_viewer
from tests.services.agents.floor import Floor
from tests.services.dialer.centre import NOW, minutes

AUTO: dict[str, object] = {"kind": "QUEUE", "mode": "AGENT_FIRST", "dialway": "OPTIONAL"}
OWNERS = "SELECT owner_id FROM hopper_entries WHERE campaign_id = $1 AND owner_id IS NOT NULL"


async def campaign_with(floor: Floor, contacts: int, **columns: object) -> int:
    """A campaign of automatic dialing with so many unassigned customers."""
    keys = [await floor.contact(f"+3906123{number:05}") for number in range(contacts)]
    return await floor.loaded(*keys, **(AUTO | columns))


async def entries_of(floor: Floor, campaign: int) -> list[int]:
    rows = await floor.rows(
        "SELECT id FROM hopper_entries WHERE campaign_id = $1 ORDER BY id", campaign
    )
    return [int(str(row[0])) for row in rows]


async def owners(floor: Floor, campaign: int) -> Counter[object]:
    return Counter(row[0] for row in await floor.rows(OWNERS, campaign))


async def give(floor: Floor, campaign: int, agent: Viewer, *entries: int) -> int:
    boss = await make_viewer(floor.database, floor.tenant_id)
    return await floor.does(boss, agents.give_contacts, campaign, agent.user_id, entries)


async def claim_for(floor: Floor, campaign: int, agent: Viewer, minute: float = 0) -> list[Claimed]:
    return await floor.within(
        lambda c: claim(c, campaign, 1, minutes(minute), agents=[agent.user_id])
    )


async def claimed_for(floor: Floor, campaign: int, agent: Viewer, minute: float = 0) -> list[str]:
    """The numbers that automatic dialing would call for this agent, one after the other."""
    numbers = []
    while True:
        found = await claim_for(floor, campaign, agent, minute)
        if not found:
            return numbers
        numbers.append(found[0].number)


async def test_a_press_brings_what_one_may_and_no_more_than_may_be_owned(floor: Floor) -> None:
    """R-07: 20 a press, 50 owned, 45 owned already: 5, then none."""
    limits = {"may_obtain": True, "obtained_per_click": 20, "most_owned": 50}
    campaign = await campaign_with(floor, 80, **limits)
    agent = await floor.agent(campaign)
    await give(floor, campaign, agent, *(await entries_of(floor, campaign))[-45:])
    first = await floor.does(agent, agents.obtain_contacts, campaign)
    assert (first.taken, first.owned, first.most_owned) == (5, 50, 50)
    second = await floor.does(agent, agents.obtain_contacts, campaign)
    assert (second.taken, second.owned) == (0, 50)
    another = await floor.agent(campaign)
    assert (await floor.does(another, agents.obtain_contacts, campaign)).taken == 20
    assert await owners(floor, campaign) == {agent.user_id: 50, another.user_id: 20}


async def test_two_agents_pressing_at_once_never_get_the_same_customer(floor: Floor) -> None:
    """R-08; and one agent who presses twice at once gets no more than may be owned."""
    limits = {"may_obtain": True, "obtained_per_click": 10, "most_owned": 15}
    campaign = await campaign_with(floor, 40, **limits)
    ada, bob = await floor.agent(campaign), await floor.agent(campaign)
    got = await asyncio.gather(
        *(floor.does(who, agents.obtain_contacts, campaign) for who in (ada, bob) * 3)
    )
    assert sum(one.taken for one in got) == 30
    assert await owners(floor, campaign) == {ada.user_id: 15, bob.user_id: 15}


async def test_nobody_obtains_where_the_campaign_does_not_let_agents(floor: Floor) -> None:
    campaign = await campaign_with(floor, 3)
    with pytest.raises(DomainError) as refused:
        await floor.does(await floor.agent(campaign), agents.obtain_contacts, campaign)
    assert refused.value.code is ErrorCode.WRONG_STATE
    with pytest.raises(DomainError) as refused:
        await floor.does(await floor.agent(), agents.obtain_contacts, campaign)
    assert refused.value.code is ErrorCode.NOT_FOUND
    assert await owners(floor, campaign) == {}


async def test_customers_are_spread_evenly_with_a_difference_of_one_at_most(floor: Floor) -> None:
    """R-09: what is left over goes to who owns least."""
    campaign = await campaign_with(floor, 12)
    ada, bob, eve = [await floor.agent(campaign) for _ in range(3)]
    await give(floor, campaign, ada, (await entries_of(floor, campaign))[0])
    boss = await make_viewer(floor.database, floor.tenant_id)
    chosen = [ada.user_id, bob.user_id, eve.user_id]
    assert await floor.does(boss, agents.spread_contacts, campaign, chosen) == 11
    assert await owners(floor, campaign) == {ada.user_id: 4, bob.user_id: 4, eve.user_id: 4}
    assert await floor.does(boss, agents.spread_contacts, campaign, chosen) == 0
    back = await floor.does(
        boss, agents.take_contacts_back, campaign, agent_ids=[ada.user_id, bob.user_id]
    )
    assert back == 8
    assert await floor.does(boss, agents.spread_contacts, campaign, chosen[:2], most=5) == 5
    assert sorted((await owners(floor, campaign)).values()) == [2, 3, 4]


async def test_two_who_spread_at_once_give_nobody_twice(floor: Floor) -> None:
    campaign = await campaign_with(floor, 30)
    boss = await make_viewer(floor.database, floor.tenant_id)
    some = [(await floor.agent(campaign)).user_id for _ in range(3)]
    counts = await asyncio.gather(
        *(floor.does(boss, agents.spread_contacts, campaign, some, most=20) for _ in range(3))
    )
    assert sum(counts) == 30
    assert sum((await owners(floor, campaign)).values()) == 30


async def test_customers_go_only_to_agents_of_the_campaign(floor: Floor) -> None:
    campaign = await campaign_with(floor, 2)
    stranger = await floor.agent()
    with pytest.raises(DomainError) as refused:
        await give(floor, campaign, stranger, *await entries_of(floor, campaign))
    assert (refused.value.code, refused.value.field) == (ErrorCode.NOT_ASSIGNED, "agentIds.0")
    assert await owners(floor, campaign) == {}


async def test_auto_dialing_calls_only_the_agents_own_new_or_pending_customers(
    floor: Floor,
) -> None:
    """R-01: not another agent's, and not an unassigned one."""
    campaign = await campaign_with(floor, 3)
    ada, bob = await floor.agent(campaign), await floor.agent(campaign)
    first, second, _ = await entries_of(floor, campaign)
    await give(floor, campaign, ada, first)
    await give(floor, campaign, bob, second)
    assert await claimed_for(floor, campaign, ada) == ["+390612300000"]
    assert await claimed_for(floor, campaign, bob) == ["+390612300001"]
    assert await floor.claim(campaign) == []


async def test_appointments_come_before_the_new_and_by_their_time(floor: Floor) -> None:
    """R-03, R-10 to R-12: never before its time; then by time, then priority; then the oldest,
    and of equals the one that was dialed less."""
    campaign = await campaign_with(floor, 6)
    ada = await floor.agent(campaign)
    keys = await entries_of(floor, campaign)
    await give(floor, campaign, ada, *keys)
    for key, minute, priority in ((keys[5], 10, 2), (keys[4], 10, 1), (keys[3], 5, 3)):
        await floor.rows(
            "UPDATE hopper_entries SET state = 'WAIT_CALLBACK', bucket = 1, is_callback = true, "
            "scheduled_at = $2, callback_at = $2, priority = $3 WHERE id = $1",
            key,
            minutes(minute),
            priority,
        )
    await floor.rows(
        "UPDATE hopper_entries SET created_at = $1, auto_dials = CASE id WHEN $2 THEN 1 ELSE 0 END "
        "WHERE id = ANY($3::bigint[])",
        NOW - timedelta(days=365),  # older than the rest, which was made in this test
        keys[0],
        keys[:2],
    )
    assert await claimed_for(floor, campaign, ada, 11) == [
        "+390612300003",
        "+390612300004",
        "+390612300005",
        "+390612300001",
        "+390612300000",
        "+390612300002",
    ]


async def test_an_appointment_is_not_dialed_before_its_time(floor: Floor) -> None:
    """R-03: eligible from its time on, and overdue still."""
    campaign = await campaign_with(floor, 1)
    ada = await floor.agent(campaign)
    await give(floor, campaign, ada, *await entries_of(floor, campaign))
    await floor.rows(
        "UPDATE hopper_entries SET state = 'WAIT_CALLBACK', bucket = 1, scheduled_at = $1",
        minutes(30),
    )
    assert await claimed_for(floor, campaign, ada, 29.9) == []
    assert len(await claimed_for(floor, campaign, ada, 30)) == 1


async def test_the_next_number_follows_at_once_when_the_first_is_not_answered(
    floor: Floor,
) -> None:
    """R-04: automatically, if there is one, and for the same agent."""
    customer = await floor.contact("+390612300000", ("+390612300001", None))
    campaign = await floor.loaded(customer, **(AUTO | {"additional_phones_after": 0}))
    ada, bob = await floor.agent(campaign), await floor.agent(campaign)
    await give(floor, campaign, ada, *await entries_of(floor, campaign))
    (first,) = await claim_for(floor, campaign, ada)
    assert await claimed_for(floor, campaign, ada) == []
    await floor.report(first)
    assert await claimed_for(floor, campaign, bob) == []
    assert await claimed_for(floor, campaign, ada) == ["+390612300001"]


async def test_dialing_starts_by_itself_only_where_the_dialway_says_so(floor: Floor) -> None:
    """R-05: AUTO once the agent is ready, OPTIONAL when the agent starts it, OFF never."""
    found = {}
    for dialway in ("AUTO", "OPTIONAL", "OFF"):
        campaign = await campaign_with(floor, 0, dialway=dialway)
        agent = await floor.agent(campaign)
        at_once = (await floor.does(agent, agents.read_desk)).is_auto_dialing
        with suppress(DomainError):
            await floor.does(agent, agents.start_auto_dialing)
        found[dialway] = (at_once, (await floor.does(agent, agents.read_desk)).is_auto_dialing)
    assert found == {"AUTO": (True, True), "OPTIONAL": (False, True), "OFF": (False, False)}


async def test_stopping_lets_the_current_call_go_on(floor: Floor) -> None:
    """R-06: after it no further call is the agent's."""
    campaign = await campaign_with(floor, 2)
    ada = await floor.agent(campaign)
    await floor.does(ada, agents.start_auto_dialing)
    await give(floor, campaign, ada, *await entries_of(floor, campaign))
    (call,) = await claim_for(floor, campaign, ada)
    taken = await floor.within(
        lambda c: agents.take_ready_agent(
            c,
            campaign,
            call.entry_id,
            call.token,
            call.contact_id,
            call.number,
            only=ada.user_id,
            auto_dialing=True,
        )
    )
    assert taken is not None
    await floor.does(ada, agents.stop_auto_dialing)
    assert await floor.state(ada) == "RINGING"
    await floor.within(lambda c: agents.free_agent(c, call.token))
    assert await floor.state(ada) == "READY"
    ready = await floor.within(lambda c: agents.ready_agents(c, campaign, auto_dialing=True))
    assert ready == []
