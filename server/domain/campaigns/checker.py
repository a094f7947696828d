# SPDX-License-Identifier: Apache-2.0
"""The policy checker: settings that contradict each other, or that cannot do what they say.

It asks the dial machine itself how far a campaign would get, and never refuses anything: what is
found stands beside the field that it is about.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from server.domain.campaigns.settings import CampaignSettings
from server.domain.campaigns.statuses import FAILURES, AfterStatus, CallStatus, ExhaustionPolicy
from server.domain.dialer.entries import EntryPhone
from server.domain.dialer.loading import load
from server.domain.dialer.plans import Plan, plan
from server.domain.dialer.states import FinalReason

LEAST_RING = 15  # seconds, or four rings: 16 CFR 310.4(b)(4)(ii), 47 CFR 64.1200(a)(6)
MOST_PHONES = 50
_MOST_CALLS = 150  # of one course: beyond that its limits are of another order than its end
_DAY = timedelta(days=1)


class FindingSeverity(StrEnum):
    """How much a finding matters."""

    NOTICE = "NOTICE"  # works as it stands, and perhaps not as it is meant
    WARNING = "WARNING"  # a setting cannot do what it says
    DANGER = "DANGER"  # nobody would be called, or people are given up or pestered


class FindingCode(StrEnum):
    """What is wrong with a campaign's settings."""

    END_PASSED = "END_PASSED"  # the campaign's end has passed
    END_BEFORE_START = "END_BEFORE_START"  # it ends before it starts
    WINDOW_NEVER_OPENS = "WINDOW_NEVER_OPENS"  # no hour of the window lies between start and end
    RETRY_AFTER_END = "RETRY_AFTER_END"  # the first retry would fall after the end
    LIMIT_OUT_OF_REACH = "LIMIT_OUT_OF_REACH"  # the end comes before the limit
    LIMIT_ABOVE_GLOBAL = "LIMIT_ABOVE_GLOBAL"  # the global limit comes before the limit
    CLOSED_PHONE_CLOSES_CONTACT = "CLOSED_PHONE_CLOSES_CONTACT"  # one number's end ends them all
    RETRY_AT_ONCE = "RETRY_AT_ONCE"  # the same number again without any wait
    ONE_LINE_HOGGED = "ONE_LINE_HOGGED"  # no wait on one line: a contact keeps it to itself
    PHONE_WAIT_ABOVE_WINDOW = "PHONE_WAIT_ABOVE_WINDOW"  # every next number waits for another day
    RING_TOO_SHORT = "RING_TOO_SHORT"  # it rings less than the law demands
    GLOBAL_IS_PER_NUMBER = "GLOBAL_IS_PER_NUMBER"  # it is low, and holds for each number apart
    CAP_BELOW_PHONES = "CAP_BELOW_PHONES"  # the cap of a contact leaves numbers uncalled
    NO_AGENTS = "NO_AGENTS"  # a mode that needs agents, and nobody is assigned
    LINES_BELOW_AGENTS = "LINES_BELOW_AGENTS"  # fewer lines than the agents could use


