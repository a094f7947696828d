# SPDX-License-Identifier: Apache-2.0
"""Files on their way in and out: the one path of the upload page, `POST /files` and downloads."""

import hashlib
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from dataclasses import dataclass
from typing import IO

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.files import CHUNK, LONGEST_FILE
from server.domain.permissions import Permission, Viewer
from server.services.files import FileInput, add_file, find_file, read_piece

_IN_MEMORY = 4 * CHUNK  # a larger upload waits on disk until it is whole


@dataclass(frozen=True, kw_only=True)
class StoredUpload:
    """A file as it was stored."""

    id: int
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file to hand out; `content` yields its bytes as they were stored."""

    name: str
    content_type: str
    size: int
    content: AsyncIterator[bytes]


async def store_upload(
    database: Database,
    viewer: Viewer,
    name: str,
    chunks: AsyncIterable[bytes],
    *,
    content_type: str = "text/csv",
    limit: int = LONGEST_FILE,
) -> StoredUpload:
    """Store what arrives, whole or not at all.

    Raises FORBIDDEN without `processes.create`, FILE_TOO_LARGE as soon as `limit` bytes are passed.
    The database is asked only when the last byte is here: a slow sender holds no transaction open.
    """
    if not viewer.may(Permission.PROCESSES_CREATE):
        raise DomainError(ErrorCode.FORBIDDEN, permission=Permission.PROCESSES_CREATE.value)
    digest, size = hashlib.sha256(), 0
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        async for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise DomainError(
                    ErrorCode.FILE_TOO_LARGE, "file", max=f"{limit / (1024 * 1024):g} MB"
                )
            digest.update(chunk)
            spool.write(chunk)
        given = FileInput(
            name=name, content_type=content_type[:200], size=size, sha256=digest.hexdigest()
        )
        async with database.transaction(viewer.tenant_id) as session:
            file = await add_file(session, viewer, given, _pieces(spool))
            return StoredUpload(id=file.id, name=file.name, size=size, sha256=file.sha256)


def _pieces(spool: IO[bytes]) -> Iterator[bytes]:
    spool.seek(0)
    while piece := spool.read(CHUNK):
        yield piece


async def open_download(database: Database, viewer: Viewer, file_id: int) -> Download:
    """The stored file (C-14, C-15), or NOT_FOUND; one piece is in memory at a time."""
    async with database.transaction(viewer.tenant_id) as session:
        file = await find_file(session, viewer, file_id, "id")

    async def content() -> AsyncIterator[bytes]:
        position = 0
        while True:
            # A transaction a piece: a slow reader holds none open.
            async with database.transaction(viewer.tenant_id) as session:
                piece = await read_piece(session, file_id, position)
            if piece is None:
                return
            yield piece
            position += 1

    return Download(
        name=file.name, content_type=file.content_type, size=file.size, content=content()
    )
