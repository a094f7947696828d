# SPDX-License-Identifier: Apache-2.0
"""Looking at a file and starting its import (X-21, X-22, X-24; reliability D5, D6)."""

from dataclasses import replace

import asyncpg
import pytest

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.imports import ImportField, ImportWarning
from server.domain.permissions import Permission, Viewer
from server.services.imports import (
    ImportInput,
    ImportPreview,
    MappingInput,
    TypeColumn,
    preview_import,
)
from server.services.processes import cancel_process
from tests.conftest import MakeTenant
from tests.factories.imports import begin_import, upload
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer

NEW_LIST = ImportInput(file_id=0, list_name="People")
PEOPLE = "firstName,phone,Office,Holiday Home\nMario,06123456,0612345678,\n"


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def look(
    database: Database, viewer: Viewer, content: bytes | str, encoding: str | None = None
) -> ImportPreview:
    file = await upload(database, viewer, content)
    async with database.transaction(viewer.tenant_id) as session:
        return await preview_import(session, viewer, file.id, encoding=encoding)


async def start(
    database: Database, viewer: Viewer, content: bytes | str, given: ImportInput = NEW_LIST
) -> list[tuple[str, str | None]]:
    """What starting an import of this content is refused for."""
    file = await upload(database, viewer, content)
    with refusals() as told:
        await begin_import(database, viewer, replace(given, file_id=file.id))
    return told


async def counts(owner: asyncpg.Connection, tenant: int) -> tuple[int, int]:
    row = await owner.fetchrow(
        "SELECT (SELECT count(*) FROM processes WHERE tenant_id = $1),"
        " (SELECT count(*) FROM contact_lists WHERE tenant_id = $1)",
        tenant,
    )
    return row[0], row[1]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "nome;telefono\nNicolò;06\nPerù d’Amico;07\n"),
        ("cp1250", "imię;telefon\nŁukasz Żółć;60\nŚwiętosława;61\nPaweł Gąsior;62\n"),
        ("iso-8859-2", "imię;telefon\nŁukasz Żółć;60\nŚwiętosława;61\nPaweł Gąsior;62\n"),
        ("gb18030", "姓名;电话\n王小明;13800138000\n李雷;13900139000\n"),
        ("mac-roman", "nome;telefono\nNicolò;06\nJosé Però;07\nForlì Città;08\n"),
        ("utf-16-le", "nome;telefono\nNicolò;06\n"),
        ("utf-8", "nome;telefono\nNicolò 王;06\n"),
    ],
)
async def test_a_preview_reads_the_encodings_that_centres_have(
    database: Database, viewer: Viewer, encoding: str, text: str
) -> None:  # D6
    found = (await look(database, viewer, text.encode(encoding))).preview
    header, first, *_ = (line.split(";") for line in text.splitlines())
    assert (found.encoding, found.separator, found.has_header) == (encoding, ";", True)
    assert (list(found.columns), list(found.rows[0])) == (header, first)
    is_guessed = not encoding.startswith("utf")
    assert (ImportWarning.ENCODING_GUESSED in found.warnings) is is_guessed


async def test_a_person_may_overrule_the_encoding(database: Database, viewer: Viewer) -> None:
    content = "imię;telefon\nŁukasz;60\n".encode("cp1250")
    found = (await look(database, viewer, content, encoding="CP1252")).preview
    assert (found.encoding, found.rows[0][0]) == ("cp1252", "£ukasz")
    assert found.warnings == ()
    for wrong in ("utf-8", "klingon", "zlib", "idna"):
        with refusals() as told:
            await look(database, viewer, content, encoding=wrong)
        assert told == [("ENCODING_UNKNOWN", "encoding")]


async def test_a_preview_guesses_the_mapping_with_the_centres_item_types(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office")
        home = await make_item_type(session, viewer, "Holiday home", 2)
    mapping = (await look(database, viewer, PEOPLE)).preview.mapping
    assert mapping.fields == {ImportField.FIRST_NAME: "firstName", ImportField.PHONE: "phone"}
    assert mapping.item_types == {office.id: "Office", home.id: "Holiday Home"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"\xef\xbb\xbf\r\n", "FILE_EMPTY"),
        (b"PK\x03\x04" + b"x" * 99, "FILE_NOT_TEXT"),
        (bytes(range(256)) * 9, "FILE_NOT_TEXT"),
        (b"x" * 300_000, "FILE_NOT_TEXT"),
        ((",".join(map(str, range(100_000))) + "\n1").encode(), "TOO_MANY_COLUMNS"),
        (b'name,"phone\n1,2\n3,4\n', "UNCLOSED_QUOTE"),
    ],
)
async def test_what_is_no_table_of_contacts_is_refused_at_once(
    database: Database, viewer: Viewer, owner: asyncpg.Connection, content: bytes, code: str
) -> None:  # D6
    with refusals() as told:
        await look(database, viewer, content)
    assert told == [(code, "fileId")]
    assert await start(database, viewer, content) == [(code, "fileId")]
    assert await counts(owner, viewer.tenant_id) == (0, 0)


