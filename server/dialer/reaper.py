# SPDX-License-Identifier: Apache-2.0
"""Ends what nobody else will: leases, callbacks and campaigns whose end has passed (section 11)."""

import asyncio

import structlog

from server.database import Database
from server.dialer.outages import Outage
from server.dialer.records import first
from server.dialer.roster import read_tenants
from server.services.agents import reap_agents
from server.services.dialer import close_ended, reap, tell_campaign
from server.services.tasks import EXPIRING, expire_tasks

EVERY = 1.0  # seconds; so a lost call is claimable again well within five after its lease
log = structlog.get_logger(__name__)
_ENDING = """
SELECT id FROM campaigns
WHERE ends_at IS NOT NULL AND state IN ('RUNNING', 'PAUSED') ORDER BY id
"""


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
        lost = await reap(connection)
        for campaign_id in sorted({call.campaign_id for call in lost}):
            await tell_campaign(connection, campaign_id)
    if lost:
        log.warning("dialer.calls_lost", tenant_id=tenant_id, count=len(lost))
    for row in await database.read(tenant_id, EXPIRING):
        async with database.connection(tenant_id) as connection:
            await expire_tasks(connection, row[0])
    for row in await database.read(tenant_id, _ENDING):
        async with database.connection(tenant_id) as connection:
            await close_ended(connection, row[0])
