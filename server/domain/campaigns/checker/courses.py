# SPDX-License-Identifier: Apache-2.0
"""How far a contact gets that ends every call with one and the same status.

The dial machine makes the calls: by the retry settings alone, then with the cap of a number, then
with every rule that goes by the clock or by the calls before.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.domain.campaigns.checker.findings import (
    NOTICE,
    WARNING,
    CampaignShape,
    Finding,
    FindingCode,
    FindingSeverity,
)
from server.domain.campaigns.settings import CampaignSettings
from server.domain.campaigns.statuses import FAILURES, AfterStatus, CallStatus
from server.domain.dialer.entries import EntryPhone
from server.domain.dialer.loading import load
from server.domain.dialer.plans import Allow, Allowed, plan
from server.domain.dialer.states import FinalReason
from server.domain.gate import Call, Facts, GateRule, Question, Ruling, may_dial, rulebook
from server.domain.gate.counts import SILENT
from server.domain.gate.permits import ConsentRequired, ListAge

MOST_PHONES = 50
_MOST_CALLS = 150  # of one course: beyond that its limits are of another order than its end
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class _Course:
    """Calls to the number that is called most, and whether the campaign's end cut them off."""

    calls: tuple[datetime, ...]
    is_cut: bool
    rule: GateRule | None  # that held back the last call

    def falls_short_of(self, limit: int) -> bool:
        return self.is_cut and len(self.calls) < limit

    @property
    def most_in_a_day(self) -> int:
        calls = self.calls
        return max((sum(first <= at < first + _DAY for at in calls) for first in calls), default=0)


def courses_found(settings: CampaignSettings, shape: CampaignShape) -> Iterator[Finding]:
    """What keeps a limit out of reach: the end itself, the cap of a number, or another rule."""
    cap = shape.calls_a_number
    if settings.ends_at is None and cap is None:
        return
    courses = _Courses(settings, shape)
    capped: list[Finding] = []
    for place, status in enumerate(FAILURES):
        limit = min(settings.limits[place], settings.global_limit)
        if limit < 2 or settings.after[place] is AfterStatus.CLOSE_PHONE:
            continue
        course = courses.of(place, ())
        if course.falls_short_of(limit):
            yield _short(settings, place, limit, course)
            continue
        if cap is not None:
            held = courses.of(place, rulebook(calls_a_number=cap).rulings)
            if held.falls_short_of(limit):
                capped.append(_capped(WARNING, cap, len(held.calls), limit, status))
                continue
            if course.most_in_a_day > cap:
                capped.append(_capped(NOTICE, cap, course.most_in_a_day))
        if settings.ends_at is not None and (shape.policies or shape.rules):
            held = courses.of(place, _timed(settings, shape))
            if held.falls_short_of(limit):
                yield _short(settings, place, limit, held)
    # The cap stands once on the form: it is told of once, by the gravest that it does.
    yield from sorted(capped, key=lambda one: one.severity is NOTICE)[:1]


def _short(settings: CampaignSettings, place: int, limit: int, course: _Course) -> Finding:
    status, calls = FAILURES[place], len(course.calls)
    params: dict[str, object] = {"status": status}
    if calls < 2:
        params |= {"minutes": settings.retry[status].minutes}
        code, name = FindingCode.RETRY_AFTER_END, "minutes"
    else:
        params |= {"max": limit, "calls": calls}
        code, name = FindingCode.LIMIT_OUT_OF_REACH, "max"
    if course.rule is not None:
        params["rule"] = course.rule
    return Finding(code=code, field=f"retry.{place}.{name}", severity=WARNING, params=params)


def _capped(
    severity: FindingSeverity,
    cap: int,
    calls: int,
    limit: int | None = None,
    status: CallStatus | None = None,
) -> Finding:
    params: dict[str, object] = {"cap": cap, "calls": calls}
    if limit is not None:
        params |= {"max": limit, "status": status}
    return Finding(
        code=FindingCode.NUMBER_CAP_BELOW_RETRIES,
        field="maxAttemptsPerNumber24h",
        severity=severity,
        params=params,
    )


