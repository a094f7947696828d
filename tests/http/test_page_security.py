# SPDX-License-Identifier: Apache-2.0
"""What every answer of the application carries, and what never reaches it (ASVS 3.4, 3.5)."""

import re

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from server.database import DatabaseUnavailable
from server.http import SecurityMiddleware
from tests.http import toy
from tests.http.conversations import Caller, Conversation

reached: list[str] = []


async def page(request: Request) -> HTMLResponse:
    return HTMLResponse(f"<script nonce={request.state.nonce}></script>")


async def save(request: Request) -> PlainTextResponse:
    reached.append((await request.body()).decode()[:10])
    return PlainTextResponse("saved", headers={"cache-control": "max-age=60"})


SITE = Starlette(
    routes=[
        Route("/page", page),
        Route("/save", save, methods=["POST", "PUT", "PATCH", "DELETE"]),
    ]
)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    reached.clear()


async def test_a_page_gets_the_whole_set_of_headers() -> None:
    async with Caller(SecurityMiddleware(SITE)) as caller:
        answer = await caller.get("/page")
    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"nonce=([^>]+)>", answer.text).group(1)  # type: ignore[union-attr]
    assert len(nonce) >= 22
    assert f"script-src 'self' 'nonce-{nonce}';" in policy
    assert f"style-src 'self' 'nonce-{nonce}';" in policy
    for directive in (
        "default-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "connect-src 'self'",
    ):
        assert directive in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert "camera=()" in answer.headers["permissions-policy"]


async def test_nonces_and_request_ids_are_never_repeated() -> None:
    async with Caller(SecurityMiddleware(SITE)) as caller:
        answers = [await caller.get("/page") for _ in range(20)]
    assert len({answer.text for answer in answers}) == 20
    assert len({answer.headers["x-request-id"] for answer in answers}) == 20


async def test_what_is_no_page_may_load_nothing_and_keeps_its_own_headers() -> None:
    async with Caller(SecurityMiddleware(SITE)) as caller:
        answer = await caller.post("/save")
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["cache-control"] == "max-age=60"


async def test_error_pages_are_covered_too() -> None:
    async with Caller(SecurityMiddleware(SITE)) as caller:
        assert "content-security-policy" in (await caller.get("/none")).headers


@pytest.mark.parametrize(
    ("https", "url", "forwarded", "strict"),
    [
        (False, "http://centre.example", "https", False),  # X-Forwarded-* is anybody's to send
        (False, "https://centre.example", "http", True),
        (True, "http://centre.example", "http", True),
    ],
)
async def test_strict_transport_is_said_over_tls_only(
    https: bool, url: str, forwarded: str, strict: bool
) -> None:  # ASVS 3.4.1, 4.1.3
    async with Caller(SecurityMiddleware(SITE, https=https)) as caller:
        answer = await caller.get(f"{url}/page", headers={"x-forwarded-proto": forwarded})
    expected = "max-age=31536000; includeSubDomains" if strict else None
    assert answer.headers.get("strict-transport-security") == expected


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://centre.example"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "https://evil.example", "x-forwarded-host": "evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://evil.example", "authorization": "Bearer x"}, 200),
    ],
)
async def test_other_sites_change_nothing(
    method: str, headers: dict[str, str], status: int
) -> None:  # ASVS 3.5.1-3.5.3
    async with Caller(SecurityMiddleware(SITE)) as caller:
        answer = await caller.request(method, "/save", content=b"x", headers=headers)
    assert answer.status_code == status
    assert reached == (["x"] if status == 200 else [])


async def test_links_from_other_sites_still_open_pages() -> None:
    async with Caller(SecurityMiddleware(SITE)) as caller:
        answer = await caller.get("/page", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200


async def test_a_body_past_its_limit_is_413_with_and_without_a_length() -> None:
    async def chunks():  # type: ignore[no-untyped-def]
        for _ in range(3):
            yield b"x" * 500

    app = SecurityMiddleware(SITE, body_bytes=lambda path: 1000 if path == "/save" else 0)
    async with Caller(app) as caller:
        assert (await caller.post("/save", content=b"x" * 1000)).status_code == 200
        assert (await caller.post("/save", content=b"x" * 1001)).status_code == 413
        assert (await caller.post("/save", content=chunks())).status_code == 413
    assert len(reached) == 1


async def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    for app, path, size in (
        (SecurityMiddleware(SITE), "/save", 1024 * 1024 + 1),
        (toy.endpoint(), "/graphql", 256 * 1024 + 1),
    ):
        headers = [(b"content-length", str(size).encode()), (b"content-type", b"application/json")]
        conversation = Conversation(
            app, {"type": "http", "method": "POST", "path": path, "headers": headers}
        )
        assert (await conversation.next())["status"] == 413
        await conversation.end()


@pytest.mark.parametrize(
    ("reason", "status"), [(DatabaseUnavailable("secret"), 503), (RuntimeError("secret"), 500)]
)
async def test_what_no_page_catches_is_masked(reason: Exception, status: int) -> None:
    async def failing(scope: object, receive: object, send: object) -> None:
        raise reason

    async with Caller(SecurityMiddleware(failing)) as caller:
        answer = await caller.get("/page")
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) is (status == 503)
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers
