# SPDX-License-Identifier: Apache-2.0
"""`processChanged`: the progress of a process as it goes on, over both transports (C-10)."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.types import ASGIApp

from server.app import create_app
from server.database import Database
from server.domain.permissions import Role, Viewer
from server.services.imports import ImportInput
from server.services.processes import cancel_process
from server.settings import Settings
from tests.factories.access import make_account, sign_in
from tests.factories.imports import begin_import, upload
from tests.http.conversations import HOST, Conversation, SocketConversation
from tests.schema.processes.conftest import Over

WATCH = """
subscription($id: ID!) {
  processChanged(id: $id) { id state done total percent list { name } error { message } }
}
"""
PEOPLE = "firstName,phone\n" + "".join(f"Mario {n},06123{n:05}\n" for n in range(6000))


@pytest.fixture
def application(database: Database) -> ASGIApp:
    return create_app(Settings(), database)


@pytest.fixture
async def cookie(database: Database, tenant: int) -> str:
    account = await make_account(database, tenant, Role.ADMIN)
    return f"rubrica_session={(await sign_in(database, account))[0]}"


@pytest.fixture
async def waiting(database: Database, viewer: Viewer) -> str:
    stored = await upload(database, viewer, PEOPLE)
    given = ImportInput(file_id=stored.id, list_name="Spring")
    return f"process_{(await begin_import(database, viewer, given)).id}"


@pytest.fixture
async def socket(application: ASGIApp, cookie: str) -> AsyncIterator[SocketConversation]:
    conversation = await SocketConversation(application, cookie=cookie).opened()
    yield conversation
    await conversation.end()


async def told(socket: SocketConversation) -> Any:
    """What the next event says; None for the end."""
    message = await socket.heard()
    if message["type"] == "complete":
        return None
    return message["payload"]["data"]["processChanged"]


async def test_each_change_is_told_until_the_process_is_over(
    socket: SocketConversation, waiting: str, over: Over
) -> None:
    socket.subscribe("a", WATCH, variables={"id": waiting})
    seen = []
    while (process := await told(socket)) is not None:
        seen.append(process)
    assert {process["id"] for process in seen} == {waiting}
    assert {process["list"]["name"] for process in seen} == {"Spring"}
    done = [process["done"] for process in seen]
    assert done == sorted(done)
    assert seen[-1] | {"list": None} == {
        "id": waiting,
        "state": "FINISHED",
        "done": 6000,
        "total": 6000,
        "percent": 100.0,
        "list": None,
        "error": None,
    }


async def test_a_change_is_told_at_once(
    socket: SocketConversation, waiting: str, database: Database, viewer: Viewer
) -> None:
    """By notification: the look without one comes only after five seconds."""
    socket.subscribe("a", WATCH, variables={"id": waiting})
    assert (await told(socket))["state"] == "PENDING"
    async with database.transaction(viewer.tenant_id) as session:
        await cancel_process(session, viewer, int(waiting.removeprefix("process_")))
    async with asyncio.timeout(3):
        assert (await told(socket))["state"] == "CANCELLED"
        assert await told(socket) is None


async def test_a_foreign_process_looks_missing(
    application: ASGIApp, waiting: str, database: Database, new_tenant: Any
) -> None:
    """D9."""
    account = await make_account(database, await new_tenant(), Role.ADMIN)
    token, _ = await sign_in(database, account)
    socket = await SocketConversation(application, cookie=f"rubrica_session={token}").opened()
    for name in (waiting, "process_999999999", "nonsense"):
        socket.subscribe("a", WATCH, variables={"id": name})
        message = await socket.heard()
        assert message["payload"] == {"data": {"processChanged": None}}
        assert (await socket.heard())["type"] == "complete"
    await socket.end()


async def test_an_agent_may_not_watch(
    application: ASGIApp, waiting: str, database: Database, tenant: int
) -> None:
    """X-09."""
    token, _ = await sign_in(database, await make_account(database, tenant, Role.AGENT))
    socket = await SocketConversation(application, cookie=f"rubrica_session={token}").opened()
    socket.subscribe("a", WATCH, variables={"id": waiting})
    payload = (await socket.heard())["payload"]
    errors = payload if isinstance(payload, list) else payload["errors"]
    assert [error["extensions"]["code"] for error in errors] == ["FORBIDDEN"]
    await socket.end()


async def test_server_sent_events_tell_it_too(
    application: ASGIApp, cookie: str, waiting: str, over: Over
) -> None:
    await over(waiting)
    headers = {"host": HOST, "content-type": "application/json", "accept": "text/event-stream"}
    headers |= {"cookie": cookie, "sec-fetch-site": "same-origin"}
    conversation = Conversation(
        application,
        {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        },
    )
    body = json.dumps({"query": WATCH, "variables": {"id": waiting}}).encode()
    conversation.to_app.put_nowait({"type": "http.request", "body": body})
    assert (await conversation.next())["status"] == 200
    text = b""
    while b"event: complete" not in text:
        text += (await conversation.next())["body"]
    [event] = [line for line in text.decode().splitlines() if line.startswith("data: {")]
    assert json.loads(event[6:])["data"]["processChanged"]["state"] == "FINISHED"
    await conversation.end()
