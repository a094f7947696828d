# SPDX-License-Identifier: Apache-2.0
"""Looking again at what changes, for subscriptions: never more than two looks a second."""

import asyncio
from collections.abc import AsyncGenerator

from server.database import Database

LEAST_GAP = 0.5  # seconds between two looks
LONGEST_GAP = 5.0  # seconds after which it is looked at without any notification


async def looks(database: Database, topic: str) -> AsyncGenerator[None]:
    """Once at the beginning, and after each change, until the caller has seen enough."""
    changed = asyncio.Event()
    stop_listening = await database.listen(topic, lambda _: changed.set())
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
