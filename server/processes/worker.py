# SPDX-License-Identifier: Apache-2.0
"""A worker: pgqueuer wakes it, claims jobs and hands them again; the engine carries them on.

Any number may run. When the queue's connection is lost the worker makes a new one, while the
processes it has in hand go on by themselves (reliability, section 4).
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic

import asyncpg
import structlog
from pgqueuer.core.qm import QueueManager
from pgqueuer.db import AsyncpgDriver
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from server.database import Database, DatabaseUnavailable
from server.database.address import as_application
from server.domain.processes import ProcessKind
from server.processes.contact_changes import change_contacts
from server.processes.engine import Handlers, carry_on
from server.processes.exports import export_contacts
from server.processes.imports import import_contacts
from server.services.account.sweeping import MOST, forget_ended
from server.services.contacts import sweep_trash
from server.services.processes import entrypoint, queue_missing, read_job
from server.services.search.indexing import index_new
from server.services.search.sweeping import forget_words

log = structlog.get_logger(__name__)

Sweep = Callable[[Database, int], Awaitable[None]]

HANDLERS: Handlers = {
    ProcessKind.CHANGE: change_contacts,
    ProcessKind.DELETE: change_contacts,
    ProcessKind.EXPORT: export_contacts,
    ProcessKind.IMPORT: import_contacts,
    ProcessKind.RESTORE: change_contacts,
}
POLL = timedelta(seconds=2)  # NOTIFY only wakes, looking decides
STALE = timedelta(seconds=6)  # a job whose worker was not heard of for so long is handed again
AT_ONCE = 2  # processes that one worker has in hand
SWEEP = 60.0  # seconds between looks for processes in no queue and contacts in no index
FORGET = 3600.0  # seconds between looks for sessions and tokens that ended long ago
EMPTY = 600.0  # seconds between looks for what has been in the trash for thirty days
WORDS = 86_400.0  # seconds between looks for words of names that nobody has any more
GRACE = 7.0  # seconds that a chunk may take to end when the worker stops
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0
SOUND = 10.0  # seconds after which the loss of a connection is an outage of its own
# Of the internal ones: a server that goes may interrupt the driver between two statements.
_LOST = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    RuntimeError,
)


async def run_processes(
    database: Database, stop: asyncio.Event, *, handlers: Handlers = HANDLERS
) -> None:
    """Work until `stop`; then end within ten seconds, each process at the end of a chunk."""
    worker = _Worker(database, handlers, stop)
    sweeping = {
        asyncio.create_task(worker.sweep(queue_lost, SWEEP), name="processes-sweep"),
        asyncio.create_task(worker.sweep(index_new, SWEEP), name="search-sweep"),
        asyncio.create_task(worker.sweep(forget, FORGET), name="accounts-sweep"),
        asyncio.create_task(worker.sweep(empty_trash, EMPTY), name="trash-sweep"),
        asyncio.create_task(worker.sweep(sweep_words, WORDS), name="words-sweep"),
    }
    try:
        await worker.work()
    finally:
        for task in sweeping:
            task.cancel()
        await asyncio.wait(sweeping, timeout=1)


async def queue_lost(database: Database, tenant_id: int) -> None:
    """Open processes that a restored backup or a crash left unqueued."""
    async with database.transaction(tenant_id) as session:
        if count := await queue_missing(session):
            log.info("processes.queued_again", tenant=tenant_id, count=count)


async def forget(database: Database, tenant_id: int) -> None:
    """Sessions and tokens that ended long ago."""
    count = MOST
    while count >= MOST:
        async with database.transaction(tenant_id) as session:
            if count := await forget_ended(session):
                log.info("accounts.forgotten", tenant=tenant_id, count=count)


async def empty_trash(database: Database, tenant_id: int) -> None:
    """Contacts that were deleted, and merges that were made, thirty days ago (D4)."""
    count = 1
    while count:
        async with database.transaction(tenant_id) as session:
            if count := await sweep_trash(session):
                log.info("trash.emptied", tenant=tenant_id, count=count)


async def sweep_words(database: Database, tenant_id: int) -> None:
    """Words of names that nobody has any more, in pieces that keep nobody waiting."""
    last: str | None = ""
    while last is not None:
        async with database.transaction(tenant_id) as session:
            last = await forget_words(session, last)


class _Worker:
    def __init__(self, database: Database, handlers: Handlers, stop: asyncio.Event) -> None:
        self._database = database
        self._handlers = handlers
        self._stop = stop
        self._in_hand: dict[int, asyncio.Task[float | None]] = {}

    async def work(self) -> None:
        """Queue sessions one after the other, then the end of what is in hand."""
        pause, told = FIRST_PAUSE, ""
        try:
            while not self._stop.is_set():
                began = monotonic()
                try:
                    await self._session()
                    pause = FIRST_PAUSE
                except _LOST as error:  # RuntimeError: the queue's tables are not there yet
                    reason = str(error) or type(error).__name__
                    # Once an outage, not once a try; a connection that lived a while was sound.
                    if reason != told or monotonic() - began > SOUND:
                        log.warning("processes.queue_lost", reason=reason)
                    told = reason
                await _wait(self._stop, pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            await self._end_in_hand()

    async def sweep(self, act: Sweep, every: float) -> None:
        """Now and every so many seconds, for each tenant."""
        is_waiting = False
        while not self._stop.is_set():
            try:
                for row in await self._database.read(None, "SELECT id FROM tenants ORDER BY id"):
                    await self._sweep(act, row["id"])
                is_waiting = False
                await _wait(self._stop, every)
            except DatabaseUnavailable as error:
                if not is_waiting:
                    log.warning("processes.sweep_waits", reason=str(error))
                is_waiting = True
                await _wait(self._stop, LONGEST_PAUSE)
            except Exception:  # the jobs that are queued need no sweep: work goes on
                log.exception("processes.sweep_failed")
                await _wait(self._stop, every)

    async def _sweep(self, act: Sweep, tenant_id: int) -> None:
        """One tenant; what fails there keeps none of the others waiting."""
        try:
            await act(self._database, tenant_id)
        except DatabaseUnavailable:
            raise
        except Exception:
            log.exception("processes.sweep_failed", tenant=tenant_id)

    async def _session(self) -> None:
        """One connection's life: jobs are claimed until it breaks or the worker stops."""
        arguments = as_application(
            self._database.url, statement_timeout=5, name="rubrica processes"
        )
        arguments["command_timeout"] = 5.0  # a half-open connection shows itself
        connection = await asyncpg.connect(**arguments)
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        manager = QueueManager(Queries(AsyncpgDriver(connection)))

        async def hand(job: Job) -> None:
            await self._carry(job, lost)

        for kind in self._handlers:
            manager.entrypoint(entrypoint(kind))(hand)
        claiming = asyncio.create_task(
            manager.run(
                dequeue_timeout=POLL,
                batch_size=1,
                max_concurrent_tasks=AT_ONCE,
                heartbeat_timeout=STALE,
                log_aggregation_interval=timedelta(0),
            ),
            name="processes-queue",
        )
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({claiming, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not claiming.done():
                manager.shutdown.set()
                await asyncio.wait({claiming}, timeout=GRACE)
            if claiming.done():
                claiming.result()
        finally:
            stopping.cancel()
            claiming.cancel()
            connection.terminate()
            await asyncio.wait({claiming}, timeout=1)

    async def _carry(self, job: Job, lost: asyncio.Event) -> None:
        """Carry the job's process on; a job handed twice finds the work already in hand.

        When the queue's connection is lost this ends and the work does not: the job is handed
        again on the next connection, here or, with a new fence, elsewhere.
        """
        tenant_id, process_id = read_job(job.payload)
        task = self._in_hand.get(process_id)
        if task is None:
            work = carry_on(self._database, self._handlers, tenant_id, process_id, self._stop)
            task = self._in_hand[process_id] = asyncio.create_task(work)
            task.add_done_callback(lambda _: self._in_hand.pop(process_id))
        losing = asyncio.create_task(lost.wait())
        try:
            await asyncio.wait({task, losing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            losing.cancel()
        if not task.done():
            return
        again_in = 0.0 if task.cancelled() else task.result()
        if again_in is not None:
            raise RetryRequested(delay=timedelta(seconds=again_in))

    async def _end_in_hand(self) -> None:
        tasks = set(self._in_hand.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
