# SPDX-License-Identifier: Apache-2.0
"""F3: whoever still listens, a stop is over within ten seconds, the database's too."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from server.database import Database
from server.database.embedded import server_status
from server.domain.permissions import Role
from server.services.account import install_token
from server.services.tenants import ensure_tenant
from server.services.users import UserInput, install_user
from tests.cli.running import ENVIRONMENT, logged, running, wait_until_ready

AT_ONCE = 2.0  # seconds; uvicorn by itself would wait for four
HELLO = '{"type": "connection_init"}'


async def furnish(url: str) -> tuple[str, str, str]:
    """Something to listen to: a token, a process that nobody works on, a campaign."""
    database = Database(url, pool_size=2)
    await database.start()
    async with database.transaction(None) as session:
        tenant = await ensure_tenant(session, "default")
    async with database.transaction(tenant) as session:
        given = UserInput(name="boss", role=Role.ADMIN, password="quaderno-blu-27")
        token = await install_token(session, await install_user(session, given), name="Tests")
    async with database.connection(tenant) as connection:
        campaign = await connection.fetchval(
            "INSERT INTO campaigns (name, name_key) VALUES ('a', 'a') RETURNING id"
        )
        process = await connection.fetchval(
            "INSERT INTO processes (kind) VALUES ('IMPORT') RETURNING id"
        )
    await database.stop()
    return token.secret, f"process_{process}", f"campaign_{campaign}"


class Listeners:
    """Programs and pages that listen until the server lets them go."""

    def __init__(self, address: str, token: str) -> None:
        self.headers = {"authorization": f"Bearer {token}"}
        self.address = address
        self.client = httpx.AsyncClient(base_url=address, headers=self.headers, timeout=20)
        self.heard: asyncio.Queue[str] = asyncio.Queue()

    async def events(self, method: str, path: str, query: str | None = None) -> None:
        accept = {"accept": "text/event-stream"}
        body = None if query is None else {"query": query}
        async with self.client.stream(method, path, json=body, headers=accept) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    self.heard.put_nowait(line)

    async def socket(self, *messages: str) -> None:
        """It hears an answer to each message."""
        async with connect(
            f"ws{self.address.removeprefix('http')}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            additional_headers=self.headers,
        ) as socket:
            for message in messages:
                await socket.send(message)
                self.heard.put_nowait(str(await socket.recv()))
            await socket.wait_closed()
            assert socket.close_code == 1012  # come back: the service restarts


async def test_streams_end_at_once_when_the_server_is_told_to_stop(data: Path) -> None:
    with running("run", "--no-demo", "--data-dir", data) as (server, address):
        wait_until_ready(address, 20)
        token, process, campaign = await furnish(server_status(data).url or "")
        query = f'subscription {{ processChanged(id: "{process}") {{ id }} }}'
        subscribe = {"id": "1", "type": "subscribe", "payload": {"query": query}}
        listeners = Listeners(address, token)
        listening = [
            asyncio.create_task(listeners.events("POST", "/graphql", query)),
            asyncio.create_task(listeners.events("GET", f"/campaigns/{campaign}/live")),
            asyncio.create_task(listeners.socket(HELLO, json.dumps(subscribe))),
            asyncio.create_task(listeners.socket(HELLO)),
            asyncio.create_task(listeners.socket()),
        ]
        async with asyncio.timeout(20):
            for _ in range(5):  # of the last one nothing can be heard
                await listeners.heard.get()
        await asyncio.sleep(0.2)
        assert not any(task.done() for task in listening)
        server.send_signal(signal.SIGTERM)
        async with asyncio.timeout(AT_ONCE):
            await asyncio.gather(*listening)
        assert await asyncio.to_thread(server.wait, 10) == 0
        assert server_status(data).running is False
        await listeners.client.aclose()


def test_a_second_signal_waits_for_nothing_but_the_database(data: Path) -> None:
    """Ctrl-C twice, while a request is half sent."""
    with running("serve", "--data-dir", data) as (server, address):
        wait_until_ready(address, 20)
        host, _, port = address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as slow:
            slow.sendall(
                b"POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
                b"content-length: 9\r\n\r\n{"
            )
            time.sleep(0.2)
            server.send_signal(signal.SIGINT)
            with pytest.raises(subprocess.TimeoutExpired):
                server.wait(1)
            server.send_signal(signal.SIGINT)
            assert server.wait(2) == 0
        assert server_status(data).running is False
        assert logged(server) == []


def test_a_signal_at_the_start_leaves_nothing_behind(data: Path) -> None:
    """Sent when the server has just come up: between the database and the first answer."""
    command = [sys.executable, "-m", "server.cli", "serve", "--port", "0", "--data-dir", str(data)]
    with subprocess.Popen(
        command,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        deadline = time.monotonic() + 20
        while not server_status(data).running and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=10)
    assert server.returncode in (0, 128 + signal.SIGTERM)
    assert said == ""
    assert server_status(data).running is False
