# SPDX-License-Identifier: Apache-2.0
"""People at the whole application over HTTP, without a socket; what the tests import."""

import html
import itertools
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp

from tests.factories.access import Account

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
    return words_of(response.text)


def words_of(markup: str) -> str:
    """The same of a part of a page."""
    body = re.sub(r"<(script|style|template)\b.*?</\1>", " ", markup, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def error_codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", ())]
