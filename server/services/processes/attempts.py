# SPDX-License-Identifier: Apache-2.0
"""One worker's hold on a process: begun with a new fence, carried on chunk by chunk, ended once.

Every write is `WHERE fence = … AND state = 'RUNNING'`. A worker that was thought dead, or whose
process was cancelled, changes nothing any more: its chunk is rolled back as a whole (F11, F12).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import asyncpg
from sqlalchemy import Update, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.processes import MOST_TRIES, OPEN_STATES, ProcessState
from server.models import Process
from server.services.events import record
from server.services.processes.topics import NOTIFY, process_topic, tell_process


class SupersededError(Exception):
    """Another worker has the process now, or it is over: stop without a trace."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A process in a worker's hands; `work` is what the last chunk left for the next one."""

    process_id: int
    tenant_id: int
    kind: str
    fence: int
    tries: int  # begun so often since the last chunk that was done
    options: dict[str, object]
    work: dict[str, object]
    total: int | None
    user_id: int | None
    list_id: int | None
    campaign_id: int | None
    file_id: int | None
    started_at: datetime


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a chunk did: rows taken, refused, and passed over as duplicates (C-12).

    `loaded`: the entries that the rows taken became in the hoppers of campaigns (X-23).
    """

    succeeded: int = 0
    failed: int = 0
    skipped: int = 0
    loaded: int = 0


async def begin_attempt(
    session: AsyncSession, process_id: int, *, is_resumed: bool = False
) -> Attempt | None:
    """Take the process, or None where there is nothing to do: it is over, missing or not yet due.

    `is_resumed`: the same worker goes on after the database was away, which is no fault of the
    process. Otherwise it counts as a try; a process that did nothing in five is FAILED (F21).
    """
    process = await session.scalar(
        select(Process).where(Process.id == process_id).with_for_update()
    )
    if process is None or process.state not in OPEN_STATES:
        return None
    if process.scheduled_at > (now := await _now(session)):
        return None
    before = cast("dict[str, object]", process.checkpoint.get("work", {}))
    tries = int(str(process.checkpoint.get("tries", 0))) + (0 if is_resumed else 1)
    process.fence += 1
    if tries > MOST_TRIES:
        process.state = ProcessState.FAILED
        process.error_code, process.error_params = ErrorCode.GAVE_UP, {"tries": MOST_TRIES}
        process.finished_at = now
        record(session, None, "process.failed", process.id, code=ErrorCode.GAVE_UP)
        await session.flush()
        await tell_process(session, process.id, process.state)
        return None
    process.state = ProcessState.RUNNING
    process.started_at = process.started_at or now
    process.heartbeat_at = now
    process.checkpoint = {"tries": tries, "work": before}
    await session.flush()
    await tell_process(session, process.id, process.state)
    return Attempt(
        process_id=process.id,
        tenant_id=process.tenant_id,
        kind=process.kind,
        fence=process.fence,
        tries=tries,
        options=process.options,
        work=before,
        total=process.total,
        user_id=process.user_id,
        list_id=process.list_id,
        campaign_id=process.campaign_id,
        file_id=process.file_id,
        started_at=process.started_at,
    )


_RECORD = """
UPDATE processes SET
    done = done + $3 + $4 + $5, succeeded = succeeded + $3, failed = failed + $4,
    skipped = skipped + $5, loaded = loaded + $6, total = coalesce($7, total),
    checkpoint = jsonb_build_object('tries', 0, 'work', $8::jsonb),
    heartbeat_at = clock_timestamp()
WHERE id = $1 AND fence = $2 AND state = 'RUNNING'
"""


async def record_chunk(
    connection: asyncpg.Connection,
    attempt: Attempt,
    counts: Counts,
    work: dict[str, object],
    total: int | None = None,
) -> None:
    """The last statement of a chunk's transaction: progress and checkpoint, or SupersededError."""
    status = await connection.execute(
        _RECORD,
        attempt.process_id,
        attempt.fence,
        counts.succeeded,
        counts.failed,
        counts.skipped,
        counts.loaded,
        total,
        json.dumps(work),
    )
    if status != "UPDATE 1":
        raise SupersededError
    await connection.execute(NOTIFY, process_topic(attempt.process_id), ProcessState.RUNNING)


async def is_current(connection: asyncpg.Connection, attempt: Attempt) -> bool:
    """Whether a chunk is worth beginning; the word that counts is `record_chunk`'s."""
    found = await connection.fetchval(
        "SELECT 1 FROM processes WHERE id = $1 AND fence = $2 AND state = 'RUNNING'",
        attempt.process_id,
        attempt.fence,
    )
    return found is not None


async def finish_attempt(session: AsyncSession, attempt: Attempt) -> None:
    """Everything is done."""
    await _end(session, attempt, ProcessState.FINISHED)


async def fail_attempt(session: AsyncSession, attempt: Attempt, error: DomainError) -> None:
    """It cannot go on, and trying again would not help."""
    await _end(
        session,
        attempt,
        ProcessState.FAILED,
        error_code=error.code,
        error_field=error.field,
        error_params={name: _plain(value) for name, value in error.params.items()},
    )


async def leave_attempt(session: AsyncSession, attempt: Attempt) -> None:
    """Put it back for another worker; stopping in good order does not count as a try."""
    await session.execute(_mine(attempt).values(checkpoint=_without_tries()))


async def _end(
    session: AsyncSession, attempt: Attempt, state: ProcessState, **values: object
) -> None:
    ended = await session.execute(
        _mine(attempt)
        .values(state=state, finished_at=func.clock_timestamp(), **values)
        .returning(Process.succeeded, Process.failed, Process.skipped)
    )
    counts = ended.one_or_none()
    if counts is None:
        raise SupersededError
    name = f"process.{state.value.lower()}"
    code = {"code": values["error_code"]} if "error_code" in values else {}
    record(session, None, name, attempt.process_id, **counts._asdict(), **code)
    await tell_process(session, attempt.process_id, state)


def _mine(attempt: Attempt) -> Update:
    return (
        update(Process)
        .where(
            Process.id == attempt.process_id,
            Process.fence == attempt.fence,
            Process.state == ProcessState.RUNNING,
        )
        .execution_options(synchronize_session=False)
    )


def _without_tries() -> object:
    return Process.checkpoint.concat({"tries": 0})


async def _now(session: AsyncSession) -> datetime:
    now = await session.scalar(select(func.clock_timestamp()))
    return cast("datetime", now)


def _plain(value: object) -> object:
    return value if isinstance(value, int | str) else str(value)
