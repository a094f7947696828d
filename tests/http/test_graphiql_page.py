# SPDX-License-Identifier: Apache-2.0
"""`/graphiql`: who gets it, and that it needs nothing from elsewhere and nothing unsafe."""

import re

import pytest

from server.http import GraphiQL, SecurityMiddleware
from tests.http import toy
from tests.http.conversations import Caller

PAGE = SecurityMiddleware(GraphiQL(viewer_of=toy.Doors().viewer_of, log_in="/login"))


@pytest.mark.parametrize(("token", "status"), [("admin", 200), ("agent", 403), ("nobody", 303)])
async def test_the_page_opens_for_those_who_may_read_the_schema(token: str, status: int) -> None:
    async with Caller(PAGE, cookie=f"session={token}") as caller:
        answer = await caller.get("/graphiql")
    assert answer.status_code == status
    assert ("<main" in answer.text) is (status == 200)
    assert answer.headers.get("location") == ("/login" if status == 303 else None)


async def test_all_of_it_comes_from_our_own_files() -> None:
    async with Caller(PAGE, cookie="session=admin") as caller:
        answer = await caller.get("/graphiql")
    sources = re.findall(r'(?:src|href)="([^"]*)"', answer.text)
    assert len(sources) == 7
    assert all(source.startswith("/static/") or source == "data:," for source in sources)
    policy = answer.headers["content-security-policy"]
    nonce = re.search(r'nonce="([^"]+)"', answer.text).group(1)  # type: ignore[union-attr]
    assert f"script-src 'self' 'nonce-{nonce}';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_only_reading_is_answered() -> None:
    async with Caller(PAGE, cookie="session=admin") as caller:
        assert (await caller.post("/graphiql")).status_code == 405
        head = await caller.head("/graphiql")
    assert head.status_code == 200
    assert head.content == b""
