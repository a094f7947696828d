# SPDX-License-Identifier: Apache-2.0
"""`explainDial`: every gate, passed or not, the number that is next, when, and why not now."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.database import Database
from server.domain.campaigns import CallStatus
from server.domain.permissions import Role
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.services.dialer.centre import NOW, Centre
from tests.services.gate.asking import AskingCentre

A, B, C = (f"+39061234500{place}" for place in range(3))
HOUR = timedelta(hours=1)
EXPLAIN = """
query($contact: ID!, $campaign: ID!, $at: DateTime) {
  explainDial(contactId: $contact, campaignId: $campaign, at: $at) {
    explanation {
      at standing allowed summary reason number position phoneCount round dueAt dialAt passedOver
      entry { id } final { id }
      checks { rule label passed text allowedAt policy policyLabel version source evidence }
    }
    userErrors { code field }
  }
}
"""


def told(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


class Explaining:
    def __init__(self, ask: Ask, centre: Centre) -> None:
        self.ask = ask
        self.centre = centre

    async def __call__(
        self, contact: int, campaign: int, at: datetime | None = NOW, locale: str = "en"
    ) -> Any:
        answer = await self.ask(
            EXPLAIN,
            contact=f"contact_{contact}",
            campaign=f"campaign_{campaign}",
            at=None if at is None else told(at),
            locale=locale,
        )
        payload = answer["data"]["explainDial"]
        assert payload["userErrors"] == []
        return payload["explanation"]


@pytest.fixture
def explain(ask: Ask, database: Database, tenant: int) -> Explaining:
    return Explaining(ask, Centre(database, tenant))


def check(explanation: Any, rule: str) -> Any:
    [found] = [check for check in explanation["checks"] if check["rule"] == rule]
    return found


async def test_who_is_due_and_free_may_be_called_now(explain: Explaining) -> None:
    """Each gate stands there with what it went by, and a claim gives the call."""
    centre = explain.centre
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact, policies=["US_REG_F"], simultaneous_lines=3)
    found = await explain(contact, campaign)
    assert found["summary"] == "May be called now."
    assert (found["allowed"], found["reason"], found["dialAt"]) == (True, None, told(NOW))
    assert (found["number"], found["position"], found["phoneCount"]) == (A, 0, 2)
    assert (found["standing"], found["round"]) == ("OPEN", 1)
    assert [(c["rule"], c["passed"], c["text"]) for c in found["checks"]] == [
        ("NOT_OPEN", True, "In the hopper."),
        ("CAMPAIGN_STATE", True, "The campaign runs."),
        ("NOT_DUE", True, "Due since Mon 4 Jan 2027, 09:00."),
        ("OPT_OUT", True, "Has not asked to be left alone."),
        ("BLACKLIST", True, "Neither the number nor the person is on a blacklist."),
        ("NUMBER_BUSY", True, "Neither the number nor the person is in a call."),
        (
            "WINDOW",
            True,
            "It is Mon 10:00 in Europe/Rome (the time zone of the number); calls are allowed "
            "08:00–21:00.",
        ),
        (
            "PERSON_CAP",
            True,
            "0 calls of 7 in 7 days, counting campaigns with the same matter.",
        ),
        ("CONVERSATION", True, "Not spoken to in the last 7 days."),
        ("LINES", True, "0 of 3 lines are in use."),
    ]
    cap = check(found, "PERSON_CAP")
    assert (cap["policy"], cap["version"]) == ("US_REG_F", 1)
    assert cap["source"] == "12 CFR 1006.14(b)(2) and 1006.6(b)(1)"
    assert [call.number for call in await centre.claim(campaign)] == [A]


async def test_who_waits_is_told_until_when_and_claimed_then(explain: Explaining) -> None:
    """The hour of the answer is the hour of the claim: not a second before."""
    centre = explain.centre
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, policies=["CALLING_HOURS"])
    night = NOW + 12 * HOUR
    found = await explain(contact, campaign, night)
    morning = NOW + 22 * HOUR
    assert found["summary"] == (
        "Not now: Calling hours. Called on Tue 5 Jan 2027, 07:00 at the earliest."
    )
    assert (found["reason"], found["dialAt"]) == ("WINDOW", told(morning))
    assert check(found, "WINDOW")["allowedAt"] == told(morning)
    assert check(found, "WINDOW")["policyLabel"] == "Calling hours, 8:00 to 21:00"
    assert await centre.claim(campaign, night) == []
    assert await centre.claim(campaign, morning - timedelta(seconds=1)) == []
    assert len(await centre.claim(campaign, morning)) == 1


async def test_due_time_and_hours_together_say_when(explain: Explaining) -> None:
    centre = explain.centre
    contact = await centre.contact(A, scheduled_at=NOW + 15 * HOUR)
    campaign = await centre.loaded(contact, policies=["CALLING_HOURS"])
    found = await explain(contact, campaign)
    assert (found["reason"], found["dueAt"]) == ("NOT_DUE", told(NOW + 15 * HOUR))
    assert found["dialAt"] == told(NOW + 22 * HOUR)
    assert check(found, "NOT_DUE")["text"] == "Due on Tue 5 Jan 2027, 00:00."


async def test_a_cap_names_its_calls(explain: Explaining) -> None:
    centre = explain.centre
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact, policies=["FR_DECREE"], wait=0)
    for place in range(2):
        for call in await centre.claim(campaign, NOW + place * HOUR):
            await centre.report(call, at=NOW + place * HOUR)
    found = await explain(contact, campaign, NOW + 2 * HOUR)
    cap = check(found, "PERSON_CAP")
    assert cap["text"] == "2 calls of 4 in 30 days, counting every campaign."
    assert cap["evidence"]["numbers"] == [A, B]
    assert cap["evidence"]["campaigns"] == [campaign]


async def test_a_refusal_and_a_consent_given_since_are_told_of(explain: Explaining) -> None:
    centre = explain.centre
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, policies=["FR_DECREE"])
    assert check(await explain(contact, campaign), "REFUSAL")["text"] == (
        "Has not declined in the last 60 days."
    )
    gate = AskingCentre(centre.database, centre.tenant_id)
    await gate.called(campaign, contact, A, NOW - 48 * HOUR, "ANSWER", is_refusal=True)
    refused = check(await explain(contact, campaign), "REFUSAL")
    at = "Declined on Sat 2 Jan 2027, 09:00"
    assert (refused["passed"], refused["text"]) == (
        False,
        f"{at}; no calls for 60 days after that day.",
    )
    await gate.consented(contact, NOW - 24 * HOUR)
    consented = check(await explain(contact, campaign), "REFUSAL")
    assert (consented["passed"], consented["text"]) == (
        True,
        f"{at}, and agreed again on Sun 3 Jan 2027, 09:00.",
    )


async def test_a_blacklisted_number_is_passed_over_and_named(explain: Explaining) -> None:
    centre = explain.centre
    contact = await centre.contact(A, (B, None))
    campaign = await centre.loaded(contact)
    await centre.rows("INSERT INTO blacklist_entries (number, name) VALUES ($1, 'Rossi')", A)
    found = await explain(contact, campaign)
    assert (found["passedOver"], found["number"], found["position"]) == ([A], B, 1)
    assert found["allowed"] is True
    await centre.rows("INSERT INTO blacklist_entries (number) VALUES ($1)", B)
    found = await explain(contact, campaign)
    assert (found["allowed"], found["reason"], found["dialAt"]) == (False, "BLACKLIST", None)
    listed = check(found, "BLACKLIST")
    assert listed["text"] == "On the blacklist of the centre. “Rossi”"
    assert found["number"] == A


async def test_an_opt_out_is_nothing_that_time_cures(explain: Explaining) -> None:
    centre = explain.centre
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact)
    await centre.rows(
        "INSERT INTO blacklist_entries (media, contact_id, is_everywhere, is_opt_out) "
        "VALUES ('PERSON', $1, true, true)",
        contact,
    )
    found = await explain(contact, campaign)
    assert found["reason"] == "OPT_OUT"
    assert found["summary"] == "Not now: Opt-out. Time alone does not change that."


async def test_a_contact_in_a_call_is_said_to_be_in_one(explain: Explaining) -> None:
    centre = explain.centre
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact)
    await centre.claim(campaign)
    found = await explain(contact, campaign)
    assert (found["standing"], found["reason"]) == ("IN_CALL", "NUMBER_BUSY")
    assert found["summary"] == "In a call of this campaign now."
    assert check(found, "LINES")["text"] == "1 of 30 lines are in use."


async def test_when_every_line_is_in_use_it_waits_for_one(explain: Explaining) -> None:
    centre = explain.centre
    first, second = await centre.contact(A), await centre.contact(B)
    campaign = await centre.loaded(first, second, simultaneous_lines=1)
    await centre.claim(campaign)
    found = await explain(second, campaign)
    assert (found["reason"], found["dialAt"]) == ("LINES", told(NOW))
    assert found["summary"] == "Not now: Lines. Called as soon as that changes."


async def test_without_a_ready_agent_it_waits_for_one(explain: Explaining) -> None:
    centre = explain.centre
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, kind="QUEUE", mode="PROGRESSIVE")
    found = await explain(contact, campaign)
    assert (found["allowed"], found["reason"]) == (False, "LINES")
    assert check(found, "LINES")["text"] == "No agent is free for the call."


async def test_a_campaign_that_does_not_run_calls_nobody(explain: Explaining) -> None:
    centre = explain.centre
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, state="PAUSED")
    found = await explain(contact, campaign)
    assert (found["reason"], found["dialAt"]) == ("CAMPAIGN_STATE", None)
    assert check(found, "CAMPAIGN_STATE")["text"] == "The campaign does not call: Paused."


async def test_a_closed_contact_says_how_its_stay_ended(explain: Explaining) -> None:
    centre = explain.centre
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact)
    await centre.report(await centre.claim_one(campaign), CallStatus.ANSWER)
    found = await explain(contact, campaign)
    assert (found["standing"], found["reason"], found["dialAt"]) == ("CLOSED", "NOT_OPEN", None)
    assert found["entry"] is None
    assert found["final"]["id"].startswith("final_")
    assert check(found, "NOT_OPEN")["text"] == "Closed on Mon 4 Jan 2027, 09:00: Reached."


async def test_a_contact_that_was_never_loaded_is_asked_about_all_the_same(
    explain: Explaining,
) -> None:
    centre = explain.centre
    contact, nobody = await centre.contact(A), await centre.contact(None)
    campaign = await centre.campaign(policies=["PL_CONSENT"])
    found = await explain(contact, campaign)
    assert (found["standing"], found["number"], found["dialAt"]) == ("NOT_LOADED", A, None)
    assert check(found, "NOT_OPEN")["text"] == ("Never loaded: on no list that the campaign calls.")
    assert check(found, "NO_CONSENT")["text"] == "No consent is recorded for this."
    empty = await explain(nobody, campaign)
    assert (empty["standing"], empty["number"], empty["phoneCount"]) == ("NOT_LOADED", None, 0)


async def test_it_answers_for_a_moment_that_has_passed(explain: Explaining) -> None:
    """Calls made since then are not known of."""
    centre = explain.centre
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, max_attempts_per_number=1)
    called = datetime.now(UTC) - HOUR
    await centre.rows(
        "INSERT INTO call_attempts (campaign_id, contact_id, entry_id, round, position, number, "
        "status, started_at, ended_at, policy_version) "
        "VALUES ($1, $2, 1, 1, 0, $3, 'BUSY', $4, $4, 1)",
        campaign,
        contact,
        A,
        called,
    )
    for at, passed in ((called - HOUR, True), (called + HOUR / 2, False), (None, False)):
        found = await explain(contact, campaign, at)
        assert check(found, "NUMBER_CAP")["passed"] is passed


async def test_it_speaks_italian(explain: Explaining) -> None:
    centre = explain.centre
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, policies=["IT_CODE"])
    found = await explain(contact, campaign, NOW + 16 * HOUR, locale="it")
    assert check(found, "WINDOW")["label"] == "Orari di chiamata"
    assert check(found, "WINDOW")["text"].startswith("Ora locale mar 02:00 in Europe/Rome")


@pytest.mark.parametrize(
    ("contact", "campaign", "at", "expected"),
    [
        ("contact_999999999", None, None, ("NOT_FOUND", "contactId")),
        (None, "campaign_999999999", None, ("NOT_FOUND", "campaignId")),
        ("campaign_1", None, None, ("NOT_FOUND", "contactId")),
        (None, None, "9999-12-31T23:59:59Z", ("OUT_OF_RANGE", "at")),
    ],
)
async def test_what_is_not_there_is_refused(
    contact: str | None,
    campaign: str | None,
    at: str | None,
    expected: tuple[str, str],
    explain: Explaining,
) -> None:
    centre = explain.centre
    real = await centre.contact(A)
    answer = await explain.ask(
        EXPLAIN,
        contact=contact or f"contact_{real}",
        campaign=campaign or f"campaign_{await centre.loaded(real)}",
        at=at,
    )
    payload = answer["data"]["explainDial"]
    assert payload["explanation"] is None
    assert [(e["code"], e["field"]) for e in payload["userErrors"]] == [expected]


async def test_agents_are_told_of_what_is_theirs_alone(
    explain: Explaining, database: Database, tenant: int
) -> None:
    centre = explain.centre
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact)
    agent = await make_viewer(database, tenant, Role.AGENT)
    answer = await explain.ask(
        EXPLAIN,
        as_=agent,
        contact=f"contact_{contact}",
        campaign=f"campaign_{campaign}",
        at=None,
    )
    assert answer["data"]["explainDial"]["userErrors"] == [
        {"code": "NOT_FOUND", "field": "contactId"}
    ]


async def test_who_is_for_one_agent_waits_until_that_one_is_ready(explain: Explaining) -> None:
    """ONLY_ME and OTHER (C-36): named with the state, ready or not, assigned or not."""
    centre = explain.centre
    agent = (await make_viewer(centre.database, centre.tenant_id, Role.AGENT)).user_id
    contact = await centre.contact(A)
    campaign = await centre.loaded(contact, kind="QUEUE", mode="PROGRESSIVE")
    await centre.rows("UPDATE users SET full_name = 'Ada Neri' WHERE id = $1", agent)
    await centre.rows(
        "INSERT INTO campaign_agents (campaign_id, user_id) VALUES ($1, $2)", campaign, agent
    )
    await centre.rows(
        "UPDATE hopper_entries SET state = 'WAIT_CALLBACK', is_callback = true, owner_id = $1, "
        "is_owner_only = true, bucket = 1",
        agent,
    )

    async def answer(sql: str, *args: object, at: datetime = NOW) -> list[object]:
        await centre.rows(sql, *args)
        found = await explain(contact, campaign, at)
        owner = check(found, "OWNER")
        assert owner["evidence"]["agent"] in ("Ada Neri", None)
        return [owner["text"], owner["passed"], found["dialAt"], found["reason"]]

    away = ["Only for Ada Neri, whose state is: Not at work.", False, None, "OWNER"]
    assert await answer("SELECT 1") == away
    early = NOW - HOUR  # nobody need be there an hour before
    assert await answer("SELECT 1", at=early) == [*away[:2], told(NOW), "NOT_DUE"]
    desk = "INSERT INTO agent_desks (user_id, state, lease_until) VALUES ($1, 'PAUSED', 'infinity')"
    paused = ["Only for Ada Neri, whose state is: Paused.", *away[1:]]
    assert await answer(desk, agent) == paused
    ready = ["Only for Ada Neri, who is ready.", True, told(NOW), None]
    assert await answer("UPDATE agent_desks SET state = 'READY'") == ready
    idle = ["Only for Ada Neri, whose automatic dialing is off.", *away[1:]]
    assert await answer("UPDATE campaigns SET mode = 'AGENT_FIRST'") == idle
    left = ["Only for Ada Neri, who does not work on the campaign.", *away[1:]]
    assert await answer("DELETE FROM campaign_agents") == left
    assert await answer("SELECT 1", at=early) == left
    gone = ["Only for an agent who is not there any more.", *away[1:]]
    assert await answer("UPDATE hopper_entries SET owner_id = NULL") == gone
    await centre.rows("UPDATE hopper_entries SET is_owner_only = false")
    rules = [one["rule"] for one in (await explain(contact, campaign))["checks"]]
    assert "OWNER" not in rules
