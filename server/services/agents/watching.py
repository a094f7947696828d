# SPDX-License-Identifier: Apache-2.0
"""An agent's desk as it changes, for subscriptions: never more than two looks a second."""

import asyncio
from collections.abc import AsyncGenerator

from server.database import Database
from server.domain.agents import desk_topic

LEAST_GAP = 0.5  # seconds between two looks
LONGEST_GAP = 5.0  # seconds after which it is looked at without any notification


async def watch_desk(database: Database, user_id: int) -> AsyncGenerator[None]:
    """Once at the beginning, and after each change, until the caller has seen enough."""
    changed = asyncio.Event()
    stop_listening = await database.listen(desk_topic(user_id), lambda _: changed.set())
    try:
        while True:
            changed.clear()
            yield
            await asyncio.sleep(LEAST_GAP)
            try:
                async with asyncio.timeout(LONGEST_GAP - LEAST_GAP):
                    await changed.wait()
            except TimeoutError:
                continue
    finally:
        stop_listening()
