# SPDX-License-Identifier: Apache-2.0
"""Open entries follow the priority and the time of their contact (X-35)."""

from datetime import datetime

import pytest

from server.domain.campaigns import CallStatus
from server.services.dialer import follow_contacts, release
from tests.services.dialer.centre import NOW, Centre, minutes

A, B = "+390612345000", "+390612345001"
LATER, SOONER = minutes(300), minutes(200)
STATE = "SELECT state, priority, scheduled_at FROM hopper_entries"


async def edited(
    centre: Centre, contact: int, at: datetime | None, priority: int = 2, *, had: datetime | None
) -> None:
    await centre.rows(
        "UPDATE contacts SET scheduled_at = $2, priority = $3 WHERE id = $1", contact, at, priority
    )
    await centre.within(lambda c: follow_contacts(c, [contact], had=had))


@pytest.mark.parametrize(
    ("numbers", "state", "due"),
    [(1, "WAIT_RETRY", minutes(7)), (2, "WAIT_NEXT_PHONE", minutes(1))],
)
async def test_a_wait_that_was_put_off_is_back_where_the_campaign_had_it(
    numbers: int, state: str, due: datetime, centre: Centre
) -> None:
    """From the result of the last call, by the settings of now."""
    contact = await centre.contact(A, *[(B, None)][: numbers - 1])
    campaign = await centre.loaded(contact)
    await centre.rows("UPDATE retry_settings SET minutes = 7 WHERE status = 'BUSY'")
    await centre.report(await centre.claim_one(campaign), CallStatus.BUSY)
    assert await centre.rows(STATE) == [(state, 2, due)]
    await edited(centre, contact, LATER, had=None)
    assert await centre.rows(STATE) == [(state, 2, LATER)]
    await edited(centre, contact, SOONER, had=LATER)
    assert await centre.rows(STATE) == [(state, 2, SOONER)]
    await edited(centre, contact, None, had=SOONER)
    assert await centre.rows(STATE) == [(state, 2, due)]


@pytest.mark.parametrize(
    ("ends", "state", "attempts"), [("report", "WAIT_RETRY", 1), ("release", "READY", 0)]
)
async def test_a_time_given_during_a_call_holds_from_its_end(
    ends: str, state: str, attempts: int, centre: Centre
) -> None:
    """The history tells when the call was due; a priority is the next call's."""
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact)
    call = await centre.claim_one(campaign)
    await edited(centre, contact, LATER, 1, had=None)
    assert await centre.rows(STATE) == [("DIALING", 1, NOW)]
    if ends == "report":
        await centre.report(call)
    else:
        await centre.within(lambda c: release(c, [(call.entry_id, call.token)], NOW))
    assert await centre.rows(STATE) == [(state, 1, LATER)]
    told = await centre.rows("SELECT scheduled_at FROM call_attempts")
    assert told == [(NOW,)] * attempts


async def test_a_time_taken_back_during_a_call_puts_nothing_off(centre: Centre) -> None:
    contact = await centre.contact(A, scheduled_at=NOW)
    campaign = await centre.loaded(contact)
    call = await centre.claim_one(campaign)
    await edited(centre, contact, LATER, had=NOW)
    await edited(centre, contact, None, had=LATER)
    await centre.report(call)
    assert await centre.rows(STATE) == [("WAIT_RETRY", 2, minutes(2))]


async def test_a_callback_keeps_the_time_that_was_agreed(centre: Centre) -> None:
    contact = await centre.contact(A)
    await centre.loaded(contact)
    await centre.rows("UPDATE hopper_entries SET is_callback = true, state = 'WAIT_CALLBACK'")
    await edited(centre, contact, LATER, 3, had=NOW)
    assert await centre.rows(STATE) == [("WAIT_CALLBACK", 3, NOW)]