def allowing(
    settings: CampaignSettings, shape: CampaignShape, outcome: Callable[[str], CallStatus]
) -> Allow:
    """The rules that time lets go of, before each call of somebody where the campaign's people
    are; the calls end as `outcome` has it by number, and count for those that follow."""
    return _Gate(_timed(settings, shape), _known(shape), outcome).allow


def _known(shape: CampaignShape) -> Facts:
    place = shape.people[0][0]
    return Facts(zones=place.zones, country=place.country, holidays=shape.holidays)


def _timed(settings: CampaignSettings, shape: CampaignShape) -> tuple[Ruling, ...]:
    """The rules that time lets go of: consents and lists are in other hands."""
    book = rulebook(
        window=settings.window,
        calls_a_number=shape.calls_a_number,
        policies=shape.policies,
        rules=shape.rules,
    )
    others = (ConsentRequired, ListAge)
    return tuple(ruling for ruling in book.rulings if not isinstance(ruling.rule, others))


class _Courses:
    """Settings that are alike for two statuses lead to the same course: it is run once."""

    def __init__(self, settings: CampaignSettings, shape: CampaignShape) -> None:
        self._settings = settings
        self._shape = shape
        self._found: dict[tuple[object, ...], _Course] = {}
        self._facts = _known(shape)

    def of(self, place: int, rulings: tuple[Ruling, ...]) -> _Course:
        settings, status = self._settings, FAILURES[place]
        alike = (settings.limits[place], settings.waits[place], settings.after[place])
        key = (*alike, status in SILENT, rulings)
        if key not in self._found:
            self._found[key] = self._run(status, rulings)
        return self._found[key]

    def _run(self, status: CallStatus, rulings: tuple[Ruling, ...]) -> _Course:
        """A contact with as many numbers as many have, loaded as the campaign begins."""
        settings, start = self._settings, self._shape.start
        numbers = [
            EntryPhone(number=str(place), position=place)
            for place in range(min(self._shape.phones, MOST_PHONES))
        ]
        entry, _ = load(0, numbers, settings, start)

        def outcome(number: str) -> CallStatus:
            return status

        gate = _Gate(rulings, self._facts, outcome)
        course = plan(
            entry,
            settings,
            start,
            outcome=outcome,
            allow=gate.allow if rulings else None,
            most=_MOST_CALLS,
        )
        final = course.final
        return _Course(
            calls=_most_called((call.number, call.dial_at) for call in course.calls),
            is_cut=final is not None and final.reason is FinalReason.CAMPAIGN_ENDED,
            rule=gate.held_by,
        )


class _Gate:
    """The gate for a contact of whom nothing is known but the calls of the course."""

    def __init__(
        self, rulings: tuple[Ruling, ...], facts: Facts, outcome: Callable[[str], CallStatus]
    ) -> None:
        self.held_by: GateRule | None = None
        self._rulings = rulings
        self._facts = facts
        self._outcome = outcome

    def allow(self, number: str, moment: datetime) -> Allowed:
        question = Question(
            number=number, at=moment, campaign_id=0, rules=self._rulings, has_agent=True
        )
        verdict = may_dial(question, self._facts)
        if verdict.reason is not None:
            self.held_by = verdict.reason.rule
            return Allowed(verdict.not_before, self.held_by.value)
        call = Call(
            number=number,
            campaign_id=0,
            matter="",
            started_at=moment,
            ended_at=moment,
            status=self._outcome(number),
        )
        self._facts = replace(self._facts, calls=(*self._facts.calls, call))
        return Allowed(moment)


def _most_called(calls: Iterable[tuple[str, datetime]]) -> tuple[datetime, ...]:
    by_number: dict[str, list[datetime]] = {}
    most: list[datetime] = []
    for number, at in calls:
        moments = by_number.setdefault(number, [])
        moments.append(at)
        most = max(most, moments, key=len)
    return tuple(most)
