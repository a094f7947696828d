# SPDX-License-Identifier: Apache-2.0
"""A centre in a database of its own, because a worker dials for every centre it finds."""

from collections.abc import AsyncIterator

import pytest

from server.database import Database
from tests.services.agents.floor import Floor
from tests.services.dialer.centre import Centre


@pytest.fixture
async def centre(own_database: str) -> AsyncIterator[Centre]:
    """The only tenant of a fresh database."""
    database = Database(own_database, pool_size=4)
    await database.start()
    rows = await database.read(None, "INSERT INTO tenants (name) VALUES ('own') RETURNING id")
    yield Centre(database, rows[0][0])
    await database.stop()


@pytest.fixture
def floor(centre: Centre) -> Floor:
    """The same centre, with agents."""
    return Floor(centre.database, centre.tenant_id)
