# SPDX-License-Identifier: Apache-2.0
"""The course of a simulation in virtual time, written once for every engine that can dial."""

from collections.abc import Coroutine
from datetime import datetime
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Engine(Protocol):
    """Something that dials a loaded campaign: in memory, or through the database.

    The engine knows the scenario: how long a call lasts, how many lines there are, what becomes
    of each call. `now` never goes backwards.
    """

    async def finish_calls(self, now: datetime) -> None:
        """Report the result of every call that ends at `now` or before, in claim order."""

    async def close_ended(self, now: datetime) -> None:
        """Once the campaign's end has passed, close every entry that waits."""

    async def claim_due(self, now: datetime) -> int:
        """Claim one batch; answers how many entries it changed, 0 when nothing can be done.

        A batch is the first due entries in the order of section 7, as many as lines are free,
        without those whose next number is in a call or further up in the batch. An entry that
        turns out to be blocked gives its line back only to the next batch.
        """

    async def next_event(self, now: datetime) -> datetime | None:
        """When something can happen next, later than `now`: a call ends, an entry comes due while
        the window is open, the campaign ends. None when nothing is left."""


async def drive(engine: Engine, start: datetime, until: datetime) -> None:
    """Run from `start` to `until` inclusive, instant by instant.

    At one instant results come before claims, so that a call without length frees its line and
    its number for the next one at once; that repeats until the instant has nothing left.
    """
    now: datetime | None = start
    while now is not None and now <= until:
        changed = 1
        while changed:
            await engine.finish_calls(now)
            await engine.close_ended(now)
            changed = await engine.claim_due(now)
        now = await engine.next_event(now)


def finish(course: Coroutine[None, None, Result]) -> Result:
    """Run a coroutine that never waits for anything, without an event loop."""
    try:
        course.send(None)
    except StopIteration as stop:
        result: Result = stop.value
        return result
    course.close()
    raise RuntimeError("an engine in memory has nothing to wait for")
