# SPDX-License-Identifier: Apache-2.0
"""Marking what a search has found in a value, also where a number is written in another form."""

import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from web.formats import Reader, phone_in

BEFORE = 24  # characters that stand before the first mark of a long text
LONGEST = 72
NUMBER = re.compile(r"\+\d{6,15}")

Marks = Sequence[Mapping[str, int]]


def marked(reader: Reader, value: str, marks: Marks = ()) -> Markup:
    """The value with its marks; a number in E.164 as the reader writes it, a long text cut."""
    spans = [(one["start"], one["end"]) for one in marks]
    if NUMBER.fullmatch(value):
        shown = phone_in(value, reader.region)
        spans, value = [_moved(value, shown, *span) for span in spans], shown
    start = 0
    if len(value) > LONGEST:
        start = max(min(spans[0][0] - BEFORE, len(value) - LONGEST), 0) if spans else 0
    end = min(start + LONGEST, len(value))
    parts = [Markup("…") if start else Markup()]
    for left, right in spans:
        left, right = max(left, start), min(right, end)
        if left < right:
            parts += [escape(value[start:left]), Markup("<mark>"), escape(value[left:right])]
            parts.append(Markup("</mark>"))
            start = right
    parts += [escape(value[start:end]), Markup("…") if end < len(value) else Markup()]
    return Markup().join(parts)


def _moved(value: str, shown: str, start: int, end: int) -> tuple[int, int]:
    """The marked digits where they stand in the written form: the last digits are the same."""
    places = [place for place, character in enumerate(shown) if character.isdigit()]
    first, last = len(value) - start, len(value) - end  # digits up to the end
    kept = places[max(len(places) - first, 0) : len(places) - last]
    if not kept:
        return (0, 0)
    with_plus = start == 0 and shown[: kept[0]] == "+"
    return (0 if with_plus else kept[0], kept[-1] + 1)
