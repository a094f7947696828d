# SPDX-License-Identifier: Apache-2.0
"""What a campaign's settings may be, each fault noted on its own field (X-37, section 1)."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Final

from server.domain.campaigns import FAILURES, MAX_COUNT, CallStatus, Weekday, zone
from server.domain.campaigns.drivers import check_simulation
from server.domain.errors import ErrorCode
from server.domain.refusals import Refusals
from server.domain.text import Unset, name_key
from server.models import Campaign
from server.services.campaigns.calling import check_calling
from server.services.campaigns.inputs import CampaignEdit, RetryInput
from server.services.campaigns.rules import check_gate

LONGEST_NAME = 100
MOST_RETRIES = 100
LONGEST_WAIT = 525_600  # minutes: a year
# Column, field as the API spells it, bounds.
NUMBERS: Final = (
    ("simultaneous_lines", "simultaneousLines", 1, 10_000),
    ("global_max_retry", "globalMaxRetry", 0, MOST_RETRIES),
    ("additional_phones_after", "additionalPhonesAfter", 0, LONGEST_WAIT),
    ("max_attempts_per_contact", "maxAttemptsPerContact", 1, MAX_COUNT),
    ("max_attempts_per_number", "maxAttemptsPerNumber24h", 1, 1000),
    ("originate_timeout", "originateTimeout", 5, 120),
    ("queue_timeout", "queueTimeout", 0, 300),
    ("clock_rate", "clockRate", 1, 3600),
)
CHOICES: Final = ("exhaustion_policy", "check_duplicate", "dial_order", "driver")


def check_settings(edit: CampaignEdit, row: Campaign, refusals: Refusals) -> dict[str, object]:
    """The columns that the input sets, checked against what `row` keeps of the others."""
    columns: dict[str, object] = {}
    if not isinstance(edit.name, Unset):
        name = refusals.text(edit.name, "name", longest=LONGEST_NAME, required=True)
        columns |= {"name": name, "name_key": name_key(name)}
    for column, field, least, most in NUMBERS:
        number = getattr(edit, column)
        if not isinstance(number, Unset):
            within = None if number is None else refusals.within(number, field, least, most)
            columns[column] = within
    for column in CHOICES:
        choice = getattr(edit, column)
        if not isinstance(choice, Unset):
            columns[column] = choice.value
    if not isinstance(edit.timezone, Unset):
        with refusals.noting():
            columns["timezone"] = zone(edit.timezone).key
    if not isinstance(edit.ends_at, Unset):
        columns["ends_at"] = _instant(edit.ends_at, "endsAt", refusals)
    if not isinstance(edit.starts_at, Unset):
        columns["starts_at"] = _instant(edit.starts_at, "startsAt", refusals)
    if not isinstance(edit.simulation, Unset):
        columns["simulation"] = check_simulation(edit.simulation, refusals)
    if columns.get("clock_rate", row.clock_rate) != row.clock_rate and row.clock_origin:
        # Its clock would jump, and with it every wait that is running.
        refusals.add(ErrorCode.WRONG_STATE, "clockRate", state=row.state)
    columns |= check_gate(edit, row, refusals)
    columns |= check_calling(edit, edit.driver, row, refusals)
    return columns | _window(edit, row, refusals)


def check_retry(given: Sequence[RetryInput], refusals: Refusals) -> list[RetryInput]:
    """Each failure status at most once, in bounds; other statuses are nothing to retry for."""
    seen: set[CallStatus] = set()
    for index, rule in enumerate(given):
        path = f"retry.{index}"
        if rule.status not in FAILURES or rule.status in seen:
            left = ", ".join(status for status in FAILURES if status not in seen)
            refusals.add(
                ErrorCode.INVALID, f"{path}.status", value=rule.status.value, expected=left
            )
        seen.add(rule.status)
        if not isinstance(rule.max, Unset):
            refusals.within(rule.max, f"{path}.max", 0, MOST_RETRIES)
        if not isinstance(rule.minutes, Unset):
            refusals.within(rule.minutes, f"{path}.minutes", 0, LONGEST_WAIT)
    return list(given)


def _window(edit: CampaignEdit, row: Campaign, refusals: Refusals) -> dict[str, object]:
    opens: time | None = (
        row.window_from if isinstance(edit.window_from, Unset) else edit.window_from
    )
    closes = row.window_to if isinstance(edit.window_to, Unset) else edit.window_to
    if opens is None and closes is not None:
        refusals.add(ErrorCode.REQUIRED, "windowFrom")
    elif closes is None and opens is not None:
        refusals.add(ErrorCode.REQUIRED, "windowTo")
    elif opens == closes and opens not in (None, time(0)):
        # It may as well mean never as always; 00:00 to 00:00 is the whole day.
        refusals.add(ErrorCode.INVALID, "windowTo")
    return {"window_from": opens, "window_to": closes, "window_days": _days(edit, row, refusals)}


def _days(edit: CampaignEdit, row: Campaign, refusals: Refusals) -> list[str] | None:
    if isinstance(edit.window_days, Unset):
        return row.window_days
    if edit.window_days is None:
        return None
    if not edit.window_days:
        refusals.add(ErrorCode.REQUIRED, "windowDays")
    given = set(edit.window_days)
    for index, day in enumerate(edit.window_days):
        if day not in Weekday.__members__:
            refusals.add(ErrorCode.INVALID, f"windowDays.{index}", expected="MON … SUN")
    return [day.value for day in Weekday if day.value in given]


def _instant(value: datetime | None, field: str, refusals: Refusals) -> datetime | None:
    if value is not None and value.tzinfo is None:
        refusals.add(ErrorCode.INVALID, field, expected="2027-01-31T18:00:00Z")
    elif value is not None:
        refusals.within_time(value, field)
    return value
