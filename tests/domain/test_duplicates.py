# SPDX-License-Identifier: Apache-2.0
"""Which names may be of one person, written as lists are sorted by them: last name first."""

import pytest

from server.domain.duplicates import alike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("rossi mario", "rossi mario"),
        ("rossi mario", "rossi m"),
        ("rossi m.", "rossi mario"),
        ("young alex", "young alexander"),
        ("rossi mario", "rosso mario"),
        ("rossi mario", "rossi mrio"),
        ("rossi mario", "rossi maario"),
        ("rossi mario", "rossi mraio"),  # two letters changed places
        ("schwarzenberg karl", "schwarzenburg carl"),
    ],
)
def test_names_that_are_alike(one: str, other: str) -> None:
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("", ""),
        ("rossi", "rossi m"),
        ("rossi mario", "rossi maria anna"),
        ("rossi mario", "russo dario"),
        ("rossi ma", "rossi mario"),  # too little of a first name to tell
        ("rossi mario", "rossi marta"),
        ("wu li", "wu bo"),
        ("li", "lu"),
        ("rossi mario", "bianchi mario"),
    ],
)
def test_names_that_are_not(one: str, other: str) -> None:
    assert not alike(one, other)
    assert not alike(other, one)
