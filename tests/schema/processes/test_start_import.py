# SPDX-License-Identifier: Apache-2.0
"""`startImport`: what is imported, and what is refused at which input (X-21 to X-24)."""

from typing import Any

import asyncpg
import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from tests.conftest import MakeTenant
from tests.factories.imports import upload
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.schema.processes.conftest import Over

START = """
mutation($input: StartImportInput!) {
  startImport(input: $input) {
    process {
      id kind state comment list { name } file { name }
      importDetails {
        encoding separator hasHeader checkDuplicates mapping { column field itemTypeId }
      }
    }
    userErrors { code field message }
  }
}
"""
PEOPLE = (
    "firstName,phone,Office,Holiday Home\n"
    "Mario,06123456,0612345678,0212345678\n"
    "Anna,0698765432,,\n"
    "Ugo,012,,\n"
)


async def start(ask: Ask, **given: object) -> Any:
    return (await ask(START, input=given))["data"]["startImport"]


async def refused(ask: Ask, **given: object) -> list[tuple[str, str]]:
    payload = await start(ask, **given)
    assert payload["process"] is None
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


@pytest.fixture
async def file(database: Database, viewer: Viewer) -> str:
    return f"file_{(await upload(database, viewer, PEOPLE)).id}"


@pytest.fixture
async def office(database: Database, viewer: Viewer) -> str:
    async with database.transaction(viewer.tenant_id) as session:
        return f"type_{(await make_item_type(session, viewer)).id}"


async def processes(owner: asyncpg.Connection, viewer: Viewer) -> int:
    found = await owner.fetchval(
        "SELECT count(*) FROM processes WHERE tenant_id = $1", viewer.tenant_id
    )
    return int(found)


async def test_mapped_columns_become_contacts_with_typed_phones(
    ask: Ask, file: str, office: str, over: Over, owner: asyncpg.Connection, viewer: Viewer
) -> None:
    """X-21: one additional phone of the type for each cell that is not blank."""
    payload = await start(
        ask,
        fileId=file,
        newListName="Spring",
        mapping=[
            {"column": "firstName", "field": "FIRST_NAME"},
            {"column": "phone", "field": "PHONE"},
            {"column": "Office", "itemTypeId": office},
            {"column": "Holiday Home"},
        ],
        comment=" From the fair ",
    )
    assert payload["userErrors"] == []
    process = payload["process"]
    assert process | {"id": ""} == {
        "id": "",
        "kind": "IMPORT",
        "state": "PENDING",
        "comment": "From the fair",
        "list": {"name": "Spring"},
        "file": {"name": "people.csv"},
        "importDetails": {
            "encoding": "utf-8",
            "separator": ",",
            "hasHeader": True,
            "checkDuplicates": False,
            "mapping": [
                {"column": "firstName", "field": "FIRST_NAME", "itemTypeId": None},
                {"column": "phone", "field": "PHONE", "itemTypeId": None},
                {"column": "Office", "field": None, "itemTypeId": office},
            ],
        },
    }
    done = await over(process["id"])
    assert (done.state, done.succeeded, done.failed) == ("FINISHED", 2, 1)
    rows = await owner.fetch(
        "SELECT first_name, phone, number, item_type_id FROM contacts c LEFT JOIN"
        " additional_phones p ON p.contact_id = c.id WHERE c.tenant_id = $1 ORDER BY c.id",
        viewer.tenant_id,
    )
    assert [tuple(row) for row in rows] == [
        ("Mario", "+3906123456", "+390612345678", int(office.removeprefix("type_"))),
        ("Anna", "+390698765432", None, None),
    ]


