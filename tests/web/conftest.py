# SPDX-License-Identifier: Apache-2.0
"""The application on the worker's database, and people who visit it, signed in or not."""

from collections.abc import AsyncIterator

import pytest
from starlette.types import ASGIApp

from server.app import create_app
from server.database import Database
from server.domain.permissions import Permission, Role
from server.settings import Settings
from tests.factories.access import make_account, sign_in
from tests.web.visiting import Person, SignIn, Visitor


@pytest.fixture(scope="session")
def application(database: Database) -> ASGIApp:
    """What `rubrica serve` serves, on the worker's database."""
    return create_app(Settings(), database)


@pytest.fixture(scope="session")
def other_application(database: Database) -> ASGIApp:
    """A second process of the same installation: it shares the database and nothing else."""
    return create_app(Settings(), database)


@pytest.fixture
async def visitor(application: ASGIApp) -> AsyncIterator[Visitor]:
    """Somebody who is not signed in."""
    async with Visitor(application) as browser:
        yield browser


@pytest.fixture
async def signed_in(application: ASGIApp, database: Database, tenant: int) -> AsyncIterator[SignIn]:
    """`await signed_in(Role.SUPERVISOR, (Permission.LISTS_VIEW,))`: a new user of the tenant."""
    browsers: list[Visitor] = []

    async def enter(
        role: Role = Role.ADMIN,
        permissions: tuple[Permission, ...] | None = None,
        *,
        tenant_id: int = tenant,
        at: ASGIApp = application,
    ) -> Person:
        account = await make_account(database, tenant_id, role, permissions)
        token, _ = await sign_in(database, account)
        browsers.append(Visitor(at, token))
        return Person(account=account, browser=browsers[-1])

    yield enter
    for browser in browsers:
        await browser.aclose()
