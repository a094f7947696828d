# SPDX-License-Identifier: Apache-2.0
"""`POST /files` and the downloads: whole or not at all, to whom they belong (C-14, C-53, D6)."""

import csv
import io
from collections.abc import AsyncIterator

import asyncpg
import pytest
from starlette.types import ASGIApp

from server.app import create_app
from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.services.account import TokenInput, create_token
from server.services.imports import ImportInput
from server.settings import Settings
from tests.conftest import MakeTenant
from tests.factories.access import sign_in
from tests.factories.imports import upload
from tests.factories.working import run_import
from tests.web.visiting import Person, SignIn, Visitor

PEOPLE = (
    "firstName,phone,note\r\n"
    "Mario,06123456,=1+1\r\n"
    ",06123457,=1+1\r\n"
    "Anna,12,\r\n"
    "Eva,0612345699,a,b\r\n"
)


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


async def viewer_of(database: Database, person: Person) -> Viewer:
    return (await sign_in(database, person.account))[1]


async def stored(owner: asyncpg.Connection, tenant: int) -> int:
    found = await owner.fetchval("SELECT count(*) FROM stored_files WHERE tenant_id = $1", tenant)
    return int(found)


async def test_a_body_becomes_a_file(admin: Person, owner: asyncpg.Connection, tenant: int) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield PEOPLE[:30].encode()
        yield PEOPLE[30:].encode()

    url = "/files?name=..%2F..%2Fetc%2Fgente%00.csv"
    answer = await admin.browser.post(url, content=pieces())
    assert answer.status_code == 201
    found = answer.json()
    assert found == {"id": found["id"], "name": "gente.csv", "size": len(PEOPLE)}
    row = await owner.fetchrow(
        "SELECT f.tenant_id, size, content FROM stored_files f JOIN file_chunks c"
        " ON c.file_id = f.id WHERE f.id = $1",
        int(found["id"].removeprefix("file_")),
    )
    assert tuple(row) == (tenant, len(PEOPLE), PEOPLE.encode())


async def test_a_form_with_a_file_becomes_one_too(admin: Person) -> None:
    answer = await admin.browser.post("/files", files={"file": ("C:\\gente.csv", PEOPLE)})
    assert answer.status_code == 201
    assert answer.json() | {"id": ""} == {"id": "", "name": "gente.csv", "size": len(PEOPLE)}


async def test_a_script_sends_a_file_with_a_token_and_imports_it(
    admin: Person, database: Database, application: ASGIApp
) -> None:
    """What the documentation shows with curl: no cookie, no page."""
    viewer = await viewer_of(database, admin)
    async with database.transaction(viewer.tenant_id) as session:
        token = await create_token(session, viewer, TokenInput(name="script"))
    async with Visitor(application) as script:
        script.headers = {"authorization": f"Bearer {token.secret}"}  # type: ignore[assignment]
        answer = await script.post("/files?name=a.csv", content=PEOPLE)
        assert answer.status_code == 201
        answer = await script.graphql(
            "mutation($input: StartImportInput!) { startImport(input: $input) {"
            " process { state } userErrors { message } } }",
            input={"fileId": answer.json()["id"], "newListName": "By script"},
        )
    assert answer["data"]["startImport"] == {"process": {"state": "PENDING"}, "userErrors": []}


@pytest.mark.parametrize(
    "form",
    [
        {"files": {"file": (None, "no file")}},
        {"files": {"other": ("a.csv", "a")}},
        {"files": [("file", ("a.csv", "a")), ("file", ("b.csv", "b"))]},
        {"files": [("file", ("", "a"))]},
        {
            "content": b"--x\r\nnonsense",
            "headers": {"content-type": "multipart/form-data; boundary=x"},
        },
        {"content": b"nonsense", "headers": {"content-type": "multipart/form-data"}},
    ],
)
async def test_a_form_without_a_file_is_refused(
    admin: Person, form: dict[str, object], owner: asyncpg.Connection, tenant: int
) -> None:
    answer = await admin.browser.post("/files", **form)  # type: ignore[arg-type]
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["code"], error["field"]) == ("REQUIRED", "file")
    assert await stored(owner, tenant) == 0


