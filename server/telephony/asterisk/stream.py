# SPDX-License-Identifier: Apache-2.0
"""Asterisk's events by websocket: connected again whenever it ends, after a growing pause."""

import asyncio
import base64
import random
from collections.abc import Callable, Coroutine
from time import monotonic
from urllib.parse import urlencode, urlsplit, urlunsplit

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from server.domain.telephony import Exchange
from server.telephony.asterisk.rest import ExchangeError, check_address

LONGEST_FRAME = 1024 * 1024  # bytes; an event has some hundred
OPEN_TIMEOUT = 5.0
PING = 10.0  # seconds; a peer that is silent for as long again is gone
SHORTEST_PAUSE, LONGEST_PAUSE = 0.3, 5.0
QUIET = 10.0  # seconds between two lines of the log on the same trouble
FAILURES = (OSError, TimeoutError, WebSocketException, ExchangeError, ValueError)
log = structlog.get_logger(__name__)


def open_events(exchange: Exchange, application: str) -> connect:
    """The secret travels in a header: addresses end in logs."""
    parts = urlsplit(exchange.url.rstrip("/"))
    scheme = "wss" if parts.scheme == "https" else "ws"
    query = urlencode({"app": application, "subscribeAll": "false"})
    credentials = f"{exchange.username}:{exchange.secret}".encode()
    return connect(
        urlunsplit((scheme, parts.netloc, f"{parts.path}/events", query, "")),
        additional_headers={"Authorization": f"Basic {base64.b64encode(credentials).decode()}"},
        user_agent_header="Rubrica",
        open_timeout=OPEN_TIMEOUT,
        close_timeout=1,
        ping_interval=PING,
        ping_timeout=PING,
        max_size=LONGEST_FRAME,
        proxy=None,
        process_exception=lambda error: error,
    )


class EventStream:
    """Hands each frame on; `connected` is told first, and told of each new connection."""

    def __init__(
        self,
        exchange: Exchange,
        application: str,
        *,
        received: Callable[[str | bytes], None],
        connected: Callable[[], Coroutine[object, object, None]],
        disconnected: Callable[[], None],
    ) -> None:
        self._exchange = exchange
        self._application = application
        self._received = received
        self._connected = connected
        self._disconnected = disconnected

    async def run(self) -> None:
        """Until cancelled."""
        pause, told = SHORTEST_PAUSE, -QUIET
        while True:
            began = monotonic()
            reason = "closed by the exchange"
            try:
                await self._connection()
            except FAILURES as error:
                reason = f"{type(error).__name__}: {error}"[:200]
            except ExceptionGroup as group:
                reason = repr(group.exceptions[0])[:200]
            finally:
                self._disconnected()
            if monotonic() > began + 2 * LONGEST_PAUSE:
                pause = SHORTEST_PAUSE
            if monotonic() > told + QUIET:
                log.warning("asterisk.disconnected", exchange=self._exchange.id, reason=reason)
                told = monotonic()
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _connection(self) -> None:
        parts = urlsplit(self._exchange.url)
        await check_address(parts.hostname or "", parts.port or 80)
        async with (
            open_events(self._exchange, self._application) as socket,
            asyncio.TaskGroup() as group,
        ):
            # Events are read while the channels are being compared: none is missed in between.
            reading = group.create_task(self._read(socket))
            comparing = group.create_task(self._connected())
            reading.add_done_callback(lambda _: comparing.cancel())

    async def _read(self, socket: ClientConnection) -> None:
        async for frame in socket:
            self._received(frame)
