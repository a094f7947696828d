# SPDX-License-Identifier: Apache-2.0
"""Reads values out of JSON that nobody has checked yet; each refusal names its place and cure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import TypeVar

from server.domain.errors import DomainError, ErrorCode

Choice = TypeVar("Choice", bound=StrEnum)

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_NUMBER = re.compile(r"\+?\d{3,15}", re.ASCII)
_PUNCTUATION = str.maketrans("", "", " \u00a0-‐‑–()./\t")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FIRST_YEAR, _LAST_YEAR = 1970, 2999
_SHOWN = 80  # characters of a foreign name that a refusal repeats


class ScenarioRefused(DomainError):  # noqa: N818 # a refusal, as its base is
    """A scenario that cannot be run; `message` is English, for people who write scenarios."""

    def __init__(self, code: ErrorCode, field: str | None, message: str) -> None:
        super().__init__(code, field, message=message)
        self.message = message


def join(path: str, step: str | int) -> str:
    return f"{path}.{step}" if path else str(step)


def _require(value: object, path: str) -> None:
    if value is None:
        raise ScenarioRefused(ErrorCode.REQUIRED, path, "is missing")


def read_object(value: object, path: str, known: Sequence[str]) -> dict[str, object]:
    """A JSON object without a key that nobody would read: a typo must not silently do nothing."""
    if not isinstance(value, dict):
        raise ScenarioRefused(ErrorCode.INVALID, path or None, "must be a JSON object")
    for key in value:
        if key not in known:
            # Whatever the name holds, the refusal can be printed.
            shown = str(key)[:_SHOWN].encode("ascii", "backslashreplace").decode("ascii")
            raise ScenarioRefused(
                ErrorCode.INVALID, join(path, shown), f"unknown; known are {', '.join(known)}"
            )
    return value


def read_list(value: object, path: str) -> list[object]:
    if not isinstance(value, list):
        raise ScenarioRefused(ErrorCode.INVALID, path, "must be a list")
    return value


def read_integer(value: object, path: str, minimum: int, maximum: int) -> int:
    _require(value, path)
    # JSON's true is a number to Python, and NaN is one to JSON parsers; neither is a count.
    if not isinstance(value, int) or isinstance(value, bool):
        raise ScenarioRefused(ErrorCode.INVALID, path, "must be a whole number")
    if not minimum <= value <= maximum:
        raise ScenarioRefused(
            ErrorCode.OUT_OF_RANGE, path, f"must lie between {minimum} and {maximum}"
        )
    return value


def read_text(value: object, path: str, longest: int = 200) -> str:
    _require(value, path)
    if not isinstance(value, str):
        raise ScenarioRefused(ErrorCode.INVALID, path, "must be a text")
    if not value.strip():
        raise ScenarioRefused(ErrorCode.REQUIRED, path, "must not be blank")
    if len(value) > longest:
        raise ScenarioRefused(ErrorCode.TOO_LONG, path, f"must have at most {longest} characters")
    if "\0" in value or _SURROGATE.search(value):
        raise ScenarioRefused(
            ErrorCode.INVALID_CHARACTER, path, "holds NUL or half of a surrogate pair"
        )
    return value


def read_choice(value: object, path: str, choices: Sequence[Choice]) -> Choice:
    for choice in choices:
        if value == choice.value:
            return choice
    raise ScenarioRefused(ErrorCode.INVALID, path, f"must be one of {', '.join(choices)}")


def read_instant(value: object, path: str) -> datetime:
    """ISO 8601 with a zone, as UTC."""
    text = read_text(value, path)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ScenarioRefused(
            ErrorCode.INVALID, path, "must be a time such as 2027-01-04T09:00:00Z"
        ) from None
    if instant.tzinfo is None:
        raise ScenarioRefused(ErrorCode.INVALID, path, "has no zone; add Z or +01:00")
    if not _FIRST_YEAR < instant.year < _LAST_YEAR:
        raise ScenarioRefused(
            ErrorCode.OUT_OF_RANGE, path, f"must lie between {_FIRST_YEAR} and {_LAST_YEAR}"
        )
    return instant.astimezone(UTC)


def read_clock(value: object, path: str) -> time:
    text = read_text(value, path)
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ScenarioRefused(ErrorCode.INVALID, path, "must be a time of day such as 08:00")
    return time(int(found[1]), int(found[2]), int(found[3] or 0))


def read_number(value: object, path: str) -> str:
    """A phone number without its punctuation, 00 in front read as +."""
    text = read_text(value, path).translate(_PUNCTUATION)
    number = f"+{text[2:]}" if text.startswith("00") else text
    if not _NUMBER.fullmatch(number):
        raise ScenarioRefused(
            ErrorCode.INVALID_NUMBER, path, "must be a phone number such as +390612345000"
        )
    return number
