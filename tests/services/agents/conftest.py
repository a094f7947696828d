# SPDX-License-Identifier: Apache-2.0
"""A fresh centre with agents a test."""

import pytest

from server.database import Database
from tests.services.agents.floor import Floor


@pytest.fixture
def floor(database: Database, tenant: int) -> Floor:
    """A tenant that nobody has used, whose agents are made as they are wanted."""
    return Floor(database, tenant)
