# SPDX-License-Identifier: Apache-2.0
"""Where the called person may be: time zones and country, and the holidays there."""

from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import phonenumbers
from babel.core import get_global
from phonenumbers import NumberParseException, PhoneNumber
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number

from server.domain.campaigns import zone
from server.domain.errors import DomainError
from server.domain.gate import Zones, ZoneSource

UNKNOWN = "Etc/Unknown"


@lru_cache(maxsize=65536)
def zones_for(time_zone: str, number: str, campaigns: str) -> Zones:
    """The person's own zone; else those of the number, all of which have to allow a call; else
    the campaign's. Of a number whose range is not in the plan, those of its country code."""
    known = _zone(time_zone) if time_zone else None
    if known is not None:
        return Zones((known,), ZoneSource.PERSON)
    of_number = _zones_of(number)
    if of_number:
        return Zones(of_number, ZoneSource.NUMBER)
    return Zones((zone(campaigns),), ZoneSource.CAMPAIGN)


@lru_cache(maxsize=65536)
def country_of(number: str) -> str | None:
    """The country of a number (ISO 3166), or None where it belongs to none or to several."""
    parsed = _parsed(number)
    if parsed is None:
        return None
    region = phonenumbers.region_code_for_number(parsed)
    if region is None and parsed.country_code is not None:
        regions = phonenumbers.region_codes_for_country_code(parsed.country_code)
        region = regions[0] if len(regions) == 1 else None
    return region if region and region.isalpha() else None


@lru_cache(maxsize=256)
def zones_of(country: str) -> tuple[ZoneInfo, ...]:
    """The time zones that a country (ISO 3166) has, without those that no zone file knows."""
    names: list[str] = get_global("territory_zones").get(country, [])
    return tuple(known for known in map(_zone, names) if known is not None)


def holiday_on(country: str, day: date) -> str | None:
    """The public holiday of a country on a day, in English; countries it has no calendar of, and
    years that no calendar covers, have none."""
    return _holidays_of(country, day.year).get(day)


def holiday_name(country: str, day: date, locale: str) -> str | None:
    """The same in the reader's language, where the calendar speaks it, else in English."""
    return _holidays_of(country, day.year, locale).get(day)


def has_calendar(country: str) -> bool:
    """Whether public holidays of the country are known."""
    return country in holidays.list_supported_countries(include_aliases=False)


@lru_cache(maxsize=1024)
def _holidays_of(country: str, year: int, locale: str = "en") -> dict[date, str]:
    if not country or not has_calendar(country):
        return {}
    known = holidays.country_holidays(country).supported_languages
    spoken = next((name for name in known if name.partition("_")[0] == locale), "en_US")
    for language in (spoken, None):
        try:
            found = holidays.country_holidays(country, years=year, language=language)
        except (ValueError, NotImplementedError):
            continue
        return dict(found.items())
    return {}


def _parsed(number: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number, None)
    except NumberParseException:
        return None


def _zones_of(number: str) -> tuple[ZoneInfo, ...]:
    parsed = _parsed(number)
    if parsed is None:
        return ()
    names = time_zones_for_number(parsed)
    if UNKNOWN in names:
        names = time_zones_for_geographical_number(parsed)
    found = (_zone(name) for name in names if name != UNKNOWN)
    return tuple(known for known in found if known is not None)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return zone(name)
    except DomainError:
        return None
