# SPDX-License-Identifier: Apache-2.0
"""Operations over WebSocket: the graphql-transport-ws protocol, and no other.

A browser sends cookies with a handshake from any page, so the Origin decides first (W1, ASVS
4.4.2). Close codes are the protocol's.
"""

import asyncio
from contextlib import aclosing, suppress
from typing import Generic

from graphql import OperationType
from starlette.types import Message, Receive, Scope, Send

from server.database import DatabaseUnavailable
from server.domain.permissions import Viewer
from server.http import json, requests
from server.http.executing import ContextT, Service
from server.http.headers import headers_of
from server.http.origins import is_own_origin
from server.http.refusals import GraphQLRefusedError, error, refusal_of

PROTOCOL = "graphql-transport-ws"
ID_CHARACTERS = 256


class ClosedError(Exception):
    """The socket closes with this code; 1005 stands for the other side's own close."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Socket(Generic[ContextT]):
    """One connection. `viewer` stands from the handshake, or from connection_init's token."""

    def __init__(
        self, service: Service[ContextT], scope: Scope, receive: Receive, send: Send
    ) -> None:
        self.service = service
        self.limits = service.limits
        self.scope = scope
        self.receive = receive
        self.send = send
        self.operations: dict[str, asyncio.Task[None]] = {}
        self.tasks: set[asyncio.Task[None]] = set()  # ended ones leave it

    async def run(self) -> None:
        await self.receive()  # websocket.connect
        if not self._may_connect():
            await self.send({"type": "websocket.close", "code": 4403})
            return
        await self.send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        try:
            viewer = await self._initialised()
            with self.service.counted(viewer):
                await self._write({"type": "connection_ack"})
                await self._serve(viewer)
        except ClosedError as closed:
            if closed.code != 1005:
                await self._close(closed)
        except GraphQLRefusedError:
            await self._close(ClosedError(4429, "Too many streams are open"))
        except DatabaseUnavailable:
            await self._close(ClosedError(1013, "Try again later"))
        except Exception as reason:
            refusal_of(reason)  # logs what is a bug
            await self._close(ClosedError(4500, "Internal server error"))

    def _may_connect(self) -> bool:
        """No Origin means no browser; a browser's must be ours."""
        if PROTOCOL not in self.scope.get("subprotocols", ()):
            return False
        headers = headers_of(self.scope)
        origin = headers.get(b"origin")
        return origin is None or is_own_origin(origin, headers, self.service.own_origins)

    async def _initialised(self) -> Viewer:
        """Browsers cannot set headers here, so connection_init may carry the bearer token."""
        try:
            async with asyncio.timeout(self.limits.init_seconds):
                message = await self._read()
        except TimeoutError:
            raise ClosedError(4408, "Connection initialisation timeout") from None
        if message.get("type") != "connection_init":
            raise ClosedError(4401, "Unauthorized")
        payload = message.get("payload") or {}
        if not isinstance(payload, dict):
            raise ClosedError(4400, "Invalid connection init payload")
        token = payload.get("authorization", payload.get("Authorization"))
        if isinstance(token, str) and token.isascii():
            others = [pair for pair in self.scope["headers"] if pair[0] != b"authorization"]
            self.scope = {
                **self.scope,
                "headers": [*others, (b"authorization", token.encode())],
            }
        viewer = await self.service.viewer_of(self.scope)
        if viewer is None:
            raise ClosedError(4401, "Unauthorized")
        return viewer

    async def _serve(self, viewer: Viewer) -> None:
        reading = asyncio.create_task(self._read_all(viewer))
        watching = asyncio.create_task(self.service.rights_changed(self.scope, viewer))
        try:
            await asyncio.wait({reading, watching}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                await reading
            elif await watching is None:
                raise ClosedError(4401, "Unauthorized")
            else:
                raise ClosedError(1012, "Rights have changed: connect again")
        finally:
            tasks = [reading, watching, *self.tasks]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read_all(self, viewer: Viewer) -> None:
        while True:
            message = await self._read()
            kind = message.get("type")
            if kind == "ping":
                await self._write({"type": "pong"})
            elif kind == "subscribe":
                await self._subscribe(self._id(message), message.get("payload"), viewer)
            elif kind == "complete":
                if task := self.operations.pop(self._id(message), None):
                    task.cancel()
            elif kind == "connection_init":
                raise ClosedError(4429, "Too many initialisation requests")
            elif kind != "pong":
                raise ClosedError(4400, "Unknown message type")

    async def _subscribe(self, name: str, payload: object, viewer: Viewer) -> None:
        if name in self.operations:
            raise ClosedError(4409, f"Subscriber for {name} already exists"[:100])
        if len(self.operations) >= self.limits.operations_per_socket:
            refusal = error("LIMIT_EXCEEDED", "Too many operations run on this connection.")
            await self._write({"id": name, "type": "error", "payload": [refusal]})
            return
        task = asyncio.create_task(self._operate(name, payload, viewer))
        self.operations[name] = task
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _operate(self, name: str, payload: object, viewer: Viewer) -> None:
        started = False
        try:
            parameters = requests.from_object(payload)
            document, operation = self.service.checked(parameters)
            await self.service.admit(operation, self.scope)
            if operation.kind is OperationType.SUBSCRIPTION:
                source = self.service.subscribe(document, parameters, self.scope, viewer)
                async with aclosing(source) as answers:
                    async for body in answers:
                        started = True
                        await self._next(name, body)
            else:
                answer = await self.service.execute(document, parameters, self.scope, viewer)
                await self._next(name, answer[1])
            last: dict[str, object] = {"id": name, "type": "complete"}
        except Exception as reason:
            body_of_refusal = refusal_of(reason).body
            if started:
                await self._next(name, json.dumps(body_of_refusal))
                last = {"id": name, "type": "complete"}
            else:
                last = {"id": name, "type": "error", "payload": body_of_refusal["errors"]}
        # The id is free before the last message, so that it may be used again at once. One that
        # the client has completed meanwhile may already belong to its next operation.
        if self.operations.get(name) is asyncio.current_task():
            del self.operations[name]
            await self._write(last)

    def _id(self, message: dict[str, object]) -> str:
        name = message.get("id")
        if not isinstance(name, str) or not 0 < len(name) <= ID_CHARACTERS:
            raise ClosedError(4400, "Invalid id")
        return name

    async def _read(self) -> dict[str, object]:
        message: Message = await self.receive()
        if message["type"] != "websocket.receive":
            raise ClosedError(1005, "")
        text = message.get("text")
        if text is None:
            raise ClosedError(4400, "WebSocket message type must be text")
        if len(text) > self.limits.message_bytes:
            raise ClosedError(1009, "Message too big")
        try:
            value = json.loads(text.encode())
        except json.NotJSONError:
            raise ClosedError(4400, "WebSocket message must be valid JSON") from None
        if not isinstance(value, dict):
            raise ClosedError(4400, "Invalid message")
        return value

    async def _next(self, name: str, body: bytes) -> None:
        await self._send_text(
            b'{"id":' + json.dumps(name) + b',"type":"next","payload":' + body + b"}"
        )

    async def _write(self, message: dict[str, object]) -> None:
        await self._send_text(json.dumps(message))

    async def _send_text(self, text: bytes) -> None:
        await self.send({"type": "websocket.send", "text": text.decode()})

    async def _close(self, closed: ClosedError) -> None:
        with suppress(RuntimeError):  # the other side was faster
            await self.send(
                {"type": "websocket.close", "code": closed.code, "reason": closed.reason}
            )
