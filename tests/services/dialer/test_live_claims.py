# SPDX-License-Identifier: Apache-2.0
"""Claims: who, in which order, and never twice (dial-machine sections 4 and 7, reliability F1)."""

import asyncio
from datetime import time, timedelta

import pytest

from server.domain.campaigns import CallStatus, DialOrder
from server.domain.errors import DomainError
from server.services.dialer import next_moment
from server.services.dialer.connections import begin_claiming
from server.services.dialer.lanes import For
from server.services.dialer.picking import CLAIM
from tests.conftest import MakeTenant
from tests.services.dialer.centre import NOW, Centre, minutes
from tests.services.dialer.explained import rows_read

A, B, C, D = (f"+39061234500{place}" for place in range(4))


async def test_promises_come_before_rounds_and_rounds_before_fresh_ones(centre: Centre) -> None:
    """Section 7, with the later loaded first where it matters less."""
    callback, second, retry, fresh, urgent, waiting = [
        await centre.contact(f"+3906{place:06}", priority=1 if place == 4 else 2)
        for place in range(6)
    ]
    campaign = await centre.loaded(callback, second, retry, fresh, urgent, waiting)
    for contact, state, bucket, at in (
        (callback, "WAIT_CALLBACK", 1, 5),
        (second, "WAIT_NEXT_PHONE", 2, 4),
        (retry, "WAIT_RETRY", 3, 3),
        (waiting, "WAIT_RETRY", 3, 6),
    ):
        await centre.rows(
            "UPDATE hopper_entries SET state = $2, bucket = $3, scheduled_at = $4 "
            "WHERE contact_id = $1",
            contact,
            state,
            bucket,
            minutes(at),
        )
    calls = await centre.claim(campaign, minutes(5))
    assert [call.contact_id for call in calls] == [callback, second, retry, urgent, fresh]
    assert await centre.claim(campaign, minutes(5)) == []


@pytest.mark.parametrize(("order", "expected"), [("ASC", [0, 3, 1, 2]), ("DESC", [1, 2, 0, 3])])
async def test_the_campaign_says_which_of_equals_goes_first(
    order: str, expected: list[int], centre: Centre
) -> None:
    """Scheduled time up or down, then always the lower id; in batches as in one."""
    at = [None, minutes(1), minutes(1), None]
    contacts = [
        await centre.contact(number, scheduled_at=scheduled)
        for number, scheduled in zip((A, B, C, D), at, strict=True)
    ]
    campaign = await centre.loaded(*contacts, dial_order=order)
    calls = []
    for _ in range(4):
        calls += await centre.claim(campaign, minutes(2), limit=1)
    assert [contacts.index(call.contact_id) for call in calls] == expected


async def test_no_more_calls_are_up_than_the_campaign_has_lines(centre: Centre) -> None:
    contacts = [await centre.contact(number) for number in (A, B, C)]
    campaign = await centre.loaded(*contacts, simultaneous_lines=2)
    first, _ = await centre.claim(campaign)
    assert await centre.claim(campaign) == []
    await centre.report(first)
    assert [call.contact_id for call in await centre.claim(campaign)] == [contacts[2]]


@pytest.mark.parametrize("state", ["DRAFT", "PAUSED", "STOPPED", "ENDED"])
async def test_only_a_running_campaign_claims(state: str, centre: Centre) -> None:
    campaign = await centre.loaded(await centre.contact(A), state=state)
    assert await centre.claim(campaign) == []
    await centre.rows("UPDATE campaigns SET state = 'RUNNING'")
    assert len(await centre.claim(campaign)) == 1


async def test_nobody_is_claimed_outside_the_window(centre: Centre) -> None:
    """Section 11: local time, `from` inclusive, `to` exclusive; 09:00 UTC is 10:00 in Rome."""
    campaign = await centre.loaded(
        *[await centre.contact(number) for number in (A, B)],
        window_from=time(10, 1),
        window_to=time(10, 3),
        timezone="Europe/Rome",
    )
    assert await centre.claim(campaign, minutes(0.99)) == []
    assert await centre.within(lambda c: next_moment(c, campaign, NOW)) == minutes(1)
    assert len(await centre.claim(campaign, minutes(1), limit=1)) == 1
    assert await centre.claim(campaign, minutes(3)) == []
    assert len(await centre.claim(campaign, minutes(2.99))) == 1
    assert await centre.rows("SELECT DISTINCT scheduled_at FROM hopper_entries") == [(NOW,)]


async def test_a_number_is_in_one_call_at_a_time_in_the_whole_centre(centre: Centre) -> None:
    """Section 6, row 15: of two contacts of a campaign, and of two campaigns."""
    one = await centre.loaded(
        await centre.contact(A), await centre.contact(A), check_duplicate="NEVER"
    )
    other = await centre.loaded(await centre.contact(A))
    (call,) = await centre.claim(one)
    assert await centre.claim(one) == await centre.claim(other) == []
    await centre.report(call, CallStatus.ANSWER)
    assert len(await centre.claim(other)) == 1
    assert await centre.claim(one) == []


