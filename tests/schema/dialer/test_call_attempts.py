# SPDX-License-Identifier: Apache-2.0
"""`callAttempts` and `finalResults`: every call, and what each stay came to (X-33, X-34)."""

from typing import Any

import pytest

from server.domain.campaigns import CallStatus
from tests.schema.asking import Ask
from tests.services.dialer.centre import Centre, minutes

A, B, C = (f"+39061234500{place}" for place in range(3))
ATTEMPTS = """
query($filter: CallAttemptFilter) {
  callAttempts(filter: $filter, first: 20) {
    edges { node {
      status statusLabel number itemTypeName round position scheduledAt startedAt endedAt
      durationSeconds decision decisionLabel policyVersion uniqueId contact { id }
    } }
  }
}
"""
FINALS = """
query($filter: FinalResultFilter) {
  finalResults(filter: $filter, first: 20) {
    edges { node {
      reason reasonLabel status statusLabel number itemTypeName primaryNumber limitStatus limitLabel
      limitNumber totalAttempts firstAttemptAt lastAttemptAt closedAt contact { id }
      counters { status label attempts }
    } }
  }
}
"""


async def both(ask: Ask, document: str, **given: object) -> list[Any]:
    planned = await ask(document, filter=given)
    assert planned == await ask(document, ordinary=True, filter=given)
    [connection] = planned["data"].values()
    return [edge["node"] for edge in connection["edges"]]


async def seeds_example(centre: Centre) -> tuple[int, int]:
    """V1: nobody answers, three rounds over P, Office and Holiday; gives campaign and contact."""
    office, holiday = await centre.item_type("Office", 1), await centre.item_type("Holiday", 2)
    contact = await centre.contact(A, (C, holiday), (B, office))
    campaign = await centre.loaded(contact)
    for at in (0, 1, 2, 4, 5, 6, 8, 9, 10):
        await centre.report(await centre.claim_one(campaign, minutes(at)), at=minutes(at))
    return campaign, contact


async def test_every_call_is_a_row_newest_first(ask: Ask, centre: Centre) -> None:
    """X-33: nine calls, nine rows, each with the number dialed."""
    campaign, contact = await seeds_example(centre)
    rows = await both(ask, ATTEMPTS, campaignId=f"campaign_{campaign}")
    dialed = [(row["round"], row["position"], row["number"], row["itemTypeName"]) for row in rows]
    numbers = ((0, A, None), (1, B, "Office"), (2, C, "Holiday"))
    assert dialed == [(turn, *number) for turn in (3, 2, 1) for number in reversed(numbers)]
    assert {row["contact"]["id"] for row in rows} == {f"contact_{contact}"}
    assert [row["decision"] for row in rows[-4:]] == [
        *("WAIT_RETRY", "WAIT_NEXT_PHONE", "WAIT_NEXT_PHONE", "READY")
    ]
    assert rows[0]["decisionLabel"] == "The number before it was not reached."
    assert rows[-1]["decisionLabel"] == "The first call of this stay."
    assert await both(ask, ATTEMPTS, contactId=f"contact_{contact}") == rows
    assert await both(ask, ATTEMPTS, contactId="contact_0") == []


async def test_a_call_tells_when_it_was_and_how_long(ask: Ask, centre: Centre) -> None:
    campaign = await centre.loaded(await centre.contact(A))
    call = await centre.claim_one(campaign, minutes(2))
    await centre.report(call, CallStatus.BUSY, minutes(3.5), unique_id="one")
    [row] = await both(ask, ATTEMPTS, status="BUSY")
    assert {name: row[name] for name in row if name not in ("contact", "decisionLabel")} == {
        "status": "BUSY",
        "statusLabel": "Busy",
        "number": A,
        "itemTypeName": None,
        "round": 1,
        "position": 0,
        "scheduledAt": "2027-01-04T09:00:00Z",
        "startedAt": "2027-01-04T09:02:00Z",
        "endedAt": "2027-01-04T09:03:30Z",
        "durationSeconds": 90,
        "decision": "READY",
        "policyVersion": 1,
        "uniqueId": "one",
    }
    assert await both(ask, ATTEMPTS, status="ANSWER") == []


async def test_the_result_has_the_last_number_and_its_attempts(ask: Ask, centre: Centre) -> None:
    """X-32, X-34: Final is Holiday with its three NO_ANSWER and all nine calls."""
    campaign, contact = await seeds_example(centre)
    [result] = await both(ask, FINALS, campaignId=f"campaign_{campaign}")
    assert result == {
        "reason": "RETRY_EXCEEDED",
        "reasonLabel": "Retries used up",
        "status": "NO_ANSWER",
        "statusLabel": "No answer",
        "number": C,
        "itemTypeName": "Holiday",
        "primaryNumber": A,
        "limitStatus": "NO_ANSWER",
        "limitLabel": "No answer",
        "limitNumber": C,
        "totalAttempts": 9,
        "firstAttemptAt": "2027-01-04T09:00:00Z",
        "lastAttemptAt": "2027-01-04T09:10:00Z",
        "closedAt": "2027-01-04T09:10:00Z",
        "contact": {"id": f"contact_{contact}"},
        "counters": [{"status": "NO_ANSWER", "label": "No answer", "attempts": 3}],
    }
    assert await both(ask, FINALS, reason="REACHED") == []
    assert await both(ask, FINALS, contactId=f"contact_{contact}") == [result]


@pytest.mark.parametrize(
    ("locale", "label"),
    [("en", "All failures together"), ("it", "Tutti gli esiti negativi insieme")],
)
async def test_the_limit_over_all_statuses_is_called_so(
    ask: Ask, centre: Centre, locale: str, label: str
) -> None:
    """V6: two NO_ANSWER and two BUSY reach the global four."""
    campaign = await centre.loaded(await centre.contact(A))
    for at, status in enumerate((CallStatus.NO_ANSWER, CallStatus.BUSY) * 2):
        await centre.report(
            await centre.claim_one(campaign, minutes(2 * at)), status, minutes(2 * at)
        )
    answer = await ask(FINALS, locale=locale)
    [edge] = answer["data"]["finalResults"]["edges"]
    assert (edge["node"]["limitStatus"], edge["node"]["limitLabel"]) == ("GLOBAL", label)
    assert [count["attempts"] for count in edge["node"]["counters"]] == [2, 2]
    assert edge["node"]["limitNumber"] == A


async def test_a_stay_without_a_number_has_no_number_to_show(ask: Ask, centre: Centre) -> None:
    campaign = await centre.loaded(await centre.contact(None))
    [result] = await both(ask, FINALS, campaignId=f"campaign_{campaign}")
    assert (result["reason"], result["number"], result["statusLabel"]) == (
        "NO_DIALABLE_PHONE",
        None,
        None,
    )
    assert (result["counters"], result["limitLabel"], result["totalAttempts"]) == ([], None, 0)
