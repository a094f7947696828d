# SPDX-License-Identifier: Apache-2.0
"""The audit: the nouns in its names, as objects of the API and in the reader's words."""

from typing import Any

from server.context import Context
from server.domain.permissions import Viewer
from server.i18n import event_label, event_names, event_subjects
from server.planner import global_id, parse_id
from server.services import events

# Which objects a noun means; two nouns may mean the same ones.
PREFIXES = {
    "account": "user",
    "blacklist": "blocked",
    "call": "attempt",
    "campaign": "campaign",
    "contact": "contact",
    "disposition": "disposition",
    "entry": "contact",
    "exchange": "exchange",
    "field": "field",
    "filter": "filter",
    "item_type": "type",
    "list": "list",
    "process": "process",
    "profile": "profile",
    "session": "session",
    "tag": "tag",
    "task": "task",
    "token": "token",
    "user": "user",
}


def label(locale: str, name: str) -> str:
    return event_label(locale, name)


def about(_: str, name: str, subject_id: int | None) -> str | None:
    prefix = PREFIXES.get(name.partition(".")[0])
    return None if prefix is None or subject_id is None else global_id(prefix, subject_id)


def being_about(value: str, viewer: Viewer) -> events.Condition:
    parsed = parse_id(value)
    if parsed is None:
        return events.of_subjects([])
    entity, key = parsed
    nouns = [noun for noun, prefix in PREFIXES.items() if prefix == entity.prefix]
    return events.of_subjects(nouns, key)


def of_subject(value: str, viewer: Viewer) -> events.Condition:
    return events.of_subjects([value])


async def subjects(context: Context) -> list[dict[str, Any]]:
    locale = context.locale
    return [
        {
            "name": subject,
            "label": words,
            "kinds": [
                {"name": name, "label": event_label(locale, name)} for name in event_names(subject)
            ],
        }
        for subject, words in event_subjects(locale)
    ]
