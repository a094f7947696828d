# SPDX-License-Identifier: Apache-2.0
"""Exports: what is shown goes into a file that comes back as it was (C-12 to C-14, C-51, D7)."""

import codecs
import csv
import hashlib
import io
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Select, delete, select, update

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.exports import ExportColumn, Heading, csv_rows
from server.domain.imports.cells import FORMULA, unwrapped
from server.domain.permissions import Permission, Role, Viewer
from server.domain.processes import ProcessKind
from server.downloads import open_file
from server.models import Contact, ListMember, Process, User
from server.services import exports
from server.services.contacts.selections import ContactCriteria
from server.services.exports import ExportInput, storing
from server.services.files import read_piece
from server.services.item_types import delete_item_type
from server.services.processes import cancel_process
from tests.factories.contacts import make_contact, phones
from tests.factories.imports import (
    NEW_LIST,
    import_file,
    look,
    people_on,
    until_moving,
    until_over,
)
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.users import make_viewer

pytestmark = pytest.mark.usefixtures("worker")

ZOES_REST = ["aba@example.com", "", "1"]
WORDS = {
    ExportColumn.FIRST_NAME: "First name",
    ExportColumn.LAST_NAME: "Last name",
    ExportColumn.PHONE: "Primary phone",
    ExportColumn.PHONES: "",
    ExportColumn.EMAIL: "E-mail",
    ExportColumn.COMPANY: "Company",
    ExportColumn.PRIORITY: "Priority",
}


def asked(*columns: ExportColumn, **options: object) -> ExportInput:
    headings = [Heading(column=one, text=WORDS[one]) for one in columns or tuple(WORDS)]
    given = ExportInput(headings=headings, untyped="Additional phone", timezone="Europe/Rome")
    return replace(given, **options)  # type: ignore[arg-type]


async def export(database: Database, viewer: Viewer, given: ExportInput) -> Process:
    async with database.transaction(viewer.tenant_id) as session:
        process = await exports.start_export(session, viewer, given)
    return await until_over(database, viewer, process.id)


async def content_of(database: Database, viewer: Viewer, process: Process) -> bytes:
    assert process.file_id is not None
    found = await open_file(database, viewer, process.file_id)
    content = b"".join([piece async for piece in found.content])
    assert found.size == len(content)
    return content


def table(content: bytes) -> list[list[str]]:
    assert content.startswith(codecs.BOM_UTF8)
    assert content.count(b"\r\n") == content.count(b"\n")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def counts(process: Process) -> tuple[str, int | None, int, int]:
    return process.state, process.total, process.succeeded, process.skipped


@pytest.fixture
async def people(database: Database, viewer: Viewer) -> int:
    """Three people on a list, in no order; its id."""
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office", 2)
        home = await make_item_type(session, viewer, "Home", 1)
        listed = await make_list(session, viewer)
        for first, last, additional in (
            ("Zoe", "Abate", phones(("0612345678", office.id), ("+442079460123", home.id))),
            ("=1+1", 'Rossi, "Ugo"', phones(("0612345679", office.id))),
            ("Ada", "Verdi", ()),
        ):
            await make_contact(
                session,
                viewer,
                first,
                last,
                phone=None if first == "Ada" else f"+39061234500{len(first)}",
                email=f"{last[:3].lower()}@example.com",
                additional=additional,
                list_ids=[listed.id],
                priority=len(first) % 3 + 1,
            )
        await make_contact(session, viewer, "Other")
        await session.execute(
            update(Contact).where(Contact.first_name == "Ada").values(company="@home")
        )
    return listed.id


async def test_what_is_shown_goes_out_in_its_order_and_columns(
    database: Database, viewer: Viewer, people: int
) -> None:  # C-12, C-14, C-51
    given = asked(criteria=ContactCriteria(list_id=people), is_descending=True)
    process = await export(database, viewer, given)
    assert process.kind == ProcessKind.EXPORT
    assert counts(process) == ("FINISHED", 3, 3, 0)  # matched, exported
    content = await content_of(database, viewer, process)
    head = ["First name", "Last name", "Primary phone", "Home", "Office", "E-mail", "Company"]
    assert table(content) == [
        [*head, "Priority"],
        ["Ada", "Verdi", "", "", "", "ver@example.com", "'@home", "1"],
        ["'=1+1", 'Rossi, "Ugo"', "+390612345004", "", "+390612345679", "ros@example.com", "", "2"],
        ["Zoe", "Abate", "+390612345003", "+442079460123", "+390612345678", *ZOES_REST],
    ]
    async with database.transaction(viewer.tenant_id) as session:
        file = await read_piece(session, process.file_id or 0, 0)
        assert file == csv_rows([[*head, "Priority"]], is_first=True)
    name = (await open_file(database, viewer, process.file_id or 0)).name
    assert re.fullmatch(r"contacts-\d{4}-\d\d-\d\d-\d{4}\.csv", name)
    assert hashlib.sha256(content).hexdigest() == await digest(database, viewer, process)


async def digest(database: Database, viewer: Viewer, process: Process) -> str:
    [row] = await database.read(
        viewer.tenant_id, "SELECT sha256 FROM stored_files WHERE id = $1", process.file_id
    )
    return str(row[0])


async def test_an_export_comes_back_as_the_same_people(
    database: Database, viewer: Viewer, people: int
) -> None:  # D7
    given = asked(criteria=ContactCriteria(list_id=people))
    content = await content_of(database, viewer, await export(database, viewer, given))
    back = await import_file(database, viewer, content, NEW_LIST)
    assert (back.state, back.succeeded, back.failed) == ("FINISHED", 3, 0)
    async with database.transaction(viewer.tenant_id) as session:
        before, after = [
            {(one.name, one.phone, frozenset(one.others)) for one in await people_on(session, key)}
            for key in (people, back.list_id)
        ]
        assert before == after
        columns = (Contact.email, Contact.company, Contact.last_name, Contact.priority)
        rows = (await session.execute(_columns_of(columns, people))).all()
        assert rows == (await session.execute(_columns_of(columns, back.list_id or 0))).all()


