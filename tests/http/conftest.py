# SPDX-License-Identifier: Apache-2.0
"""A caller of the endpoint without a network, and a plain ASGI conversation for streams."""

from collections.abc import AsyncIterator

import pytest

from tests.http import toy
from tests.http.conversations import Caller


@pytest.fixture
async def anyone() -> AsyncIterator[Caller]:
    """Nobody is signed in."""
    async with Caller(toy.endpoint()) as caller:
        yield caller


@pytest.fixture
async def admin() -> AsyncIterator[Caller]:
    """Signed in by bearer token, with every permission."""
    async with Caller(toy.endpoint(), authorization="Bearer admin") as caller:
        yield caller


@pytest.fixture
async def agent() -> AsyncIterator[Caller]:
    """Signed in, without the permission to read the schema."""
    async with Caller(toy.endpoint(), authorization="Bearer agent") as caller:
        yield caller


@pytest.fixture(autouse=True)
def _fresh() -> None:
    toy.executed.clear()
