# SPDX-License-Identifier: Apache-2.0
"""Checks of the gate in the reader's words, with the data that they went by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from server import gate_messages as words
from server.domain.agents import AgentState
from server.domain.campaigns import CampaignState
from server.domain.dialer import FinalReason
from server.domain.gate import Check, GateRule, Interval, Reach, ZoneSource
from server.i18n import label, translate, translate_plural
from server.resolvers.gate_texts import conventions, intervals, span
from server.services.gate.places import holiday_name

Data = Mapping[str, Any]
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Reader:
    """Who reads it: the language, and the time zone that moments are shown in."""

    locale: str
    timezone: str

    def say(self, message: str, **params: object) -> str:
        return translate(self.locale, message, **params)

    def moment(self, given: str | datetime) -> str:
        instant = datetime.fromisoformat(given) if isinstance(given, str) else given
        local = instant.astimezone(ZoneInfo(self.timezone))
        told = format_datetime(local, "EEE d MMM y, HH:mm", locale=conventions(self.locale))
        return str(told)


def check_text(reader: Reader, check: Check) -> str:
    """What the check found; nothing is left out that the answer rests on."""
    evidence: Data = check.evidence
    if "consentGivenAt" in evidence:
        return reader.say(words.LIFTED, at=reader.moment(evidence["consentGivenAt"]))
    return _TEXTS[check.rule](reader, evidence, check.passed)


def _opt_out(reader: Reader, evidence: Data, passed: bool) -> str:
    if passed:
        return reader.say(words.NO_OPT_OUT)
    return " ".join([reader.say(words.OPT_OUT), *_names(evidence)])


def _blacklist(reader: Reader, evidence: Data, passed: bool) -> str:
    entries = evidence.get("entries", ())
    if passed:
        return reader.say(words.BLACKLIST_BY_HAND if entries else words.NO_BLACKLIST)
    scopes = {
        "TENANT": words.BLACKLIST_TENANT,
        "CAMPAIGN": words.BLACKLIST_CAMPAIGN,
        "LIST": words.BLACKLIST_LIST,
    }
    found = list(dict.fromkeys(reader.say(scopes[entry["scope"]]) for entry in entries))
    return " ".join([*found, *_names(evidence)])


def _names(evidence: Data) -> list[str]:
    return [f"“{entry['name']}”" for entry in evidence.get("entries", ()) if entry["name"]]


def _busy(reader: Reader, evidence: Data, passed: bool) -> str:
    if passed:
        return reader.say(words.FREE)
    return reader.say(words.IN_CALL if evidence.get("isOwn") else words.BUSY)


def _starts(reader: Reader, evidence: Data, passed: bool) -> str:
    message = words.STARTED if passed else words.STARTS
    return reader.say(message, at=reader.moment(evidence["startsAt"]))


def _ends(reader: Reader, evidence: Data, passed: bool) -> str:
    return reader.say(words.ENDS if passed else words.ENDED, at=reader.moment(evidence["endsAt"]))


def _window(reader: Reader, evidence: Data, passed: bool) -> str:
    zones: list[str] = evidence["zones"]
    local, hours = evidence["local"], evidence["hours"]
    if isinstance(hours, str):  # the campaign's own
        local, hours = {zones[0]: local}, {zones[0]: [hours]}
    zone = next(iter(local))
    intervals_of_day = [_interval(text) for text in hours[zone]]
    clock = datetime.fromisoformat(local[zone])
    shown: dict[str, object] = {
        "clock": format_datetime(clock, "EEE HH:mm", locale=conventions(reader.locale)),
        "zone": zone,
        "source": _source(reader, evidence),
    }
    if not intervals_of_day:
        return reader.say(words.CLOCK_CLOSED, **shown)
    return reader.say(words.CLOCK, hours=intervals(reader.locale, intervals_of_day), **shown)


def _interval(text: str) -> Interval:
    opens, closes = text.split("-")
    return Interval(time.fromisoformat(opens), time.fromisoformat(closes))


def _source(reader: Reader, evidence: Data) -> str:
    zones, clocks = evidence["zones"], evidence["local"]
    # Rome and the Vatican are two zones by name alone.
    is_one = isinstance(clocks, str) or (len(set(clocks.values())) == 1 < len(clocks))
    if len(zones) > 1 and not is_one:
        return reader.say(words.SEVERAL_ZONES, num=len(zones))
    return reader.say(words.SOURCES[ZoneSource(evidence["zoneFrom"])])


def _holiday(reader: Reader, evidence: Data, passed: bool) -> str:
    if passed:
        return reader.say(words.NO_HOLIDAY)
    day = date.fromisoformat(evidence["date"])
    told = format_date(day, "medium", locale=conventions(reader.locale))
    name = holiday_name(evidence["country"] or "", day, reader.locale)
    if name is None:
        return reader.say(words.CLOSED_DAY, date=told)
    zone = next(iter(evidence["local"]))
    return reader.say(words.HOLIDAY, holiday=name, date=told, zone=zone)


def _cap(reader: Reader, evidence: Data, passed: bool) -> str:
    calls = translate_plural(reader.locale, "%(num)s call", "%(num)s calls", evidence["calls"])
    return reader.say(
        words.COUNTED,
        calls=calls,
        most=evidence["most"],
        span=span(reader.locale, evidence["hours"] * _HOUR),
        reach=reader.say(words.REACHES[Reach(evidence["reach"])]),
    )


def _gap(reader: Reader, evidence: Data, passed: bool) -> str:
    between = span(reader.locale, timedelta(minutes=evidence["minutes"]))
    if evidence["last"] is None:
        return reader.say(words.NO_LAST_CALL, span=between)
    return reader.say(words.LAST_CALL, at=reader.moment(evidence["last"]), span=between)


def _conversation(reader: Reader, evidence: Data, passed: bool) -> str:
    rest = span(reader.locale, evidence["days"] * _DAY)
    if evidence["last"] is None:
        return reader.say(words.NOT_SPOKEN, span=rest)
    return reader.say(words.SPOKEN, at=reader.moment(evidence["last"]), span=rest)


def _refusal(reader: Reader, evidence: Data, passed: bool) -> str:
    rest = span(reader.locale, evidence["days"] * _DAY)
    if evidence["last"] is None:
        return reader.say(words.NOT_DECLINED, span=rest)
    at = reader.moment(evidence["last"])
    if "consentedAt" in evidence:
        since = reader.moment(evidence["consentedAt"])
        return reader.say(words.DECLINED_THEN_CONSENTED, at=at, since=since)
    return reader.say(words.DECLINED, at=at, span=rest)


def _lockout(reader: Reader, evidence: Data, passed: bool) -> str:
    if evidence["last"] is None:
        return reader.say(words.NOT_SILENT)
    at = reader.moment(evidence["last"])
    if evidence.get("needsAgent") and passed and evidence["hasAgent"]:
        return reader.say(words.SILENT_WITH_AGENT, at=at)
    if evidence.get("needsAgent"):
        until = reader.moment(evidence["until"])
        return reader.say(words.SILENT_NEEDS_AGENT, at=at, until=until)
    return reader.say(words.SILENT, at=at, span=span(reader.locale, evidence["hours"] * _HOUR))


def _list_age(reader: Reader, evidence: Data, passed: bool) -> str:
    good = span(reader.locale, evidence["days"] * _DAY)
    if evidence["screenedAt"] is None:
        return reader.say(words.NOT_SCREENED, span=good)
    return reader.say(words.SCREENED, at=reader.moment(evidence["screenedAt"]), span=good)


def _consent(reader: Reader, evidence: Data, passed: bool) -> str:
    if evidence["givenAt"] is not None:
        return reader.say(words.CONSENTED, at=reader.moment(evidence["givenAt"]))
    if evidence["objectedAt"] is not None:
        return reader.say(words.OBJECTED, at=reader.moment(evidence["objectedAt"]))
    return reader.say(words.NOT_OBJECTED if passed else words.NOT_CONSENTED)


def _state(reader: Reader, evidence: Data, passed: bool) -> str:
    state = label(reader.locale, CampaignState(evidence["state"]))
    return reader.say(words.RUNS) if passed else reader.say(words.RUNS_NOT, state=state)


def _lines(reader: Reader, evidence: Data, passed: bool) -> str:
    if not evidence["hasAgent"]:
        return reader.say(words.NO_AGENT)
    return reader.say(words.LINES, calls=evidence["calls"], lines=evidence["lines"])


def _owner(reader: Reader, evidence: Data, passed: bool) -> str:
    agent = evidence["agent"]
    if agent is None:
        return reader.say(words.OWNER_GONE)
    if not evidence["isAssigned"]:
        return reader.say(words.OWNER_LEFT, agent=agent)
    if passed:
        return reader.say(words.OWNER_READY, agent=agent)
    state = AgentState(evidence["state"])
    if state is AgentState.READY:
        return reader.say(words.OWNER_IDLE, agent=agent)
    return reader.say(words.OWNER_AWAY, agent=agent, state=label(reader.locale, state))


def _due(reader: Reader, evidence: Data, passed: bool) -> str:
    return reader.say(words.DUE if passed else words.NOT_DUE, at=reader.moment(evidence["dueAt"]))


def _fault(reader: Reader, evidence: Data, passed: bool) -> str:
    return reader.say(words.RECOVERED if passed else words.FAULTS, faults=evidence["faults"])


def _open(reader: Reader, evidence: Data, passed: bool) -> str:
    if passed:
        return reader.say(words.IN_HOPPER)
    if "closedAt" in evidence:
        reason = label(reader.locale, FinalReason(evidence["reason"]))
        return reader.say(words.CLOSED, at=reader.moment(evidence["closedAt"]), reason=reason)
    return reader.say(words.NOT_LOADED_YET if evidence.get("isOnList") else words.NOT_LOADED)


_TEXTS: dict[GateRule, Callable[[Reader, Data, bool], str]] = {
    GateRule.OPT_OUT: _opt_out,
    GateRule.BLACKLIST: _blacklist,
    GateRule.NO_CONSENT: _consent,
    GateRule.LIST_EXPIRED: _list_age,
    GateRule.CAMPAIGN_END: _ends,
    GateRule.CAMPAIGN_START: _starts,
    GateRule.WINDOW: _window,
    GateRule.HOLIDAY: _holiday,
    GateRule.NUMBER_CAP: _cap,
    GateRule.PERSON_CAP: _cap,
    GateRule.CONVERSATION: _conversation,
    GateRule.REFUSAL: _refusal,
    GateRule.GAP: _gap,
    GateRule.DROP_LOCKOUT: _lockout,
    GateRule.NUMBER_BUSY: _busy,
    GateRule.FAULT: _fault,
    GateRule.CAMPAIGN_STATE: _state,
    GateRule.LINES: _lines,
    GateRule.OWNER: _owner,
    GateRule.NOT_DUE: _due,
    GateRule.NOT_OPEN: _open,
}
