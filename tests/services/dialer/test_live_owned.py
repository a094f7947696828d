# SPDX-License-Identifier: Apache-2.0
"""Whose an entry is: for one agent alone, for one rather than others, for anybody (C-36, R-01 and
R-10 to R-12)."""

from server.services.dialer import Claimed, claim
from tests.services.dialer.centre import NOW, Centre, minutes

OWN = "UPDATE hopper_entries SET owner_id = $2, is_owner_only = $3 WHERE contact_id = $1"
CALLBACK = """
UPDATE hopper_entries SET state = 'WAIT_CALLBACK', bucket = 1, is_callback = true,
  scheduled_at = $2 WHERE contact_id = $1
"""


async def agent(centre: Centre, name: str) -> int:
    return await centre.value(
        "INSERT INTO users (name, name_key, role) VALUES ($1, $1, 'AGENT') RETURNING id",
        f"{name} {centre.tenant_id}",
    )


async def people(centre: Centre, number: int) -> list[int]:
    return [await centre.contact(f"+3906{place:06}") for place in range(number)]


async def claimed(
    centre: Centre, campaign: int, *agents: int, limit: int = 10, at: float = 0
) -> list[int]:
    """The contacts that these agents would call now, in order; they stay called."""

    async def work(connection: object) -> list[Claimed]:
        return await claim(connection, campaign, limit, minutes(at), agents=agents)  # type: ignore[arg-type]

    return [call.contact_id for call in await centre.within(work)]


async def test_what_only_one_agent_may_have_waits_for_that_agent(centre: Centre) -> None:
    """ONLY_ME: nobody else gets it, nor a claim that is for no agent."""
    mine, anybodys = await people(centre, 2)
    me, other = await agent(centre, "me"), await agent(centre, "other")
    campaign = await centre.loaded(mine, anybodys, kind="QUEUE", mode="PREVIEW")
    await centre.rows(OWN, mine, me, True)
    await centre.rows(CALLBACK, mine, NOW)
    assert await claimed(centre, campaign, other) == [anybodys]
    assert [call.contact_id for call in await centre.claim(campaign)] == []
    assert await claimed(centre, campaign, other, me) == [mine]


async def test_an_agent_gets_one_call_of_their_own_at_a_time(centre: Centre) -> None:
    first, second, anybodys = await people(centre, 3)
    me = await agent(centre, "me")
    campaign = await centre.loaded(first, second, anybodys, kind="QUEUE", mode="PREVIEW")
    await centre.rows(OWN, first, me, True)
    await centre.rows(OWN, second, me, True)
    assert await claimed(centre, campaign, me) == [first, anybodys]
    assert await claimed(centre, campaign, me) == []
    await centre.rows("DELETE FROM hopper_entries WHERE contact_id = $1", first)
    assert await claimed(centre, campaign, me) == [second]


async def test_callbacks_that_prefer_a_ready_agent_go_before_other_callbacks(
    centre: Centre,
) -> None:
    """Section 7, bucket 1: the owner agent's first, whatever the others' times are."""
    early, preferred, owned, fresh = await people(centre, 4)
    me = await agent(centre, "me")
    campaign = await centre.loaded(early, preferred, owned, fresh, kind="QUEUE", mode="PREVIEW")
    for contact, at in ((early, 1), (preferred, 2), (owned, 3)):
        await centre.rows(CALLBACK, contact, minutes(at))
    await centre.rows(OWN, preferred, me, False)
    await centre.rows(OWN, owned, me, True)
    assert await claimed(centre, campaign, me, at=4) == [preferred, owned, early, fresh]


async def test_who_prefers_an_agent_who_is_away_goes_to_another(centre: Centre) -> None:
    """PREFER_ME."""
    (contact,) = await people(centre, 1)
    me, other = await agent(centre, "me"), await agent(centre, "other")
    campaign = await centre.loaded(contact, kind="QUEUE", mode="PREVIEW")
    await centre.rows(CALLBACK, contact, NOW)
    await centre.rows(OWN, contact, me, False)
    assert await claimed(centre, campaign, other) == [contact]


async def test_agents_first_get_customers_of_their_own_alone(centre: Centre) -> None:
    """R-01: neither unassigned ones nor another agent's."""
    mine, others, nobodys = await people(centre, 3)
    me, other = await agent(centre, "me"), await agent(centre, "other")
    campaign = await centre.loaded(mine, others, nobodys, kind="QUEUE", mode="AGENT_FIRST")
    await centre.rows(OWN, mine, me, True)
    await centre.rows(OWN, others, other, True)
    assert await centre.claim(campaign) == []
    assert await claimed(centre, campaign, me) == [mine]
    assert await claimed(centre, campaign, me) == []


async def test_customers_of_an_agent_by_time_then_new_ones_by_their_coming(
    centre: Centre,
) -> None:
    """R-10, R-11, R-12: scheduled ones by time and then priority; then new ones by created time
    and fewer dials; nobody before their time (R-03)."""
    late, urgent, normal, early, later, dialed, fresh, old = await people(centre, 8)
    me = await agent(centre, "me")
    everybody = (late, urgent, normal, early, later, dialed, fresh, old)
    campaign = await centre.loaded(*everybody, kind="QUEUE", mode="AGENT_FIRST")
    for contact in everybody:
        await centre.rows(OWN, contact, me, True)
    for contact, state, bucket, at, priority in (
        (late, "WAIT_CALLBACK", 1, 9, 1),
        (urgent, "WAIT_RETRY", 3, 5, 1),
        (normal, "WAIT_CALLBACK", 1, 5, 2),
        (early, "WAIT_RETRY", 3, 2, 3),
        (later, "WAIT_CALLBACK", 1, 11, 1),
    ):
        await centre.rows(
            "UPDATE hopper_entries SET state = $2, bucket = $3, scheduled_at = $4, priority = $5 "
            "WHERE contact_id = $1",
            *(contact, state, bucket, minutes(at), priority),
        )
    for contact, created, dials in ((dialed, 3, 2), (fresh, 3, 1), (old, 1, 9)):
        await centre.rows(
            "UPDATE hopper_entries SET created_at = $2, auto_dials = $3, priority = 3 "
            "WHERE contact_id = $1",
            *(contact, minutes(created), dials),
        )
    order = []
    for _ in range(8):
        order += await claimed(centre, campaign, me, limit=1, at=10)
    assert order == [early, urgent, normal, late, old, fresh, dialed]
    assert await claimed(centre, campaign, me, at=11) == [later]


async def test_an_automatic_dial_is_counted_once_it_was_made(centre: Centre) -> None:
    """R-11, R-02: an agent whose own telephone was silent dialed nobody."""
    (contact,) = await people(centre, 1)
    me = await agent(centre, "me")
    campaign = await centre.loaded(contact, kind="QUEUE", mode="AGENT_FIRST")
    await centre.rows(OWN, contact, me, True)

    async def take(connection: object) -> list[Claimed]:
        return await claim(connection, campaign, 1, NOW, agents=[me])  # type: ignore[arg-type]

    (call,) = await centre.within(take)
    await centre.report(call)
    dials = "SELECT auto_dials, total_attempts FROM hopper_entries"
    assert await centre.rows(dials) == [(1, 1)]
    assert await centre.rows("SELECT mode FROM call_attempts") == [("AGENT_FIRST",)]
