# SPDX-License-Identifier: Apache-2.0
"""The calling window: hours of the local clock, on days of the week, in a time zone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.domain.errors import DomainError, ErrorCode

MIDNIGHT = time(0)
# Files of the zone database that are nobody's zone; one is whatever the machine's clock says.
_NO_PLACES = frozenset({"localtime", "posixrules", "Factory"})
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
# A weekly window whose hours spring leaves out opens a week later, so three weeks always do.
_SEARCHED_DAYS = 30


class Weekday(StrEnum):
    """A day of the local calendar, in ISO order."""

    MON = "MON"  # Monday
    TUE = "TUE"  # Tuesday
    WED = "WED"  # Wednesday
    THU = "THU"  # Thursday
    FRI = "FRI"  # Friday
    SAT = "SAT"  # Saturday
    SUN = "SUN"  # Sunday


_ISO = {day: number for number, day in enumerate(Weekday)}


def zone(name: str, path: str = "timezone") -> ZoneInfo:
    """The IANA zone of that name; refuses UNKNOWN_TIMEZONE whatever the text is."""
    try:
        if name in _NO_PLACES:
            raise ValueError
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A folder of the zone database ("Europe"), a path, NUL, a surrogate or 100 kB of text
        # each fail in their own way; all of them are simply no zone.
        raise DomainError(ErrorCode.UNKNOWN_TIMEZONE, path) from None


@dataclass(frozen=True, kw_only=True)
class CallingWindow:
    """Open from `opens` (inclusive) to `closes` (exclusive) on the local clock (section 11).

    `opens` later than `closes` spans midnight and belongs to the day that it starts on. `closes`
    00:00 is the end of the day, and 00:00 to 00:00 the whole day; any other two equal times are
    refused, because they may as well mean never.
    """

    opens: time
    closes: time
    days: frozenset[Weekday] = frozenset(Weekday)
    timezone: str = "UTC"
    zone: ZoneInfo = field(init=False, repr=False, compare=False)
    weekdays: frozenset[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.days:
            raise DomainError(ErrorCode.REQUIRED, "days")
        if self.opens == self.closes != MIDNIGHT:
            raise DomainError(ErrorCode.INVALID, "to")
        object.__setattr__(self, "zone", zone(self.timezone))
        object.__setattr__(self, "weekdays", frozenset(_ISO[day] for day in self.days))

    def open_at(self, instant: datetime) -> bool:
        """Whether a call may start at this instant (aware)."""
        local = instant.astimezone(self.zone)
        clock, weekday = local.time(), local.weekday()
        if self.opens < self.closes:
            return self.opens <= clock < self.closes and weekday in self.weekdays
        if clock >= self.opens and weekday in self.weekdays:
            return True
        return clock < self.closes and (weekday - 1) % 7 in self.weekdays

    def next_open(self, instant: datetime) -> datetime:
        """The first instant, not before this one, at which the window is open; in UTC.

        The clock can only come into the window when it reaches `opens`, or when it jumps: a
        window that opens in the hour that spring leaves out opens where the clock goes on, one
        whose hours are all left out does not open that day, and in the hour that autumn gives
        twice it opens twice (reliability F16).
        """
        instant = instant.astimezone(UTC)
        if self.open_at(instant):
            return instant
        day = instant.astimezone(self.zone).date() - _DAY
        for _ in range(_SEARCHED_DAYS):
            for candidate in sorted(openings(day, self.opens, self.zone)):
                if candidate > instant and self.open_at(candidate):
                    return candidate
            day += _DAY
        raise ArithmeticError(f"{self} does not open within {_SEARCHED_DAYS} days of {instant}")

    def next_close(self, instant: datetime) -> datetime | None:
        """The first instant, not before this one, at which it is not open; None: it never ends."""
        instant = instant.astimezone(UTC)
        if not self.open_at(instant):
            return instant
        day = instant.astimezone(self.zone).date() - _DAY
        for _ in range(_SEARCHED_DAYS):
            # It ends as it begins: when the clock gets there, or jumps over it.
            for candidate in sorted(openings(day, self.closes, self.zone)):
                if candidate > instant and not self.open_at(candidate):
                    return candidate
            day += _DAY
        return None

    def spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """When it is open between two instants, each from an opening until a closing."""
        at = self.next_open(start)
        while at < end:
            closes = self.next_close(at)
            if closes is None or closes >= end:
                yield at, end
                return
            yield at, closes
            at = self.next_open(closes)


def openings(day: date, opens: time, zone: ZoneInfo) -> Iterator[datetime]:
    """Where hours may come open on a local day: at `opens`, or where the clock jumps."""
    opening = datetime.combine(day, opens, zone)
    yield opening.astimezone(UTC)
    yield opening.replace(fold=1).astimezone(UTC)
    midnight = datetime.combine(day, MIDNIGHT, zone).astimezone(UTC)
    tomorrow = datetime.combine(day + _DAY, MIDNIGHT, zone).astimezone(UTC)
    jump = _jump_between(midnight, tomorrow, zone)
    if jump is not None:
        yield jump


def _jump_between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant (to the second) at which the zone's offset changes, if it does."""
    before = low.astimezone(zone).utcoffset()
    if before == high.astimezone(zone).utcoffset():
        return None
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
