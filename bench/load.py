# SPDX-License-Identifier: Apache-2.0
"""A lean HTTP load: a few kept connections, each asking again as soon as it was answered."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit


async def rate(
    url: str, query: str, headers: Mapping[str, str], seconds: float, lines: int
) -> float:
    """Answers a second; raises on an answer with errors."""
    target = urlsplit(url)
    place = target.hostname or "", target.port or 80
    request = request_of(url, query, headers)
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    callers = [
        (await loop.create_connection(lambda: Caller(request), *place))[1] for _ in range(lines)
    ]
    await asyncio.wait([caller.gone for caller in callers], timeout=seconds)
    taken = time.perf_counter() - started
    for caller in callers:
        caller.stop()
    return sum(caller.answers for caller in callers) / taken


def request_of(url: str, query: str, headers: Mapping[str, str]) -> bytes:
    """The bytes of one POST of the query."""
    target = urlsplit(url)
    body = json.dumps({"query": query}).encode()
    head = {
        "Host": target.netloc,
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }
    text = f"POST {target.path} HTTP/1.1\r\n"
    return (text + "".join(f"{k}: {v}\r\n" for k, v in head.items()) + "\r\n").encode() + body


class Caller(asyncio.Protocol):
    """One connection; it costs little, so that the machine is left to what is measured."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.answers = 0
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._missing = 0
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if not self._missing:
            self._head += data
            head, found, body = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            _, _, length = head.lower().partition(b"content-length:")
            self._missing = int(length.split(b"\r\n", 1)[0])
            data, self._head = body, b""
            if body.startswith((b'{"data":null', b'{"errors"')):
                self._fail(body)
        self._missing -= len(data)
        if not self._missing:
            self.answers += 1
            self.transport.write(self.request)

    def connection_lost(self, reason: Exception | None) -> None:
        self._fail(b"the connection was closed")

    def stop(self) -> None:
        """Raises what went wrong, if anything did."""
        if self.gone.done():
            self.gone.result()
        self.gone.cancel()
        self.transport.abort()

    def _fail(self, said: bytes) -> None:
        if not self.gone.done():
            self.gone.set_exception(RuntimeError(said[:300].decode(errors="replace")))
