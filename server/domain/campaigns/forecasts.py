# SPDX-License-Identifier: Apache-2.0
"""How many entries come due, may be called and will be called, hour by hour (reliability 4).

Only what stands in the hopper now is counted: what its calls lead to, and who is loaded later,
comes on top.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from server.domain.campaigns.windows import CallingWindow

HOUR = timedelta(hours=1)
LONGEST_HOURS = 31 * 24
_SECONDS = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ForecastHour:
    """From `at` for an hour. `waiting` is what is due at its end and was not called."""

    at: datetime
    is_open: bool  # at some time in it
    due: int
    callable: int
    called: int
    waiting: int
    capacity: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """`idle_from` is when, in open hours, nothing is left to call: None if that does not come."""

    hours: tuple[ForecastHour, ...]
    idle_from: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Segment:
    start: datetime
    end: datetime
    is_open: bool


def edges(
    now: datetime, hours: int, window: CallingWindow | None, ends_at: datetime | None
) -> list[datetime]:
    """The moments between which nothing changes but what comes due: full hours, and when the
    window opens or closes or the campaign ends. The first is now, the last the horizon.
    """
    horizon = _full_hour(now) + HOUR * hours
    found = {now, horizon}
    at = _full_hour(now) + HOUR
    while at < horizon:
        found.add(at)
        at += HOUR
    if window is not None:
        for span in window.spans(now, horizon):
            found.update(span)
    if ends_at is not None and now < ends_at < horizon:
        found.add(ends_at)
    return sorted(found)


def course(
    moments: Sequence[datetime],
    due: Sequence[int],
    window: CallingWindow | None,
    ends_at: datetime | None,
    calls_per_hour: float,
) -> Course:
    """`due[0]` are due already as the first of the `moments` (from `edges`) comes, `due[n]` come
    due between the n-th moment and the next one.
    """
    closed = backlog = 0.0  # due while it may not call; callable and not called yet
    per_hour: dict[datetime, list[float]] = {}
    idle_from = None
    for place, segment in enumerate(_segments(moments, window, ends_at)):
        fresh = due[place + 1] + (due[0] if place == 0 else 0)
        length = (segment.end - segment.start).total_seconds()
        room = calls_per_hour * length / _SECONDS if segment.is_open else 0.0
        new = 0.0
        closed += fresh
        if segment.is_open:
            new, closed = closed, 0.0
        backlog += new
        called = min(backlog, room)
        if segment.is_open and idle_from is None and room > backlog:
            idle_from = segment.start + timedelta(seconds=length * backlog / room)
        backlog -= called
        row = per_hour.setdefault(_full_hour(segment.start), [0.0] * 6)
        for column, value in enumerate((fresh, new, called, room, segment.is_open)):
            row[column] += value
        row[5] = closed + backlog
    hours = tuple(
        ForecastHour(
            at=at,
            is_open=row[4] > 0,
            due=round(row[0]),
            callable=round(row[1]),
            called=round(row[2]),
            waiting=round(row[5]),
            capacity=round(row[3]),
        )
        for at, row in per_hour.items()
    )
    return Course(hours=hours, idle_from=idle_from)


def calls_per_hour(
    units: int, seconds: float, *, answered: float = 0.0, wrap_up: float = 0.0, level: float = 1.0
) -> float:
    """What so many lines or agents can call in an hour.

    A call takes `seconds`, and after those that are `answered` (a share) an agent wraps up;
    `level` is how many calls are made for each agent.
    """
    return units * level * _SECONDS / max(1.0, seconds + answered * wrap_up)


def _segments(
    moments: Sequence[datetime], window: CallingWindow | None, ends_at: datetime | None
) -> list[_Segment]:
    return [
        _Segment(
            start=start,
            end=end,
            is_open=(ends_at is None or start < ends_at)
            and (window is None or window.open_at(start)),
        )
        for start, end in pairwise(moments)
    ]


def _full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