@dataclass(frozen=True, kw_only=True)
class CampaignShape:
    """What the settings meet: numbers of a contact, lines, agents, and the campaign's clock."""

    now: datetime
    starts_at: datetime | None = None
    phones: int = 3  # of a contact with many
    lines: int = 30
    agents: int | None = None  # None: not known
    needs_agents: bool = False
    calls_per_agent: float = 1.0  # the power level


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`field` is the input path in API spelling; `params` fill the message."""

    code: FindingCode
    field: str
    severity: FindingSeverity
    params: dict[str, object] = dataclasses.field(default_factory=dict)


NOTICE = FindingSeverity.NOTICE
WARNING = FindingSeverity.WARNING
DANGER = FindingSeverity.DANGER
_GRAVEST_FIRST = (DANGER, WARNING, NOTICE)


def check(settings: CampaignSettings, shape: CampaignShape) -> list[Finding]:
    """What contradicts itself, the gravest first; otherwise in the order of the form."""
    found = [*_hours(settings, shape)]
    if not found:
        found += _retries_and_end(settings, shape)
    found += [*_retries(settings, shape), *_phones(settings, shape), *_means(settings, shape)]
    return sorted(found, key=lambda finding: _GRAVEST_FIRST.index(finding.severity))


def _hours(settings: CampaignSettings, shape: CampaignShape) -> Iterator[Finding]:
    ends, starts = settings.ends_at, shape.starts_at
    if ends is None:
        return
    if ends <= shape.now:
        yield Finding(code=FindingCode.END_PASSED, field="endsAt", severity=DANGER)
        return
    if starts is not None and ends <= starts:
        yield Finding(code=FindingCode.END_BEFORE_START, field="endsAt", severity=DANGER)
        return
    if settings.window is not None and settings.window.next_open(_start(shape)) >= ends:
        yield Finding(code=FindingCode.WINDOW_NEVER_OPENS, field="windowDays", severity=DANGER)


def _retries_and_end(settings: CampaignSettings, shape: CampaignShape) -> Iterator[Finding]:
    """How far a contact gets that ends every call with one and the same status."""
    if settings.ends_at is None:
        return
    for place, status in enumerate(FAILURES):
        limit = min(settings.limits[place], settings.global_limit)
        if limit < 2 or settings.after[place] is AfterStatus.CLOSE_PHONE:
            continue
        course = _course(settings, shape, status)
        if course.final is None or course.final.reason is not FinalReason.CAMPAIGN_ENDED:
            continue
        most = max(_calls_of_numbers(course), default=0)
        if most >= limit:
            continue
        path = f"retry.{place}."
        params: dict[str, object] = {"status": status}
        if most < 2:
            params |= {"minutes": settings.retry[status].minutes}
            code, name = FindingCode.RETRY_AFTER_END, "minutes"
        else:
            params |= {"max": limit, "calls": most}
            code, name = FindingCode.LIMIT_OUT_OF_REACH, "max"
        yield Finding(code=code, field=path + name, severity=WARNING, params=params)


def _retries(settings: CampaignSettings, shape: CampaignShape) -> Iterator[Finding]:
    spares = settings.exhaustion_policy is ExhaustionPolicy.ALL_PHONES
    for place, status in enumerate(FAILURES):
        path, params = f"retry.{place}.", {"status": status}
        limit, after = settings.limits[place], settings.after[place]
        if limit > settings.global_limit:
            limits: dict[str, object] = {"max": limit, "global": settings.global_limit}
            yield Finding(
                code=FindingCode.LIMIT_ABOVE_GLOBAL,
                field=f"{path}max",
                severity=WARNING,
                params=params | limits,
            )
        closes = after is AfterStatus.CLOSE_PHONE
        dies = status is CallStatus.NO_SUCH_NUMBER and min(limit, settings.global_limit) < 2
        if shape.phones > 1 and not spares and (closes or dies):
            yield Finding(
                code=FindingCode.CLOSED_PHONE_CLOSES_CONTACT,
                field=f"{path}afterStatus" if closes else f"{path}max",
                severity=DANGER if dies or status is CallStatus.NO_SUCH_NUMBER else WARNING,
                params={**params},
            )
        again = min(limit, settings.global_limit) > 1 and not closes
        if settings.waits[place] or not again:
            continue
        if after is AfterStatus.RETRY_SAME or shape.phones < 2:
            yield Finding(
                code=FindingCode.RETRY_AT_ONCE,
                field=f"{path}minutes",
                severity=DANGER,
                params={**params},
            )
        elif shape.lines == 1:
            yield Finding(
                code=FindingCode.ONE_LINE_HOGGED,
                field=f"{path}minutes",
                severity=WARNING,
                params={**params},
            )


def _phones(settings: CampaignSettings, shape: CampaignShape) -> Iterator[Finding]:
    phones, cap = shape.phones, settings.max_attempts_per_contact
    if phones < 2:
        return
    if settings.global_limit < phones and cap is None:
        params: dict[str, object] = {
            "global": settings.global_limit,
            "phones": phones,
            "calls": settings.global_limit * phones,
        }
        yield Finding(
            code=FindingCode.GLOBAL_IS_PER_NUMBER,
            field="globalMaxRetry",
            severity=NOTICE,
            params=params,
        )
    if cap is not None and cap < phones:
        yield Finding(
            code=FindingCode.CAP_BELOW_PHONES,
            field="maxAttemptsPerContact",
            severity=WARNING,
            params={"cap": cap, "phones": phones},
        )
    length = _length(settings)
    if length is not None and settings.phone_wait >= length:
        yield Finding(
            code=FindingCode.PHONE_WAIT_ABOVE_WINDOW,
            field="additionalPhonesAfter",
            severity=WARNING,
            params={"minutes": settings.additional_phones_after, "window": _minutes(length)},
        )
    if shape.lines == 1 and not settings.phone_wait:
        yield Finding(
            code=FindingCode.ONE_LINE_HOGGED, field="additionalPhonesAfter", severity=NOTICE
        )


def _means(settings: CampaignSettings, shape: CampaignShape) -> Iterator[Finding]:
    if settings.originate_timeout < LEAST_RING:
        yield Finding(
            code=FindingCode.RING_TOO_SHORT,
            field="originateTimeout",
            severity=WARNING,
            params={"seconds": settings.originate_timeout, "least": LEAST_RING},
        )
    if not shape.needs_agents or shape.agents is None:
        return
    if not shape.agents:
        yield Finding(code=FindingCode.NO_AGENTS, field="agentIds", severity=DANGER)
    elif shape.lines < shape.agents * shape.calls_per_agent:
        yield Finding(
            code=FindingCode.LINES_BELOW_AGENTS,
            field="simultaneousLines",
            severity=NOTICE,
            params={"lines": shape.lines, "agents": shape.agents},
        )


def _start(shape: CampaignShape) -> datetime:
    return shape.now if shape.starts_at is None else max(shape.now, shape.starts_at)


def _course(settings: CampaignSettings, shape: CampaignShape, status: CallStatus) -> Plan:
    """A contact with as many numbers as many have, loaded as the campaign begins."""
    numbers = [
        EntryPhone(number=str(place), position=place)
        for place in range(min(shape.phones, MOST_PHONES))
    ]
    start = _start(shape)
    entry, _ = load(0, numbers, settings, start)
    return plan(entry, settings, start, outcome=lambda _: status, most=_MOST_CALLS)


def _calls_of_numbers(course: Plan) -> Iterator[int]:
    numbers = [call.number for call in course.calls]
    yield from (numbers.count(number) for number in set(numbers))


def _length(settings: CampaignSettings) -> timedelta | None:
    """How long the window stays open once it has opened; None where it never closes for long."""
    window = settings.window
    if window is None or window.opens == window.closes:
        return None
    day = datetime(2000, 1, 1, tzinfo=UTC).date()
    opens, closes = (datetime.combine(day, at) for at in (window.opens, window.closes))
    return closes - opens if opens < closes else closes + _DAY - opens


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)
