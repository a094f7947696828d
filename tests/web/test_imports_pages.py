# SPDX-License-Identifier: Apache-2.0
"""The list of processes and the page of one, live, cancelled, over (C-10 to C-13, C-53, X-23)."""

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest
from starlette.types import ASGIApp

from server.app import create_app
from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.services.campaigns import CampaignInput, attach_lists, create_campaign
from server.services.imports import ImportInput
from server.services.processes import cancel_process
from server.settings import Settings
from tests.conftest import MakeTenant
from tests.factories.access import sign_in
from tests.factories.imports import begin_import, look, upload
from tests.factories.lists import make_list
from tests.factories.watched import Watched
from tests.factories.working import run_import
from tests.http.conversations import Conversation
from tests.web.visiting import COOKIE, Person, SignIn, Visitor, text_of

PEOPLE = "firstName,phone\nMario,06123456\nMario,06123456\n" + "Ugo,12\n" * 60


@pytest.fixture
async def admin(signed_in: SignIn) -> Person:
    return await signed_in()


@pytest.fixture
async def viewer(database: Database, admin: Person) -> Viewer:
    return (await sign_in(database, admin.account))[1]


@pytest.fixture
async def waiting(database: Database, viewer: Viewer) -> int:
    file = await upload(database, viewer, PEOPLE)
    given = ImportInput(file_id=file.id, list_name="Spring", check_duplicates=True)
    return (await begin_import(database, viewer, given)).id


@pytest.fixture
async def done(database: Database, viewer: Viewer) -> int:
    file = await upload(database, viewer, PEOPLE)
    given = ImportInput(file_id=file.id, list_name="Summer", check_duplicates=True)
    return (await run_import(database, viewer, given)).id


def rows_of(page: str) -> list[str]:
    return re.findall(r'<tr id="(process_\d+)">', page)


async def test_the_list_says_of_each_process_what_it_did(
    admin: Person, done: int, waiting: int
) -> None:
    """C-10: number, type, list, state, progress, counts, user, times, file, action."""
    answer = await admin.browser.get("/imports")
    assert rows_of(answer.text) == [f"process_{waiting}", f"process_{done}"]
    text = text_of(answer)
    head = "No. Type List or campaign State Progress Done Rejected User Scheduled Start End File"
    assert head in text
    times = r"\d\d:\d\d"
    name = re.escape(admin.account.name)
    assert re.search(
        rf"{done} Summer Import Summer Finished 100% 1 60 {name} ({times} ){{3}}", text
    )
    assert re.search(rf"{waiting} Spring Import Spring Waiting – 0 0 {name} {times} – –", text)
    assert f'href="/imports/process_{done}/file"' in answer.text
    assert answer.text.count("/cancellations?at=list") == 1
    assert f'action="/imports/process_{waiting}/cancellations?at=list"' in answer.text


async def test_the_list_is_filtered_by_state_and_by_list(
    admin: Person, done: int, waiting: int, database: Database, viewer: Viewer
) -> None:
    async def shown(query: str) -> list[str]:
        return rows_of((await admin.browser.get(f"/imports?{query}")).text)

    list_id = (await look(database, viewer, done)).list_id
    assert await shown("state=FINISHED") == [f"process_{done}"]
    assert await shown("state=PENDING") == [f"process_{waiting}"]
    assert await shown("state=FAILED") == []
    assert len(await shown("state=ASLEEP")) == 2
    assert await shown(f"list=list_{list_id}") == [f"process_{done}"]
    page = await admin.browser.get(f"/imports?list=list_{list_id}&state=FINISHED")
    assert 'aria-label="Remove filter: Finished"' in page.text
    assert 'aria-label="Remove filter: Summer"' in page.text
    assert "Take a filter out" in text_of(await admin.browser.get("/imports?state=FAILED"))


