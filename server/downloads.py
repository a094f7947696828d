# SPDX-License-Identifier: Apache-2.0
"""Files on their way out: stored files (C-14, C-15), and refused rows as a CSV (C-53)."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.imports import csv_bytes
from server.domain.permissions import Permission, Viewer
from server.services.files import find_file, read_piece
from server.services.processes import RejectedRow, find_process, read_rejections

Message = Callable[[ErrorCode, Mapping[str, object]], str]
HEADINGS = ("line", "column", "reason")
_AT_ONCE = 500  # rows


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file to hand out. `size` is None where it is not known before the end."""

    name: str
    content_type: str
    size: int | None
    content: AsyncIterator[bytes]


async def open_file(database: Database, viewer: Viewer, file_id: int) -> Download:
    """The stored bytes, or NOT_FOUND; one piece is in memory at a time.

    Each piece is read in its own transaction: a slow reader holds none open.
    """
    async with database.transaction(viewer.tenant_id) as session:
        file = await find_file(session, viewer, file_id, "id")

    async def content() -> AsyncIterator[bytes]:
        position = 0
        while True:
            async with database.transaction(viewer.tenant_id) as session:
                piece = await read_piece(session, file_id, position)
            if piece is None:
                return
            yield piece
            position += 1

    return Download(
        name=file.name, content_type=file.content_type, size=file.size, content=content()
    )


async def open_rejections(
    database: Database,
    viewer: Viewer,
    process_id: int,
    message: Message,
    headings: tuple[str, str, str] = HEADINGS,
) -> Download:
    """The rows that an import refused, to be corrected and imported again (C-53).

    The original columns, then line, column and the reason in the reader's words. Raises NOT_FOUND,
    and FORBIDDEN without `processes.view`.
    """
    if not viewer.may(Permission.PROCESSES_VIEW):
        raise DomainError(ErrorCode.FORBIDDEN, permission=Permission.PROCESSES_VIEW.value)
    async with database.transaction(viewer.tenant_id) as session:
        process = await find_process(session, viewer, process_id)
        stored = process.options.get("columns", [])
    columns = [str(column) for column in stored] if isinstance(stored, list) else []

    async def content() -> AsyncIterator[bytes]:
        yield csv_bytes([[*columns, *headings]], is_first=True)
        line = 0
        while True:
            async with database.transaction(viewer.tenant_id) as session:
                rows = await read_rejections(
                    session, viewer, process_id, after_line=line, limit=_AT_ONCE
                )
            if not rows:
                return
            yield csv_bytes([_shown(row, len(columns), message) for row in rows])
            line = rows[-1].line

    return Download(
        name=f"import-{process_id}-rejected.csv",
        content_type="text/csv; charset=utf-8",
        size=None,
        content=content(),
    )


def _shown(row: RejectedRow, width: int, message: Message) -> list[str]:
    cells = row.original
    if len(cells) > width > 0:  # nothing is lost, and the last three columns stay in their place
        cells = [*cells[: width - 1], " ".join(cells[width - 1 :])]
    padded = [*cells, *[""] * (width - len(cells))]
    return [*padded, str(row.line), row.column, message(row.code, row.params)]
