# SPDX-License-Identifier: Apache-2.0
"""Raw connections for the hot read path: each remembers its tenant, none is reset between uses."""

import asyncio
from collections import deque
from collections.abc import Sequence
from time import monotonic

import asyncpg

from .address import ConnectArguments
from .errors import DatabaseBusy, DatabaseUnavailable, lost, unavailable, unreachable

WAIT = 4.5  # seconds that a request may wait for a free connection: it is answered in five (F20)
READ_TIMEOUT = 7.5  # seconds; a request ends within 8 even while the network is cut (F7)
_SET_TENANT = "SELECT set_config('rubrica.tenant_id', $1, false)"


class Lane:
    """One connection and the tenant that its session serves now."""

    __slots__ = ("alone", "connection", "tenant_id")

    def __init__(self, connection: asyncpg.Connection, *, alone: bool = False) -> None:
        self.connection = connection
        self.alone = alone  # made for one use, outside the pool's count
        self.tenant_id: int | None = None

    async def serve(self, tenant_id: int | None) -> None:
        """Change the session's tenant; until the server has answered it serves nobody."""
        self.tenant_id = None
        value = "" if tenant_id is None else str(int(tenant_id))
        await self.connection.execute(_SET_TENANT, value, timeout=READ_TIMEOUT)
        self.tenant_id = tenant_id

    async def rows(self, sql: str, args: Sequence[object], tailored: bool) -> list[asyncpg.Record]:
        connection = self.connection
        if tailored:  # a statement without a name is never given a generic plan
            statement = await connection.prepare(sql, name="", timeout=READ_TIMEOUT)
            rows: list[asyncpg.Record] = await statement.fetch(*args, timeout=READ_TIMEOUT)
        else:
            rows = await connection.fetch(sql, *args, timeout=READ_TIMEOUT)
        return rows


class Pool:
    """At most `size` lanes; a free lane that serves the wanted tenant is preferred."""

    def __init__(self, arguments: ConnectArguments, size: int) -> None:
        self._arguments = arguments
        self._size = size
        self._open = 0
        self._free: list[Lane] = []
        self._waiters: deque[asyncio.Future[Lane | None]] = deque()
        self._closed = True

    async def start(self) -> None:
        """Open the first lane, so that a wrong address is seen at start-up and not by a visitor."""
        self._closed = False
        self.give(await self.take(None))

    async def stop(self) -> None:
        """Close the free lanes; those in use close when they come back."""
        self._closed = True
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_exception(DatabaseUnavailable("the database pool is stopped"))
        lanes, self._free = self._free, []
        self._open -= len(lanes)
        await asyncio.gather(*(self._close(lane) for lane in lanes))

    async def fetch(
        self, tenant_id: int | None, sql: str, args: Sequence[object], *, tailored: bool = False
    ) -> list[asyncpg.Record]:
        """One statement in one round trip; on a lost connection it is asked once more."""
        lane = self._pop(tenant_id) or await self.take(tenant_id)
        try:
            if lane.tenant_id != tenant_id:
                await lane.serve(tenant_id)
            rows = await lane.rows(sql, args, tailored)
        except BaseException as error:
            self.give_after(lane, error)
            if lost(error) and not self._closed:
                return await self._again(tenant_id, sql, args, tailored)
            if refusal := unavailable(error):
                raise refusal from error
            raise
        self.give(lane)
        return rows

    async def take(self, tenant_id: int | None) -> Lane:
        """A lane, waiting up to five seconds; its tenant may still be another one."""
        deadline = monotonic() + WAIT
        while not self._closed:
            if lane := self._pop(tenant_id):
                return lane
            if self._open < self._size:
                return await self._connect()
            handed = await self._wait(deadline)
            if handed is not None:
                return handed
        raise DatabaseUnavailable("the database pool is stopped")

    def give(self, lane: Lane) -> None:
        """Put a lane back; the longest waiter has it first."""
        if self._closed or lane.alone or lane.connection.is_closed():
            self.drop(lane)
            return
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(lane)
                return
        self._free.append(lane)

    def give_after(self, lane: Lane, error: BaseException) -> None:
        """Put a lane back after a failure; only a statement's ordinary refusal leaves it sound."""
        sound = isinstance(error, Exception) and not isinstance(error, OSError)
        if sound and not lost(error):
            self.give(lane)
        else:  # cut off, timed out or cancelled in the middle of an answer
            self.drop(lane)

    async def _again(
        self, tenant_id: int | None, sql: str, args: Sequence[object], tailored: bool
    ) -> list[asyncpg.Record]:
        # After a restart of the server every free lane is dead, not only the one just tried.
        for lane in [lane for lane in self._free if lane.connection.is_closed()]:
            self._free.remove(lane)
            self.drop(lane)
        lane = await self._connect() if self._open < self._size else await self.take(tenant_id)
        try:
            await lane.serve(tenant_id)
            rows = await lane.rows(sql, args, tailored)
        except BaseException as error:
            self.give_after(lane, error)
            if refusal := unavailable(error):
                raise refusal from error
            raise
        self.give(lane)
        return rows

    async def _wait(self, deadline: float) -> Lane | None:
        """The next lane that comes back, or None when there is room to open one."""
        waiter: asyncio.Future[Lane | None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(deadline - monotonic()):
                return await waiter
        except BaseException as error:
            # Given up in the very moment of being handed a lane: pass it on, do not lose it.
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                lane = waiter.result()
                self.give(lane) if lane else self._wake()
            waiter.cancel()
            if isinstance(error, TimeoutError):
                raise DatabaseBusy("every database connection is in use") from None
            raise

    def _pop(self, tenant_id: int | None) -> Lane | None:
        free = self._free
        # From the end: the last one used has the warmest caches.
        for index in range(len(free) - 1, -1, -1):
            if free[index].tenant_id == tenant_id:
                lane = free.pop(index)
                if not lane.connection.is_closed():
                    return lane
                self.drop(lane)
        if self._open < self._size:
            return None  # rather one more connection than a change of tenant
        while free:
            lane = free.pop(0)
            if not lane.connection.is_closed():
                return lane
            self.drop(lane)
        return None

    async def _connect(self) -> Lane:
        self._open += 1
        try:
            return Lane(await asyncpg.connect(**self._arguments))
        except BaseException as error:
            self._closed_one()
            if refusal := unreachable(error):
                raise refusal from error
            raise

    def drop(self, lane: Lane) -> None:
        """Close a lane for good."""
        if not lane.connection.is_closed():
            lane.connection.terminate()
        if not lane.alone:
            self._closed_one()

    def _closed_one(self) -> None:
        self._open -= 1
        self._wake()

    def _wake(self) -> None:
        # Somebody who waits for a lane to come back may open one now.
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    async def _close(self, lane: Lane) -> None:
        try:
            await lane.connection.close(timeout=2)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            lane.connection.terminate()
