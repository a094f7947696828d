# SPDX-License-Identifier: Apache-2.0
"""Asterisk's REST interface: what it answers, and the ways in which it does not."""

import asyncio
import ipaddress
import json
import socket
import ssl
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx2

from server.domain.telephony import Exchange, ExchangeFault

TIMEOUT = 5.0  # seconds
MOST_BYTES = 16 * 1024 * 1024  # of one answer: some ten thousand channels
CONNECTIONS = 50
_CLOUD_METADATA = {ipaddress.ip_address("fd00:ec2::254")}


class ExchangeError(Exception):
    """The exchange did not do what it was asked."""


class UnreachableError(ExchangeError):
    """The request was not sent; `fault` says why."""

    def __init__(self, words: str, fault: ExchangeFault = ExchangeFault.REFUSED) -> None:
        super().__init__(words)
        self.fault = fault


class UnansweredError(ExchangeError):
    """It was sent, and nobody knows what became of it."""


class NonsenseAnswerError(ExchangeError):
    """Answered, but not as Asterisk answers."""


class RefusedError(ExchangeError):
    """Answered with an HTTP error."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"{status} {words}".strip())
        self.status = status


class Rest:
    """One exchange. Neither redirects nor proxies are followed: the secret goes to it alone."""

    def __init__(self, exchange: Exchange, *, timeout: float = TIMEOUT) -> None:
        self._url = exchange.url.rstrip("/")
        self._client = httpx2.AsyncClient(
            auth=httpx2.BasicAuth(exchange.username, exchange.secret),
            timeout=timeout,
            limits=httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=20),
            follow_redirects=False,
            trust_env=False,
            headers={"Accept": "application/json", "User-Agent": "Rubrica"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def get(self, *path: str, **params: str) -> object:
        return await self._send("GET", path, params)

    async def post(
        self, *path: str, body: dict[str, object] | None = None, **params: str
    ) -> object:
        return await self._send("POST", path, params, body)

    async def delete(self, *path: str, **params: str) -> object:
        return await self._send("DELETE", path, params)

    async def close(self) -> None:
        await self._client.aclose()

    async def _send(
        self,
        method: str,
        path: tuple[str, ...],
        params: dict[str, str],
        body: dict[str, object] | None = None,
    ) -> object:
        url = "/".join((self._url, *(quote(part, safe="") for part in path)))
        try:
            async with self._client.stream(method, url, params=params, json=body) as answer:
                content = await _content(answer)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise UnreachableError(str(error) or type(error).__name__, _fault(error)) from error
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL, ValueError) as error:
            raise UnreachableError(str(error)) from error
        except httpx2.HTTPError as error:
            raise UnansweredError(str(error) or type(error).__name__) from error
        if answer.status_code >= 300:
            raise RefusedError(answer.status_code, _words(content))
        return _value(content)


def _fault(error: httpx2.TransportError) -> ExchangeFault:
    if isinstance(error, httpx2.TimeoutException):
        return ExchangeFault.TIMED_OUT
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return ExchangeFault.CERTIFICATE
        if isinstance(cause, socket.gaierror):
            return ExchangeFault.HOST_UNKNOWN
        cause = cause.__cause__ or cause.__context__
    return ExchangeFault.REFUSED


async def _content(answer: httpx2.Response) -> bytes:
    content = bytearray()
    async for part in answer.aiter_bytes():
        content += part
        if len(content) > MOST_BYTES:
            raise NonsenseAnswerError("an answer without end")
    return bytes(content)


def _value(content: bytes) -> object:
    if not content:
        return None
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NonsenseAnswerError("not JSON") from error
    return value


def _words(content: bytes) -> str:
    """Asterisk's own reason; pages of others are not repeated."""
    try:
        value = _value(content)
    except NonsenseAnswerError:
        return ""
    if isinstance(value, dict):
        for key in ("error", "message"):
            words = value.get(key)
            if isinstance(words, str) and words.isprintable():
                return words[:200]
    return ""


async def check_address(host: str, port: int) -> None:
    """Refuses what no exchange has: link-local addresses, as clouds hand their secrets out at."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        words = f"no such host: {host[:100]}"
        raise UnreachableError(words, ExchangeFault.HOST_UNKNOWN) from error
    for *_, place in found:
        address = ipaddress.ip_address(str(place[0]).partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        if is_forbidden(address):
            words = "an address that no exchange has"
            raise UnreachableError(words, ExchangeFault.FORBIDDEN_ADDRESS)


def is_forbidden(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address in _CLOUD_METADATA
    )
