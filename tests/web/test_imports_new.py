# SPDX-License-Identifier: Apache-2.0
"""A new import by the pages, without scripts: file, columns, start, and what is refused where."""

import asyncio
import html
import re

import asyncpg
import httpx
import pytest

from server.app import create_app
from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.settings import Settings
from tests.conftest import MakeTenant
from tests.factories.access import sign_in
from tests.factories.imports import upload
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.users import make_viewer
from tests.factories.working import working
from tests.web.visiting import Person, SignIn, text_of

PEOPLE = (
    "Nome;Cognome;Telefono;Office;Note\n"
    "Niccolò;Rossi;06123456;0612345678;amico\n"
    "Anna;Città;0698765432;;\n"
)


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def viewer(database: Database, admin: Person) -> Viewer:
    return (await sign_in(database, admin.account))[1]


@pytest.fixture
async def office(database: Database, viewer: Viewer) -> str:
    async with database.transaction(viewer.tenant_id) as session:
        return f"type_{(await make_item_type(session, viewer)).id}"


@pytest.fixture
async def file(database: Database, viewer: Viewer) -> str:
    return f"file_{(await upload(database, viewer, PEOPLE.encode('cp1252'), 'gente.csv')).id}"


def chosen(page: str, name: str) -> list[str]:
    """The values chosen in the selects of this name."""
    selects = re.findall(rf'<select[^>]* name="{name}".*?</select>', page, re.S)
    return [
        found[1] if (found := re.search(r'value="([^"]*)" selected', select)) else ""
        for select in selects
    ]


def hidden(page: str, name: str) -> list[str]:
    return [
        html.unescape(value)
        for value in re.findall(rf'type="hidden" name="{name}" value="([^"]*)"', page)
    ]


def form_of(page: str) -> dict[str, object]:
    """What the form of the second step would send as it stands."""
    found = re.search(r'name="newList"[^>]* value="([^"]*)"', page)
    given: dict[str, object] = {"newList": html.unescape(found[1]) if found else ""}
    for name in ("file", "column"):
        given[name] = hidden(page, name)
    for name in ("fills", "encoding", "separator", "header", "list"):
        given[name] = chosen(page, name)
    return given


def errors_of(page: str) -> list[str]:
    found = re.findall(
        r'<p class="(?:field-error|notice stop)"(?![^>]*hidden)[^>]*>(.*?)</p>', page
    )
    return [html.unescape(re.sub("<[^>]+>", "", text)).strip() for text in found]


async def count(owner: asyncpg.Connection, tenant: int, table: str) -> int:
    query = f"SELECT count(*) FROM {table} WHERE tenant_id = $1"
    return int(await owner.fetchval(query, tenant))


async def test_an_import_goes_from_the_file_to_its_contacts(
    admin: Person, office: str, database: Database, owner: asyncpg.Connection, tenant: int
) -> None:
    """X-21, step 3 of what a newcomer does, with forms alone."""
    browser = admin.browser
    assert "Send and check" in text_of(await browser.get("/imports/new"))
    files = {"file": ("gente.csv", PEOPLE.encode("cp1252"))}
    answer = await browser.post("/imports/new", files=files, data={"newList": "Amici"})
    assert answer.status_code == 303
    assert re.fullmatch(r"/imports/new/file_\d+\?newList=Amici", answer.headers["location"])
    answer = await browser.get(answer.headers["location"])
    assert answer.status_code == 200
    assert chosen(answer.text, "encoding") == ["cp1252"]
    assert chosen(answer.text, "separator") == ["semicolon"]
    assert chosen(answer.text, "header") == ["yes"]
    assert chosen(answer.text, "fills") == ["FIRST_NAME", "LAST_NAME", "PHONE", office, ""]
    assert "Niccolò Rossi 06123456 0612345678 amico" in text_of(answer)
    form = form_of(answer.text)
    assert form["newList"] == "Amici"
    answer = await browser.post("/imports", data=form)
    assert answer.status_code == 303
    page = answer.headers["location"]
    assert re.fullmatch(r"/imports/process_\d+", page)
    async with working(database):
        for _ in range(200):
            text = text_of(await browser.get(page))
            if "Finished" in text:
                break
            await asyncio.sleep(0.05)
    assert "2 of 2 rows" in text
    assert "2 imported 0 rejected" in text
    rows = await owner.fetch(
        "SELECT first_name, last_name, phone, number FROM contacts c LEFT JOIN"
        " additional_phones p ON p.contact_id = c.id WHERE c.tenant_id = $1 ORDER BY c.id",
        tenant,
    )
    assert [tuple(row) for row in rows] == [
        ("Niccolò", "Rossi", "+3906123456", "+390612345678"),
        ("Anna", "Città", "+390698765432", None),
    ]


