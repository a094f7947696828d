# SPDX-License-Identifier: Apache-2.0
"""`cancelProcess`: a waiting one never starts, one that is over stays as it is (C-13)."""

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.services.imports import ImportInput
from tests.conftest import MakeTenant
from tests.factories.imports import begin_import, look, upload
from tests.factories.users import make_viewer
from tests.factories.working import run_import
from tests.schema.asking import Ask
from tests.schema.processes.conftest import Over

CANCEL = """
mutation($id: ID!) {
  cancelProcess(input: {id: $id}) {
    process { id state stateLabel finishedAt } userErrors { code field message }
  }
}
"""
PEOPLE = "firstName,phone\nMario,06123456\n"


async def waiting(database: Database, viewer: Viewer) -> int:
    stored = await upload(database, viewer, PEOPLE)
    given = ImportInput(file_id=stored.id, list_name="Spring")
    return (await begin_import(database, viewer, given)).id


async def test_a_waiting_process_that_is_cancelled_never_starts(
    ask: Ask, database: Database, viewer: Viewer
) -> None:
    key = await waiting(database, viewer)
    payload = (await ask(CANCEL, id=f"process_{key}"))["data"]["cancelProcess"]
    assert payload["userErrors"] == []
    assert payload["process"].pop("finishedAt") is not None
    assert payload["process"] == {
        "id": f"process_{key}",
        "state": "CANCELLED",
        "stateLabel": "Cancelled",
    }
    other = await upload(database, viewer, "firstName\nAnna\n")
    await run_import(database, viewer, ImportInput(file_id=other.id, list_name="Summer"))
    process = await look(database, viewer, key)
    assert (process.state, process.started_at, process.done) == ("CANCELLED", None, 0)


async def test_a_process_that_is_over_cannot_be_cancelled(
    ask: Ask, database: Database, viewer: Viewer, over: Over
) -> None:
    key = await waiting(database, viewer)
    await over(f"process_{key}")
    payload = (await ask(CANCEL, id=f"process_{key}"))["data"]["cancelProcess"]
    assert payload == {
        "process": None,
        "userErrors": [
            {
                "code": "WRONG_STATE",
                "field": "id",
                "message": "This cannot be done while it is “Finished”.",
            }
        ],
    }
    assert (await look(database, viewer, key)).state == "FINISHED"


async def test_nobody_cancels_what_they_may_not(
    ask: Ask, database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:
    """X-09, D9."""
    key = await waiting(database, viewer)
    stranger = await make_viewer(database, await new_tenant())
    for name in (f"process_{key}", "process_0", "list_1", "x"):
        payload = (await ask(CANCEL, as_=stranger, id=name))["data"]["cancelProcess"]
        assert [(e["code"], e["field"]) for e in payload["userErrors"]] == [("NOT_FOUND", "id")]
    rights = frozenset(Permission) - {Permission.PROCESSES_EDIT}
    poor = await make_viewer(database, viewer.tenant_id, Role.SUPERVISOR, permissions=rights)
    answer = await ask(CANCEL, as_=poor, id=f"process_{key}")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert (await look(database, viewer, key)).state == "PENDING"
