# SPDX-License-Identifier: Apache-2.0
"""A wire between the product and its database that can be cut in each of the usual ways."""

import asyncio
import socket
import struct
from contextlib import suppress
from enum import Enum, auto

_AT_ONCE = struct.pack("ii", 1, 0)  # a close that resets


class Wire(Enum):
    """What the proxy does with what it is given."""

    WHOLE = auto()  # everything passes
    SILENT = auto()  # nothing passes, nobody is told: a partition, half open
    DEAF = auto()  # questions pass, answers do not: done, and nobody knows
    REFUSED = auto()  # no connection is taken


class Proxy:
    """Between 127.0.0.1:`port` and a PostgreSQL's socket file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._wire = Wire.WHOLE
        self._may_pass = asyncio.Event()
        self._may_pass.set()
        self._server: asyncio.Server | None = None
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        await self._close()
        self.reset()

    async def set(self, wire: Wire) -> None:
        """From now on; connections that are up stay, except where the wire refuses them."""
        self._wire = wire
        if wire is Wire.REFUSED:
            await self._close()
            self.reset()
            return
        if self._server is None:
            await self.start()
        if wire is Wire.SILENT:
            self._may_pass.clear()
        else:
            self._may_pass.set()

    def reset(self) -> None:
        """RST for every connection."""
        for pair in list(self._pairs):
            for writer in pair:
                kept = writer.get_extra_info("socket")
                if kept.family == socket.AF_INET:
                    with suppress(OSError):  # gone already
                        kept.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                writer.transport.abort()
        self._pairs.clear()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner, outer = await asyncio.open_unix_connection(self._path)
        except OSError:  # the database is down
            writer.transport.abort()
            return
        pair = (writer, outer)
        self._pairs.add(pair)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, outer, answers=False))
                group.create_task(self._pump(inner, writer, answers=True))
        except* (OSError, _Over):
            pass
        finally:
            self._pairs.discard(pair)
            for each in pair:
                each.transport.abort()

    async def _pump(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        while data := await source.read(65_536):
            await self._may_pass.wait()
            if answers and self._wire is Wire.DEAF:
                continue
            target.write(data)
            with suppress(ConnectionError):
                await target.drain()
        raise _Over


class _Over(Exception):  # noqa: N818 # no fault: one side has hung up
    pass
