# SPDX-License-Identifier: Apache-2.0
"""A lean HTTP load: a few kept connections, each asking again as soon as it was answered."""

import asyncio
import json
import time
from collections.abc import Mapping
from urllib.parse import urlsplit


async def rate(
    url: str, query: str, headers: Mapping[str, str], seconds: float, lines: int
) -> float:
    """Answers a second; raises on an answer with errors."""
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
    request = (text + "".join(f"{k}: {v}\r\n" for k, v in head.items()) + "\r\n").encode() + body
    ends = time.perf_counter() + seconds
    count = 0

    async def caller() -> None:
        nonlocal count
        reader, writer = await asyncio.open_connection(target.hostname, target.port)
        while time.perf_counter() < ends:
            writer.write(request)
            answer = await read_answer(reader)
            if answer.startswith(b'{"data":null') or b'"errors"' in answer[:20]:
                raise RuntimeError(answer[:300])
            count += 1
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(lines)))
    return count / (time.perf_counter() - started)


async def read_answer(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    return await reader.readexactly(length)
