# SPDX-License-Identifier: Apache-2.0
"""`dialPlan`: the coming calls of a contact, which are those that the live engine then makes."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from server.database import Database
from server.dialer.scenarios import write_scenario
from server.dialer.simulation import DatabaseEngine
from server.domain.campaigns import CallStatus
from server.domain.permissions import Role, Viewer
from server.domain.simulation import drive, read_scenario
from server.services.dialer import load_contacts
from server.services.planning import DialPlan, dial_plan
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.services.dialer.centre import NOW, Centre, minutes
from tests.services.dialer.scenarios import random_scenario

PLAN = """
query($contact: ID!, $campaign: ID!, $outcome: CallStatus! = NO_ANSWER, $most: Int! = 50,
      $outcomes: [NumberOutcomeInput!]) {
  dialPlan(contactId: $contact, campaignId: $campaign, outcome: $outcome, most: $most,
           outcomes: $outcomes) {
    plan {
      entry { id currentNumber } heldBy
      calls { number itemTypeName position round decision dueAt dialAt outcome isUp why }
      closing { reason number status attempts limitNumber }
    }
    userErrors { code field }
  }
}
"""
A, B, C = "+390612345000", "+390612345001", "+390612345002"
Row = tuple[str, int, int, str, datetime]


async def planned(ask: Ask, contact: int, campaign: int, **more: Any) -> Any:
    given = {"contact": f"contact_{contact}", "campaign": f"campaign_{campaign}", **more}
    answer = await ask(PLAN, **given)
    assert "errors" not in answer, answer
    return answer["data"]["dialPlan"]


@pytest.mark.parametrize("seed", [*range(14), 21, 34])
async def test_a_plan_is_what_the_live_engine_then_does(
    seed: int, database: Database, tenant: int, viewer: Viewer
) -> None:
    """From the load on, and from a moment in the middle with what has happened until then."""
    given = random_scenario(seed)
    contacts = given["contacts"]
    assert isinstance(contacts, list)
    contact = Random(seed).choice(contacts)
    contact["outcomes"] = contact["outcomes"][:1]
    scenario = read_scenario(given | {"contacts": [contact], "lines": 1, "horizonDays": 400})
    async with database.connection(tenant) as connection:
        written = await write_scenario(connection, scenario)
        await load_contacts(connection, written.campaign_id, written.list_id, now=scenario.start)
    outcome = scenario.contacts[0].outcomes[0]
    engine = DatabaseEngine(database, tenant, scenario, written)

    async def look(now: datetime) -> DialPlan:
        async with database.transaction(tenant) as session:
            return await dial_plan(
                session,
                viewer,
                written.contact_ids[0],
                written.campaign_id,
                outcome=outcome,
                call_length=timedelta(seconds=scenario.call_seconds),
                now=now,
                most=500,
            )

    async def made() -> list[Row]:
        rows = await database.read(
            tenant,
            "SELECT number, round, position, status, started_at FROM call_attempts "
            "WHERE campaign_id = $1 ORDER BY id",
            written.campaign_id,
        )
        return [(r[0], r[1], r[2], r[3], r[4]) for r in rows]

    def foretold(plan: DialPlan) -> list[Row]:
        return [
            (c.number, c.round, c.position, c.status.value, c.dial_at)
            for c in plan.foretold.plan.calls
        ]

    from_load = await look(scenario.start)
    middle = scenario.start + timedelta(minutes=Random(seed).choice([2, 60, 400]), seconds=30)
    await drive(engine, scenario.start, middle)
    until_then = await made()
    from_middle = await look(middle)
    await drive(engine, middle, scenario.start + timedelta(days=400))
    everything = await made()
    assert foretold(from_load) == everything
    if from_middle.entry_id is not None:
        is_up = sum(call.is_up for call in from_middle.foretold.plan.calls)
        if not is_up:  # a call that is up is thought to end now
            assert foretold(from_middle) == everything[len(until_then) :]
    final = from_load.foretold.plan.final
    assert final is not None
    [row] = await database.read(
        tenant,
        "SELECT reason, total_attempts, closed_at FROM final_results WHERE campaign_id = $1",
        written.campaign_id,
    )
    assert (final.reason.value, final.attempts, final.at) == tuple(row)


async def test_a_contact_that_is_open_goes_on_from_where_it_stands(
    ask: Ask, centre: Centre
) -> None:
    """X-33: the primary was busy at nine, so the additional one is next."""
    contact = await centre.contact(A, (B, await centre.item_type("Office", 1)))
    campaign = await centre.loaded(contact, clock_origin=minutes(3))
    await centre.report(await centre.claim_one(campaign), CallStatus.BUSY)
    plan = (await planned(ask, contact, campaign, most=2))["plan"]
    assert plan["entry"]["currentNumber"] == B
    assert [(c["number"], c["itemTypeName"], c["position"], c["round"]) for c in plan["calls"]] == [
        (B, "Office", 1, 1),
        (A, None, 0, 2),
    ]
    assert plan["calls"][0]["decision"] == "WAIT_NEXT_PHONE"
    assert plan["calls"][0]["dueAt"] == "2027-01-04T09:01:00Z"
    assert plan["closing"] is None


async def test_one_that_is_not_open_is_thought_of_as_loaded_now(ask: Ask, centre: Centre) -> None:
    contact, campaign = await centre.contact(A), await centre.campaign()
    found = await planned(ask, contact, campaign, outcome="ANSWER")
    plan = found["plan"]
    assert (plan["entry"], len(plan["calls"]), plan["closing"]["reason"]) == (None, 1, "REACHED")
    empty = await centre.contact(None)
    plan = (await planned(ask, empty, campaign))["plan"]
    assert (plan["calls"], plan["closing"]["reason"]) == ([], "NO_DIALABLE_PHONE")
    assert await centre.value("SELECT count(*) FROM hopper_entries") == 0


async def test_an_order_of_types_edited_meanwhile_holds_from_the_next_round(
    ask: Ask, centre: Centre
) -> None:
    """Section 2: rebuilt at each round's start, never in the middle of one (X-36)."""
    office, holiday = await centre.item_type("Office", 2), await centre.item_type("Holiday", 3)
    contact = await centre.contact(A, (B, office), (C, holiday))
    campaign = await centre.loaded(contact)
    await centre.rows("UPDATE contact_item_types SET order_by = 1 WHERE id = $1", holiday)
    calls = (await planned(ask, contact, campaign, most=6))["plan"]["calls"]
    assert [call["number"] for call in calls] == [A, B, C, A, C, B]


