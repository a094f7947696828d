# SPDX-License-Identifier: Apache-2.0
"""Phone numbers as people write them, read into E.164 with the tenant's region.

Accepted is what the numbering plan calls possible: a length that numbers of the country have, five
digits at the least, fifteen in all. Not only what it calls valid, because the plan's table of area
codes and operators is always older than the last range handed out, and a number refused at import
is a customer lost; a number that does not exist costs one call, which the dial machine remembers
as NO_SUCH_NUMBER.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, ValidationResult

from server.domain.errors import DomainError, ErrorCode

LONGEST = 100  # characters of a number as typed; E.164 itself has 16
_FEWEST_DIGITS = 5
_MOST_DIGITS = 15
_PUNCTUATION = dict.fromkeys(map(ord, " \t-./()[]"))
_FULL_WIDTH = str.maketrans("\uff0b\uff0e\uff0f", "+./")
_BETWEEN = re.compile(r"[,;\r\n]+")


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """What the quick path knows of a country: enough to say yes, never to say no."""

    code: str
    lengths: frozenset[int]  # of a national number
    zero: str  # what is usually dialed before a national number; empty in Italy and Poland
    trunk: re.Pattern[str] | None  # everything that may be dialed there, operators' codes too
    abroad: re.Pattern[str] | None  # what is dialed before a country code, such as 00


def normalize(value: str, region: str, field: str | None = None) -> str:
    """The number in E.164, or a refusal INVALID_NUMBER that names `field`."""
    number = normalized(value, region)
    if number is None:
        shown = value[:LONGEST].encode("utf-8", "replace").decode()  # without lone surrogates
        raise DomainError(ErrorCode.INVALID_NUMBER, field, number=shown)
    return number


@lru_cache(maxsize=65536)
def normalized(value: str, region: str) -> str | None:
    """The number in E.164, or None where no number can be read."""
    return _normalized(value, region)


def normalize_many(values: Iterable[str], region: str) -> list[str | None]:
    """`normalized` of each value, for an import's chunk: nothing is kept between calls."""
    return [_normalized(value, region) for value in values]


def split_pasted(text: str) -> list[str]:
    """The single numbers of a text that was pasted into the box (X-12)."""
    return [part for part in (piece.strip() for piece in _BETWEEN.split(text)) if part]


def search_prefixes(text: str, region: str) -> tuple[str, ...]:
    """How E.164 numbers begin that a reader means by these first digits; () if it is no number.

    "06 123" may be Italian, "39 06" lacks its plus, "0044" is dialed from abroad: all readings.
    """
    digits = _only_digits(text)
    if not digits:
        return ()
    if digits.startswith("+"):
        return (_without_trunk(digits),)
    plan = _national_plan(region)
    if plan is None:
        return (f"+{digits}",)
    if plan.abroad is not None and (dialed := plan.abroad.match(digits)):
        return (_without_trunk(f"+{digits[dialed.end() :]}"),)
    readings = [f"+{plan.code}{digits}", f"+{digits}"]
    if plan.zero and digits.startswith(plan.zero):
        readings[0] = f"+{plan.code}{digits[len(plan.zero) :]}"
    return tuple(readings)


def search_digits(text: str, region: str) -> str:
    """The digits that may stand anywhere in an E.164 number if they are part of one; "" for none.

    Without what is only dialed: the plus, what is dialed for abroad, a zero that is not kept.
    """
    prefixes = search_prefixes(text, region)
    if not prefixes:
        return ""
    plan = _national_plan(region)
    if plan is None or len(prefixes) == 1:
        return prefixes[0][1:]
    return prefixes[0][1 + len(plan.code) :]


def _normalized(value: str, region: str) -> str | None:
    digits = _only_digits(value)
    if not digits:
        return None
    return _read_quickly(digits, region) or _read(digits, region)


