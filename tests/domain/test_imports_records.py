# SPDX-License-Identifier: Apache-2.0
"""Records of CSV files, whose faults stay with the line that has them (C-53, D6)."""

import io
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import DomainError, ErrorCode
from server.domain.imports import csv_bytes, read_records, records, safe_cell
from server.domain.imports.records import Record


def read(text: str, separator: str = ",") -> list[Record]:
    return list(read_records(io.StringIO(text, newline=""), separator))


def cells(text: str, separator: str = ",") -> list[tuple[int, list[str]]]:
    return [(record.line, record.cells) for record in read(text, separator)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_ends_a_row(end: str) -> None:
    assert cells(end.join(["a,b", "1,2", "3,4"])) == [
        (1, ["a", "b"]),
        (2, ["1", "2"]),
        (3, ["3", "4"]),
    ]


def test_lines_are_counted_through_quoted_line_ends_and_blank_rows() -> None:
    assert cells('a,b\n"x\r\ny\nz",2\n\n,,\n \t,\n3,4') == [
        (1, ["a", "b"]),
        (2, ["x\r\ny\nz", "2"]),
        (8, ["3", "4"]),
    ]


def test_quotes_inside_and_careless_quotes_are_read() -> None:
    assert cells('"say ""hi""",1\n"Rossi" ,06\nMario "Red" Rossi,07\n') == [
        (1, ['say "hi"', "1"]),
        (2, ["Rossi ", "06"]),
        (3, ['Mario "Red" Rossi', "07"]),
    ]


def test_an_unclosed_quote_spoils_its_line_only() -> None:
    found = read('a,b\n1,"Acme\n2,x\n3,"Foo, jr"\n4,"z\n5,6')
    assert [(record.line, record.cells, record.fault) for record in found] == [
        (1, ["a", "b"], None),
        (2, ['1,"Acme'], ErrorCode.UNCLOSED_QUOTE),
        (3, ["2", "x"], None),
        (4, ["3", "Foo, jr"], None),
        (5, ['4,"z'], ErrorCode.UNCLOSED_QUOTE),
        (6, ["5", "6"], None),
    ]


def test_an_unclosed_quote_in_the_last_line_is_seen_without_a_line_end() -> None:
    assert read('1,"Acme')[0].fault is ErrorCode.UNCLOSED_QUOTE


@pytest.mark.parametrize("huge", ["9" * 10_000_000, '"' + "9\n" * 20_000 + "9" * 9_000_000 + '"'])
def test_a_field_of_10_mb_is_refused_and_the_next_row_read(huge: str) -> None:
    first, after = read(f"a,{huge}\nb,2\n")
    assert first.fault is ErrorCode.TOO_LONG
    assert len(first.cells[0]) <= 1000
    assert (after.line, after.cells) == (2 + huge.count("\n"), ["b", "2"])


def test_a_quote_that_swallows_a_hundred_thousand_lines_refuses_the_file_by_its_line() -> None:
    with pytest.raises(DomainError) as refused:
        read('a,b\n1,"x\n' + "2,3\n" * 150_000)
    assert refused.value.code is ErrorCode.UNCLOSED_QUOTE
    assert refused.value.params == {"line": 2}


def test_a_file_of_faulty_quotes_only_ends_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_MOST_READ_AGAIN", 2_000_000)
    began = perf_counter()
    with pytest.raises(DomainError) as refused:
        read('"a""\n' * 3 + ('x","a\n' * 90_000) + 'end"x')
    assert refused.value.code is ErrorCode.UNCLOSED_QUOTE
    assert perf_counter() - began < 5


def test_more_lines_than_a_file_of_contacts_has_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records, "MOST_LINES", 100)
    with pytest.raises(DomainError) as refused:
        read("\n" * 200)
    assert refused.value.code is ErrorCode.FILE_TOO_LARGE


@pytest.mark.parametrize(
    ("hint", "separator"), [("sep=;\r\n", ";"), ("sep=;\r\n", ","), ("SEP=\t\n", "\t")]
)
def test_a_spreadsheets_hint_at_its_separator_is_no_row(hint: str, separator: str) -> None:
    assert [line for line, _ in cells(f"{hint}a{separator}b\n", separator)] == [2]


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@given(st.lists(st.lists(TEXT, min_size=2, max_size=5), max_size=8))
def test_what_is_written_as_csv_is_read_back(rows: list[list[str]]) -> None:  # D7
    written = [[safe_cell(cell) for cell in row] for row in rows]
    kept = [row for row in written if any(cell.strip() for cell in row)]
    assert [cells for _, cells in cells_of(csv_bytes(rows))] == kept


def cells_of(content: bytes) -> list[tuple[int, list[str]]]:
    return cells(content.decode())
