# SPDX-License-Identifier: Apache-2.0
"""Passwords: which ones may be chosen, and how they are hashed beside the event loop."""

import asyncio
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.domain.errors import DomainError, ErrorCode
from server.domain.text import is_storable, name_key

SHORTEST, LONGEST = 8, 128
# About 50 ms and 46 MiB on one core: RFC 9106's Argon2id, one of the sizes that OWASP recommends.
HASHER: Final = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)

_COMMON = Path(__file__).parent / "common_passwords.txt"
_LEET = str.maketrans("013457@$!", "oieastasi")
# Ways over a keyboard, a dial or the alphabet; each also backwards.
_WALKS = (
    *("01234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm"),
    *("abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb", "1qaz1qaz", "qazwsxedcrfvtgbyhn"),
    *("1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1a2b3c4d5e6f", "a1b2c3d4e5f6"),
    *("a1s2d3f4g5", "zaq12wsxcde3", "12qw34er56ty", "12qwaszx", "qweasdzxc", "1qazxsw23edc"),
    *("qaywsxedc", "adgjmptw", "azsxdcfv", "qawsedrf", "poiuytrewq", "qazxswedc"),
)
_RUN = 3  # characters that a walk must have to be seen as one
_LEFT = 2  # characters beside walks that do not make a password good


def choose_password(password: str, *, name: str, field: str = "password") -> str:
    """The password as it is hashed, or WEAK_PASSWORD, TOO_LONG (ASVS 6.2.1, 6.2.4, 6.2.9).

    Eight characters, no composition rules; the log-in name adds nothing to the length.
    """
    if not is_storable(password):
        raise DomainError(ErrorCode.INVALID_CHARACTER, field)
    chosen = unicodedata.normalize("NFC", password)
    if len(chosen) > LONGEST:
        raise DomainError(ErrorCode.TOO_LONG, field, max=LONGEST)
    if not chosen:
        raise DomainError(ErrorCode.REQUIRED, field)
    own = name_key(name)
    beside_name = chosen.casefold().replace(own, "") if own else chosen
    if len(chosen) < SHORTEST or len(beside_name) < SHORTEST:
        raise DomainError(ErrorCode.WEAK_PASSWORD, field, min=SHORTEST)
    if is_common(chosen):
        raise DomainError(ErrorCode.WEAK_PASSWORD, field)
    return chosen


def is_common(password: str) -> bool:
    """True for what is tried first: digits, repetitions, keyboard walks, words of the list."""
    folded = password.casefold()
    if re.fullmatch(r"[\d ./-]{0,11}", folded):  # dates, phone numbers
        return True
    if re.fullmatch(r"(.{1,5}?)\1+", folded) or len(set(folded)) < 4:
        return True
    if _beside_walks(folded) <= _LEFT:
        return True
    words, beginnings = _words()
    for form in (folded, folded.translate(_LEET)):
        if form in words or form in beginnings or re.sub(r"^\d{1,4}|\d{1,4}$", "", form) in words:
            return True
    core = re.sub(r"\d{1,4}$", "", folded).translate(_LEET)
    return core in words


async def hash_password(password: str) -> str:
    return await asyncio.to_thread(HASHER.hash, _bytes(password))


async def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether they fit; without a hash it takes the same time and the answer is no."""
    return await asyncio.to_thread(_verify, password_hash, password)


def outdated(password_hash: str) -> bool:
    """True for a hash made with other parameters than today's."""
    return HASHER.check_needs_rehash(password_hash)


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        HASHER.verify(password_hash or _nobody(), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def _bytes(password: str) -> bytes:
    # What cannot be a password (a lone surrogate) must be wrong, not an exception.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@cache
def _nobody() -> str:
    """The hash that a log-in under an unknown name is compared with."""
    return HASHER.hash(b"nobody has this password")


@cache
def _words() -> tuple[frozenset[str], frozenset[str]]:
    """The list, and the first eight letters of its longer words, as old systems cut them."""
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    words = frozenset(word for line in lines if not line.startswith("#") for word in line.split())
    return words, frozenset(word[:SHORTEST] for word in words if len(word) > SHORTEST)


@cache
def _runs() -> frozenset[str]:
    walks = [walk[::step] for walk in _WALKS for step in (1, -1)]
    return frozenset(w[i : i + _RUN] for w in walks for i in range(len(w) - _RUN + 1))


def _beside_walks(text: str) -> int:
    """How many characters belong to no walk and no repetition of three."""
    walked = [False] * len(text)
    for start in range(len(text) - _RUN + 1):
        run = text[start : start + _RUN]
        if run in _runs() or len(set(run)) == 1:
            walked[start : start + _RUN] = [True] * _RUN
    return walked.count(False)
