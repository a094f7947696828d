# SPDX-License-Identifier: Apache-2.0
"""Rules of a campaign's own: how they are stored, and how they are read back.

Each is a JSON object with a `kind` and the parameters of the rule it stands for.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from enum import StrEnum
from typing import Any

from server.domain.campaigns import Weekday
from server.domain.gate.counts import AfterConversation, AfterRefusal, Cap, Gap, Lockout
from server.domain.gate.facts import Rule
from server.domain.gate.hours import DayHours, Hours, Interval, NoHolidays
from server.domain.gate.permits import ConsentRequired, ListAge
from server.domain.gate.words import Counted, Reach

Stored = Mapping[str, Any]
"""One rule as JSON holds it."""


class RuleKind(StrEnum):
    """What a rule of a campaign's own can be about."""

    HOURS = "HOURS"  # calls in these hours only, where the person is
    HOLIDAYS = "HOLIDAYS"  # none on public holidays and on days that are closed
    CAP = "CAP"  # at most so many calls in so many hours
    GAP = "GAP"  # so many minutes between two calls to a person
    CONVERSATION = "CONVERSATION"  # none for so many days after a conversation
    REFUSAL = "REFUSAL"  # none for so many days after the person declined
    LOCKOUT = "LOCKOUT"  # none for so many hours after a call with no agent there
    LIST_AGE = "LIST_AGE"  # the list compared with the register at most so many days ago
    CONSENT = "CONSENT"  # only with a consent


def read_rule(stored: Stored) -> Rule:
    """The rule that the object stands for; it was checked when it was stored."""
    return _READERS[RuleKind(stored["kind"])](stored)


def read_rules(stored: Sequence[Stored]) -> tuple[Rule, ...]:
    return tuple(read_rule(rule) for rule in stored)


def store_rule(rule: Rule) -> dict[str, Any]:
    """The rule as an object; `read_rule` gives the same rule back."""
    match rule:
        case Hours():
            week = [
                {
                    "days": [day.value for day in Weekday if day in part.days],
                    "opens": _clock(interval.opens),
                    "closes": _clock(interval.closes),
                }
                for part in rule.week
                for interval in part.intervals
            ]
            eves = [
                {"opens": _clock(part.opens), "closes": _clock(part.closes)}
                for part in rule.eves or ()
            ]
            shown: dict[str, Any] = {"kind": RuleKind.HOURS.value, "week": week}
            if rule.eves is not None:
                shown |= {"eves": eves, "country": rule.country}
        case NoHolidays():
            dates = sorted(day.isoformat() for day in rule.dates)
            shown = {"kind": RuleKind.HOLIDAYS.value, "country": rule.country, "dates": dates}
        case Cap():
            shown = {
                "kind": RuleKind.CAP.value,
                "counted": rule.counted.value,
                "most": rule.most,
                "hours": rule.hours,
                "reach": rule.reach.value,
            }
        case Gap():
            reach = rule.reach.value
            shown = {"kind": RuleKind.GAP.value, "minutes": rule.minutes, "reach": reach}
        case AfterConversation():
            reach = rule.reach.value
            shown = {"kind": RuleKind.CONVERSATION.value, "days": rule.days, "reach": reach}
        case AfterRefusal():
            reach = rule.reach.value
            shown = {"kind": RuleKind.REFUSAL.value, "days": rule.days, "reach": reach}
        case Lockout():
            shown = {
                "kind": RuleKind.LOCKOUT.value,
                "hours": rule.hours,
                "reach": rule.reach.value,
                "withAgentMeanwhile": rule.with_agent_meanwhile,
                "withAgentAfter": rule.with_agent_after,
            }
        case ListAge():
            shown = {"kind": RuleKind.LIST_AGE.value, "days": rule.days}
        case ConsentRequired():
            shown = {
                "kind": RuleKind.CONSENT.value,
                "onlyAfterObjection": rule.only_after_objection,
                "voidedByScreening": rule.is_voided_by_screening,
            }
        case _:
            raise TypeError(f"{type(rule).__name__} is no rule of a campaign's own")
    return shown | ({"waivedByConsent": True} if rule.is_waived else {})


def _clock(value: time) -> str:
    return f"{value:%H:%M}"


def _interval(stored: Stored) -> Interval:
    return Interval(time.fromisoformat(stored["opens"]), time.fromisoformat(stored["closes"]))


def _waived(stored: Stored) -> bool:
    return bool(stored.get("waivedByConsent", False))


def _hours(stored: Stored) -> Rule:
    week = tuple(
        DayHours(frozenset(Weekday(day) for day in part["days"]), (_interval(part),))
        for part in stored["week"]
    )
    eves = stored.get("eves")
    return Hours(
        week=week,
        eves=None if eves is None else tuple(_interval(part) for part in eves),
        country=stored.get("country", ""),
        is_waived=_waived(stored),
    )


def _holidays(stored: Stored) -> Rule:
    return NoHolidays(
        country=stored.get("country"),
        dates=frozenset(date.fromisoformat(day) for day in stored.get("dates", ())),
        is_waived=_waived(stored),
    )


def _cap(stored: Stored) -> Rule:
    return Cap(
        counted=Counted(stored["counted"]),
        most=stored["most"],
        hours=stored["hours"],
        reach=_reach(stored),
        is_waived=_waived(stored),
    )


def _lockout(stored: Stored) -> Rule:
    return Lockout(
        hours=stored["hours"],
        reach=_reach(stored),
        with_agent_meanwhile=stored.get("withAgentMeanwhile", False),
        with_agent_after=stored.get("withAgentAfter", False),
        is_waived=_waived(stored),
    )


def _consent(stored: Stored) -> Rule:
    return ConsentRequired(
        only_after_objection=stored.get("onlyAfterObjection", False),
        is_voided_by_screening=stored.get("voidedByScreening", False),
    )


def _reach(stored: Stored) -> Reach:
    return Reach(stored.get("reach", Reach.ALL_CAMPAIGNS))


_READERS: dict[RuleKind, Callable[[Stored], Rule]] = {
    RuleKind.HOURS: _hours,
    RuleKind.HOLIDAYS: _holidays,
    RuleKind.CAP: _cap,
    RuleKind.GAP: lambda stored: Gap(
        minutes=stored["minutes"], reach=_reach(stored), is_waived=_waived(stored)
    ),
    RuleKind.CONVERSATION: lambda stored: AfterConversation(
        days=stored["days"], reach=_reach(stored), is_waived=_waived(stored)
    ),
    RuleKind.REFUSAL: lambda stored: AfterRefusal(days=stored["days"], reach=_reach(stored)),
    RuleKind.LOCKOUT: _lockout,
    RuleKind.LIST_AGE: lambda stored: ListAge(days=stored["days"], is_waived=_waived(stored)),
    RuleKind.CONSENT: _consent,
}
