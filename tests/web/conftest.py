# SPDX-License-Identifier: Apache-2.0
"""The whole application over HTTP, without a socket: who visits it, signed in or not."""

import html
import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from server.app import create_app
from server.database import Database
from server.domain.permissions import Permission, Role
from server.settings import Settings
from tests.factories.access import Account, make_account, sign_in

COOKIE = "rubrica_session"
ADDRESS = "http://127.0.0.1:8000"
_numbers = itertools.count(1)


class Visitor(httpx.AsyncClient):
    """A browser at the application, from an address of its own, as throttling counts addresses."""

    def __init__(self, application: ASGIApp, token: str | None = None) -> None:
        number = next(_numbers)
        client = (f"10.0.{number // 250}.{number % 250 + 1}", 1)
        super().__init__(
            transport=httpx.ASGITransport(application, client=client),
            base_url=ADDRESS,
            headers={"sec-fetch-site": "same-origin", "user-agent": "Firefox/140.0 (Windows)"},
            cookies={} if token is None else {COOKIE: token},
        )

    async def graphql(self, query: str, **variables: object) -> Any:
        answer = await self.post("/graphql", json={"query": query, "variables": variables})
        return answer.json()

    async def send_form(self, url: str, **fields: object) -> httpx.Response:
        """POST as a page's form does; a list sends its name several times."""
        return await self.post(url, data=fields)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who is signed in, in a browser."""

    account: Account
    browser: Visitor


SignIn = Callable[..., Awaitable[Person]]


def text_of(response: httpx.Response) -> str:
    """What a page says, without its markup, blanks run together."""
    body = re.sub(r"<(script|style|template)\b.*?</\1>", " ", response.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def error_codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", ())]


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
