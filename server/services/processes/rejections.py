# SPDX-License-Identifier: Apache-2.0
"""Rows that a process did not take: kept with line, column, reason and original text (C-53)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import ErrorCode
from server.domain.imports import Rejection
from server.domain.permissions import Role, Viewer
from server.models import Process, ProcessRejection
from server.services.processes.people import visible_processes

_INSERT = """
INSERT INTO process_rejections (process_id, line, "column", code, params, original)
SELECT $1, line, "column", code, params::jsonb, original::jsonb
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[])
    AS given (line, "column", code, params, original)
"""


@dataclass(frozen=True, kw_only=True)
class RejectedRow:
    """`column` is "" where the whole row is at fault; `original` are its cells."""

    line: int
    column: str
    code: ErrorCode
    params: dict[str, object]
    original: list[str]


def visible_rejections(viewer: Viewer) -> Select[ProcessRejection]:
    """Those of visible processes."""
    rejections = select(ProcessRejection)
    if viewer.role is not Role.AGENT:
        return rejections
    mine = visible_processes(viewer).with_only_columns(Process.id)
    return rejections.where(ProcessRejection.process_id.in_(mine))


async def add_rejections(
    connection: asyncpg.Connection, process_id: int, rejections: Sequence[Rejection]
) -> None:
    """Part of a chunk's transaction."""
    if not rejections:
        return
    await connection.execute(
        _INSERT,
        process_id,
        [rejection.line for rejection in rejections],
        [rejection.column for rejection in rejections],
        [rejection.code.value for rejection in rejections],
        [json.dumps(rejection.params) for rejection in rejections],
        [json.dumps(rejection.original) for rejection in rejections],
    )


async def read_rejections(
    session: AsyncSession,
    viewer: Viewer,
    process_id: int,
    *,
    after_line: int = 0,
    limit: int = 1000,
) -> list[RejectedRow]:
    """The next rejected rows of a process in the file's order."""
    rows = await session.scalars(
        visible_rejections(viewer)
        .where(ProcessRejection.process_id == process_id, ProcessRejection.line > after_line)
        .order_by(ProcessRejection.line)
        .limit(limit)
    )
    return [
        RejectedRow(
            line=row.line,
            column=row.column,
            code=ErrorCode(row.code),
            params=row.params,
            original=row.original,
        )
        for row in rows
    ]
