# SPDX-License-Identifier: Apache-2.0
"""Values of master data fields: what a text means, and that it comes back the same (C-22)."""

import math
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import DomainError, ErrorCode
from server.domain.fields import (
    SORT_COLUMNS,
    TEXTUAL,
    Change,
    Field,
    FieldScope,
    FieldType,
    Reading,
    Value,
    change_of,
    changed_path,
    check_definition,
    read,
    split_values,
    written,
)
from server.domain.refusals import Refusals

READING = Reading(phone=lambda text: text if text.startswith("+") else None)
ROME = Reading(phone=READING.phone, zone=timezone(timedelta(hours=1)))
CHOICES = ("Gold", "Silver", "Très bon")


def field(kind: FieldType, **given: object) -> Field:
    choices = CHOICES if kind is FieldType.CHOICE else ()
    given = {"name": "f", "display_name": "Field", "type": kind, "valid_values": choices} | given
    return Field(**given)  # type: ignore[arg-type]


def read_or_refusal(asked: Field, text: str) -> tuple[Value | None, DomainError | None]:
    try:
        return read(asked, text, "value", READING), None
    except DomainError as refusal:
        return None, refusal


TEXTS = {
    FieldType.TEXT: st.text(max_size=300),
    FieldType.NUMBER: st.floats(allow_nan=False, allow_infinity=False).map(lambda n: f"{n:.10g}"),
    FieldType.DATE: st.dates(date(1000, 1, 1), date(9998, 12, 31)).map(date.isoformat),
    FieldType.DATETIME: st.datetimes(
        datetime(1000, 1, 2),  # noqa: DTZ001 # the zone is drawn apart
        datetime(9998, 12, 30),  # noqa: DTZ001
        timezones=st.just(UTC),
    ).map(datetime.isoformat),
    FieldType.CHOICE: st.sampled_from([*CHOICES, "GOLD", " silver ", "très  BON"]),
    FieldType.BOOLEAN: st.sampled_from(["true", "No", "sì", "0", "nie", "是"]),
    FieldType.EMAIL: st.just("Ada.B+c@Example.com"),
    FieldType.PHONE: st.just("+390612345000"),
    FieldType.LINK: st.sampled_from(["https://x.it", "http://x.it:80/a?b=C#d", "https://è.it/ü"]),
}


@given(st.data(), st.sampled_from(list(FieldType)), st.booleans())
def test_what_is_written_reads_as_the_same_value(
    data: st.DataObject, kind: FieldType, unique: bool
) -> None:
    asked = field(kind, is_unique=unique and kind is not FieldType.BOOLEAN)
    text = data.draw(TEXTS[kind])
    value, refusal = read_or_refusal(asked, text)
    if refusal is not None:
        assert (refusal.field, refusal.params["label"]) == ("value", "Field")
        return
    if value is None:
        assert not text.strip()
        return
    assert read(asked, written(kind, value), "value", READING) == value
    column = {
        "text_key": value.text_key,
        "number_value": value.number,
        "date_value": value.day,
        "instant_value": value.instant,
        "boolean_value": value.truth,
    }
    # The one that its type sorts by is set, and no other.
    assert [name for name, one in column.items() if one is not None] == [SORT_COLUMNS[kind]]
    assert (value.text is not None) is (kind in TEXTUAL)
    assert (value.unique_key is not None) is asked.is_unique
    assert len((value.unique_key or "").encode()) < 2000  # what an index row holds


@given(st.text(max_size=60), st.sampled_from(list(FieldType)))
def test_no_text_does_anything_but_be_read_or_refused(text: str, kind: FieldType) -> None:
    value, refusal = read_or_refusal(field(kind), text)
    assert refusal is None or refusal.field == "value"
    number = None if value is None else value.number
    assert number is None or math.isfinite(number)


def test_a_time_without_a_zone_needs_one_to_be_read_in() -> None:
    asked = field(FieldType.DATETIME)
    with pytest.raises(DomainError):
        read(asked, "2027-01-31 09:30", "value", READING)
    noon = datetime(2027, 1, 31, 8, 30, tzinfo=UTC)
    assert read(asked, "2027-01-31 09:30", "value", ROME) == Value(instant=noon)


def test_a_choice_is_stored_as_it_is_spelled_and_a_refusal_names_the_choices() -> None:
    asked = field(FieldType.CHOICE)
    found = read(asked, "TRÈS bon", "value", READING)
    assert found is not None
    assert (found.text, found.text_key) == ("Très bon", "tres bon")
    with pytest.raises(DomainError) as refused:
        read(asked, "Tin", "value", READING)
    assert refused.value.code is ErrorCode.INVALID
    assert refused.value.params["expected"] == "Gold; Silver; Très bon"


def test_the_size_counts_characters() -> None:
    asked = field(FieldType.TEXT, size=3)
    assert read(asked, " äöü\r\n", "value", READING) == Value(text="äöü", text_key="aou")
    with pytest.raises(DomainError) as refused:
        read(asked, "abcd", "value", READING)
    assert (refused.value.code, refused.value.params["max"]) == (ErrorCode.TOO_LONG, 3)


def test_valid_values_are_parted_by_semicolons() -> None:  # C-22
    refusals = Refusals()
    assert split_values(["Gold; Silver", " ", "Bronze;"], refusals) == ("Gold", "Silver", "Bronze")
    assert refusals.errors == []
    assert len(split_values([";".join(map(str, range(501)))], refusals)) == 501
    assert [error.code for error in refusals.errors] == [ErrorCode.OUT_OF_RANGE]


@pytest.mark.parametrize(
    ("old", "new", "change", "path"),
    [
        ({}, {"display_name": "Other", "is_required": True}, Change.NONE, None),
        ({}, {"scope": FieldScope.RECORD}, Change.EMPTY_ONLY, "scope"),
        ({}, {"type": FieldType.NUMBER}, Change.REWRITE, "type"),
        ({"size": 5}, {"size": 9}, Change.NONE, None),
        ({"size": 5}, {"size": None}, Change.NONE, None),
        ({"size": None}, {"size": 4000}, Change.NONE, None),
        ({"size": None}, {"size": 3999}, Change.REWRITE, "size"),
        ({"size": 9}, {"size": 5}, Change.REWRITE, "size"),
        ({"is_unique": True}, {"is_unique": False}, Change.REWRITE, "isUnique"),
        (
            {"type": FieldType.CHOICE, "valid_values": ("a", "b")},
            {"type": FieldType.CHOICE, "valid_values": ("b", "a", "c")},
            Change.NONE,
            None,
        ),
        (
            {"type": FieldType.CHOICE, "valid_values": ("a", "b")},
            {"type": FieldType.CHOICE, "valid_values": ("A", "b")},
            Change.REWRITE,
            "validValues",
        ),
    ],
)
def test_what_a_change_asks_of_the_values(
    old: dict[str, object], new: dict[str, object], change: Change, path: str | None
) -> None:
    before, after = field(FieldType.TEXT, **old), field(FieldType.TEXT, **old | new)
    assert change_of(before, after) is change
    if path:
        assert changed_path(before, after) == path


def test_a_definition_says_all_that_does_not_go_together_at_once() -> None:
    refusals = Refusals()
    wrong = field(FieldType.BOOLEAN, valid_values=("a",), size=3, is_unique=True)
    check_definition(wrong, refusals, is_multi_line=True, is_searchable=True)
    assert sorted(str(error.field) for error in refusals.errors) == [
        *("isMultiLine", "isSearchable", "isUnique", "size", "validValues")
    ]
