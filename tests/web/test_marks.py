# SPDX-License-Identifier: Apache-2.0
"""The match of a search is marked in what is shown, however that is written (X-08)."""

import pytest

from web.formats import Reader
from web.marks import LONGEST, marked

ITALIAN = Reader(locale="it", region="IT")
BRITISH = Reader(locale="en", region="GB")


def span(start: int, end: int) -> dict[str, int]:
    return {"start": start, "end": end}


@pytest.mark.parametrize(
    ("reader", "value", "marks", "shown"),
    [
        (ITALIAN, "Ada Rossi", [span(4, 7)], "Ada <mark>Ros</mark>si"),
        (ITALIAN, "Ada Rossi", [span(0, 3), span(4, 9)], "<mark>Ada</mark> <mark>Rossi</mark>"),
        (ITALIAN, "<b> & Rossi", [span(0, 3)], "<mark>&lt;b&gt;</mark> &amp; Rossi"),
        (ITALIAN, "Rossi", [], "Rossi"),
        (ITALIAN, "", [], ""),
        # "06 1338 6124": the last digits, digits inside, and a beginning without the country code.
        (ITALIAN, "+390613386124", [span(9, 13)], "06 1338 <mark>6124</mark>"),
        (ITALIAN, "+390613386124", [span(4, 8)], "0<mark>6 133</mark>8 6124"),
        (ITALIAN, "+390613386124", [span(3, 5)], "<mark>06</mark> 1338 6124"),
        (ITALIAN, "+390613386124", [span(0, 3)], "06 1338 6124"),
        (ITALIAN, "+442079460958", [span(0, 4)], "<mark>+44 2</mark>0 7946 0958"),
        # At home the number is written with a zero that E.164 does not have.
        (BRITISH, "+442079460958", [span(3, 5)], "0<mark>20</mark> 7946 0958"),
    ],
)
def test_the_match_is_marked(
    reader: Reader, value: str, marks: list[dict[str, int]], shown: str
) -> None:
    assert marked(reader, value, marks) == shown


def test_a_long_text_is_cut_around_its_mark() -> None:
    text = "a" * 100 + " Rossi " + "b" * 100
    cut = marked(ITALIAN, text, [span(101, 106)])
    assert "<mark>Rossi</mark>" in cut
    assert cut.startswith("…a")
    assert cut.endswith("b…")
    assert len(cut) == LONGEST + len("<mark></mark>") + 2
    assert marked(ITALIAN, "c" * 100) == "c" * LONGEST + "…"
    assert marked(ITALIAN, "c" * 100, [span(95, 100)]).endswith("<mark>ccccc</mark>")
