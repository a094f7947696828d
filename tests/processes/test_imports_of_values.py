# SPDX-License-Identifier: Apache-2.0
"""Imports into master data fields: values checked row by row, refused with column and reason."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database
from server.domain.fields import FieldScope, FieldType
from server.domain.imports import ImportField, Layout, RowReader
from server.domain.permissions import Viewer
from server.models import Contact, ListMember, MasterDataField, Process, ProcessRejection
from server.processes import imports
from server.services.contacts import values_of_contacts
from server.services.fields import (
    FieldEdit,
    FieldInput,
    create_field,
    delete_field,
    edit_field,
)
from server.services.imports import (
    ImportInput,
    MappingInput,
    OwnColumn,
    preview_import,
    read_reader,
    start_import,
)
from tests.factories.imports import NEW_LIST, begin_import, import_file, until_over, upload
from tests.factories.refusals import refusals

pytestmark = pytest.mark.usefixtures("worker")


async def field(
    database: Database, viewer: Viewer, name: str, type: FieldType, **given: object
) -> MasterDataField:
    async with database.transaction(viewer.tenant_id) as session:
        made: MasterDataField = await create_field(
            session,
            viewer,
            FieldInput(name=name, type=type, **given),  # type: ignore[arg-type]
        )
    return made


def mapped(*fields: MasterDataField) -> ImportInput:
    """The first column is the name, the others are the fields, by their names."""
    own = [OwnColumn(field_id=one.id, column=one.name) for one in fields]
    return replace(NEW_LIST, mapping=MappingInput(first_name="firstName", own_fields=own))


async def values(database: Database, viewer: Viewer, process: Process) -> dict[str, list[str]]:
    """By first name the values of who came on the list, in the order of the fields."""
    async with database.transaction(viewer.tenant_id) as session:
        people = await session.execute(
            select(Contact.id, Contact.first_name)
            .join(ListMember, ListMember.contact_id == Contact.id)
            .where(ListMember.list_id == process.list_id)
            .order_by(Contact.id)
        )
        names = {row.id: row.first_name for row in people}
        found = await values_of_contacts(session, viewer, names)
    return {name: [text for _, text in sorted(found[key].items())] for key, name in names.items()}


async def rejected(session: AsyncSession, process: Process) -> list[tuple[int, str, str]]:
    rows = await session.execute(
        select(ProcessRejection.line, ProcessRejection.column, ProcessRejection.code)
        .where(ProcessRejection.process_id == process.id)
        .order_by(ProcessRejection.line)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def test_each_cell_is_read_by_its_field(database: Database, viewer: Viewer) -> None:  # C-22
    segment = await field(
        database, viewer, "segment", FieldType.CHOICE, valid_values=["Gold;Silver"]
    )
    revenue = await field(database, viewer, "revenue", FieldType.NUMBER)
    born = await field(database, viewer, "born", FieldType.DATE)
    visit = await field(database, viewer, "visit", FieldType.DATETIME)
    call = await field(database, viewer, "second", FieldType.PHONE)
    text = (
        "firstName,segment,revenue,born,visit,second\n"
        'Ada,GOLD,"1234,5",1980-12-31,2027-01-31 09:30,06 1234 5000\n'
        'Bob,,"=""007""",,,\n'
        "Cleo,,,,,\n"
        "Dan,Tin,1,,,\n"
        "Eva,,one,,,\n"
        "Fay,,,31/12/1980,,\n"
        "Gil,,,,soon,\n"
        "Hal,,,,,12\n"
    )
    process = await import_file(database, viewer, text, mapped(segment, revenue, born, visit, call))
    assert (process.state, process.succeeded, process.failed) == ("FINISHED", 3, 5)
    assert await values(database, viewer, process) == {
        "Ada": ["Gold", "1234.5", "1980-12-31", "2027-01-31T08:30:00Z", "+390612345000"],
        "Bob": ["7"],
        "Cleo": [],
    }
    async with database.transaction(viewer.tenant_id) as session:
        assert await rejected(session, process) == [
            (5, "segment", "INVALID"),
            (6, "revenue", "INVALID"),
            (7, "born", "INVALID"),
            (8, "visit", "INVALID"),
            (9, "second", "INVALID_NUMBER"),
        ]