async def test_a_file_that_is_too_large_is_refused_whether_or_not_it_says_so(
    database: Database, signed_in: SignIn, owner: asyncpg.Connection, tenant: int
) -> None:
    """X-24, with a small limit; nothing of it stays."""
    small = create_app(Settings(max_upload_bytes=1024 * 1024), database)
    admin = await signed_in(at=small)

    async def unsaid(size: int) -> AsyncIterator[bytes]:
        for _ in range(size // 65_536):
            yield bytes(65_536)

    megabyte = 1024 * 1024
    forms = [
        {"content": bytes(megabyte + 1)},
        {"content": unsaid(2 * megabyte)},
        {"content": bytes(3 * megabyte)},
        {"files": {"file": ("a.csv", bytes(megabyte + 1))}},
        {"files": {"file": ("a.csv", bytes(3 * megabyte))}},
    ]
    for form in forms:
        answer = await admin.browser.post("/files?name=a.csv", **form)  # type: ignore[arg-type]
        assert answer.status_code == 413
        [error] = answer.json()["errors"]
        assert error == {
            "code": "FILE_TOO_LARGE",
            "field": "file",
            "message": "The file is larger than 1 MB. Split it.",
        }
    assert (await admin.browser.post("/files", content=bytes(5 * megabyte))).status_code == 413
    assert await stored(owner, tenant) == 0
    assert (await admin.browser.post("/files", content=bytes(megabyte))).status_code == 201


async def test_who_may_not_import_sends_no_file(
    visitor: Visitor, signed_in: SignIn, owner: asyncpg.Connection, tenant: int
) -> None:
    """X-09."""
    answer = await visitor.post("/files?name=a.csv", content=PEOPLE)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "UNAUTHENTICATED"
    poor = await signed_in(Role.SUPERVISOR, (Permission.PROCESSES_VIEW,))
    answer = await poor.browser.post("/files?name=a.csv", content=PEOPLE)
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["code"] == "FORBIDDEN"
    assert await stored(owner, tenant) == 0


async def test_another_site_sends_no_file(
    admin: Person, owner: asyncpg.Connection, tenant: int
) -> None:
    headers = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    answer = await admin.browser.post("/files?name=a.csv", content=PEOPLE, headers=headers)
    assert answer.status_code == 403
    assert await stored(owner, tenant) == 0


@pytest.fixture
async def done(database: Database, admin: Person) -> str:
    viewer = await viewer_of(database, admin)
    file = await upload(database, viewer, PEOPLE, "gente più.csv")
    given = ImportInput(file_id=file.id, list_name="Spring")
    return f"process_{(await run_import(database, viewer, given)).id}"


async def test_the_file_is_downloaded_as_it_came(
    admin: Person, done: str, signed_in: SignIn, other_application: ASGIApp
) -> None:
    """C-14, C-15: the same bytes from any server, never shown by the browser."""
    rights = (Permission.PROCESSES_VIEW,)
    colleague = await signed_in(Role.SUPERVISOR, rights, at=other_application)
    for person in (admin, colleague):
        answer = await person.browser.get(f"/imports/{done}/file")
        assert answer.content == PEOPLE.encode()
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"] == (
            "attachment; filename=\"gente pi_.csv\"; filename*=UTF-8''gente%20pi%C3%B9.csv"
        )


async def test_refused_rows_are_downloaded_with_their_reasons(admin: Person, done: str) -> None:
    """C-53, D7: the columns of the file, then line, column and reason; no formula runs."""
    answer = await admin.browser.get(f"/imports/{done}/rejections.csv")
    assert answer.headers["content-disposition"].startswith(
        f'attachment; filename="import-{done.removeprefix("process_")}-rejected.csv"'
    )
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert rows == [
        ["firstName", "phone", "note", "Line", "Column", "Reason"],
        ["", "06123457", "'=1+1", "3", "firstName", "This cannot be blank. Fill it in."],
        [
            *("Anna", "12", "", "4", "phone"),
            "“12” is not a phone number. Write it with + and the country code.",
        ],
        [
            *("Eva", "0612345699", "a b", "5", ""),
            "The row has 4 cells, the header 3. Put quotes around its commas.",
        ],
    ]


async def test_downloads_are_for_who_may_see_them(
    admin: Person, done: str, visitor: Visitor, signed_in: SignIn, new_tenant: MakeTenant
) -> None:
    """X-09, D9."""
    poor = await signed_in(Role.SUPERVISOR, (Permission.PROCESSES_CREATE,))
    agent = await signed_in(Role.AGENT)
    stranger = await signed_in(tenant_id=await new_tenant())
    for part in ("file", "rejections.csv"):
        url = f"/imports/{done}/{part}"
        assert (await visitor.get(url)).status_code == 303
        assert (await poor.browser.get(url)).status_code == 403
        assert (await agent.browser.get(url)).status_code == 403
        assert (await stranger.browser.get(url)).status_code == 404
        for name in ("process_999999999", "process_0", "x", "list_1", "process_" + "9" * 30):
            assert (await admin.browser.get(f"/imports/{name}/{part}")).status_code == 404