async def test_an_empty_centre_is_told_what_imports_are_for(
    admin: Person, signed_in: SignIn
) -> None:
    page = await admin.browser.get("/imports")
    assert "No imports yet" in text_of(page)
    assert page.text.count('href="/imports/new"') == 2
    reader = await signed_in(Role.SUPERVISOR, (Permission.PROCESSES_VIEW,))
    page = await reader.browser.get("/imports")
    assert "No imports yet" in text_of(page)
    assert "/imports/new" not in page.text


async def test_the_page_of_an_import_shows_counts_and_refused_rows(
    admin: Person, done: int
) -> None:
    """C-12, C-53."""
    answer = await admin.browser.get(f"/imports/process_{done}")
    text = text_of(answer)
    assert "62 of 62 rows" in text
    assert "1 imported 60 rejected 1 passed over as duplicates" in text
    message = "“12” is not a phone number. Write it with + and the country code."
    assert text.count(message) == 50
    assert f"4 phone {message} Ugo 12" in text
    assert '<bdi class="at-fault">12</bdi>' in answer.text
    assert f'href="/imports/process_{done}/rejections.csv"' in answer.text
    assert "firstName First name phone Primary phone" in text
    frame = r'<header class="topbar".*?</header>|<nav id="sidebar".*?</nav>'
    assert "/live" not in re.sub(frame, "", answer.text, flags=re.S)
    after = re.search(r'rel="next" href="([^"]+)"', answer.text)
    assert after is not None
    text = text_of(await admin.browser.get(f"/imports/process_{done}{after[1]}"))
    assert text.count(message) == 10


async def test_it_leads_on_to_the_list_and_to_a_campaign(
    admin: Person, done: int, database: Database, viewer: Viewer, signed_in: SignIn
) -> None:
    """X-23: and says what the campaigns of the list took."""
    list_id = (await look(database, viewer, done)).list_id
    page = (await admin.browser.get(f"/imports/process_{done}")).text
    assert f'href="/contacts?list=list_{list_id}">See the contacts' in page
    assert f'href="/campaigns/new?list=list_{list_id}">New campaign with this list' in page
    assert "loaded into campaigns" not in page
    page = (await admin.browser.get(f"/campaigns/new?list=list_{list_id}")).text
    assert re.search(rf'value="list_{list_id}"[^>]* checked', page)
    reader = await signed_in(Role.SUPERVISOR, (Permission.PROCESSES_VIEW,))
    answer = await reader.browser.get(f"/imports/process_{done}")
    assert answer.status_code == 200
    assert "Summer" not in answer.text
    assert "New campaign" not in answer.text
    async with database.transaction(viewer.tenant_id) as session:
        called = await make_list(session, viewer, "Called")
        campaign = await create_campaign(session, viewer, CampaignInput(name="Calls"))
        await attach_lists(session, viewer, campaign.id, [called.id])
    file = await upload(database, viewer, PEOPLE)
    process = await run_import(
        database, viewer, ImportInput(file_id=file.id, list_id=called.id, check_duplicates=True)
    )
    text = text_of(await admin.browser.get(f"/imports/process_{process.id}"))
    assert "1 loaded into campaigns" in text


async def test_a_failure_says_why_and_how_to_go_on(
    admin: Person, waiting: int, owner: asyncpg.Connection
) -> None:
    """C-11."""
    await owner.execute(
        "UPDATE processes SET state = 'FAILED', error_code = 'COLUMN_MISSING',"
        ' error_params = \'{"column": "Tel"}\', finished_at = now() WHERE id = $1',
        waiting,
    )
    answer = await admin.browser.get(f"/imports/process_{waiting}")
    assert "The file has no column “Tel”." in text_of(answer)
    assert re.search(r'href="/imports/new/file_\d+\?list=list_\d+">Import this file', answer.text)


