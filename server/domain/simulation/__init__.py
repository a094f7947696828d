# SPDX-License-Identifier: Apache-2.0
"""The simulator: the real dial machine on given contacts, settings and outcomes, in virtual time.

No database and no clock: supervisors see what a change of retry settings would do, and anybody
can check the machine.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta

from server.domain.errors import ErrorCode
from server.domain.simulation.answers import Answer, answer
from server.domain.simulation.engines import Engine, drive, finish
from server.domain.simulation.memory import MAX_CALLS, InMemoryEngine
from server.domain.simulation.reading import ScenarioRefused
from server.domain.simulation.scenarios import Scenario, ScenarioContact, read_scenario

__all__ = [
    "MAX_CALLS",
    "Answer",
    "Engine",
    "InMemoryEngine",
    "Scenario",
    "ScenarioContact",
    "ScenarioRefused",
    "answer",
    "drive",
    "finish",
    "read_line",
    "read_scenario",
    "refusal_line",
    "run",
    "simulate",
    "simulate_lines",
]


def simulate(scenario: object, max_calls: int = MAX_CALLS) -> Answer:
    """Run one scenario given as JSON values; raises ScenarioRefused where it cannot be run.

    `max_calls` bounds the work: 10,000 take about a tenth of a second.
    """
    return run(read_scenario(scenario), max_calls)


def run(scenario: Scenario, max_calls: int = MAX_CALLS) -> Answer:
    engine = InMemoryEngine(scenario, max_calls)
    until = scenario.start + timedelta(days=scenario.horizon_days)
    finish(drive(engine, scenario.start, until))
    ids = [contact.id for contact in scenario.contacts]
    finals = sorted(engine.finals, key=lambda final: (final[1].at, final[0]))
    return answer(
        [(ids[place], row) for _, (place, row) in sorted(engine.history.items())],
        [(ids[place], row) for place, row in finals],
        [(ids[place], entry) for place, entry in engine.open_entries()],
        [ids[place] for place in engine.skipped],
    )


def simulate_lines(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Per line of JSON Lines one line of JSON, and whether that line was a scenario."""
    for line in lines:
        try:
            yield json.dumps(run(read_line(line)), ensure_ascii=False), True
        except ScenarioRefused as refusal:
            yield refusal_line(refusal), False


def read_line(line: str) -> Scenario:
    """One scenario from one line; raises ScenarioRefused whatever the line holds."""
    try:
        value: object = json.loads(line.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        # Not JSON; or numbers of thousands of digits; or brackets nested a thousand deep.
        raise ScenarioRefused(
            ErrorCode.INVALID, None, "the line is not a JSON object, or too deep to read"
        ) from None
    return read_scenario(value)


def refusal_line(refusal: ScenarioRefused) -> str:
    error = {"code": refusal.code.value, "field": refusal.field, "message": refusal.message}
    return json.dumps({"error": error}, ensure_ascii=False)
