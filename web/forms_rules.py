# SPDX-License-Identifier: Apache-2.0
"""The form of one rule of a campaign's own: what its boxes show, and the input that they make."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from starlette.datastructures import FormData

from server.domain.campaigns import Weekday
from server.domain.errors import ErrorCode
from server.domain.gate import RuleKind
from server.i18n import N_, refusal_text, translate

Data = dict[str, Any]
NO_NUMBER = -1  # below every bound
PARTS = 2  # of a day that a form has boxes for
NUMBERS = ("most", "hours", "minutes", "days")
SWITCHES = (
    *("withAgentMeanwhile", "withAgentAfter", "onlyAfterObjection"),
    *("voidedByScreening", "waivedByConsent"),
)
FIELDS: dict[RuleKind, tuple[str, ...]] = {
    RuleKind.HOURS: ("week", "eves", "country", "waivedByConsent"),
    RuleKind.HOLIDAYS: ("country", "dates", "waivedByConsent"),
    RuleKind.CAP: ("most", "hours", "counted", "reach", "waivedByConsent"),
    RuleKind.GAP: ("minutes", "reach", "waivedByConsent"),
    RuleKind.CONVERSATION: ("days", "reach", "waivedByConsent"),
    RuleKind.REFUSAL: ("days", "reach"),
    RuleKind.LOCKOUT: ("hours", "withAgentMeanwhile", "withAgentAfter", "reach"),
    RuleKind.LIST_AGE: ("days", "waivedByConsent"),
    RuleKind.CONSENT: ("onlyAfterObjection", "voidedByScreening"),
}
BLANK: Data = {
    "most": 3,
    "hours": 24,
    "minutes": 60,
    "days": 7,
    "counted": "PERSON",
    "reach": "ALL_CAMPAIGNS",
    "country": "",
    "noHolidays": False,
    "dates": "",
    **dict.fromkeys(SWITCHES, False),
}
WEEKEND = (Weekday.SAT, Weekday.SUN)
Parts = list[tuple[str, str]]


@dataclass
class RuleForm:
    """What a form sent: the input, and the refusals that only the form can word."""

    given: Data
    refusals: dict[str, str] = field(default_factory=dict)  # field → message


def shown_rule(kind: RuleKind, rule: Data | None) -> Data:
    """What the boxes hold: a stored rule's values, or sane ones to begin with."""
    if rule is None:
        usual: Parts = [("08:00", "20:00")]
        days = {day.value: _padded([] if day in WEEKEND else usual) for day in Weekday}
        return BLANK | {"kind": kind.value, "week": days, "eves": _padded([])}
    week: dict[str, Parts] = {day.value: [] for day in Weekday}
    for part in rule["week"] or ():
        for day in part["days"]:
            week[day].append(_shown_interval(part))
    return rule | {
        "country": rule["country"] or "",
        "noHolidays": rule["country"] is None,
        "dates": "\n".join(map(str, rule["dates"] or ())),
        "week": {day: _padded(sorted(parts)) for day, parts in week.items()},
        "eves": _padded([_shown_interval(part) for part in rule["eves"] or ()]),
    }


def typed_rule(kind: RuleKind, form: FormData) -> Data:
    """What was typed, as the boxes show it again."""
    typed: Data = {name: str(form.get(name, "")) for name in (*NUMBERS, "counted", "reach")}
    typed |= {name: str(form.get(name, "")) for name in ("country", "dates")}
    typed |= {name: name in form for name in SWITCHES}
    week = {day.value: _padded(_typed_parts(form, day.value)) for day in Weekday}
    return typed | {
        "noHolidays": form.get("holidays") == "none",
        "kind": kind.value,
        "week": week,
        "eves": _padded(_typed_parts(form, "eves")),
    }


def given_rule(kind: RuleKind, form: FormData, locale: str) -> RuleForm:
    """The rule as the API takes it; boxes that its kind has none of are not looked at."""
    read = RuleForm({"kind": kind.value})
    for name in FIELDS[kind]:
        if name in NUMBERS:
            read.given[name] = _number(str(form.get(name, "")))
        elif name in SWITCHES:
            read.given[name] = name in form
        elif name == "week":
            read.given["week"] = _week(form, read, locale)
        elif name == "eves":
            eves = [_interval(part, "eves", read, locale) for part in _typed_parts(form, "eves")]
            read.given["eves"] = [part for part in eves if part] or None
        elif name == "dates":
            read.given["dates"] = _dates(str(form.get("dates", "")), read, locale)
        elif name == "country":
            read.given["country"] = _country(kind, form)
        else:
            read.given[name] = str(form.get(name, "")) or None
    if read.given.get("eves") is None:
        read.given.pop("eves", None)
        if kind is RuleKind.HOURS:
            read.given.pop("country")
    return read


def rule_input(rule: Data) -> Data:
    """A rule of the API as its input takes it."""
    kind = RuleKind(rule["kind"])
    return {"kind": kind.value} | {
        name: rule[name] for name in FIELDS[kind] if rule[name] is not None
    }


def _country(kind: RuleKind, form: FormData) -> str | None:
    text = str(form.get("country", "")).strip()
    if kind is RuleKind.HOLIDAYS and form.get("holidays") == "none":
        return None
    return text


def _typed_parts(form: FormData, name: str) -> Parts:
    opens = [str(text).strip() for text in form.getlist(f"{name}.opens")]
    closes = [str(text).strip() for text in form.getlist(f"{name}.closes")]
    return [pair for pair in zip(opens, closes, strict=False) if any(pair)]


def _padded(parts: Sequence[tuple[str, str]]) -> Parts:
    return [*parts, *[("", "")] * (PARTS - len(parts))]


def _shown_interval(part: Data) -> tuple[str, str]:
    return str(part["opens"])[:5], str(part["closes"])[:5]


def _week(form: FormData, read: RuleForm, locale: str) -> list[Data]:
    """Days with the same hours go together, so that the rule reads as one sentence."""
    days: dict[tuple[str, str], list[str]] = {}
    for day in Weekday:
        for part in _typed_parts(form, day.value):
            if _interval(part, "week", read, locale):
                days.setdefault(part, []).append(day.value)
    return [
        {"days": named, "opens": opens, "closes": closes} for (opens, closes), named in days.items()
    ]


def _interval(part: tuple[str, str], name: str, read: RuleForm, locale: str) -> Data | None:
    try:
        opens, closes = map(time.fromisoformat, part)
    except ValueError:
        expected = translate(locale, N_("a time such as 08:30"))
        read.refusals[name] = refusal_text(locale, ErrorCode.INVALID, {"expected": expected})
        return None
    return {"opens": opens.isoformat(), "closes": closes.isoformat()}


def _dates(text: str, read: RuleForm, locale: str) -> list[str]:
    dates = []
    for word in text.replace(",", " ").split():
        try:
            dates.append(date.fromisoformat(word).isoformat())
        except ValueError:
            expected = translate(locale, N_("dates such as 2027-12-24"))
            words = refusal_text(locale, ErrorCode.INVALID, {"expected": expected})
            read.refusals["dates"] = words
    return dates


def _number(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    # Bounds are the API's to refuse; what is no whole number it could not even be sent.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else NO_NUMBER