async def test_the_file_is_read_again_as_chosen(admin: Person, file: str, office: str) -> None:
    """What the columns mean stays with them, and is guessed anew for other columns."""
    browser, url = admin.browser, f"/imports/new/{file}"
    form = form_of((await browser.get(url)).text)
    mine = ["NAME", "", "PHONE", "", "COMPANY"]
    page = (await browser.post(url, data=form | {"fills": mine, "encoding": "mac-roman"})).text
    assert chosen(page, "fills") == mine
    assert chosen(page, "encoding") == ["mac-roman"]
    assert "Niccolò" not in page
    page = (await browser.post(url, data=form_of(page) | {"separator": "comma"})).text
    assert hidden(page, "column") == ["Nome;Cognome;Telefono;Office;Note"]
    assert chosen(page, "fills") == [""]
    page = (await browser.post(url, data=form_of(page) | {"separator": "semicolon"})).text
    assert chosen(page, "fills") == ["FIRST_NAME", "LAST_NAME", "PHONE", office, ""]
    page = (await browser.post(url, data=form_of(page) | {"header": "no"})).text
    assert hidden(page, "column") == ["1", "2", "3", "4", "5"]
    assert "Column 3" in page
    assert chosen(page, "fills") == ["FIRST_NAME", "LAST_NAME", "PHONE", office, ""]
    page = (await browser.post(url, data=form_of(page) | {"fills": [""] * 5})).text
    assert chosen(page, "fills") == [""] * 5
    page = (await browser.post(url, data=form_of(page) | {"header": "yes"})).text
    assert chosen(page, "fills") == ["FIRST_NAME", "LAST_NAME", "PHONE", office, ""]


async def test_each_refusal_stands_at_its_field(
    admin: Person, file: str, office: str, owner: asyncpg.Connection, tenant: int
) -> None:
    """X-22: nothing is imported, and what was chosen is still there."""
    form = form_of((await admin.browser.get(f"/imports/new/{file}")).text)

    async def refused(**changes: object) -> list[str]:
        answer = await admin.browser.post("/imports", data=form | changes)
        assert answer.status_code == 422
        if "fills" in changes and "column" not in changes:
            assert chosen(answer.text, "fills") == changes["fills"]
        return errors_of(answer.text)

    assert await refused(fills=["", "LAST_NAME", "PHONE", office, ""]) == [
        "No column gives “First name”. Choose the one that does."
    ]
    assert await refused(fills=["FIRST_NAME", "PHONE", "PHONE", office, office]) == [
        "The column “Cognome” gives this already. Choose one of the two.",
        "The column “Office” gives this already. Choose one of the two.",
    ]
    stale = ["Nome", "Cognome", "Telefon", "Office", "Note"]
    assert await refused(column=stale, fills=["FIRST_NAME", "", "PHONE", "", ""]) == [
        "The file has no column “Telefon”. Choose another column, or add it to the file."
    ]
    missing = "There is nothing here under that id: it may have been deleted. Reload the list."
    gone = ["Nome", "Cognome", "Telefono", "Office", "Note"]
    assert await refused(column=gone, fills=["FIRST_NAME", "", "", "type_999999", ""]) == [missing]
    assert await refused(list="list_999999") == [missing]
    assert await refused(newList=" ") == ["This cannot be blank. Fill it in."]
    assert await refused(encoding="utf-8") == [
        "The file cannot be read as utf-8. Choose another encoding."
    ]
    assert await refused(encoding="klingon") == [
        "The file cannot be read as klingon. Choose another encoding."
    ]
    assert await refused(comment="x" * 501) == [
        "This is too long: it may have 500 characters at the most. Shorten it."
    ]
    assert await count(owner, tenant, "processes") == 0
    assert await count(owner, tenant, "contact_lists") == 0


BAD = {
    "empty": (b"", "The file has no rows. Choose another file."),
    "blank": (b"\n\n  \n", "The file has no rows. Choose another file."),
    "picture": (
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "This is not a text file. Save the table as CSV and choose that file.",
    ),
    "spreadsheet": (
        b"PK\x03\x04" + bytes(range(256)),
        "This is not a text file. Save the table as CSV and choose that file.",
    ),
    "wide": (
        b",".join(b"c%d" % n for n in range(1200)) + b"\n",
        "The file has 1200 columns: it may have 1000. Delete those not needed.",
    ),
}


@pytest.mark.parametrize("kind", BAD)
async def test_a_file_that_is_no_table_says_so_and_offers_another(admin: Person, kind: str) -> None:
    """D6."""
    content, message = BAD[kind]
    files = {"file": ("../../etc/passwd", content)}
    answer = await admin.browser.post("/imports/new", files=files, follow_redirects=True)
    assert answer.status_code == 422
    assert errors_of(answer.text) == [message]
    assert "passwd" in answer.text
    assert "Choose another file" in answer.text
    assert "Start import" not in answer.text


