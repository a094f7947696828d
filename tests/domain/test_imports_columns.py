# SPDX-License-Identifier: Apache-2.0
"""Columns, their guesses and their mapping (X-21, X-22)."""

import pytest

from server.domain.errors import DomainError, ErrorCode, RefusalsError
from server.domain.imports import (
    ColumnMapping,
    ImportField,
    ImportWarning,
    Preview,
    Record,
    column_names,
    find_columns,
    guess_header,
    guess_mapping,
    guess_separator,
    preview_text,
)

TYPES = {7: "Office", 9: "Casa vacanze"}


def names(*cells: str) -> tuple[str, ...]:
    return column_names(Record(line=1, cells=list(cells), size=9), has_header=True)


def look(text: str, separator: str | None = None, has_header: bool | None = None) -> Preview:
    return preview_text(
        text,
        encoding="utf-8",
        is_guessed=False,
        is_whole=True,
        separator=separator,
        has_header=has_header,
        item_types=TYPES,
    )


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("nome,telefono\nMario,06 123\n", ","),
        ("nome;telefono;note\nMario;06;a, b, c\nAnna;07;\n", ";"),
        ("nome\ttelefono\nMario Rossi\t06 123 456\n", "\t"),
        ("nome|telefono\nMario|06\n", "|"),
        ("nome:telefono\nMario:06\nAnna:07\n", ":"),
        ("nome telefono\nMario 06\n", " "),
        ('name,phone\n"Rossi; Mario",06\n"Verdi; Anna",07\n', ","),
        ("Mario Rossi,12:30\nAnna Verdi,14:45\n", ","),
        ("telefono\n0612345678\n", ","),
        ("sep=|\nnome|a,b\n", "|"),
        ("a;1,5\nb;2,5\n", ";"),
    ],
)
def test_the_separator_is_the_one_that_splits_the_rows_evenly(text: str, separator: str) -> None:
    assert guess_separator(text) == separator


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["Nome", "Telefono"], ["Mario", "0612345678"]], True),
        ([["Mario", "0612345678"], ["Anna", "0612345679"]], False),
        ([["Mario", "mario@example.org"], ["Anna", "anna@example.org"]], False),
        ([["A", "B"], ["Mario", "0612345678"]], True),
        ([["Mario", "Rossi"], ["Anna", "Bianchi"]], False),
        ([["imię", "nazwisko"], ["Anna", "Nowak"]], True),
        ([["Telefon"]], True),
        ([], False),
    ],
)
def test_a_first_row_without_numbers_is_a_header(rows: list[list[str]], expected: bool) -> None:
    assert guess_header(rows) is expected


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        (
            ("First name", "LAST_NAME", "Phone", "E-Mail", "Company", "Priority"),
            "FIRST_NAME LAST_NAME PHONE EMAIL COMPANY PRIORITY",
        ),
        (("Nome", "Cognome", "Telefono", "Azienda"), "FIRST_NAME LAST_NAME PHONE COMPANY"),
        (("Imię", "Nazwisko", "Numer telefonu", "Spółka"), "FIRST_NAME LAST_NAME PHONE COMPANY"),
        (("firstName", "phone"), "FIRST_NAME PHONE"),
        (("Nominativo", "tel."), "NAME PHONE"),
    ],
)
def test_columns_are_guessed_by_their_names_in_three_languages(
    columns: tuple[str, ...], fields: str
) -> None:
    mapping = guess_mapping(columns, {})
    assert mapping.fields == {
        ImportField(name): column for name, column in zip(fields.split(), columns, strict=True)
    }


def test_an_item_types_name_is_its_column_whatever_the_case() -> None:
    mapping = guess_mapping(("firstName", "OFFICE", "casa  Vacanze", "tenant_id"), TYPES)
    assert mapping.item_types == {7: "OFFICE", 9: "casa  Vacanze"}
    assert mapping.fields == {ImportField.FIRST_NAME: "firstName"}


def test_columns_of_one_name_are_told_apart_and_blank_ones_have_their_number() -> None:
    assert names("Phone", " phone ", "", "Phone (2)") == (
        "Phone",
        "phone (2)",
        "3",
        "Phone (2) (2)",
    )


def test_a_missing_column_is_refused_by_its_name() -> None:
    mapping = ColumnMapping(
        fields={ImportField.FIRST_NAME: "Nome", ImportField.PHONE: "Cellulare"},
        item_types={7: "Ufficio", 9: " NOME "},
    )
    with pytest.raises(RefusalsError) as refused:
        find_columns(mapping, ("nome", "telefono"), has_header=True)
    assert [(e.code, e.field, e.params) for e in refused.value.errors] == [
        (ErrorCode.COLUMN_MISSING, "mapping.phone", {"column": "Cellulare"}),
        (ErrorCode.COLUMN_MISSING, "mapping.itemTypes.0.column", {"column": "Ufficio"}),
    ]


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({ImportField.PHONE: "a"}, ErrorCode.REQUIRED, "mapping.firstName"),
        (
            {ImportField.FIRST_NAME: "a", ImportField.NAME: "a"},
            ErrorCode.INVALID,
            "mapping.name",
        ),
    ],
)
def test_one_column_must_give_the_first_name(
    fields: dict[ImportField, str], code: ErrorCode, path: str
) -> None:
    with pytest.raises(RefusalsError) as refused:
        find_columns(ColumnMapping(fields=fields, item_types={}), ("a",), has_header=True)
    assert [(error.code, error.field) for error in refused.value.errors] == [(code, path)]


def test_without_a_header_columns_have_numbers() -> None:
    preview = look("Mario,0612345678\nAnna,0612345679\n")
    assert (preview.has_header, preview.columns) == (False, ("1", "2"))
    assert preview.rows[0] == ("Mario", "0612345678")
    layout = find_columns(
        ColumnMapping(fields={ImportField.FIRST_NAME: "1"}, item_types={7: "2"}),
        preview.columns,
        has_header=False,
    )
    assert (layout.fields, layout.item_types) == ({ImportField.FIRST_NAME: 0}, {7: 1})


def test_a_preview_shows_twenty_rows_and_what_looks_wrong() -> None:
    rows = "".join(f"Anna {n},06123456{n:02},x\n" for n in range(30))
    preview = look("Nome,Telefono,telefono\n" + rows + "Ugo,3.9E+11\n")
    assert len(preview.rows) == 20
    assert preview.warnings == (
        ImportWarning.UNEVEN_ROWS,
        ImportWarning.EQUAL_COLUMNS,
        ImportWarning.ROUNDED_NUMBERS,
    )


def test_a_choice_overrules_a_guess() -> None:
    preview = look("Mario;06,5\nAnna;07,5\n", separator=",", has_header=True)
    assert preview.columns == ("Mario;06", "5")
    assert preview.rows == (("Anna;07", "5"),)


@pytest.mark.parametrize("count", [1001, 100_000])
def test_too_many_columns_are_refused(count: int) -> None:
    with pytest.raises(DomainError) as refused:
        look(",".join(f"c{number}" for number in range(count)) + "\n1,2\n")
    assert refused.value.code is ErrorCode.TOO_MANY_COLUMNS


def test_a_preview_can_always_be_stored_and_shown() -> None:
    preview = look("name,phone\nA\x00b\ud800,06\n" + "x" * 500 + ",07\n")
    assert preview.rows[0] == ("A\ufffdb?", "06")
    assert len(preview.rows[1][0]) == 200
