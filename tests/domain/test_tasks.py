# SPDX-License-Identifier: Apache-2.0
"""The states of a scheduled task by the clock, and local times as instants (C-34)."""

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.errors import DomainError
from server.domain.tasks import (
    OPEN_STATES,
    ScheduleState,
    ScheduleType,
    Span,
    local_instant,
    schedule_state,
)

START = datetime(2027, 3, 1, 9, tzinfo=UTC)
SPAN = Span(starts_at=START, ends_at=START + timedelta(hours=2))
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("minutes", "seconds", "early", "wanted"),
    [
        (-60, 0, 0, "SCHEDULED"),
        (0, -1, 0, "SCHEDULED"),
        (-10, -1, 10, "SCHEDULED"),
        (-10, 0, 10, "DUE"),  # only for the eye
        (0, 0, 0, "DUE"),
        (15, 0, 0, "DUE"),
        (15, 1, 0, "DELAYED"),
        (120, 0, 0, "DELAYED"),
        (120, 1, 0, "EXPIRED"),
        (9_999, 0, 0, "EXPIRED"),
    ],
)
def test_the_state_follows_from_the_clock(
    minutes: int, seconds: int, early: int, wanted: str
) -> None:  # C-34
    now = START + timedelta(minutes=minutes, seconds=seconds)
    assert schedule_state(now, SPAN, threshold_minutes=15, early_minutes=early) == wanted
    assert schedule_state(now, SPAN, is_closed=True) is ScheduleState.CLOSED


def test_the_closed_are_not_shown_and_there_are_nine_types() -> None:  # C-33, C-35
    assert [state.value for state in OPEN_STATES] == ["SCHEDULED", "DUE", "DELAYED", "EXPIRED"]
    assert len(ScheduleType) == 9


def test_a_task_whose_threshold_lies_behind_its_end_is_never_delayed() -> None:  # C-34
    late = SPAN.ends_at
    assert schedule_state(late, SPAN, threshold_minutes=500) is ScheduleState.DUE
    assert schedule_state(late + SECOND, SPAN, threshold_minutes=500) is ScheduleState.EXPIRED


@pytest.mark.parametrize(
    ("zone", "local", "wanted"),
    [
        ("Europe/Rome", (2027, 3, 28, 1, 59), (2027, 3, 28, 0, 59)),
        ("Europe/Rome", (2027, 3, 28, 3, 0), (2027, 3, 28, 1, 0)),
        ("Europe/Rome", (2027, 10, 31, 2, 30), (2027, 10, 31, 0, 30)),  # the first of the two
        ("Australia/Lord_Howe", (2027, 10, 3, 2, 30), (2027, 10, 2, 15, 30)),  # half an hour
        ("Asia/Kathmandu", (2027, 6, 1, 12, 0), (2027, 6, 1, 6, 15)),
    ],
)
def test_a_local_time_is_an_instant(
    zone: str, local: tuple[int, ...], wanted: tuple[int, ...]
) -> None:
    found = local_instant(datetime(*local), zone, "at", "timeZone")  # type: ignore[arg-type,misc] # noqa: DTZ001
    assert found == datetime(*wanted, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("Europe/Rome", (2027, 3, 28, 2, 0)),
        ("Europe/Rome", (2027, 3, 28, 2, 59)),
        ("America/New_York", (2027, 3, 14, 2, 30)),
        ("Australia/Lord_Howe", (2027, 10, 3, 2, 15)),
    ],
)
def test_a_time_that_the_clocks_leave_out_is_refused(zone: str, local: tuple[int, ...]) -> None:
    with pytest.raises(DomainError) as told:
        local_instant(datetime(*local), zone, "at", "timeZone")  # type: ignore[arg-type,misc] # noqa: DTZ001
    assert (told.value.code.value, told.value.field) == ("TIME_SKIPPED", "at")


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(DomainError) as told:
        local_instant(START.replace(tzinfo=None), "Europe/Atlantis", "at", "timeZone")
    assert (told.value.code.value, told.value.field) == ("UNKNOWN_TIMEZONE", "timeZone")
