# SPDX-License-Identifier: Apache-2.0
"""The plan of an entry is what the machine then does (dial-machine sections 5, 6 and 10)."""

from datetime import datetime, time, timedelta
from random import Random

import pytest

from server.domain.campaigns import CallingWindow, CallStatus
from server.domain.dialer import DialState, FinalReason, claim, dial_order, load
from server.domain.dialer.plans import WINDOW, Allowed, Plan, plan
from server.domain.simulation import Scenario, read_scenario, run
from server.domain.simulation.answers import instant
from tests.domain.dialer.dialing import START, at, call, loaded, settings
from tests.services.dialer.scenarios import random_scenario


def steps(found: Plan) -> list[tuple[str, float]]:
    return [(one.number, (one.dial_at - START).total_seconds() / 60) for one in found.calls]


def plan_of(scenario: Scenario) -> Plan:
    """The plan of the only contact, whose every call ends as the first one does."""
    [contact] = scenario.contacts
    entry, final = load(
        contact.id,
        dial_order(contact.primary_number, contact.additional),
        scenario.settings,
        scenario.start,
        scheduled_at=contact.scheduled_at,
        primary_number=contact.primary_number,
    )
    if final is not None:
        return Plan(calls=(), final=final)
    return plan(
        entry,
        scenario.settings,
        scenario.start,
        outcome=lambda _: contact.outcomes[0],
        blacklisted=scenario.blacklist,
        relist=lambda: dial_order(contact.primary_number, contact.additional),
        call_length=timedelta(seconds=scenario.call_seconds),
        most=10_000,
    )


@pytest.mark.parametrize("seed", range(150))
def test_a_plan_is_what_the_simulator_does(seed: int) -> None:
    """Calls, rounds, places and moments of random campaigns, windows and blacklists included."""
    given = random_scenario(seed)
    contacts = given["contacts"]
    assert isinstance(contacts, list)
    contact = Random(seed).choice(contacts)
    contact["outcomes"] = contact["outcomes"][:1]
    scenario = read_scenario(given | {"contacts": [contact], "lines": 1, "horizonDays": 3000})
    found, answer = plan_of(scenario), run(scenario)
    assert [
        (one.number, one.round, one.position, one.status.value, instant(one.dial_at))
        for one in found.calls
    ] == [
        (row["phone"], row["round"], row["position"], row["status"], row["at"])
        for row in answer["history"]
    ]
    assert found.final is not None
    [closed] = answer["final"]
    assert (found.final.reason.value, instant(found.final.at)) == (closed["reason"], closed["at"])


def test_the_entry_itself_stays_as_it_is() -> None:
    entry = loaded("PO")
    plan(entry, settings(), START)
    assert (entry.state, entry.total_attempts, entry.phone.failures()) == (DialState.READY, 0, {})


def test_what_was_called_already_counts() -> None:
    """X-32: two failures stand, so the third closes."""
    entry = loaded("P")
    call(entry, 0)
    call(entry, 2)
    found = plan(entry, settings(), at(3))
    assert steps(found) == [("P", 4)]
    assert found.final is not None
    assert (found.final.reason, found.final.attempts) == (FinalReason.RETRY_EXCEEDED, 3)


def test_a_call_that_is_up_comes_first_and_ends_now() -> None:
    entry = loaded("PO")
    claim(entry, settings(), at(0))
    found = plan(entry, settings(), at(5), most=2)
    assert [(one.number, one.is_up) for one in found.calls] == [("P", True), ("O", False)]
    assert steps(found) == [("P", 0), ("O", 6)]


def test_each_number_may_be_given_a_result_of_its_own() -> None:
    def outcome(number: str) -> CallStatus:
        return CallStatus.ANSWER if number == "H" else CallStatus.BUSY

    found = plan(loaded("POH"), settings(), START, outcome=outcome)
    assert steps(found) == [("P", 0), ("O", 1), ("H", 2)]
    assert found.final is not None
    assert found.final.reason is FinalReason.REACHED


def test_an_overdue_call_is_made_now() -> None:
    [one] = plan(loaded("P"), settings(), at(90), most=1).calls
    assert (one.due_at, one.dial_at, one.waits_for) == (START, at(90), None)


def test_what_else_holds_a_number_moves_its_call() -> None:
    """The person's own hours: each number from a moment of its own."""

    def allow(number: str, moment: datetime) -> Allowed:
        return Allowed(max(moment, at(30)), "HOLIDAY") if number == "O" else Allowed(moment)

    found = plan(loaded("PO"), settings(), START, allow=allow, most=3)
    assert steps(found) == [("P", 0), ("O", 30), ("P", 32)]
    assert [one.waits_for for one in found.calls] == [None, "HOLIDAY", None]


def test_a_hold_without_end_ends_the_plan_with_its_rule() -> None:
    found = plan(loaded("PO"), settings(), START, allow=lambda *_: Allowed(None, "NO_CONSENT"))
    assert (found.calls, found.final, found.held) == ((), None, "NO_CONSENT")


def test_hours_and_holds_that_exclude_each_other_end_the_plan() -> None:
    def allow(_: str, moment: datetime) -> Allowed:
        """Only at night, when the campaign sleeps."""
        is_day = 6 <= moment.hour < 22
        return Allowed(moment.replace(hour=22) if is_day else moment, "WINDOW")

    rules = settings(window=CallingWindow(opens=time(8), closes=time(21)))
    assert plan(loaded("P"), rules, START, allow=allow).held == WINDOW


def test_a_plan_is_cut_where_it_is_told_to_be() -> None:
    found = plan(loaded("POH"), settings(), START, most=4)
    assert (len(found.calls), found.final) == (4, None)
