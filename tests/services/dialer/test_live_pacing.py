# SPDX-License-Identifier: Apache-2.0
"""Claims of campaigns with agents: as many calls as the mode, the agents and the cap allow (X9)."""

import asyncio
from datetime import timedelta

import pytest

from server.database import Database
from server.dialer.agents import claim_for_agents
from server.domain.campaigns import CallStatus
from server.services.agents import agent_connected, call_ended, take_ready_agent
from server.services.dialer import Claimed, claim
from server.services.dialer.pacing import read_answers
from tests.services.agents.floor import Floor
from tests.services.dialer.centre import NOW, minutes


@pytest.fixture
def floor(database: Database, tenant: int) -> Floor:
    return Floor(database, tenant)


async def calling(floor: Floor, mode: str, people: int = 40, power_level: float = 1) -> int:
    """A campaign of that mode with so many fresh contacts."""
    campaign = await floor.campaign(
        mode=mode, kind="QUEUE", simultaneous_lines=100, power_level=power_level
    )
    await floor.rows(
        "INSERT INTO contacts (first_name, name_key, given_key, phone) "
        "SELECT 'c', 'c', 'c', '+3906' || $2::bigint * 1000 + n FROM generate_series(1, $1) n",
        people,
        campaign,
    )
    ids = await floor.rows("SELECT id FROM contacts WHERE phone LIKE '+3906%' ORDER BY id DESC")
    list_id = await floor.list_of(*[int(str(row[0])) for row in ids[:people]])
    await floor.attach(campaign, list_id)
    return campaign


async def joined(floor: Floor, call: Claimed) -> int:
    """An agent has the call now."""
    taken = await floor.within(
        lambda c: take_ready_agent(
            c, call.campaign_id, call.entry_id, call.token, call.contact_id, call.number
        )
    )
    assert taken is not None
    await floor.within(lambda c: agent_connected(c, call.token))
    return taken.user_id


async def answered(floor: Floor, campaign: int, reached: int, dropped: int, at: int = 0) -> None:
    """As if so many calls had been answered by a person in the minutes before."""
    for call in await floor.claim(campaign, minutes(at), 1):
        await floor.report(call, at=minutes(at))  # one attempt stands in the history
    for status, count in (("ANSWER", reached), ("DROP", dropped)):
        await floor.rows(
            "INSERT INTO attempt_tallies (campaign_id, minute, status, attempts) "
            "VALUES ($1, $2, $3, $4)",
            campaign,
            minutes(at - 5),
            status,
            count,
        )
    await floor.rows(
        "INSERT INTO answer_hours (campaign_id, hour, answered, abandoned) "
        "VALUES ($1, date_trunc('hour', $2::timestamptz), $3, $4)",
        campaign,
        minutes(at - 5),
        reached + dropped,
        dropped,
    )


async def test_a_progressive_campaign_claims_one_call_for_each_agent_who_is_ready(
    floor: Floor,
) -> None:
    campaign = await calling(floor, "PROGRESSIVE")
    assert await floor.claim(campaign) == []
    for _ in range(3):
        await floor.agent(campaign)
    await floor.agent(campaign, at_work=False)
    calls = await floor.claim(campaign)
    assert len(calls) == 3
    assert await floor.claim(campaign) == []
    await floor.report(calls[0])  # not answered: its agent waits on
    assert len(await floor.claim(campaign)) == 1
    agent = await joined(floor, calls[1])  # the agent talks: neither ready, nor ringing for one
    assert await floor.claim(campaign) == []
    await floor.report(calls[1], CallStatus.ANSWER)
    await floor.within(lambda c: call_ended(c, calls[1].token, None))
    assert await floor.claim(campaign) == []  # wraps up
    await floor.rows("UPDATE agent_desks SET state = 'READY' WHERE user_id = $1", agent)
    assert len(await floor.claim(campaign)) == 1


async def test_an_agent_whose_page_is_gone_is_dialed_for_by_nobody(floor: Floor) -> None:
    """F17: the lease of the desk has run out, before the reaper looks."""
    campaign = await calling(floor, "PROGRESSIVE")
    await floor.agent(campaign)
    await floor.rows("UPDATE agent_desks SET lease_until = clock_timestamp() - interval '1 s'")
    assert await floor.claim(campaign) == []


async def test_power_of_two_and_a_half_claims_five_calls_for_two_agents(floor: Floor) -> None:
    campaign = await calling(floor, "POWER", power_level=2.5)
    for _ in range(2):
        await floor.agent(campaign)
    assert len(await floor.claim(campaign)) == 5
    assert await floor.claim(campaign) == []


