# SPDX-License-Identifier: Apache-2.0
"""The one gate: every call of every campaign, by whatever way, is asked about here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.domain.gate.campaigns import (
    CampaignEnds,
    CampaignHours,
    CampaignStarts,
    NotBlocked,
    NotInCall,
)
from server.domain.gate.counts import AfterConversation, AfterRefusal, Cap, Gap, Lockout
from server.domain.gate.facts import Check, Facts, Question, Rule, Ruling, Verdict
from server.domain.gate.hours import Hours, NoHolidays
from server.domain.gate.permits import valid_permit

HORIZON = timedelta(days=740)
"""How far ahead a moment is looked for that suits every rule."""
_OF_THE_CLOCK = (CampaignHours, CampaignStarts, CampaignEnds, Hours, NoHolidays)
_OF_CALLS = (Cap, Gap, AfterConversation, AfterRefusal, Lockout)


@dataclass(frozen=True, slots=True)
class _Answer:
    allowed_at: datetime | None
    check: Check


class Memory:
    """What rules answered about one moment: for a batch of questions about it.

    Rules of the clock answer the same for everybody in the same zones, and are the dearest to
    ask; rules of calls and blacklists do for everybody of whom there is nothing to tell.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[object, ...], _Answer] = {}

    def answer(self, ruling: Ruling, question: Question, facts: Facts) -> _Answer:
        if not _is_shared(ruling.rule, facts):
            return _answer(ruling, question, facts)
        zones = facts.zones
        whose = (zones.all, zones.source, facts.country, question.is_automatic, question.has_agent)
        key = (id(ruling), question.at, *whose)
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = _answer(ruling, question, facts)
        return found


def _is_shared(rule: Rule, facts: Facts) -> bool:
    if isinstance(rule, _OF_CALLS):
        return not facts.calls
    if isinstance(rule, NotBlocked):
        return not facts.blocks
    if isinstance(rule, NotInCall):
        return facts.in_call_until is None
    return isinstance(rule, _OF_THE_CLOCK)


def may_dial(question: Question, facts: Facts, memory: Memory | None = None) -> Verdict:
    """Whether this number of this person may be dialed, why, and when at the earliest.

    Every rule is asked, also behind one that refuses. A rule that a consent lifts is passed where
    there is one.
    """
    at = question.at
    memory = memory or Memory()
    permit = None
    if any(ruling.rule.is_waived for ruling in question.rules):
        permit = valid_permit(question, facts, at)
    asked = []
    checks = []
    for ruling in question.rules:
        if permit is not None and ruling.rule.is_waived:
            checks.append(_waived(ruling, at, permit.given_at))
            continue
        answer = memory.answer(ruling, question, facts)
        asked.append((ruling, answer.allowed_at))
        checks.append(answer.check)
    moments = [moment for _, moment in asked]
    if all(moment == at for moment in moments):
        return Verdict(at=at, allowed=True, checks=tuple(checks), not_before=at)
    not_before = None
    if None not in moments:
        latest = max(moment for moment in moments if moment is not None)
        rules = [ruling.rule for ruling, _ in asked]
        not_before = first_for_all(rules, question, facts, latest, at + HORIZON)
    return Verdict(at=at, allowed=False, checks=tuple(checks), not_before=not_before)


def _answer(ruling: Ruling, question: Question, facts: Facts) -> _Answer:
    rule, at = ruling.rule, question.at
    allowed_at = rule.first(question, facts, at)
    check = Check(
        rule=rule.RULE,
        passed=allowed_at == at,
        allowed_at=allowed_at,
        evidence=rule.evidence(question, facts, at),
        policy=ruling.policy,
        version=ruling.version,
        source=ruling.source,
    )
    return _Answer(allowed_at, check)


def _waived(ruling: Ruling, at: datetime, given_at: datetime) -> Check:
    return Check(
        rule=ruling.rule.RULE,
        passed=True,
        allowed_at=at,
        evidence={"consentGivenAt": given_at.isoformat()},
        policy=ruling.policy,
        version=ruling.version,
        source=ruling.source,
    )


def first_for_all(
    rules: Sequence[Rule], question: Question, facts: Facts, since: datetime, until: datetime
) -> datetime | None:
    """The first moment that suits all the rules, or None where there is none up to `until`.

    Each rule moves the moment on to its own next one, until none has to. What every rule answers is
    the first moment not before the one it is asked about, so no moment is passed over.
    """
    moment = since
    while moment <= until:
        before = moment
        for rule in rules:
            found = rule.first(question, facts, moment)
            if found is None:
                return None
            moment = found
        if moment == before:
            return moment
    return None
