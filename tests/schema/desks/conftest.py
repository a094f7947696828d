# SPDX-License-Identifier: Apache-2.0
"""A centre with agents, asked through the schema."""

import pytest

from server.database import Database
from tests.services.agents.floor import Floor


@pytest.fixture
def floor(database: Database, tenant: int) -> Floor:
    """The tenant of the test's viewer."""
    return Floor(database, tenant)