async def test_predictive_claims_more_than_agents_only_while_the_cap_is_far(floor: Floor) -> None:
    """reliability 5: 1,000 answers and 30 abandoned at 3 %: one to one before the 31st."""
    campaign = await calling(floor, "PREDICTIVE")
    for _ in range(4):
        await floor.agent(campaign)
    cold = await floor.claim(campaign)
    assert len(cold) == 4  # nothing is known yet
    for call in cold:
        await floor.report(call)
    await answered(floor, campaign, 970, 29)
    calls = await floor.claim(campaign)
    assert len(calls) == 4
    for call in calls:
        await floor.report(call)
    await floor.rows("UPDATE answer_hours SET answered = 1000, abandoned = 20")
    calls = await floor.claim(campaign)
    assert 4 < len(calls) <= 14
    for call in calls:
        await floor.report(call)
    await floor.rows("UPDATE answer_hours SET abandoned = 30")
    assert len(await floor.claim(campaign)) == 4


async def test_agents_of_two_campaigns_are_not_dialed_for_twice(floor: Floor) -> None:
    first = await calling(floor, "PROGRESSIVE")
    second = await calling(floor, "PROGRESSIVE")
    for _ in range(2):
        await floor.agent(first, second)
    await floor.agent(second)
    assert len(await floor.claim(first)) == 2
    assert len(await floor.claim(second)) == 1
    assert await floor.claim(first) == []


async def test_an_agent_for_whom_a_call_rings_is_given_no_customer_of_their_own(
    floor: Floor,
) -> None:
    """Both would want the agent at once: the one that is up goes first (R-05)."""
    paced = await calling(floor, "PROGRESSIVE")
    own = await calling(floor, "AGENT_FIRST", people=1)
    viewer = await floor.agent(paced, own)
    await floor.rows("UPDATE agent_desks SET is_auto_dialing = true")
    await floor.rows(
        "UPDATE hopper_entries SET owner_id = $1, is_owner_only = true WHERE campaign_id = $2",
        viewer.user_id,
        own,
    )
    await floor.rows("UPDATE hopper_entries SET scheduled_at = '2026-01-01'")
    (call,) = await floor.claim(paced)
    assert await floor.within(lambda c: claim_for_agents(c, own)) == []
    await floor.report(call)
    ((_, agent),) = await floor.within(lambda c: claim_for_agents(c, own))
    assert agent.user_id == viewer.user_id
    assert await floor.claim(paced) == []


@pytest.mark.parametrize("is_own", [True, False])
async def test_after_a_silent_call_the_next_number_is_for_a_reserved_agent(
    floor: Floor, is_own: bool
) -> None:
    """IT_CODE: who is for one agent alone has one; a blacklisted number is passed over before."""
    campaign = await floor.campaign(
        mode="PROGRESSIVE",
        kind="QUEUE",
        simultaneous_lines=10,
        rules='[{"kind": "LOCKOUT", "hours": 72, "withAgentAfter": true}]',
    )
    contact = await floor.contact("+390610000001", ("+390610000002", None))
    await floor.attach(campaign, await floor.list_of(contact))
    agent = (await floor.agent(campaign)).user_id
    await floor.rows(
        "INSERT INTO call_attempts (campaign_id, contact_id, entry_id, number, status, round,"
        " position, started_at, ended_at, policy_version)"
        " VALUES ($1, $2, 1, '+390610000002', 'DROP', 1, 0, $3, $3, 1)",
        campaign,
        contact,
        minutes(-5 * 24 * 60),
    )
    await floor.rows(
        "INSERT INTO blacklist_entries (media, number, is_everywhere)"
        " VALUES ('PHONE', '+390610000001', true)"
    )
    await floor.rows("UPDATE hopper_entries SET owner_id = $1, is_owner_only = $2", agent, is_own)
    calls = await floor.within(lambda c: claim(c, campaign, 10, NOW, agents=[agent]))
    assert [call.number for call in calls] == (["+390610000002"] if is_own else [])
    held = None if is_own else "DROP_LOCKOUT"
    assert await floor.rows("SELECT hold_rule FROM hopper_entries") == [(held,)]


async def test_workers_that_claim_at_once_never_over_dial_together(floor: Floor) -> None:
    campaign = await calling(floor, "PROGRESSIVE")
    for _ in range(3):
        await floor.agent(campaign)
    databases = [Database(floor.database.url, pool_size=2) for _ in range(3)]
    for database in databases:
        await database.start()

    async def one(database: Database) -> int:
        async with database.connection(floor.tenant_id) as connection:
            return len(await claim(connection, campaign, 10, NOW))

    counts = await asyncio.gather(*(one(d) for d in databases for _ in range(2)))
    for database in databases:
        await database.stop()
    assert sum(counts) == 3


async def test_the_abandoned_rate_is_of_the_rolling_window_to_the_minute(floor: Floor) -> None:
    campaign = await calling(floor, "PROGRESSIVE", people=2)
    await floor.agent(campaign)
    for at, status in ((0, CallStatus.DROP), (30, CallStatus.ANSWER)):
        (call,) = await floor.claim(campaign, minutes(at))
        await floor.report(call, status, minutes(at))

    async def rate(at: float) -> tuple[int, int]:
        found = await floor.within(
            lambda c: read_answers(c, campaign, 1, NOW + timedelta(minutes=at))
        )
        return found.answered, found.abandoned

    assert await rate(30) == (2, 1)
    assert await rate(60) == (2, 1)
    assert await rate(61) == (1, 0)
    assert await rate(91) == (0, 0)
