# SPDX-License-Identifier: Apache-2.0
"""Rules and policies of the gate in the reader's words (reliability section 5)."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time

from server import gate_messages as words
from server.domain.campaigns import Weekday
from server.domain.gate import (
    POLICIES,
    AfterConversation,
    AfterRefusal,
    Cap,
    ConsentRequired,
    Counted,
    Gap,
    Hours,
    Interval,
    ListAge,
    Lockout,
    NoHolidays,
    Policy,
    PolicyName,
    Rule,
    read_rule,
    store_rule,
)
from server.i18n import label, translate, translate_plural

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def policy(locale: str, found: Policy) -> dict[str, Any]:
    return {
        "name": found.name,
        "label": label(locale, found.name),
        "explanation": translate(locale, words.EXPLANATIONS[found.name]),
        "version": found.version,
        "source": found.source,
        "effectiveFrom": found.effective_from,
        "country": found.country,
        "rules": [rule(locale, one) for one in found.rules],
    }


def policies(locale: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Those of a campaign."""
    return [policy(locale, POLICIES[PolicyName(name)]) for name in names]


def own_rules(locale: str, text: Sequence[Any]) -> list[dict[str, Any]]:
    """A campaign's own rules, as the column holds them."""
    return [rule(locale, read_rule(stored)) for stored in text]


def rule(locale: str, found: Rule) -> dict[str, Any]:
    """A rule with its parameters, and what it says."""
    stored = store_rule(found)
    shown: dict[str, Any] = dict.fromkeys(
        ("week", "eves", "country", "dates", "counted", "most", "hours", "minutes", "days", "reach")
    )
    switches = (
        *("withAgentMeanwhile", "withAgentAfter", "onlyAfterObjection"),
        *("voidedByScreening", "waivedByConsent"),
    )
    shown |= {name: stored.get(name, False) for name in switches} | stored
    for part in (*(shown["week"] or ()), *(shown["eves"] or ())):
        part["opens"], part["closes"] = map(time.fromisoformat, (part["opens"], part["closes"]))
    if shown["dates"] is not None:
        shown["dates"] = [date.fromisoformat(day) for day in shown["dates"]]
    return shown | {"rule": found.RULE, "text": rule_text(locale, found)}


def rule_text(locale: str, found: Rule) -> str:
    """What a rule says, in a sentence or two."""
    sentences = _sentences(locale, found)
    if found.is_waived:
        sentences.append(translate(locale, words.WAIVED))
    return " ".join(sentences)


def _sentences(locale: str, found: Rule) -> list[str]:
    match found:
        case Hours():
            sentences = [translate(locale, words.HOURS, hours=_week(locale, found))]
            if found.eves:
                told = intervals(locale, found.eves)
                sentences.append(translate(locale, words.EVES, hours=told))
            elif found.eves is not None:
                sentences.append(translate(locale, words.NO_EVES))
            return sentences
        case NoHolidays():
            return _closed(locale, found)
        case Cap():
            by_number = found.counted is Counted.NUMBER
            message = words.CAP_OF_NUMBER if by_number else words.CAP_OF_PERSON
            calls = translate_plural(locale, "%(num)s call", "%(num)s calls", found.most)
            within = span(locale, found.looks_back)
            return [
                translate(locale, message, calls=calls, span=within, reach=reach(locale, found))
            ]
        case Gap():
            between = span(locale, found.apart)
            return [translate(locale, words.GAP, span=between, reach=reach(locale, found))]
        case AfterConversation():
            rest = span(locale, found.days * _DAY)
            return [translate(locale, words.CONVERSATION, span=rest, reach=reach(locale, found))]
        case AfterRefusal():
            rest = span(locale, found.days * _DAY)
            return [translate(locale, words.REFUSAL, span=rest, reach=reach(locale, found))]
        case Lockout():
            sentences = [
                translate(locale, words.LOCKOUT, span=span(locale, found.hours * _HOUR)),
            ]
            if found.with_agent_meanwhile:
                sentences.append(translate(locale, words.AGENT_MEANWHILE))
            if found.with_agent_after:
                sentences.append(translate(locale, words.AGENT_AFTER))
            return sentences
        case ListAge():
            return [translate(locale, words.LIST_AGE, span=span(locale, found.days * _DAY))]
        case ConsentRequired():
            asked = words.CONSENT
            if found.only_after_objection:
                asked = words.CONSENT_AFTER_OBJECTION
            voided = [words.CONSENT_VOIDED] if found.is_voided_by_screening else []
            return [translate(locale, message) for message in (asked, *voided)]
    raise TypeError(f"nobody says what {type(found).__name__} is")


def _closed(locale: str, found: NoHolidays) -> list[str]:
    sentences = []
    if found.country:
        country = country_name(locale, found.country)
        sentences.append(translate(locale, words.HOLIDAYS_OF, country=country))
    elif found.country is not None:
        sentences.append(translate(locale, words.HOLIDAYS_OF_NUMBER))
    if found.dates:
        days = ", ".join(
            format_date(day, "medium", locale=conventions(locale)) for day in sorted(found.dates)
        )
        sentences.append(translate(locale, words.CLOSED_DAYS, dates=days))
    return sentences


def _week(locale: str, found: Hours) -> str:
    """`Mon–Fri 10:00–13:00, 14:00–20:00; Sat 10:00–19:00`; without days where it is every day."""
    parts = []
    for hours in found.week:
        told = intervals(locale, hours.intervals)
        if len(hours.days) < len(Weekday):
            told = f"{days(locale, hours.days)} {told}"
        parts.append(told)
    return "; ".join(parts)


def days(locale: str, chosen: frozenset[Weekday]) -> str:
    """Runs of days as the language shortens them: Mon–Fri, Sun."""
    names = conventions(locale).days["format"]["abbreviated"]
    order = list(Weekday)
    runs: list[list[int]] = []
    for place, day in enumerate(order):
        if day in chosen:
            if runs and runs[-1][-1] == place - 1:
                runs[-1].append(place)
            else:
                runs.append([place])
    return ", ".join(
        names[run[0]] if len(run) == 1 else f"{names[run[0]]}–{names[run[-1]]}" for run in runs
    )


def intervals(locale: str, found: Sequence[Interval]) -> str:
    return ", ".join(f"{clock(locale, one.opens)}–{clock(locale, one.closes)}" for one in found)


def clock(locale: str, moment: time) -> str:
    return str(format_time(moment, "HH:mm", locale=conventions(locale)))


def span(locale: str, length: timedelta) -> str:
    """`7 days`, `24 hours`, `90 minutes`: in the largest unit that it is whole in."""
    minutes = round(length / timedelta(minutes=1))
    if minutes % 1440 == 0 and minutes > 1440:
        return translate_plural(locale, "%(num)s day", "%(num)s days", minutes // 1440)
    if minutes % 60 == 0 and minutes:
        return translate_plural(locale, "%(num)s hour", "%(num)s hours", minutes // 60)
    return translate_plural(locale, "%(num)s minute", "%(num)s minutes", minutes)


def reach(locale: str, found: Cap | Gap | AfterConversation | AfterRefusal) -> str:
    return translate(locale, words.REACHES[found.reach])


def country_name(locale: str, code: str) -> str:
    return str(conventions(locale).territories.get(code, code))


@lru_cache(maxsize=16)
def conventions(locale: str) -> Locale:
    return Locale.parse("en_150" if locale == "en" else locale)