async def test_two_campaigns_that_claim_at_once_do_not_share_a_number(centre: Centre) -> None:
    numbers = [f"+3906{place:06}" for place in range(40)]
    campaigns = [
        await centre.loaded(*[await centre.contact(number) for number in order])
        for order in (numbers, numbers[::-1], numbers)
    ]
    claims = await asyncio.gather(*(centre.claim(campaign, limit=25) for campaign in campaigns))
    dialed = [call.number for calls in claims for call in calls]
    assert len(dialed) == len(set(dialed)) == 40


async def test_many_claimers_at_once_take_each_entry_once(centre: Centre) -> None:
    contacts = [await centre.contact(f"+3906{place:06}") for place in range(60)]
    campaign = await centre.loaded(*contacts, simultaneous_lines=50)
    claims = await asyncio.gather(*(centre.claim(campaign, limit=8) for _ in range(12)))
    claimed = [call.contact_id for calls in claims for call in calls]
    assert sorted(claimed) == contacts[:50]
    assert len({call.token for calls in claims for call in calls}) == 50


async def test_an_entry_under_another_lock_is_left_to_later(centre: Centre) -> None:
    contacts = [await centre.contact(number) for number in (A, B)]
    campaign = await centre.loaded(*contacts)
    async with centre.database.connection(centre.tenant_id) as editor:
        await editor.execute(
            "SELECT 1 FROM hopper_entries WHERE contact_id = $1 FOR UPDATE", contacts[0]
        )
        assert [call.contact_id for call in await centre.claim(campaign)] == [contacts[1]]
    assert [call.contact_id for call in await centre.claim(campaign)] == [contacts[0]]


async def test_a_blacklisted_number_is_passed_over_with_one_row(centre: Centre) -> None:
    """Section 11: no time, no counter; the tenant's list and the campaign's own."""
    campaign = await centre.loaded(await centre.contact(A, (B, None), (C, None)))
    elsewhere = await centre.campaign()
    await centre.rows(
        "INSERT INTO blacklist_entries (number, campaign_id) VALUES ($1, NULL), ($2, $3), ($4, $5)",
        *(A, B, campaign, C, elsewhere),
    )
    call = await centre.claim_one(campaign, minutes(3))
    assert (call.number, call.position, call.round, call.claimed_at) == (C, 2, 1, minutes(3))
    assert await centre.report(call, at=minutes(4)) == "OK"
    assert await centre.rows(
        "SELECT number, status, started_at, unique_id IS NULL FROM call_attempts ORDER BY id"
    ) == [
        (A, "BLACKLIST", minutes(3), True),
        (B, "BLACKLIST", minutes(3), True),
        (C, "NO_ANSWER", minutes(3), False),
    ]
    assert await centre.rows(
        "SELECT number, phone_state, no_answer FROM hopper_phones ORDER BY position"
    ) == [(A, "BLOCKED", 0), (B, "BLOCKED", 0), (C, "OPEN", 1)]
    assert await centre.rows("SELECT status, attempts FROM attempt_tallies") == [("NO_ANSWER", 1)]
    again = await centre.claim_one(campaign, minutes(6))
    assert (again.number, again.round) == (C, 2)


async def test_a_contact_all_of_whose_numbers_are_blacklisted_closes(centre: Centre) -> None:
    """The claim moves on to the next contact at once, though one line is all there is."""
    blocked, free = await centre.contact(A, (B, None), priority=1), await centre.contact(C)
    campaign = await centre.loaded(blocked, free, simultaneous_lines=1)
    await centre.rows("INSERT INTO blacklist_entries (number) VALUES ($1), ($2)", A, B)
    assert (await centre.claim_one(campaign)).contact_id == free
    assert await centre.reasons(campaign) == [(blocked, "ALL_PHONES_BLOCKED")]
    assert await centre.value("SELECT count(*) FROM hopper_phones") == 1


async def test_another_centre_claims_nothing_of_it(centre: Centre, new_tenant: MakeTenant) -> None:
    campaign = await centre.loaded(await centre.contact(A))
    stranger = Centre(centre.database, await new_tenant())
    with pytest.raises(DomainError) as refused:
        await stranger.claim(campaign)
    assert refused.value.code == "NOT_FOUND"


@pytest.mark.parametrize("order", DialOrder)
async def test_a_claim_looks_at_what_is_due_and_at_nothing_else(
    order: DialOrder, centre: Centre
) -> None:
    """However many wait for later, and though the statistics know nothing of them yet."""
    campaign = await centre.loaded(await centre.contact(A), dial_order=order)
    await centre.rows(
        "INSERT INTO contacts (first_name, name_key, given_key) "
        "SELECT 'c', 'c', 'c' FROM generate_series(1, 5000)"
    )
    await centre.rows(
        "INSERT INTO hopper_entries (campaign_id, contact_id, state, bucket, priority, "
        "  scheduled_at, current_number) "
        "SELECT $1, id, 'WAIT_RETRY', 3, 1 + id % 3, $2::timestamptz + id * interval '1 minute', "
        "  '+44' || id FROM contacts WHERE phone IS NULL",
        campaign,
        minutes(1),
    )
    async with centre.database.connection(centre.tenant_id) as connection:
        await begin_claiming(connection)
        given = (campaign, NOW, 100, [], [], timedelta(minutes=1), "{}")
        read = await rows_read(connection, CLAIM[order, For.ANYBODY], *given)
    assert 1 <= read < 20
