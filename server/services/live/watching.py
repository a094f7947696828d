# SPDX-License-Identifier: Apache-2.0
"""Figures as they change, for subscriptions: told by notification, and looked at without one."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from time import monotonic
from typing import TypeVar

from server.database import Database
from server.services.agents import AGENTS_CHANNEL
from server.services.dialer import campaign_topic, centre_topic

LEAST_GAP = 0.5  # seconds between two looks
SHARE_OF_TIME = 4  # the gap is at least this many times as long as a look takes
LONGEST_GAP = 4.0  # seconds after which it is looked at without any notification (F23)
Figures = TypeVar("Figures")


def live_topics(tenant_id: int, campaign_id: int | None = None) -> list[str]:
    """The channels that tell of a change in a campaign's figures, or in the centre's."""
    topic = centre_topic(tenant_id) if campaign_id is None else campaign_topic(campaign_id)
    return [topic, AGENTS_CHANNEL]


async def watch(
    database: Database, topics: Sequence[str], look: Callable[[], Awaitable[Figures | None]]
) -> AsyncGenerator[Figures | None]:
    """What `look` finds now and whenever it finds something else; None, and the end, if nothing.

    Notifications of all tenants may share a channel: each only leads to a look as the viewer.
    """
    changed = asyncio.Event()
    ends = [await database.listen(topic, lambda _: changed.set()) for topic in topics]
    before: Figures | None = None
    try:
        while True:
            changed.clear()
            began = monotonic()
            found = await look()
            if found is None:
                yield None
                return
            if found != before:
                yield found
            before = found
            gap = max(LEAST_GAP, SHARE_OF_TIME * (monotonic() - began))
            await asyncio.sleep(gap)
            try:
                async with asyncio.timeout(max(0.0, LONGEST_GAP - gap)):
                    await changed.wait()
            except TimeoutError:
                continue
    finally:
        for end in ends:
            end()
