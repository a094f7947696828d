# SPDX-License-Identifier: Apache-2.0
"""`processes` and `process`: progress, counts, refused rows, failures (C-10 to C-14, C-53)."""

from typing import Any

import asyncpg
import pytest

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.services.campaigns import CampaignInput, attach_lists, create_campaign
from server.services.imports import ImportInput
from tests.conftest import MakeTenant
from tests.factories.imports import begin_import, upload
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.users import make_viewer
from tests.factories.working import run_import
from tests.schema.asking import Ask

ONE = """
query($id: ID!, $first: Int, $after: String) {
  process(id: $id) {
    id kind kindLabel state stateLabel total done succeeded failed skipped loaded repeated
    repeatedLines percent
    secondsLeft userName user { name } list { name contactCount } campaign { name }
    file { name size sha256 } filePath rejectionsPath comment
    error { code field message }
    importDetails { encoding separator hasHeader mapping { column field fieldLabel itemTypeId } }
    rejections(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { node { line column code message original } }
    }
  }
}
"""
ALL = """
query($filter: ProcessFilter, $first: Int, $after: String) {
  processes(filter: $filter, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges { node { id state rate startedAt finishedAt scheduledAt list { name } } }
  }
}
"""
PEOPLE = (
    "firstName,phone,Office\n"
    "Mario,06123456,0612345678\n"
    ",06123457,\n"
    "Anna,0698765432,0698765432\n"
    "Ugo,12,\n"
    "Eva,0612345699,,extra\n"
)


async def both(ask: Ask, document: str, **variables: object) -> Any:
    """The answer, which is the same by both paths."""
    answer = await ask(document, **variables)
    assert answer == await ask(document, ordinary=True, **variables)
    return answer["data"]


@pytest.fixture
async def done(database: Database, viewer: Viewer) -> str:
    """An import of five rows, of which three were refused."""
    async with database.transaction(viewer.tenant_id) as session:
        await make_item_type(session, viewer)
    stored = await upload(database, viewer, PEOPLE)
    process = await run_import(
        database, viewer, ImportInput(file_id=stored.id, list_name="Spring", comment="Fair")
    )
    return f"process_{process.id}"


async def test_a_finished_import_tells_its_counts_and_its_refused_rows(
    ask: Ask, database: Database, viewer: Viewer, done: str
) -> None:
    """C-12, C-14, C-53: line, column, reason and original text of each row."""
    process = (await both(ask, ONE, id=done))["process"]
    sha256 = process["file"].pop("sha256")
    assert len(sha256) == 64
    details = process.pop("importDetails")
    rejections = process.pop("rejections")
    assert process == {
        "id": done,
        "kind": "IMPORT",
        "kindLabel": "Import",
        "state": "FINISHED",
        "stateLabel": "Finished",
        "total": 5,
        "done": 5,
        "succeeded": 2,
        "failed": 3,
        "skipped": 0,
        "loaded": 0,
        "repeated": 1,
        "repeatedLines": [4],
        "percent": 100.0,
        "secondsLeft": None,
        "userName": viewer.name,
        "user": {"name": viewer.name},
        "list": {"name": "Spring", "contactCount": 2},
        "campaign": None,
        "file": {"name": "people.csv", "size": len(PEOPLE)},
        "filePath": f"/imports/{done}/file",
        "rejectionsPath": f"/imports/{done}/rejections.csv",
        "comment": "Fair",
        "error": None,
    }
    assert [(one["column"], one["field"], one["fieldLabel"]) for one in details["mapping"]] == [
        ("firstName", "FIRST_NAME", "First name"),
        ("phone", "PHONE", "Primary phone"),
        ("Office", None, None),
    ]
    assert rejections["totalCount"] == 3
    assert [edge["node"] for edge in rejections["edges"]] == [
        {
            "line": 3,
            "column": "firstName",
            "code": "REQUIRED",
            "message": "This cannot be blank. Fill it in.",
            "original": ["", "06123457", ""],
        },
        {
            "line": 5,
            "column": "phone",
            "code": "INVALID_NUMBER",
            "message": "“12” is not a phone number. Write it with + and the country code.",
            "original": ["Ugo", "12", ""],
        },
        {
            "line": 6,
            "column": None,
            "code": "EXTRA_CELLS",
            "message": "The row has 4 cells, the header 3. Put quotes around its commas.",
            "original": ["Eva", "0612345699", "", "extra"],
        },
    ]


async def test_refused_rows_come_page_by_page(ask: Ask, done: str) -> None:
    page = (await both(ask, ONE, id=done, first=2))["process"]["rejections"]
    assert [edge["node"]["line"] for edge in page["edges"]] == [3, 5]
    assert page["pageInfo"]["hasNextPage"] is True
    after = page["pageInfo"]["endCursor"]
    page = (await both(ask, ONE, id=done, first=2, after=after))["process"]["rejections"]
    assert [edge["node"]["line"] for edge in page["edges"]] == [6]
    assert page["pageInfo"]["hasNextPage"] is False