async def test_a_column_that_is_not_in_the_file_is_named_and_nothing_is_imported(
    ask: Ask, file: str, office: str, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    """X-22."""
    payload = await start(
        ask,
        fileId=file,
        newListName="Spring",
        mapping=[
            {"column": "firstName", "field": "FIRST_NAME"},
            {"column": "Telefono", "field": "PHONE"},
            {"column": "Ufficio", "itemTypeId": office},
        ],
    )
    assert payload["process"] is None
    assert payload["userErrors"] == [
        {
            "code": "COLUMN_MISSING",
            "field": "mapping.1.column",
            "message": "The file has no column “Telefono”. "
            "Choose another column, or add it to the file.",
        },
        {
            "code": "COLUMN_MISSING",
            "field": "mapping.2.column",
            "message": "The file has no column “Ufficio”. "
            "Choose another column, or add it to the file.",
        },
    ]
    assert await processes(owner, viewer) == 0
    lists = "SELECT count(*) FROM contact_lists WHERE tenant_id = $1"
    assert await owner.fetchval(lists, viewer.tenant_id) == 0


async def test_without_a_mapping_the_guesses_of_the_preview_hold(
    ask: Ask, file: str, office: str
) -> None:
    payload = await start(ask, fileId=file, newListName="Spring")
    assert payload["process"]["importDetails"]["mapping"] == [
        {"column": "firstName", "field": "FIRST_NAME", "itemTypeId": None},
        {"column": "phone", "field": "PHONE", "itemTypeId": None},
        {"column": "Office", "field": None, "itemTypeId": office},
    ]


async def test_a_mapping_says_what_is_wrong_with_each_column(
    ask: Ask, file: str, office: str
) -> None:
    mapping = [
        {"column": "firstName", "field": "FIRST_NAME"},
        {"column": "phone", "field": "PHONE", "itemTypeId": office},
        {"column": "Office", "itemTypeId": office},
        {"column": "Holiday Home", "itemTypeId": office},
        {"column": "phone", "field": "FIRST_NAME"},
    ]
    assert await refused(ask, fileId=file, newListName="Spring", mapping=mapping) == [
        ("INVALID", "mapping.1.itemTypeId"),
        ("TAKEN", "mapping.3.itemTypeId"),
        ("TAKEN", "mapping.4.field"),
    ]
    mapping = [{"column": "phone", "field": "PHONE"}, {"column": "Office", "itemTypeId": "type_0"}]
    payload = await start(ask, fileId=file, newListName="Spring", mapping=mapping)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [
        ("REQUIRED", "mapping"),
        ("NOT_FOUND", "mapping.1.itemTypeId"),
    ]
    assert payload["userErrors"][0]["message"] == (
        "No column gives “First name”. Choose the one that does."
    )
    mapping = [
        {"column": "firstName", "field": "FIRST_NAME"},
        {"column": "phone", "field": "NAME"},
        {"column": " ", "field": "EMAIL"},
    ]
    assert await refused(ask, fileId=file, newListName="Spring", mapping=mapping) == [
        ("INVALID", "mapping.1.field")
    ]


async def test_a_list_is_given_once(
    ask: Ask, file: str, database: Database, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        spring = f"list_{(await make_list(session, viewer)).id}"
    assert await refused(ask, fileId=file) == [("REQUIRED", "newListName")]
    assert await refused(ask, fileId=file, newListName=" ") == [("REQUIRED", "newListName")]
    assert await refused(ask, fileId=file, newListName="SPRING") == [("TAKEN", "newListName")]
    assert await refused(ask, fileId=file, listId=spring, newListName="More") == [
        ("INVALID", "newListName")
    ]
    assert await refused(ask, fileId=file, listId="list_0") == [("NOT_FOUND", "listId")]
    assert await refused(ask, fileId=file, listId="nonsense") == [("NOT_FOUND", "listId")]
    assert await refused(ask, fileId=file, listId=spring, comment="x" * 501) == [
        ("TOO_LONG", "comment")
    ]
    assert await processes(owner, viewer) == 0
    assert (await start(ask, fileId=file, listId=spring))["process"]["list"] == {"name": "Spring"}


async def test_the_same_import_does_not_run_twice_at_once(
    ask: Ask, file: str, database: Database, viewer: Viewer
) -> None:
    """D5."""
    async with database.transaction(viewer.tenant_id) as session:
        spring = f"list_{(await make_list(session, viewer)).id}"
    first = (await start(ask, fileId=file, listId=spring))["process"]
    number = first["id"].removeprefix("process_")
    [error] = (await start(ask, fileId=file, listId=spring))["userErrors"]
    assert error == {
        "code": "CONFLICT",
        "field": "fileId",
        "message": f"Process {number} is importing the same file into this list. Wait for its end.",
    }


async def test_files_of_other_tenants_look_missing(
    ask: Ask, database: Database, new_tenant: MakeTenant, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    """D9."""
    stranger = await make_viewer(database, await new_tenant())
    foreign = f"file_{(await upload(database, stranger, PEOPLE)).id}"
    for name in (foreign, "file_999999999", "list_1", ""):
        assert await refused(ask, fileId=name, newListName="Mine") == [("NOT_FOUND", "fileId")]
    assert await processes(owner, viewer) == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "FILE_EMPTY"),
        ("firstName,phone\n", "FILE_EMPTY"),
        (bytes(range(256)) * 40, "FILE_NOT_TEXT"),
        (b"PK\x03\x04" + b"\x00" * 100, "FILE_NOT_TEXT"),
        (",".join(f"c{n}" for n in range(1001)) + "\n1\n", "TOO_MANY_COLUMNS"),
    ],
)
async def test_a_file_that_is_no_table_is_refused(
    ask: Ask, database: Database, viewer: Viewer, content: bytes | str, code: str
) -> None:
    """D6."""
    stored = await upload(database, viewer, content)
    assert await refused(ask, fileId=f"file_{stored.id}", newListName="Spring") == [
        (code, "fileId")
    ]


async def test_each_right_that_an_import_takes_is_asked_for(
    ask: Ask, database: Database, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    """X-09."""
    every = frozenset(Permission)
    for missing in (Permission.CONTACTS_CREATE, Permission.LISTS_CREATE):
        rights = every - {missing}
        poor = await make_viewer(database, viewer.tenant_id, Role.SUPERVISOR, permissions=rights)
        own = f"file_{(await upload(database, poor, PEOPLE)).id}"
        answer = await ask(START, as_=poor, input={"fileId": own, "newListName": "Spring"})
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    rights = every - {Permission.PROCESSES_CREATE}
    poor = await make_viewer(database, viewer.tenant_id, Role.SUPERVISOR, permissions=rights)
    answer = await ask(START, as_=poor, input={"fileId": "file_1", "newListName": "Spring"})
    assert [error["extensions"]["permission"] for error in answer["errors"]] == ["processes.create"]
    assert await processes(owner, viewer) == 0
