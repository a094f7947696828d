# SPDX-License-Identifier: Apache-2.0
"""The dialer's side of a recorded call: one who answers as it was answered then."""

import asyncio
from collections.abc import Sequence
from typing import Any

from server.telephony.asterisk import AsteriskTelephony
from server.telephony.port import Call, CallResult, Taker
from tests.telephony.asterisk.replay import Replay

KEY = "c0ffee"


class Line:
    """Keeps what it is told. `waits`: no agent comes free before the customer is gone."""

    def __init__(self, taker: Taker | None, *, waits: bool = False) -> None:
        self.told: list[str] = []
        self.is_refused = False
        self.heard = asyncio.Event()
        self._taker = taker
        self._waits = waits

    async def may_ring(self) -> bool:
        return not self.is_refused

    def taken(self) -> None:
        self._tell("taken")

    def rings(self) -> None:
        self._tell("rings")

    async def answered(self) -> Taker | None:
        self._tell("answered")
        if self._waits:
            try:
                await asyncio.Event().wait()
            finally:
                self._tell("cancelled")
        return self._taker

    def connected(self) -> None:
        self._tell("connected")

    async def until(self, what: str) -> None:
        while what not in self.told:
            self.heard.clear()
            await self.heard.wait()

    def _tell(self, what: str) -> None:
        self.told.append(what)
        self.heard.set()


def line_of(recorded: dict[str, Any]) -> Line:
    taker = None if recorded["taker"] == "none" else Taker(endpoint=recorded["taker"] or None)
    return Line(
        taker, waits=recorded["options"].get("wait", 0) > 1 or "cancelled" in recorded["told"]
    )


def call_of(recorded: dict[str, Any], key: str = KEY) -> Call:
    return Call(
        key=key,
        number=recorded["number"],
        attempt=0,
        timeout=10,
        agent_endpoint=recorded["options"].get("agent"),
    )


def driver_for(replay: Replay, recorded: dict[str, Any], compare: float = 60) -> AsteriskTelephony:
    options = recorded["options"]
    exchange = replay.exchange(
        dial_template=options.get("template", "PJSIP/{number}@trunk"),
        answered_context=options.get("context", ""),
        detects_machines=options.get("machines", False),
    )
    return AsteriskTelephony(exchange, everybody_lives, compare=compare)


async def everybody_lives(keys: Sequence[str]) -> set[str]:
    return set(keys)


async def nobody_lives(keys: Sequence[str]) -> set[str]:
    return set()


async def make_again(driver: AsteriskTelephony, recorded: dict[str, Any], line: Line) -> CallResult:
    """The recorded call, hung up where it was hung up then."""
    call = call_of(recorded)
    task = asyncio.ensure_future(driver.originate(call, line))
    if "hangup" in recorded["options"]:
        await line.until(recorded["told"][-1])
        await driver.hangup(call)
    async with asyncio.timeout(20):
        return await task
