# SPDX-License-Identifier: Apache-2.0
"""Which campaigns dial by a driver of ours now, over all centres."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.database import Database
from server.domain.campaigns.drivers import Driver
from server.domain.campaigns.modes import DialMode
from server.telephony import Wanted

_TENANTS = "SELECT id FROM tenants ORDER BY id"
# One that stopped still has what agents ordered in its last moment, and calls to hang up.
_RUNNING = """
SELECT c.id, c.driver, c.mode, c.simulation::text AS simulation, c.exchange_id, c.clock_rate,
  c.caller_id, c.queue_timeout
FROM campaigns c WHERE c.driver = ANY($1::text[]) AND (c.state = 'RUNNING' OR EXISTS
  (SELECT 1 FROM agent_desks d WHERE d.campaign_id = c.id AND d.stage = 'ORDERED'))
ORDER BY c.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningCampaign:
    """A campaign to dial; the queue timeout is in seconds of its own clock."""

    tenant_id: int
    id: int
    wanted: Wanted
    clock_rate: int
    caller_id: str
    queue_timeout: int

    @property
    def mode(self) -> DialMode:
        return self.wanted.mode


async def read_tenants(database: Database) -> list[int]:
    """Every centre of the installation."""
    return [row[0] for row in await database.read(None, _TENANTS)]


async def running_campaigns(database: Database, drivers: Sequence[str]) -> list[RunningCampaign]:
    """The campaigns of every centre that a worker with these drivers has to serve."""
    return [
        RunningCampaign(
            tenant_id=tenant_id,
            id=row["id"],
            wanted=Wanted(
                tenant_id=tenant_id,
                driver=Driver(row["driver"]),
                mode=DialMode(row["mode"]),
                simulation=row["simulation"],
                exchange_id=row["exchange_id"],
            ),
            clock_rate=row["clock_rate"],
            caller_id=row["caller_id"],
            queue_timeout=row["queue_timeout"],
        )
        for tenant_id in await read_tenants(database)
        for row in await database.read(tenant_id, _RUNNING, drivers)
    ]
