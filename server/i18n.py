# SPDX-License-Identifier: Apache-2.0
"""Languages: which there are, which one a reader gets, and the words in it.

A language is a folder of `locale/` with a catalog; its name below puts it on the language menu.
"""

import gettext
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from server.domain.campaigns.checker import Finding
from server.domain.errors import DomainError, ErrorCode
from server.domain.live import LiveAlert
from server.domain.permissions import Permission
from server.domain.telephony import Finding as ExchangeFinding
from server.event_labels import EVENTS, SUBJECTS
from server.exchange_messages import EXCHANGE_FAULTS
from server.finding_messages import ALERTS, FINDINGS
from server.labels import LABELS, PERMISSION_GROUPS, PERMISSION_SUBJECTS, PERMISSION_VERBS
from server.messages import N_ as N_
from server.messages import NP_ as NP_
from server.messages import REFUSALS

CATALOGS = Path(__file__).parent.parent / "locale"
DEFAULT_LOCALE = "en"
LANGUAGES = {"en": "English", "it": "Italiano"}  # in their own words, in the menu's order
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def supported(locale: str | None) -> bool:
    return locale in LANGUAGES


@lru_cache(maxsize=16)
def catalog(locale: str) -> gettext.NullTranslations:
    """The language's messages; an unknown language speaks English."""
    folder = CATALOGS / locale / "LC_MESSAGES"
    text, binary = folder / "messages.po", folder / "messages.mo"
    if locale not in LANGUAGES or not (text.exists() or binary.exists()):
        return gettext.NullTranslations()
    # A checkout may be ahead of the last build: the compiled catalog counts only while it is newer.
    stale = text.exists() and (
        not binary.exists() or binary.stat().st_mtime_ns < text.stat().st_mtime_ns
    )
    if not stale:
        with binary.open("rb") as compiled:
            return gettext.GNUTranslations(compiled)
    buffer = io.BytesIO()
    with text.open("rb") as source:
        write_mo(buffer, read_po(source, locale=locale))
    buffer.seek(0)
    return gettext.GNUTranslations(buffer)


def translate(locale: str, msgid: str, **params: object) -> str:
    """`msgid` in the language, its `%(name)s` placeholders filled from `params`."""
    text = catalog(locale).gettext(msgid) if msgid else ""
    return text % params if params else text


def translate_plural(locale: str, one: str, many: str, num: int, **params: object) -> str:
    """The form of the message for `num` things; `%(num)s` is filled with the number."""
    return catalog(locale).ngettext(one, many, num) % {"num": num, **params}


def in_context(locale: str, context: str, msgid: str) -> str:
    return catalog(locale).pgettext(context, msgid)


def group_label(locale: str, group: str) -> str:
    """A group of the permission tree, as the navigation calls it."""
    return translate(locale, PERMISSION_GROUPS[group])


def subject_label(locale: str, subject: str) -> str:
    return translate(locale, PERMISSION_SUBJECTS[subject])


def verb_label(locale: str, verb: str) -> str:
    return in_context(locale, "Permission", PERMISSION_VERBS[verb])


def event_label(locale: str, name: str) -> str:
    """What an event of the audit is called; a name without words stands for itself."""
    return in_context(locale, "Event", EVENTS[name]) if name in EVENTS else name


def event_subjects(locale: str) -> list[tuple[str, str]]:
    """The nouns in event names, with what the reader calls them."""
    return [(name, in_context(locale, "Event", msgid)) for name, msgid in SUBJECTS.items()]


def event_names(subject: str) -> list[str]:
    return [name for name in EVENTS if name.partition(".")[0] == subject]


def label(locale: str, member: StrEnum) -> str:
    """An enum member as the reader calls it, for chips, menus and `…Label` fields."""
    if isinstance(member, Permission):
        return f"{subject_label(locale, member.subject)}: {verb_label(locale, member.verb)}"
    kind = type(member)
    return in_context(locale, kind.__name__, LABELS[kind][member])


def shown_value(locale: str, value: object) -> object:
    """A member of an enum by its label, a moment in UTC, anything else as it is."""
    if isinstance(value, datetime):
        return format_datetime(value, "d MMM y, HH:mm 'UTC'", tzinfo=UTC, locale=locale)
    if isinstance(value, StrEnum) and (isinstance(value, Permission) or type(value) in LABELS):
        return label(locale, value)
    return value


def refusal_text(locale: str, code: ErrorCode, params: Mapping[str, object]) -> str:
    """What is wrong and the cure, with as much detail as `params` can fill."""
    return _filled(locale, REFUSALS[code], params)


def finding_text(locale: str, finding: Finding) -> str:
    """What the policy checker says, for beside the field that it names."""
    return _filled(locale, FINDINGS[finding.code], finding.params)


def exchange_fault_text(locale: str, finding: ExchangeFinding) -> str:
    """What is wrong with the connection to an exchange, and the cure."""
    return _filled(locale, (EXCHANGE_FAULTS[finding.fault],), finding.params)


def alert_text(locale: str, alert: LiveAlert) -> str:
    """Why a person has to look."""
    return translate(locale, ALERTS[alert])


def _filled(locale: str, templates: tuple[str, ...], params: Mapping[str, object]) -> str:
    """The first of the templates, richest first, that `params` can fill."""
    for template in templates:
        if all(name in params for name in PLACEHOLDER.findall(template)):
            break
    shown = {name: shown_value(locale, value) for name, value in params.items()}
    return translate(locale, template) % shown


def refusal_message(locale: str, error: DomainError) -> str:
    """The sentence of `userErrors.message` for a refusal."""
    return refusal_text(locale, error.code, error.params)


def negotiate(accept_language: str | None, default: str = DEFAULT_LOCALE) -> str:
    """The best language we have for an `Accept-Language` header."""
    wishes: list[tuple[float, str]] = []
    for part in (accept_language or "").split(",")[:20]:
        tag, _, rest = part.strip().partition(";")
        weight = re.fullmatch(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", rest) if rest else None
        quality = 1.0 if not rest else float(weight[1]) if weight else 0.0
        language = tag.replace("_", "-").partition("-")[0].lower()
        if quality > 0 and language in LANGUAGES:
            wishes.append((quality, language))
    # `max` keeps the first of equals, which is the reader's own order.
    return max(wishes, key=lambda wish: wish[0])[1] if wishes else default
