# SPDX-License-Identifier: Apache-2.0
"""A fresh centre a test, that asks the gate."""

import pytest

from server.database import Database
from tests.services.gate.asking import AskingCentre


@pytest.fixture
def centre(database: Database, tenant: int) -> AskingCentre:
    """A tenant that nobody has used, to ask about."""
    return AskingCentre(database, tenant)
