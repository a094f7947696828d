# SPDX-License-Identifier: Apache-2.0
"""Chip text stays legible on every colour a type may have (X-07)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.colors import contrast, ink_for, parse_color


@given(st.integers(min_value=0, max_value=0xFFFFFF))
def test_ink_on_any_color_has_a_contrast_of_at_least_4_5(number: int) -> None:
    color = f"#{number:06X}"
    assert contrast(color, ink_for(color)) >= 4.5


@pytest.mark.parametrize(
    ("color", "ink"),
    [
        ("#FFFFFF", "#000000"),
        ("#000000", "#FFFFFF"),
        ("#AABBCC", "#000000"),
        ("#FFCC00", "#000000"),
        ("#0B5394", "#FFFFFF"),
        ("#FF0000", "#000000"),
    ],
)
def test_ink_is_whichever_of_black_and_white_reads_better(color: str, ink: str) -> None:
    assert ink_for(color) == ink


def test_black_on_white_is_21_to_1() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("text", ["#aabbcc", "AABBCC", " #AABBCC ", "#abc", "abc"])
def test_every_way_to_write_a_color_reads_the_same(text: str) -> None:
    assert parse_color(text) == "#AABBCC"


@pytest.mark.parametrize("text", ["", "#12", "#ggg", "red", "#AABBCCDD", "#AABBCC;x"])
def test_what_is_not_a_color_is_refused(text: str) -> None:
    assert parse_color(text) is None
