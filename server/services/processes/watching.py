# SPDX-License-Identifier: Apache-2.0
"""A process as it changes, for subscriptions: never more than two looks a second."""

import asyncio
from collections.abc import AsyncGenerator

from server.database import Database
from server.domain.errors import DomainError
from server.domain.permissions import Viewer
from server.domain.processes import OPEN_STATES
from server.models import Process
from server.services.processes.people import find_process
from server.services.processes.topics import process_topic

LEAST_GAP = 0.5  # seconds between two looks
LONGEST_GAP = 5.0  # seconds after which it is looked at without any notification


async def watch_process(
    database: Database, viewer: Viewer, process_id: int
) -> AsyncGenerator[Process | None]:
    """The process now and after each change, ending with the one that ends it; None if missing."""
    changed = asyncio.Event()
    stop_listening = await database.listen(process_topic(process_id), lambda _: changed.set())
    try:
        while True:
            changed.clear()
            try:
                async with database.transaction(viewer.tenant_id) as session:
                    process = await find_process(session, viewer, process_id)
            except DomainError:
                yield None
                return
            yield process
            if process.state not in OPEN_STATES:
                return
            await asyncio.sleep(LEAST_GAP)
            try:
                async with asyncio.timeout(LONGEST_GAP - LEAST_GAP):
                    await changed.wait()
            except TimeoutError:
                continue
    finally:
        stop_listening()