READABLE = {
    "one column": (b"Nome\nMario\n", ["FIRST_NAME"]),
    "UTF-16": ("Nome;Telefono\nNiccolò;06123456\n".encode("utf-16"), ["FIRST_NAME", "PHONE"]),
    "cp1250": ("Imię;Telefon\nŁukasz;+48221234567\n".encode("cp1250"), ["FIRST_NAME", "PHONE"]),
    "a huge field": (b"Nome;Telefono\nMario;" + b"x" * 300_000 + b"\n", ["FIRST_NAME", "PHONE"]),
    "an open quote": (
        b'Nome;Telefono\nMario;06123456\n"Anna;06123457\nUgo;06123458\n',
        ["FIRST_NAME", "PHONE"],
    ),
    "a thousand columns": (
        b"Nome," + b",".join(b"c%d" % n for n in range(999)) + b"\nMario\n",
        ["FIRST_NAME", *[""] * 999],
    ),
}


@pytest.mark.parametrize("kind", READABLE)
async def test_a_file_with_oddities_is_shown(admin: Person, kind: str) -> None:
    """D6."""
    content, fills = READABLE[kind]
    files = {"file": ("strano.csv", content)}
    answer = await admin.browser.post("/imports/new", files=files, follow_redirects=True)
    assert answer.status_code == 200
    assert chosen(answer.text, "fills") == fills
    answer = await admin.browser.post("/imports", data=form_of(answer.text))
    assert answer.status_code == 303


async def test_the_first_step_names_what_is_wrong_with_the_file(
    admin: Person, database: Database, signed_in: SignIn
) -> None:
    async def sent(person: Person, **form: object) -> httpx.Response:
        return await person.browser.post("/imports/new", data={"newList": "Amici"}, **form)  # type: ignore[arg-type]

    answer = await sent(admin, files={"file": ("", b"")})
    assert answer.status_code == 422
    assert errors_of(answer.text) == ["This cannot be blank. Fill it in."]
    small = await signed_in(at=create_app(Settings(max_upload_bytes=1024 * 1024), database))
    answer = await sent(small, files={"file": ("a.csv", bytes(1024 * 1024 + 1))})
    assert errors_of(answer.text) == ["The file is larger than 1 MB. Split it."]
    assert 'value="Amici"' in answer.text
    answer = await sent(small, files={"file": ("a.csv", bytes(3 * 1024 * 1024))})
    assert answer.status_code == 422
    assert errors_of(answer.text) == ["The file is larger than 1 MB. Split it."]


async def test_the_list_that_an_import_was_opened_for_is_chosen(
    admin: Person, database: Database, viewer: Viewer, file: str
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        spring = f"list_{(await make_list(session, viewer)).id}"
    page = (await admin.browser.get(f"/imports/new?list={spring}")).text
    assert chosen(page, "list") == [spring]
    page = (await admin.browser.get(f"/imports/new/{file}?list={spring}")).text
    assert chosen(page, "list") == [spring]
    answer = await admin.browser.post("/imports", data=form_of(page))
    assert answer.status_code == 303
    page = (await admin.browser.get(f"/imports/new/{file}")).text
    assert "This very file was imported before:" in page
    assert form_of(page)["newList"] == "gente"
    async with database.transaction(viewer.tenant_id) as session:
        await make_list(session, viewer, "Gente")
    page = (await admin.browser.get(f"/imports/new/{file}")).text
    assert form_of(page)["newList"] == "gente 2"


async def test_only_own_files_are_offered(
    admin: Person, database: Database, new_tenant: MakeTenant, viewer: Viewer
) -> None:
    """D9."""
    colleague = await make_viewer(database, viewer.tenant_id)
    stranger = await make_viewer(database, await new_tenant())
    theirs = [f"file_{(await upload(database, one, PEOPLE)).id}" for one in (colleague, stranger)]
    for name in (*theirs, "file_0", "list_1", "x"):
        assert (await admin.browser.get(f"/imports/new/{name}")).status_code == 404
    answer = await admin.browser.post("/imports", data={"file": theirs[0], "newList": "Mine"})
    assert answer.status_code == 404


async def test_an_import_is_for_who_may_start_one(signed_in: SignIn, file: str) -> None:
    """X-09."""
    for role in (Role.SUPERVISOR, Role.AGENT):
        poor = await signed_in(role, (Permission.PROCESSES_VIEW, Permission.CONTACTS_CREATE))
        assert (await poor.browser.get("/imports/new")).status_code == 403
        assert (await poor.browser.get(f"/imports/new/{file}")).status_code == 403
        form = {"files": {"file": ("a.csv", b"a")}}
        assert (await poor.browser.post("/imports/new", **form)).status_code == 403  # type: ignore[arg-type]
        answer = await poor.browser.post("/imports", data={"file": file, "newList": "Mine"})
        assert answer.status_code == 403
