# SPDX-License-Identifier: Apache-2.0
"""What the plots of a campaign show: counts of minutes as lines over its clock."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from web.formats import instant

MINUTES = 120
Minute = Mapping[str, Any]  # {minute, counts: [{<name>, count}]}


class Series(NamedTuple):
    """Two lines over the same minutes; `times` are seconds since 1970."""

    times: list[int]
    good: list[int]
    other: list[int]


def by_minute(minutes: Sequence[Minute], name: str, good: Collection[str]) -> Series:
    """The newest two hours, with a zero for each minute in which nothing happened."""
    found = {int(instant(one["minute"]).timestamp()) // 60: one["counts"] for one in minutes}
    if not found:
        return Series([], [], [])
    last = max(found)
    shown = range(max(min(found), last - MINUTES + 1), last + 1)
    counts = [found.get(minute, ()) for minute in shown]
    return Series(
        [minute * 60 for minute in shown],
        [sum(row["count"] for row in rows if row[name] in good) for rows in counts],
        [sum(row["count"] for row in rows if row[name] not in good) for rows in counts],
    )


def grown(series: Series, good: int, other: int) -> Series:
    """The same lines as sums over all time, which stand at `good` and `other` at the end."""
    return Series(series.times, _sums(series.good, good), _sums(series.other, other))


def _sums(values: list[int], last: int) -> list[int]:
    sums = []
    for value in reversed(values):
        sums.append(last)
        last -= value
    return sums[::-1]
