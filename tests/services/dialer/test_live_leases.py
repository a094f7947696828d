# SPDX-License-Identifier: Apache-2.0
"""Claims that nobody reports: kept alive, given back, or lost (section 11; F10, F17)."""

import uuid
from dataclasses import replace
from datetime import timedelta

from server.domain.campaigns import CallStatus
from server.services.dialer import (
    Reported,
    confirm_originate,
    heartbeat,
    reap,
    release,
)
from server.services.dialer.connections import use_indexes
from server.services.dialer.leases import EXPIRED_LOCKED
from tests.services.dialer.centre import NOW, Centre, minutes
from tests.services.dialer.explained import rows_read

A, B = "+390612345000", "+390612345001"
STATE = """
SELECT state, current_number, scheduled_at, total_attempts, claim_token, lease_until, claimed_at,
  state_before_claim, is_originate_confirmed FROM hopper_entries
"""
HISTORY = "SELECT number, status, started_at, ended_at, unique_id FROM call_attempts ORDER BY id"
NOBODY = (None, None, None, None, False)


async def test_a_lease_is_both_timeouts_and_a_minute_on_the_databases_clock(
    centre: Centre,
) -> None:
    """F15: whatever the campaign's clock shows."""
    campaign = await centre.loaded(
        await centre.contact(A), originate_timeout=20, queue_timeout=10, clock_rate=60
    )
    call = await centre.claim_one(campaign)
    ((left,),) = await centre.rows("SELECT lease_until - clock_timestamp() FROM hopper_entries")
    assert isinstance(left, timedelta)
    assert timedelta(seconds=80) < left <= timedelta(seconds=90)
    assert (call.claimed_at, call.timeout) == (NOW, 20)


async def test_an_unconfirmed_claim_that_is_lost_is_due_again_at_once(centre: Centre) -> None:
    campaign = await centre.loaded(await centre.contact(A, (B, None)))
    await centre.report(await centre.claim_one(campaign))
    call = await centre.claim_one(campaign, minutes(5))
    assert await centre.within(lambda c: reap(c, minutes(6))) == []
    await centre.lease_is_over(call)
    (lost,) = await centre.within(lambda c: reap(c, minutes(7)))
    assert (lost.entry_id, lost.was_confirmed) == (call.entry_id, False)
    assert await centre.rows(STATE) == [("WAIT_NEXT_PHONE", B, minutes(1), 1, *NOBODY)]
    assert (await centre.rows(HISTORY))[1:] == [(B, "LOST", minutes(5), minutes(7), None)]
    assert await centre.report(call, CallStatus.ANSWER) is Reported.STALE
    assert (await centre.claim_one(campaign, minutes(7))).number == B


async def test_a_confirmed_call_that_is_lost_counts_as_a_congestion(centre: Centre) -> None:
    """Somebody's telephone may have rung."""
    campaign = await centre.loaded(await centre.contact(A))
    await centre.rows("UPDATE retry_settings SET minutes = 33 WHERE status = 'CONGESTION'")
    call = await centre.claim_one(campaign)
    assert await centre.within(
        lambda c: confirm_originate(c, [(call.entry_id, call.token), (call.entry_id, uuid.uuid4())])
    ) == {(call.entry_id, call.token)}
    await centre.lease_is_over(call)
    (lost,) = await centre.within(lambda c: reap(c, minutes(2)))
    assert lost.was_confirmed
    assert await centre.rows(STATE) == [("WAIT_RETRY", A, minutes(35), 1, *NOBODY)]
    assert await centre.rows("SELECT congestion, last_status FROM hopper_phones") == [
        (1, "CONGESTION")
    ]
    assert await centre.rows(HISTORY) == [(A, "LOST", NOW, minutes(2), None)]
    assert await centre.rows("SELECT status, attempts FROM attempt_tallies") == [("LOST", 1)]


async def test_a_heartbeat_confirms_and_begins_the_lease_anew(centre: Centre) -> None:
    campaign = await centre.loaded(await centre.contact(A), await centre.contact(B))
    kept, lost = await centre.claim(campaign)
    await centre.rows(
        "UPDATE hopper_entries SET lease_until = clock_timestamp() + interval '5 seconds'"
    )
    await centre.lease_is_over(lost)
    claims = [(kept.entry_id, kept.token), (lost.entry_id, lost.token)]
    assert await centre.within(lambda c: heartbeat(c, claims)) == {(kept.entry_id, kept.token)}
    assert await centre.rows(
        "SELECT id, is_originate_confirmed FROM hopper_entries "
        "WHERE lease_until > clock_timestamp() + interval '80 seconds'"
    ) == [(kept.entry_id, True)]


async def test_a_claim_that_is_given_back_leaves_no_trace(centre: Centre) -> None:
    """A worker that stops; but never one that may be ringing, and never somebody else's."""
    campaign = await centre.loaded(await centre.contact(A), await centre.contact(B))
    idle, ringing = await centre.claim(campaign)
    await centre.within(lambda c: confirm_originate(c, [(ringing.entry_id, ringing.token)]))
    held = [(call.entry_id, call.token) for call in (idle, ringing)]
    assert await centre.within(lambda c: release(c, [(idle.entry_id, uuid.uuid4())])) == 0
    assert await centre.within(lambda c: release(c, held)) == 1
    assert await centre.rows(f"{STATE} WHERE id = $1", idle.entry_id) == [
        ("READY", A, NOW, 0, *NOBODY)
    ]
    assert await centre.rows(HISTORY) == []
    assert (await centre.claim_one(campaign)).entry_id == idle.entry_id
    assert await centre.report(replace(idle)) is Reported.STALE
    assert await centre.report(ringing) is Reported.OK


async def test_leases_are_ended_by_looking_at_those_that_ran_out_alone(centre: Centre) -> None:
    """However many wait: the sweep of every second looks at none of them."""
    campaign = await centre.loaded(await centre.contact(A))
    call = await centre.claim_one(campaign)
    await centre.lease_is_over(call)
    await centre.rows(
        "INSERT INTO contacts (first_name, name_key, given_key) "
        "SELECT 'c', 'c', 'c' FROM generate_series(1, 5000)"
    )
    await centre.rows(
        "INSERT INTO hopper_entries (campaign_id, contact_id, state, bucket, priority, "
        "  scheduled_at, current_number) "
        "SELECT $1, id, 'WAIT_RETRY', 3, 2, $2, '+44' || id FROM contacts WHERE phone IS NULL",
        campaign,
        minutes(1),
    )
    async with centre.database.connection(centre.tenant_id) as connection:
        await use_indexes(connection)
        assert 1 <= await rows_read(connection, EXPIRED_LOCKED, 500, None) < 20