async def test_a_header_alone_can_be_looked_at_but_not_imported(
    database: Database, viewer: Viewer
) -> None:
    assert (await look(database, viewer, "name,phone\r\n")).preview.rows == ()
    assert await start(database, viewer, "name,phone\r\n") == [("FILE_EMPTY", "fileId")]


async def test_a_mapped_column_that_is_missing_refuses_the_import(
    database: Database, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office")
    mapping = MappingInput(
        first_name="FIRSTNAME ",
        phone="mobile",
        email="",
        item_types=[TypeColumn(item_type_id=office.id, column="Ufficio")],
    )
    assert await start(database, viewer, PEOPLE, replace(NEW_LIST, mapping=mapping)) == [
        ("COLUMN_MISSING", "mapping.phone"),
        ("COLUMN_MISSING", "mapping.itemTypes.0.column"),
    ]
    assert await counts(owner, viewer.tenant_id) == (0, 0)


async def test_a_file_of_one_column_needs_a_column_for_the_name(
    database: Database, viewer: Viewer
) -> None:
    refused = await start(database, viewer, "telefono\n0612345678\n")
    assert refused == [("REQUIRED", "mapping.firstName")]
    assert await start(database, viewer, "Nominativo\nMario Rossi\n") == []


async def test_unknown_and_foreign_ids_look_alike(
    database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:  # D9
    foreigner = await make_viewer(database, await new_tenant())
    async with database.transaction(foreigner.tenant_id) as session:
        foreign_type = (await make_item_type(session, foreigner, "Office")).id
        foreign_list = (await make_list(session, foreigner)).id
    foreign_file = (await upload(database, foreigner, PEOPLE)).id
    for list_id, item_type_id, file_id in (
        (foreign_list, foreign_type, foreign_file),
        (2**60, 2**60, 2**60),
    ):
        given = replace(NEW_LIST, list_id=list_id)
        assert await start(database, viewer, PEOPLE, given) == [("NOT_FOUND", "listId")]
        types = [TypeColumn(item_type_id=item_type_id, column="Office")]
        mapping = MappingInput(first_name="firstName", item_types=types)
        assert await start(database, viewer, PEOPLE, replace(NEW_LIST, mapping=mapping)) == [
            ("NOT_FOUND", "mapping.itemTypes.0.itemTypeId")
        ]
        with refusals() as told:
            await begin_import(database, viewer, replace(NEW_LIST, file_id=file_id))
        assert told == [("NOT_FOUND", "fileId")]


@pytest.mark.parametrize(
    ("name", "code"), [("", "REQUIRED"), (" people ", "TAKEN"), ("a\x00", "INVALID_CHARACTER")]
)
async def test_a_new_list_needs_a_name_of_its_own(
    database: Database, viewer: Viewer, name: str, code: str
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await make_list(session, viewer, "People")
    given = replace(NEW_LIST, list_name=name)
    assert await start(database, viewer, PEOPLE, given) == [(code, "listName")]


async def test_one_column_an_item_type(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office")
    twice = [TypeColumn(item_type_id=office.id, column=name) for name in ("Office", "phone")]
    mapping = MappingInput(first_name="firstName", item_types=twice)
    assert await start(database, viewer, PEOPLE, replace(NEW_LIST, mapping=mapping)) == [
        ("TAKEN", "mapping.itemTypes.1.itemTypeId")
    ]


async def test_an_unknown_separator_is_refused(database: Database, viewer: Viewer) -> None:
    given = replace(NEW_LIST, separator="#")
    assert await start(database, viewer, PEOPLE, given) == [("INVALID", "separator")]


async def test_importing_takes_the_rights_of_what_it_creates(
    database: Database, viewer: Viewer
) -> None:
    for missing in (Permission.CONTACTS_CREATE, Permission.LISTS_CREATE):
        less = replace(viewer, permissions=viewer.permissions - {missing})
        assert await start(database, less, PEOPLE) == [("FORBIDDEN", None)]


async def test_the_same_import_cannot_run_twice_at_once_but_again(
    database: Database, viewer: Viewer
) -> None:  # D5
    async with database.transaction(viewer.tenant_id) as session:
        people = await make_list(session, viewer, "People")
    given = ImportInput(file_id=(await upload(database, viewer, PEOPLE)).id, list_id=people.id)
    first = await begin_import(database, viewer, given)
    # The same bytes sent again are the same import.
    again = replace(given, file_id=(await upload(database, viewer, PEOPLE)).id)
    with pytest.raises(DomainError) as refused:
        await begin_import(database, viewer, again)
    assert (refused.value.code, refused.value.params) == (
        ErrorCode.CONFLICT,
        {"process": first.id},
    )
    other = replace(again, mapping=MappingInput(first_name="phone"))
    second = await begin_import(database, viewer, other)
    async with database.transaction(viewer.tenant_id) as session:
        await cancel_process(session, viewer, first.id)
    third = await begin_import(database, viewer, again)
    async with database.transaction(viewer.tenant_id) as session:
        found = await preview_import(session, viewer, again.file_id)
    assert [process.id for process in found.already_imported] == [third.id, second.id, first.id]
