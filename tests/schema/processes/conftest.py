# SPDX-License-Identifier: Apache-2.0
"""A worker for the processes that a test starts by the API."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from server.database import Database
from server.domain.permissions import Viewer
from server.models import Process
from tests.factories.imports import until_over
from tests.factories.working import working

Over = Callable[[str], Awaitable[Process]]


@pytest.fixture
async def over(database: Database, viewer: Viewer) -> AsyncIterator[Over]:
    """`await over("process_5")` waits for its end; a worker works while the test runs."""

    async def wait(process_id: str) -> Process:
        return await until_over(database, viewer, int(process_id.removeprefix("process_")))

    async with working(database):
        yield wait
