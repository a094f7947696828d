# SPDX-License-Identifier: Apache-2.0
"""Changes of many contacts as a worker makes them: those that were confirmed, piece by piece."""

from collections.abc import AsyncGenerator, Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database
from server.processes.engine import Chunk
from server.services.contacts.bulk import processing
from server.services.processes import Attempt, Counts


async def change_contacts(database: Database, attempt: Attempt) -> AsyncGenerator[Chunk, None]:
    """A later attempt goes on behind the pieces that are done (F12).

    Raises FORBIDDEN where the right to do it was taken away meanwhile.
    """
    position = int(str(attempt.work.get("pieces", 0)))
    while True:
        async with database.transaction(attempt.tenant_id) as session:
            piece = await processing.read_piece(session, attempt, position)
        if piece is None:
            break
        yield Chunk(
            apply=_applying(attempt, position, piece),
            needs_session=True,
            work={"pieces": position + 1},
            total=attempt.total,
        )
        position += 1
    async with database.transaction(attempt.tenant_id) as session:
        await processing.seal_deleted(session, attempt)


def _applying(
    attempt: Attempt, position: int, piece: list[int]
) -> Callable[[AsyncSession], Awaitable[Counts]]:
    async def apply(session: AsyncSession) -> Counts:
        return await processing.apply_piece(session, attempt, position, piece)

    return apply
