# SPDX-License-Identifier: Apache-2.0
"""The beginning of a stored file, which is all that a preview reads of it."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.imports import HEAD
from server.models import StoredFile
from server.services.files import read_piece


@dataclass(frozen=True, kw_only=True)
class Head:
    """The first 256 kB of a file; `is_whole`: that is all of it."""

    content: bytes
    is_whole: bool


async def read_head(session: AsyncSession, file: StoredFile) -> Head:
    """A stored piece is longer than a head, so the first one holds it."""
    piece = await read_piece(session, file.id, 0) or b""
    return Head(content=piece[:HEAD], is_whole=file.size <= HEAD)
