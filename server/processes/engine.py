# SPDX-License-Identifier: Apache-2.0
"""Carries one process on, a chunk a transaction, until it is done, over, or to be left."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

import asyncpg
import structlog

from server.database import Database, DatabaseUnavailable
from server.domain.errors import DomainError, ErrorCode, RefusalsError
from server.domain.processes import MOST_TRIES, ProcessKind, retry_delay
from server.services.dialer import Handle, connection_of
from server.services.processes import (
    Attempt,
    Counts,
    SupersededError,
    begin_attempt,
    fail_attempt,
    finish_attempt,
    is_current,
    leave_attempt,
    record_chunk,
)

log = structlog.get_logger(__name__)
PAUSE = 0.5  # seconds between looks at a database that is away


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A piece of work for one transaction; `work` is where the next one goes on from.

    `apply` gets a raw connection, or a session where it `needs_session`.
    """

    apply: Callable[[Any], Awaitable[Counts]]
    needs_session: bool = False
    work: dict[str, object]
    total: int | None = None


class Handler(Protocol):
    """What a kind of process does.

    It yields chunks from `attempt.work` on, each prepared outside of any transaction. A
    `DomainError` ends the process as FAILED with its code; any other exception is tried again.
    """

    def __call__(self, database: Database, attempt: Attempt, /) -> AsyncGenerator[Chunk, None]: ...


Handlers = Mapping[ProcessKind, Handler]


async def carry_on(
    database: Database,
    handlers: Handlers,
    tenant_id: int,
    process_id: int,
    leaving: asyncio.Event,
) -> float | None:
    """None: nothing is left to do here. Else the seconds until it should be taken up again.

    `leaving` asks to stop at the next end of a chunk. A database that is away is waited for.
    """
    is_resumed = False
    while not leaving.is_set():
        try:
            async with database.transaction(tenant_id) as session:
                attempt = await begin_attempt(session, process_id, is_resumed=is_resumed)
            if attempt is None:
                return None
            return await _work(database, handlers, attempt, leaving)
        except SupersededError:
            return None
        except DatabaseUnavailable as error:
            log.warning("process.waits", process=process_id, reason=str(error))
            is_resumed = True
            await _pause(leaving)
    return 0.0


async def _work(
    database: Database, handlers: Handlers, attempt: Attempt, leaving: asyncio.Event
) -> float | None:
    try:
        handler = handlers[ProcessKind(attempt.kind)]
        async with aclosing(handler(database, attempt)) as chunks:
            async for chunk in chunks:
                await _apply(database, attempt, chunk)
                if leaving.is_set():
                    async with database.transaction(attempt.tenant_id) as session:
                        await leave_attempt(session, attempt)
                    return 0.0
        async with database.transaction(attempt.tenant_id) as session:
            await finish_attempt(session, attempt)
        return None
    except (DomainError, RefusalsError) as refusal:
        error = refusal.errors[0] if isinstance(refusal, RefusalsError) else refusal
        async with database.transaction(attempt.tenant_id) as session:
            await fail_attempt(session, attempt, error)
        return None
    except (SupersededError, DatabaseUnavailable):
        raise
    except Exception:
        log.exception("process.failed_once", process=attempt.process_id, tries=attempt.tries)
        if attempt.tries < MOST_TRIES:
            return retry_delay(attempt.tries)
        error = DomainError(ErrorCode.GAVE_UP, tries=attempt.tries)
        async with database.transaction(attempt.tenant_id) as session:
            await fail_attempt(session, attempt, error)
        return None


async def _apply(database: Database, attempt: Attempt, chunk: Chunk) -> None:
    if chunk.needs_session:
        async with database.transaction(attempt.tenant_id) as session:
            await _apply_within(await connection_of(session), session, attempt, chunk)
        return
    async with database.connection(attempt.tenant_id) as connection:
        await _apply_within(connection, connection, attempt, chunk)


async def _apply_within(
    connection: asyncpg.Connection, handle: Handle, attempt: Attempt, chunk: Chunk
) -> None:
    if not await is_current(connection, attempt):
        raise SupersededError
    counts = await chunk.apply(handle)
    await record_chunk(connection, attempt, counts, chunk.work, chunk.total)


async def _pause(leaving: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(PAUSE):
            await leaving.wait()
    except TimeoutError:
        return
