# SPDX-License-Identifier: Apache-2.0
"""The live engine and the pure machine agree on random campaigns (dial-machine section 10)."""

import pytest

from server.database import Database
from server.dialer.simulation import simulate_live
from server.domain.simulation import read_scenario, run
from tests.services.dialer.scenarios import random_scenario

# The first 22 of the generator, and three in which a blacklisted contact goes on to a number that
# another one of the same batch wants: only the order of section 7 says whose call it is.
SEEDS = (*range(22), 162, 281, 379)


@pytest.mark.parametrize("seed", SEEDS)
async def test_both_engines_tell_the_same(seed: int, database: Database, tenant: int) -> None:
    """Both orders in SQL, of a contact's numbers (X-05, X-06) and of due entries, included."""
    scenario = read_scenario(random_scenario(seed))
    assert await simulate_live(database, tenant, scenario) == run(scenario)
