# SPDX-License-Identifier: Apache-2.0
"""What changed in the contacts between the preview that was shown and the one of now."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.domain.permissions import Viewer
from server.i18n import N_, translate
from web.formats import phone_in
from web.pages.merging.shown import text_of
from web.site import Data

WORDS = {"tags": N_("Tag"), "lists": N_("List"), "entries": N_("Campaign")}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that is another now; an empty text: it was not there, or is not any more."""

    label: str
    whose: str
    before: str
    now: str


def kept(preview: Data) -> str:
    """What the page holds of a preview, to compare the next one with; JSON."""
    return json.dumps(
        {
            "fields": {
                one["field"]: [
                    one["label"],
                    one["type"],
                    {value["contactId"]: value["value"] for value in one["values"]},
                ]
                for one in preview["fields"]
            },
            "phones": {
                one["number"]: [one["itemTypeName"], one["description"], one["state"]]
                for one in preview["phones"]
            },
            "tags": [one["name"] for one in preview["tags"]],
            "lists": [one["name"] for one in preview["lists"]],
            "entries": [one["campaignName"] for one in preview["entries"]],
        },
        separators=(",", ":"),
    )


def changes(held: str, preview: Data, viewer: Viewer) -> list[Change]:
    """What the reader has not seen yet; nothing where `held` is no preview of ours."""
    try:
        before, now = json.loads(held), json.loads(kept(preview))
        return [
            *_fields(before["fields"], now["fields"], preview, viewer),
            *_phones(before["phones"], now["phones"], viewer),
            *(
                change
                for part, label in WORDS.items()
                for change in _words(before[part], now[part], translate(viewer.locale, label))
            ),
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _fields(
    before: Mapping[str, Any], now: Mapping[str, Any], preview: Data, viewer: Viewer
) -> list[Change]:
    names = {contact["id"]: contact["fullName"] for contact in preview["contacts"]}
    found = []
    for field in dict.fromkeys((*now, *before)):
        title, kind, _ = now.get(field) or before[field]
        was, has = (side.get(field, [title, kind, {}])[2] for side in (before, now))
        described = {"field": field, "type": kind}
        found += [
            Change(
                label=str(title),
                whose=str(names[key]),
                before=text_of(described, str(was[key]), viewer) if was.get(key) else "",
                now=text_of(described, str(has[key]), viewer) if has.get(key) else "",
            )
            for key in names
            if was.get(key) != has.get(key)
        ]
    return found


def _phones(before: Mapping[str, Any], now: Mapping[str, Any], viewer: Viewer) -> list[Change]:
    def told(side: Mapping[str, Any], number: str) -> str:
        if number not in side:
            return ""
        kind, description, _ = side[number]
        words = [phone_in(number, viewer.region), kind, description]
        return ", ".join(str(word) for word in words if word)

    title = translate(viewer.locale, N_("Number"))
    return [
        Change(label=title, whose="", before=told(before, number), now=told(now, number))
        for number in dict.fromkeys((*now, *before))
        if before.get(number) != now.get(number)
    ]


def _words(before: Sequence[str], now: Sequence[str], title: str) -> list[Change]:
    gone = [name for name in before if name not in now]
    new = [name for name in now if name not in before]
    return [
        *(Change(label=title, whose="", before=str(name), now="") for name in gone),
        *(Change(label=title, whose="", before="", now=str(name)) for name in new),
    ]
