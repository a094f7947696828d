# SPDX-License-Identifier: Apache-2.0
"""Parts of a page that change by themselves, sent as server-sent events.

A notification only says that something may have changed; the part is rendered anew, as the viewer
and with the rights of that moment, and sent only when its text differs.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from server.database import DatabaseUnavailable
from web.site import PageError, context_of

LEAST_GAP = 0.7  # seconds between two updates of one part
LONGEST_GAP = 5.0  # seconds after which it is rendered without any notification
LONGEST_STREAM = 3600.0  # then the browser connects anew, and its sign-in is looked at again
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Part = Callable[[], Awaitable[Response]]


async def stream(
    request: Request, topic: str, part: Part, *, longest_gap: float = LONGEST_GAP
) -> Response:
    """The part as it is now and whenever `topic` tells of a change, until the reader leaves."""
    events = _events(request, topic, part, longest_gap)
    return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)


async def _events(
    request: Request, topic: str, part: Part, longest_gap: float
) -> AsyncIterator[bytes]:
    changed = asyncio.Event()
    stop_listening = await context_of(request).database.listen(topic, lambda _: changed.set())
    loop = asyncio.get_running_loop()
    ends = loop.time() + LONGEST_STREAM
    stopping: asyncio.Event = getattr(request.app.state, "stopping", None) or asyncio.Event()
    sent = b""
    try:
        while loop.time() < ends and not stopping.is_set() and not await request.is_disconnected():
            changed.clear()
            try:
                body = bytes((await part()).body)
            except PageError:  # signed out, or the right is gone: the page reloads into a refusal
                return
            except DatabaseUnavailable:
                body = b""
            digest = hashlib.blake2b(body, digest_size=16).digest()
            if body and digest != sent:
                sent = digest
                yield event(body.decode())
            else:
                yield b": \n\n"
            await asyncio.sleep(LEAST_GAP)
            await _any(longest_gap - LEAST_GAP, changed, stopping)
    finally:
        stop_listening()


def event(text: str) -> bytes:
    """One unnamed event; each line of its text on a data line of its own."""
    return "".join(f"data: {line}\n" for line in text.splitlines()).encode() + b"\n"


async def _any(seconds: float, *events: asyncio.Event) -> None:
    """Until one of the events, or the time, has come."""
    waiting = [asyncio.create_task(one.wait()) for one in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
