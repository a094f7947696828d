# SPDX-License-Identifier: Apache-2.0
"""Consents, objections, lists that were compared with a register, blacklists (reliability 5)."""

from datetime import timedelta

import pytest

from server.domain.gate import Block, ConsentRequired, GateRule, ListAge, Permit
from tests.domain.gate.asking import NOW, SECOND, ask, facts

DAY = timedelta(days=1)


@pytest.mark.parametrize(("policy", "days"), [("US_TCPA", 31), ("UK_OFCOM", 28), ("IT_RPO", 15)])
def test_a_screened_list_is_good_for_so_many_days(policy: str, days: int) -> None:
    last = NOW - days * DAY
    assert ask(facts(screened_at=last), policy=policy).allowed
    verdict = ask(facts(screened_at=last - SECOND), policy=policy)
    (refused,) = verdict.refused
    assert (refused.rule, refused.allowed_at) == (GateRule.LIST_EXPIRED, None)
    assert refused.evidence["age"] == days
    assert verdict.not_before is None
    never = ask(facts(), policy=policy)
    assert [check.rule for check in never.refused] == [GateRule.LIST_EXPIRED]


def test_a_consent_is_for_a_matter_or_for_all() -> None:
    rule = ConsentRequired()
    of_matter = facts(permits=(Permit(matter="energy", given_at=NOW),))
    of_all = facts(permits=(Permit(matter="", given_at=NOW),))
    assert ask(of_matter, rule, matter="energy").allowed
    assert not ask(of_matter, rule, matter="insurance").allowed
    assert not ask(of_matter, rule).allowed
    assert ask(of_all, rule, matter="insurance").allowed


def test_a_consent_holds_from_its_day_until_it_is_withdrawn() -> None:
    known = facts(permits=(Permit(matter="", given_at=NOW, withdrawn_at=NOW + DAY),))
    rule = ConsentRequired()
    assert not ask(known, rule, at=NOW - SECOND).allowed
    assert ask(known, rule, at=NOW).allowed
    assert ask(known, rule, at=NOW + DAY - SECOND).allowed
    withdrawn = ask(known, rule, at=NOW + DAY)
    assert [check.rule for check in withdrawn.refused] == [GateRule.NO_CONSENT]
    assert withdrawn.not_before is None


@pytest.mark.parametrize(("given", "allowed"), [(-SECOND, False), (DAY * 0, False), (SECOND, True)])
def test_only_a_consent_after_the_entry_in_the_register_counts(
    given: timedelta, allowed: bool
) -> None:
    """D.P.R. 26/2022: registration revokes earlier consents."""
    registered = NOW - 3 * DAY
    permit = Permit(matter="", given_at=registered + given)
    known = facts(permits=(permit,), objected_at=(registered,), screened_at=NOW)
    assert ask(known, policy="IT_RPO").allowed is allowed
    assert ask(known, ConsentRequired()).allowed is allowed
    assert ask(facts(screened_at=NOW), policy="IT_RPO").allowed


def test_a_screening_may_void_the_consents_before_it() -> None:
    rule = ConsentRequired(is_voided_by_screening=True)
    permit = Permit(matter="", given_at=NOW - 2 * DAY)
    assert ask(facts(permits=(permit,), screened_at=NOW - 2 * DAY), rule).allowed
    assert not ask(facts(permits=(permit,), screened_at=NOW - DAY), rule).allowed
    assert ask(facts(permits=(permit,)), rule).allowed
    lenient = ConsentRequired()
    assert ask(facts(permits=(permit,), screened_at=NOW - DAY), lenient).allowed


@pytest.mark.parametrize(
    ("is_everywhere", "is_automatic", "allowed"),
    [(False, True, False), (False, False, True), (True, True, False), (True, False, False)],
)
@pytest.mark.parametrize("is_opt_out", [False, True])
def test_what_does_not_hold_everywhere_stops_automatic_calls_alone(
    is_everywhere: bool, is_automatic: bool, allowed: bool, is_opt_out: bool
) -> None:
    """C-28."""
    block = Block(
        id=1, media="PHONE", scope="TENANT", is_everywhere=is_everywhere, is_opt_out=is_opt_out
    )
    verdict = ask(facts(blocks=(block,)), is_automatic=is_automatic)
    assert verdict.allowed is allowed
    rule = GateRule.OPT_OUT if is_opt_out else GateRule.BLACKLIST
    assert [check.rule for check in verdict.refused] == ([] if allowed else [rule])
    assert verdict.not_before == (NOW if allowed else None)


def test_the_reason_shown_is_the_one_that_time_does_not_cure() -> None:
    known = facts(in_call_until=NOW + SECOND)
    busy = ask(known, at=NOW)
    assert busy.reason is not None
    assert busy.reason.rule is GateRule.NUMBER_BUSY
    assert busy.not_before == NOW + SECOND
    both = ask(known, ListAge(days=1))
    assert both.reason is not None
    assert both.reason.rule is GateRule.LIST_EXPIRED
    assert [check.rule for check in both.refused] == [GateRule.NUMBER_BUSY, GateRule.LIST_EXPIRED]
    assert ask(facts()).reason is None


def test_a_verdict_is_told_as_json_with_its_source() -> None:
    told = ask(facts(), policy="US_TCPA").told()
    checks = told["checks"]
    assert isinstance(checks, list)
    assert told["notBefore"] is None
    assert checks[-1] == {
        "rule": "LIST_EXPIRED",
        "passed": False,
        "policy": "US_TCPA",
        "version": 1,
        "source": "47 CFR 64.1200(c)(1), 16 CFR 310.4(c); registry at most 31 days old: "
        "16 CFR 310.4(b)(3)(iv)",
        "allowedAt": None,
        "evidence": {"days": 31, "screenedAt": None},
    }