async def test_results_may_be_given_by_number(ask: Ask, centre: Centre) -> None:
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact)
    given = [{"number": B, "outcome": "ANSWER"}]
    plan = (await planned(ask, contact, campaign, outcome="BUSY", outcomes=given))["plan"]
    assert [(c["number"], c["outcome"]) for c in plan["calls"]] == [(A, "BUSY"), (B, "ANSWER")]
    assert plan["closing"]["number"] == B


async def test_results_that_no_call_has_are_refused(ask: Ask, centre: Centre) -> None:
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact)
    given = [{"number": A, "outcome": "BUSY"}, {"number": B, "outcome": "LOST"}]
    for more, field in (
        ({"outcome": "BLACKLIST"}, "outcome"),
        ({"outcomes": given}, "outcomes.1.outcome"),
    ):
        refused = (await planned(ask, contact, campaign, **more))["userErrors"]
        assert refused == [{"code": "INVALID", "field": field}]


async def test_a_call_that_is_up_comes_first(ask: Ask, centre: Centre) -> None:
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact)
    await centre.claim_one(campaign)
    plan = (await planned(ask, contact, campaign, most=2))["plan"]
    assert [(c["number"], c["isUp"]) for c in plan["calls"]] == [(A, True), (B, False)]
    assert plan["calls"][0]["why"] == "The call is up now."


