# SPDX-License-Identifier: Apache-2.0
"""One value of a field: read from text, in the columns that keep it, and written as text again.

Every value comes and goes as text, from a form, a file or the API. `read` is the one place that
says what a type takes; what `written` gives back, `read` takes.
"""

import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final
from urllib.parse import urlsplit

from server.domain.errors import DomainError, ErrorCode
from server.domain.fields.kinds import LONGEST, TEXTUAL, Field, FieldType
from server.domain.text import clean, name_key, sort_key

LONGEST_KEY = 200  # characters that sort and compare
LONGEST_LINE = 100  # of what is no text: a number, a date, a phone number
MOST_DIGITS = 15  # that a number keeps exactly
YEARS = (1000, 9998)  # one before the last, so that every zone has it
EXAMPLES: Final = {
    FieldType.NUMBER: "1234.5",
    FieldType.DATE: "2027-01-31",
    FieldType.DATETIME: "2027-01-31T09:00:00+01:00",
    FieldType.BOOLEAN: "true, false",
    FieldType.EMAIL: "name@example.com",
    FieldType.LINK: "https://www.example.com",
}
_TRUE = frozenset(["true", "yes", "y", "1", "on", "si", "sì", "vero", "tak", "prawda", "是"])
_FALSE = frozenset(["false", "no", "n", "0", "off", "falso", "nie", "fałsz", "否"])
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")  # as on the contact's form
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")  # 1,234: a decimal comma to some, not to others
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The columns of a value, one of the first five set; `text_key` goes with `text`."""

    text: str | None = None
    number: float | None = None
    day: date | None = None
    instant: datetime | None = None
    truth: bool | None = None
    text_key: str | None = None
    unique_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How texts are read: numbers by the centre's region, times by a zone.

    Without a `zone` a time has to name its own.
    """

    phone: Callable[[str], str | None]
    zone: tzinfo | None = None


def read(field: Field, text: str, path: str, reading: Reading) -> Value | None:
    """The value that the text means, or None where it is blank.

    Raises what a form shows at `path`: the refusal names the field and says what it takes.
    """
    kind = field.type
    longest = field.size or LONGEST.get(kind, LONGEST_LINE)
    if kind is FieldType.CHOICE:
        longest = LONGEST_KEY
    try:
        cleaned = clean(text.replace("\r\n", "\n"), path, longest=longest)
    except DomainError as refusal:
        raise DomainError(refusal.code, path, label=field.display_name, **refusal.params) from None
    if not cleaned:
        return None
    value = _READERS[kind](field, cleaned, path, reading)
    return _unique(field, value) if field.is_unique else value


def written(kind: FieldType, value: Value) -> str:
    """The value as `read` takes it: `.` for decimals, ISO 8601 for dates, true or false."""
    if kind in TEXTUAL:
        return value.text or ""
    if value.number is not None:
        is_whole = value.number.is_integer() and abs(value.number) < 10**MOST_DIGITS
        return str(int(value.number)) if is_whole else repr(value.number)
    if value.day is not None:
        return value.day.isoformat()
    if value.instant is not None:
        return value.instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return "true" if value.truth else "false"


def key_of(text: str) -> str:
    """How texts are compared and sorted: folded, without accents, the first 200 characters."""
    return sort_key(text)[:LONGEST_KEY]


def _unique(field: Field, value: Value) -> Value:
    """With the key that no other value of the field may have."""
    text = written(field.type, value)
    key = name_key(text) if field.type is not FieldType.LINK else text
    if len(key) > LONGEST_KEY:  # an index row holds no more than a part of a page
        key = f"{key[: LONGEST_KEY // 2]}…{hashlib.sha256(key.encode()).hexdigest()}"
    return Value(
        text=value.text,
        number=value.number,
        day=value.day,
        instant=value.instant,
        truth=value.truth,
        text_key=value.text_key,
        unique_key=key,
    )


def _refused(field: Field, text: str, path: str, expected: str = "") -> DomainError:
    return DomainError(
        ErrorCode.INVALID,
        path,
        label=field.display_name,
        value=text[:LONGEST_LINE],
        expected=expected or EXAMPLES[field.type],
    )


def _text(field: Field, text: str, path: str, reading: Reading) -> Value:
    return Value(text=text, text_key=key_of(text))


def _choice(field: Field, text: str, path: str, reading: Reading) -> Value:
    wanted = name_key(text)
    found = next((one for one in field.valid_values if name_key(one) == wanted), None)
    if found is None:
        offered = "; ".join(field.valid_values[:10])
        more = "; …" if len(field.valid_values) > 10 else ""
        raise _refused(field, text, path, offered + more)
    return _text(field, found, path, reading)


def _email(field: Field, text: str, path: str, reading: Reading) -> Value:
    if not _ADDRESS.fullmatch(text):
        raise _refused(field, text, path)
    return _text(field, text.lower(), path, reading)


def _link(field: Field, text: str, path: str, reading: Reading) -> Value:
    try:
        parts = urlsplit(text)
        is_link = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port  # raises where it is no number
    except ValueError:
        is_link = False
    if not is_link or _UNPRINTABLE.search(text):
        raise _refused(field, text, path)
    return _text(field, text, path, reading)


def _phone(field: Field, text: str, path: str, reading: Reading) -> Value:
    number = reading.phone(text)
    if number is None:
        raise DomainError(
            ErrorCode.INVALID_NUMBER, path, label=field.display_name, number=text[:LONGEST_LINE]
        )
    return Value(text=number, text_key=number)


def _number(field: Field, text: str, path: str, reading: Reading) -> Value:
    if not _NUMBER.fullmatch(text) or _THOUSANDS.fullmatch(text):
        raise _refused(field, text, path)
    plain = text.replace(",", ".")
    mantissa = re.split("[eE]", plain)[0]
    digits = mantissa.lstrip("+-").replace(".", "").lstrip("0")
    if "." in mantissa:
        digits = digits.rstrip("0")
    number = float(plain)
    if len(digits) > MOST_DIGITS:  # it would come back as another number
        raise DomainError(ErrorCode.TOO_LONG, path, label=field.display_name, max=MOST_DIGITS)
    if not math.isfinite(number) or (digits and not number):
        raise _refused(field, text, path)
    return Value(number=number or 0.0)  # -0 is 0


def _date(field: Field, text: str, path: str, reading: Reading) -> Value:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not YEARS[0] <= day.year <= YEARS[1]:
        raise _refused(field, text, path)
    return Value(day=day)


def _instant(field: Field, text: str, path: str, reading: Reading) -> Value:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            if reading.zone is None:
                raise _refused(field, text, path)
            moment = moment.replace(tzinfo=reading.zone)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _refused(field, text, path) from None
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise _refused(field, text, path)
    return Value(instant=moment)


def _truth(field: Field, text: str, path: str, reading: Reading) -> Value:
    word = text.casefold()
    if word not in _TRUE and word not in _FALSE:
        raise _refused(field, text, path)
    return Value(truth=word in _TRUE)


_READERS: Final = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.DATETIME: _instant,
    FieldType.CHOICE: _choice,
    FieldType.BOOLEAN: _truth,
    FieldType.EMAIL: _email,
    FieldType.PHONE: _phone,
    FieldType.LINK: _link,
}
