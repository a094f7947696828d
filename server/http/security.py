# SPDX-License-Identifier: Apache-2.0
"""Headers, request ids, forged-request checks and body limits for the whole application.

Outermost, so that it holds for pages, API, files and error pages alike (ASVS 3.4, 3.5).
`request.state.nonce` is this answer's nonce for scripts and styles; `request.state.request_id` also
stands in every log line and in the X-Request-ID header. A page that shows a picture of another
origin names that one in `request.state.image_origin`; no page may load others.
"""

import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.headers import Headers, RawHeaders, headers_of
from server.http.origins import is_own
from server.http.refusals import RefusedError, refusal_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
PAGE_BYTES = 1024 * 1024
YEAR_SECONDS = 31_536_000

PAGE_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:{images}; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
DATA_POLICY = b"default-src 'none'; frame-ancestors 'none'"  # for what is no page
HEADERS: RawHeaders = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
]
STRICT_TRANSPORT = (
    b"strict-transport-security",
    f"max-age={YEAR_SECONDS}; includeSubDomains".encode(),
)


class SecurityMiddleware:
    """`https` says that browsers reach us by TLS although a proxy ends it; `body_bytes` gives the
    limit of a path's request body (uploads take more than forms)."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        https: bool = False,
        own_origins: frozenset[str] = frozenset(),
        body_bytes: Callable[[str], int] = lambda path: PAGE_BYTES,
    ) -> None:
        self.app = app
        self.https = https
        self.own_origins = own_origins
        self.body_bytes = body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        random = os.urandom(24)
        nonce = urlsafe_b64encode(random[:18]).decode()
        request_id = random[18:].hex()
        state = scope.setdefault("state", {})
        state["nonce"], state["request_id"] = nonce, request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        secure = self.https or scope.get("scheme") == "https"

        started = False

        async def send_secured(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                origin = state.get("image_origin")
                message["headers"] = secured(
                    message["headers"], nonce, request_id, secure, image_origin=origin
                )
            await send(message)

        try:
            await self._pass(scope, receive, send_secured)
        except Exception as reason:
            if started:
                raise
            await _refuse_exception(reason, send_secured)

    async def _pass(self, scope: Scope, receive: Receive, send_secured: Send) -> None:
        if scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send_secured)
            return
        headers = headers_of(scope)
        limit = self.body_bytes(scope["path"])
        if b"authorization" not in headers and not is_own(headers, self.own_origins):
            await _refuse(send_secured, 403, "Requests from other sites are refused.")
        elif _declared(headers) > limit:
            await _refuse(send_secured, 413, "The request is too large.")
        else:
            await self.app(scope, _bounded(receive, limit), send_secured)


def secured(
    headers: RawHeaders,
    nonce: str,
    request_id: str,
    https: bool,
    *,
    image_origin: str | None = None,
) -> RawHeaders:
    """What the application sets itself stands."""
    given = dict(headers)
    result = [*headers, (b"x-request-id", request_id.encode())]
    result += [pair for pair in HEADERS if pair[0] not in given]
    is_page = given.get(b"content-type", b"").startswith(b"text/html")
    if b"content-security-policy" not in given:
        images = f" {image_origin}" if image_origin else ""
        page_policy = PAGE_POLICY.format(nonce=nonce, images=images).encode()
        policy = page_policy if is_page else DATA_POLICY
        result.append((b"content-security-policy", policy))
    if b"cache-control" not in given:
        result.append((b"cache-control", b"no-store"))
    if https:
        result.append(STRICT_TRANSPORT)
    return result


def _declared(headers: Headers) -> int:
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() and len(length) < 16 else 10**15


def _bounded(receive: Receive, limit: int) -> Receive:
    """Counts a body that does not say how long it is."""
    read = 0

    async def receive_bounded() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise HTTPException(413, "The request is too large.")
        return message

    return receive_bounded


async def _refuse_exception(reason: Exception, send: Send) -> None:
    """The last resort, where no error page caught it: nothing of the reason goes out."""
    refusal = refusal_of(reason)
    if not isinstance(refusal, RefusedError):
        await _refuse(send, 403, "This is refused.")
    elif refusal.status == 503:
        await _refuse(send, 503, "The service cannot answer now.", refusal.headers)
    else:
        await _refuse(send, refusal.status, "Unexpected error.", refusal.headers)


async def _refuse(
    send: Send, status: int, text: str, extra: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    body = text.encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
                *extra,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
