# SPDX-License-Identifier: Apache-2.0
"""The connection under a session, and what a dialer's transaction asks of the database first."""

from typing import TypeAlias

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

Handle: TypeAlias = "AsyncSession | asyncpg.Connection"
"""A transaction of one tenant: a service's session, or a raw connection of `Database`."""

# The hopper grows from nothing to a million rows within seconds, long before its statistics are
# fresh. Every statement of the dialer is meant to walk an index from a few given keys; with these
# off, no plan made while the table was small reads it whole later.
_BY_INDEX = """
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true), set_config('enable_bitmapscan', 'off', true),
       set_config('enable_sort', 'off', true), set_config('enable_incremental_sort', 'off', true)
"""
# Claims of a tenant take turns, for a few milliseconds each: free lines and numbers in a call are
# counted by the claimer, and two at once would both count what is free before the other took it.
_TURN = "pg_advisory_xact_lock(hashtextextended('rubrica.claim.' || rubrica_tenant(), 0))"
_CLAIMING = f"{_BY_INDEX.rstrip()}, {_TURN}"
_LOADING = (
    _BY_INDEX.rstrip()
    + ", pg_advisory_xact_lock(hashtextextended('rubrica.load.' || $1::bigint, 0))"
)


async def connection_of(handle: Handle) -> asyncpg.Connection:
    """The asyncpg connection of a session, with what the session holds back written first."""
    if not isinstance(handle, AsyncSession):
        return handle
    await handle.flush()
    raw = await (await handle.connection()).get_raw_connection()
    return raw.driver_connection


async def use_indexes(connection: asyncpg.Connection) -> None:
    """For the rest of this transaction: plans by index, whatever the statistics say."""
    await connection.execute(_BY_INDEX)


async def begin_claiming(connection: asyncpg.Connection) -> None:
    """Wait for this tenant's turn to claim; it ends with the transaction."""
    await connection.execute(_CLAIMING)


async def hold_claims(handle: Handle) -> None:
    """Until this transaction ends nobody claims: what it writes is seen by every later claim.

    For whoever stops a campaign; claims that are being made have committed when this returns.
    """
    connection = await connection_of(handle)
    await connection.execute(f"SELECT {_TURN}")


async def begin_loading(connection: asyncpg.Connection, campaign_id: int) -> None:
    """Wait for this campaign's turn to load; it ends with the transaction.

    Two importers that hold each other's numbers would otherwise wait for each other for ever.
    """
    await connection.execute(_LOADING, campaign_id)
