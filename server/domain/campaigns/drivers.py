# SPDX-License-Identifier: Apache-2.0
"""Who carries a campaign's calls, and the model that stands in for the telephone network."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeGuard

from server.domain.campaigns.statuses import RESULTS
from server.domain.errors import ErrorCode
from server.domain.refusals import Refusals

HEAVIEST = 1_000_000
LARGEST_SEED = 2**53
SLOWEST = 1000
LONGEST_SCRIPT = 1000  # numbers, and results of one number
_PATH = "simulation"
_NUMBER = re.compile(r"\+[0-9]{5,15}")


class Driver(StrEnum):
    """What makes the calls of a campaign."""

    SIMULATED = "SIMULATED"  # no telephone rings: a seeded model decides each call's result
    ASTERISK = "ASTERISK"  # an Asterisk places the calls, by its REST interface
    EXTERNAL = "EXTERNAL"  # a dialer of the centre's own claims and reports through the API


def check_simulation(given: object, refusals: Refusals) -> dict[str, object]:
    """The simulated telephony's model as it is stored; faults are noted on `simulation.…`.

    `weights` by call status say how often each result comes, `seed` makes a run repeatable,
    `seconds` scales how long calls ring and talk (0: not at all), and `script` gives a number's
    results in their order. With agents, `patience` is how many seconds who answered waits for one
    (0: for ever), and `absent` are agents' telephones that nobody answers. All are optional.
    """
    if not isinstance(given, Mapping):
        refusals.add(ErrorCode.INVALID, _PATH, expected='{"seed": 7}')
        return {}
    parts: dict[str, Callable[[object, Refusals], object]] = {
        "weights": _weights,
        "seed": _seed,
        "seconds": lambda value, noted: _number(value, f"{_PATH}.seconds", SLOWEST, noted),
        "script": _script,
        "patience": lambda value, noted: _number(value, f"{_PATH}.patience", SLOWEST, noted),
        "absent": _absent,
    }
    checked = {}
    for name, value in given.items():
        if name in parts:
            checked[name] = parts[name](value, refusals)
        else:
            refusals.add(ErrorCode.INVALID, f"{_PATH}.{_short(name)}", value=_short(name))
    return checked


def _weights(given: object, refusals: Refusals) -> dict[str, float]:
    path = f"{_PATH}.weights"
    if not isinstance(given, Mapping):
        refusals.add(ErrorCode.INVALID, path, expected='{"ANSWER": 1, "BUSY": 2}')
        return {}
    before = len(refusals.errors)
    weights = {}
    for name, weight in given.items():
        if name in RESULTS:
            weights[name] = _number(weight, f"{path}.{name}", HEAVIEST, refusals)
        else:
            refusals.add(ErrorCode.INVALID, f"{path}.{_short(name)}", value=_short(name))
    if not any(weights.values()) and len(refusals.errors) == before:
        refusals.add(ErrorCode.REQUIRED, path)  # all zero, or none: nothing could ever happen
    return weights


def _seed(given: object, refusals: Refusals) -> int:
    if isinstance(given, int) and not isinstance(given, bool):
        return refusals.within(given, f"{_PATH}.seed", 0, LARGEST_SEED)
    refusals.add(ErrorCode.INVALID, f"{_PATH}.seed", expected="7")
    return 0


def _script(given: object, refusals: Refusals) -> dict[str, list[str]]:
    path = f"{_PATH}.script"
    if not isinstance(given, Mapping):
        refusals.add(ErrorCode.INVALID, path, expected='{"+390612345000": ["BUSY", "ANSWER"]}')
        return {}
    if len(given) > LONGEST_SCRIPT:
        refusals.add(ErrorCode.OUT_OF_RANGE, path, max=LONGEST_SCRIPT)
        return {}
    script = {}
    for number, results in given.items():
        if isinstance(number, str) and _NUMBER.fullmatch(number) and _is_results(results):
            script[number] = results
        else:
            refusals.add(ErrorCode.INVALID, f"{path}.{_short(number)}", expected='["BUSY"]')
    return script


def _absent(given: object, refusals: Refusals) -> list[str]:
    path = f"{_PATH}.absent"
    if isinstance(given, list) and all(isinstance(name, str) for name in given):
        if len(given) > LONGEST_SCRIPT:
            refusals.add(ErrorCode.OUT_OF_RANGE, path, max=LONGEST_SCRIPT)
        return [_short(name) for name in given]
    refusals.add(ErrorCode.INVALID, path, expected='["101"]')
    return []


def _is_results(value: object) -> TypeGuard[list[str]]:
    return (
        isinstance(value, list)
        and 0 < len(value) <= LONGEST_SCRIPT
        and all(isinstance(result, str) and result in RESULTS for result in value)
    )


def _number(value: object, path: str, most: int, refusals: Refusals) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        refusals.add(ErrorCode.INVALID, path, expected="1")
        return 0
    if not 0 <= value <= most:  # not a number at all compares false too
        refusals.add(ErrorCode.OUT_OF_RANGE, path, min=0, max=most)
        return 0
    return value


def _short(name: object) -> str:
    # It goes out in the answer, which a lone surrogate cannot be part of.
    return str(name)[:40].encode("utf-8", "replace").decode()
