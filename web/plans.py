# SPDX-License-Identifier: Apache-2.0
"""A plan of calls as a reader sees it: days on an axis of hours, and a line for each call."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from web.formats import Reader, clock, day, instant, zone_of
from web.tones import tone

Data = dict[str, Any]
MOST_DAYS = 14
APART = 4.0  # per cent of the axis: calls of a round that are closer share one mark
_DAY = timedelta(days=1)
_HOURS = 24
LEAST_HOURS = 4
Spans = Sequence[tuple[float, float]]
_ALL_DAY: Spans = [(0.0, 24.0)]


class Mark(NamedTuple):
    """Calls of one round that lie together: where from, how wide, and what a look at them says."""

    at: float  # per cent of the axis
    width: float
    round: int
    tone: str
    text: str


@dataclass(frozen=True, kw_only=True)
class PlanDay:
    """A day of the campaign's zone; `skipped` days without a call lie before it."""

    name: str
    skipped: int
    spans: list[tuple[float, float]]  # per cent: where hours are open, and how wide
    marks: list[Mark]
    is_end: bool = False  # the stay is closed on it


@dataclass(frozen=True, kw_only=True)
class Axis:
    """`ticks` are hours with their place in per cent; `more` days have no room."""

    days: list[PlanDay]
    ticks: list[tuple[float, str]]
    more: int


def axis(plan: Data, timezone: str, reader: Reader) -> Axis:
    """The days of a plan's calls, from the earliest to the latest hour that any of them needs."""
    zone = zone_of(timezone)
    calls = [(instant(call["dialAt"]).astimezone(zone), call) for call in plan["calls"]]
    closing = plan["closing"]
    end = None if closing is None else instant(closing["at"]).astimezone(zone)
    spans = [
        (instant(one["opensAt"]).astimezone(zone), instant(one["closesAt"]).astimezone(zone))
        for one in plan["hours"]
    ]
    wanted = sorted({at.date() for at, _ in calls} | ({end.date()} if end else set()))
    open_on = {one: list(_open_on(one, spans)) for one in wanted[:MOST_DAYS]}
    low, high = _bounds(open_on.values(), [_hour(at) for at, _ in calls])

    def place(hour: float) -> float:
        return round(100 * (min(max(hour, low), high) - low) / (high - low), 2)

    days, before = [], None
    for one in wanted[:MOST_DAYS]:
        of_day = [(place(_hour(at)), at, call) for at, call in calls if at.date() == one]
        days.append(
            PlanDay(
                name=day(reader, one, "EEE d MMM"),
                skipped=0 if before is None else (one - before).days - 1,
                spans=[(place(a), place(b) - place(a)) for a, b in open_on[one] if b > low],
                marks=_marks(of_day, timezone, reader),
                is_end=end is not None and end.date() == one,
            )
        )
        before = one
    step = next(step for step in (1, 2, 3, 4, 6) if (high - low) / step <= 8)
    ticks = [(place(hour), f"{hour % _HOURS:02}") for hour in range(low, high + 1, step)]
    return Axis(days=days, ticks=ticks, more=len(wanted) - len(days))


def _hour(at: datetime) -> float:
    return at.hour + at.minute / 60 + at.second / 3600


def _open_on(one: date, spans: Sequence[tuple[datetime, datetime]]) -> Spans:
    """The open hours of a day, from 0 to 24."""
    found = []
    for opens, closes in spans:
        begins = 0.0 if opens.date() < one else _hour(opens)
        ends = _HOURS if closes.date() > one else _hour(closes)
        if opens.date() <= one <= closes.date() and begins < ends:
            found.append((begins, float(ends)))
    return found


def _bounds(open_hours: Iterable[Spans], calls: Sequence[float]) -> tuple[int, int]:
    """Whole hours around all that is shown; only around the calls where no hour is closed."""
    edges = [edge for spans in open_hours if spans != _ALL_DAY for span in spans for edge in span]
    hours = [*calls, *edges] or [8, 20]
    low, high = int(min(hours)), -int(-max(hours) // 1)
    if not edges and high - low < LEAST_HOURS:
        low = max(0, min(low - 1, _HOURS - LEAST_HOURS))
        high = low + LEAST_HOURS
    return low, min(_HOURS, max(high, low + 2))


def _marks(
    calls: Sequence[tuple[float, datetime, Data]], timezone: str, reader: Reader
) -> list[Mark]:
    marks: list[Mark] = []
    for number, grouped in groupby(calls, key=lambda one: one[2]["round"]):
        together: list[tuple[float, datetime, Data]] = []
        for one in grouped:
            if together and one[0] - together[-1][0] > APART:
                marks.append(_mark(number, together, timezone, reader))
                together = []
            together.append(one)
        marks.append(_mark(number, together, timezone, reader))
    return marks


def _mark(
    number: int, calls: Sequence[tuple[float, datetime, Data]], timezone: str, reader: Reader
) -> Mark:
    first, last = calls[0], calls[-1]
    times = [clock(reader, one[1], timezone) for one in (first, last)]
    return Mark(
        at=first[0],
        width=round(last[0] - first[0], 2),
        round=number,
        tone=tone(last[2]["outcome"]),
        text=times[0] if len(calls) == 1 else f"{times[0]} – {times[1]}",
    )


@dataclass(frozen=True, kw_only=True)
class Round:
    """A round's calls; `day` is that of its first call, and each call's own where it is another."""

    number: int
    day: str
    calls: list[Data]


def by_round(plan: Data, timezone: str, reader: Reader) -> list[Round]:
    """The calls of each round, in order, with the time of each on the campaign's clock."""
    rounds = []
    for number, grouped in groupby(plan["calls"], key=lambda call: call["round"]):
        calls, days = list(grouped), []
        for call in calls:
            local = instant(call["dialAt"]).astimezone(zone_of(timezone))
            days.append(day(reader, local.date(), "EEE d MMM"))
        shown = [
            call | {"day": None if name == days[0] else name}
            for call, name in zip(calls, days, strict=True)
        ]
        rounds.append(Round(number=number, day=days[0], calls=shown))
    return rounds
