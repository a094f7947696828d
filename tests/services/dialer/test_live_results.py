# SPDX-License-Identifier: Apache-2.0
"""Results: what each brings about, by whom it may be told, how often (sections 4, 5; J3, J10)."""

import asyncio
import uuid
from dataclasses import replace

import pytest

from server.domain.campaigns import CallStatus
from server.domain.dialer import FinalReason
from server.domain.errors import DomainError
from server.services.dialer import Report, Reported, close_entries, report
from tests.services.dialer.centre import NOW, Centre, minutes

A, B, C = (f"+39061234500{place}" for place in range(3))
STATE = """
SELECT state, bucket, current_number, round, scheduled_at, total_attempts, claim_token, lease_until
FROM hopper_entries
"""


async def test_a_failed_call_goes_on_to_the_next_number_and_then_waits_for_its_round(
    centre: Centre,
) -> None:
    """X-30, X-31: X minutes between numbers, the last number's status says the rest."""
    campaign = await centre.loaded(await centre.contact(A, (B, None)), additional_phones_after=7)
    await centre.rows("UPDATE retry_settings SET minutes = 40 WHERE status = 'BUSY'")
    assert await centre.report(await centre.claim_one(campaign), at=minutes(1)) is Reported.OK
    waiting = ("WAIT_NEXT_PHONE", 2, B, 1, minutes(8), 1, None, None)
    assert await centre.rows(STATE) == [waiting]
    assert await centre.claim(campaign, minutes(7.9)) == []
    call = await centre.claim_one(campaign, minutes(8))
    await centre.report(call, CallStatus.BUSY, minutes(9))
    assert await centre.rows(STATE) == [("WAIT_RETRY", 3, A, 2, minutes(49), 2, None, None)]
    assert await centre.rows(
        "SELECT number, no_answer, busy, last_status, last_at FROM hopper_phones ORDER BY position"
    ) == [(A, 1, 0, "NO_ANSWER", minutes(1)), (B, 0, 1, "BUSY", minutes(9))]


async def test_every_call_stands_in_the_history_in_order(centre: Centre) -> None:
    """X-33, and section 8's fields."""
    office = await centre.item_type("Office", 1)
    contact = await centre.contact(A, (B, office))
    campaign = await centre.loaded(contact, settings_version=4)
    call = await centre.claim_one(campaign)
    await centre.report(call, CallStatus.BUSY, minutes(0.5), unique_id="first")
    call = await centre.claim_one(campaign, minutes(2))
    await centre.report(call, CallStatus.ANSWER, minutes(3), unique_id="second")
    assert await centre.rows(
        "SELECT contact_id, number, item_type_name, phone_id, position, round, status, unique_id, "
        "scheduled_at, started_at, ended_at, policy_version, decision "
        "FROM call_attempts ORDER BY id"
    ) == [
        (contact, A, None, None, 0, 1, "BUSY", "first", NOW, NOW, minutes(0.5), 4, "READY"),
        (
            contact,
            B,
            "Office",
            call.phone_id,
            1,
            1,
            "ANSWER",
            "second",
            minutes(1.5),
            minutes(2),
            minutes(3),
            4,
            "WAIT_NEXT_PHONE",
        ),
    ]
    assert await centre.rows(
        "SELECT minute, status, attempts FROM attempt_tallies ORDER BY minute"
    ) == [(NOW, "BUSY", 1), (minutes(3), "ANSWER", 1)]


