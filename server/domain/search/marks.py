# SPDX-License-Identifier: Apache-2.0
"""Which characters of a value to mark, counted in the value as it is shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.domain.search.keys import PARTED, search_key


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters from `start` up to, and without, `end`; counted in Unicode characters."""

    start: int
    end: int


def marks_of_words(value: str, words: Iterable[str]) -> list[Mark]:
    """Where folded words stand in a value; each at the beginning of a word if it begins one."""
    folded, places = _folded(value)
    found = []
    for word in words:
        start = _place(folded, word)
        if start >= 0:
            found.append(Mark(places[start], places[start + len(word) - 1] + 1))
    return _joined(found)


def marks_of_digits(number: str, beginnings: Sequence[str], digits: str) -> list[Mark]:
    """Where a number has what was typed: at its front, at its end, or else inside."""
    for beginning in sorted(beginnings, key=len, reverse=True):
        if number.startswith(beginning):
            return [Mark(_typed_from(beginning, digits), len(beginning))]
    if not digits:
        return []
    start = len(number) - len(digits) if number.endswith(digits) else number.find(digits)
    return [] if start < 0 else [Mark(start, start + len(digits))]


def _typed_from(beginning: str, digits: str) -> int:
    """A country code that was not typed is not marked."""
    is_part = digits and beginning.endswith(digits) and digits != beginning[1:]
    return len(beginning) - len(digits) if is_part else 0


def _folded(value: str) -> tuple[str, list[int]]:
    """The folded text, and the place in `value` of each of its characters."""
    if value.isascii():  # almost all are, and then every character stays one
        return value.lower().translate(PARTED), list(range(len(value)))
    text: list[str] = []
    places: list[int] = []
    for place, character in enumerate(value):
        is_between = character.isspace() or ord(character) in PARTED
        letters = " " if is_between else search_key(character)
        text.extend(letters)
        places.extend([place] * len(letters))
    return "".join(text), places


def _place(folded: str, word: str) -> int:
    place = first = folded.find(word)
    while place > 0 and folded[place - 1].isalnum():
        place = folded.find(word, place + 1)
    return first if place < 0 else place


def _joined(marks: list[Mark]) -> list[Mark]:
    """In their order, those that touch or overlap as one."""
    joined: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: mark.start):
        if joined and mark.start <= joined[-1].end:
            joined[-1] = Mark(joined[-1].start, max(joined[-1].end, mark.end))
        else:
            joined.append(mark)
    return joined
