# SPDX-License-Identifier: Apache-2.0
"""What a worker has to write down of one campaign's calls, in batches that survive an outage."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from time import monotonic
from typing import TypeVar

import asyncpg
import structlog

from server.database import Database
from server.dialer.outages import Outage, belongs_to_rows
from server.services.agents import free_agent
from server.services.dialer import (
    Claimed,
    Reported,
    Step,
    confirm_originate,
    heartbeat,
    note_fault,
    release,
    report,
    tell_campaign,
)
from server.services.dialer.joining import (
    Ended,
    connect,
    free_agents,
    mark_ringing,
    withdraw,
)

AT_ONCE = 250  # results written in one transaction
POLL = 1.0  # seconds
GATHER = 0.01  # seconds that a first result waits for others
HEARTBEAT = 20.0  # seconds; a third of the shortest lease
AGAIN = 0.05  # seconds until one that could not be recorded is tried again
TELL = 0.3  # seconds between two notifications of the campaign's pages
LEAVE = 7.0  # seconds to report everything when the worker stops

Value = TypeVar("Value")
log = structlog.get_logger(__name__)


class Desk:
    """The database as one campaign's runner uses it."""

    def __init__(
        self, database: Database, tenant_id: int, campaign_id: int, gate: asyncio.Semaphore
    ) -> None:
        self.campaign_id = campaign_id
        self.has_agents = False  # whether calls of the campaign may be in an agent's hand
        self._database = database
        self._tenant_id = tenant_id
        self._gate = gate  # of all runners: a web server may live on the same connections

    async def within(self, work: Callable[[asyncpg.Connection], Awaitable[Value]]) -> Value:
        """One transaction."""
        async with self._gate, self._database.connection(self._tenant_id) as connection:
            return await work(connection)


