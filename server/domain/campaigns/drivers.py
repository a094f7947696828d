# SPDX-License-Identifier: Apache-2.0
"""Who carries a campaign's calls, and the model that stands in for the telephone network."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeGuard

from server.domain.campaigns.statuses import FAILURES, CallStatus
from server.domain.errors import ErrorCode
from server.domain.refusals import Refusals

OUTCOMES = (CallStatus.ANSWER, *FAILURES)
HEAVIEST = 1_000_000
LARGEST_SEED = 2**31 - 1
LONGEST_CALL = 3600


class Driver(StrEnum):
    """What makes the calls of a campaign."""

    SIMULATED = "SIMULATED"  # no telephone rings: a seeded model decides each call's result


def check_simulation(given: Mapping[str, object], refusals: Refusals) -> dict[str, object]:
    """The model as it is stored; faults are noted on `simulation.…`.

    `weights` by call status say how often each result comes, relative to their sum; `seed` makes
    a run repeatable; `callSeconds` is how long a call lasts. All are optional.
    """
    known = {"weights", "seed", "callSeconds"}
    for name in given.keys() - known:
        refusals.add(ErrorCode.INVALID, f"simulation.{name[:40]}", value=name[:40])
    checked: dict[str, object] = {}
    if (weights := given.get("weights")) is not None:
        checked["weights"] = _weights(weights, refusals)
    for name, most in (("seed", LARGEST_SEED), ("callSeconds", LONGEST_CALL)):
        if (number := given.get(name)) is not None:
            if _is_integer(number):
                checked[name] = refusals.within(number, f"simulation.{name}", 0, most)
            else:
                refusals.add(ErrorCode.INVALID, f"simulation.{name}", expected=0)
    return checked


def _weights(given: object, refusals: Refusals) -> dict[str, int]:
    path = "simulation.weights"
    if not isinstance(given, Mapping):
        refusals.add(ErrorCode.INVALID, path, expected='{"ANSWER": 1, "NO_ANSWER": 2}')
        return {}
    weights = {}
    for name, weight in given.items():
        if name not in {status.value for status in OUTCOMES}:
            refusals.add(ErrorCode.INVALID, f"{path}.{str(name)[:40]}", value=str(name)[:40])
        elif not _is_integer(weight):
            refusals.add(ErrorCode.INVALID, f"{path}.{name}", expected=1)
        else:
            weights[name] = refusals.within(weight, f"{path}.{name}", 0, HEAVIEST)
    if not any(weights.values()) and not refusals.errors:
        # All zero, or none at all: nothing could ever happen.
        refusals.add(ErrorCode.REQUIRED, path)
    return weights


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
