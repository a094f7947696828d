# SPDX-License-Identifier: Apache-2.0
"""A campaign's form as the API's input, and as it is shown again after a refusal."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.datastructures import FormData

from server.domain.campaigns import FAILURES

Data = dict[str, Any]

NUMBERS = (
    "simultaneousLines",
    "globalMaxRetry",
    "additionalPhonesAfter",
    "originateTimeout",
    "clockRate",
    "version",
)
TEXTS = ("name", "checkDuplicate", "dialOrder", "exhaustionPolicy", "timezone")
TIMES = ("windowFrom", "windowTo")
NOT_A_NUMBER = -1  # refused in the field's own words
NEW: Data = {
    "id": None,
    "name": "",
    "version": None,
    "simultaneousLines": 30,
    "checkDuplicate": "ALWAYS",
    "dialOrder": "ASC",
    "exhaustionPolicy": "ANY_PHONE",
    "originateTimeout": 30,
    "globalMaxRetry": 4,
    "additionalPhonesAfter": 1,
    "maxAttemptsPerContact": None,
    "retrySettings": [
        {"status": status.value, "max": 3, "minutes": 150, "afterStatus": "ADVANCE"}
        for status in FAILURES
    ],
    "windowFrom": None,
    "windowTo": None,
    "windowDays": None,
    "timezone": "Europe/Rome",
    "endsAt": None,
    "clockRate": 1,
    "listIds": [],
}


def given_settings(form: FormData, timezone: str) -> Data:
    """Only what the form has fields for; a blank optional field clears its setting."""
    given: Data = {name: str(form[name]) for name in TEXTS if name in form}
    given |= {name: _number(str(form[name])) for name in NUMBERS if form.get(name)}
    for name in NUMBERS:
        if name in form and not form.get(name) and name != "version":
            given[name] = NOT_A_NUMBER
    if "maxAttemptsPerContact" in form:
        text = str(form["maxAttemptsPerContact"]).strip()
        given["maxAttemptsPerContact"] = _number(text) if text else None
    given |= {name: str(form[name]) or None for name in TIMES if name in form}
    if "windowFrom" in form:
        given["windowDays"] = [str(day) for day in form.getlist("windowDays")] or None
    if "endsAt" in form:
        given["endsAt"] = _instant(str(form["endsAt"]), str(form.get("timezone") or timezone))
    if retry := [
        _retry(form, status.value) for status in FAILURES if f"max.{status.value}" in form
    ]:
        given["retry"] = retry
    return given


def shown_again(campaign: Data, given: Data) -> Data:
    """What the reader typed, laid over what there was."""
    shown = {**campaign, **{key: value for key, value in given.items() if key != "retry"}}
    typed = {row["status"]: row for row in given.get("retry", ())}
    shown["retrySettings"] = [
        {**row, **typed.get(row["status"], {})} for row in campaign["retrySettings"]
    ]
    return shown


def _retry(form: FormData, status: str) -> Data:
    row: Data = {
        "status": status,
        "max": _number(str(form[f"max.{status}"])),
        "minutes": _number(str(form.get(f"minutes.{status}", ""))),
    }
    if after := form.get(f"after.{status}"):
        row["afterStatus"] = str(after)
    return row


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else NOT_A_NUMBER


def _instant(text: str, timezone: str) -> str | None:
    """A local date and time of the campaign's zone; what cannot be read is refused as past."""
    if not text.strip():
        return None
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime(1970, 1, 1, tzinfo=UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).isoformat()
