# SPDX-License-Identifier: Apache-2.0
"""A real Chromium, found on the machine; where there is none, these tests say so and are left out.

`open_page` opens pages whose console errors, policy violations and failed requests fail the test.
"""

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    async_playwright,
    expect,
)
from starlette.types import ASGIApp

from server.app import create_app
from server.database import Database
from server.domain.permissions import Permission, Role
from server.settings import Settings
from tests.browser.styleguide import app
from tests.factories.access import make_account, sign_in
from tests.web.visiting import COOKIE

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NAMES += ("google-chrome-stable",)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
FLAGS += ["--disable-component-update", "--no-first-run", "--disable-dev-shm-usage"]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
REFUSED = re.compile(r"status of (409|422)")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

expect.set_options(timeout=15_000)  # a loaded machine is slow, not wrong
OpenPage = Callable[..., Awaitable[Page]]
Enter = Callable[..., Awaitable[Page]]
Axe = Callable[[Page], Awaitable[list[str]]]


def chromium() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    reason = "no Chromium on this machine: install chromium or google-chrome to run these"
    for item in here:
        item.add_marker(pytest.mark.browser)
        if chromium() is None:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        await browser.close()


async def serving(application: ASGIApp) -> AsyncIterator[str]:
    """Serves an ASGI application in this loop on a free port; gives its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        # The socket listens only once the server has taken it; a connect before that is refused.
        for _ in range(500):
            if server.started:
                break
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = server.force_exit = True
        await task


@pytest_asyncio.fixture(scope="session")
async def styleguide() -> AsyncIterator[str]:
    async for address in serving(app):
        yield address


@pytest_asyncio.fixture(scope="session")
async def rubrica(database: Database) -> AsyncIterator[str]:
    """The address of the real application on the worker's database."""
    async for address in serving(create_app(Settings(), database)):
        yield address


class Watched:
    """The faults of the pages of one test."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.is_inspected = False  # axe-core itself sets styles that the policy refuses

    def console(self, entry: ConsoleMessage) -> None:
        # 422 and 409 are how a form is refused; Chromium reports them as errors.
        if entry.type in ("error", "warning") and not REFUSED.search(entry.text):
            self.note(f"{entry.type}: {entry.text}")

    def failed(self, request: Request) -> None:
        # A stream or a request that a closing page gives up is no fault.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.note(f"failed: {request.url} {request.failure}")

    def note(self, fault: str) -> None:
        if not (self.is_inspected and "inline style" in fault):
            self.faults.append(fault)


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest_asyncio.fixture
async def open_page(browser: Browser, watched: Watched) -> AsyncIterator[OpenPage]:
    """`await open_page(url, width=1280, height=768, scripts=True)`; faults fail the test.

    With the `token` of a session its user has signed in.
    """
    contexts: list[BrowserContext] = []

    async def opener(
        url: str,
        *,
        width: int = 1280,
        height: int = 768,
        scripts: bool = True,
        token: str | None = None,
    ) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            reduced_motion="reduce",
            locale="en-GB",
        )
        contexts.append(context)
        if token is not None:
            await context.add_cookies([{"name": COOKIE, "value": token, "url": urljoin(url, "/")}])
        page = await context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: watched.note(f"error: {error}"))
        page.on("console", watched.console)
        page.on("requestfailed", watched.failed)
        await page.goto(url, wait_until="domcontentloaded")
        return page

    yield opener
    for context in contexts:
        await context.close()
    assert watched.faults == []


@pytest.fixture
def enter(open_page: OpenPage, rubrica: str, database: Database, tenant: int) -> Enter:
    """`await enter("/contacts", role=Role.AGENT, permissions=…, locale="it", theme="dark")`: a
    page of the application, as a new user of the tenant who has just signed in.
    """

    async def entered(
        path: str,
        *,
        role: Role = Role.ADMIN,
        permissions: tuple[Permission, ...] | None = None,
        locale: str = "en",
        theme: str = "light",
        **how: Any,
    ) -> Page:
        account = await make_account(database, tenant, role, permissions)
        async with database.connection(tenant) as connection:
            await connection.execute(
                "UPDATE users SET locale = $1, theme = $2 WHERE id = $3",
                *(locale, theme, account.user_id),
            )
        token, _ = await sign_in(database, account)
        return await open_page(f"{rubrica}{path}", token=token, **how)

    return entered


@pytest.fixture
def axe(watched: Watched) -> Axe:
    """`await axe(page)` gives a line per violation that axe-core finds."""
    if not AXE.exists():
        pytest.skip("axe-core is not there: run npm ci")

    async def violations(page: Page) -> list[str]:
        watched.is_inspected = True
        await page.evaluate(AXE.read_text())
        options = {"runOnly": RULES, "resultTypes": ["violations"], "preload": False}
        found = await page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    return violations
