# SPDX-License-Identifier: Apache-2.0
"""What counts as a name at all: something that can be seen (X-01, D8)."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import DomainError, ErrorCode
from server.domain.text import clean

FILLERS = "\u034f\u115f\u1160\u180b\u2800\u3164\ufe0f\uffa0\U000e0100"
UNSEEN = st.text(
    st.characters(
        categories=["Cc", "Cf", "Zl", "Zp", "Zs"],
        include_characters=FILLERS,
        exclude_characters="\0",
    ),
    max_size=40,
)


@given(UNSEEN)
def test_a_name_of_which_nothing_can_be_seen_is_none(name: str) -> None:
    with pytest.raises(DomainError) as refused:
        clean(name, "name", required=True)
    assert (refused.value.code, refused.value.field) == (ErrorCode.REQUIRED, "name")
    clean(name, "name")  # where a text may be blank it is no fault


@given(UNSEEN, st.characters(categories=["Lu", "Ll", "Nd", "So"], exclude_characters=FILLERS))
def test_one_character_that_can_be_seen_makes_a_name_and_nothing_is_taken_from_it(
    around: str, seen: str
) -> None:
    name = f"{around}{seen}{around}"
    assert clean(name, "name", required=True) == normalize("NFC", name).strip()


@pytest.mark.parametrize("name", ["علی\u200cرضا", "क्\u200dष", "👩\u200d🔬", "❤\ufe0f"])
def test_joiners_within_a_name_stay(name: str) -> None:
    assert clean(name, "name", required=True) == name
