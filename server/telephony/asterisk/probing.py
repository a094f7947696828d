# SPDX-License-Identifier: Apache-2.0
"""Tests a connection: what a driver would need, asked for one thing after the other."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from time import perf_counter
from typing import TypeGuard
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException

from server.domain.telephony import ConnectionTest, Exchange, ExchangeFault, Finding
from server.telephony.asterisk.rest import (
    ExchangeError,
    RefusedError,
    Rest,
    UnansweredError,
    UnreachableError,
    check_address,
)
from server.telephony.asterisk.stream import open_events

TIMEOUT = 4.0  # seconds for each question
LONGEST = 15.0  # for all
OLDEST = 16  # 13 and before name events differently
_ENDPOINT = re.compile(r"(PJSIP|IAX2|SIP)/[^@]*@([^/:]+)$", re.IGNORECASE)
_VERSION = re.compile(r"[!-~]{1,60}")


async def try_connection(exchange: Exchange) -> ConnectionTest:
    """Never raises for what the exchange does; nothing that it answers is passed on unread."""
    parts = urlsplit(exchange.url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    place: dict[str, object] = {"host": host, "port": str(port)}
    try:
        async with asyncio.timeout(LONGEST):
            await check_address(host, port)
            async with Rest(exchange, timeout=TIMEOUT) as rest:
                return await _questions(exchange, rest)
    except TimeoutError:
        return _fails(ExchangeFault.TIMED_OUT, **place)
    except UnreachableError as error:
        return _fails(error.fault, **place)
    except RefusedError as error:
        if error.status == 401:
            return _fails(ExchangeFault.CREDENTIALS, username=exchange.username)
        return _fails(ExchangeFault.NOT_ARI, url=exchange.url)
    except UnansweredError as error:
        is_slow = "Timeout" in type(error.__cause__).__name__
        if is_slow:
            return _fails(ExchangeFault.TIMED_OUT, **place)
        return _fails(ExchangeFault.NOT_ARI, url=exchange.url)
    except ExchangeError:
        return _fails(ExchangeFault.NOT_ARI, url=exchange.url)


async def _questions(exchange: Exchange, rest: Rest) -> ConnectionTest:
    began = perf_counter()
    version = _version(await rest.get("asterisk", "info", only="system"))
    milliseconds = round((perf_counter() - began) * 1000)
    if version is None:
        return _fails(ExchangeFault.NOT_ARI, url=exchange.url)
    listed = await rest.get("applications")
    found = listed if isinstance(listed, list) else []
    names = [item.get("name") for item in found if isinstance(item, dict)]
    return ConnectionTest(
        version=version,
        applications=tuple(sorted(name for name in names if _is_name(name))),
        milliseconds=milliseconds,
        findings=tuple([finding async for finding in _findings(exchange, rest, version)]),
    )


async def _findings(exchange: Exchange, rest: Rest, version: str) -> AsyncIterator[Finding]:
    major = version.partition(".")[0]
    if major.isdigit() and int(major) < OLDEST:
        yield Finding(fault=ExchangeFault.TOO_OLD, params={"version": version, "oldest": OLDEST})
    if not await _may_act(rest):
        yield Finding(fault=ExchangeFault.READ_ONLY, params={"username": exchange.username})
    if not await _hears_events(exchange):
        yield Finding(fault=ExchangeFault.NO_EVENTS)
    trunk = _ENDPOINT.fullmatch(exchange.dial_string("0"))
    if trunk is not None:
        state = await _state(rest, trunk[1].upper(), trunk[2])
        if state is None:
            yield Finding(fault=ExchangeFault.TRUNK_UNKNOWN, params={"endpoint": trunk[2]})
        elif state == "offline":
            yield Finding(fault=ExchangeFault.TRUNK_OFFLINE, params={"endpoint": trunk[2]})


async def _may_act(rest: Rest) -> bool:
    """Hangs up a channel that cannot be: who may only look is refused before it is looked for."""
    try:
        await rest.delete("channels", f"rubrica-test-{secrets.token_hex(8)}")
    except RefusedError as error:
        return error.status != 403
    return True


async def _hears_events(exchange: Exchange) -> bool:
    try:
        async with open_events(exchange, f"{exchange.application}-test-{secrets.token_hex(4)}"):
            return True
    except (OSError, TimeoutError, WebSocketException):
        return False


async def _state(rest: Rest, technology: str, name: str) -> str | None:
    """Of an endpoint; None: there is none of that name."""
    try:
        endpoint = await rest.get("endpoints", technology, name)
    except RefusedError as error:
        return None if error.status == 404 else "unknown"
    return str(endpoint.get("state")) if isinstance(endpoint, dict) else "unknown"


def _version(answer: object) -> str | None:
    system = answer.get("system") if isinstance(answer, dict) else None
    version = system.get("version") if isinstance(system, dict) else None
    return version if isinstance(version, str) and _VERSION.fullmatch(version) else None


def _is_name(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.isprintable() and len(value) <= 100


def _fails(fault: ExchangeFault, **params: object) -> ConnectionTest:
    return ConnectionTest(findings=(Finding(fault=fault, params=params),))
