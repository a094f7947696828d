# SPDX-License-Identifier: Apache-2.0
"""The gate in the claim: who it refuses is held with the reason, and asked about when it may be
(reliability 5, design rules a to e)."""

import json
from datetime import timedelta

import pytest

from server.domain.campaigns import CallStatus
from server.services.dialer import change_phones, claim_calls, next_moment, release_holds
from tests.services.dialer.centre import NOW, Centre, minutes

A, B, C, D = (f"+39061234500{place}" for place in range(4))
HOLDS = """
SELECT contact_id, hold_rule, held_until, scheduled_at FROM hopper_entries
WHERE held_until IS NOT NULL ORDER BY contact_id
"""
IN_NEW_YORK = "UPDATE contacts SET time_zone = 'America/New_York' WHERE id = ANY($1::bigint[])"
OPENS = NOW + timedelta(hours=4)  # 09:00 UTC is 04:00 there


def rules(*stored: dict[str, object]) -> str:
    """A campaign's own rules, as its row has them."""
    return json.dumps(stored)


def cap(most: int, hours: int = 24, counted: str = "PERSON") -> dict[str, object]:
    return {
        "kind": "CAP",
        "counted": counted,
        "most": most,
        "hours": hours,
        "reach": "ALL_CAMPAIGNS",
    }


async def moment(centre: Centre, campaign: int, at: object = NOW) -> object:
    return await centre.within(lambda c: next_moment(c, campaign, at))  # type: ignore[arg-type]


async def test_who_the_gate_refuses_is_held_and_the_next_one_called_instead(
    centre: Centre,
) -> None:
    """One line is all there is, and it does not wait for somebody who sleeps."""
    asleep, awake = await centre.contact(A, priority=1), await centre.contact(B)
    await centre.rows(IN_NEW_YORK, [asleep])
    campaign = await centre.loaded(asleep, awake, policies=["CALLING_HOURS"], simultaneous_lines=1)
    call = await centre.claim_one(campaign)
    assert call.contact_id == awake
    assert await centre.rows(HOLDS) == [(asleep, "WINDOW", OPENS, NOW)]
    ((told,),) = await centre.rows(
        "SELECT hold_evidence FROM hopper_entries WHERE id <> $1", call.entry_id
    )
    (check,) = json.loads(str(told))["checks"]
    assert (check["rule"], check["policy"], check["version"]) == ("WINDOW", "CALLING_HOURS", 1)
    assert check["evidence"]["zones"] == ["America/New_York"]
    assert check["allowedAt"] == OPENS.isoformat()
    await centre.report(call, CallStatus.ANSWER)
    assert await moment(centre, campaign) == OPENS
    assert await centre.claim(campaign, OPENS - timedelta(seconds=1)) == []
    assert (await centre.claim_one(campaign, OPENS)).contact_id == asleep
    assert await centre.rows(HOLDS) == []


async def test_holds_that_are_over_come_back_in_the_order_of_the_lanes(centre: Centre) -> None:
    """Section 7 holds for them as for everybody: the callback first, the urgent before others."""
    contacts = [
        await centre.contact(f"+3906{place:06}", priority=1 if place == 2 else 2)
        for place in range(5)
    ]
    await centre.rows(IN_NEW_YORK, contacts)
    campaign = await centre.loaded(*contacts, policies=["CALLING_HOURS"])
    await centre.rows(
        "UPDATE hopper_entries SET state = 'WAIT_CALLBACK', bucket = 1, is_callback = true "
        "WHERE contact_id = $1",
        contacts[4],
    )
    assert await centre.claim(campaign) == []
    assert len(await centre.rows(HOLDS)) == 5
    order = []
    for _ in range(5):
        order += [call.contact_id for call in await centre.claim(campaign, OPENS, limit=1)]
    assert order == [contacts[place] for place in (4, 2, 0, 1, 3)]


async def test_a_change_of_settings_makes_every_hold_void_at_once(centre: Centre) -> None:
    contacts = [await centre.contact(number) for number in (A, B)]
    await centre.rows(IN_NEW_YORK, contacts)
    campaign = await centre.loaded(*contacts, policies=["CALLING_HOURS"])
    assert await centre.claim(campaign) == []
    await centre.rows("UPDATE campaigns SET policies = '{}'")
    assert await centre.claim(campaign) == []
    assert await moment(centre, campaign) == OPENS
    await centre.within(lambda c: release_holds(c, campaign_id=campaign))
    assert await moment(centre, campaign) is None  # they are due, and wait for lines alone
    assert [call.contact_id for call in await centre.claim(campaign)] == contacts


async def test_a_change_of_a_list_makes_the_holds_void_of_campaigns_that_call_it(
    centre: Centre,
) -> None:
    contact = await centre.contact(A)
    list_id = await centre.list_of(contact)
    campaign = await centre.campaign(rules=rules({"kind": "LIST_AGE", "days": 15}))
    await centre.attach(campaign, list_id)
    assert await centre.claim(campaign) == []
    ((held, rule, *_),) = await centre.rows(HOLDS)
    assert (held, rule) == (contact, "LIST_EXPIRED")
    assert (
        await centre.value("SELECT count(*) FROM hopper_entries WHERE held_until = 'infinity'") == 1
    )
    assert await moment(centre, campaign) is None
    await centre.rows("UPDATE contact_lists SET screened_at = $1", NOW - timedelta(days=14))
    assert await centre.claim(campaign) == []
    await centre.within(lambda c: release_holds(c, list_id=list_id))
    assert (await centre.claim_one(campaign)).contact_id == contact


