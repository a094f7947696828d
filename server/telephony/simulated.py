# SPDX-License-Identifier: Apache-2.0
"""A telephony without telephones: a seeded model of each number, or a script (architecture 6).

What becomes of a call follows from seed, number and attempt alone, so that a run can be repeated,
by any number of workers. Where agents are to have the calls, the model says who answers, how long
they wait and how long they talk; whether an agent was free in time is the real course of things.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from math import log

from server.domain.campaigns import RESULTS, CallStatus
from server.domain.errors import DomainError, ErrorCode
from server.telephony.port import Call, CallResult, Line

DEFAULT_WEIGHTS: Mapping[CallStatus, float] = {
    CallStatus.ANSWER: 22,
    CallStatus.NO_ANSWER: 40,
    CallStatus.BUSY: 14,
    CallStatus.MACHINE: 12,
    CallStatus.CONGESTION: 4,
    CallStatus.NO_SUCH_NUMBER: 3,
    CallStatus.DROP: 2,
    CallStatus.ABANDONED: 2,
    CallStatus.AGENT_REJECT: 1,
}
_PERSON = frozenset(
    (CallStatus.ANSWER, CallStatus.DROP, CallStatus.ABANDONED, CallStatus.AGENT_REJECT)
)
"""With agents these are all somebody who answers; what follows decides the result."""
_PATIENCE = 20.0  # seconds that somebody waits for an agent, in the mean
_LEAST_PATIENCE = 1.0
_PICK_UP = 2.0  # seconds until an agent's telephone is answered
_TALKS = frozenset((CallStatus.ANSWER, CallStatus.MACHINE))
_AT_ONCE = frozenset((CallStatus.BUSY, CallStatus.CONGESTION, CallStatus.NO_SUCH_NUMBER))
_TWO_TO_64 = 1 << 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The world of numbers. `seconds` scales ringing and talking; 0 is calls without length.

    `patience` is how many seconds who answered waits for an agent, in the mean; 0: for ever.
    `absent` are agents' telephones that nobody answers.
    """

    seed: int = 1
    weights: Mapping[CallStatus, float] = field(default_factory=lambda: DEFAULT_WEIGHTS)
    seconds: float = 1.0
    script: Mapping[str, Sequence[CallStatus]] = field(default_factory=dict)
    patience: float = _PATIENCE
    absent: frozenset[str] = frozenset()

    def outcome(self, number: str, attempt: int) -> CallStatus:
        """The script of the number, its last word repeating; else the seeded draw."""
        scripted = self.script.get(number)
        if scripted:
            return scripted[min(attempt, len(scripted) - 1)]
        point = self._draw("outcome", number, attempt) * sum(self.weights.values())
        for status, weight in self.weights.items():
            point -= weight
            if point < 0:
                return status
        return status

    def length(self, number: str, attempt: int, timeout: float) -> float:
        """Seconds from the originate to the result, on the campaign's clock."""
        if not self.seconds:
            return 0.0
        status = self.outcome(number, attempt)
        talk = self.talk(number, attempt) if status in _TALKS else 0.0
        return self.ring(number, attempt, timeout) + talk

    def ring(self, number: str, attempt: int, timeout: float) -> float:
        """Seconds until somebody answers, or it is clear that nobody does."""
        status = self.outcome(number, attempt)
        share = self._draw("ring", number, attempt)
        if status in _AT_ONCE:
            return self.seconds * (1 + 3 * share)
        if status is CallStatus.NO_ANSWER:
            return self.seconds * timeout
        return self.seconds * min(timeout, 4 + 18 * share)

    def talk(self, number: str, attempt: int) -> float:
        """Seconds of a conversation."""
        return self.seconds * (10 + 110 * self._draw("talk", number, attempt))

    def waits(self, number: str, attempt: int) -> float | None:
        """Seconds until who answered hangs up because no agent came; None: they wait on."""
        if not self.patience or not self.seconds:
            return None
        share = -log(1 - self._draw("patience", number, attempt))
        return self.seconds * max(_LEAST_PATIENCE, self.patience * share)

    def _draw(self, what: str, number: str, attempt: int) -> float:
        text = f"{self.seed}|{what}|{number}|{attempt}".encode()
        return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") / _TWO_TO_64


def read_model(given: Mapping[str, object], path: str = "simulation") -> Model:
    """The model of a campaign's `simulation` JSON; every key may be left out.

    {"seed": 7, "weights": {"ANSWER": 1, "BUSY": 2}, "seconds": 0.5,
     "script": {"+390612345000": ["BUSY", "ANSWER"]}, "patience": 20, "absent": ["101"]}
    """
    for key in given:
        if key not in ("seed", "weights", "seconds", "script", "patience", "absent"):
            raise DomainError(ErrorCode.INVALID, f"{path}.{key}")
    seed, seconds = given.get("seed", 1), given.get("seconds", 1)
    if not isinstance(seed, int):
        raise DomainError(ErrorCode.INVALID, f"{path}.seed")
    weights = DEFAULT_WEIGHTS
    if "weights" in given:
        weights = {
            _status(key, f"{path}.weights.{key}"): _number(value, f"{path}.weights.{key}")
            for key, value in _object(given["weights"], f"{path}.weights").items()
        }
        if not sum(weights.values()):
            raise DomainError(ErrorCode.REQUIRED, f"{path}.weights")
    return Model(
        seed=seed,
        weights=weights,
        seconds=_number(seconds, f"{path}.seconds"),
        script={
            number: _statuses(value, f"{path}.script.{number}")
            for number, value in _object(given.get("script", {}), f"{path}.script").items()
        },
        patience=_number(given.get("patience", _PATIENCE), f"{path}.patience"),
        absent=frozenset(_texts(given.get("absent", []), f"{path}.absent")),
    )


