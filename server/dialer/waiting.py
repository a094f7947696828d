# SPDX-License-Identifier: Apache-2.0
"""People who answered and wait for an agent, in one campaign of one worker."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic

import asyncpg

from server.dialer.outages import Outage
from server.dialer.records import Desk, first
from server.services.agents import TakenAgent
from server.services.dialer import Claimed
from server.services.dialer.joining import join_agent

LOOK_EVERY = 0.25  # seconds; a notification of an agent who came free is quicker


@dataclass(eq=False, slots=True)
class _Waiter:
    call: Claimed
    until: float  # monotonic
    agent: asyncio.Future[TakenAgent | None]


class Waiting:
    """Gives each its agent, who answered first first; nobody within the queue timeout: None."""

    def __init__(self, desk: Desk, unwanted: Callable[[uuid.UUID], None]) -> None:
        self._desk = desk
        self._unwanted = unwanted  # an agent was taken for somebody who has hung up meanwhile
        self._waiters: list[_Waiter] = []
        self._look = asyncio.Event()

    def wake(self) -> None:
        """An agent may be ready."""
        if self._waiters:
            self._look.set()

    async def agent_for(self, call: Claimed, seconds: float) -> TakenAgent | None:
        """Looked for at least once, however short the time is."""
        future: asyncio.Future[TakenAgent | None] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(call, monotonic() + seconds, future)
        self._waiters.append(waiter)
        self._look.set()
        try:
            return await future
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    async def run(self) -> None:
        """Until it is cancelled."""
        outage = Outage("join")
        while True:
            if not self._waiters:
                await self._look.wait()
            self._look.clear()
            seen = list(self._waiters)
            try:
                taken = await self._desk.within(partial(_join, waiters=seen))
            except Exception as error:
                await outage.failed(error)
                taken = [None] * len(seen)
            else:
                outage.over()
            self._settle(seen, taken)
            if self._waiters:
                until = min(waiter.until for waiter in self._waiters) - monotonic()
                await first(self._look, max(0.0, min(LOOK_EVERY, until)))

    def _settle(self, seen: list[_Waiter], taken: list[TakenAgent | None]) -> None:
        now = monotonic()
        for waiter, agent in zip(seen, taken, strict=True):
            if waiter.agent.done():  # hung up while we looked
                if agent is not None:
                    self._unwanted(waiter.call.token)
            elif agent is not None or waiter.until <= now:
                waiter.agent.set_result(agent)
                self._waiters.remove(waiter)


async def _join(connection: asyncpg.Connection, waiters: list[_Waiter]) -> list[TakenAgent | None]:
    return [await join_agent(connection, waiter.call) for waiter in waiters]
