# SPDX-License-Identifier: Apache-2.0
"""Files on their way in: the one path of the upload page and of `POST /files`."""

import hashlib
import tempfile
from collections.abc import AsyncIterable, Iterator
from dataclasses import dataclass
from typing import IO

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.files import CHUNK, LONGEST_FILE
from server.domain.permissions import Permission, Viewer
from server.services.files import FileInput, add_file

_IN_MEMORY = 4 * CHUNK  # a larger upload waits on disk until it is whole


@dataclass(frozen=True, kw_only=True)
class StoredUpload:
    """A file as it was stored."""

    id: int
    name: str
    size: int
    sha256: str


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