def _only_digits(value: str) -> str | None:
    """ASCII digits, perhaps after one plus; None where anything else but punctuation stands."""
    if len(value) > LONGEST:
        return None
    digits = value.translate(_PUNCTUATION) if value.isascii() else _plain_digits(value)
    rest = digits[1:] if digits.startswith("+") else digits
    # isdigit() alone would take "²", but what is left is ASCII.
    return digits if rest.isascii() and rest.isdigit() else None


def _plain_digits(value: str) -> str:
    """Full-width signs, digits of any script, typographic blanks and hyphens as ASCII."""
    plain = []
    for character in value.translate(_FULL_WIDTH):
        digit = unicodedata.decimal(character, None)
        if digit is not None:
            plain.append(str(digit))
        # Cf: the invisible direction marks around numbers copied from an address book.
        elif unicodedata.category(character) not in ("Zs", "Pd", "Ps", "Pe", "Cf"):
            plain.append(character)
    return "".join(plain).translate(_PUNCTUATION)


def _read_quickly(digits: str, region: str) -> str | None:
    """The usual number in a twentieth of the time; None means only: ask the library.

    Sure of a number that has a possible length and begins with nothing that could be dialed
    before it. A property test holds it to the library's answers.
    """
    if digits.startswith("+"):
        plan = _plan_in(digits)
        if plan is None:
            return None
        number, e164 = digits[1 + len(plan.code) :], digits
    else:
        plan = _national_plan(region)
        if plan is None:
            return None
        if plan.abroad is not None and (dialed := plan.abroad.match(digits)):
            rest = digits[dialed.end() :]
            return None if rest.startswith("0") else _read_quickly(f"+{rest}", region)
        if digits.startswith(plan.code):
            return None
        number, e164 = digits, f"+{plan.code}{digits}"
    if len(number) not in plan.lengths or (plan.trunk is not None and plan.trunk.match(number)):
        return None
    return e164


def _read(digits: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(digits, region)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    e164: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    national = len(e164) - 1 - len(str(number.country_code))
    if national < _FEWEST_DIGITS or len(e164) - 1 > _MOST_DIGITS:
        return None
    return e164


def _without_trunk(beginning: str) -> str:
    """Without the zero of +49 (0)30, which is dialed within Germany alone."""
    plan = _plan_in(beginning)
    if plan is None or plan.zero != "0":  # another digit may begin a number, as in +7 800
        return beginning
    place = 1 + len(plan.code)
    return beginning[:place] + beginning[place:].removeprefix(plan.zero)


def _plan_in(e164: str) -> _Plan | None:
    """The plan of the country code after the plus; none begins with a zero."""
    if e164.startswith("+0"):
        return None
    return _plan(e164[1:2]) or _plan(e164[1:3]) or _plan(e164[1:4])


@lru_cache(maxsize=1024)
def _plan(code: str) -> _Plan | None:
    """The plan of a country code, or None where there is no such code."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code or 0))
    return None if regions is None else _plan_of(int(code), regions[0])


@lru_cache(maxsize=256)
def _national_plan(region: str) -> _Plan | None:
    """The plan by which numbers without a country code are read."""
    code: int = phonenumbers.country_code_for_region(region)
    return _plan_of(code, region) if code else None


def _plan_of(code: int, region: str) -> _Plan:
    metadata = _metadata(code, region)
    # Lengths are those of the code as a whole: +1 is checked as the United States' everywhere.
    lengths = _metadata(code, phonenumbers.region_code_for_country_code(code)).general_desc
    trunk, abroad = metadata.national_prefix_for_parsing, metadata.international_prefix
    return _Plan(
        code=str(code),
        lengths=frozenset(
            length
            for length in (() if lengths is None else lengths.possible_length)
            if _FEWEST_DIGITS <= length <= _MOST_DIGITS - len(str(code))
        ),
        zero=metadata.national_prefix or "",
        trunk=re.compile(trunk) if trunk else None,
        abroad=re.compile(abroad) if abroad else None,
    )


def _metadata(code: int, region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    if metadata is None:
        raise LookupError(f"no numbering plan of +{code} in {region}")
    return metadata
