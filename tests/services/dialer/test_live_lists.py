# SPDX-License-Identifier: Apache-2.0
"""Lists that leave or start afresh, contacts that go, campaigns that end (sections 4, 6, 9)."""

import pytest

from server.domain.campaigns import CallStatus
from server.domain.dialer import FinalReason
from server.domain.errors import DomainError
from server.services.dialer import (
    Loaded,
    close_ended,
    close_entries,
    detach_list,
    reset_list,
)
from tests.services.dialer.centre import Centre, minutes

A, B, C = (f"+39061234500{place}" for place in range(3))


async def test_a_list_that_is_detached_takes_its_entries_along(centre: Centre) -> None:
    """In chunks or not, with the last call that was made; other lists stay."""
    dialed, fresh, other = [await centre.contact(number) for number in (A, B, C)]
    campaign = await centre.campaign()
    gone, stays = await centre.list_of(dialed, fresh), await centre.list_of(other)
    await centre.attach(campaign, gone)
    await centre.report((await centre.claim(campaign, limit=1))[0], CallStatus.BUSY)
    await centre.attach(campaign, stays)
    closed = await centre.within(lambda c: detach_list(c, campaign, gone, minutes(1)))
    assert (closed.closed, closed.in_call) == (2, 0)
    assert await centre.rows(
        "SELECT contact_id, reason, number, status, counters::text, closed_at "
        "FROM final_results ORDER BY id"
    ) == [
        (dialed, "LIST_DETACHED", A, "BUSY", '{"BUSY": 1}', minutes(1)),
        (fresh, "LIST_DETACHED", None, None, "{}", minutes(1)),
    ]
    assert await centre.rows("SELECT contact_id FROM hopper_entries") == [(other,)]
    assert await centre.rows("SELECT list_id FROM campaign_lists") == [(stays,)]


@pytest.mark.parametrize("comes_back", [True, False])
async def test_who_comes_back_with_a_list_before_their_call_is_over_stays(
    comes_back: bool, centre: Centre
) -> None:
    """Nobody is lost between a list that leaves and the same or another that comes (J2)."""
    contact, other = await centre.contact(A), await centre.contact(B)
    first, second = await centre.list_of(contact), await centre.list_of(contact, other)
    campaign = await centre.campaign()
    await centre.attach(campaign, first)
    call = await centre.claim_one(campaign)
    left = await centre.within(lambda c: detach_list(c, campaign, first))
    assert (left.closed, left.in_call) == (0, 1)
    if comes_back:
        await centre.attach(campaign, second)
    await centre.report(call, CallStatus.NO_ANSWER)
    stays = await centre.rows("SELECT list_id FROM hopper_entries WHERE contact_id = $1", contact)
    assert stays == ([(second,)] if comes_back else [])
    closed = await centre.rows("SELECT reason FROM final_results")
    assert closed == ([] if comes_back else [("LIST_DETACHED",)])


async def test_a_contacts_entries_close_in_every_campaign(centre: Centre) -> None:
    contact = await centre.contact(A)
    first, second = await centre.loaded(contact), await centre.loaded(contact)
    closed = await centre.within(
        lambda c: close_entries(c, FinalReason.CONTACT_DELETED, contact_ids=[contact])
    )
    assert closed.closed == 2
    for campaign in (first, second):
        assert await centre.reasons(campaign) == [(contact, "CONTACT_DELETED")]
    assert await centre.rows("SELECT 1 FROM hopper_phones") == []


async def test_a_condition_is_never_forgotten(centre: Centre) -> None:
    """Nothing given closes nothing; an empty list of contacts is not everybody."""
    await centre.loaded(await centre.contact(A))
    for given in ({}, {"contact_ids": []}, {"entry_ids": []}):
        closed = await centre.within(
            lambda c, by=given: close_entries(c, FinalReason.MANUAL, **by)  # type: ignore[misc]
        )
        assert closed.closed == 0


async def test_a_list_that_starts_afresh_is_loaded_whatever_became_of_it(centre: Centre) -> None:
    """Final results of its own contacts do not stop it, those of others do; a call goes on."""
    reached, waiting, calling = [await centre.contact(number) for number in (A, B, C)]
    campaign = await centre.campaign(simultaneous_lines=3)
    elsewhere, list_id = await centre.list_of(), await centre.list_of(reached, waiting, calling)
    await centre.attach(campaign, elsewhere)
    await centre.attach(campaign, list_id)
    calls = await centre.claim(campaign)
    await centre.report(calls[0], CallStatus.ANSWER)
    await centre.report(calls[1], CallStatus.BUSY)
    namesake = await centre.contact(A)
    await centre.join(list_id, namesake)
    reset = await centre.within(lambda c: reset_list(c, campaign, list_id, minutes(9)))
    assert (reset.loaded, reset.in_call) == (Loaded(loaded=2, duplicates=2), 1)
    assert await centre.rows(
        "SELECT contact_id, state, total_attempts, round, scheduled_at "
        "FROM hopper_entries ORDER BY contact_id"
    ) == [
        (reached, "READY", 0, 1, minutes(9)),
        (waiting, "READY", 0, 1, minutes(9)),
        (calling, "DIALING", 0, 1, minutes(0)),
    ]
    assert await centre.value("SELECT sum(busy)::int FROM hopper_phones") == 0
    assert await centre.value("SELECT count(*) FROM call_attempts") == 2
    assert await centre.reasons(campaign) == [(reached, "REACHED")]


async def test_only_a_list_of_the_campaign_starts_afresh(centre: Centre) -> None:
    campaign, list_id = await centre.campaign(), await centre.list_of(await centre.contact(A))
    with pytest.raises(DomainError) as refused:
        await centre.within(lambda c: reset_list(c, campaign, list_id))
    assert (refused.value.code, refused.value.field) == ("NOT_FOUND", "listId")
    assert await centre.rows("SELECT 1 FROM hopper_entries") == []


async def test_when_the_end_passes_what_waits_closes_and_the_campaign_has_ended(
    centre: Centre,
) -> None:
    """Section 11; a call that is up finishes first."""
    calling, waiting = await centre.contact(A, priority=1), await centre.contact(B)
    campaign = await centre.loaded(calling, waiting, ends_at=minutes(10))
    (call,) = await centre.claim(campaign, limit=1)
    early = await centre.within(lambda c: close_ended(c, campaign, minutes(9.9)))
    closed = await centre.within(lambda c: close_ended(c, campaign, minutes(10)))
    assert (early.closed, closed.closed) == (0, 1)
    assert await centre.rows("SELECT state FROM campaigns") == [("RUNNING",)]
    await centre.report(call, CallStatus.BUSY, minutes(11))
    await centre.within(lambda c: close_ended(c, campaign, minutes(11)))
    assert await centre.reasons(campaign) == [
        (waiting, "CAMPAIGN_ENDED"),
        (calling, "CAMPAIGN_ENDED"),
    ]
    assert await centre.rows("SELECT state FROM campaigns") == [("ENDED",)]
    assert await centre.rows("SELECT name, subject_id FROM events") == [
        ("campaign.ended", campaign)
    ]