async def test_a_unique_value_comes_in_once(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:  # C-22
    """Whether it is repeated in its chunk, in a later one, or in a later file."""
    monkeypatch.setattr(imports, "CHUNK_ROWS", 3)
    code = await field(database, viewer, "code", FieldType.TEXT, is_unique=True)
    text = "firstName,code\nAda,A1\nBob,a1\nCleo,\nDan,\nEva,B2\nFay,A1\n"
    process = await import_file(database, viewer, text, mapped(code))
    assert (process.state, process.succeeded, process.failed) == ("FINISHED", 4, 2)
    assert await values(database, viewer, process) == {
        "Ada": ["A1"],
        "Cleo": [],
        "Dan": [],
        "Eva": ["B2"],
    }
    async with database.transaction(viewer.tenant_id) as session:
        assert await rejected(session, process) == [(3, "code", "TAKEN"), (7, "code", "TAKEN")]
    again = await import_file(
        database, viewer, "firstName,code\nZoe,b2\n", replace(mapped(code), list_name="Others")
    )
    assert (again.succeeded, again.failed) == (0, 1)


async def test_a_field_deleted_meanwhile_takes_no_values_and_a_changed_one_ends_the_import(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def after_reading(session: AsyncSession, layout: Layout) -> RowReader:
        """Somebody changes the fields as soon as the import has read what they are."""
        reader = await read_reader(session, layout)
        async with database.transaction(viewer.tenant_id) as other:
            if change is not None:
                await edit_field(other, viewer, code.id, change)
            else:
                await delete_field(other, viewer, code.id, values_lost=0)
        return reader

    code = await field(database, viewer, "code", FieldType.TEXT)
    monkeypatch.setattr(imports, "read_reader", after_reading)
    text = "firstName,code\nAda,12\n"
    change: FieldEdit | None = FieldEdit(type=FieldType.NUMBER)
    process = await import_file(database, viewer, text, mapped(code))
    assert (process.state, process.error_code, process.succeeded) == ("FAILED", "CONFLICT", 0)
    change = None
    process = await import_file(database, viewer, text, replace(mapped(code), list_name="Others"))
    assert (process.state, process.succeeded) == ("FINISHED", 1)
    assert await values(database, viewer, process) == {"Ada": []}


async def test_fields_are_guessed_by_name_and_those_of_records_are_not_offered(
    database: Database, viewer: Viewer
) -> None:
    code = await field(database, viewer, "cust_code", FieldType.TEXT, display_name="Código")
    await field(database, viewer, "Telefono", FieldType.TEXT)
    offer = await field(database, viewer, "offer", FieldType.TEXT, scope=FieldScope.RECORD)
    file = await upload(database, viewer, "nome,telefono,CODIGO,offer\nAda,061234567,A1,x\n")
    async with database.transaction(viewer.tenant_id) as session:
        seen = (await preview_import(session, viewer, file.id)).preview
        assert seen.mapping.fields == {
            ImportField.FIRST_NAME: "nome",
            ImportField.PHONE: "telefono",
        }
        assert seen.mapping.own_fields == {code.id: "CODIGO"}
        wrong = MappingInput(
            first_name="nome",
            own_fields=[
                OwnColumn(field_id=offer.id, column="offer"),
                OwnColumn(field_id=code.id, column="Codice"),
                OwnColumn(field_id=0, column="offer"),
            ],
        )
        with refusals() as told:
            await start_import(
                session,
                viewer,
                ImportInput(file_id=file.id, list_name="People", mapping=wrong),
            )
        assert told == [
            ("COLUMN_MISSING", "mapping.ownFields.1.column"),
            ("NOT_FOUND", "mapping.ownFields.0.fieldId"),
            ("NOT_FOUND", "mapping.ownFields.2.fieldId"),
        ]
    begun = await begin_import(database, viewer, ImportInput(file_id=file.id, list_name="People"))
    process = await until_over(database, viewer, begun.id)
    assert await values(database, viewer, process) == {"Ada": ["A1"]}
