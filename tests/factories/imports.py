# SPDX-License-Identifier: Apache-2.0
"""Files and imports, made as a supervisor would."""

import asyncio
from collections.abc import AsyncIterator

from server.database import Database
from server.domain.permissions import Viewer
from server.domain.processes import ProcessState
from server.models import Process
from server.processes import run_processes
from server.services.imports import ImportInput, start_import
from server.services.processes import find_process
from server.uploads import StoredUpload, store_upload


async def in_pieces(content: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def upload(
    database: Database, viewer: Viewer, content: bytes | str, name: str = "people.csv"
) -> StoredUpload:
    data = content if isinstance(content, bytes) else content.encode()
    return await store_upload(database, viewer, name, in_pieces(data))


async def begin_import(database: Database, viewer: Viewer, given: ImportInput) -> Process:
    async with database.transaction(viewer.tenant_id) as session:
        return await start_import(session, viewer, given)


async def look(database: Database, viewer: Viewer, process_id: int) -> Process:
    async with database.transaction(viewer.tenant_id) as session:
        return await find_process(session, viewer, process_id)


async def until_over(
    database: Database, viewer: Viewer, process_id: int, *, within: float = 30.0
) -> Process:
    """The process once it is over, however it ended."""
    async with asyncio.timeout(within):
        while True:
            process = await look(database, viewer, process_id)
            if process.state not in (ProcessState.PENDING, ProcessState.RUNNING):
                return process
            await asyncio.sleep(0.05)


async def run_import(database: Database, viewer: Viewer, given: ImportInput) -> Process:
    """Start it, work until it is over, stop the worker."""
    process = await begin_import(database, viewer, given)
    stop = asyncio.Event()
    worker = asyncio.create_task(run_processes(database, stop))
    try:
        return await until_over(database, viewer, process.id)
    finally:
        stop.set()
        await worker
