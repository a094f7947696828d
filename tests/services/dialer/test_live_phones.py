# SPDX-License-Identifier: Apache-2.0
"""Numbers that are edited while their contact is open (section 6 row 13, C-06)."""

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
