# SPDX-License-Identifier: Apache-2.0
"""Imports from the file to the list (X-21 to X-24, X-20c, C-12, C-53; reliability D6, D7)."""

import asyncio
import codecs
import csv
import io
from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from server.database import Database
from server.domain.errors import ErrorCode
from server.domain.permissions import Viewer
from server.downloads import open_rejections
from server.i18n import refusal_text
from server.models import Contact, ContactList, Process
from server.processes import imports
from server.services.imports import MappingInput, TypeColumn, start_import
from server.services.item_types import delete_item_type
from server.services.processes import cancel_process
from tests.factories.imports import (
    NEW_LIST,
    Person,
    begin_import,
    import_file,
    look,
    people_on,
    until_moving,
    until_over,
    upload,
)
from tests.factories.item_types import make_item_type

pytestmark = pytest.mark.usefixtures("worker")


async def people(database: Database, viewer: Viewer, process: Process) -> list[Person]:
    async with database.transaction(viewer.tenant_id) as session:
        return await people_on(session, process.list_id)


async def count_contacts(database: Database, viewer: Viewer) -> int:
    async with database.transaction(viewer.tenant_id) as session:
        return await session.scalar(select(func.count(Contact.id))) or 0


def counts(process: Process) -> tuple[str, int, int, int, int | None]:
    return process.state, process.succeeded, process.failed, process.skipped, process.total


