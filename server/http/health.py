# SPDX-License-Identifier: Apache-2.0
"""`/healthz` and `/readyz`: is the process alive, and can it serve."""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from server.database import Database

READY_SECONDS = 2.0


async def healthz(scope: Scope, receive: Receive, send: Send) -> None:
    """200 as long as the event loop turns; asks nobody (F20)."""
    await _answer(scope, send, 200, b"ok\n")


def readyz(database: Database, is_behind: Callable[[str], bool]) -> ASGIApp:
    """200 while the database answers and has the tables that this program needs; else 503."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(READY_SECONDS):
                rows = await database.read(None, "SELECT version_num FROM alembic_version")
        except Exception:
            await _answer(scope, send, 503, b"the database does not answer\n")
            return
        if not rows or is_behind(rows[0]["version_num"]):
            await _answer(scope, send, 503, b"the database is not migrated\n")
        else:
            await _answer(scope, send, 200, b"ready\n")

    return answer


async def _answer(scope: Scope, send: Send, status: int, text: bytes) -> None:
    if scope["method"] not in ("GET", "HEAD"):
        status, text = 405, b"use GET\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if status == 503:
        headers.append((b"retry-after", b"2"))
    if status == 405:
        headers.append((b"allow", b"GET, HEAD"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else text})
