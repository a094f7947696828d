# SPDX-License-Identifier: Apache-2.0
"""Contacts that are merged, taken apart and restored while campaigns call them (X-28, D2, D3)."""

import pytest

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.merging import MergeEntryEffect
from server.domain.permissions import Viewer
from server.services import contacts
from server.services.contacts.merging import Merged, Unmerged, preview_merge, undo_merge
from tests.factories.merges import merge
from tests.factories.users import make_viewer
from tests.services.dialer.centre import NOW, Centre, minutes

A, B, C, D, E = (f"+39061234500{place}" for place in range(5))
COUNTS = """
SELECT p.number, p.no_answer + p.busy FROM hopper_phones p
JOIN hopper_entries e ON e.id = p.entry_id WHERE e.contact_id = $1 ORDER BY p.number
"""


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def merged(centre: Centre, viewer: Viewer, *ids: int) -> Merged:
    async with centre.database.transaction(centre.tenant_id) as session:
        return await merge(session, viewer, *ids)


async def undone(centre: Centre, viewer: Viewer, merge_id: int) -> Unmerged:
    async with centre.database.transaction(centre.tenant_id) as session:
        return await undo_merge(session, viewer, merge_id)


async def call_next(centre: Centre, campaign: int, minute: float) -> str:
    """The number that is due, called in vain."""
    [call] = await centre.claim(campaign, minutes(minute), 1)
    await centre.report(call, at=minutes(minute))
    return call.number


async def test_two_that_are_open_go_on_as_one_and_no_number_is_called_twice_in_the_round(
    centre: Centre, viewer: Viewer
) -> None:
    first = await centre.contact(A, (B, None))
    second = await centre.contact(C, (B, None), (D, None))
    campaign = await centre.loaded(first, second)
    for _ in range(2):  # A of the one and C of the other
        await call_next(centre, campaign, 0)
    await call_next(centre, campaign, 1)  # B of the first
    async with centre.database.transaction(centre.tenant_id) as session:
        preview = await preview_merge(session, viewer, [first, second])
        [stay] = preview.stays
        assert (stay.effect, stay.contact_ids) == (MergeEntryEffect.JOINED, (first, second))
        assert stay.survivor.entry.total_attempts == 3
    done = await merged(centre, viewer, first, second)
    assert await centre.rows(COUNTS, first) == [(A, 1), (B, 1), (C, 1), (D, 0)]
    assert await centre.reasons(campaign) == [(second, "MERGED")]
    assert await centre.rows(
        "SELECT id, contact_id, round, state, current_number, total_attempts FROM hopper_entries"
    ) == [(done.stays[0].survivor.id, first, 2, "WAIT_NEXT_PHONE", A, 3)]
    assert await centre.numbers_of(first) == [C, A, B, D]
    dialed = [await call_next(centre, campaign, minute) for minute in (10, 20, 30, 40)]
    # C was called in the round that the second had begun, so it comes in the next one.
    assert dialed == [A, B, D, A]
    assert await centre.rows("SELECT round FROM hopper_entries") == [(3,)]


async def test_the_stay_of_the_only_one_that_is_open_moves_to_the_master(
    centre: Centre, viewer: Viewer
) -> None:
    first = await centre.contact(A)
    second = await centre.contact(B, (C, None))
    campaign = await centre.loaded(second)
    await call_next(centre, campaign, 0)
    done = await merged(centre, viewer, first, second)
    assert [stay.effect for stay in done.stays] == [MergeEntryEffect.MOVED]
    assert await centre.rows(COUNTS, first) == [(A, 0), (B, 1), (C, 0)]
    assert await centre.reasons(campaign) == []
    assert await centre.rows("SELECT primary_number FROM hopper_entries") == [(A,)]
    assert await call_next(centre, campaign, 1) == C


async def test_attempts_add_up_so_that_a_cap_is_not_walked_around(
    centre: Centre, viewer: Viewer
) -> None:  # reliability 5 (e)
    first, second = await centre.contact(A), await centre.contact(B)
    campaign = await centre.loaded(first, second, max_attempts_per_contact=3, wait=1)
    for minute in (0, 0):
        await call_next(centre, campaign, minute)
    await call_next(centre, campaign, 1)
    done = await merged(centre, viewer, first, second)
    assert [stay.effect for stay in done.stays] == [MergeEntryEffect.CLOSED]
    assert await centre.reasons(campaign) == [(second, "MERGED"), (first, "CONTACT_CAP")]
    assert await centre.claim(campaign, minutes(60)) == []


