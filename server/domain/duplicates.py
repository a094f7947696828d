# SPDX-License-Identifier: Apache-2.0
"""Contacts that may be one person: why they are shown together, and which names are alike."""

from enum import StrEnum


class DuplicateKind(StrEnum):
    """What contacts of a group have in common."""

    NUMBER = "NUMBER"  # a phone number, primary or additional
    EMAIL = "EMAIL"  # an e-mail address
    NAME = "NAME"  # a company, and names that are alike


_SHORTEST_PREFIX = 3  # letters of a first name that a longer one begins with: Alex, Alexander
_ONE_TYPO, _TWO_TYPOS = 5, 12  # letters from which on so many slips are forgiven


def alike(one: str, other: str) -> bool:
    """Whether two folded names, "last first", may be of one person.

    The same words, an initial or the beginning of the first name, a slip or two of the fingers.
    """
    if one == other:
        return bool(one)
    return _abbreviates(one, other) or _mistyped(one, other)


def _abbreviates(one: str, other: str) -> bool:
    """`rossi m`, `rossi m.` and `rossi mar` beside `rossi mario`; never a last name alone."""
    shorter, longer = sorted((one, other), key=len)
    *last, first = shorter.rstrip(".").split(" ")
    *other_last, other_first = longer.split(" ")
    if not last or last != other_last or not other_first.startswith(first):
        return False
    return len(first) == 1 or len(first) >= _SHORTEST_PREFIX


def _mistyped(one: str, other: str) -> bool:
    """Letters added, missing, changed, or two that changed places."""
    longest = max(len(one), len(other))
    most = 2 if longest >= _TWO_TYPOS else 1 if longest >= _ONE_TYPO else 0
    if not most or abs(len(one) - len(other)) > most:
        return False
    if len(set(one) ^ set(other)) > 2 * most:  # each slip brings or takes two letters at the most
        return False
    start = _shared(one, other)
    one, other = one[start:], other[start:]
    end = _shared(one[::-1], other[::-1])
    return _distance(one[: len(one) - end], other[: len(other) - end], most) <= most


def _shared(one: str, other: str) -> int:
    """How many letters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _distance(one: str, other: str, most: int) -> int:
    """How many slips turn the one into the other; more than `most` is not counted out."""
    if min(len(one), len(other)) == 0:
        return max(len(one), len(other))
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        previous, before, row = before, row, [place]
        for at, wanted in enumerate(other, 1):
            cost = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (letter != wanted))
            swapped = at > 1 and place > 1 and letter == other[at - 2] and one[place - 2] == wanted
            row.append(min(cost, previous[at - 2] + 1) if swapped else cost)
        if min(row) > most:
            return most + 1
    return row[-1]