class SimulatedTelephony:
    """The driver: waits as long as the model says, on a clock as fast as the campaign's.

    With `has_agents` whoever answers is given to whom the line names, and waits for them.
    """

    def __init__(self, model: Model, *, has_agents: bool = False) -> None:
        self.model = model
        self._has_agents = has_agents
        self._up: dict[str, asyncio.Event] = {}

    @property
    def is_ready(self) -> bool:
        return True

    async def originate(self, call: Call, line: Line) -> CallResult:
        over = self._up[call.key] = asyncio.Event()
        try:
            if self._has_agents:
                status, cause = await self._course(call, line, over)
            else:
                status, cause = await self._drawn(call, line, over), ""
        finally:
            del self._up[call.key]
        return CallResult(status=status, unique_id=f"simulated-{call.key}", cause=cause)

    async def hangup(self, call: Call) -> None:
        if call.key in self._up:
            self._up[call.key].set()

    async def _drawn(self, call: Call, line: Line, over: asyncio.Event) -> CallStatus:
        """A call whose result is the model's, whenever it ends."""
        length = self.model.length(call.number, call.attempt, call.timeout) / call.clock_rate
        if length > 0:
            line.taken()
            await _until(over, length)
        return self.model.outcome(call.number, call.attempt)

    async def _course(
        self, call: Call, line: Line, over: asyncio.Event
    ) -> tuple[CallStatus | None, str]:
        """A call that an agent may have: rings, is answered, waits, talks, until it is `over`."""
        about, rate = (call.number, call.attempt), call.clock_rate
        if call.agent_endpoint and not await self._agent_answers(call.agent_endpoint, call, over):
            return None, "the agent's telephone was not answered"
        if call.agent_endpoint and not await line.may_ring():
            return None, "the number may not be called any more"
        line.taken()
        line.rings()
        status = self.model.outcome(*about)
        if await _until(over, self.model.ring(*about, call.timeout) / rate):
            return CallStatus.NO_ANSWER, "hung up while it rang"
        if status not in _PERSON:
            return status, ""
        patience = self.model.waits(*about)
        asked = asyncio.ensure_future(line.answered())
        hung_up = asyncio.ensure_future(over.wait())
        try:
            seconds = None if patience is None else patience / rate
            await asyncio.wait((asked, hung_up), timeout=seconds, return_when="FIRST_COMPLETED")
            if not asked.done():
                status = CallStatus.DROP if over.is_set() else CallStatus.ABANDONED
                return status, "hung up while nobody was there"
            taker = asked.result()
        finally:
            hung_up.cancel()
            asked.cancel()
            await asyncio.wait((asked, hung_up))
        if taker is None:
            return CallStatus.DROP, "no agent came free in time"
        endpoint = taker.endpoint if taker.endpoint != call.agent_endpoint else None
        if endpoint and not await self._agent_answers(endpoint, call, over):
            return CallStatus.DROP, "the agent's telephone was not answered"
        line.connected()
        await _until(over, self.model.talk(*about) / rate)
        return CallStatus.ANSWER, ""

    async def _agent_answers(self, endpoint: str, call: Call, over: asyncio.Event) -> bool:
        absent = endpoint in self.model.absent
        rings = call.timeout if absent else _PICK_UP
        return not await _until(over, self.model.seconds * rings / call.clock_rate) and not absent


async def _until(over: asyncio.Event, seconds: float) -> bool:
    """Wait so long; True as soon as it is over before."""
    if seconds > 0:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await over.wait()
    return over.is_set()


def _object(value: object, path: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise DomainError(ErrorCode.INVALID, path)
    return value


def _number(value: object, path: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise DomainError(ErrorCode.INVALID, path)
    if not 0 <= value <= 1_000_000:
        raise DomainError(ErrorCode.OUT_OF_RANGE, path, min=0, max=1_000_000)
    return float(value)


def _status(value: object, path: str) -> CallStatus:
    for status in RESULTS:
        if value == status.value:
            return status
    raise DomainError(ErrorCode.INVALID, path)


def _texts(value: object, path: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise DomainError(ErrorCode.INVALID, path)
    return value


def _statuses(value: object, path: str) -> list[CallStatus]:
    if not isinstance(value, list) or not value:
        raise DomainError(ErrorCode.INVALID, path)
    return [_status(item, f"{path}.{place}") for place, item in enumerate(value)]
