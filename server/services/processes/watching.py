# SPDX-License-Identifier: Apache-2.0
"""A process as it changes, for subscriptions."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from server.database import Database
from server.domain.errors import DomainError
from server.domain.permissions import Viewer
from server.domain.processes import OPEN_STATES
from server.models import Process
from server.services.processes.people import find_process
from server.services.processes.topics import process_topic
from server.services.watching import looks


async def watch_process(
    database: Database, viewer: Viewer, process_id: int
) -> AsyncGenerator[Process | None]:
    """The process now and after each change, ending with the one that ends it; None if missing."""
    async with aclosing(looks(database, process_topic(process_id))) as times:
        async for _ in times:
            try:
                async with database.transaction(viewer.tenant_id) as session:
                    process = await find_process(session, viewer, process_id)
            except DomainError:
                yield None
                return
            yield process
            if process.state not in OPEN_STATES:
                return
