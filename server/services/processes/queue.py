# SPDX-License-Identifier: Apache-2.0
"""The queue that wakes workers; the process row stays the truth (architecture section 5)."""

import json
from datetime import timedelta

import asyncpg
from pgqueuer import Queries
from pgqueuer.db import AsyncpgDriver
from sqlalchemy import func, text
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.processes import OPEN_STATES
from server.models import Process
from server.services.processes.topics import tell_process

_KEPT_LOG = timedelta(days=7)
_OLD_LOG = text(
    "DELETE FROM pgqueuer_log WHERE created < clock_timestamp() - CAST(:kept AS interval)"
)
# What a restored backup or a worker's violent end leaves behind: open, but in no queue.
_MISSING = text(
    "SELECT id, kind, greatest(scheduled_at - clock_timestamp(), interval '0') AS due_in"
    " FROM processes WHERE state = ANY(:states) AND NOT EXISTS (SELECT FROM pgqueuer"
    " WHERE dedupe_key = 'process:' || processes.id AND status IN ('queued', 'picked'))"
)


def entrypoint(kind: str) -> str:
    """The queue's name for jobs of this kind: a worker asks only for kinds that it can do."""
    return f"process.{kind.lower()}"


async def add_process(session: AsyncSession, process: Process) -> Process:
    """Store a pending process and queue it, in one transaction."""
    session.add(process)
    await session.flush()
    await session.refresh(process)
    now = await session.scalar(func.clock_timestamp())
    due_in = max(process.scheduled_at - now, timedelta(0))
    await _enqueue(session, process.id, process.kind, due_in)
    await tell_process(session, process.id, process.state)
    return process


async def queue_missing(session: AsyncSession) -> int:
    """Queue this tenant's open processes that no queue entry stands for; how many there were."""
    rows = (await session.execute(_MISSING, {"states": list(OPEN_STATES)})).all()
    for process_id, kind, due_in in rows:
        await _enqueue(session, process_id, kind, due_in)
    await session.execute(_OLD_LOG, {"kept": _KEPT_LOG})
    return len(rows)


def read_job(payload: bytes | None) -> tuple[int, int]:
    """The (tenant id, process id) of a queue entry."""
    job = json.loads(payload or b"{}")
    return int(job["tenant_id"]), int(job["process_id"])


async def _enqueue(session: AsyncSession, process_id: int, kind: str, due_in: timedelta) -> None:
    tenant_id = await session.scalar(func.rubrica_tenant())
    payload = json.dumps({"tenant_id": tenant_id, "process_id": process_id}).encode()
    queries = Queries(AsyncpgDriver(await _raw(session)))
    # The key lets each process stand in the queue once, whoever puts it there.
    await queries.enqueue(
        entrypoint(kind),
        payload,
        execute_after=due_in,
        dedupe_key=f"process:{process_id}",
        on_conflict="skip",
    )


async def _raw(session: AsyncSession) -> asyncpg.Connection:
    """The session's own connection, inside its transaction."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    return raw.driver_connection
