# SPDX-License-Identifier: Apache-2.0
"""The languages that a form offers for a person, in the reader's words."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.localedata import locale_identifiers

Languages = tuple[tuple[str, str], ...]


@lru_cache(maxsize=8)
def languages(locale: str) -> Languages:
    """Pairs of tag and name, by name: those that there is data for, without their regions."""
    reader = Locale.parse(locale)
    tags = {name for name in locale_identifiers() if len(name) in (2, 3) and name.isalpha()}
    named = ((tag, reader.languages.get(tag)) for tag in tags)
    found = [(tag, name[:1].upper() + name[1:]) for tag, name in named if name]
    return tuple(sorted(found, key=lambda pair: pair[1].casefold()))


def language_name(tag: str, locale: str) -> str:
    """What the reader calls a language, such as “German (Austria)”; the tag where nobody knows."""
    try:
        name = Locale.parse(tag, sep="-").get_display_name(locale) if tag else ""
    except (ValueError, UnknownLocaleError):
        name = None
    return (name[:1].upper() + name[1:]) if name else tag


def languages_with(tag: str, locale: str) -> Languages:
    """Those offered and the one that is chosen, which may have a region."""
    found = languages(locale)
    if not tag or any(tag == known for known, _ in found):
        return found
    return ((tag, language_name(tag, locale)), *found)
