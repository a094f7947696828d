# SPDX-License-Identifier: Apache-2.0
"""A fresh centre a test."""

import pytest

from server.database import Database
from tests.services.dialer.centre import Centre


@pytest.fixture
def centre(database: Database, tenant: int) -> Centre:
    """A tenant that nobody has used, to dial from."""
    return Centre(database, tenant)
