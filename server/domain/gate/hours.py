# SPDX-License-Identifier: Apache-2.0
"""Rules of the local clock: hours by day of the week, eves of holidays, holidays, closed days.

A person's zone may be one of several; then every one of them has to allow the call.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import ClassVar
from zoneinfo import ZoneInfo

from server.domain.campaigns import Weekday
from server.domain.campaigns.windows import MIDNIGHT, openings
from server.domain.gate.facts import Evidence, Facts, Question
from server.domain.gate.words import GateRule

DAY = timedelta(days=1)
SEARCHED_DAYS = 370
SHOWN_ZONES = 3
"""A rule of the calendar that lets nothing through for a year never does."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From `opens` (inclusive) to `closes` (exclusive); not later than `opens`: on the next day.

    Hours that span midnight belong to the day that they start on; 00:00 to 00:00 is the whole day.
    """

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"


@dataclass(frozen=True)
class DayHours:
    """The hours of some days of the week; a day may have several."""

    days: frozenset[Weekday]
    intervals: tuple[Interval, ...]


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Calls only in these hours, where the called person is.

    `eves` replaces the hours of the day before a public holiday of `country` ("": the number's),
    where it is given. `is_waived` True: a consent to be called is a consent to be called at any
    hour.
    """

    RULE: ClassVar[GateRule] = GateRule.WINDOW
    looks_back: ClassVar[timedelta] = timedelta()
    week: tuple[DayHours, ...]
    eves: tuple[Interval, ...] | None = None
    country: str = ""
    is_waived: bool = False

    @cached_property
    def _by_weekday(self) -> tuple[tuple[Interval, ...], ...]:
        return tuple(
            tuple(
                interval for hours in self.week if day in hours.days for interval in hours.intervals
            )
            for day in Weekday
        )

    def intervals_on(self, day: date, facts: Facts) -> tuple[Interval, ...]:
        """The hours of one day where the person is."""
        usual = self._by_weekday[day.weekday()]
        if self.eves is None or not usual:
            return usual
        country = self.country or facts.country or ""
        return self.eves if facts.holidays(country, day + DAY) else usual

    def open_at(self, instant: datetime, zone: ZoneInfo, facts: Facts) -> bool:
        local = instant.astimezone(zone)
        clock, day = local.time(), local.date()
        for hours in self.intervals_on(day, facts):
            if hours.opens <= clock and (clock < hours.closes or hours.closes <= hours.opens):
                return True
        return any(
            clock < hours.closes <= hours.opens for hours in self.intervals_on(day - DAY, facts)
        )

    def first_in(self, instant: datetime, zone: ZoneInfo, facts: Facts) -> datetime | None:
        """The first moment, not before this one, at which the hours are open in one zone."""
        if self.open_at(instant, zone, facts):
            return instant
        day = instant.astimezone(zone).date() - DAY
        for _ in range(SEARCHED_DAYS):
            candidates = {
                moment
                for hours in (*self.intervals_on(day - DAY, facts), *self.intervals_on(day, facts))
                for moment in openings(day, hours.opens, zone)
            }
            for moment in sorted(candidates):
                if moment > instant and self.open_at(moment, zone, facts):
                    return moment
            day += DAY
        return None

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        return in_every_zone(facts, at, lambda zone, moment: self.first_in(moment, zone, facts))

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        # Those that keep the call back come first: they are what is shown of many.
        zones = sorted(facts.zones.all, key=lambda zone: self.open_at(at, zone, facts))
        today = {
            zone.key: [str(part) for part in self.intervals_on(at.astimezone(zone).date(), facts)]
            for zone in zones[:SHOWN_ZONES]
        }
        return {**of_zones(facts, at, zones), "hours": today}


@dataclass(frozen=True, kw_only=True)
class NoHolidays:
    """No calls on public holidays of `country` ("": the number's), where the person is, nor on
    the `dates` that the centre itself is closed on. `dates` alone: with `country` None."""

    RULE: ClassVar[GateRule] = GateRule.HOLIDAY
    looks_back: ClassVar[timedelta] = timedelta()
    country: str | None = ""
    dates: frozenset[date] = frozenset()
    is_waived: bool = False

    def closed_on(self, day: date, facts: Facts) -> str | None:
        """Why no call is made on that day, or None."""
        if day in self.dates:
            return day.isoformat()
        if self.country is None:
            return None
        return facts.holidays(self.country or facts.country or "", day)

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        return in_every_zone(facts, at, lambda zone, moment: self._first_in(moment, zone, facts))

    def _first_in(self, instant: datetime, zone: ZoneInfo, facts: Facts) -> datetime | None:
        day = instant.astimezone(zone).date()
        if self.closed_on(day, facts) is None:
            return instant
        for _ in range(SEARCHED_DAYS):
            day += DAY
            if self.closed_on(day, facts) is None:
                return midnight(day, zone)
        return None

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        named = [
            (zone, day, name)
            for zone in facts.zones.all
            if (name := self.closed_on(day := at.astimezone(zone).date(), facts))
        ]
        zone = named[0][0] if named else facts.zones.all[0]
        return {
            **of_zones(facts, at, [zone]),
            "country": self.country or facts.country if self.country is not None else None,
            "holiday": named[0][2] if named else None,
            "date": named[0][1].isoformat() if named else None,
        }


def in_every_zone(
    facts: Facts, at: datetime, first: Callable[[ZoneInfo, datetime], datetime | None]
) -> datetime | None:
    """The first moment, not before `at`, that suits each zone the person may be in.

    Each zone moves the moment on to its own next one until none has to.
    """
    moment = at
    horizon = at + SEARCHED_DAYS * DAY
    while moment < horizon:
        before = moment
        for zone in facts.zones.all:
            found = first(zone, moment)
            if found is None:
                return None
            moment = found
        if moment == before:
            return moment
    return None


def of_zones(facts: Facts, at: datetime, shown: Sequence[ZoneInfo]) -> dict[str, object]:
    """Which zones were asked, where they come from, and what the clocks of some showed."""
    clocks = {zone.key: f"{at.astimezone(zone):%Y-%m-%dT%H:%M:%S}" for zone in shown[:SHOWN_ZONES]}
    return {"zones": facts.zones.names, "zoneFrom": facts.zones.source.value, "local": clocks}


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When that day begins, in UTC; where the clock leaves midnight out, with its first moment."""
    return datetime.combine(day, MIDNIGHT, zone).astimezone(UTC)
