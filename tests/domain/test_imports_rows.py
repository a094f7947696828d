# SPDX-License-Identifier: Apache-2.0
"""Rows as contacts or as refusals (X-20c, X-21, C-53, D6, D8)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from server.domain.errors import ErrorCode
from server.domain.imports import (
    Batch,
    ColumnMapping,
    ImportField,
    Record,
    RowReader,
    column_names,
    find_columns,
    guess_mapping,
    safe_cell,
)
from server.domain.text import sort_key

HEADER = [
    "First name",
    "Last name",
    "Phone",
    "E-mail",
    "Priority",
    "Scheduled at",
    "Office",
    "Home",
]
OFFICE, HOME = 7, 9
ROME = timezone(timedelta(hours=1))


def normalize(texts: list[str]) -> list[str | None]:
    return [f"+39{text}" if text.isdecimal() else None for text in texts]


def read(
    *rows: list[str], header: list[str] | None = None, mapping: ColumnMapping | None = None
) -> Batch:
    columns = column_names(Record(line=1, cells=header or HEADER, size=9), has_header=True)
    mapping = mapping or guess_mapping(columns, {OFFICE: "Office", HOME: "Home"})
    reader = RowReader(
        layout=find_columns(mapping, columns, has_header=True),
        # The home number is called before the office.
        dial_order=[key for key in (HOME, OFFICE) if key in mapping.item_types],
        zone=ROME,
        normalize=normalize,
        name_keys=lambda first, last: (sort_key(last, first), sort_key(first, last)),
    )
    records = [Record(line=line, cells=list(row), size=9) for line, row in enumerate(rows, 2)]
    return reader.read(records)


def refusal(*row: str, header: list[str] | None = None) -> tuple[ErrorCode, str]:
    batch = read(list(row), header=header)
    assert batch.rows == []
    (rejection,) = batch.rejections
    assert (rejection.line, rejection.original) == (2, list(row))
    return rejection.code, rejection.column


def test_each_typed_column_gives_one_phone_and_an_empty_cell_none() -> None:
    batch = read(
        ["Mario", "Rossi", "061", "M@Example.org", "1", "", "062", "063"],
        ["Anna", "", "", "", "", "", "064"],
    )
    mario, anna = batch.rows
    assert (mario.phone, mario.extras) == ("+39061", [(OFFICE, "+39062"), (HOME, "+39063")])
    assert (mario.email, mario.priority) == ("m@example.org", 1)
    assert (mario.name_key, mario.given_key) == ("rossi mario", "mario rossi")
    assert (anna.phone, anna.extras, anna.priority) == (None, [(OFFICE, "+39064")], 2)


@pytest.mark.parametrize("written", ['="0612"', "'0612", "0612", " 0612 ", "'=0612"])
def test_leading_zeros_live_through_spreadsheets(written: str) -> None:
    phones = [row.phone for row in read(["A", "", written]).rows]
    assert phones == ([] if written == "'=0612" else ["+390612"])


def test_a_number_that_lost_digits_in_a_spreadsheet_is_refused_and_one_that_did_not_is_read() -> (
    None
):
    assert refusal("A", "", "3.9E+11") == (ErrorCode.NUMBER_ROUNDED, "Phone")
    assert refusal("A", "", "", "", "", "", "3,9e11") == (ErrorCode.NUMBER_ROUNDED, "Office")
    assert read(["A", "", "390612345678.0"]).rows[0].phone == "+39390612345678"


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (["", "Rossi", "061"], ErrorCode.REQUIRED, "First name"),
        (["A\x00", "", "061"], ErrorCode.INVALID_CHARACTER, "First name"),
        (["A", "B" * 201], ErrorCode.TOO_LONG, "Last name"),
        (["A", "", "none"], ErrorCode.INVALID_NUMBER, "Phone"),
        (["A", "", "1" * 101], ErrorCode.TOO_LONG, "Phone"),
        (["A", "", "", "not an address"], ErrorCode.INVALID, "E-mail"),
        (["A", "", "", "", "4"], ErrorCode.OUT_OF_RANGE, "Priority"),
        (["A", "", "", "", "high"], ErrorCode.INVALID, "Priority"),
        (["A", "", "", "", "", "tomorrow"], ErrorCode.INVALID, "Scheduled at"),
        (["A", "", "", "", "", "", "x"], ErrorCode.INVALID_NUMBER, "Office"),
        (["A", "", "", "", "", "", "", "", "more"], ErrorCode.EXTRA_CELLS, ""),
    ],
)
def test_a_refused_row_names_its_column_and_keeps_its_cells(
    row: list[str], code: ErrorCode, column: str
) -> None:  # C-53
    batch = read(row)
    assert batch.rows == []
    assert [(r.line, r.column, r.code) for r in batch.rejections] == [(2, column, code)]


def test_what_text_cannot_hold_is_kept_as_far_as_it_can_be() -> None:
    (rejection,) = read(["A\x00b\udcff", "", "x" * 5000]).rejections
    assert rejection.original == ["A\ufffdb?", "", "x" * 1000]


def test_good_rows_around_a_refused_one_are_taken() -> None:
    batch = read(["A", "", "1"], ["", "", "2"], ["C", "", "3"])
    assert [row.first_name for row in batch.rows] == ["A", "C"]
    assert [rejection.line for rejection in batch.rejections] == [3]


def test_a_number_twice_in_a_row_is_kept_where_it_is_dialed_first() -> None:  # X-20c
    batch = read(
        ["A", "", "061", "", "", "", "061", "062"],  # the office is the primary
        ["B", "", "061", "", "", "", "063", "063"],  # the office is the home, called first
    )
    assert [(row.phone, row.extras) for row in batch.rows] == [
        ("+39061", [(HOME, "+39062")]),
        ("+39061", [(HOME, "+39063")]),
    ]
    assert batch.repeated == [2, 3]


def test_a_name_in_one_cell_is_split_at_its_last_blank() -> None:
    header = ["Nominativo"]
    batch = read(["Mario De Rossi"], ["Madonna"], ["  Anna   Nowak "], header=header)
    assert [(row.first_name, row.last_name) for row in batch.rows] == [
        ("Mario De", "Rossi"),
        ("Madonna", ""),
        ("Anna", "Nowak"),
    ]
    assert refusal(" ", "", header=["Nominativo", "x"])[0] is ErrorCode.REQUIRED


def test_a_time_without_a_zone_is_the_centres() -> None:
    batch = read(
        ["A", "", "", "", "", "2027-01-31T09:00"],
        ["B", "", "", "", "", "2027-01-31T09:00+00:00"],
        ["C", "", "", "", "", "2027-01-31"],
    )
    assert [row.scheduled_at for row in batch.rows] == [
        datetime(2027, 1, 31, 8, tzinfo=UTC),
        datetime(2027, 1, 31, 9, tzinfo=UTC),
        datetime(2027, 1, 30, 23, tzinfo=UTC),
    ]


def test_text_is_composed_and_unknown_columns_are_passed_over() -> None:
    batch = read(
        ["Nicolo\u0300", "1", "true"],
        header=["nome", "tenant_id", "is_admin"],
    )
    assert batch.rows[0].first_name == "Nicolò"


@pytest.mark.parametrize("cell", ["=1+1", "+39 06", "-1", "@x", "\tx", "\rx", "\x00x", "＝x"])
def test_no_cell_leaves_as_a_formula_and_all_come_back(cell: str) -> None:  # D7
    assert safe_cell(cell) == f"'{cell}"
    if "\x00" not in cell:
        columns = ("name",)
        batch = read([safe_cell(cell)], header=list(columns), mapping=_named())
        row = batch.rows[0]
        assert f"{row.first_name} {row.last_name}".strip() == cell.strip()


def _named() -> ColumnMapping:
    return ColumnMapping(fields={ImportField.NAME: "name"}, item_types={})


@pytest.mark.parametrize("cell", ["+390612345678", "Rossi", "0612", "'t Hooft", ""])
def test_numbers_and_plain_text_leave_as_they_are(cell: str) -> None:
    assert safe_cell(cell) == cell


UNSEEN = "\u202e\u200f"


@pytest.mark.parametrize("column", ["first name", "name"])
def test_a_row_with_nothing_to_see_in_its_name_is_refused(column: str) -> None:  # X-21, D8
    assert refusal(UNSEEN, header=[column]) == (ErrorCode.REQUIRED, column)
    assert refusal(f"{UNSEEN} {UNSEEN}", header=[column]) == (ErrorCode.REQUIRED, column)


@pytest.mark.parametrize("name", [f"{UNSEEN} Rossi", f"Ada {UNSEEN}"])
def test_a_name_in_one_column_is_not_split_off_from_what_cannot_be_seen(name: str) -> None:
    (row,) = read([name], header=["name"], mapping=_named()).rows
    assert (row.first_name, row.last_name) == (name, "")
