# SPDX-License-Identifier: Apache-2.0
"""What rules of a campaign's own may say, each fault noted on its own field."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import Any, Final

from server.domain.campaigns import Weekday
from server.domain.errors import ErrorCode
from server.domain.gate.own import RuleKind
from server.domain.gate.words import Counted, Reach
from server.domain.refusals import Refusals

MOST_RULES = 20
MOST_PARTS = 21  # of a week: three a day
MOST_DATES = 200
# Bounds of each number, by the kind of rule that has it.
NUMBERS: Final[dict[RuleKind, dict[str, tuple[int, int]]]] = {
    RuleKind.CAP: {"most": (1, 1000), "hours": (1, 8784)},
    RuleKind.GAP: {"minutes": (1, 525_600)},
    RuleKind.CONVERSATION: {"days": (1, 366)},
    RuleKind.REFUSAL: {"days": (1, 366)},
    RuleKind.LOCKOUT: {"hours": (1, 8784)},
    RuleKind.LIST_AGE: {"days": (1, 366)},
}
_REACHING = {
    *(RuleKind.CAP, RuleKind.GAP, RuleKind.CONVERSATION, RuleKind.REFUSAL, RuleKind.LOCKOUT)
}
_NEVER_WAIVED = {RuleKind.CONSENT, RuleKind.REFUSAL}  # they look at consents themselves
_SWITCHES: dict[RuleKind, tuple[str, ...]] = {
    RuleKind.LOCKOUT: ("withAgentMeanwhile", "withAgentAfter"),
    RuleKind.CONSENT: ("onlyAfterObjection", "voidedByScreening"),
}
Given = Mapping[str, Any]


def check_rules(
    given: Sequence[Given], refusals: Refusals, has_calendar: Callable[[str], bool]
) -> list[dict[str, Any]]:
    """The rules as they are stored; what a rule of its kind has no use for is left out."""
    if len(given) > MOST_RULES:
        refusals.add(ErrorCode.OUT_OF_RANGE, "rules", max=MOST_RULES)
        return []
    return [
        _Checking(rule, f"rules.{place}", refusals, has_calendar).stored()
        for place, rule in enumerate(given)
    ]


class _Checking:
    """One rule, read field by field; what was refused stands as something harmless."""

    def __init__(
        self, given: Given, path: str, refusals: Refusals, has_calendar: Callable[[str], bool]
    ) -> None:
        self._given = given
        self._path = path
        self._refusals = refusals
        self._has_calendar = has_calendar

    def stored(self) -> dict[str, Any]:
        kind = RuleKind(self._given["kind"])
        stored: dict[str, Any] = {"kind": kind.value}
        for name, (least, most) in NUMBERS.get(kind, {}).items():
            stored[name] = self._number(name, least, most)
        if kind is RuleKind.CAP:
            stored["counted"] = Counted(self._given.get("counted") or Counted.PERSON).value
        if kind in _REACHING:
            by_default = Reach.MATTER if kind is RuleKind.CONVERSATION else Reach.ALL_CAMPAIGNS
            stored["reach"] = Reach(self._given.get("reach") or by_default).value
        for name in _SWITCHES.get(kind, ()):
            if self._given.get(name):
                stored[name] = True
        if kind is RuleKind.HOURS:
            stored |= self._hours()
        elif kind is RuleKind.HOLIDAYS:
            stored |= self._holidays()
        if self._given.get("waivedByConsent") and kind not in _NEVER_WAIVED:
            stored["waivedByConsent"] = True
        return stored

    def _number(self, name: str, least: int, most: int) -> int:
        value = self._given.get(name)
        if value is None:
            self._add(ErrorCode.REQUIRED, name)
            return least
        return self._refusals.within(value, f"{self._path}.{name}", least, most)

    def _hours(self) -> dict[str, Any]:
        week = self._given.get("week") or ()
        if not week:
            self._add(ErrorCode.REQUIRED, "week")
        if len(week) > MOST_PARTS:
            self._add(ErrorCode.OUT_OF_RANGE, "week", max=MOST_PARTS)
            return {"week": []}
        stored: dict[str, Any] = {
            "week": [
                {"days": self._days(part, place), **self._interval(part, f"week.{place}")}
                for place, part in enumerate(week)
            ]
        }
        eves = self._given.get("eves")
        if eves is not None:
            stored["eves"] = [
                self._interval(part, f"eves.{place}")
                for place, part in enumerate(eves[:MOST_PARTS])
            ]
            stored["country"] = self._country() or ""
        return stored

    def _days(self, part: Given, place: int) -> list[str]:
        days = part.get("days")
        if days is None:
            return [day.value for day in Weekday]
        if not days:
            self._add(ErrorCode.REQUIRED, f"week.{place}.days")
        chosen = set(days)
        return [day.value for day in Weekday if day in chosen]

    def _interval(self, part: Given, name: str) -> dict[str, str]:
        opens, closes = part["opens"], part["closes"]
        if opens == closes != time(0):
            # It may as well mean never as always; 00:00 to 00:00 is the whole day.
            self._add(ErrorCode.INVALID, f"{name}.closes")
        return {"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"}

    def _holidays(self) -> dict[str, Any]:
        dates: Sequence[date] = self._given.get("dates") or ()
        if len(dates) > MOST_DATES:
            self._add(ErrorCode.OUT_OF_RANGE, "dates", max=MOST_DATES)
            dates = ()
        country = self._country()
        if not self._given.get("dates") and self._given.get("country") is None:
            self._add(ErrorCode.REQUIRED, "country")
        return {"country": country, "dates": sorted({day.isoformat() for day in dates})}

    def _country(self) -> str | None:
        """None: none is meant. "": that of the number that is called."""
        country = self._given.get("country")
        if country is None or country == "":
            return country
        country = str(country).strip().upper()
        if not (country.isascii() and country.isalpha() and len(country) == 2) or (
            not self._has_calendar(country)
        ):
            self._add(ErrorCode.INVALID, "country", expected="IT")
            return None
        return country

    def _add(self, code: ErrorCode, name: str, **params: object) -> None:
        self._refusals.add(code, f"{self._path}.{name}", **params)
