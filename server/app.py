# SPDX-License-Identifier: Apache-2.0
"""The composition root: one ASGI application of API, pages and files."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from server.context import Context
from server.database import Database
from server.database.migrations import is_behind
from server.domain.permissions import Viewer
from server.http import GraphiQL, GraphQLEndpoint, SecurityMiddleware, healthz, readyz
from server.http.headers import headers_of
from server.i18n import negotiate
from server.limits import Documents, Limits
from server.schema import build_schema
from server.schema.execution import SchemaExecutor
from server.services.access import ViewerCache
from server.services.account import log_in
from server.settings import LOOPBACK, Settings
from web.assets import PREFIX, assets
from web.documents import PageDocuments
from web.pages import ROUTES, error_handlers
from web.site import Site

LOG_IN = "/login"
UPLOADS = ("/imports/new", "/files")
# Files somewhat too large are let in as far as the page that refuses them in its own words.
UPLOAD_ROOM = 4
PAGE_BYTES = 1024 * 1024
# How many objects a list without pages is taken to bring, where it is not the usual handful.
LIST_SIZES = {
    "Campaign.attemptsByMinute": 120,
    "FinalResult.counters": 1,
    "HopperPhone.counters": 1,
}


class Application:
    """What all routes share: who asks, and the context that their request carries."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.viewers = ViewerCache(idle=timedelta(minutes=settings.session_idle_minutes))
        self.is_secure = is_secure(settings)
        self.cookie = "__Host-rubrica" if self.is_secure else "rubrica_session"

    async def viewer_of(self, scope: Scope) -> Viewer | None:
        """The person behind the bearer token or the session cookie; a bad token is nobody."""
        headers = headers_of(scope)
        authorization = headers.get(b"authorization")
        if authorization is not None:
            scheme, _, bearer = authorization.decode("latin-1").partition(" ")
            if scheme.lower() != "bearer":
                return None
            return await self.viewers.viewer_of_token(self.database, bearer.strip())
        token = session_token(headers.get(b"cookie"), self.cookie)
        return await self.viewers.viewer_of_session(self.database, token) if token else None

    async def current_viewer_of(self, scope: Scope) -> Viewer | None:
        """With the rights of this moment: a page shows them before it has read anything (X-09)."""
        viewer = await self.viewer_of(scope)
        return None if viewer is None else await self.viewers.current(self.database, viewer)

    def context_of(self, scope: Scope, viewer: Viewer | None) -> Context:
        headers = headers_of(scope)
        accepted = headers.get(b"accept-language", b"").decode("latin-1")
        client = scope.get("client")
        return Context(
            database=self.database,
            viewer=viewer,
            locale=viewer.locale if viewer else negotiate(accepted),
            ip=client[0] if client else "",
            user_agent=headers.get(b"user-agent", b"").decode("latin-1")[:300],
            refresh=self.refresher(viewer),
            settings=self.settings,
        )

    def refresher(self, viewer: Viewer | None) -> Callable[[], Awaitable[Viewer | None]] | None:
        if viewer is None:
            return None

        async def refresh() -> Viewer | None:
            return await self.viewers.current(self.database, viewer)

        return refresh


def session_token(cookies: bytes | None, name: str) -> str | None:
    if not cookies or name.encode() not in cookies:
        return None
    try:
        morsel = SimpleCookie(cookies.decode("latin-1")).get(name)
    except CookieError:
        return None
    return morsel.value if morsel else None


class WithContext:
    """Gives every page request its viewer and context."""

    def __init__(self, app: ASGIApp, application: Application) -> None:
        self.app = app
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            viewer = await self.application.current_viewer_of(scope)
            scope.setdefault("state", {})["context"] = self.application.context_of(scope, viewer)
        await self.app(scope, receive, send)


class Router:
    """The few hot paths by plain look-up; everything else is a page."""

    def __init__(self, exact: dict[str, ASGIApp], pages: ASGIApp) -> None:
        self.exact = exact
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        app = self.exact.get(path)
        if app is not None:
            await app(scope, receive, send)
        elif path.startswith(f"{PREFIX}/"):
            await assets({**scope, "root_path": PREFIX}, receive, send)
        else:
            await self.pages(scope, receive, send)


class SecuredApp(SecurityMiddleware):
    """The whole application; `state` is that of the pages, `stopping` of it ends live parts."""

    state: State


def create_app(
    settings: Settings, database: Database, stopping: asyncio.Event | None = None
) -> SecuredApp:
    """The application on a started database, whose lifetime is the caller's.

    `stopping` ends answers that never end of themselves, such as live pages and subscriptions.
    """
    stopping = stopping or asyncio.Event()
    application = Application(settings, database)
    schema = build_schema()
    executor = SchemaExecutor(schema)
    limits = limits_of(settings)
    endpoint: GraphQLEndpoint[Context] = GraphQLEndpoint(
        schema,
        executor,
        viewer_of=application.viewer_of,
        context_of=application.context_of,
        limits=limits,
        current_viewer_of=application.current_viewer_of,
        stopping=stopping,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await application.viewers.drain()

    pages = Starlette(
        routes=ROUTES,
        lifespan=lifespan,
        exception_handlers=error_handlers(LOG_IN),
        # A list of fifty rows is 100 kB of markup, or 9; event streams are left as they are.
        middleware=[Middleware(GZipMiddleware, minimum_size=2000, compresslevel=4)],
    )
    pages.state.stopping = stopping
    pages.state.site = Site(
        executor=executor,
        documents=PageDocuments(Documents(schema._schema, Limits(cost=20_000))),
        paths=frozenset(_paths(ROUTES)),
        cookie=application.cookie,
        is_secure=application.is_secure,
        log_in=partial(
            log_in, database, absolute=timedelta(minutes=settings.session_absolute_minutes)
        ),
    )
    router = Router(
        {
            "/graphql": endpoint,
            "/graphiql": GraphiQL(
                viewer_of=application.current_viewer_of,
                log_in=LOG_IN,
                static=f"{PREFIX}/{assets.version}",
            ),
            "/healthz": healthz,
            "/readyz": readyz(database, is_behind),
        },
        WithContext(pages, application),
    )
    app = SecuredApp(
        router,
        https=application.is_secure,
        body_bytes=lambda path: (
            UPLOAD_ROOM * settings.max_upload_bytes if path in UPLOADS else PAGE_BYTES
        ),
    )
    app.state = pages.state
    return app


def is_secure(settings: Settings) -> bool:
    """Whether browsers reach us by HTTPS; `auto` says no only on a loopback address."""
    if settings.secure_cookies != "auto":
        return settings.secure_cookies == "yes"
    return settings.host not in LOOPBACK


def limits_of(settings: Settings) -> Limits:
    return Limits(
        body_bytes=settings.graphql_max_body_bytes,
        tokens=settings.graphql_max_tokens,
        depth=settings.graphql_max_depth,
        aliases=settings.graphql_max_aliases,
        directives=settings.graphql_max_directives,
        fields=settings.graphql_max_fields,
        cost=settings.graphql_max_cost,
        list_sizes=LIST_SIZES,
    )


def _paths(routes: list[Any]) -> list[str]:
    return [route.path for route in routes if isinstance(route, Route | Mount)]