async def test_the_final_result_tells_the_last_number_and_its_attempts(centre: Centre) -> None:
    """X-32, X-34."""
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact, additional_phones_after=0)
    list_id = await centre.value("SELECT list_id FROM hopper_entries")
    for place in range(6):
        at = minutes(2 * (place // 2))
        await centre.report(await centre.claim_one(campaign, at), at=at)
    assert await centre.rows(
        "SELECT contact_id, list_id, reason, status, number, primary_number, limit_status, "
        "limit_number, counters::text, total_attempts, first_attempt_at, last_attempt_at, "
        "closed_at FROM final_results"
    ) == [
        (
            contact,
            list_id,
            "RETRY_EXCEEDED",
            "NO_ANSWER",
            B,
            A,
            "NO_ANSWER",
            B,
            '{"NO_ANSWER": 3}',
            6,
            NOW,
            minutes(4),
            minutes(4),
        )
    ]
    assert await centre.rows(STATE) == await centre.rows("SELECT 1 FROM hopper_phones") == []


async def test_the_same_report_again_is_a_duplicate_and_changes_nothing(centre: Centre) -> None:
    """J10: the answer was lost, the worker asks again; also within one batch, and at once."""
    campaign = await centre.loaded(await centre.contact(A))
    call = await centre.claim_one(campaign)
    given = Report(
        entry_id=call.entry_id, token=call.token, status=CallStatus.BUSY, unique_id="one"
    )
    first = await centre.within(lambda c: report(c, [given, given], NOW))
    assert first == [Reported.OK, Reported.DUPLICATE]
    before = await centre.rows(STATE)
    again = await asyncio.gather(
        *(centre.within(lambda c: report(c, [given], minutes(1))) for _ in range(4))
    )
    assert again == [[Reported.DUPLICATE]] * 4
    assert await centre.rows(STATE) == before
    assert await centre.value("SELECT count(*) FROM call_attempts") == 1


async def test_of_two_equal_reports_at_once_one_is_recorded(centre: Centre) -> None:
    campaign = await centre.loaded(*[await centre.contact(f"+3906{n:06}") for n in range(20)])
    calls = await centre.claim(campaign)
    given = [
        Report(entry_id=c.entry_id, token=c.token, status=CallStatus.BUSY, unique_id=f"u{c.token}")
        for c in calls
    ]
    answers = await asyncio.gather(
        *(centre.within(lambda c, o=order: report(c, o, NOW)) for order in (given, given[::-1]))  # type: ignore[misc]
    )
    told = [answer for batch in answers for answer in batch]
    assert (told.count(Reported.OK), told.count(Reported.DUPLICATE)) == (20, 20)
    assert await centre.value("SELECT count(*) FROM call_attempts") == 20
    assert await centre.value("SELECT sum(attempts)::int FROM attempt_tallies") == 20


async def test_a_foreign_or_old_token_reports_nothing(centre: Centre) -> None:
    """J5, F11."""
    campaign = await centre.loaded(await centre.contact(A))
    old = await centre.claim_one(campaign)
    assert await centre.report(replace(old, token=uuid.uuid4())) is Reported.STALE
    assert await centre.report(old) is Reported.OK
    new = await centre.claim_one(campaign, minutes(2))
    before = await centre.rows(STATE)
    assert await centre.report(old, CallStatus.ANSWER) is Reported.STALE
    assert await centre.rows(STATE) == before
    assert await centre.report(new, CallStatus.ANSWER, minutes(3)) is Reported.OK


async def test_a_report_after_the_lease_is_stale_whatever_the_reporters_clock(
    centre: Centre,
) -> None:
    """F11, F15: nobody has reaped it yet, and still it comes too late."""
    campaign = await centre.loaded(await centre.contact(A))
    call = await centre.claim_one(campaign)
    await centre.lease_is_over(call)
    before = await centre.rows(STATE)
    assert await centre.report(call, at=NOW) is Reported.STALE
    assert await centre.rows(STATE) == before
    assert await centre.value("SELECT count(*) FROM call_attempts") == 0


async def test_a_batch_records_calls_of_several_campaigns_each_by_its_own_rules(
    centre: Centre,
) -> None:
    calls = []
    for wait, number in ((5, A), (9, B)):
        campaign = await centre.loaded(await centre.contact(number), wait=wait)
        calls.append(await centre.claim_one(campaign))
    reports = [
        Report(entry_id=c.entry_id, token=c.token, status=CallStatus.BUSY, unique_id=c.number)
        for c in calls
    ]
    stranger = replace(reports[0], token=uuid.uuid4(), unique_id="stranger")
    answers = await centre.within(lambda c: report(c, [reports[1], stranger, reports[0]], NOW))
    assert answers == [Reported.OK, Reported.STALE, Reported.OK]
    assert await centre.rows("SELECT scheduled_at FROM hopper_entries ORDER BY id") == [
        (minutes(5),),
        (minutes(9),),
    ]


@pytest.mark.parametrize("status", [CallStatus.BLACKLIST, CallStatus.LOST])
async def test_what_is_no_result_of_a_call_is_refused(status: CallStatus, centre: Centre) -> None:
    campaign = await centre.loaded(await centre.contact(A))
    with pytest.raises(DomainError) as refused:
        await centre.report(await centre.claim_one(campaign), status)
    assert (refused.value.code, refused.value.field) == ("INVALID", "0.status")


async def test_a_close_during_a_call_waits_for_its_result(centre: Centre) -> None:
    """Section 4: closeAfterCall; an answer is still an answer."""
    contacts = [await centre.contact(number) for number in (A, B, C)]
    campaign = await centre.loaded(*contacts)
    first, second = await centre.claim(campaign, limit=2)
    closed = await centre.within(
        lambda c: close_entries(c, FinalReason.MANUAL, campaign_id=campaign, now=NOW)
    )
    assert (closed.closed, closed.in_call) == (1, 2)
    await centre.report(first, CallStatus.BUSY, minutes(1))
    await centre.report(second, CallStatus.ANSWER, minutes(1))
    assert await centre.rows(
        "SELECT contact_id, reason, status, total_attempts FROM final_results ORDER BY contact_id"
    ) == [
        (contacts[0], "MANUAL", "BUSY", 1),
        (contacts[1], "REACHED", "ANSWER", 1),
        (contacts[2], "MANUAL", None, 0),
    ]


async def test_an_edited_order_of_types_takes_effect_at_the_next_round(centre: Centre) -> None:
    """Section 2, X-36: never in the middle of a round."""
    office, holiday = await centre.item_type("Office", 1), await centre.item_type("Holiday", 2)
    contact = await centre.contact(A, (B, office), (C, holiday))
    campaign = await centre.loaded(contact, additional_phones_after=0)
    dialed = []
    for place in range(6):
        at = minutes(2 * (place // 3))
        call = await centre.claim_one(campaign, at)
        dialed.append(call.number)
        if place == 0:
            await centre.rows("UPDATE contact_item_types SET order_by = 3 WHERE id = $1", office)
        await centre.report(call, at=at)
    assert dialed == [A, B, C, A, C, B]
    assert await centre.numbers_of(contact) == [A, C, B]
    assert await centre.rows("SELECT number, no_answer FROM hopper_phones ORDER BY position") == [
        (A, 2),
        (C, 2),
        (B, 2),
    ]
