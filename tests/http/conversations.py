# SPDX-License-Identifier: Apache-2.0
"""How tests talk to an ASGI application: requests through httpx, sockets message by message."""

import asyncio
import json
from time import perf_counter, process_time
from typing import Any

import httpx
from starlette.types import ASGIApp, Message, Scope

HOST = "centre.example"
JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"


class Caller(httpx.AsyncClient):
    """A program that is no browser: no Origin, no Sec-Fetch headers unless a test adds them."""

    def __init__(self, app: ASGIApp, **headers: str) -> None:
        super().__init__(
            transport=httpx.ASGITransport(app, raise_app_exceptions=True),
            base_url=f"http://{HOST}",
            headers=headers,
        )

    async def ask(self, query: object, accept: str = JSON, **parameters: object) -> httpx.Response:
        body = json.dumps({"query": query, **parameters})  # lone surrogates as escapes
        headers = {"accept": accept, "content-type": JSON}
        return await self.post("/graphql", content=body, headers=headers)

    async def send(self, *arguments: Any, **named: Any) -> httpx.Response:
        """Each answer says how long it took."""
        started, since = process_time(), perf_counter()
        answer = await super().send(*arguments, **named)
        answer.extensions["seconds"] = process_time() - started
        answer.extensions["waited"] = perf_counter() - since
        return answer


def codes(answer: httpx.Response) -> list[str]:
    return [each["extensions"]["code"] for each in answer.json()["errors"]]


def refused(answer: httpx.Response) -> bool:
    """Errors, and no data."""
    body = answer.json()
    return bool(body.get("errors")) and "data" not in body


class Conversation:
    """One ASGI connection held by hand."""

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        self.to_app: asyncio.Queue[Message] = asyncio.Queue()
        self.from_app: asyncio.Queue[Message] = asyncio.Queue()
        self.task = asyncio.create_task(app(scope, self.to_app.get, self.from_app.put))  # type: ignore[arg-type]

    async def next(self, seconds: float = 5) -> Message:
        async with asyncio.timeout(seconds):
            return await self.from_app.get()

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


class SocketConversation(Conversation):
    def __init__(self, app: ASGIApp, subprotocol: str = "graphql-transport-ws", **headers: str):
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        super().__init__(
            app,
            {
                "type": "websocket",
                "path": "/graphql",
                "headers": [(b"host", HOST.encode()), *raw],
                "subprotocols": [subprotocol] if subprotocol else [],
            },
        )
        self.to_app.put_nowait({"type": "websocket.connect"})

    async def opened(self, **payload: object) -> "SocketConversation":
        assert (await self.next())["type"] == "websocket.accept"
        self.say({"type": "connection_init", "payload": payload})
        assert await self.heard() == {"type": "connection_ack"}
        return self

    def say(self, message: object) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        self.to_app.put_nowait({"type": "websocket.receive", "text": text})

    def subscribe(self, name: str, query: str, **parameters: object) -> None:
        payload = {"query": query, **parameters}
        self.say({"id": name, "type": "subscribe", "payload": payload})

    async def heard(self) -> Any:
        message = await self.next()
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    async def closed(self) -> int:
        """The close code, after whatever else was on its way."""
        while True:
            message = await self.next()
            if message["type"] == "websocket.close":
                return int(message["code"])
