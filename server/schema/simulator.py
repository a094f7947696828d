# SPDX-License-Identifier: Apache-2.0
"""The simulator: the real dial machine on a scenario, in virtual time."""

import strawberry
from strawberry.scalars import JSON

from server.domain.permissions import Permission
from server.resolvers import simulator
from server.schema.nodes import UserError
from server.schema.roots import resolves


@strawberry.type(description="What a simulated campaign did, or why it could not be simulated.")
class Simulation:
    answer: JSON | None = strawberry.field(
        description="`history`, `final`, `open` and `skipped`, as `rubrica simulate` prints them."
    )
    user_errors: list[UserError] = strawberry.field(
        description="The place in the scenario that is refused; the words are for who wrote it."
    )


@strawberry.type
class SimulatorQuery:
    simulate: Simulation = resolves(
        by=simulator.simulation,
        requires=Permission.CAMPAIGNS_VIEW,
        description="Run the dial machine on a scenario in virtual time; nothing is stored.",
    )