async def rejected(database: Database, viewer: Viewer, process_id: int) -> list[list[str]]:
    """The rows of the download, in English."""

    def message(code: ErrorCode, params: Mapping[str, object]) -> str:
        return refusal_text("en", code, params)

    found = await open_rejections(database, viewer, process_id, message)
    content = b"".join([piece async for piece in found.content])
    assert content.startswith(codecs.BOM_UTF8)
    assert content.count(b"\r\n") == content.count(b"\n")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_each_typed_column_gives_phones_of_its_type(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await make_item_type(session, viewer, "Office", 2)
        await make_item_type(session, viewer, "Holiday Home", 1)
    process = await import_file(
        database,
        viewer,
        "firstName,phone,Office,Holiday Home\n"
        "Mario,06123456,0612345678,+48 601 234 567\n"
        "Anna,3331234567,,\n"
        "Ugo,,,0039 06 999999\n",
    )
    assert counts(process) == ("FINISHED", 3, 0, 0, 3)
    assert await people(database, viewer, process) == [
        Person(
            name="Mario",
            phone="+3906123456",
            others=(("Office", "+390612345678"), ("Holiday Home", "+48601234567")),
        ),
        Person(name="Anna", phone="+393331234567"),
        Person(name="Ugo", phone=None, others=(("Holiday Home", "+3906999999"),)),
    ]


@pytest.mark.parametrize(
    ("encoding", "mark", "end", "names"),
    [
        ("utf-16-le", True, "\r\n", "Nicolò Żółć 王"),
        ("utf-16-be", True, "\n", "Nicolò Żółć 王"),
        ("utf-16-le", False, "\n", "Nicolo Forlì"),
        ("utf-8", True, "\r", "Nicolò Żółć 王"),
        ("cp1252", False, "\r\n", "Nicolò D’Amico Perù"),
        ("cp1250", False, "\r", "Łukasz Żółć Świętosława Gąsior"),
        ("iso-8859-2", False, "\n", "Łukasz Żółć Świętosława Gąsior"),
    ],
)
async def test_a_file_is_read_in_its_encoding_with_its_line_ends(
    database: Database, viewer: Viewer, encoding: str, mark: bool, end: str, names: str
) -> None:  # D6
    rows = [f'"{name} ""x"", y";="0612345{n}"' for n, name in enumerate(names.split())]
    content = end.join(["Nome;Telefono", *rows]).encode(encoding)
    mark_bytes = "\ufeff".encode(encoding) if mark else b""
    process = await import_file(database, viewer, mark_bytes + content)
    assert counts(process)[:3] == ("FINISHED", len(rows), 0)
    assert await people(database, viewer, process) == [
        Person(name=f'{name} "x", y', phone=f"+390612345{n}")
        for n, name in enumerate(names.split())
    ]


async def test_refused_rows_can_be_downloaded_corrected_and_imported_again(
    database: Database, viewer: Viewer
) -> None:  # C-12, C-53, D7
    process = await import_file(
        database,
        viewer,
        'Nome,Telefono,Note\r\nMario,061234567,"two\r\nlines"\r\n,061234568,=1+1\r\n'
        'Anna,3.9E+11,ok\r\n"Ugo,061234569,x\r\nEva,+390612345670,b,c\r\nIda,061234571,\r\n',
    )
    assert counts(process) == ("FINISHED", 2, 4, 0, 6)
    header, *rows = await rejected(database, viewer, process.id)
    assert header == ["Nome", "Telefono", "Note", "line", "column", "reason"]
    assert [row[:5] for row in rows] == [
        ["", "061234568", "'=1+1", "4", "Nome"],
        ["Anna", "3.9E+11", "ok", "5", "Telefono"],
        ['"Ugo,061234569,x', "", "", "6", ""],
        ["Eva", "+390612345670", "b c", "7", ""],
    ]
    assert rows[1][5] == (
        "“3.9E+11” was rounded by a spreadsheet. Format the column as text, export again."
    )
    assert all(row[5] for row in rows)
    # A reader corrects the cells and sends the very file back.
    rows[0][0], rows[1][1], rows[2][:2], rows[3][2] = "Leo", "061234572", ["Ugo", "061234569"], "b"
    again = io.StringIO()
    csv.writer(again).writerows([header, *rows])
    given = replace(NEW_LIST, list_name=None, list_id=process.list_id)
    second = await import_file(database, viewer, again.getvalue(), given)
    assert counts(second) == ("FINISHED", 4, 0, 0, 4)
    names = [person.name for person in await people(database, viewer, second)]
    assert names == ["Mario", "Ida", "Leo", "Anna", "Ugo", "Eva"]


async def test_the_worker_looks_for_the_columns_again_before_the_first_row(
    database: Database, viewer: Viewer
) -> None:
    file = await upload(database, viewer, "Nome,Telefono\nMario,0612345678\n")
    async with database.transaction(viewer.tenant_id) as session:
        process = await start_import(session, viewer, replace(NEW_LIST, file_id=file.id))
        # As if it had been started by a version that did not look.
        process.options = process.options | {"item_types": [[1, "Ufficio"]]}
    over = await until_over(database, viewer, process.id)
    assert (over.state, over.error_code, over.error_field, over.error_params) == (
        "FAILED",
        "COLUMN_MISSING",
        "mapping.itemTypes.0.column",
        {"column": "Ufficio"},
    )
    assert await count_contacts(database, viewer) == 0


async def test_a_repeated_number_is_kept_once_and_told(
    database: Database, viewer: Viewer
) -> None:  # X-20c
    async with database.transaction(viewer.tenant_id) as session:
        await make_item_type(session, viewer, "Office")
    process = await import_file(
        database, viewer, "Nome,Telefono,Office\nMario,0612345678,+39 06 12345678\nAnna,0699999,\n"
    )
    assert counts(process)[:3] == ("FINISHED", 2, 0)
    assert process.checkpoint["work"] == {
        "records": 2,
        "refused": 0,
        "repeated": 1,
        "repeated_lines": [2],
    }
    assert (await people(database, viewer, process))[0] == Person(
        name="Mario", phone="+390612345678"
    )


async def test_duplicates_on_the_list_are_passed_over_when_asked(
    database: Database, viewer: Viewer
) -> None:
    content = "Nome,Telefono\nMario,061234567\nAnna,061234568\nLuca,06 1234567\nUgo,\nEva,\n"
    given = replace(NEW_LIST, check_duplicates=True)
    first = await import_file(database, viewer, content, given)
    assert counts(first) == ("FINISHED", 4, 0, 1, 5)
    again = replace(given, list_name=None, list_id=first.list_id)
    assert counts(await import_file(database, viewer, content, again))[1:4] == (2, 0, 3)
    unasked = replace(again, check_duplicates=False)
    assert counts(await import_file(database, viewer, content, unasked))[1:4] == (5, 0, 0)
    other_list = replace(given, list_name="Others")
    assert counts(await import_file(database, viewer, content, other_list))[1:4] == (4, 0, 1)


async def test_without_a_header_columns_are_numbers(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office")
    mapping = MappingInput(
        name="2", phone="3", item_types=[TypeColumn(item_type_id=office.id, column="1")]
    )
    given = replace(NEW_LIST, mapping=mapping)
    process = await import_file(database, viewer, "06111111\tMario Rossi\t06222222\n", given)
    assert await people(database, viewer, process) == [
        Person(name="Mario Rossi", phone="+3906222222", others=(("Office", "+3906111111"),))
    ]


async def test_hostile_columns_and_cells_change_nothing_else(
    database: Database, viewer: Viewer
) -> None:  # D6, D8
    process = await import_file(
        database,
        viewer,
        "nome,tenant_id,is_admin,id\n'; DROP TABLE contacts;--,1,true,1\nA\x00b,2,true,2\n",
    )
    assert counts(process)[:3] == ("FINISHED", 1, 1)
    assert (await people(database, viewer, process))[0].name == "'; DROP TABLE contacts;--"
    (_, row) = await rejected(database, viewer, process.id)
    assert (row[0], row[4], row[5], row[6]) == (
        "A\ufffdb",
        "3",
        "nome",
        "This holds a character that text cannot have. Type it again instead of pasting.",
    )


async def test_an_item_type_deleted_meanwhile_leaves_its_phones_untyped(
    database: Database, viewer: Viewer
) -> None:
    file = await upload(database, viewer, "Nome,Office\nMario,0612345678\n")
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office")
        process = await start_import(session, viewer, replace(NEW_LIST, file_id=file.id))
        await delete_item_type(session, viewer, office.id)
    over = await until_over(database, viewer, process.id)
    assert await people(database, viewer, over) == [
        Person(name="Mario", phone=None, others=((None, "+390612345678"),))
    ]


async def test_a_list_deleted_meanwhile_fails_the_import(
    database: Database, viewer: Viewer
) -> None:
    file = await upload(database, viewer, "Nome\nMario\n")
    async with database.transaction(viewer.tenant_id) as session:
        process = await start_import(session, viewer, replace(NEW_LIST, file_id=file.id))
        await session.delete(await session.get_one(ContactList, process.list_id))
    over = await until_over(database, viewer, process.id)
    assert (over.state, over.error_code, over.error_field) == ("FAILED", "NOT_FOUND", "listId")
    assert await count_contacts(database, viewer) == 0


async def test_cancelling_leaves_whole_chunks_and_their_number(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:  # C-13, X-24
    monkeypatch.setattr(imports, "CHUNK_ROWS", 10)
    content = "Nome\n" + "".join(f"Mario{n}\n" for n in range(20_000))
    file = await upload(database, viewer, content)
    process = await begin_import(database, viewer, replace(NEW_LIST, file_id=file.id))
    await until_moving(database, viewer, process.id)
    async with database.transaction(viewer.tenant_id) as session:
        cancelled = await cancel_process(session, viewer, process.id)
    await asyncio.sleep(0.2)
    seen = await look(database, viewer, process.id)
    assert (seen.state, seen.done, seen.total) == ("CANCELLED", cancelled.done, 20_000)
    assert 0 < seen.done < 20_000
    assert seen.done % 10 == 0
    assert await count_contacts(database, viewer) == seen.done
    found = await people(database, viewer, seen)
    assert [person.name for person in found] == [f"Mario{n}" for n in range(seen.done)]


async def test_a_mapping_that_refuses_nearly_all_rows_ends_early(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:  # D6
    monkeypatch.setattr(imports, "CHUNK_ROWS", 10)
    monkeypatch.setattr(imports, "MOST_REFUSED", 100)
    content = "Nome,Telefono\n" + "Mario,none\n" * 5000
    process = await import_file(database, viewer, content)
    assert (process.state, process.error_code) == ("FAILED", "MOST_ROWS_REFUSED")
    assert process.failed == 100


async def test_an_unreadable_tail_refuses_its_rows_only(
    database: Database, viewer: Viewer
) -> None:  # D6
    good = b"".join(b"Mario%d,06123%05d\n" % (n, n) for n in range(15_000))
    process = await import_file(database, viewer, b"Nome,Telefono\n" + good + b"Nicol\xf2,069\n")
    assert counts(process)[:3] == ("FINISHED", 15_000, 1)
    (_, row) = await rejected(database, viewer, process.id)
    assert (row[2], row[3]) == ("15002", "Nome")
