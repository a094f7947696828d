# SPDX-License-Identifier: Apache-2.0
"""Parts of a page that change by themselves, sent as server-sent events.

A notification only says that something may have changed; the part is rendered anew, as the viewer
and with the rights of that moment, and sent only when its text differs.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from time import monotonic

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from server.database import DatabaseUnavailable
from web.site import PageError, context_of

LEAST_GAP = 0.7  # seconds between two updates of one part
LONGEST_GAP = 5.0  # seconds after which it is rendered without any notification
SETTLING = 0.5  # the same while what is shown is older than the last notification
LONGEST_STREAM = 3600.0  # then the browser connects anew
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
OVER = b"event: live:over\ndata: \n\n"  # the page reloads, into a refusal where there is one
NOTHING = b": \n\n"  # keeps the connection, and finds out whether there still is one

Part = Callable[[], Awaitable[Response]]


async def stream(
    request: Request,
    topics: Iterable[str],
    part: Part,
    *,
    least_gap: float | None = None,
    longest_gap: float | None = None,
) -> Response:
    """The part as it is now and whenever a topic tells of a change, until the reader leaves.

    The first part is rendered before anything is sent, so that a refusal is a refusal.
    """
    gaps = (least_gap or LEAST_GAP, longest_gap or LONGEST_GAP)
    events = _events(request, topics, part, *gaps)
    first = await anext(events)

    async def all_events() -> AsyncGenerator[bytes]:
        try:
            yield first
            async for one in events:
                yield one
        finally:
            await events.aclose()

    return StreamingResponse(all_events(), media_type="text/event-stream", headers=HEADERS)


async def _events(
    request: Request, topics: Iterable[str], part: Part, least_gap: float, longest_gap: float
) -> AsyncGenerator[bytes]:
    changed = Change()
    database = context_of(request).database
    stopping: asyncio.Event = request.app.state.stopping
    loop = asyncio.get_running_loop()
    ends = loop.time() + LONGEST_STREAM
    sent = b""
    is_first = True
    ends_of_listening = [await database.listen(topic, changed.tell) for topic in topics]
    try:
        while loop.time() < ends and not stopping.is_set():
            changed.told.clear()
            try:
                await _renew(request)
                request.state.shown_as_of = monotonic()  # an answer that is shared puts it back
                body = bytes((await part()).body)
            except PageError:  # signed out, or the right or the row is gone
                if is_first:
                    raise
                yield OVER
                return
            except DatabaseUnavailable:
                body = b""
            is_first = False
            digest = hashlib.blake2b(body, digest_size=16).digest()
            if body and digest != sent:
                sent = digest
                yield event(body.decode())
            else:
                yield NOTHING
            await _any(least_gap, stopping)
            is_behind = body and request.state.shown_as_of < changed.at
            gap = min(SETTLING, longest_gap) if is_behind else longest_gap
            await _any(gap - least_gap, changed.told, stopping)
            if await request.is_disconnected():
                return
    finally:
        for stop_listening in ends_of_listening:
            stop_listening()


class Change:
    """That something was told to have changed, and when it was last."""

    def __init__(self) -> None:
        self.told = asyncio.Event()
        self.at = 0.0

    def tell(self, _: str) -> None:
        self.at = monotonic()
        self.told.set()


async def _renew(request: Request) -> None:
    """The viewer as they are now: a stream may outlive a sign-in, and the rights it began with."""
    context = context_of(request)
    if context.refresh is not None:
        context.viewer = await context.refresh()
    if context.viewer is None:
        raise PageError(401)


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
