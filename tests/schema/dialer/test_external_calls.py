# SPDX-License-Identifier: Apache-2.0
"""A dialer of the centre's own: claims, heartbeats and reports through the API (section 11)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from server.database import Database
from server.domain.permissions import Viewer
from tests.conftest import MakeTenant
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.services.dialer.centre import Centre

CLAIM = """mutation ($id: ID!, $limit: Int! = 10) {
  claimCalls(input: {campaignId: $id, limit: $limit}) {
    calls { entryId token number itemTypeName position round attemptsMade claimedAt leaseUntil
      ringSeconds contact { id phone } }
    campaignState nextAt userErrors { code field message } } }"""
REPORT = """mutation ($input: ReportCallInput!) {
  reportCall(input: $input) { outcome userErrors { code field } } }"""
BEAT = """mutation ($calls: [ClaimInput!]!) {
  heartbeat(input: {calls: $calls}) { held lost userErrors { code field } } }"""
GIVE_BACK = """mutation ($calls: [ClaimInput!]!) {
  giveBackCalls(input: {calls: $calls}) { givenBack userErrors { code field } } }"""


class Dialer:
    """A dialer of the centre's own, as it speaks with the API."""

    def __init__(self, ask: Ask, campaign_id: int) -> None:
        self._ask = ask
        self._campaign = f"campaign_{campaign_id}"

    async def claim(self, limit: int = 10, **settings: object) -> Any:
        answer = await self._ask(CLAIM, id=self._campaign, limit=limit, **settings)
        return answer["data"]["claimCalls"]

    async def report(
        self, call: Any, status: str, unique_id: str, **settings: object
    ) -> tuple[str | None, list[Any]]:
        given = {"status": status, "uniqueId": unique_id, **held(call), **settings}
        answer = await self._ask(REPORT, input=given)
        assert "data" in answer, answer
        payload = answer["data"]["reportCall"]
        return payload["outcome"], payload["userErrors"]

    async def beat(self, *calls: Any) -> Any:
        answer = await self._ask(BEAT, calls=[held(call) for call in calls])
        return answer["data"]["heartbeat"]


def held(call: Any) -> dict[str, Any]:
    return {"entryId": call["entryId"], "token": call["token"]}


@pytest.fixture
async def dialer(ask: Ask, centre: Centre) -> Dialer:
    """Of a running campaign with three people."""
    return Dialer(ask, await loaded(centre, 3))


async def loaded(centre: Centre, people: int, driver: str = "EXTERNAL", **columns: Any) -> int:
    """A running campaign with so many people, due now."""
    contacts = [await centre.contact(f"+3906123450{place:02}") for place in range(people)]
    campaign_id = await centre.campaign(driver=driver, **columns)
    await centre.attach(campaign_id, await centre.list_of(*contacts), datetime.now(UTC))
    return campaign_id


async def test_calls_are_claimed_once_and_reported_with_their_token(
    dialer: Dialer, centre: Centre
) -> None:
    first, second = await dialer.claim(2), await dialer.claim(2)
    assert [call["number"] for call in first["calls"]] == ["+390612345000", "+390612345001"]
    assert [call["number"] for call in second["calls"]] == ["+390612345002"]
    call = first["calls"][0]
    assert (call["position"], call["round"], call["attemptsMade"], call["ringSeconds"]) == (
        0, 1, 0, 30,
    )  # fmt: skip
    assert call["contact"]["phone"] == call["number"]
    assert first["campaignState"] == "RUNNING"
    assert await dialer.report(call, "BUSY", "pbx-1") == ("OK", [])
    assert await centre.rows("SELECT status, unique_id, round FROM call_attempts") == [
        ("BUSY", "pbx-1", 1)
    ]
    none_left = await dialer.claim()
    assert none_left["calls"] == []
    assert none_left["nextAt"] is not None  # when the busy one is due again


async def test_the_same_report_again_is_a_duplicate_and_changes_nothing(
    dialer: Dialer, centre: Centre
) -> None:  # J10
    [call] = (await dialer.claim(1))["calls"]
    assert await dialer.report(call, "NO_ANSWER", "pbx-1") == ("OK", [])
    assert await dialer.report(call, "NO_ANSWER", "pbx-1") == ("DUPLICATE", [])
    assert await centre.value("SELECT count(*) FROM call_attempts") == 1


