# SPDX-License-Identifier: Apache-2.0
"""The second look before a number is rung: what changed since the claim counts (reliability 5)."""

import json
from datetime import time, timedelta

import pytest

from server.services.dialer import recheck, release
from tests.services.dialer.centre import NOW, Centre, minutes

A, B = "+390612345000", "+390612345001"
EVENING = NOW.replace(hour=20)  # 21:00 in Rome
STATE = """
SELECT state, claim_token, scheduled_at, total_attempts, hold_rule, held_until FROM hopper_entries
WHERE contact_id = $1
"""
WAITS = ("READY", None, NOW, 0, None, None)


async def test_a_claim_that_nothing_speaks_against_is_dialed(centre: Centre) -> None:
    """Its own call does not count against it."""
    campaign = await centre.loaded(
        await centre.contact(A),
        max_attempts_per_number=1,
        rules=json.dumps([{"kind": "GAP", "minutes": 5, "reach": "ALL_CAMPAIGNS"}]),
    )
    call = await centre.claim_one(campaign)
    assert await centre.within(lambda c: recheck(c, [call], NOW)) == {call.token}
    await centre.within(lambda c: release(c, [(call.entry_id, call.token)], NOW))
    assert await centre.within(lambda c: recheck(c, [call], NOW)) == set()


@pytest.mark.parametrize(
    ("change", "then"),
    [
        ("INSERT INTO blacklist_entries (number) VALUES ('+390612345000')", "ALL_PHONES_BLOCKED"),
        (
            "INSERT INTO blacklist_entries (media, contact_id, is_everywhere, is_opt_out) "
            "SELECT 'PERSON', contact_id, true, true FROM hopper_entries "
            "WHERE current_number = '+390612345000'",
            "BLACKLIST_CONTACT",
        ),
    ],
)
async def test_who_opted_out_while_claimed_is_not_dialed(
    change: str, then: str, centre: Centre
) -> None:
    """Add to the blacklist while claimed: no call, and the next claim closes the stay."""
    one, other = await centre.contact(A), await centre.contact(B)
    campaign = await centre.loaded(one, other)
    calls = await centre.claim(campaign)
    await centre.rows(change)
    assert await centre.within(lambda c: recheck(c, calls, NOW)) == {calls[1].token}
    assert await centre.rows(STATE, one) == [WAITS]
    assert await centre.value("SELECT count(*) FROM call_attempts") == 0
    assert await centre.claim(campaign) == []
    assert await centre.reasons(campaign) == [(one, then)]


@pytest.mark.parametrize("state", ["PAUSED", "STOPPED"])
async def test_a_campaign_that_stopped_meanwhile_dials_nobody(state: str, centre: Centre) -> None:
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact)
    call = await centre.claim_one(campaign)
    await centre.rows("UPDATE campaigns SET state = $1", state)
    assert await centre.within(lambda c: recheck(c, [call], NOW)) == set()
    assert await centre.rows(STATE, contact) == [WAITS]


async def test_the_campaigns_hours_may_end_between_claim_and_call(centre: Centre) -> None:
    """A preview that was looked at for long."""
    contact = await centre.contact(A)
    campaign = await centre.loaded(
        contact, window_from=time(8), window_to=time(9, 30), timezone="UTC"
    )
    call = await centre.claim_one(campaign, minutes(29))
    assert await centre.within(lambda c: recheck(c, [call], minutes(29.9))) == {call.token}
    assert await centre.within(lambda c: recheck(c, [call], minutes(30))) == set()
    assert await centre.rows(STATE, contact) == [WAITS]


async def test_hours_where_the_person_is_hold_the_entry_with_the_reason(centre: Centre) -> None:
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, policies=["CALLING_HOURS"])
    call = await centre.claim_one(campaign)
    await centre.rows("UPDATE contacts SET time_zone = 'America/New_York'")
    assert await centre.within(lambda c: recheck(c, [call], minutes(1))) == set()
    opens = NOW + timedelta(hours=4)
    assert await centre.rows(STATE, contact) == [("READY", None, NOW, 0, "WINDOW", opens)]
    assert await centre.claim(campaign, minutes(2)) == []


async def test_a_contact_that_left_while_claimed_is_not_dialed(centre: Centre) -> None:
    """What waits for the end of the call does not let it begin."""
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact)
    call = await centre.claim_one(campaign)
    await centre.rows("UPDATE hopper_entries SET close_after_call = 'LIST_DETACHED'")
    assert await centre.within(lambda c: recheck(c, [call], NOW)) == set()
    assert await centre.reasons(campaign) == [(contact, "LIST_DETACHED")]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("UPDATE consents SET withdrawn_at = '2027-01-04T09:00Z'", "NO_CONSENT"),
        (
            "INSERT INTO consents (contact_id, given_at, is_objection) "
            "SELECT contact_id, '2027-01-04T09:00Z', true FROM hopper_entries",
            "NO_CONSENT",
        ),
        ("UPDATE contacts SET time_zone = 'America/New_York'", "WINDOW"),
        (
            "UPDATE campaigns SET rules = "
            """'[{"kind": "HOLIDAYS", "country": "", "dates": ["2027-01-04"]}]'""",
            "HOLIDAY",
        ),
    ],
)
async def test_what_changed_the_moment_after_the_claim_is_seen(
    change: str, rule: str, centre: Centre
) -> None:
    """Consent withdrawn, objection recorded, zone or rules edited: none waits for a second."""
    contact = await centre.contact(A)
    await centre.rows(
        "INSERT INTO consents (contact_id, given_at) VALUES ($1, '2027-01-03T09:00Z')", contact
    )
    campaign = await centre.loaded(
        contact, policies=["CALLING_HOURS"], rules=json.dumps([{"kind": "CONSENT"}])
    )
    call = await centre.claim_one(campaign)
    assert await centre.within(lambda c: recheck(c, [call], NOW)) == {call.token}
    await centre.rows(change)
    assert await centre.within(lambda c: recheck(c, [call], NOW)) == set()
    assert await centre.rows("SELECT hold_rule FROM hopper_entries") == [(rule,)]


async def test_a_policys_hours_that_end_the_moment_after_the_claim_are_seen(
    centre: Centre,
) -> None:
    campaign = await centre.loaded(await centre.contact(A), policies=["CALLING_HOURS"])
    call = await centre.claim_one(campaign, EVENING - timedelta(seconds=1))
    before = EVENING - timedelta(milliseconds=1)
    assert await centre.within(lambda c: recheck(c, [call], before)) == {call.token}
    assert await centre.within(lambda c: recheck(c, [call], EVENING)) == set()
    assert await centre.rows("SELECT hold_rule FROM hopper_entries") == [("WINDOW",)]
