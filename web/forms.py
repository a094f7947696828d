# SPDX-License-Identifier: Apache-2.0
"""Reading what the pages' forms send, in the shapes that the schema's inputs have."""

from datetime import UTC, datetime

from starlette.datastructures import FormData

from web.formats import Moment, instant, zone_of

PHONE_COLUMNS = {
    "id": "additionalPhones.id",
    "number": "additionalPhones.number",
    "itemTypeId": "additionalPhones.itemTypeId",
    "description": "additionalPhones.description",
    "state": "additionalPhones.state",
}
STATE_BEFORE = "additionalPhones.stateBefore"


def phone_rows(form: FormData) -> list[dict[str, str | None]]:
    """The rows of a phone field in the order shown; a row without a number is no phone (X-12).

    Each is `{"id", "number", "itemTypeId", "description", "state"}`, blanks as None, so that the
    index in a refusal's `additionalPhones.1.number` is the row's place when the form is shown
    again. A state that was not touched is blank: changed digits then are available again (C-06).
    """
    before = [str(text) for text in form.getlist(STATE_BEFORE)]
    columns = {
        key: [str(text) for text in form.getlist(name)] for key, name in PHONE_COLUMNS.items()
    }
    rows = []
    for place, number in enumerate(columns["number"]):
        if not number.strip():
            continue
        row = {key: texts[place] if place < len(texts) else "" for key, texts in columns.items()}
        if place < len(before) and row["state"] == before[place]:
            row["state"] = ""
        rows.append({key: text.strip() or None for key, text in row.items()})
    return rows


def blank_rows(form: FormData) -> int:
    """How many empty phone rows to show: more after “Add another”, which needs no script."""
    shown = sum(1 for text in form.getlist(PHONE_COLUMNS["number"]) if not str(text).strip())
    return min(shown + 3, 50) if "add_phone" in form else 1


def version_of(form: FormData) -> dict[str, int]:
    """The version that the form was opened with, as an input takes it; nothing without one."""
    text = str(form.get("version", ""))
    return {"version": int(text)} if text.isascii() and text.isdigit() and len(text) < 10 else {}


def instant_of(text: str, timezone: str) -> str | None:
    """A date and time as the reader writes it in their zone, in UTC; None where it is blank.

    What is neither becomes the year 1, which every field refuses in its own words.
    """
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        local = moment if moment.tzinfo else moment.replace(tzinfo=zone_of(timezone))
        return local.astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return "0001-01-01T00:00:00+00:00"


def written_instant(value: Moment | None, timezone: str) -> str:
    """An instant of the API as a `datetime-local` box holds it, in the reader's zone."""
    if value is None:
        return ""
    return f"{instant(value).astimezone(zone_of(timezone)):%Y-%m-%dT%H:%M}"
