# SPDX-License-Identifier: Apache-2.0
"""A telephony without telephones: a seeded model of each number, or a script (architecture 6).

What becomes of a call follows from seed, number and attempt alone, so that a run can be repeated,
by any number of workers.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from server.domain.campaigns import FAILURES, CallStatus
from server.domain.errors import DomainError, ErrorCode
from server.telephony.port import Call, CallResult, Line

RESULTS = (CallStatus.ANSWER, *FAILURES)
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
_TALKS = frozenset((CallStatus.ANSWER, CallStatus.MACHINE))
_AT_ONCE = frozenset((CallStatus.BUSY, CallStatus.CONGESTION, CallStatus.NO_SUCH_NUMBER))
_TWO_TO_64 = 1 << 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The world of numbers. `seconds` scales ringing and talking; 0 is calls without length."""

    seed: int = 1
    weights: Mapping[CallStatus, float] = field(default_factory=lambda: DEFAULT_WEIGHTS)
    seconds: float = 1.0
    script: Mapping[str, Sequence[CallStatus]] = field(default_factory=dict)

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
        share = self._draw("ring", number, attempt)
        if status in _AT_ONCE:
            ring = 1 + 3 * share
        elif status is CallStatus.NO_ANSWER:
            ring = timeout
        else:
            ring = min(timeout, 4 + 18 * share)
        talk = 10 + 110 * self._draw("talk", number, attempt) if status in _TALKS else 0.0
        return self.seconds * (ring + talk)

    def _draw(self, what: str, number: str, attempt: int) -> float:
        text = f"{self.seed}|{what}|{number}|{attempt}".encode()
        return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") / _TWO_TO_64


def read_model(given: Mapping[str, object], path: str = "simulation") -> Model:
    """The model of a campaign's `simulation` JSON; every key may be left out.

    {"seed": 7, "weights": {"ANSWER": 1, "BUSY": 2}, "seconds": 0.5,
     "script": {"+390612345000": ["BUSY", "ANSWER"]}}
    """
    for key in given:
        if key not in ("seed", "weights", "seconds", "script"):
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
    )


class SimulatedTelephony:
    """The driver: waits as long as the model says, on a clock as fast as the campaign's."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._up: dict[str, asyncio.Event] = {}

    async def originate(self, call: Call, line: Line) -> CallResult:
        length = self.model.length(call.number, call.attempt, call.timeout) / call.clock_rate
        if length > 0:
            line.taken()
            over = self._up[call.key] = asyncio.Event()
            try:
                async with asyncio.timeout(length):
                    await over.wait()
            except TimeoutError:
                pass
            finally:
                del self._up[call.key]
        status = self.model.outcome(call.number, call.attempt)
        return CallResult(status=status, unique_id=f"simulated-{call.key}")

    async def hangup(self, call: Call) -> None:
        if call.key in self._up:
            self._up[call.key].set()


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


def _statuses(value: object, path: str) -> list[CallStatus]:
    if not isinstance(value, list) or not value:
        raise DomainError(ErrorCode.INVALID, path)
    return [_status(item, f"{path}.{place}") for place, item in enumerate(value)]
