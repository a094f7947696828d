# SPDX-License-Identifier: Apache-2.0
"""`/graphiql`: the schema's own page, for signed-in people who may read the schema.

All of it is served from our own files. Its policy allows no inline script or style and no eval; it
differs from the pages' in `font-src data:` alone, because GraphiQL's style sheet carries its fonts.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from secrets import token_urlsafe
from string import Template

from starlette.types import Receive, Scope, Send

from server.domain.permissions import Permission, Viewer
from server.http.headers import RawHeaders
from server.http.security import PAGE_POLICY

PAGE = Template(Path(__file__).with_suffix(".html").read_text(encoding="utf-8"))
POLICY = PAGE_POLICY.replace("font-src 'self'", "font-src 'self' data:")


class GraphiQL:
    """Anonymous callers are sent to `log_in`; those without the permission get 403. `static` is
    where the page's own files lie."""

    def __init__(
        self,
        *,
        viewer_of: Callable[[Scope], Awaitable[Viewer | None]],
        log_in: str,
        static: str = "/static",
    ) -> None:
        self.viewer_of = viewer_of
        self.log_in = log_in
        self.static = static

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await _send(scope, send, 405, "Use GET.", [(b"allow", b"GET, HEAD")])
            return
        viewer = await self.viewer_of(scope)
        if viewer is None:
            await _send(scope, send, 303, "", [(b"location", self.log_in.encode())])
        elif not viewer.may(Permission.SCHEMA_INTROSPECT):
            await _send(scope, send, 403, "You may not read the schema.", [])
        else:
            nonce = scope.get("state", {}).get("nonce") or token_urlsafe(18)
            policy = (b"content-security-policy", POLICY.format(nonce=nonce, images="").encode())
            page = PAGE.substitute(nonce=nonce, static=self.static)
            await _send(scope, send, 200, page, [policy], b"text/html; charset=utf-8")


async def _send(
    scope: Scope,
    send: Send,
    status: int,
    text: str,
    headers: RawHeaders,
    content_type: bytes = b"text/plain; charset=utf-8",
) -> None:
    body = text.encode()
    start: RawHeaders = [
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
