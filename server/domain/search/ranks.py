# SPDX-License-Identifier: Apache-2.0
"""How well something matches: the whole, its beginning, a word's beginning, inside, or alike."""

from collections.abc import Sequence
from enum import IntEnum


class Rank(IntEnum):
    """Lower stands higher."""

    WHOLE = 1
    BEGINNING = 2  # or the last digits of a number
    WORD = 3  # every word typed begins a word
    INSIDE = 4
    SIMILAR = 5  # by a typing error, or by "ue" for "ü"


def rank_of_text(folded: str, words: Sequence[str], *wholes: str) -> Rank | None:
    """The rank of the words in a folded text, in any order; None where one of them is missing.

    `wholes` are further texts that count as the whole one, such as the last name alone.
    """
    phrase = " ".join(words)
    if not words or not all(word in folded for word in words):
        return None
    if phrase in (folded, *wholes):
        return Rank.WHOLE
    if any(whole.startswith(phrase) for whole in (folded, *wholes)):
        return Rank.BEGINNING
    if all(begins_word(folded, word) for word in words):
        return Rank.WORD
    return Rank.INSIDE


def begins_word(folded: str, word: str) -> bool:
    """Whether the word stands at the start or after anything that is no letter or digit."""
    place = folded.find(word)
    while place > 0 and folded[place - 1].isalnum():
        place = folded.find(word, place + 1)
    return place >= 0


def rank_of_number(number: str, beginnings: Sequence[str], digits: str) -> Rank | None:
    """The rank of an E.164 number: one of the `beginnings`, or some of its `digits`."""
    if number in beginnings:
        return Rank.WHOLE
    if number.startswith(tuple(beginnings)):
        return Rank.BEGINNING
    if not digits or digits not in number:
        return None
    return Rank.BEGINNING if number.endswith(digits) else Rank.INSIDE
