# SPDX-License-Identifier: Apache-2.0
"""A centre to dial from, watched through the whole application."""

import pytest

from server.database import Database
from tests.services.dialer.centre import Centre


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    """The tenant of the test's viewer."""
    return Centre(database, tenant)
