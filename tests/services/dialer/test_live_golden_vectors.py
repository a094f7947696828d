# SPDX-License-Identifier: Apache-2.0
"""V1 to V11 through the database: the live engine dials as the machine does (section 10)."""

from typing import cast

import pytest

from server.database import Database
from server.dialer.simulation import simulate_live
from server.domain.simulation import read_scenario
from tests.domain.dialer.vectors import VECTORS, Json, Vector, notation


@pytest.mark.parametrize(
    "vector", VECTORS, ids=[vector.name.partition(" ")[0] for vector in VECTORS]
)
async def test_the_database_dials_the_vector(
    vector: Vector, database: Database, tenant: int
) -> None:
    """X-29 to X-34, the simulator's `--live`."""
    answer = await simulate_live(database, tenant, read_scenario(vector.scenario))
    assert notation(cast(list[Json], answer["history"])) == vector.calls
    assert answer["final"] == [vector.final]
    assert answer["open"] == answer["skipped"] == []