def _columns_of(columns: tuple[Any, ...], list_id: int) -> Select[Any]:
    members = select(ListMember.contact_id).where(ListMember.list_id == list_id)
    return select(*columns).where(Contact.id.in_(members)).order_by(*columns)


async def test_several_numbers_of_a_type_and_untyped_ones_have_columns_of_their_own(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office", 1)
        gone = await make_item_type(session, viewer, "Gone", 2)
        additional = phones(
            ("0611111111", office.id), ("0622222222", gone.id), ("0633333333", office.id)
        )
        await make_contact(session, viewer, "Ada", additional=additional)
        await delete_item_type(session, viewer, gone.id)
    process = await export(database, viewer, asked(ExportColumn.PHONES))
    assert table(await content_of(database, viewer, process)) == [
        ["Office", "Office 2", "Additional phone"],
        ["+390611111111", "+390633333333", "+390622222222"],
    ]


async def test_who_is_gone_meanwhile_is_passed_over_and_pieces_follow_one_another(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "PIECE", 2)
    async with database.transaction(viewer.tenant_id) as session:
        rows = [await make_contact(session, viewer, f"A{place}") for place in range(5)]
    given = asked(ExportColumn.FIRST_NAME, sort="CREATED_AT")
    process = await export(database, viewer, given)
    found = table(await content_of(database, viewer, process))
    assert [row[0] for row in found[1:]] == ["A0", "A1", "A2", "A3", "A4"]
    async with database.transaction(viewer.tenant_id) as session:
        layout = await exports.survey(session, given, exports.kept(process.id))
        ids = [row.id for row in rows]
        await session.execute(delete(Contact).where(Contact.id == ids[1]))
        assert await exports.read_rows(session, viewer, given, layout, ids[:3]) == [["A0"], ["A2"]]


async def test_a_list_that_is_not_there_gives_a_file_without_rows(
    database: Database, viewer: Viewer
) -> None:
    nowhere = ContactCriteria(list_id=999_999_999, campaign_id=999_999_999)
    process = await export(database, viewer, asked(ExportColumn.EMAIL, criteria=nowhere))
    assert counts(process) == ("FINISHED", 0, 0, 0)
    assert table(await content_of(database, viewer, process)) == [["E-mail"]]


async def test_a_right_that_was_taken_away_ends_the_export(
    database: Database, viewer: Viewer, tenant: int
) -> None:
    """The process asks again, with the rights of its moment (X-09)."""
    poor = await make_viewer(database, tenant, Role.SUPERVISOR)
    async with database.transaction(tenant) as session:
        process = await exports.start_export(session, poor, asked())
    process = await until_over(database, viewer, process.id)
    assert (process.state, process.error_code) == ("FAILED", ErrorCode.FORBIDDEN)
    assert process.file_id is None
    async with database.transaction(tenant) as session:
        await session.execute(update(User).where(User.id == viewer.user_id).values(is_active=False))
    process = await export(database, viewer, asked())
    assert (process.state, process.error_code) == ("FAILED", ErrorCode.FORBIDDEN)


async def test_without_the_right_or_columns_nothing_starts(
    database: Database, viewer: Viewer, tenant: int
) -> None:
    none: frozenset[Permission] = frozenset()
    poor = await make_viewer(database, tenant, Role.SUPERVISOR, permissions=none)
    for who, given, code in (
        (poor, asked(), ErrorCode.FORBIDDEN),
        (viewer, replace(asked(), headings=[]), ErrorCode.REQUIRED),
    ):
        async with database.transaction(tenant) as session:
            with pytest.raises(DomainError) as refusal:
                await exports.start_export(session, who, given)
            assert refusal.value.code == code
            with pytest.raises(DomainError):
                await exports.export_now(session, who, given)


async def test_a_cancelled_export_stops_at_the_end_of_a_piece(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:  # C-13
    monkeypatch.setattr(storing, "PIECE", 1)
    async with database.transaction(viewer.tenant_id) as session:
        for place in range(60):
            await make_contact(session, viewer, f"A{place}")
        process = await exports.start_export(session, viewer, asked())
    await until_moving(database, viewer, process.id)
    async with database.transaction(viewer.tenant_id) as session:
        await cancel_process(session, viewer, process.id)
    process = await look(database, viewer, process.id)
    assert process.state == "CANCELLED"
    assert 0 < process.succeeded < 60
    found = table(await content_of(database, viewer, process))
    assert len(found) == process.succeeded + 1


@pytest.mark.parametrize("sign", list("=+-@\t\r＝＋－＠"))
def test_no_cell_begins_as_a_formula_but_a_number_in_its_column(sign: str) -> None:  # D7
    [row] = list(csv.reader([csv_rows([[f"{sign}1+1", "x"]], {1}).decode()]))
    assert row == [f"'{sign}1+1", "x"]
    assert csv_rows([["+390612345", "+390612345", "+1+1"]], {1, 2}) == (
        b"'+390612345,+390612345,'+1+1\r\n"
    )


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "''+1", "'quoted'", "-", "＝1", "@x", "'"])
def test_an_import_reads_the_very_text_that_was_exported(text: str) -> None:  # D7
    [[cell]] = csv.reader([csv_rows([[text]]).decode()])
    assert not cell.startswith(FORMULA)
    assert unwrapped(cell) == text
