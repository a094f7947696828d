# SPDX-License-Identifier: Apache-2.0
"""An import in a browser: sent, checked, watched, cancelled; with and without scripts."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Download, Page, expect

from server.app import create_app
from server.database import Database
from server.domain.permissions import Viewer
from server.domain.processes import ProcessKind
from server.processes import run_processes
from server.processes.engine import Chunk
from server.processes.imports import import_contacts
from server.services.imports import ImportInput
from server.services.processes import Attempt
from server.settings import Settings
from tests.browser.conftest import Axe, OpenPage, serving
from tests.factories.access import PASSWORD, Account, make_account, sign_in
from tests.factories.imports import upload
from tests.factories.item_types import make_item_type
from tests.factories.working import run_import, working

LOOKS = [("en", "light", 1280, 768), ("it", "dark", 360, 740)]
HEAD = "Nome;Cognome;Telefono;Office;Holiday Home;E-mail\n"
BAD = ["Ugo;Neri;12;;;\n", ";Verdi;0612345670;;;\n"]


def people(count: int) -> str:
    """Contacts with several numbers each, in the order of their numbers."""
    rows = [
        f"Niccolò;Rossi {n};06{2000000 + n};06{3000000 + n};{f'06{4000000 + n}' * (n % 2)};\n"
        for n in range(count)
    ]
    return HEAD + "".join(BAD + rows)


@dataclass(frozen=True, kw_only=True)
class Centre:
    """An administrator at an address, with two item types."""

    address: str
    account: Account
    viewer: Viewer


@pytest_asyncio.fixture(scope="session")
async def site(database: Database) -> AsyncIterator[str]:
    async for address in serving(create_app(Settings(), database)):
        yield address


@pytest_asyncio.fixture
async def centre(site: str, database: Database, tenant: int) -> Centre:
    account = await make_account(database, tenant)
    viewer = (await sign_in(database, account))[1]
    async with database.transaction(tenant) as session:
        await make_item_type(session, viewer)
        await make_item_type(session, viewer, "Holiday Home", 2)
    return Centre(address=site, account=account, viewer=viewer)


async def enter(open_page: OpenPage, centre: Centre, path: str, **how: object) -> Page:
    """A page that a log-in leads to."""
    page = await open_page(f"{centre.address}/login?next={path}", **how)
    await page.fill("#field-name", centre.account.name)
    await page.fill("#field-password", PASSWORD)
    await page.click("button.primary")
    await page.wait_for_url(f"**{path}")
    return page


@asynccontextmanager
async def stepping(database: Database) -> AsyncIterator[asyncio.Event]:
    """A worker that goes on from one chunk to the next only while the event is set."""
    gate, stop = asyncio.Event(), asyncio.Event()

    async def stepped(database: Database, attempt: Attempt) -> AsyncGenerator[Chunk, None]:
        async for chunk in import_contacts(database, attempt):
            yield chunk
            await gate.wait()

    handlers = {ProcessKind.IMPORT: stepped}
    worker = asyncio.create_task(run_processes(database, stop, handlers=handlers))
    try:
        yield gate
    finally:
        gate.set()
        stop.set()
        await worker


@pytest.fixture
def content() -> bytes:
    """Two chunks of rows."""
    return people(5198).encode("cp1252")


@pytest.fixture
def file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "gente di marzo.csv"
    path.write_bytes(content)
    return path


async def saved(download: Download) -> bytes:
    """What the browser saved."""
    return await asyncio.to_thread(Path(await download.path()).read_bytes)


async def send(page: Page, file: Path) -> None:
    await page.set_input_files("#field-file", file)
    await page.click("text=Send and check")
    await page.wait_for_url("**/imports/new/file_*")


async def test_an_import_is_sent_checked_watched_and_read(
    open_page: OpenPage,
    axe: Axe,
    centre: Centre,
    database: Database,
    content: bytes,
    file: Path,
    owner: asyncpg.Connection,
) -> None:
    """X-21, C-10, C-53: step 3 of what a newcomer does."""
    page = await enter(open_page, centre, "/imports")
    await page.click("text=New import")
    await page.wait_for_url("**/imports/new")
    await send(page, file)
    assert await page.input_value("#field-encoding") == "cp1252"
    assert await page.input_value("#field-separator") == "semicolon"
    assert await page.input_value("#field-newList") == "gente di marzo"
    means = [await page.input_value(f"#fills-{place}") for place in range(6)]
    assert means[:3] == ["FIRST_NAME", "LAST_NAME", "PHONE"]
    assert all(mean.startswith("type_") for mean in means[3:5])
    await page.select_option("#fills-5", "")
    await page.select_option("#field-encoding", "cp1250")
    await expect(page.locator(".mapping tr:nth-child(1) .examples")).to_contain_text("Niccolň")
    await expect(page.locator("#fills-5")).to_have_value("")
    await page.select_option("#field-encoding", "cp1252")
    await expect(page.locator(".mapping tr:nth-child(1) .examples")).to_contain_text("Niccolò")
    await page.fill("#field-newList", "Marzo")
    async with stepping(database) as gate:
        await page.click("text=Start import")
        await page.wait_for_url("**/imports/process_*")
        await page.evaluate("window.isSamePage = true")
        foot = page.locator(".progress-foot")
        await expect(foot).to_contain_text("5.000 of 5.200 rows")
        await expect(foot).to_contain_text("rows a second")
        await expect(foot).to_contain_text("left")
        await expect(page.locator(".badge")).to_have_text("Running")
        await expect(page.locator(".progress-head .num")).to_have_text("96%")
        await expect(page.locator("#rejections tbody tr")).to_have_count(2)
        assert await axe(page) == []
        gate.set()
        await expect(page.locator(".badge")).to_have_text("Finished")
        await expect(foot).to_contain_text("5.200 of 5.200 rows")
    assert await page.evaluate("window.isSamePage") is True
    assert await page.locator(".figure").all_inner_texts() == ["5.198 imported", "2 rejected"]
    await expect(page.locator("#rejections tbody tr").first).to_contain_text("“12” is not a phone")
    async with page.expect_download() as waiting:
        await page.click("text=Download rejected rows")
    text = (await saved(await waiting.value)).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [row[-3:-1] for row in rows] == [["Line", "Column"], ["2", "Telefono"], ["3", "Nome"]]
    async with page.expect_download() as waiting:
        await page.click("text=gente di marzo.csv")
    download = await waiting.value
    assert download.suggested_filename == file.name
    assert await saved(download) == content
    numbers = await owner.fetch(
        "SELECT number FROM additional_phones p JOIN contacts c ON c.id = p.contact_id"
        " WHERE c.tenant_id = $1 AND c.last_name = 'Rossi 7' ORDER BY p.position",
        centre.account.tenant_id,
    )
    assert [row["number"] for row in numbers] == ["+39063000007", "+39064000007"]
    await page.click("text=See the contacts")
    await page.wait_for_url("**/contacts?list=list_*")


async def test_a_running_import_is_cancelled_from_its_page(
    open_page: OpenPage, centre: Centre, database: Database, file: Path
) -> None:
    """C-13: it stops at the end of a chunk, and the counts say what was done."""
    page = await enter(open_page, centre, "/imports/new")
    await send(page, file)
    async with stepping(database):
        await page.click("text=Start import")
        await page.wait_for_url("**/imports/process_*")
        await expect(page.locator(".progress-foot")).to_contain_text("5.000 of 5.200 rows")
        await page.click(".progress-foot button")
        await expect(page.locator(".badge")).to_have_text("Cancelled")
        await expect(page.locator("#toasts")).to_contain_text("was cancelled.")
    await page.reload()
    assert await page.locator(".figure").all_inner_texts() == ["4.998 imported", "2 rejected"]
    await expect(page.locator("text=Import this file again")).to_be_visible()


async def test_the_list_follows_the_processes_as_they_go_on(
    open_page: OpenPage, centre: Centre, database: Database, content: bytes
) -> None:
    """C-10, and no reload for it."""
    page = await enter(open_page, centre, "/imports")
    await expect(page.locator("main")).to_contain_text("No imports yet")
    await page.evaluate("window.isSamePage = true")
    stored = await upload(database, centre.viewer, content)
    given = ImportInput(file_id=stored.id, list_name="Spring")
    process = asyncio.create_task(run_import(database, centre.viewer, given))
    row = page.locator("tbody tr")
    await expect(row).to_contain_text("Spring")
    await process
    await expect(row.locator(".badge")).to_have_text("Finished")
    await expect(row).to_contain_text("100%")
    await page.click("summary:has-text('Filter')")
    await page.select_option("#filter-state", "FAILED")
    await expect(page.locator("main")).to_contain_text("No such processes")
    await page.keyboard.press("Escape")
    await page.click(".filter-chip")
    await expect(row).to_have_count(1)
    assert await page.evaluate("window.isSamePage") is True


async def test_the_first_step_says_what_is_wrong_before_anything_is_sent(
    open_page: OpenPage, centre: Centre, tmp_path: Path
) -> None:
    page = await enter(open_page, centre, "/imports/new")
    error = page.locator("#upload-error")
    await expect(error).to_be_hidden()
    await page.click("text=Send and check")
    await expect(error).to_have_text("Choose a file first.")
    await expect(page.locator("#field-file")).to_be_focused()
    large = tmp_path / "large.csv"
    with large.open("wb") as content:
        content.truncate(61 * 1024 * 1024)
    await page.set_input_files("#field-file", large)
    await page.click("text=Send and check")
    await expect(error).to_have_text("The file is larger than 60 MB. Split it.")
    assert page.url.endswith("/imports/new")


async def test_a_column_at_fault_is_focused_and_the_choices_stay(
    open_page: OpenPage, axe: Axe, centre: Centre, file: Path
) -> None:
    """X-22."""
    page = await enter(open_page, centre, "/imports/new")
    await send(page, file)
    await page.select_option("#fills-1", "PHONE")
    await page.fill("#field-comment", "From the fair")
    await page.click("text=Start import")
    await expect(page.locator("#fills-2")).to_be_focused()
    await expect(page.locator("#fills-2-error")).to_have_text(
        "The column “Cognome” gives this already. Choose one of the two."
    )
    await expect(page.locator("#fills-1")).to_have_value("PHONE")
    await expect(page.locator("#field-comment")).to_have_value("From the fair")
    assert await axe(page) == []


async def test_an_import_needs_no_scripts(
    open_page: OpenPage, centre: Centre, database: Database, file: Path
) -> None:
    page = await enter(open_page, centre, "/imports/new", scripts=False)
    await page.click("text=Send and check")
    await expect(page.locator("#field-file-error")).to_have_text(
        "This cannot be blank. Fill it in."
    )
    await page.fill("#field-newList", "Aprile")
    await send(page, file)
    await page.select_option("#field-header", "no")
    await page.click("text=Read the file again")
    await expect(page.locator(".mapping tbody tr").first).to_contain_text("Column 1")
    await page.select_option("#field-header", "yes")
    await page.click("text=Read the file again")
    await expect(page.locator(".mapping tbody tr").first).to_contain_text("Nome")
    async with working(database):
        await page.click("text=Start import")
        await page.wait_for_url("**/imports/process_*")
        for _ in range(100):
            await page.reload()
            if await page.locator(".badge").inner_text() == "Finished":
                break
            await asyncio.sleep(0.1)
    assert await page.locator(".figure").all_inner_texts() == ["5.198 imported", "2 rejected"]
    await expect(page.locator(".summary")).to_contain_text("Aprile")


@pytest.mark.parametrize(("locale", "theme", "width", "height"), LOOKS)
async def test_the_pages_of_imports_pass_the_accessibility_rules(
    open_page: OpenPage,
    axe: Axe,
    centre: Centre,
    database: Database,
    locale: str,
    theme: str,
    width: int,
    height: int,
) -> None:
    async with database.connection(centre.account.tenant_id) as connection:
        await connection.execute(
            "UPDATE users SET locale = $1, theme = $2 WHERE id = $3",
            *(locale, theme, centre.account.user_id),
        )
    page = await enter(open_page, centre, "/imports", width=width, height=height)
    assert await axe(page) == []
    stored = await upload(database, centre.viewer, people(3).encode("cp1252"))
    process = await run_import(
        database, centre.viewer, ImportInput(file_id=stored.id, list_name="Spring")
    )
    empty = await upload(database, centre.viewer, b"")
    paths = ["/imports", "/imports/new", f"/imports/process_{process.id}"]
    paths += [f"/imports/new/file_{stored.id}", f"/imports/new/file_{empty.id}"]
    for path in paths:
        await page.goto(f"{centre.address}{path}")
        assert await page.evaluate("document.documentElement.lang") == locale
        for summary in await page.locator("main details.sample:not([open]) summary").all():
            await summary.click()
        assert await axe(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") == width, path
    heading = await page.locator("h1").inner_text()
    assert re.search("Check|Controlla", heading)
