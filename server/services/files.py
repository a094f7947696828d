# SPDX-License-Identifier: Apache-2.0
"""Files in shared storage: kept in pieces in the database, so that any node serves them (C-15)."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from sqlalchemy import Select, exists, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.files import safe_file_name
from server.domain.permissions import Permission, Viewer
from server.domain.processes import ProcessKind
from server.models import FileChunk, Process, StoredFile


@dataclass(frozen=True, kw_only=True)
class FileInput:
    """A file that has arrived whole; `name` as the sender gave it."""

    name: str
    content_type: str
    size: int
    sha256: str


def visible_files(viewer: Viewer) -> Select[StoredFile]:
    """One's own, and those of processes for who may see processes (C-14); exports for who may
    export, as the file says all that the list did."""
    mine = StoredFile.user_id == viewer.user_id
    files = select(StoredFile)
    if not viewer.may(Permission.PROCESSES_VIEW):
        return files.where(mine)
    shown = Process.file_id == StoredFile.id
    if not viewer.may(Permission.CONTACTS_EXPORT):
        shown &= Process.kind != ProcessKind.EXPORT
    return files.where(or_(mine, exists().where(shown)))


async def find_file(
    session: AsyncSession, viewer: Viewer, file_id: int, field: str = "fileId"
) -> StoredFile:
    """The file, or NOT_FOUND."""
    file = await session.scalar(visible_files(viewer).where(StoredFile.id == file_id))
    if file is None:
        raise DomainError(ErrorCode.NOT_FOUND, field)
    return file


async def add_file(
    session: AsyncSession, viewer: Viewer, given: FileInput, pieces: Iterable[bytes]
) -> StoredFile:
    """Store a file; `pieces` come in order, each small enough to be one row."""
    file = StoredFile(
        name=safe_file_name(given.name),
        content_type=given.content_type,
        size=given.size,
        sha256=given.sha256,
        user_id=viewer.user_id,
    )
    session.add(file)
    await session.flush()
    for position, content in enumerate(pieces):
        values = {"file_id": file.id, "position": position, "content": content}
        await session.execute(insert(FileChunk).values(values))
    return file


async def read_piece(session: AsyncSession, file_id: int, position: int) -> bytes | None:
    """The piece at this place, from 0; None behind the end. The caller has found the file."""
    content: bytes | None = await session.scalar(
        select(FileChunk.content).where(
            FileChunk.file_id == file_id, FileChunk.position == position
        )
    )
    return content


async def read_pieces(session: AsyncSession, file_id: int) -> AsyncIterator[bytes]:
    """All pieces in order, one in memory at a time."""
    position = 0
    while (content := await read_piece(session, file_id, position)) is not None:
        yield content
        position += 1
