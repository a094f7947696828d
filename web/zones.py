# SPDX-License-Identifier: Apache-2.0
"""The time zones that a form offers, grouped as the tz database names them."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

AREAS = (
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia"),
    *("Europe", "Indian", "Pacific"),
)
Zones = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@cache
def zones() -> Zones:
    """Pairs of area and its zones, each zone as its name and its place: ("Europe/Rome", "Rome")."""
    found: dict[str, list[tuple[str, str]]] = {"UTC": [("UTC", "UTC")]}
    for name in sorted(available_timezones()):
        area, _, place = name.partition("/")
        if area in AREAS and place:
            found.setdefault(area, []).append((name, place.replace("_", " ").replace("/", ", ")))
    return tuple((area, tuple(places)) for area, places in found.items())


def clock_in(name: str, now: datetime) -> str:
    """The hour in a zone, such as 14:05; "" where the zone is not known."""
    try:
        return f"{now.astimezone(ZoneInfo(name)):%H:%M}" if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