async def test_history_stays_where_it_was_made_and_is_found_from_the_master(
    centre: Centre, viewer: Viewer
) -> None:
    first, second = await centre.contact(A), await centre.contact(B)
    campaign = await centre.loaded(first, second)
    await call_next(centre, campaign, 0)
    await call_next(centre, campaign, 0)
    before = await centre.rows("SELECT * FROM call_attempts ORDER BY id")
    await merged(centre, viewer, first, second)
    assert await centre.rows("SELECT * FROM call_attempts ORDER BY id") == before
    assert {row[2] for row in before} == {first, second}


async def test_an_undone_merge_gives_each_its_stay_back_with_the_calls_made_since(
    centre: Centre, viewer: Viewer
) -> None:  # D2
    first = await centre.contact(A, (B, None))
    second = await centre.contact(C, (D, None))
    campaign = await centre.loaded(first, second)
    for _ in range(2):
        await call_next(centre, campaign, 0)
    done = await merged(centre, viewer, first, second)
    since = [await call_next(centre, campaign, minute) for minute in (10, 20)]
    assert sorted(since) == [B, D]
    unmerged = await undone(centre, viewer, done.merge_id)
    assert [(one.field, one.now) for one in unmerged.changes] == [("calls", 2)]
    assert await centre.rows(COUNTS, first) == [(A, 1), (B, 1)]
    assert await centre.rows(COUNTS, second) == [(C, 1), (D, 1)]
    assert await centre.rows(
        "SELECT contact_id, primary_number, total_attempts FROM hopper_entries ORDER BY contact_id"
    ) == [(first, A, 3), (second, C, 1)]  # the calls made since are the master's
    assert {row[0] for row in await centre.rows("SELECT contact_id FROM call_attempts")} == {
        first,
        second,
    }
    assert len(await centre.claim(campaign, minutes(60))) == 2


async def test_a_stay_that_ended_meanwhile_is_not_begun_again(
    centre: Centre, viewer: Viewer
) -> None:
    first, second = await centre.contact(A), await centre.contact(B)
    campaign = await centre.loaded(first, second)
    done = await merged(centre, viewer, first, second)
    await centre.report(await centre.claim_one(campaign), CallStatus.ANSWER)
    unmerged = await undone(centre, viewer, done.merge_id)
    assert [one.kind.value for one in unmerged.left_out] == ["CLOSED", "CLOSED"]
    assert await centre.claim(campaign, minutes(600)) == []


async def test_a_moved_stay_goes_back_to_its_contact(centre: Centre, viewer: Viewer) -> None:
    first = await centre.contact(A)
    second = await centre.contact(B, (C, None))
    campaign = await centre.loaded(second)
    done = await merged(centre, viewer, first, second)
    assert await call_next(centre, campaign, 0) == A  # the new primary is first
    await undone(centre, viewer, done.merge_id)
    assert await centre.rows("SELECT contact_id, primary_number FROM hopper_entries") == [
        (second, B)
    ]
    assert await centre.numbers_of(second) == [B, C]


async def test_a_restored_contact_is_called_on_where_it_was(
    centre: Centre, viewer: Viewer
) -> None:  # D4
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact)
    await call_next(centre, campaign, 0)
    async with centre.database.transaction(centre.tenant_id) as session:
        await contacts.delete_contact(session, viewer, contact)
    assert await centre.claim(campaign, minutes(60)) == []
    async with centre.database.transaction(centre.tenant_id) as session:
        await contacts.restore_contacts(session, viewer, [contact])
    call = await centre.claim_one(campaign, minutes(1))
    assert (call.number, call.round, call.attempts_made) == (B, 1, 1)
    assert await centre.report(call, CallStatus.ANSWER, minutes(1)) == "OK"
    assert await centre.reasons(campaign) == [(contact, "CONTACT_DELETED"), (contact, "REACHED")]


async def test_a_campaign_without_a_duplicate_check_takes_everybody_back(
    centre: Centre, viewer: Viewer
) -> None:
    contact, twin = await centre.contact(A), await centre.contact(A)
    campaign = await centre.loaded(contact, twin, check_duplicate="NEVER")
    async with centre.database.transaction(centre.tenant_id) as session:
        await contacts.trash_contacts(session, viewer, [contact])
        await contacts.restore_contacts(session, viewer, [contact])
    assert len(await centre.rows("SELECT id FROM hopper_entries")) == 2
    assert len(await centre.claim(campaign, NOW)) == 1  # one number, one call at a time
