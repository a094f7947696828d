# SPDX-License-Identifier: Apache-2.0
"""Contacts into the index of the search after their import, which need not wait for it (X-08).

Whoever searches meanwhile finds them too: what is noted as new is looked through.
"""

import asyncpg

from server.database import Database

_LATER = "SELECT set_config('rubrica.index', 'later', true)"
_NEXT = "SELECT rubrica_index_later()"
_WAITING = "SELECT count(*) FROM search_backlog"


async def index_later(connection: asyncpg.Connection) -> None:
    """What this transaction adds is only noted; numbers that it adds must be of new contacts."""
    await connection.execute(_LATER)


async def index_new(database: Database, tenant_id: int) -> None:
    """Bring in what is noted, a note a transaction; what another has in hand is left.

    So is what waits behind somebody who holds a contact for long: a later look brings it in.
    """
    is_more = True
    while is_more:
        try:
            async with database.connection(tenant_id) as connection:
                is_more = await connection.fetchval(_NEXT)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            return


async def count_new(database: Database, tenant_id: int) -> int:
    """How many notes of new contacts wait, those in hand among them."""
    [row] = await database.read(tenant_id, _WAITING)
    count: int = row["count"]
    return count