async def test_blacklisted_numbers_are_passed_over(ask: Ask, centre: Centre) -> None:
    """V8."""
    contact = await centre.contact(A, (B, None))
    await centre.rows("INSERT INTO blacklist_entries (number) VALUES ($1)", B)
    campaign = await centre.loaded(contact)
    plan = (await planned(ask, contact, campaign, most=3))["plan"]
    assert [(c["number"], c["outcome"]) for c in plan["calls"]] == [
        (A, "NO_ANSWER"),
        (B, "BLACKLIST"),
        (A, "NO_ANSWER"),
    ]


async def test_a_hold_moves_the_next_call_or_ends_the_plan(ask: Ask, centre: Centre) -> None:
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, clock_origin=NOW)
    hold = "UPDATE hopper_entries SET held_until = $1, hold_rule = 'GAP', hold_version = 1"
    await centre.rows(hold, datetime.fromisoformat("2030-01-01T00:00:00Z"))
    plan = (await planned(ask, contact, campaign, most=1))["plan"]
    assert plan["calls"][0]["dialAt"] == "2030-01-01T00:00:00Z"
    await centre.rows("UPDATE hopper_entries SET held_until = 'infinity', hold_rule = 'NO_CONSENT'")
    plan = (await planned(ask, contact, campaign))["plan"]
    assert (plan["calls"], plan["closing"], plan["heldBy"]) == ([], None, "NO_CONSENT")
    await centre.rows("UPDATE campaigns SET hold_version = 7")  # the hold is void
    assert (await planned(ask, contact, campaign))["plan"]["heldBy"] is None


async def test_the_gate_is_asked_before_each_call(ask: Ask, centre: Centre) -> None:
    """Hours where the person is: 08:00 in New York, not in the campaign's own zone."""
    contact = await centre.contact(A)
    await centre.rows("UPDATE contacts SET time_zone = 'America/New_York'")
    campaign = await centre.loaded(contact, policies=["CALLING_HOURS"], timezone="Europe/Rome")
    call = (await planned(ask, contact, campaign, most=1))["plan"]["calls"][0]
    assert call["dueAt"] == "2027-01-04T09:00:00Z"
    assert call["dialAt"] == "2027-01-04T13:00:00Z"
    assert call["why"] == "The first call. It waits for the calling hours."


async def test_calls_of_the_plan_count_in_the_caps_of_those_that_follow(
    ask: Ask, centre: Centre
) -> None:
    """Two calls a number in 24 hours: the third waits until the first is a day old."""
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, max_attempts_per_number=2)
    calls = (await planned(ask, contact, campaign))["plan"]["calls"]
    assert [call["dialAt"] for call in calls[:2]] == [
        "2027-01-04T09:00:00Z",
        "2027-01-04T09:02:00Z",
    ]
    assert calls[2]["dialAt"] >= "2027-01-05T09:00:00Z"
    assert "Held back until then: " in calls[2]["why"]


async def test_who_does_not_want_to_be_called_is_held_without_end(ask: Ask, centre: Centre) -> None:
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact)
    await centre.rows(
        "INSERT INTO blacklist_entries (media, contact_id, is_opt_out, is_everywhere) "
        "VALUES ('PERSON', $1, true, true)",
        contact,
    )
    plan = (await planned(ask, contact, campaign))["plan"]
    assert (plan["calls"], plan["heldBy"]) == ([], "OPT_OUT")


async def test_what_is_not_to_be_seen_looks_missing(
    ask: Ask, centre: Centre, database: Database, tenant: int
) -> None:
    """X-17."""
    contact, campaign = await centre.contact(A), await centre.campaign()
    assert (await planned(ask, contact, 999_999))["userErrors"][0]["field"] == "campaignId"
    assert (await planned(ask, 999_999, campaign))["userErrors"][0]["field"] == "contactId"
    agent = await make_viewer(database, tenant, Role.AGENT)
    found = await planned(ask, contact, campaign, as_=agent)
    assert found == {"plan": None, "userErrors": [{"code": "NOT_FOUND", "field": "contactId"}]}
