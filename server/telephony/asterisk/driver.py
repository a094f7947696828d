# SPDX-License-Identifier: Apache-2.0
"""The driver for Asterisk by its REST interface, ARI (architecture section 6).

One event stream and one application a worker: two workers with one application would take each
other's events away. Channels carry names of our own, made from the exchange's mark and the call's
key, so that any worker knows which channels are ours, and whose call each belongs to.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog

from server.domain.telephony import Exchange
from server.telephony.asterisk.calls import Conversation
from server.telephony.asterisk.rest import ExchangeError, Rest
from server.telephony.asterisk.stream import EventStream
from server.telephony.asterisk.sweeping import Sweep
from server.telephony.asterisk.switchboard import Switchboard
from server.telephony.port import Call, CallResult, Line

CONNECTING = 5.0  # seconds that a call waits for a connection that was lost
COMPARE = 15.0  # seconds between two looks at what the exchange has of us
Alive = Callable[[Sequence[str]], Awaitable[set[str]]]
"""Which of these calls' keys somebody still answers for, by the database."""
log = structlog.get_logger(__name__)


class AsteriskTelephony:
    """One exchange, for all the campaigns of a worker that use it."""

    def __init__(self, exchange: Exchange, alive: Alive, *, compare: float = COMPARE) -> None:
        self.exchange = exchange
        self._rest = Rest(exchange)
        application = f"{exchange.application}-{secrets.token_hex(6)}"
        self._board = Switchboard(exchange, self._rest, application)
        self._sweep = Sweep(self._board, alive)
        self._compare = compare
        self._calls: dict[str, Conversation] = {}
        self._ready, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._events: asyncio.Task[None] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether calls can be made now; asked for the first time, it connects."""
        self._start()
        return self._ready.is_set()

    async def ready(self) -> None:
        """Until calls can be made."""
        self._start()
        await self._ready.wait()

    async def originate(self, call: Call, line: Line, *, has_agents: bool = False) -> CallResult:
        """Ring the number and return when the call is over; cancelling it hangs up.

        Raises ExchangeError where nobody can know what became of it: its lease decides then.
        """
        conversation = Conversation(self._board, call, line, has_agents=has_agents)
        self._calls[call.key] = conversation
        self._idle.clear()
        try:
            if not await self._is_connected():
                reason = "not connected to the exchange"
                return CallResult(status=None, unique_id=call.key, cause=reason)
            return await conversation.hold()
        finally:
            del self._calls[call.key]
            if not self._calls:
                self._idle.set()
            self._board.clear(conversation.legs, conversation.bridge_id)

    async def hangup(self, call: Call) -> None:
        """End a call that is up."""
        if call.key in self._calls:
            self._calls[call.key].end()

    async def retire(self) -> None:
        """Close as soon as no call is up."""
        await self._idle.wait()
        await self.close()

    async def close(self) -> None:
        """Let go of everything; calls that are up are hung up by their `originate`."""
        await self._board.cleared()
        if self._events is not None:
            self._events.cancel()
            await asyncio.wait([self._events])
        await self._rest.close()

    async def _is_connected(self) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(CONNECTING):
                await self.ready()
        return self._ready.is_set()

    def _start(self) -> None:
        if self._events is None:
            stream = EventStream(
                self.exchange,
                self._board.application,
                received=self._board.fold,
                connected=self._keep_up,
                disconnected=self._ready.clear,
            )
            self._events = asyncio.create_task(stream.run())

    async def _keep_up(self) -> None:
        """Compare with the exchange's own list: now, since events were missed, and ever again."""
        while True:
            try:
                ours = await self._board.compare()
                await self._sweep.sweep(ours)
            except ExchangeError as error:
                if not self._ready.is_set():
                    raise
                log.warning("asterisk.not_compared", exchange=self.exchange.id, reason=str(error))
            else:
                self._ready.set()
            await asyncio.sleep(self._compare)
