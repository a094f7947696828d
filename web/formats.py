# SPDX-License-Identifier: Apache-2.0
"""Numbers, dates and phones as the reader writes them; templates use these as filters."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from babel import Locale, UnknownLocaleError, dates, numbers
from markupsafe import Markup

from server.domain.counts import COUNT_CAP

NOTHING = "–"
EUROPE = "150"  # CLDR's code; English as Europe writes it puts the day first
Moment = datetime | date | str


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Whom a page is written for: language, zone, region of the phone numbers, and the clock."""

    locale: str = "en"
    timezone: str = "UTC"
    region: str = "IT"
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@lru_cache(maxsize=256)
def conventions(language: str, region: str) -> Locale:
    """How the language is written in the region; in Europe's way where CLDR has no such pair."""
    for territory in (region, EUROPE):
        try:
            return Locale.parse(f"{language}_{territory}")
        except UnknownLocaleError:
            continue
    return Locale.parse(language)


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def instant(value: Moment) -> datetime:
    """A moment of the API (ISO 8601 text) or of Python, as an aware datetime."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def number(reader: Reader, value: float | None, digits: int | None = None) -> str:
    """1234567 → 1,234,567 or 1.234.567; `digits` fixes the decimals."""
    if value is None:
        return NOTHING
    pattern = None if digits is None else "#,##0." + "0" * digits if digits else "#,##0"
    return numbers.format_decimal(
        value, format=pattern, locale=conventions(reader.locale, reader.region)
    )


def decimal(reader: Reader, value: float | None) -> str:
    """A number with all the decimals that it has: 0.0625 → 0.0625 or 0,0625."""
    if value is None:
        return NOTHING
    locale = conventions(reader.locale, reader.region)
    return numbers.format_decimal(value, locale=locale, decimal_quantization=False)


def capped(reader: Reader, value: int | None) -> str:
    """A quick count: the number, or 10,000+ where it went no further."""
    return number(reader, COUNT_CAP) + "+" if value and value > COUNT_CAP else number(reader, value)


def percent(reader: Reader, value: float | None, digits: int = 0) -> str:
    """A ratio: 0.031 → 3% or, with one digit, 3.1%."""
    if value is None:
        return NOTHING
    pattern = "#,##0." + "0" * digits + "%" if digits else "#,##0%"
    return numbers.format_percent(
        value, format=pattern, locale=conventions(reader.locale, reader.region)
    )


def filesize(reader: Reader, value: int | None) -> str:
    """Bytes in the largest unit that leaves a number above one: 1536 → 1.5 kB."""
    if value is None:
        return NOTHING
    size, unit = float(value), "B"
    for larger in ("kB", "MB", "GB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{number(reader, round(size, 1 if size < 10 and unit != 'B' else 0))}\u00a0{unit}"


def day(reader: Reader, value: Moment | None, style: str = "medium") -> str:
    """The calendar day; a moment is first put into the reader's zone."""
    if value is None:
        return NOTHING
    if isinstance(value, str) and len(value) == 10:
        value = date.fromisoformat(value)
    if isinstance(value, str | datetime):
        value = instant(value).astimezone(zone_of(reader.timezone)).date()
    return dates.format_date(value, style, locale=conventions(reader.locale, reader.region))


def clock(reader: Reader, value: Moment | None, zone: str | None = None) -> str:
    """The time of day; with its zone's name where that is not the reader's own."""
    return in_zone(reader, value, zone, "short", with_day=False)


def moment(
    reader: Reader, value: Moment | None, zone: str | None = None, *, seconds: bool = False
) -> str:
    """Day and time in the reader's zone, or in `zone`, named where it is not the reader's."""
    return in_zone(reader, value, zone, "medium" if seconds else "short", with_day=True)


def exact(reader: Reader, value: Moment | None) -> str:
    """Day and time to the second, with the zone; for hover and focus."""
    if value is None:
        return NOTHING
    return in_zone(reader, value, None, "medium", with_day=True) + f" ({reader.timezone})"


def in_zone(
    reader: Reader, value: Moment | None, zone: str | None, style: str, *, with_day: bool
) -> str:
    if value is None:
        return NOTHING
    name = zone or reader.timezone
    locale, tz = conventions(reader.locale, reader.region), zone_of(name)
    local = instant(value).astimezone(tz)
    text = dates.format_time(local, style, tzinfo=tz, locale=locale)
    if with_day:
        text = f"{dates.format_date(local.date(), 'medium', locale=locale)}, {text}"
    return text if name == reader.timezone else f"{text} ({name})"


def duration(reader: Reader, seconds: float | None) -> str:
    """A call's length as a clock shows it: 65 → 1:05, 3725 → 1:02:05."""
    if seconds is None:
        return NOTHING
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def timespan(reader: Reader, seconds: float | None) -> str:
    """A length of time in words: 5400 → 2 hours, 90 → 2 minutes."""
    if seconds is None:
        return NOTHING
    return dates.format_timedelta(
        timedelta(seconds=seconds),
        threshold=1.5,
        locale=conventions(reader.locale, reader.region),
    )


def relative(reader: Reader, value: Moment | None) -> Markup | str:
    """“5 minutes ago”, and the exact moment on hover and focus."""
    if value is None:
        return NOTHING
    at = instant(value)
    words = dates.format_timedelta(
        at - reader.now, add_direction=True, locale=conventions(reader.locale, reader.region)
    )
    return _exactly(reader, at, words)


def _exactly(reader: Reader, at: datetime, words: str) -> Markup:
    return Markup(
        '<time class="relative" datetime="{}" data-exact="{}" tabindex="0">{}</time>'
    ).format(at.astimezone(UTC).isoformat(timespec="seconds"), exact(reader, at), words)


def brief(reader: Reader, value: Moment | None) -> Markup | str:
    """The time of today, else the day; the exact moment on hover and focus. For narrow cells."""
    if value is None:
        return NOTHING
    zone = zone_of(reader.timezone)
    at, now = instant(value).astimezone(zone), reader.now.astimezone(zone)
    if at.date() == now.date():
        words = clock(reader, value)
    elif at.year == now.year:
        locale = conventions(reader.locale, reader.region)
        words = dates.format_skeleton("MMMd", at.date(), locale=locale)
    else:
        words = day(reader, value, "short")
    return _exactly(reader, at, words)


def phone(reader: Reader, value: str | None) -> str:
    """An E.164 number in national form at home, in international form elsewhere."""
    return NOTHING if value is None else phone_in(value, reader.region)


@lru_cache(maxsize=65536)
def phone_in(value: str, region: str) -> str:
    try:
        parsed = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return value
    at_home = phonenumbers.region_code_for_country_code(parsed.country_code or 0) == region
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, form.NATIONAL if at_home else form.INTERNATIONAL)


FILTERS: dict[str, Callable[..., object]] = {
    "number": number,
    "decimal": decimal,
    "capped": capped,
    "percent": percent,
    "filesize": filesize,
    "date": day,
    "time": clock,
    "datetime": moment,
    "exact": exact,
    "duration": duration,
    "timespan": timespan,
    "relative": relative,
    "brief": brief,
    "phone": phone,
}
