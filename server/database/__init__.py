# SPDX-License-Identifier: Apache-2.0
"""The database as the application sees it: a role that cannot bypass row-level security (D10).

Three doors, each bound to one tenant: `read` (one statement, hot), `transaction` (a session) and
`connection` (raw, for bulk work). Without a tenant nothing is visible.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from time import monotonic

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from server.settings import SetupError

from .address import as_application, masked, of_database, plain_url
from .bulk import copy_rows
from .errors import DatabaseBusy, DatabaseUnavailable, lost, unavailable, unreachable
from .listener import Callback, Listener
from .pool import WAIT, Lane, Pool

__all__ = [
    "Database",
    "DatabaseBusy",
    "DatabaseUnavailable",
    "copy_rows",
    "masked",
    "notify",
    "of_database",
    "plain_url",
]

READ_STATEMENT_TIMEOUT = 10.0
WRITE_STATEMENT_TIMEOUT = 30.0
ROLLBACK_TIMEOUT = 2.0
_SET_TENANT = text("SELECT set_config('rubrica.tenant_id', :tenant, true)")
_SET_TENANT_RAW = (
    "SELECT set_config('rubrica.tenant_id', $1, true), set_config('statement_timeout', $2, true)"
)
PAYLOAD_LIMIT = 7999  # bytes; PostgreSQL refuses longer notifications


class Database:
    """Connections of one process to one PostgreSQL, as the application's role."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = plain_url(url)
        self._reads = as_application(
            self.url, statement_timeout=READ_STATEMENT_TIMEOUT, name="rubrica"
        )
        self._writes = as_application(
            self.url, statement_timeout=WRITE_STATEMENT_TIMEOUT, name="rubrica"
        )
        self._pool = Pool(self._reads, pool_size)
        self._listener = Listener(
            as_application(self.url, statement_timeout=0, name="rubrica listener")
        )
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=lambda: asyncpg.connect(**self._writes),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=WAIT,
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    async def start(self, *, patience: float = 5.0) -> None:
        """Connect, trying for `patience` seconds: a server killed just now is not up at once."""
        deadline = monotonic() + patience
        while True:
            try:
                await self._pool.start()
                return
            except DatabaseUnavailable:
                if monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)
            except (asyncpg.PostgresError, asyncpg.ClientConfigurationError) as error:
                raise SetupError(_refusal(error, self.url)) from error

    async def stop(self) -> None:
        """Close every connection."""
        await self._listener.stop()
        await self._pool.stop()
        await self.engine.dispose()

    async def read(
        self, tenant_id: int | None, sql: str, *args: object, tailored: bool = False
    ) -> list[asyncpg.Record]:
        """The rows of one statement, in one round trip; for reads only, as it may be asked twice.

        A `tailored` one is planned for its very values each time, in a second round trip: for
        statements whose best plan depends on them, such as the members of a list. JSON columns
        come as text. Raises `DatabaseBusy` when no connection is free within five seconds,
        `DatabaseUnavailable` when the database is away or takes too long.
        """
        return await self._pool.fetch(tenant_id, sql, args, tailored=tailored)

    @asynccontextmanager
    async def transaction(self, tenant_id: int | None) -> AsyncIterator[AsyncSession]:
        """A session in one transaction of this tenant; commits, or rolls back on any exception."""
        session = await self._begin_session(tenant_id)
        try:
            async with session:
                yield session
                await session.commit()
        except Exception as error:
            if refusal := unavailable(error):
                raise refusal from error
            raise

    @asynccontextmanager
    async def connection(
        self, tenant_id: int | None, *, seconds: float = WRITE_STATEMENT_TIMEOUT
    ) -> AsyncIterator[asyncpg.Connection]:
        """A raw connection in one transaction of this tenant, for `copy_rows` and set-based SQL.

        Each statement may take that many seconds; beyond the usual 30 the connection is made for
        this use alone, so that a long load takes none from the readers.
        """
        lane, transaction = await self._begin_raw(tenant_id, seconds)
        try:
            try:
                yield lane.connection
            except BaseException:
                with suppress(Exception):  # the first error tells, not that of a lost connection
                    async with asyncio.timeout(ROLLBACK_TIMEOUT):
                        await transaction.rollback()
                raise
            await transaction.commit()
        except BaseException as error:
            self._pool.give_after(lane, error)
            if refusal := unavailable(error):
                raise refusal from error
            raise
        self._pool.give(lane)

    async def listen(self, channel: str, callback: Callback) -> Callable[[], None]:
        """Call `callback(payload)` for each notification until the returned function is called.

        The connection is made again for ever (F23); after a gap the payload is "". The callback
        runs in the event loop and must not block.
        """
        return await self._listener.listen(channel, callback)

    async def _begin_session(self, tenant_id: int | None) -> AsyncSession:
        """A connection may turn out to be dead when it is first used: then another one is tried."""
        tries = 2
        while True:
            session = self._sessions()
            tries -= 1
            try:
                await session.execute(_SET_TENANT, {"tenant": _value(tenant_id)})
                return session
            except BaseException as error:
                await session.invalidate()
                if tries and lost(error):
                    continue
                if refusal := unreachable(error):
                    raise refusal from error
                raise

    async def _begin_raw(
        self, tenant_id: int | None, seconds: float
    ) -> tuple[Lane, asyncpg.transaction.Transaction]:
        tries = 2
        while True:
            alone = seconds > WRITE_STATEMENT_TIMEOUT
            lane = await (self._lone_lane(seconds) if alone else self._pool.take(tenant_id))
            tries -= 1
            try:
                transaction = lane.connection.transaction()
                await transaction.start()
                await lane.connection.execute(
                    _SET_TENANT_RAW, _value(tenant_id), str(round(seconds * 1000))
                )
                return lane, transaction
            except BaseException as error:
                self._pool.drop(lane)
                if tries and lost(error):
                    continue
                if refusal := unavailable(error):
                    raise refusal from error
                raise

    async def _lone_lane(self, seconds: float) -> Lane:
        arguments = self._writes.copy()
        arguments["command_timeout"] = seconds + 5
        try:
            return Lane(await asyncpg.connect(**arguments), alone=True)
        except Exception as error:
            if refusal := unreachable(error):
                raise refusal from error
            raise


async def notify(session: AsyncSession, channel: str, payload: str = "") -> None:
    """Wake the listeners of a channel when this session's transaction commits."""
    if len(payload.encode()) > PAYLOAD_LIMIT:
        raise ValueError("a notification carries at most 7999 bytes: send an id")
    await session.execute(
        text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload}
    )


def _value(tenant_id: int | None) -> str:
    return "" if tenant_id is None else str(int(tenant_id))


def _refusal(error: Exception, url: str) -> str:
    if isinstance(error, asyncpg.InvalidParameterValueError | asyncpg.UndefinedObjectError):
        return "the database has no tables yet: run 'rubrica db migrate'"
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return f"{error}: create it, or correct DATABASE_URL ({masked(url)})"
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return f"{error}: correct user and password in DATABASE_URL ({masked(url)})"
    return f"the database refuses the connection: {error} ({masked(url)})"
