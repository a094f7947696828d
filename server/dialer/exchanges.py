# SPDX-License-Identifier: Apache-2.0
"""The exchanges that campaigns call by, one connection each for all of a worker's campaigns.

Every worker keeps one to each, whether it dials by it or not: what a worker that died has left
there is let go of by whoever comes first.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

import structlog

from server.database import Database
from server.dialer.roster import read_tenants
from server.domain.campaigns.modes import DialMode
from server.domain.errors import DomainError, ErrorCode
from server.domain.telephony import Exchange
from server.services.telephony import live_calls, read_exchanges
from server.telephony import Call, CallResult, Line, TelephonyPort, Wanted
from server.telephony.asterisk import AsteriskTelephony

REFRESH = 2.0  # seconds until a changed exchange is taken over
CLOSING = 3.0  # seconds to let go of everything
UNKNOWN = "the exchange is not known yet"
log = structlog.get_logger(__name__)


class Exchanges:
    """Makes the drivers of campaigns, which find their exchange here anew for each call."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._drivers: dict[int, AsteriskTelephony] = {}  # by exchange
        self._closing: set[asyncio.Task[None]] = set()

    def make(self, wanted: Wanted) -> TelephonyPort:
        if wanted.exchange_id is None:
            raise DomainError(ErrorCode.REQUIRED, "exchangeId")
        return ByExchange(self, wanted.exchange_id, has_agents=wanted.mode is not DialMode.DIRECT)

    def driver(self, exchange_id: int) -> AsteriskTelephony | None:
        return self._drivers.get(exchange_id)

    async def run(self) -> None:
        """Keep up with what people change, until cancelled; then close."""
        try:
            while True:
                try:
                    await self.refresh()
                except Exception as error:
                    log.warning("dialer.exchanges_unread", reason=str(error)[:200])
                await asyncio.sleep(REFRESH)
        finally:
            for exchange_id in list(self._drivers):
                self._close(exchange_id)
            if self._closing:
                await asyncio.wait(self._closing, timeout=CLOSING)

    async def refresh(self) -> None:
        """Connect to what is new, and anew to what has changed."""
        found: dict[int, Exchange] = {}
        for tenant_id in await read_tenants(self._database):
            async with self._database.connection(tenant_id) as connection:
                found |= await read_exchanges(connection)
        for exchange_id, driver in list(self._drivers.items()):
            if found.get(exchange_id) != driver.exchange:
                self._close(exchange_id)
        for exchange_id, exchange in found.items():
            if exchange_id not in self._drivers:
                driver = AsteriskTelephony(exchange, partial(self._alive, exchange.tenant_id))
                self._drivers[exchange_id] = driver
                _ = driver.is_ready  # begins to connect

    def _close(self, exchange_id: int) -> None:
        """Calls that are up end by the connection that they were made with."""
        task = asyncio.create_task(self._drivers.pop(exchange_id).retire())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _alive(self, tenant_id: int, keys: Sequence[str]) -> set[str]:
        try:
            async with self._database.connection(tenant_id) as connection:
                return await live_calls(connection, keys)
        except Exception as error:  # nobody is hung up because the database is away
            log.warning("dialer.leases_unread", reason=str(error)[:200])
            return set(keys)


class ByExchange:
    """One campaign's telephony: the exchange as it is set at each call."""

    def __init__(self, exchanges: Exchanges, exchange_id: int, *, has_agents: bool) -> None:
        self._exchanges = exchanges
        self._exchange_id = exchange_id
        self._has_agents = has_agents
        self._up: dict[str, AsteriskTelephony] = {}

    @property
    def is_ready(self) -> bool:
        driver = self._exchanges.driver(self._exchange_id)
        return driver is not None and driver.is_ready

    async def originate(self, call: Call, line: Line) -> CallResult:
        driver = self._exchanges.driver(self._exchange_id)
        if driver is None:
            return CallResult(status=None, unique_id=call.key, cause=UNKNOWN)
        self._up[call.key] = driver
        try:
            return await driver.originate(call, line, has_agents=self._has_agents)
        finally:
            del self._up[call.key]

    async def hangup(self, call: Call) -> None:
        if call.key in self._up:
            await self._up[call.key].hangup(call)
