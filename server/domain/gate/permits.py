# SPDX-License-Identifier: Apache-2.0
"""Rules that go by what the person agreed to, and by when the list was compared with a register."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from server.domain.gate.facts import Evidence, Facts, Permit, Question
from server.domain.gate.hours import DAY
from server.domain.gate.words import GateRule


@dataclass(frozen=True, kw_only=True)
class ListAge:
    """The list was compared with the register of objections at most so many days ago."""

    RULE: ClassVar[GateRule] = GateRule.LIST_EXPIRED
    looks_back: ClassVar[timedelta] = timedelta()
    days: int
    is_waived: bool = False

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        screened = facts.screened_at
        if screened is None or at - screened > self.days * DAY:
            return None
        return at

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        screened = facts.screened_at
        if screened is None:
            return {"days": self.days, "screenedAt": None}
        return {
            "days": self.days,
            "screenedAt": screened.isoformat(),
            "age": (at - screened) // DAY,
            "validUntil": (screened + self.days * DAY).isoformat(),
        }


@dataclass(frozen=True, kw_only=True)
class ConsentRequired:
    """The person has agreed to be called about the campaign's matter, or about everything.

    `only_after_objection`: who stands in no register may be called without a consent. A consent
    that is older than an entry in the register is void.
    """

    RULE: ClassVar[GateRule] = GateRule.NO_CONSENT
    looks_back: ClassVar[timedelta] = timedelta()
    only_after_objection: bool = False
    is_voided_by_screening: bool = False
    is_waived: bool = False

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        objected = max((when for when in facts.objected_at if when <= at), default=None)
        if self.only_after_objection and objected is None:
            return at
        return at if valid_permit(question, facts, at, self._voided(facts)) else None

    def _voided(self, facts: Facts) -> datetime | None:
        return facts.screened_at if self.is_voided_by_screening else None

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        permit = valid_permit(question, facts, at, self._voided(facts))
        objected = max((when for when in facts.objected_at if when <= at), default=None)
        newest = max((found.given_at for found in facts.permits), default=None)
        return {
            "matter": question.matter,
            "givenAt": None if permit is None else permit.given_at.isoformat(),
            "objectedAt": None if objected is None else objected.isoformat(),
            "newestConsentAt": None if newest is None else newest.isoformat(),
        }


def valid_permit(
    question: Question, facts: Facts, at: datetime, voided_before: datetime | None = None
) -> Permit | None:
    """The newest consent that holds at that moment for this campaign's matter."""
    objections: Iterable[datetime] = (when for when in facts.objected_at if when <= at)
    since = max(objections, default=None)
    holding = (
        permit
        for permit in facts.permits
        if permit.matter in ("", question.matter)
        and permit.given_at <= at
        and (permit.withdrawn_at is None or at < permit.withdrawn_at)
        and (since is None or permit.given_at > since)
        and (voided_before is None or permit.given_at >= voided_before)
    )
    return max(holding, key=lambda permit: permit.given_at, default=None)
