# SPDX-License-Identifier: Apache-2.0
"""Rows that nobody changes but as they last saw them (reliability D1)."""

from typing import Protocol, TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode


class Versioned(Protocol):
    """A row that counts its changes."""

    @property
    def version(self) -> int: ...


Row = TypeVar("Row", bound=Versioned)


async def locked_row(session: AsyncSession, found: Select[Row], version: int | None) -> Row:
    """The row that `found` locks; `version` is the one that the editor saw.

    Raises NOT_FOUND (id) and CONFLICT (version).
    """
    row: Row | None = await session.scalar(found)
    if row is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    if version is not None and version != row.version:
        raise DomainError(ErrorCode.CONFLICT, "version")
    return row