async def test_reports_with_a_forged_or_an_old_token_are_refused(
    dialer: Dialer, centre: Centre
) -> None:  # F11, J5
    [call] = (await dialer.claim(1))["calls"]
    stale = ("STALE", [{"code": "STALE_CLAIM", "field": "token"}])
    assert await dialer.report(call | {"token": str(uuid4())}, "ANSWER", "pbx-1") == stale
    for forged in ({"token": "no token"}, {"entryId": "entry_x"}, {"entryId": "contact_1"}):
        assert await dialer.report(call | forged, "ANSWER", "pbx-1") == stale
    await centre.rows("UPDATE hopper_entries SET lease_until = clock_timestamp()")
    assert await dialer.report(call, "ANSWER", "pbx-1") == stale
    assert await centre.value("SELECT count(*) FROM call_attempts") == 0


async def test_a_report_for_a_closed_entry_is_refused(dialer: Dialer) -> None:
    [call] = (await dialer.claim(1))["calls"]
    assert await dialer.report(call, "ANSWER", "pbx-1") == ("OK", [])
    outcome, errors = await dialer.report(call, "BUSY", "pbx-2")
    assert (outcome, errors[0]["code"]) == ("STALE", "STALE_CLAIM")


async def test_the_unique_id_of_another_call_is_refused_and_nothing_is_lost(
    dialer: Dialer, centre: Centre
) -> None:
    one, two = (await dialer.claim(2))["calls"]
    assert await dialer.report(one, "BUSY", "pbx-1") == ("OK", [])
    taken = (None, [{"code": "TAKEN", "field": "uniqueId"}])
    assert await dialer.report(two, "BUSY", "pbx-1") == taken
    assert await dialer.report(two, "BUSY", "pbx-2") == ("OK", [])
    assert await centre.value("SELECT count(*) FROM call_attempts") == 2


async def test_a_heartbeat_keeps_calls_and_names_those_that_are_lost(
    dialer: Dialer, centre: Centre
) -> None:
    one, two = (await dialer.claim(2))["calls"]
    await centre.rows(
        "UPDATE hopper_entries SET lease_until = clock_timestamp() + interval '1 second'"
        " WHERE state = 'DIALING'"
    )
    forged = two | {"token": str(uuid4())}
    alike = one | {"token": str(uuid4())}  # of a call that is up, and not its token
    answer = await dialer.beat(one, alike, forged, {"entryId": "nonsense", "token": "x"})
    assert answer["held"] == [one["entryId"]]
    assert answer["lost"] == [one["entryId"], two["entryId"], "nonsense"]
    leases = "SELECT is_originate_confirmed, lease_until > clock_timestamp() + interval '60 s'"
    assert sorted(await centre.rows(f"{leases} FROM hopper_entries WHERE state = 'DIALING'")) == [
        (False, False),
        (True, True),
    ]


async def test_calls_given_back_are_due_at_once_without_a_trace(
    ask: Ask, dialer: Dialer, centre: Centre
) -> None:
    calls = (await dialer.claim(3))["calls"]
    answer = await ask(GIVE_BACK, calls=[held(call) for call in calls])
    assert answer["data"]["giveBackCalls"]["givenBack"] == 3
    assert await centre.value("SELECT count(*) FROM call_attempts") == 0
    again = (await dialer.claim(3))["calls"]
    assert [call["number"] for call in again] == [call["number"] for call in calls]
    assert {call["token"] for call in again}.isdisjoint(call["token"] for call in calls)


async def test_claims_at_once_never_share_a_call(ask: Ask, centre: Centre) -> None:  # F1, J1
    dialer = Dialer(ask, await loaded(centre, 30))
    claims = await asyncio.gather(*(dialer.claim(5) for _ in range(8)))
    numbers = [call["number"] for claim in claims for call in claim["calls"]]
    assert len(numbers) == len(set(numbers)) == 30


async def test_campaigns_that_somebody_else_dials_are_refused(ask: Ask, centre: Centre) -> None:
    dialer = Dialer(ask, await loaded(centre, 1, driver="SIMULATED"))
    [error] = (await dialer.claim())["userErrors"]
    assert (error["code"], error["field"]) == ("OTHER_DRIVER", "campaignId")
    assert "SIMULATED" in error["message"] or "Simulated" in error["message"]


