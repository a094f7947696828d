# SPDX-License-Identifier: Apache-2.0
"""A caller of the endpoint without a network, and a plain ASGI conversation for streams."""

from collections.abc import AsyncIterator

import pytest
from starlette.types import ASGIApp

from server.app import create_app
from server.database import Database
from server.models import User
from server.services.account import install_token
from server.settings import Settings
from tests.factories.access import make_account
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


@pytest.fixture(scope="session")
def product(database: Database) -> ASGIApp:
    """What `rubrica serve` serves, with the settings that nobody has changed."""
    return create_app(Settings(), database)


@pytest.fixture
async def nobody(product: ASGIApp) -> AsyncIterator[Caller]:
    """A program at the product's own endpoint, without a token."""
    async with Caller(product) as caller:
        yield caller


@pytest.fixture
async def bearer(database: Database, tenant: int) -> str:
    """An administrator's API token."""
    account = await make_account(database, tenant)
    async with database.transaction(tenant) as session:
        user = await session.get_one(User, account.user_id)
        return (await install_token(session, user, name="Tests")).secret


@pytest.fixture
async def program(product: ASGIApp, bearer: str) -> AsyncIterator[Caller]:
    """An administrator's program at the product's own endpoint."""
    async with Caller(product, authorization=f"Bearer {bearer}") as caller:
        yield caller
