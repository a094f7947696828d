# SPDX-License-Identifier: Apache-2.0
"""The load routine: order of the numbers, first times, duplicates (dial-machine section 9)."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from server.domain.campaigns import CallStatus
from server.services.dialer import Loaded, attach_list, load_members, replace_lists
from tests.services.dialer.centre import NOW, Centre, minutes

A, B, C, D = (f"+39061234500{place}" for place in range(4))


async def test_typed_numbers_stand_in_the_order_of_their_types(centre: Centre) -> None:
    """X-05, X-36: order, then folded name; the order of entry says nothing. X-06: untyped last."""
    second = await centre.item_type("Holiday", 2)
    first = await centre.item_type("office", 1)
    also_second = await centre.item_type("Alpha", 2)
    contact = await centre.contact(
        A, ("+1111", None), ("+2222", second), ("+3333", None), ("+4444", also_second), (B, first)
    )
    await centre.loaded(contact)
    assert await centre.numbers_of(contact) == [A, B, "+4444", "+2222", "+1111", "+3333"]
    assert await centre.rows(
        "SELECT DISTINCT no_answer, busy, congestion, no_such_number, drop, abandoned, machine, "
        "agent_reject, phone_state FROM hopper_phones"
    ) == [(0, 0, 0, 0, 0, 0, 0, 0, "OPEN")]


async def test_a_repeated_number_keeps_its_first_place(centre: Centre) -> None:
    contact = await centre.contact(
        A, (B, None), (A, await centre.item_type("Office", 1)), (C, None)
    )
    await centre.loaded(contact)
    assert await centre.numbers_of(contact) == [A, B, C]


async def test_without_a_primary_the_first_further_number_acts_as_the_first(
    centre: Centre,
) -> None:
    """Section 6, row 14."""
    contact = await centre.contact(None, (A, None), (B, await centre.item_type("Office", 1)))
    campaign = await centre.loaded(contact)
    assert await centre.numbers_of(contact) == [B, A]
    assert (await centre.claim_one(campaign)).number == B


async def test_a_contact_without_any_number_closes_at_once(centre: Centre) -> None:
    nobody, somebody = await centre.contact(None), await centre.contact(A)
    campaign = await centre.campaign()
    loaded = await centre.attach(campaign, await centre.list_of(nobody, somebody))
    assert loaded == Loaded(loaded=1, without_numbers=1)
    assert await centre.reasons(campaign) == [(nobody, "NO_DIALABLE_PHONE")]


async def test_a_fresh_entry_is_due_when_it_is_loaded_or_when_its_contact_says(
    centre: Centre,
) -> None:
    """X-35: per row, and never in the past."""
    now = datetime.now(UTC)
    contacts = [
        await centre.contact(A),
        await centre.contact(B, scheduled_at=now - timedelta(days=9)),
        await centre.contact(C, scheduled_at=now + timedelta(days=9)),
    ]
    campaign, list_id = await centre.campaign(), await centre.list_of(*contacts)
    await centre.within(lambda c: attach_list(c, campaign, list_id))
    rows = await centre.rows("SELECT scheduled_at FROM hopper_entries ORDER BY id")
    for (scheduled_at,) in rows[:2]:
        assert isinstance(scheduled_at, datetime)
        assert now <= scheduled_at <= datetime.now(UTC)
    assert rows[2] == (now + timedelta(days=9),)
    later = await centre.contact(D)
    await centre.join(list_id, later)
    await centre.within(lambda c: load_members(c, list_id, [later]))
    assert await centre.value("SELECT count(DISTINCT scheduled_at) FROM hopper_entries") == 3


async def test_priority_comes_from_the_contact(centre: Centre) -> None:
    low, high = await centre.contact(A, priority=3), await centre.contact(B, priority=1)
    campaign = await centre.loaded(low, high)
    assert [call.contact_id for call in await centre.claim(campaign)] == [high, low]


async def test_importing_into_an_attached_list_is_as_attaching_after(centre: Centre) -> None:
    """X-23: one row a contact, one a number in dial order, counters at zero."""
    office = await centre.item_type("Office", 1)
    before, after = await centre.campaign(), await centre.campaign()
    attached = await centre.list_of()
    await centre.attach(before, attached)
    contacts = [
        await centre.contact(
            f"+3906{place:06}", (f"+3907{place:06}", None), (f"+3908{place:06}", office)
        )
        for place in range(20)
    ]
    await centre.join(attached, *contacts)
    loaded = await centre.within(lambda c: load_members(c, attached, contacts, NOW))
    assert loaded == Loaded(loaded=20)
    assert await centre.attach(after, attached) == Loaded(loaded=20)
    compared = """
        SELECT e.contact_id, e.list_id, e.state, e.scheduled_at, e.round, e.current_position,
          e.current_number, e.primary_number, e.total_attempts, p.number, p.position,
          p.item_type_name, p.phone_id, p.no_answer
        FROM hopper_entries e JOIN hopper_phones p ON p.entry_id = e.id
        WHERE e.campaign_id = $1 ORDER BY e.contact_id, p.position"""
    rows = await centre.rows(compared, before)
    assert len(rows) == 60
    assert [row[10:12] for row in rows[:3]] == [(0, None), (1, "Office"), (2, None)]
    assert rows == await centre.rows(compared, after)


@pytest.mark.parametrize("policy", ["ALWAYS", "ONLY_IF_OPEN", "NEVER"])
async def test_an_empty_campaign_loads_everybody(policy: str, centre: Centre) -> None:
    """(a), X-40; then (b), the same again, and (c), one new number."""
    contacts = [await centre.contact(number) for number in (A, B, C)]
    campaign = await centre.campaign(check_duplicate=policy)
    list_id = await centre.list_of(*contacts)
    assert await centre.attach(campaign, list_id) == Loaded(loaded=3)
    assert await centre.attach(campaign, list_id) == Loaded(duplicates=3)
    await centre.join(list_id, await centre.contact(D))
    assert await centre.attach(campaign, list_id) == Loaded(loaded=1, duplicates=3)


async def test_of_two_equal_numbers_in_one_load_the_first_contact_wins(centre: Centre) -> None:
    """(d)"""
    first, second = await centre.contact(A), await centre.contact(A)
    list_id = await centre.list_of(second, first)
    for policy, expected in (
        ("ALWAYS", Loaded(loaded=1, duplicates=1)),
        ("ONLY_IF_OPEN", Loaded(loaded=1, duplicates=1)),
        ("NEVER", Loaded(loaded=2)),
    ):
        campaign = await centre.campaign(check_duplicate=policy)
        assert await centre.attach(campaign, list_id) == expected
        open_ = await centre.rows(
            "SELECT contact_id FROM hopper_entries WHERE campaign_id = $1 ORDER BY id", campaign
        )
        assert open_ == [(first,), (second,)][: expected.loaded]


async def test_closed_on_another_number_the_primary_is_still_known(centre: Centre) -> None:
    """(e); and (f): ONLY_IF_OPEN loads it again, from fresh counters."""
    contact = await centre.contact(A, (B, None))
    namesake = await centre.contact(A)
    campaign = await centre.loaded(contact)
    await centre.report(await centre.claim_one(campaign))
    await centre.report(await centre.claim_one(campaign, minutes(1)), CallStatus.ANSWER, minutes(1))
    assert await centre.rows("SELECT number, primary_number FROM final_results") == [(B, A)]
    again = await centre.list_of(contact, namesake)
    assert await centre.attach(campaign, again) == Loaded(duplicates=2)
    await centre.rows("UPDATE campaigns SET check_duplicate = 'ONLY_IF_OPEN'")
    assert await centre.attach(campaign, again) == Loaded(loaded=1, duplicates=1)
    assert await centre.rows(
        "SELECT e.contact_id, e.round, e.total_attempts, e.current_number, sum(p.no_answer)::int "
        "FROM hopper_entries e JOIN hopper_phones p ON p.entry_id = e.id GROUP BY e.id"
    ) == [(contact, 1, 0, A, 0)]


@pytest.mark.parametrize("policy", ["ALWAYS", "ONLY_IF_OPEN"])
async def test_an_entry_on_its_second_number_is_still_known_by_its_primary(
    policy: str, centre: Centre
) -> None:
    """(g)"""
    campaign = await centre.loaded(await centre.contact(A, (B, None)), check_duplicate=policy)
    await centre.report(await centre.claim_one(campaign))
    assert await centre.rows("SELECT current_number FROM hopper_entries") == [(B,)]
    others = await centre.list_of(await centre.contact(A), await centre.contact(B))
    assert await centre.attach(campaign, others) == Loaded(loaded=1, duplicates=1)


async def test_rows_loaded_without_a_check_are_seen_by_a_later_check(centre: Centre) -> None:
    campaign = await centre.loaded(await centre.contact(A), check_duplicate="NEVER")
    await centre.rows("UPDATE campaigns SET check_duplicate = 'ALWAYS'")
    again = await centre.list_of(await centre.contact(A))
    assert await centre.attach(campaign, again) == Loaded(duplicates=1)


async def test_replaced_lists_leave_before_the_new_ones_are_checked(centre: Centre) -> None:
    """(h): the same numbers on the new list are loaded, those reached before are not."""
    reached, waiting = await centre.contact(A, priority=1), await centre.contact(B)
    campaign = await centre.loaded(reached, waiting)
    call = (await centre.claim(campaign, limit=1))[0]
    await centre.report(call, CallStatus.ANSWER)
    fresh = [await centre.contact(number) for number in (A, B, C)]
    new = await centre.list_of(*fresh)
    replaced = await centre.within(lambda c: replace_lists(c, campaign, [new], minutes(1)))
    assert (replaced.closed.closed, replaced.loaded) == (1, Loaded(loaded=2, duplicates=1))
    assert await centre.reasons(campaign) == [(reached, "REACHED"), (waiting, "LIST_DETACHED")]
    assert await centre.rows("SELECT contact_id FROM hopper_entries ORDER BY id") == [
        (fresh[1],),
        (fresh[2],),
    ]
    assert await centre.rows("SELECT list_id FROM campaign_lists") == [(new,)]


async def test_two_importers_cannot_load_one_number_twice(centre: Centre) -> None:
    """The check is set-based with a unique index behind it; no importer fails."""
    numbers = [f"+3906{place:06}" for place in range(50)]
    campaign = await centre.campaign()
    lists = [
        await centre.list_of(*[await centre.contact(number) for number in order])
        for order in (numbers, numbers[::-1], numbers)
    ]
    loads = await asyncio.gather(*(centre.attach(campaign, list_id) for list_id in lists))
    assert sum(load.loaded for load in loads) == 50
    assert sum(load.duplicates for load in loads) == 100
    assert await centre.value("SELECT count(DISTINCT primary_number) FROM hopper_entries") == 50


async def test_a_member_that_joins_while_its_list_is_attached_is_loaded_once(
    centre: Centre,
) -> None:
    """X-23: the importer has written the member, the campaign does not see it yet."""
    campaign, list_id = await centre.campaign(), await centre.list_of()
    contact = await centre.contact(A)
    async with centre.database.connection(centre.tenant_id) as importer:
        await importer.execute("INSERT INTO list_members VALUES ($1, $2)", list_id, contact)
        assert await load_members(importer, list_id, [contact], NOW) == Loaded()
        attaching = asyncio.create_task(centre.attach(campaign, list_id))
        await asyncio.sleep(0.1)
        assert not attaching.done()
    assert await attaching == Loaded(loaded=1)


async def test_after_the_end_of_the_campaign_nobody_is_loaded_to_wait(centre: Centre) -> None:
    """Section 6, row 7; section 11."""
    soon = await centre.contact(A)
    late = await centre.contact(B, scheduled_at=minutes(60))
    campaign = await centre.campaign(ends_at=minutes(30))
    list_id = await centre.list_of(soon, late)
    assert await centre.attach(campaign, list_id) == Loaded(loaded=1, ended=1)
    assert await centre.reasons(campaign) == [(late, "CAMPAIGN_ENDED")]
    assert await centre.attach(campaign, list_id, minutes(31)) == Loaded(duplicates=2)
