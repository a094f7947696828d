# SPDX-License-Identifier: Apache-2.0
"""The simulator: the real dial machine on a scenario, in virtual time."""

import strawberry
from strawberry.scalars import JSON

from server.domain.permissions import Permission
from server.resolvers import simulator
from server.schema.roots import resolves


@strawberry.type(description="What a simulated campaign did, or why it could not be simulated.")
class Simulation:
    answer: JSON | None
    code: str | None
    field: str | None
    message: str | None


@strawberry.type
class SimulatorQuery:
    simulate: Simulation = resolves(
        by=simulator.simulation,
        requires=Permission.CAMPAIGNS_VIEW,
        description="Run the dial machine on a scenario in virtual time; nothing is stored.",
    )
