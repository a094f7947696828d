# SPDX-License-Identifier: Apache-2.0
"""Ends what nobody else will: leases, callbacks and campaigns whose end has passed (section 11)."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import structlog

from server.database import Database
from server.dialer.outages import Outage, belongs_to_rows
from server.dialer.records import first
from server.dialer.roster import read_tenants
from server.services.agents import reap_agents
from server.services.dialer import Step, close_ended, note_fault, reap, tell_campaign
from server.services.dialer.faults import IS_PARKED
from server.services.dialer.leases import EXPIRED
from server.services.tasks import EXPIRING, expire_tasks

EVERY = 1.0  # seconds; so a lost call is claimable again well within five after its lease
log = structlog.get_logger(__name__)
_ENDING = """
SELECT id FROM campaigns
WHERE ends_at IS NOT NULL AND state IN ('RUNNING', 'PAUSED') ORDER BY id
"""
_WAITING = f"""
SELECT id FROM hopper_entries WHERE campaign_id = $1 AND state NOT IN ('DIALING', 'CONNECTED')
  AND NOT {IS_PARKED} LIMIT 500
"""
Work = Callable[[asyncpg.Connection, int | None], Awaitable[None]]
"""What is done with every entry that is looked for, or with one of them."""


async def reap_until(database: Database, stop: asyncio.Event) -> None:
    """Look once a second, in every centre; any number of workers may do so at once."""
    outage = Outage("reap")
    while not stop.is_set():
        try:
            for tenant_id in await read_tenants(database):
                await reap_tenant(database, tenant_id)
        except Exception as error:
            await outage.failed(error)
        else:
            outage.over()
        await first(stop, EVERY)


async def reap_tenant(database: Database, tenant_id: int) -> None:
    """One look at one centre."""
    async with database.connection(tenant_id) as connection:
        await reap_agents(connection)
    await past_faults(database, tenant_id, Step.LEASE, _reap, EXPIRED)
    for row in await database.read(tenant_id, EXPIRING):
        async with database.connection(tenant_id) as connection:
            await expire_tasks(connection, row[0])
    for row in await database.read(tenant_id, _ENDING):
        await past_faults(database, tenant_id, Step.CLOSE, _close(row[0]), _WAITING, row[0])


async def past_faults(
    database: Database, tenant_id: int, step: Step, work: Work, entries: str, *args: object
) -> None:
    """All of it in one transaction; if one of the `entries` makes it fail, each by itself, and
    that one is noted (F21)."""
    try:
        async with database.connection(tenant_id) as connection:
            await work(connection, None)
        return
    except Exception as error:
        if not belongs_to_rows(error):
            raise
    for row in await database.read(tenant_id, entries, *args):
        entry_id: int = row[0]
        try:
            async with database.connection(tenant_id) as connection:
                await work(connection, entry_id)
        except Exception as error:
            if not belongs_to_rows(error):
                raise
            async with database.connection(tenant_id) as connection:
                await note_fault(connection, entry_id, step, error)


async def _reap(connection: asyncpg.Connection, entry_id: int | None) -> None:
    lost = await reap(connection, entry_id=entry_id)
    for campaign_id in sorted({call.campaign_id for call in lost}):
        await tell_campaign(connection, campaign_id)
    if lost:
        log.warning("dialer.calls_lost", count=len(lost))


def _close(campaign_id: int) -> Work:
    async def close(connection: asyncpg.Connection, entry_id: int | None) -> None:
        await close_ended(connection, campaign_id, entry_id=entry_id)

    return close
