# SPDX-License-Identifier: Apache-2.0
"""An exchange that says again what a real Asterisk 22 has said, over real HTTP and websockets.

A recording is a list of steps in the order in which they were seen: a request with its answer, an
event, or the end of the event stream. An event is sent once each request before it has come.
"""

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import uvicorn

from server.domain.telephony import Exchange

PREFIX = "rubrica-1-c0ffee"  # of the recorded channels
ANY = "*"  # that of the first call that is made
RECORDED = Path(__file__).parent / "recorded"
Step = dict[str, Any]
Spoil = Callable[[list[str]], list[str]]
NOTHING: dict[tuple[str, str], Any] = {("GET", "/channels"): [], ("GET", "/bridges"): []}


def recordings() -> list[str]:
    return sorted(path.stem for path in RECORDED.glob("*.json"))


def recording(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
    return found


def probe(name: str) -> list[Step]:
    """The answers to a test of the connection."""
    steps: list[Step] = json.loads((RECORDED / "probes" / f"{name}.json").read_text())
    return steps


def shuffled(seed: int) -> Spoil:
    """Each event one to three times, in any order (F18)."""
    chance = random.Random(seed)

    def spoil(frames: list[str]) -> list[str]:
        several = [frame for frame in frames for _ in range(chance.randint(1, 3))]
        chance.shuffle(several)
        return several

    return spoil


class Replay:
    """The ASGI application. `asked` holds the requests that came, as "METHOD /path"."""

    def __init__(
        self,
        steps: list[Step],
        spoil: Spoil = lambda frames: frames,
        *,
        has_events: bool = True,
        prefix: str = PREFIX,
    ) -> None:
        self.steps = steps
        self.asked: list[str] = []
        self.authorizations: set[str] = set()
        self.application = ""
        self.port = 0
        self._spoil = spoil
        self._has_events = has_events
        self._prefix = prefix  # of the channels, where a call's key is not the recorded one
        self._done: set[int] = set()
        self._position = 0
        self._come = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.authorizations.add(dict(scope["headers"]).get(b"authorization", b"").decode())
        if scope["type"] == "websocket":
            await self._events(scope, receive, send)
        else:
            await self._request(scope, receive, send)

    async def _request(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        method, path = scope["method"], scope["path"].removeprefix("/ari")
        path = path.replace(self.application, "{application}") if self.application else path
        path = re.sub(r"rubrica-test-[0-9a-f]{16}", "rubrica-test", path)
        if self._prefix == ANY and (found := re.fullmatch(r"/channels/(.+)-n", path)):
            self._prefix = found[1]
        path = path.replace(self._prefix, PREFIX)
        self.asked.append(f"{method} {path}")
        answer = self._answer(method, path)
        await self._send(send, answer["status"], answer.get("body"))

    async def _send(self, send: Any, status: int, value: Any) -> None:
        body = b"" if value is None else self._text(value).encode()
        headers = [(b"content-type", b"application/json")]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, method: str, path: str) -> Step:
        for place, step in enumerate(self.steps):
            asked = step.get("request")
            if (
                asked
                and place not in self._done
                and (asked["method"], asked["path"])
                == (
                    method,
                    path,
                )
            ):
                self._done.add(place)
                self._come.set()
                answer: Step = step["answer"]
                return answer
        if (method, path) in NOTHING:
            return {"status": 200, "body": NOTHING[method, path]}
        return {"status": 404, "body": {"message": "not found"}}

    async def _events(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        if not self._has_events:
            await send({"type": "websocket.close", "code": 1011})
            return
        self.application = parse_qs(scope["query_string"].decode())["app"][0]
        await send({"type": "websocket.accept"})
        sending = asyncio.ensure_future(self._send_events(send))
        try:
            while (await receive())["type"] != "websocket.disconnect":
                pass
        finally:
            sending.cancel()

    async def _send_events(self, send: Any) -> None:
        while self._position < len(self.steps):
            frames: list[str] = []
            while self._position < len(self.steps) and self._is_event():
                frames.append(self._text(self.steps[self._position]["event"]))
                self._position += 1
            for frame in self._spoil(frames):
                await send({"type": "websocket.send", "text": frame})
            if self._position == len(self.steps):
                return
            if "closed" in self.steps[self._position]:
                self._position += 1
                await send({"type": "websocket.close", "code": 1001})
                return
            while self._position not in self._done:
                self._come.clear()
                await self._come.wait()
            self._position += 1

    def _is_event(self) -> bool:
        return "event" in self.steps[self._position]

    def _text(self, value: Any) -> str:
        text = json.dumps(value).replace("{application}", self.application)
        return text if self._prefix == ANY else text.replace(PREFIX, self._prefix)

    def exchange(self, **changes: Any) -> Exchange:
        """As it was set when the recordings were made."""
        given: dict[str, Any] = {
            "id": 1,
            "tenant_id": 1,
            "url": f"http://127.0.0.1:{self.port}/ari",
            "username": "rubrica",
            "secret": "secret",
            "application": "rubrica",
            "dial_template": "PJSIP/{number}@trunk",
            "agent_template": "PJSIP/{endpoint}",
            "answered_context": "",
            "detects_machines": False,
            "mark": "rubrica-1",
        }
        return Exchange(**given | changes)


@asynccontextmanager
async def serving(app: Any, port: int = 0) -> AsyncIterator[int]:
    """The application on a port of this machine, a free one unless it is given."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        lifespan="off",
        log_level="critical",
        ws="websockets-sansio",
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 # uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def replaying(
    steps: list[Step],
    spoil: Spoil | None = None,
    *,
    has_events: bool = True,
    prefix: str = PREFIX,
    port: int = 0,
) -> AsyncIterator[Replay]:
    given = spoil or (lambda frames: frames)
    replay = Replay(steps, given, has_events=has_events, prefix=prefix)
    async with serving(replay, port) as port:
        replay.port = port
        yield replay
