# SPDX-License-Identifier: Apache-2.0
"""Dialers of the centre's own that keep a ledger of all they were told (J1 to J10)."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx

STATUSES = ("ANSWER", "NO_ANSWER", "NO_ANSWER", "BUSY", "CONGESTION")
CLAIM = """mutation ($id: ID!) { claimCalls(input: {campaignId: $id, limit: 5}) {
  calls { entryId token number } userErrors { code } } }"""
REPORT = """mutation ($input: ReportCallInput!) {
  reportCall(input: $input) { outcome userErrors { code } } }"""
BEAT = """mutation ($calls: [ClaimInput!]!) {
  heartbeat(input: {calls: $calls}) { held lost userErrors { code } } }"""
LONGEST_REQUEST = 8.0  # seconds (F7)


@dataclass
class Ledger:
    """What the dialers know: more than one may be asked of it."""

    claimed: dict[str, str] = field(default_factory=dict)  # token → entry
    open: dict[str, str] = field(default_factory=dict)  # the same, whose report has no answer yet
    up: dict[str, str] = field(default_factory=dict)  # the same, calls whose end was not reported
    reported: dict[str, tuple[str, str]] = field(default_factory=dict)  # unique id → entry, status
    accepted: dict[str, tuple[str, str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)  # unique id → code
    wrong: list[str] = field(default_factory=list)  # what should never have been answered
    forged: int = 0
    last_claim: float = 0.0  # when calls were last given out
    slowest: float = 0.0


class Dialers:
    """Some at once, each with one call in its hand at a time."""

    def __init__(self, addresses: Sequence[str], token: str, campaign: str, people: int) -> None:
        self.addresses = list(addresses)
        self.ledger = Ledger()
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._campaign = campaign
        self._people = people
        self._names = count(1)
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._dial(seed)) for seed in range(self._people)]

    async def stop(self) -> None:
        self._stop.set()
        await asyncio.gather(*self._tasks)

    async def until_claimed(self, since: float, within: float) -> float:
        """Seconds from `since` to the first calls given out after it (J7)."""
        while self.ledger.last_claim < since:
            assert monotonic() - since < within, "nothing was claimed in time"
            for task in self._tasks:
                assert not task.done(), task.exception() if not task.cancelled() else ""
            await asyncio.sleep(0.02)
        return self.ledger.last_claim - since

    async def _dial(self, seed: int) -> None:
        chance = random.Random(seed)
        async with httpx.AsyncClient(headers=self._headers, timeout=20) as client:
            while not self._stop.is_set():
                answer = await self._ask(client, chance, CLAIM, {"id": self._campaign})
                calls = [] if answer is None else answer["claimCalls"]["calls"]
                if calls:
                    self.ledger.last_claim = monotonic()
                for call in calls:
                    self._begin(call)
                for call in calls:
                    await self._end(client, chance, call)
                if not calls:
                    await asyncio.sleep(0.05)

    def _begin(self, call: dict[str, str]) -> None:
        ledger = self.ledger
        if call["token"] in ledger.claimed:
            ledger.wrong.append(f"the token of {call['entryId']} was given out twice")
        if call["entryId"] in ledger.up.values():
            ledger.wrong.append(f"{call['entryId']} was given out while its call was up (J1)")
        ledger.claimed[call["token"]] = call["entryId"]
        ledger.open[call["token"]] = ledger.up[call["token"]] = call["entryId"]

    async def _end(
        self, client: httpx.AsyncClient, chance: random.Random, call: dict[str, str]
    ) -> None:
        """Report it until somebody answers, as a dialer has to (J10)."""
        ledger = self.ledger
        held = {"entryId": call["entryId"], "token": call["token"]}
        if chance.random() < 0.2:
            await self._ask(client, chance, BEAT, {"calls": [held]})
        name, status = f"pbx-{next(self._names)}", chance.choice(STATUSES)
        given = {**held, "uniqueId": name, "status": status}
        if chance.random() < 0.1:
            forged = {**given, "token": str(uuid4()), "uniqueId": f"forged-{name}"}
            answer = await self._ask(client, chance, REPORT, {"input": forged})
            if answer is not None:
                ledger.forged += 1
                if answer["reportCall"]["outcome"] != "STALE":
                    ledger.wrong.append(f"a forged token was taken: {answer} (J5)")
        ledger.reported[name] = call["entryId"], status
        del ledger.up[call["token"]]  # a report may be taken although its answer is lost
        answer = None
        while answer is None:
            answer = await self._ask(client, chance, REPORT, {"input": given})
        outcome = answer["reportCall"]["outcome"]
        if outcome in ("OK", "DUPLICATE"):
            ledger.accepted[name] = call["entryId"], status
        else:
            ledger.refused[name] = str(answer["reportCall"])
        del ledger.open[call["token"]]

    async def _ask(
        self, client: httpx.AsyncClient, chance: random.Random, query: str, variables: object
    ) -> dict[str, Any] | None:
        """The answer's data; None where there was none, which a dialer does not tell apart."""
        began = monotonic()
        try:
            answer = await client.post(
                f"{chance.choice(self.addresses)}/graphql",
                json={"query": query, "variables": variables},
            )
        except httpx.TimeoutException:
            self.ledger.wrong.append("a request did not end")
            return None
        except httpx.HTTPError:  # the server is gone
            await asyncio.sleep(0.05)
            return None
        finally:
            self.ledger.slowest = max(self.ledger.slowest, monotonic() - began)
        if answer.status_code == 503:
            if "retry-after" not in answer.headers:
                self.ledger.wrong.append("503 without Retry-After")
            await asyncio.sleep(0.1)
            return None
        body = answer.json()
        if answer.status_code != 200 or not body.get("data"):
            self.ledger.wrong.append(f"{answer.status_code} {answer.text[:300]} (J9)")
            return None
        data: dict[str, Any] = body["data"]
        return data