class Records:
    """Calls that are up, and what is known of them and not written yet.

    A batch is forgotten only once it has committed. A batch whose answer was lost is written
    again, and answered DUPLICATE (reliability J10).
    """

    def __init__(
        self, desk: Desk, freed: Callable[[], None], lost: Callable[[uuid.UUID], None]
    ) -> None:
        self.open: dict[uuid.UUID, Claimed] = {}  # by token
        self._desk = desk
        self._freed = freed  # lines are free again
        self._lost = lost  # no longer ours: the lease ran out while we stood still
        self._results: list[Ended] = []
        self._withdrawn: list[tuple[Claimed, str]] = []  # and why their agents are paused
        self._confirmed: list[Claimed] = []
        self._ringing: list[Claimed] = []
        self._connected: list[Claimed] = []
        self._unwanted: list[uuid.UUID] = []  # calls whose agents came too late
        self._taken: set[uuid.UUID] = set()  # by the telephony
        self._work = asyncio.Event()
        self._is_untold = self._is_finishing = False
        self._deadline: float | None = None
        self._told_at = self._beat_at = monotonic()

    def begin(self, claimed: Claimed) -> None:
        self.open[claimed.token] = claimed

    def confirm(self, claimed: Claimed) -> None:
        self._taken.add(claimed.token)
        self._confirmed.append(claimed)
        self._work.set()

    def rings(self, claimed: Claimed) -> None:
        """The number of a call that an agent asked for."""
        self._ringing.append(claimed)
        self._work.set()

    def connect(self, claimed: Claimed) -> None:
        """Somebody has the call."""
        self._connected.append(claimed)
        self._work.set()

    def end(self, result: Ended) -> None:
        self._results.append(result)
        self._work.set()

    def withdraw(self, claimed: Claimed, *, pause: str = "") -> None:
        """The number was never rung (R-02); `pause` is why its agent is paused, if so."""
        self._withdrawn.append((claimed, pause))
        self._work.set()

    def free(self, token: uuid.UUID) -> None:
        """An agent was taken for a call that is over."""
        self._unwanted.append(token)
        self._work.set()

    def forget(self, claimed: Claimed) -> None:
        """Nobody knows what became of the call: its lease ends it (section 11)."""
        self.open.pop(claimed.token, None)
        self._taken.discard(claimed.token)

    def finish(self, *, within: float | None = None) -> None:
        """Nothing is claimed any more; `write` ends when all is written, or in so many seconds."""
        if within is not None:
            self._deadline = asyncio.get_running_loop().time() + within
        self._is_finishing = True
        self._work.set()

    async def write(self) -> None:
        """Until `finish`, and whatever is open or unwritten then."""
        outage = Outage("report")
        while not self._is_finishing or self.open or self._has_work() or self._is_untold:
            if self._deadline and asyncio.get_running_loop().time() > self._deadline:
                break
            await first(self._work, TELL if self._is_untold else POLL)
            self._work.clear()
            if len(self._results) < AT_ONCE and not self._is_finishing:
                await asyncio.sleep(GATHER)
            try:
                async with asyncio.timeout_at(self._deadline):
                    await self._write_batch()
            except Exception as error:
                await outage.failed(error)
                if belongs_to_rows(error):
                    await self._write_singly()
                self._work.set()
            else:
                outage.over()
        await self.give_back(list(self.open.values()))

    async def give_back(self, claims: list[Claimed]) -> None:
        """Those never rung are due again at once; without the database, when their lease ends."""
        if claims:
            with suppress(Exception):
                async with asyncio.timeout(1.5):
                    await self._desk.within(lambda connection: self._let_go(connection, claims))

    async def _write_batch(self) -> None:
        results, withdrawn = self._results[:AT_ONCE], self._withdrawn[:]
        unwanted = self._unwanted[:]
        news = (self._confirmed[:], self._ringing[:], self._connected[:])
        ended = {result.report.token for result in results}
        rings, marks, joined = (_held(c for c in calls if c.token not in ended) for calls in news)
        beats = []
        if monotonic() > self._beat_at + HEARTBEAT:
            # Not those whose agent's telephone rings: they would count as attempts.
            beats = _held(c for c in self.open.values() if c.token in self._taken)
        is_news = bool(results or joined)
        tells = (self._is_untold or is_news) and monotonic() > self._told_at + TELL

        async def write(connection: asyncpg.Connection) -> set[tuple[int, uuid.UUID]]:
            if rings:
                await confirm_originate(connection, rings)
            await mark_ringing(connection, [token for _, token in marks])
            if joined:
                await connect(connection, joined)
            await self._report(connection, results)
            for pause in sorted({why for _, why in withdrawn}):
                those = [call for call, why in withdrawn if why == pause]
                await self._let_go(connection, those, pause=pause)
            for token in unwanted:
                await free_agent(connection, token)
            held = await heartbeat(connection, beats) if beats else set()
            if tells:
                await tell_campaign(connection, self._desk.campaign_id)
            return held

        if results or rings or marks or joined or withdrawn or unwanted or beats or tells:
            held = await self._desk.within(write)
            for entry_id, token in beats:
                if (entry_id, token) not in held and self.open.pop(token, None) is not None:
                    self._lost(token)
        if beats:
            self._beat_at = monotonic()
        if tells:
            self._told_at = monotonic()
        self._is_untold = not tells and (self._is_untold or is_news)
        for queue, written in zip(
            (self._confirmed, self._ringing, self._connected), news, strict=True
        ):
            del queue[: len(written)]
        del self._withdrawn[: len(withdrawn)], self._unwanted[: len(unwanted)]
        self._written(results, [call.token for call, _ in withdrawn])

    async def _let_go(
        self,
        connection: asyncpg.Connection,
        claims: Sequence[Claimed],
        *,
        pause: str = "",
    ) -> None:
        if not claims:
            return
        if self._desk.has_agents:
            await withdraw(connection, _held(claims), pause=pause)
        else:
            await release(connection, _held(claims))

    async def _report(self, connection: asyncpg.Connection, results: list[Ended]) -> None:
        if not results:
            return
        answers = await report(connection, [result.report for result in results])
        if stale := answers.count(Reported.STALE):
            log.warning("dialer.stale", campaign_id=self._desk.campaign_id, count=stale)
        if self._desk.has_agents:
            await free_agents(connection, results)

    async def _write_singly(self) -> None:
        """One of the batch cannot be recorded: the others are (reliability F21)."""
        for result in self._results[:AT_ONCE]:

            async def write(connection: asyncpg.Connection, one: Ended = result) -> None:
                await self._report(connection, [one])

            while True:
                try:
                    await self._desk.within(write)
                except Exception as error:
                    if not belongs_to_rows(error):
                        return
                    if not await self._is_over(result, error):
                        await asyncio.sleep(AGAIN)
                        continue
                break
            self._written([result])
        for call, pause in self._withdrawn[:]:
            await self._let_go_singly(call, pause)

    async def _let_go_singly(self, call: Claimed, pause: str) -> None:
        async def let_go(connection: asyncpg.Connection) -> None:
            await self._let_go(connection, [call], pause=pause)

        async def note(connection: asyncpg.Connection) -> None:
            await note_fault(connection, call.entry_id, Step.LEASE, fault, token=call.token)

        try:
            await self._desk.within(let_go)
        except Exception as error:
            if not belongs_to_rows(error):
                return
            fault = error  # its lease runs out, and whoever reaps it tries again
            with suppress(Exception):
                await self._desk.within(note)
        self._withdrawn.remove((call, pause))
        self._written([], [call.token])

    async def _is_over(self, result: Ended, error: Exception) -> bool:
        """Whether no more is to be tried: the entry is parked, or is not ours any more."""
        given = result.report

        async def note(connection: asyncpg.Connection) -> bool:
            is_over = await note_fault(connection, given.entry_id, Step.REPORT, error, result=given)
            if is_over and self._desk.has_agents:
                await free_agent(connection, given.token)
            return is_over

        try:
            return await self._desk.within(note)
        except Exception as again:
            log.error("dialer.unrecorded", entry_id=given.entry_id, reason=repr(again))
            return belongs_to_rows(again)

    def _written(self, results: list[Ended], withdrawn: Sequence[uuid.UUID] = ()) -> None:
        del self._results[: len(results)]
        tokens = [*(result.report.token for result in results), *withdrawn]
        for token in tokens:
            self.open.pop(token, None)
            self._taken.discard(token)
        if tokens:
            self._freed()
        if self._has_work():
            self._work.set()

    def _has_work(self) -> bool:
        return bool(self._results or self._withdrawn or self._unwanted)


def _held(calls: Iterable[Claimed]) -> list[tuple[int, uuid.UUID]]:
    return [(call.entry_id, call.token) for call in calls]


async def first(event: asyncio.Event, seconds: float) -> None:
    """Until the event, or that long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
