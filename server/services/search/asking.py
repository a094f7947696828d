# SPDX-License-Identifier: Apache-2.0
"""What a typed text may mean: words, the beginning of a number, or some of its digits."""

import re
from dataclasses import dataclass, replace
from datetime import date

from server.domain.errors import DomainError
from server.domain.search import search_key, search_words
from server.domain.text import UNSEEN, clean, sort_key
from server.services.numbers import search_digits, search_prefixes

MOST_WORDS = 5
_SHORT = 5  # digits up to which, bare, the end of a number is meant rather than its beginning
_LONG = 6  # digits from which on there is no need to look for endings first: so few have them
_FIGURE = re.compile(r"-?[0-9]{1,15}([.,][0-9]{1,6})?")
# A number that was copied as a link, with what may come after it.
_LINK = re.compile(r"tel:([^;?]+)([;?].*)?", re.IGNORECASE)
_TRIGRAM = re.compile("[a-z0-9]{3}")
_DIGITS = re.compile("[0-9]{3,15}")
_ADDRESS = re.compile("[@._]")
_SHORTEST_HOST = 3


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A text read in every way, and the ways to look for it in their order.

    `phrase` is a sort key; `typed` are its search words, `words` what is looked for of them, those
    first that an index finds best. `host` is what follows an @, `address` a pattern for the whole
    e-mail address of who is found by words. `beginnings` are E.164; `digits` may stand anywhere in
    a number, "" where none is meant. `others` are words much like the typed ones: then `words` are
    regular expressions.
    """

    phrase: str
    typed: tuple[str, ...]
    words: tuple[str, ...]
    host: str = ""
    address: str = "%"
    beginnings: tuple[str, ...] = ()
    digits: str = ""
    figure: float | None = None
    day: date | None = None
    steps: tuple[str, ...]
    others: tuple[str, ...] = ()

    def arguments(self) -> list[object]:
        """Those of `rubrica_search_contacts` that come of the text."""
        return [
            list(self.steps),
            self.phrase,
            self.host,
            list(self.words) if self.others else [_escaped(word) for word in self.words],
            self.address,
            list(self.beginnings),
            self.digits,
            self.figure,
            self.day,
        ]


def read_text(text: str, region: str) -> Asked | None:
    """None where nothing is asked, or what nothing can hold."""
    try:
        cleaned = _linked(clean(text, "text").translate(UNSEEN).strip())
    except DomainError:
        return None
    phrase = sort_key(cleaned)
    typed = tuple(dict.fromkeys(search_words(search_key(cleaned))))[:MOST_WORDS]
    if not phrase or not typed:
        return None
    words = tuple(sorted(_sought(cleaned) or typed, key=_use, reverse=True))[:MOST_WORDS]
    beginnings = search_prefixes(cleaned, region) if _has_digit(cleaned) else ()
    if beginnings:
        digits = search_digits(cleaned, region)
        return Asked(
            phrase=phrase,
            typed=typed,
            words=words,
            beginnings=beginnings,
            digits=digits,
            figure=float(phrase.replace(",", ".")) if _FIGURE.fullmatch(phrase) else None,
            day=_day(phrase),
            steps=_number_steps(cleaned, words, digits),
        )
    host = _host(phrase)
    steps = ["begins", "value_begins", *(["host"] if host else [])]
    steps += ["value_inside"] if phrase.startswith("@") and host else _text_steps(words)
    numeric = next((word for word in words if _DIGITS.fullmatch(word)), "")
    if numeric and "inside" in steps and len(words) > 1:
        steps.append("both")  # somebody's name, and some digits of a number of theirs
    return Asked(
        phrase=phrase,
        typed=typed,
        words=words,
        host=host,
        address=_address(phrase),
        digits=numeric,
        day=_day(phrase),
        steps=tuple(steps),
    )


def read_abroad(asked: Asked) -> Asked | None:
    """The number of another country, typed as people there write it: None where it cannot be one.

    In Italy a leading zero is a part of the number; elsewhere it is dialed, and left out of E.164.
    """
    digits = asked.digits.lstrip("0") if asked.beginnings else ""
    if len(digits) < _LONG or digits == asked.digits:
        return None
    return replace(asked, beginnings=(), digits=digits, steps=("digits",))


def _linked(text: str) -> str:
    found = _LINK.fullmatch(text)
    return found[1].strip() if found else text


def _host(phrase: str) -> str:
    """What may follow the @ of an address: one word, unless it says what stands before."""
    before, _, after = phrase.rpartition("@")
    return "" if " " in phrase or before or len(after) < _SHORTEST_HOST else after


def _address(phrase: str) -> str:
    """Of the first word that has an @; else whatever."""
    word = next((word for word in phrase.split() if "@" in word), "")
    return f"%{_escaped(word)}%" if word else "%"


def _number_steps(text: str, words: tuple[str, ...], digits: str) -> tuple[str, ...]:
    """The number first; then what else may have such digits, if they stand together."""
    ending = ["ending"] if 1 < len(digits) < _LONG else []
    is_bare = text[0].isdigit() and digits == words[0] and len(digits) <= _SHORT
    steps = [*ending, "number"] if is_bare else ["number", *ending]
    if len(digits) > 2:
        steps.append("digits")
    steps += ["begins", "value_begins"]
    if len(words) == 1:
        steps += _text_steps(words)
    elif len(digits) > 2:
        steps.append("value_inside")  # a number in a field of the centre's own
    return tuple(steps)


def _text_steps(words: tuple[str, ...]) -> list[str]:
    """What an index of trigrams can help with; the first word is the one that it finds best."""
    if _TRIGRAM.search(words[0]):
        return ["words", "inside", "value_inside"]
    return ["words"] if _starts_plainly(words[0]) else []


def _sought(text: str) -> list[str]:
    """The parts of what looks like an address stand side by side; other words stand anywhere."""
    found: list[str] = []
    for word in search_key(text).split():
        before = word.partition("@")[0]  # what follows is no part of a contact's search key
        parts = search_words(before)
        found += [" ".join(parts)] if _ADDRESS.search(word) and parts else parts
    return list(dict.fromkeys(found))


def _use(word: str) -> tuple[bool, bool, int]:
    return _TRIGRAM.search(word) is not None, _starts_plainly(word), len(word)


def _starts_plainly(word: str) -> bool:
    return len(word) > 1 and word[:2].isascii() and word[:2].isalnum()


def _day(phrase: str) -> date | None:
    try:
        return date.fromisoformat(phrase)
    except ValueError:
        return None


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _escaped(word: str) -> str:
    """For LIKE, where three signs stand for something else."""
    return re.sub(r"([\\%_])", r"\\\1", word)
