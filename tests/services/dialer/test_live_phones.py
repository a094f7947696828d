# SPDX-License-Identifier: Apache-2.0
"""Numbers that are edited while their contact is open (section 6 row 13, C-06)."""

import pytest

from server.domain.campaigns import CallStatus
from server.services.dialer import change_phones
from tests.services.dialer.centre import NOW, Centre, minutes

A, B, C, D = (f"+39061234500{place}" for place in range(4))


async def edit(centre: Centre, contact: int, primary: str | None, *further: str) -> None:
    """What an edit of the contact writes, and that the dialer is told of it."""
    await centre.rows("UPDATE contacts SET phone = $2 WHERE id = $1", contact, primary)
    await centre.rows(
        "DELETE FROM additional_phones WHERE contact_id = $1 AND number <> ALL($2::text[])",
        contact,
        list(further),
    )
    known = await centre.rows("SELECT number FROM additional_phones WHERE contact_id = $1", contact)
    new = [(number, None) for number in further if (number,) not in known]
    await centre.add_phones(contact, *new)
    await centre.within(lambda c: change_phones(c, [contact], NOW))


async def test_a_new_number_joins_the_round_and_a_changed_one_begins_anew(centre: Centre) -> None:
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact)
    await centre.report(await centre.claim_one(campaign))
    await edit(centre, contact, D, B, C)
    assert await centre.numbers_of(contact) == [D, B, C]
    assert await centre.rows(
        "SELECT current_number, current_position, primary_number, scheduled_at FROM hopper_entries"
    ) == [(B, 1, D, minutes(1))]
    assert await centre.rows("SELECT number, no_answer FROM hopper_phones ORDER BY position") == [
        (D, 0),
        (B, 0),
        (C, 0),
    ]


async def test_a_removed_number_that_was_next_gives_way_to_the_one_after_it(
    centre: Centre,
) -> None:
    contact = await centre.contact(A, (B, None), (C, None))
    campaign = await centre.loaded(contact)
    await centre.report(await centre.claim_one(campaign))
    await edit(centre, contact, A, C)
    call = await centre.claim_one(campaign, minutes(1))
    assert (call.number, call.position, call.round) == (C, 1, 1)


async def test_the_number_in_a_call_stays_until_its_result(centre: Centre) -> None:
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact)
    call = await centre.claim_one(campaign)
    await edit(centre, contact, C, B)
    assert await centre.rows(
        "SELECT state, claim_token, current_number, has_edited_phones FROM hopper_entries"
    ) == [("DIALING", call.token, A, True)]
    await centre.report(call, CallStatus.BUSY)
    assert await centre.numbers_of(contact) == [C, B]
    assert await centre.rows(
        "SELECT current_number, state, has_edited_phones, total_attempts FROM hopper_entries"
    ) == [(B, "WAIT_NEXT_PHONE", False, 1)]
    assert await centre.rows("SELECT number, status FROM call_attempts") == [(A, "BUSY")]


async def test_a_contact_whose_last_number_goes_is_closed(centre: Centre) -> None:
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact)
    await edit(centre, contact, None)
    assert await centre.reasons(campaign) == [(contact, "NO_DIALABLE_PHONE")]


async def test_an_edit_to_the_number_of_another_open_contact_is_taken(centre: Centre) -> None:
    """And both of them are known to the duplicate check afterwards."""
    first, second = await centre.contact(A), await centre.contact(B)
    campaign = await centre.loaded(first, second)
    await edit(centre, second, A)
    assert await centre.rows("SELECT primary_number FROM hopper_entries ORDER BY id") == [
        (A,),
        (A,),
    ]
    await edit(centre, first, C)
    again = await centre.list_of(await centre.contact(A), await centre.contact(C))
    assert (await centre.attach(campaign, again)).duplicates == 2


async def set_state(centre: Centre, contact: int, number: str, state: str) -> None:
    """What an edit of a number's state writes, and that the dialer is told of it."""
    await centre.rows("UPDATE contacts SET phone_state = $2 WHERE phone = $1", number, state)
    await centre.rows("UPDATE additional_phones SET state = $2 WHERE number = $1", number, state)
    await centre.within(lambda c: change_phones(c, [contact], NOW))


@pytest.mark.parametrize("state", ["INACTIVE", "EXCLUDED", "BLOCKED"])
async def test_a_load_leaves_out_numbers_that_are_not_available(
    centre: Centre, state: str
) -> None:  # C-08
    office = await centre.item_type("Office", 1)
    first = await centre.contact(A, (B, None), (C, office))
    second = await centre.contact(D, (B, None))
    await set_state(centre, first, A, state)
    await set_state(centre, first, C, state)
    await set_state(centre, second, D, state)
    campaign = await centre.loaded(first, second, check_duplicate="NEVER")
    assert await centre.numbers_of(first) == [B]
    assert await centre.numbers_of(second) == [B]
    assert await centre.rows(
        "SELECT current_number, primary_number FROM hopper_entries WHERE campaign_id = $1 "
        "ORDER BY contact_id",
        campaign,
    ) == [(B, A), (B, D)]


async def test_a_contact_without_an_available_number_is_not_loaded(centre: Centre) -> None:  # C-08
    contact = await centre.contact(A, (B, None))
    await set_state(centre, contact, A, "BLOCKED")
    await set_state(centre, contact, B, "EXCLUDED")
    campaign = await centre.campaign()
    loaded = await centre.attach(campaign, await centre.list_of(contact))
    assert (loaded.loaded, loaded.without_numbers) == (0, 1)
    assert await centre.reasons(campaign) == [(contact, "NO_DIALABLE_PHONE")]
    assert await centre.rows("SELECT primary_number FROM final_results") == [(A,)]


async def test_a_number_set_aside_is_not_dialed_and_comes_back_with_its_counters(
    centre: Centre,
) -> None:  # C-06, C-08
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact)
    await centre.report(await centre.claim_one(campaign))
    await set_state(centre, contact, A, "INACTIVE")
    assert (await centre.claim_one(campaign, minutes(1))).number == B
    kept = "SELECT number, position, is_available, no_answer FROM hopper_phones ORDER BY position"
    assert await centre.rows(kept) == [(B, 0, True, 0), (A, 1, False, 1)]
    await set_state(centre, contact, A, "AVAILABLE")
    assert await centre.rows(kept) == [(A, 0, True, 1), (B, 1, True, 0)]
    assert await centre.rows("SELECT current_number, state FROM hopper_entries") == [(B, "DIALING")]


async def test_setting_the_last_number_aside_ends_the_stay(centre: Centre) -> None:  # C-08
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact)
    await set_state(centre, contact, A, "INACTIVE")
    assert await centre.reasons(campaign) == [(contact, "NO_DIALABLE_PHONE")]
    assert await centre.rows("SELECT 1 FROM hopper_phones") == []


async def test_a_new_round_leaves_a_number_out_that_was_set_aside_unheard(centre: Centre) -> None:
    """Numbers are read again as a round starts: the state of the day counts."""
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact)
    await centre.report(await centre.claim_one(campaign))
    call = await centre.claim_one(campaign, minutes(1))
    await centre.rows("UPDATE additional_phones SET state = 'BLOCKED'")
    await centre.report(call, at=minutes(1))
    await centre.report(await centre.claim_one(campaign, minutes(3)), at=minutes(3))
    assert await centre.rows("SELECT current_number, round, state FROM hopper_entries") == [
        (A, 3, "WAIT_RETRY")
    ]
