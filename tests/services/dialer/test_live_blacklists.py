# SPDX-License-Identifier: Apache-2.0
"""Who the blacklist keeps from being called, and what opting out does at once (C-27, C-28)."""

import asyncio

from server.domain.campaigns import CallStatus
from server.services.blacklists import Candidate, blacklisted_numbers, blocks_for
from server.services.dialer import claim
from server.services.dialer.blocking import block_numbers, unblock_numbers
from tests.conftest import MakeTenant
from tests.services.dialer.centre import NOW, Centre, minutes

A, B, C, D = "+390610000001", "+390610000002", "+390610000003", "+390610000004"
LIST = """
INSERT INTO blacklist_entries (media, number, contact_id, campaign_id, list_id, is_everywhere,
  is_opt_out) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def listed(
    centre: Centre,
    number: str | None = None,
    *,
    person: int | None = None,
    campaign: int | None = None,
    of_list: int | None = None,
    everywhere: bool = False,
    opt_out: bool = False,
) -> None:
    media = "PHONE" if person is None else "PERSON"
    await centre.rows(LIST, media, number, person, campaign, of_list, everywhere, opt_out)


async def history(centre: Centre) -> list[tuple[object, ...]]:
    return await centre.rows("SELECT number, status, position FROM call_attempts ORDER BY id")


async def test_an_entry_holds_for_its_own_list_and_campaign_only(centre: Centre) -> None:
    contacts = [await centre.contact(number) for number in (A, B, C, D)]
    campaign, elsewhere = await centre.loaded(*contacts[:2]), await centre.campaign()
    other = await centre.list_of(*contacts[2:])
    await centre.attach(campaign, other)
    own = await centre.value(
        "SELECT list_id FROM hopper_entries WHERE contact_id = $1", contacts[0]
    )
    await listed(centre, A, of_list=own)
    await listed(centre, B, of_list=other)
    await listed(centre, C, campaign=elsewhere)
    await listed(centre, D, campaign=campaign)
    assert {call.number for call in await centre.claim(campaign)} == {B, C}
    assert await history(centre) == [(A, "BLACKLIST", 0), (D, "BLACKLIST", 0)]


async def test_another_centre_goes_by_its_own_list(centre: Centre, new_tenant: MakeTenant) -> None:
    """C-27."""
    campaign = await centre.loaded(await centre.contact(A))
    await listed(Centre(centre.database, await new_tenant()), A, everywhere=True)
    assert (await centre.claim_one(campaign)).number == A


async def test_a_callback_is_made_unless_the_entry_holds_everywhere(centre: Centre) -> None:
    """C-28: the list stops automatic calls; the flag, and an opt-out, stop callbacks too."""
    called = [await centre.contact(number) for number in (A, B, C)]
    campaign = await centre.loaded(*called)
    await centre.rows("UPDATE hopper_entries SET is_callback = contact_id <> $1", called[2])
    for number, everywhere in ((A, False), (B, True), (C, False)):
        await listed(centre, number, everywhere=everywhere)
    assert (await centre.claim_one(campaign)).number == A
    assert await history(centre) == [(B, "BLACKLIST", 0), (C, "BLACKLIST", 0)]
    assert await centre.reasons(campaign) == [
        (called[1], "ALL_PHONES_BLOCKED"),
        (called[2], "ALL_PHONES_BLOCKED"),
    ]


async def test_a_person_on_the_list_is_closed_at_the_claim_with_no_call(centre: Centre) -> None:
    one, two, three = [await centre.contact(number) for number in (A, B, C)]
    campaign = await centre.loaded(one, two, three)
    await centre.rows("UPDATE hopper_entries SET is_callback = contact_id = $1", two)
    for person in (one, two):
        await listed(centre, person=person)
    await listed(centre, person=three, campaign=await centre.campaign())
    assert {call.number for call in await centre.claim(campaign)} == {B, C}
    assert await centre.reasons(campaign) == [(one, "BLACKLIST_CONTACT")]
    assert await history(centre) == []


async def test_the_strictest_entries_of_many_calls_are_told_at_once(centre: Centre) -> None:
    """Asked by the gate; a call by hand is stopped only by what holds everywhere (C-28)."""
    contact, campaign = await centre.contact(A), await centre.campaign()
    await listed(centre, A)
    await listed(centre, A, campaign=campaign, everywhere=True)
    await listed(centre, B)
    await listed(centre, person=contact, everywhere=True, opt_out=True)
    asked = [(contact, A), (0, A), (0, B), (0, C)]

    async def ask(connection: object) -> list[tuple[object, ...]]:
        found = await blocks_for(
            connection,  # type: ignore[arg-type]
            [Candidate(contact_id=who, number=what, campaign_id=campaign) for who, what in asked],
        )
        return [
            tuple(
                None if block is None else (block.media, block.campaign_id, block.is_opt_out)
                for block in (one.stopping(is_automatic=True), one.stopping(is_automatic=False))
            )
            for one in found
        ]

    by_number = ("PHONE", campaign, False)
    assert await centre.within(ask) == [
        (("PERSON", None, True), ("PERSON", None, True)),
        (by_number, by_number),
        (("PHONE", None, False), None),
        (None, None),
    ]
    numbers = [A, B, C]
    assert await centre.within(lambda c: blacklisted_numbers(c, numbers, campaign)) == {A, B}
    assert await centre.within(
        lambda c: blacklisted_numbers(c, numbers, campaign, is_callback=True)
    ) == {A}


async def test_a_number_is_blocked_in_every_open_entry_at_once(centre: Centre) -> None:
    one, two = await centre.contact(A, (B, None)), await centre.contact(B)
    first, second = await centre.loaded(one), await centre.loaded(one, two)
    await listed(centre, B, everywhere=True, opt_out=True)
    await centre.rows("UPDATE hopper_entries SET held_until = 'infinity', hold_rule = 'WINDOW'")
    done = await centre.within(lambda c: block_numbers(c, [B], minutes(1)))
    assert (done.entries, done.closed, done.in_call) == (3, 1, 0)
    assert await centre.reasons(second) == [(two, "ALL_PHONES_BLOCKED")]
    assert await history(centre) == [(B, "BLACKLIST", 1)] * 2 + [(B, "BLACKLIST", 0)]
    for campaign in (first, second):
        await centre.report(await centre.claim_one(campaign, minutes(1)), at=minutes(1))
        assert await centre.claim(campaign, minutes(2)) == []  # it was the turn of B
    assert len(await history(centre)) == 5  # and no second row of it


async def test_a_number_that_is_in_a_call_is_blocked_after_it(centre: Centre) -> None:
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact)
    call = await centre.claim_one(campaign)
    await listed(centre, A, everywhere=True, opt_out=True)
    done = await centre.within(lambda c: block_numbers(c, [A], NOW))
    assert (done.entries, done.closed, done.in_call) == (1, 0, 1)
    assert await centre.report(call, CallStatus.BUSY) == "OK"
    assert (await centre.claim_one(campaign, minutes(1))).number == B
    assert [(status, number) for number, status, _ in await history(centre)] == [
        ("BLACKLIST", A),
        ("BUSY", A),
    ]


async def test_a_claim_that_does_not_know_of_the_opt_out_yet_is_waited_for(centre: Centre) -> None:
    """Else it would take an entry that was looked at and found waiting."""
    campaign = await centre.loaded(await centre.contact(A))
    claimed = asyncio.Event()
    finish = asyncio.Event()

    async def take() -> None:
        async with centre.database.connection(centre.tenant_id) as connection:
            assert len(await claim(connection, campaign, 10, NOW)) == 1
            claimed.set()
            await finish.wait()

    taking = asyncio.create_task(take())
    await claimed.wait()
    await listed(centre, A, everywhere=True, opt_out=True)
    blocking = asyncio.create_task(centre.within(lambda c: block_numbers(c, [A], NOW)))
    await asyncio.sleep(0.1)
    assert not blocking.done()
    finish.set()
    await taking
    assert (await blocking).in_call == 1


async def test_a_number_that_is_taken_off_can_be_dialed_again_by_who_is_open(
    centre: Centre,
) -> None:
    """Unless another entry still names it."""
    campaign = await centre.loaded(await centre.contact(A, (B, None), (C, None)))
    await listed(centre, C, campaign=campaign)
    await centre.within(lambda c: block_numbers(c, [A, C], NOW))
    await centre.within(lambda c: unblock_numbers(c, [A, C]))
    assert await centre.rows("SELECT number, phone_state FROM hopper_phones ORDER BY position") == [
        (A, "OPEN"),
        (B, "OPEN"),
        (C, "BLOCKED"),
    ]
