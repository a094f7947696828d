# SPDX-License-Identifier: Apache-2.0
"""A campaign's form: its settings as fields show them, and what the fields hold as the API's input.

What was typed is kept as text, so that a refused form shows it again as it was. A number or a time
that is none is sent as one that is always refused, so that all refusals come at once.
"""

from dataclasses import dataclass, field
from datetime import time
from typing import Any

from starlette.datastructures import FormData

from server.domain.campaigns import FAILURES, CallStatus
from server.domain.errors import ErrorCode
from server.i18n import N_, label, refusal_text, translate
from web import forms_calling as calling
from web.forms import instant_of, version_of, written_instant

Data = dict[str, Any]

NUMBERS = (
    *("simultaneousLines", "globalMaxRetry", "additionalPhonesAfter", "maxAttemptsPerContact"),
    *("originateTimeout", "clockRate"),
)
TEXTS = ("name", "checkDuplicate", "dialOrder", "exhaustionPolicy", "timezone")
TIMES = ("windowFrom", "windowTo")
CHOSEN = ("listIds", "agentIds", "windowDays")
MAY_BE_BLANK = ("maxAttemptsPerContact", "endsAt", "windowFrom", "windowTo")
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
NO_NUMBER = -1  # below every bound
UNREADABLE = "0001-01-01"  # what `instant_of` makes of a text that is no date
DEFAULTS: Data = {
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
    "maxAttemptsPerContact": "",
    "windowFrom": "",
    "windowTo": "",
    "windowDays": list(DAYS),
    "endsAt": "",
    "clockRate": 1,
    "startedAt": None,
    "listIds": [],
    "agentIds": [],
    **calling.DEFAULTS,
}


@dataclass(kw_only=True)
class Settings:
    """What a form sent: the input, and the refusals that only the form can word."""

    given: Data = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)  # input path → message
    is_speakable: bool = True  # False: the API cannot even be asked

    def errors(self, refused: list[Data]) -> list[Data]:
        """The API's refusals, with the form's own words where it has better ones."""
        own = [
            {"field": path, "message": text, "code": ErrorCode.INVALID.value}
            for path, text in self.refusals.items()
        ]
        return own + [error for error in refused if error["field"] not in self.refusals]


def new_settings(locale: str, timezone: str) -> Data:
    """What a new campaign's form shows."""
    retry = [
        {
            "status": status.value,
            "label": label(locale, CallStatus(status)),
            "max": 3,
            "minutes": 150,
            "afterStatus": "ADVANCE",
        }
        for status in FAILURES
    ]
    return DEFAULTS | {"timezone": timezone, "retrySettings": retry}


def shown_settings(campaign: Data) -> Data:
    """A stored campaign as its fields show it: times of its own zone, blanks for what is not."""
    return campaign | {
        "windowFrom": str(campaign["windowFrom"] or "")[:5],
        "windowTo": str(campaign["windowTo"] or "")[:5],
        "windowDays": list(campaign["windowDays"] or DAYS),
        "endsAt": written_instant(campaign["endsAt"], campaign["timezone"]),
        "maxAttemptsPerContact": campaign["maxAttemptsPerContact"] or "",
        "agentIds": [agent["id"] for agent in campaign.get("agents", ())],
        "listIds": [],
        **calling.shown_calling(campaign),
    }


def typed_settings(campaign: Data, form: FormData) -> Data:
    """What the reader typed, laid over what there was."""
    typed: Data = {name: str(form[name]) for name in (*NUMBERS, *TEXTS, *TIMES) if name in form}
    if "endsAt" in form:
        typed["endsAt"] = str(form["endsAt"])
    typed |= {name: _all(form, name) for name in CHOSEN if f"has.{name}" in form}
    typed |= calling.typed_calling(form)
    typed["retrySettings"] = [
        {
            **row,
            "max": form.get(f"max.{row['status']}", row["max"]),
            "minutes": form.get(f"minutes.{row['status']}", row["minutes"]),
            "afterStatus": form.get(f"after.{row['status']}", row["afterStatus"]),
        }
        for row in campaign["retrySettings"]
    ]
    return campaign | typed


def given_settings(form: FormData, locale: str, timezone: str) -> Settings:
    """Only what the form has fields for; a blank optional field clears its setting."""
    read = Settings()
    given = read.given
    given |= {name: str(form[name]) for name in TEXTS if name in form}
    for name in NUMBERS:
        if name in form:
            given[name] = _number(form, name, name, read, locale)
    given |= calling.given_calling(form)
    for name in calling.NUMBERS:
        if name in form and calling.fits(name, str(form.get("mode", ""))):
            given[name] = _number(form, name, name, read, locale)
    given |= version_of(form)
    for name in TIMES:
        if name in form:
            given[name] = _time(form, name, read, locale)
    given |= {name: _all(form, name) for name in CHOSEN if f"has.{name}" in form}
    if "windowDays" in given:
        every_day = set(DAYS) <= set(given["windowDays"])
        has_hours = given.get("windowFrom") or given.get("windowTo")
        given["windowDays"] = None if every_day or not has_hours else given["windowDays"]
    if "endsAt" in form:
        given["endsAt"] = instant_of(str(form["endsAt"]), str(form.get("timezone") or timezone))
        if str(given["endsAt"]).startswith(UNREADABLE):
            expected = translate(locale, N_("a date and time such as 2027-01-31 18:00"))
            words = refusal_text(locale, ErrorCode.INVALID, {"expected": expected})
            read.refusals["endsAt"] = words
    retry = [
        {
            "status": status.value,
            "max": _number(form, f"max.{status}", f"retry.{place}.max", read, locale),
            "minutes": _number(form, f"minutes.{status}", f"retry.{place}.minutes", read, locale),
            **({"afterStatus": str(after)} if (after := form.get(f"after.{status}")) else {}),
        }
        for place, status in enumerate(FAILURES)
        if f"max.{status}" in form
    ]
    if retry:
        given["retry"] = retry
    return read


def _all(form: FormData, name: str) -> list[str]:
    return [str(value) for value in form.getlist(name) if value]


def _number(form: FormData, name: str, path: str, read: Settings, locale: str) -> int | None:
    text = str(form.get(name, "")).strip()
    if not text:
        if name in MAY_BE_BLANK:
            return None
        read.refusals[path] = refusal_text(locale, ErrorCode.REQUIRED, {})
        return NO_NUMBER
    # Bounds are the API's to refuse; what is no whole number it could not even be sent.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else NO_NUMBER


def _time(form: FormData, name: str, read: Settings, locale: str) -> str | None:
    text = str(form[name]).strip()
    if not text:
        return None
    try:
        return time.fromisoformat(text).replace(tzinfo=None).isoformat()
    except ValueError:
        expected = translate(locale, N_("a time such as 08:30"))
        read.refusals[name] = refusal_text(locale, ErrorCode.INVALID, {"expected": expected})
        read.is_speakable = False
        return None
