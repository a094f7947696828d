# SPDX-License-Identifier: Apache-2.0
"""Long work as processes: kinds, states, and which state may follow which (C-10 to C-13)."""

from enum import StrEnum


class ProcessKind(StrEnum):
    """What a process does."""

    IMPORT = "IMPORT"  # contacts come in from a CSV file
    EXPORT = "EXPORT"  # contacts of a list go out into a CSV file
    DELETE = "DELETE"  # contacts go into the trash
    RESTORE = "RESTORE"  # contacts come back from the trash
    CHANGE = "CHANGE"  # contacts are put on a list or off it, tagged, or prioritized


class ProcessState(StrEnum):
    """Where a process stands (C-11)."""

    PENDING = "PENDING"  # waits for its time or for a worker
    RUNNING = "RUNNING"  # a worker has it; what is counted is done
    FINISHED = "FINISHED"  # came to its end; single rows may have been refused
    CANCELLED = "CANCELLED"  # stopped by a person; what was done stays and is counted (C-13)
    FAILED = "FAILED"  # cannot go on, with the reason; what was done stays and is counted


FOLLOWING: dict[ProcessState, frozenset[ProcessState]] = {
    ProcessState.PENDING: frozenset(
        {ProcessState.RUNNING, ProcessState.CANCELLED, ProcessState.FAILED}
    ),
    ProcessState.RUNNING: frozenset(
        {ProcessState.FINISHED, ProcessState.CANCELLED, ProcessState.FAILED}
    ),
    ProcessState.FINISHED: frozenset(),
    ProcessState.CANCELLED: frozenset(),
    ProcessState.FAILED: frozenset(),
}
OPEN_STATES = tuple(state for state, following in FOLLOWING.items() if following)

# Begun this often without one chunk done, a process is poison: it is parked as FAILED (F21).
MOST_TRIES = 5


def may_become(before: ProcessState, after: ProcessState) -> bool:
    """Whether the state `after` may follow `before`."""
    return after in FOLLOWING[before]


def retry_delay(tries: int) -> float:
    """Seconds until the next try after `tries` that did nothing: 1, 2, 4, 8 and so on up to 30."""
    return min(30.0, 2.0 ** max(0, tries - 1))
