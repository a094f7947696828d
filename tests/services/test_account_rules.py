# SPDX-License-Identifier: Apache-2.0
"""The rules of passwords and of the throttle, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.errors import DomainError, ErrorCode
from server.services.account.passwords import choose_password, is_common
from server.services.account.throttle import (
    ADDRESS_LIMIT,
    NAME_LIMIT,
    Tries,
    address_counter,
    charged,
    wait_of,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def waits(limit: object, tries: int, start: Tries | None = None) -> list[int]:
    """The wait after each failure, when every one is made as soon as it may be."""
    assert limit in (NAME_LIMIT, ADDRESS_LIMIT)
    now, found, state = NOON, [], start or Tries(first_at=NOON)
    for _ in range(tries):
        state = charged(state, NAME_LIMIT if limit is NAME_LIMIT else ADDRESS_LIMIT, now)
        found.append(wait_of(state, now))
        now += timedelta(seconds=found[-1])
    return found


def test_a_names_lock_doubles_from_half_a_minute_to_a_quarter_of_an_hour() -> None:
    assert waits(NAME_LIMIT, 12) == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_an_addresss_lock_comes_at_the_fiftieth_and_then_it_starts_anew() -> None:
    assert waits(ADDRESS_LIMIT, 52) == [0] * 49 + [900, 0, 0]


def test_failures_are_forgotten_after_their_window_or_a_while_after_the_lock() -> None:
    four = Tries(count=4, first_at=NOON)
    assert charged(four, NAME_LIMIT, NOON + timedelta(minutes=59)).count == 5
    assert charged(four, NAME_LIMIT, NOON + timedelta(minutes=60)).count == 1
    locked = Tries(count=7, first_at=NOON, locked_until=NOON + timedelta(hours=5))
    assert charged(locked, NAME_LIMIT, NOON + timedelta(hours=5, minutes=59)).count == 8
    assert charged(locked, NAME_LIMIT, NOON + timedelta(hours=6)).count == 1


def test_a_wait_is_told_in_whole_seconds_rounded_up() -> None:
    locked = Tries(first_at=NOON, locked_until=NOON + timedelta(seconds=1, milliseconds=1))
    assert wait_of(locked, NOON) == 2
    assert wait_of(locked, NOON + timedelta(seconds=2)) == 0


def test_a_64_of_ipv6_counts_as_one_address_and_a_mapped_ipv4_as_itself() -> None:
    assert address_counter("2001:db8:1:2::1") == address_counter("2001:db8:1:2:ffff::9")
    assert address_counter("2001:db8:1:2::1") != address_counter("2001:db8:1:3::1")
    assert address_counter("::ffff:192.0.2.1") == address_counter("192.0.2.1")
    assert address_counter("192.0.2.1") != address_counter("192.0.2.2")
    assert address_counter("") is None


@pytest.mark.parametrize(
    "password",
    [
        *("password", "Password1", "PASSW0RD", "p@ssword", "12345678", "1990-1990", "qwertyuiop"),
        *("1q2w3e4r5t", "asdfasdf", "aaaaaaaa", "sunshine", "iloveyou", "trustno1", "superman99"),
        *("19841122", "juventus", "welcome123", "ciaociao", "qwer1234", "abcd1234", "1qaz2wsx"),
    ],
)
def test_what_everybody_tries_first_is_weak(password: str) -> None:
    """ASVS 6.2.4."""
    with pytest.raises(DomainError) as refusal:
        choose_password(password, name="anna")
    assert (refusal.value.code, refusal.value.field, refusal.value.params) == (
        ErrorCode.WEAK_PASSWORD,
        "password",
        {},
    )


@pytest.mark.parametrize(
    "password",
    [
        *(
            "violet-anchor-92",
            "kX9#mPq2",
            "correct horse battery staple",
            "òàù è già qui",
            "🐘🦒🐆🐊🐢🐍🐸🐬",
        ),
        *("hunter2-hunter3", "x" * 4 + "-lamp-" + "y" * 118),
    ],
)
def test_any_other_eight_characters_will_do(password: str) -> None:
    """ASVS 6.2.1, 6.2.5, 6.2.9: no composition rules, 64 characters and more."""
    assert choose_password(password, name="anna") == password
    assert not is_common(password)


@pytest.mark.parametrize(
    ("password", "code", "params"),
    [
        ("kX9#mPq", ErrorCode.WEAK_PASSWORD, {"min": 8}),
        ("Marta.Rossi-9", ErrorCode.WEAK_PASSWORD, {"min": 8}),
        ("", ErrorCode.REQUIRED, {}),
        ("k9" * 64 + "x", ErrorCode.TOO_LONG, {"max": 128}),
        ("kX9#\x00mPq2", ErrorCode.INVALID_CHARACTER, {}),
        ("kX9#\ud800mPq2", ErrorCode.INVALID_CHARACTER, {}),
    ],
)
def test_a_password_is_refused_with_its_reason(
    password: str, code: ErrorCode, params: dict[str, int]
) -> None:
    with pytest.raises(DomainError) as refusal:
        choose_password(password, name="Marta.Rossi", field="newPassword")
    assert (refusal.value.code, refusal.value.params) == (code, params)
    assert refusal.value.field == "newPassword"


def test_the_name_adds_nothing_to_the_length() -> None:
    assert choose_password("marta.rossi-kX9#mPq2", name="Marta.Rossi")