@pytest.mark.parametrize("limit", [0, -1, 251])
async def test_a_limit_out_of_range_is_refused(dialer: Dialer, limit: int) -> None:
    [error] = (await dialer.claim(limit))["userErrors"]
    assert (error["code"], error["field"]) == ("OUT_OF_RANGE", "limit")


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"status": "LOST"}, "INVALID", "status"),
        ({"status": "BLACKLIST"}, "INVALID", "status"),
        ({"uniqueId": " "}, "REQUIRED", "uniqueId"),
        ({"uniqueId": "x" * 151}, "TOO_LONG", "uniqueId"),
        ({"uniqueId": "a\x00b"}, "INVALID_CHARACTER", "uniqueId"),
        (
            {"startedAt": "2027-01-04T09:00:01Z", "endedAt": "2027-01-04T09:00:00Z"},
            "INVALID",
            "endedAt",
        ),
    ],
)
async def test_a_report_that_cannot_be_is_refused_at_its_place(
    dialer: Dialer, centre: Centre, given: dict[str, Any], code: str, field: str
) -> None:
    [call] = (await dialer.claim(1))["calls"]
    settings = {"status": "BUSY", "uniqueId": "pbx-1"} | given
    outcome, errors = await dialer.report(
        call, settings.pop("status"), settings.pop("uniqueId"), **settings
    )
    assert (outcome, errors) == (None, [{"code": code, "field": field}])
    assert await centre.value("SELECT count(*) FROM call_attempts") == 0


@pytest.mark.parametrize(
    ("minutes", "is_taken"), [(-60 * 24, False), (-10, False), (-1, True), (1, True), (10, False)]
)
@pytest.mark.parametrize("field", ["startedAt", "endedAt"])
async def test_a_call_begins_after_its_claim_and_is_over_when_it_is_reported(
    dialer: Dialer, centre: Centre, field: str, minutes: int, is_taken: bool
) -> None:
    """Caps and waits go by these moments: one of last year would count for none of them."""
    [call] = (await dialer.claim(1))["calls"]
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    given = {field: moment.isoformat().replace("+00:00", "Z")}
    refused = (None, [{"code": "INVALID", "field": field}])
    assert await dialer.report(call, "BUSY", "pbx-1", **given) == (
        ("OK", []) if is_taken else refused
    )
    assert await centre.value("SELECT count(*) FROM call_attempts") == is_taken


async def test_many_who_are_refused_do_not_keep_the_dialer_waiting(
    ask: Ask, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the gate has more to be asked about, the next moment is now."""
    monkeypatch.setattr("server.services.dialer.turns.REFUSED_AT_ONCE", 2)
    monkeypatch.setattr("server.services.dialer.turns.AT_ONCE", 2)
    monkeypatch.setattr("server.services.dialer.external.MOST_TURNS", 2)
    campaign_id = await loaded(centre, 12, rules='[{"kind": "CONSENT"}]')
    await centre.rows(
        "INSERT INTO consents (contact_id, given_at) SELECT max(id), now() FROM contacts"
    )
    dialer, nexts = Dialer(ask, campaign_id), []
    while not (answer := await dialer.claim())["calls"]:
        nexts.append(datetime.fromisoformat(answer["nextAt"]))
        assert nexts[-1] <= datetime.now(UTC)
        assert len(nexts) <= 5
    assert [call["number"] for call in answer["calls"]] == ["+390612345011"]
    assert len(nexts) >= 2
    assert (await dialer.claim())["nextAt"] is None  # consents come when they come


async def test_somebody_of_another_centre_neither_claims_nor_reports(
    ask: Ask, dialer: Dialer, database: Database, new_tenant: MakeTenant
) -> None:
    stranger: Viewer = await make_viewer(database, await new_tenant())
    [error] = (await dialer.claim(as_=stranger))["userErrors"]
    assert (error["code"], error["field"]) == ("NOT_FOUND", "campaignId")
    [call] = (await dialer.claim(1))["calls"]
    given = {"status": "BUSY", "uniqueId": "pbx-1", **held(call)}
    answer = await ask(REPORT, as_=stranger, input=given)
    assert answer["data"]["reportCall"]["userErrors"][0]["code"] == "STALE_CLAIM"
    assert await dialer.report(call, "BUSY", "pbx-1") == ("OK", [])
