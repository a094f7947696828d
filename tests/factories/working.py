# SPDX-License-Identifier: Apache-2.0
"""A worker beside a test, for the processes that the test starts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.database import Database
from server.domain.permissions import Viewer
from server.models import Process
from server.processes import run_processes
from server.services.imports import ImportInput
from tests.factories.imports import begin_import, until_over


@asynccontextmanager
async def working(database: Database) -> AsyncIterator[None]:
    """Processes are carried on while this lasts."""
    stop = asyncio.Event()
    worker = asyncio.create_task(run_processes(database, stop))
    try:
        yield
    finally:
        stop.set()
        await worker


async def run_import(database: Database, viewer: Viewer, given: ImportInput) -> Process:
    """Start it and work until it is over."""
    process = await begin_import(database, viewer, given)
    async with working(database):
        return await until_over(database, viewer, process.id)
