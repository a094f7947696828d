# SPDX-License-Identifier: Apache-2.0
"""Operations as an event stream: GraphQL over SSE, distinct connections."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Generic

from graphql import OperationType
from starlette.types import Receive, Scope, Send

from server.domain.permissions import Viewer
from server.http import json
from server.http.executing import ContextT, Service
from server.http.negotiation import Media
from server.http.refusals import RefusedError, refusal_of
from server.http.requests import Parameters

HEARTBEAT = b":\n\n"
COMPLETE = b"event: complete\ndata: \n\n"


def event(body: bytes) -> bytes:
    """JSON text has no line breaks outside strings, and none inside them that is not escaped."""
    return b"event: next\ndata: " + body + b"\n\n"


class EventStream(Generic[ContextT]):
    """One operation on one connection, ended by completion, the listener, or lost rights.

    A subscription ends with the server too (F3), without the word that it is complete.
    """

    def __init__(
        self, service: Service[ContextT], scope: Scope, receive: Receive, send: Send
    ) -> None:
        self.service = service
        self.scope = scope
        self.receive = receive
        self.send = send
        self.subscribed = asyncio.Event()

    async def run(self, parameters: Parameters) -> None:
        """Refusals of GraphQL are events too; those before it (503) are plain answers."""
        viewer = await self.service.viewer_of(self.scope)
        if viewer is None:
            raise RefusedError(401, "UNAUTHENTICATED", "Sign in first.")
        with self.service.counted(viewer):
            await self._start()
            work = asyncio.create_task(self._pump(parameters, viewer))
            gone = asyncio.create_task(self._wait_for_end(viewer))
            try:
                await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (work, gone):
                    task.cancel()
                await asyncio.gather(work, gone, return_exceptions=True)
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _start(self) -> None:
        await self.send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", Media.EVENTS.value),
                    (b"cache-control", b"no-store"),
                    (b"x-content-type-options", b"nosniff"),
                    (b"x-accel-buffering", b"no"),
                ],
            }
        )
        await self._write(HEARTBEAT)

    async def _pump(self, parameters: Parameters, viewer: Viewer) -> None:
        try:
            async with aclosing(self._answers(parameters, viewer)) as answers:
                async for body in answers:
                    await self._write(event(body))
        except Exception as reason:
            await self._write(event(json.dumps(refusal_of(reason).body)))
        await self._write(COMPLETE)

    async def _answers(self, parameters: Parameters, viewer: Viewer) -> AsyncGenerator[bytes, None]:
        document, operation = self.service.checked(parameters)
        await self.service.admit(operation, self.scope)
        if operation.kind is OperationType.SUBSCRIPTION:
            self.subscribed.set()
            source = self.service.subscribe(document, parameters, self.scope, viewer)
            async with aclosing(source) as answers:
                async for body in answers:
                    yield body
        else:
            yield (await self.service.execute(document, parameters, self.scope, viewer))[1]

    async def _wait_for_end(self, viewer: Viewer) -> None:
        """Returns when the listener hangs up, the viewer's rights have changed, or we stop."""
        async with asyncio.TaskGroup() as tasks:
            beating = tasks.create_task(self._beat())
            watching = tasks.create_task(self.service.rights_changed(self.scope, viewer))
            leaving = tasks.create_task(self._left())
            stopping = tasks.create_task(self._stopping())
            await asyncio.wait({watching, leaving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for task in (beating, watching, leaving, stopping):
                task.cancel()

    async def _left(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _stopping(self) -> None:
        """Queries and mutations may still be answered: they end of themselves."""
        await self.service.stopping.wait()
        await self.subscribed.wait()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.service.limits.heartbeat_seconds)
            await self._write(HEARTBEAT)

    async def _write(self, chunk: bytes) -> None:
        await self.send({"type": "http.response.body", "body": chunk, "more_body": True})