async def test_a_change_of_a_contact_releases_that_contact_alone(centre: Centre) -> None:
    contacts = [await centre.contact(number) for number in (A, B)]
    campaign = await centre.loaded(*contacts, rules=rules({"kind": "CONSENT"}))
    assert await centre.claim(campaign) == []
    assert [(row[0], row[1]) for row in await centre.rows(HOLDS)] == [
        (contact, "NO_CONSENT") for contact in contacts
    ]
    await centre.rows(
        "INSERT INTO consents (contact_id, given_at) SELECT unnest($1::bigint[]), $2", contacts, NOW
    )
    await centre.within(lambda c: release_holds(c, contact_ids=contacts[:1]))
    assert [call.contact_id for call in await centre.claim(campaign)] == contacts[:1]
    await centre.within(lambda c: release_holds(c))
    assert await centre.claim(campaign) == []


async def test_a_turn_refuses_a_bounded_number_and_the_caller_comes_again(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million who sleep do not keep the other campaigns of the centre waiting."""
    monkeypatch.setattr("server.services.dialer.turns.REFUSED_AT_ONCE", 20)
    monkeypatch.setattr("server.services.dialer.turns.AT_ONCE", 8)
    await centre.rows(
        "INSERT INTO contacts (first_name, name_key, given_key, phone, time_zone) "
        "SELECT 'c', 'c', 'c', '+39' || 60000000 + n, "
        "CASE WHEN n < 50 THEN 'America/New_York' ELSE '' END FROM generate_series(1, 50) n"
    )
    contacts = [
        int(str(row[0])) for row in await centre.rows("SELECT id FROM contacts ORDER BY id")
    ]
    campaign = await centre.loaded(*contacts, policies=["CALLING_HOURS"], simultaneous_lines=3)
    held, turns = 0, 0
    while True:
        taken = await centre.within(lambda c: claim_calls(c, campaign, 3, NOW))
        now_held = await centre.value(
            "SELECT count(*) FROM hopper_entries WHERE held_until > $1", NOW
        )
        turns += 1
        if not taken.goes_on:
            break
        assert taken.calls == []
        assert 20 <= now_held - held <= 28
        held = now_held
    assert [call.contact_id for call in taken.calls] == [contacts[-1]]
    assert (now_held, turns) == (49, 3)


async def test_the_number_after_a_blacklisted_one_is_asked_of_the_gate(centre: Centre) -> None:
    """V8's passing over costs no time, and opens no way around a cap."""
    first = await centre.contact(A, (B, None))
    other = await centre.contact(B)
    earlier = await centre.loaded(other)
    await centre.report(await centre.claim_one(earlier), CallStatus.BUSY)
    campaign = await centre.loaded(first, max_attempts_per_number=1)
    await centre.rows("INSERT INTO blacklist_entries (number) VALUES ($1)", A)
    assert await centre.claim(campaign, minutes(1)) == []
    assert await centre.rows(
        "SELECT state, current_number, hold_rule, held_until, claim_token FROM hopper_entries "
        "WHERE campaign_id = $1",
        campaign,
    ) == [("READY", B, "NUMBER_CAP", NOW + timedelta(hours=24), None)]
    assert await centre.rows(
        "SELECT number, status FROM call_attempts WHERE campaign_id = $1", campaign
    ) == [(A, "BLACKLIST")]
    assert (await centre.claim_one(campaign, NOW + timedelta(hours=24))).number == B


async def test_a_person_is_in_one_call_at_a_time_whatever_the_number(centre: Centre) -> None:
    contact = await centre.contact(A, (B, None))
    one = await centre.loaded(contact)
    other = await centre.loaded(contact)
    await centre.rows(
        "UPDATE hopper_entries SET current_number = $1, current_position = 1 "
        "WHERE campaign_id = $2",
        B,
        other,
    )
    call = await centre.claim_one(one)
    assert await centre.claim(other) == []
    await centre.report(call)
    assert (await centre.claim_one(other)).number == B


async def test_a_campaign_that_has_not_begun_claims_nobody_and_says_when_it_will(
    centre: Centre,
) -> None:
    campaign = await centre.loaded(await centre.contact(A), starts_at=minutes(30))
    assert await centre.claim(campaign, minutes(29.9)) == []
    assert await moment(centre, campaign) == minutes(30)
    assert len(await centre.claim(campaign, minutes(30))) == 1


async def test_a_hold_ends_with_what_it_was_about(centre: Centre) -> None:
    """The number was edited: the gate is asked about the new one, not after the old one's time."""
    contact = await centre.contact(A)
    other = await centre.loaded(await centre.contact(A))
    await centre.report(await centre.claim_one(other))
    campaign = await centre.loaded(contact, max_attempts_per_number=1)
    assert await centre.claim(campaign, minutes(1)) == []
    await centre.rows("UPDATE contacts SET phone = $2 WHERE id = $1", contact, B)
    await centre.within(lambda c: change_phones(c, [contact], minutes(2)))
    assert (await centre.claim_one(campaign, minutes(2))).number == B


@pytest.mark.parametrize("most", [1, 3])
async def test_a_number_is_called_so_often_in_24_hours_by_all_campaigns_together(
    most: int, centre: Centre
) -> None:
    """Section 6, row 15; rolling to the second."""
    campaigns = [
        await centre.loaded(await centre.contact(A), max_attempts_per_number=most, wait=0)
        for _ in range(2)
    ]
    made = []
    for place in range(2 * most + 2):
        calls = await centre.claim(campaigns[place % 2], minutes(place))
        for call in calls:
            made.append(minutes(place))
            await centre.report(call, at=minutes(place))
    assert made == [minutes(place) for place in range(most)]
    day = timedelta(hours=24)
    assert await centre.claim(campaigns[0], NOW + day - timedelta(seconds=1)) == []
    assert len(await centre.claim(campaigns[0], NOW + day)) == 1
    assert await centre.claim(campaigns[1], NOW + day) == []