async def test_cancelling_leads_back_with_a_word(
    admin: Person, waiting: int, database: Database, viewer: Viewer
) -> None:
    """C-13; what is over cannot be cancelled any more."""
    url = f"/imports/process_{waiting}/cancellations"
    answer = await admin.browser.post(f"{url}?at=list")
    assert (answer.status_code, answer.headers["location"]) == (303, "/imports")
    assert f"Process {waiting} was cancelled." in text_of(await admin.browser.get("/imports"))
    assert (await look(database, viewer, waiting)).state == "CANCELLED"
    answer = await admin.browser.post(url)
    assert answer.headers["location"] == f"/imports/process_{waiting}"
    text = text_of(await admin.browser.get(f"/imports/process_{waiting}"))
    assert "This cannot be done while it is “Cancelled”." in text


async def test_rights_and_tenants_bound_the_pages(
    admin: Person, waiting: int, signed_in: SignIn, new_tenant: MakeTenant
) -> None:
    """X-09, D9."""
    paths = [
        "/imports",
        "/imports/live",
        *(f"/imports/process_{waiting}{t}" for t in ("", "/live")),
    ]
    agent = await signed_in(Role.AGENT, (Permission.PROCESSES_VIEW,))
    for path in paths:
        assert (await agent.browser.get(path)).status_code == 403
    stranger = await signed_in(tenant_id=await new_tenant())
    assert (await stranger.browser.get(paths[2])).status_code == 404
    assert (await stranger.browser.get(paths[3])).status_code == 404
    assert "Spring" not in (await stranger.browser.get("/imports")).text
    for name in ("process_0", "x", "file_1"):
        assert (await admin.browser.get(f"/imports/{name}")).status_code == 404
    reader = await signed_in(Role.SUPERVISOR, (Permission.PROCESSES_VIEW,))
    assert "/cancellations" not in (await reader.browser.get("/imports")).text
    answer = await reader.browser.post(f"/imports/process_{waiting}/cancellations")
    assert answer.status_code == 403


@pytest.fixture
async def listening(application: ASGIApp, admin: Person) -> AsyncIterator[list[Conversation]]:
    """Streams that the test opened."""
    opened: list[Conversation] = []
    yield opened
    for conversation in opened:
        await conversation.end()


def stream(application: ASGIApp, admin: Person, path: str) -> Conversation:
    cookie = f"{COOKIE}={admin.browser.cookies[COOKIE]}".encode()
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1:8000"), (b"cookie", cookie)],
    }
    return Conversation(application, scope)


async def heard(conversation: Conversation) -> str:
    """The text of the next event."""
    while True:
        body = (await conversation.next()).get("body", b"").decode()
        if body.startswith("data: "):
            return body


@pytest.mark.parametrize("path", ["/imports/live", "/imports/process_{}/live"])
async def test_a_change_reaches_the_page_at_once(
    path: str,
    application: ASGIApp,
    admin: Person,
    waiting: int,
    database: Database,
    viewer: Viewer,
    listening: list[Conversation],
) -> None:
    """By notification: the look without one comes only after fifteen seconds."""
    conversation = stream(application, admin, path.format(waiting))
    listening.append(conversation)
    assert (await conversation.next())["status"] == 200
    assert "Waiting" in await heard(conversation)
    async with database.transaction(viewer.tenant_id) as session:
        await cancel_process(session, viewer, waiting)
    assert "Cancelled" in await heard(conversation)


async def test_the_list_costs_the_same_for_one_process_and_for_seven(
    admin: Person, database: Database, viewer: Viewer, done: int
) -> None:
    watched = Watched(database)
    async with Visitor(create_app(Settings(), watched), admin.browser.cookies[COOKIE]) as browser:
        await browser.get("/imports")
        counts = []
        for more in (0, 6):
            for number in range(more):
                file = await upload(database, viewer, PEOPLE)
                given = ImportInput(file_id=file.id, list_name=f"List {number}")
                await begin_import(database, viewer, given)
            before = watched.opened
            assert len(rows_of((await browser.get("/imports")).text)) == 1 + more
            counts.append(watched.opened - before)
        before = watched.opened
        assert (await browser.get(f"/imports/process_{done}")).status_code == 200
        counts.append(watched.opened - before)
    assert counts == [2, 2, 4]  # the rights of this moment; the rows; names of types and fields