async def test_an_import_into_a_list_that_a_campaign_calls_says_what_it_loaded(
    ask: Ask, database: Database, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    """X-23."""
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        campaign = await create_campaign(session, viewer, CampaignInput(name="Calls"))
        await attach_lists(session, viewer, campaign.id, [spring.id])
    stored = await upload(database, viewer, PEOPLE)
    given = ImportInput(file_id=stored.id, list_id=spring.id)
    process = await run_import(database, viewer, given)
    answer = await both(ask, ONE, id=f"process_{process.id}")
    assert (answer["process"]["succeeded"], answer["process"]["loaded"]) == (2, 2)
    entries = "SELECT count(*) FROM hopper_entries WHERE campaign_id = $1"
    assert await owner.fetchval(entries, campaign.id) == 2


async def test_a_failed_import_says_why(
    ask: Ask, database: Database, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    """C-11: FAILED with a reason."""
    stored = await upload(database, viewer, PEOPLE)
    given = ImportInput(file_id=stored.id, list_name="Spring")
    process = await begin_import(database, viewer, given)
    await owner.execute(
        "UPDATE processes SET state = 'FAILED', error_code = 'COLUMN_MISSING',"
        " error_field = 'mapping.phone', error_params = '{\"column\": \"Tel\"}' WHERE id = $1",
        process.id,
    )
    found = (await both(ask, ONE, id=f"process_{process.id}"))["process"]
    assert (found["percent"], found["total"], found["rejectionsPath"]) == (None, None, None)
    assert found["error"] == {
        "code": "COLUMN_MISSING",
        "field": "mapping.phone",
        "message": "The file has no column “Tel”. Choose another column, or add it to the file.",
    }


async def test_rate_and_time_left_follow_the_chunks_done(
    ask: Ask, database: Database, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    stored = await upload(database, viewer, PEOPLE)
    given = ImportInput(file_id=stored.id, list_name="Spring")
    process = await begin_import(database, viewer, given)
    await owner.execute(
        "UPDATE processes SET state = 'RUNNING', total = 10000, done = 2500, succeeded = 2500,"
        " started_at = '2027-01-01T09:00Z', heartbeat_at = '2027-01-01T09:00:05Z' WHERE id = $1",
        process.id,
    )
    query = "query($id: ID!) { process(id: $id) { percent rate secondsLeft } }"
    answer = await both(ask, query, id=f"process_{process.id}")
    assert answer["process"] == {"percent": 25.0, "rate": 500.0, "secondsLeft": 15.0}


async def test_processes_are_listed_newest_first_and_filtered(
    ask: Ask, database: Database, viewer: Viewer, done: str, new_tenant: MakeTenant
) -> None:
    """C-10, D9."""
    stranger = await make_viewer(database, await new_tenant())
    await begin_import(
        database,
        stranger,
        ImportInput(file_id=(await upload(database, stranger, PEOPLE)).id, list_name="Theirs"),
    )
    stored = await upload(database, viewer, PEOPLE)
    given = ImportInput(file_id=stored.id, list_name="Summer")
    waiting = f"process_{(await begin_import(database, viewer, given)).id}"

    async def ids(**filter: object) -> list[str]:
        answer = await both(ask, ALL, filter=filter)
        return [edge["node"]["id"] for edge in answer["processes"]["edges"]]

    assert await ids() == [waiting, done]
    assert await ids(state="FINISHED") == [done]
    assert await ids(state="PENDING", kind="IMPORT") == [waiting]
    assert await ids(state="CANCELLED") == []
    assert await ids(listId="list_0") == []
    page = (await both(ask, ALL, first=1))["processes"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (2, True)
    after = page["pageInfo"]["endCursor"]
    page = (await both(ask, ALL, first=1, after=after))["processes"]
    assert [edge["node"]["id"] for edge in page["edges"]] == [done]
    theirs = await ask(ALL, as_=stranger)
    assert len(theirs["data"]["processes"]["edges"]) == 1


async def test_who_may_not_see_processes_is_refused(
    ask: Ask, database: Database, viewer: Viewer, done: str
) -> None:
    """X-09; an agent can never see one."""
    rights = frozenset(Permission) - {Permission.PROCESSES_VIEW}
    tenant = viewer.tenant_id
    poor = await make_viewer(database, tenant, Role.SUPERVISOR, permissions=rights)
    for nobody in (poor, await make_viewer(database, tenant, Role.AGENT)):
        answer = await ask("query($id: ID!) { process(id: $id) { id } }", as_=nobody, id=done)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_a_file_is_seen_by_its_owner_and_once_it_was_processed(
    ask: Ask, database: Database, viewer: Viewer, done: str
) -> None:
    """C-14: whoever may see processes may have their files."""
    query = "query($id: ID!) { node(id: $id) { ... on StoredFile { name size } } }"
    files = "query($id: ID!) { process(id: $id) { file { id } } }"
    used = (await both(ask, files, id=done))["process"]["file"]["id"]
    unused = f"file_{(await upload(database, viewer, 'a')).id}"
    colleague = await make_viewer(database, viewer.tenant_id, Role.SUPERVISOR)
    found = {"node": {"name": "people.csv", "size": len(PEOPLE)}}
    assert await both(ask, query, id=used, as_=colleague) == found
    assert await both(ask, query, id=unused, as_=colleague) == {"node": None}
    assert (await both(ask, query, id=unused))["node"]["size"] == 1
