# SPDX-License-Identifier: Apache-2.0
"""One connection that listens for notifications, made again for ever when it is lost (F23)."""

import asyncio
import contextlib
from collections.abc import Callable

import asyncpg
import structlog

from .address import ConnectArguments

Callback = Callable[[str], None]
HEARTBEAT = 3.0  # seconds; a half-open connection is noticed within two of them
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0

log = structlog.get_logger(__name__)


class Listener:
    """Calls back with each payload; with "" after a gap, as something may have been missed.

    Notifications only wake: whoever listens also looks at the table now and then.
    """

    def __init__(self, arguments: ConnectArguments) -> None:
        self._arguments = arguments
        self._callbacks: dict[str, set[Callback]] = {}
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._listening = asyncio.Event()

    async def listen(self, channel: str, callback: Callback) -> Callable[[], None]:
        """Start to call `callback` (it must not block); the answer is how to end that."""
        self._callbacks.setdefault(channel, set()).add(callback)
        self._listening.clear()
        self._changed.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="database-listener")
        # A caller that notifies at once expects to hear it; a database that is away is no error.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self._listening.wait()

        def unlisten() -> None:
            self._callbacks.get(channel, set()).discard(callback)

        return unlisten

    async def stop(self) -> None:
        """End the task and its connection."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        pause, lost = FIRST_PAUSE, False
        while True:
            connection: asyncpg.Connection | None = None
            try:
                connection = await asyncpg.connect(**self._arguments)
                connection.add_termination_listener(self._wake)
                heard = await self._subscribe(connection, set())
                if lost:
                    log.info("listener.restored")
                    self._gap()
                pause, lost = FIRST_PAUSE, False
                while True:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(HEARTBEAT):
                            await self._changed.wait()
                    heard = await self._subscribe(connection, heard)
                    await connection.execute("SELECT 1", timeout=HEARTBEAT)
            except Exception as error:  # whatever it was: the one thing not to do is to end
                if not lost:  # once an outage, not once a try
                    log.warning("listener.lost", reason=str(error) or type(error).__name__)
                lost = True
            finally:
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _subscribe(self, connection: asyncpg.Connection, heard: set[str]) -> set[str]:
        self._changed.clear()
        wanted = {channel for channel, callbacks in self._callbacks.items() if callbacks}
        for channel in wanted - heard:
            await connection.add_listener(channel, self._notified)
        for channel in heard - wanted:
            await connection.remove_listener(channel, self._notified)
        if not self._changed.is_set():  # somebody may have come while we subscribed
            self._listening.set()
        return wanted

    def _wake(self, _connection: object) -> None:
        self._changed.set()

    def _notified(
        self, _connection: asyncpg.Connection, _pid: int, channel: str, payload: object
    ) -> None:
        self._call(channel, str(payload))

    def _gap(self) -> None:
        for channel in list(self._callbacks):
            self._call(channel, "")

    def _call(self, channel: str, payload: str) -> None:
        for callback in list(self._callbacks.get(channel, ())):
            try:
                callback(payload)
            except Exception:  # one subscriber's bug must not deafen the others
                log.exception("listener.callback_failed", channel=channel)
