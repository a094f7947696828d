# SPDX-License-Identifier: Apache-2.0
"""Values of a centre's own fields of which two who edit a contact want different ones.

A form sends those that it changed; what is stored, then and now, is held as texts by field and
campaign. The two are compared as the reader writes them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from server.domain.fields import FieldType
from server.domain.permissions import Viewer
from web.formats import Reader, moment, phone_in
from web.site import Data

VALUES = "values"


def stored_values(contact: Data) -> Data:
    """`field|campaign` → text, label and type of each value that a contact has."""
    rows = (*contact.get("values", ()), *contact.get("recordValues", ()))
    return {
        _key(row["field"]["id"], (row.get("campaign") or {}).get("id")): {
            "text": row["text"],
            "label": row["field"]["displayName"],
            "type": row["field"]["type"],
        }
        for row in rows
        if row["field"]
    }


def differing_values(
    yours: Data, theirs: Data, started: Data, viewer: Viewer
) -> Iterator[tuple[str, str, tuple[str, str], Data]]:
    """Name, label, both texts, and the one that the form began with, where that is known."""
    now, first = _held(theirs), _held(started)
    knows = isinstance(started.get(VALUES), Mapping)
    for place, given in enumerate(_given(yours)):
        key = _key(given["fieldId"], given.get("campaignId"))
        about = now.get(key) or first.get(key) or {"label": "–", "type": ""}
        kind = str(about.get("type"))
        texts = [
            _shown(kind, one, viewer) for one in (given.get("value"), now.get(key, {}).get("text"))
        ]
        began = {VALUES: _shown(kind, first.get(key, {}).get("text"), viewer)} if knows else {}
        yield _name(place), str(about.get("label")), (texts[0], texts[1]), began


def chosen_values(yours: Data, choices: Mapping[str, str]) -> list[Data]:
    """Those that are not to stay theirs."""
    given = enumerate(_given(yours))
    return [one for place, one in given if choices.get(_name(place)) != "theirs"]


def _name(place: int) -> str:
    return f"value.{place}"


def _key(field: object, campaign: object) -> str:
    return f"{field}|{campaign or ''}"


def _held(contact: Data) -> dict[str, Data]:
    """What a browser has held may be anything."""
    found = contact.get(VALUES)
    rows = found.items() if isinstance(found, Mapping) else ()
    return {key: row for key, row in rows if isinstance(row, dict)}


def _given(yours: Data) -> list[Data]:
    found = yours.get(VALUES)
    rows = found if isinstance(found, list) else []
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("fieldId"), str)]


def _shown(kind: str, text: Any, viewer: Viewer) -> str:
    told = str(text or "").strip()
    if kind == FieldType.PHONE and told:
        return phone_in(told, viewer.region)
    if kind == FieldType.DATETIME and told:
        reader = Reader(locale=viewer.locale, timezone=viewer.timezone, region=viewer.region)
        try:
            return moment(reader, told)
        except (ValueError, OverflowError):
            return told
    return told
