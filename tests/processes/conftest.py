# SPDX-License-Identifier: Apache-2.0
"""A worker that runs beside the tests of a module, and a person who imports."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from server.database import Database
from server.domain.permissions import Viewer
from server.processes import run_processes
from tests.factories.users import make_viewer


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


@pytest.fixture(scope="module")
async def worker(database: Database) -> AsyncIterator[None]:
    """One worker for all tests of the module; it works for every tenant."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_processes(database, stop))
    yield
    stop.set()
    await task
