# SPDX-License-Identifier: Apache-2.0
"""Rules that go by the calls that were made: caps, gaps, conversations, silent calls.

A call is counted from its start, and one that is up counts already. Windows roll: a call leaves
a window of 24 hours 24 hours after it began, to the second.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from server.domain.campaigns import CallStatus
from server.domain.gate.facts import Call, Evidence, Facts, Question
from server.domain.gate.hours import DAY, midnight
from server.domain.gate.permits import valid_permit
from server.domain.gate.words import Counted, GateRule, Reach

SILENT = frozenset({CallStatus.DROP, CallStatus.ABANDONED})
"""Results of calls in which somebody picked up and no agent was there."""
LONGEST_CALL = timedelta(hours=12)
"""Calls are found by their start: what goes by their end looks back for so much longer."""


@dataclass(frozen=True, kw_only=True)
class Cap:
    """At most `most` calls in any `hours` hours."""

    counted: Counted
    most: int
    hours: int
    reach: Reach = Reach.ALL_CAMPAIGNS
    is_waived: bool = False

    @property
    def RULE(self) -> GateRule:  # noqa: N802 # the other rules have it as a constant
        return GateRule.NUMBER_CAP if self.counted is Counted.NUMBER else GateRule.PERSON_CAP

    @property
    def looks_back(self) -> timedelta:
        return timedelta(hours=self.hours)

    def counting(self, question: Question, facts: Facts, at: datetime) -> list[Call]:
        """The calls that are in the window at that moment, the oldest first."""
        by_number = self.counted is Counted.NUMBER
        since = at - self.looks_back
        calls = [
            call
            for call in facts.calls
            if since < call.started_at
            and (call.number == question.number if by_number else call.is_of_person)
            and reaches(self.reach, call, question)
        ]
        return sorted(calls, key=lambda call: call.started_at)

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        if len(facts.calls) < self.most:  # whichever of them count
            return at
        calls = self.counting(question, facts, at)
        if len(calls) < self.most:
            return at
        if self.most < 1:
            return None
        return calls[-self.most].started_at + self.looks_back

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        calls = self.counting(question, facts, at)
        evidence: dict[str, object] = {
            "calls": len(calls),
            "most": self.most,
            "hours": self.hours,
            "reach": self.reach.value,
        }
        if calls:
            evidence |= {
                "first": calls[0].started_at.isoformat(),
                "last": calls[-1].started_at.isoformat(),
                "numbers": sorted({call.number for call in calls}),
                "campaigns": sorted({call.campaign_id for call in calls}),
            }
        return evidence


@dataclass(frozen=True, kw_only=True)
class Gap:
    """At least so many minutes between two calls to a person, on whatever number."""

    RULE: ClassVar[GateRule] = GateRule.GAP
    minutes: int
    reach: Reach = Reach.ALL_CAMPAIGNS
    is_waived: bool = False

    @property
    def apart(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    @property
    def looks_back(self) -> timedelta:
        return self.apart + LONGEST_CALL

    def _last(self, question: Question, facts: Facts) -> datetime | None:
        calls = (call for call in facts.calls if reaches(self.reach, call, question))
        return _last_of(call for call in calls if call.is_of_person)

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        last = self._last(question, facts)
        return at if last is None else max(at, last + self.apart)

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        last = self._last(question, facts)
        return {"minutes": self.minutes, "last": None if last is None else last.isoformat()}


@dataclass(frozen=True, kw_only=True)
class AfterConversation:
    """No call for so many days after a conversation, whose own day is the first of them.

    Days are those where the person is: after a conversation on a Monday, seven days end with the
    Sunday (12 CFR 1006.14(b)(2)(i)(B)).
    """

    RULE: ClassVar[GateRule] = GateRule.CONVERSATION
    days: int
    reach: Reach = Reach.MATTER
    is_waived: bool = False

    @property
    def looks_back(self) -> timedelta:
        return (self.days + 1) * DAY

    def _last(self, question: Question, facts: Facts) -> datetime | None:
        calls = (call for call in facts.calls if reaches(self.reach, call, question))
        return _last_of(
            call for call in calls if call.status is CallStatus.ANSWER and call.is_of_person
        )

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        last = self._last(question, facts)
        if last is None:
            return at
        return max(at, *_midnights(last, self.days, facts))

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        return _rest(self, self._last(question, facts), facts)


@dataclass(frozen=True, kw_only=True)
class AfterRefusal:
    """No call for so many whole days after the person declined, unless a consent was given since.

    The day of the refusal is none of them: after one on 1 March, sixty days end with 30 April
    (Code de la consommation, D. 223-9: "soixante jours calendaires révolus").
    """

    RULE: ClassVar[GateRule] = GateRule.REFUSAL
    days: int
    reach: Reach = Reach.ALL_CAMPAIGNS
    is_waived: bool = False

    @property
    def looks_back(self) -> timedelta:
        return (self.days + 2) * DAY

    def _last(self, question: Question, facts: Facts) -> datetime | None:
        calls = (call for call in facts.calls if reaches(self.reach, call, question))
        return _last_of(call for call in calls if call.is_refusal and call.is_of_person)

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        last = self._last(question, facts)
        if last is None or self._consented_at(last, question, facts, at):
            return at
        return max(at, *_midnights(last, self.days + 1, facts))

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        last = self._last(question, facts)
        evidence = _rest(self, last, facts)
        consented = last and self._consented_at(last, question, facts, at)
        return {**evidence, "consentedAt": consented.isoformat()} if consented else evidence

    def _consented_at(
        self, last: datetime, question: Question, facts: Facts, at: datetime
    ) -> datetime | None:
        permit = valid_permit(question, facts, at)
        return permit.given_at if permit is not None and permit.given_at > last else None


@dataclass(frozen=True, kw_only=True)
class Lockout:
    """After a call that was picked up with no agent there: none for so many hours.

    `with_agent_meanwhile`: a call for which an agent is reserved may be made before (UK);
    `with_agent_after`: later only such a call may be made, until the person was spoken to (IT).
    """

    RULE: ClassVar[GateRule] = GateRule.DROP_LOCKOUT
    hours: int
    statuses: frozenset[CallStatus] = SILENT
    reach: Reach = Reach.ALL_CAMPAIGNS
    with_agent_meanwhile: bool = False
    with_agent_after: bool = False
    is_waived: bool = False

    @property
    def looks_back(self) -> timedelta:
        # What has to be made good later is looked for as far back as statistics are kept.
        locked = timedelta(hours=self.hours) + LONGEST_CALL
        return max(locked, 730 * DAY if self.with_agent_after else DAY)

    def _last(self, question: Question, facts: Facts) -> datetime | None:
        """When the last silent call ended that no conversation has followed."""
        calls = [
            call
            for call in facts.calls
            if reaches(self.reach, call, question) and call.status is not None
        ]
        spoken = max(
            (call.started_at for call in calls if call.status is CallStatus.ANSWER), default=None
        )
        return _last_of(
            call
            for call in calls
            if call.status in self.statuses and (spoken is None or call.started_at > spoken)
        )

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        last = self._last(question, facts)
        if last is None or (self.with_agent_meanwhile and question.has_agent):
            return at
        if self.with_agent_after and not question.has_agent:
            return None
        return max(at, last + timedelta(hours=self.hours))

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        last = self._last(question, facts)
        evidence: dict[str, object] = {
            "hours": self.hours,
            "last": None if last is None else last.isoformat(),
            "hasAgent": question.has_agent,
        }
        if last is not None and (self.with_agent_after or self.with_agent_meanwhile):
            evidence["needsAgent"] = True
            evidence["until"] = (last + timedelta(hours=self.hours)).isoformat()
        return evidence


def _last_of(calls: Iterable[Call]) -> datetime | None:
    """When the last of them ended, or began where it is still up."""
    return max((call.ended_at or call.started_at for call in calls), default=None)


def _midnights(since: datetime, days: int, facts: Facts) -> Iterator[datetime]:
    """When so many days later begin, wherever the person may be."""
    for zone in facts.zones.all:
        yield midnight(since.astimezone(zone).date() + days * DAY, zone)


def _rest(rule: AfterConversation | AfterRefusal, last: datetime | None, facts: Facts) -> Evidence:
    return {
        "days": rule.days,
        "reach": rule.reach.value,
        "last": None if last is None else last.isoformat(),
        "zones": facts.zones.names,
    }


def reaches(reach: Reach, call: Call, question: Question) -> bool:
    """Whether a rule of this reach looks at the call."""
    if reach is Reach.ALL_CAMPAIGNS:
        return True
    if reach is Reach.MATTER:
        return call.matter == question.matter
    return call.campaign_id == question.campaign_id
