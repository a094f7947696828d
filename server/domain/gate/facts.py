# SPDX-License-Identifier: Apache-2.0
"""What the gate is asked, what it goes by, and what it answers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from server.domain.campaigns import CallStatus
from server.domain.gate.words import GateRule, ZoneSource

Evidence = Mapping[str, object]
"""What a check went by, as JSON holds it; instants are ISO 8601 texts in UTC."""

HolidaysOf = Callable[[str, date], str | None]
"""The name of the public holiday of a country (ISO 3166) on a day, or None."""


@dataclass(frozen=True, slots=True)
class Zones:
    """The time zones that the called person may be in, and where they are known from."""

    all: tuple[ZoneInfo, ...]
    source: ZoneSource

    @property
    def names(self) -> list[str]:
        return [zone.key for zone in self.all]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that was made, or is up (`ended_at` and `status` None). LOST ones count."""

    number: str
    campaign_id: int
    matter: str
    started_at: datetime
    ended_at: datetime | None = None
    status: CallStatus | None = None
    is_refusal: bool = False  # the person declined what it was about
    is_of_person: bool = True  # False: to the same number, of somebody else


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """A consent, with the matter it is for ("": every one) until it was withdrawn."""

    matter: str
    given_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """An entry of a blacklist that names the number or the person."""

    id: int
    media: str  # PHONE or PERSON
    scope: str  # TENANT, CAMPAIGN or LIST
    is_everywhere: bool
    is_opt_out: bool
    name: str = ""


class Rule(Protocol):
    """One rule with its parameters. The clock is an argument, facts are those known at the moment
    that is asked about."""

    @property
    def RULE(self) -> GateRule: ...  # noqa: N802 # a constant of nearly every rule

    @property
    def is_waived(self) -> bool:
        """Whether a consent lifts the rule."""
        ...

    @property
    def looks_back(self) -> timedelta:
        """How old the calls are that it looks at; nothing for a rule that looks at none."""
        ...

    def first(self, question: "Question", facts: "Facts", at: datetime) -> datetime | None:
        """The first moment, not before `at`, at which it lets the call through, or None."""
        ...

    def evidence(self, question: "Question", facts: "Facts", at: datetime) -> Evidence: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A rule, and who says so: a ready-made policy, or the campaign's own settings (None)."""

    rule: Rule
    policy: str | None = None
    version: int | None = None
    source: str | None = None


def no_holidays(country: str, day: date) -> str | None:
    """The calendar of a place without public holidays."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May this number of this person be dialed, for this campaign, at this moment?

    `is_automatic` False is a call by hand or a callback: only blacklist entries that hold
    everywhere stop it (C-28). `has_agent` True: an agent is reserved for the call.
    """

    number: str
    at: datetime
    campaign_id: int
    rules: tuple[Ruling, ...]
    matter: str = ""
    is_automatic: bool = True
    has_agent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about the number and the person; only what the rules need was read."""

    zones: Zones
    country: str | None = None  # of the number
    calls: tuple[Call, ...] = ()  # to the number and to the person, in any order
    permits: tuple[Permit, ...] = ()
    objected_at: tuple[datetime, ...] = ()  # entered in a register of objections
    screened_at: datetime | None = None  # the list was compared with the register
    blocks: tuple[Block, ...] = ()
    in_call_until: datetime | None = None  # the number or the person is in a call: look again then
    holidays: HolidaysOf = no_holidays


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule's answer. `allowed_at` is the first moment at which it lets the call through:
    the moment asked where it passed, None where time alone does not help."""

    rule: GateRule
    passed: bool
    allowed_at: datetime | None
    evidence: Evidence = field(default_factory=dict)
    policy: str | None = None  # None: the campaign's own settings
    version: int | None = None
    source: str | None = None

    def told(self) -> dict[str, object]:
        """The check as JSON."""
        told: dict[str, object] = {"rule": self.rule.value, "passed": self.passed}
        if self.policy is not None:
            told |= {"policy": self.policy, "version": self.version, "source": self.source}
        if not self.passed:
            told["allowedAt"] = None if self.allowed_at is None else self.allowed_at.isoformat()
        return told | {"evidence": dict(self.evidence)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The gate's answer. `not_before` is the first moment at which all rules together let the
    call through: `at` where it is allowed, None where time alone does not help."""

    at: datetime
    allowed: bool
    checks: tuple[Check, ...]
    not_before: datetime | None

    @property
    def refused(self) -> Iterator[Check]:
        """The checks that were not passed."""
        return (check for check in self.checks if not check.passed)

    @property
    def reason(self) -> Check | None:
        """The check that keeps the call back: one that time does not cure, else the last to
        come round. None where the call is allowed."""
        reason: Check | None = None
        for check in self.refused:
            if check.allowed_at is None:
                return check
            if reason is None or reason.allowed_at is None or reason.allowed_at < check.allowed_at:
                reason = check
        return reason

    def told(self) -> dict[str, object]:
        """The verdict as JSON, for an attempt's evidence and for what a hold went by."""
        return {
            "at": self.at.isoformat(),
            "allowed": self.allowed,
            "notBefore": None if self.not_before is None else self.not_before.isoformat(),
            "checks": [check.told() for check in self.checks],
        }
