# SPDX-License-Identifier: Apache-2.0
"""A callback between its form and the API; the same wherever one is agreed."""

from datetime import UTC, datetime, timedelta

from starlette.datastructures import FormData
from starlette.requests import Request

from server.domain.tasks import PreferenceType
from server.i18n import N_, label, translate
from web.formats import instant, phone_in, zone_of
from web.site import Data, locale_of, viewer_of
from web.zones import zones

TEXTS = ("localAt", "localEndsAt", "timeZone", "number", "note", "agentId", "preference")
MINUTES = ("thresholdMinutes", "earlyMinutes")
FIRST = N_("Primary")


def given_callback(form: FormData, prefix: str = "") -> Data:
    """What the form says; a blank is left out, and an agent where the callback is for anyone."""
    given: Data = {}
    for name in TEXTS:
        text = str(form.get(prefix + name, "")).strip()
        if text:
            given[name] = text
    for name in MINUTES:
        text = str(form.get(prefix + name, "")).strip()
        if text:
            # What is no whole number is refused with the field's own words.
            given[name] = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
    if given.get("preference", PreferenceType.ANYONE) == PreferenceType.ANYONE:
        given.pop("agentId", None)
    return given


def shown(form: FormData, callback: Data, prefix: str = "") -> Data:
    """The form again as it was sent."""
    sent = {
        name: str(form[prefix + name])
        for name in (*TEXTS, *MINUTES)
        if isinstance(form.get(prefix + name), str)
    }
    return callback | sent


def blank_callback(zone: str, now: str, number: str = "") -> Data:
    """In an hour, to the next five minutes, by the clock of who is called."""
    start = instant(now).astimezone(UTC) + timedelta(hours=1, minutes=4, seconds=59)
    start -= timedelta(minutes=start.minute % 5, seconds=start.second)
    return {
        "localAt": written(start, zone),
        "localEndsAt": "",
        "timeZone": zone,
        "number": number,
        "preference": PreferenceType.ANYONE.value,
        "agentId": "",
        "note": "",
    }


def written(moment: datetime | str, zone: str) -> str:
    """As a `datetime-local` box holds it."""
    return f"{instant(moment).astimezone(zone_of(zone)):%Y-%m-%dT%H:%M}"


def number_options(request: Request, contact: Data | None) -> list[tuple[str, str]]:
    """The numbers that are dialed, the primary first, with their types."""
    if contact is None:
        return []
    region, locale = viewer_of(request).region, locale_of(request)
    found = []
    if contact["phone"] and contact["phoneState"] == "AVAILABLE":
        text = f"{phone_in(contact['phone'], region)} · {translate(locale, FIRST)}"
        found.append((contact["phone"], text))
    for phone in contact["additionalPhones"]:
        if phone["state"] == "AVAILABLE" and phone["number"] != contact["phone"]:
            kind = f" · {phone['itemType']['name']}" if phone["itemType"] else ""
            found.append((phone["number"], phone_in(phone["number"], region) + kind))
    return found


def choices(request: Request) -> Data:
    """What every form of a callback offers."""
    locale = locale_of(request)
    return {
        "preferences": [(one.value, label(locale, one)) for one in PreferenceType],
        "zones": zones(),
    }
