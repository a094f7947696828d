# SPDX-License-Identifier: Apache-2.0
"""What people do with processes: look at them and cancel them (C-10, C-13)."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, FromClause, Select, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Role, Viewer
from server.domain.processes import ProcessState, may_become
from server.models import Process
from server.services.events import record
from server.services.processes.topics import tell_process

Condition = Callable[[FromClause], ColumnElement[bool]]


def visible_processes(viewer: Viewer) -> Select[Process]:
    """All of the tenant's; an agent sees none."""
    processes = select(Process)
    return processes.where(false()) if viewer.role is Role.AGENT else processes


def in_state(state: str, viewer: Viewer) -> Condition:
    """Processes that stand there now."""
    return lambda processes: processes.c.state == str(state)


def of_kind(kind: str, viewer: Viewer) -> Condition:
    """Processes that do this."""
    return lambda processes: processes.c.kind == str(kind)


def about_list(list_id: int, viewer: Viewer) -> Condition:
    """Processes that put contacts on this list."""
    return lambda processes: processes.c.list_id == list_id


async def find_process(session: AsyncSession, viewer: Viewer, process_id: int) -> Process:
    """The process, or NOT_FOUND."""
    process = await session.scalar(visible_processes(viewer).where(Process.id == process_id))
    if process is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    return process


async def cancel_process(session: AsyncSession, viewer: Viewer, process_id: int) -> Process:
    """C-13. A pending one never starts; a running one keeps the chunks done, and its counts say so.

    It takes effect here and now: the chunk that a worker has in hand no longer finds its process
    running and is rolled back. Raises WRONG_STATE for a process that is over.
    """
    process = await session.scalar(
        visible_processes(viewer).where(Process.id == process_id).with_for_update()
    )
    if process is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    if not may_become(ProcessState(process.state), ProcessState.CANCELLED):
        raise DomainError(ErrorCode.WRONG_STATE, "id", state=ProcessState(process.state))
    process.state = ProcessState.CANCELLED
    process.is_cancel_requested = True
    process.finished_at = func.clock_timestamp()
    await session.flush()
    await session.refresh(process)
    record(session, viewer, "process.cancelled", process.id, done=process.done)
    await tell_process(session, process.id, process.state)
    return process
