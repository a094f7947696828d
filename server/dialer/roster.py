# SPDX-License-Identifier: Apache-2.0
"""Which campaigns dial by a driver of ours now, over all centres."""

from dataclasses import dataclass

from server.database import Database

DRIVER = "SIMULATED"
_TENANTS = "SELECT id FROM tenants ORDER BY id"
_RUNNING = """
SELECT id, simulation::text AS simulation, clock_rate FROM campaigns
WHERE state = 'RUNNING' AND driver = $1 ORDER BY id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningCampaign:
    """A campaign to dial; `simulation` is its JSON as text."""

    tenant_id: int
    id: int
    simulation: str
    clock_rate: int


async def read_tenants(database: Database) -> list[int]:
    """Every centre of the installation."""
    return [row[0] for row in await database.read(None, _TENANTS)]


async def running_campaigns(database: Database) -> list[RunningCampaign]:
    """The campaigns of every centre that a dialer worker has to serve."""
    return [
        RunningCampaign(
            tenant_id=tenant_id,
            id=row["id"],
            simulation=row["simulation"],
            clock_rate=row["clock_rate"],
        )
        for tenant_id in await read_tenants(database)
        for row in await database.read(tenant_id, _RUNNING, DRIVER)
    ]
