# SPDX-License-Identifier: Apache-2.0
"""The state of a contact in a campaign as supervisors filter by it; it follows from the dial state
(features section 1, C-09)."""

from enum import StrEnum

from server.domain.dialer.states import DialState


class RecordState(StrEnum):
    """Where a contact stands in a campaign (C-09)."""

    REMAINING = "REMAINING"  # loaded, and nobody was called yet
    PROCESSING = "PROCESSING"  # in a call now
    POSTPONED = "POSTPONED"  # waits for the next number, or for the next round
    CALLBACK = "CALLBACK"  # waits for a time that was agreed
    INACTIVE = "INACTIVE"  # parked: not called until somebody re-activates it
    CLOSED = "CLOSED"  # a final result stands, and nothing is open


RECORD_STATES: dict[DialState, RecordState] = {
    DialState.READY: RecordState.REMAINING,
    DialState.WAIT_NEXT_PHONE: RecordState.POSTPONED,
    DialState.WAIT_RETRY: RecordState.POSTPONED,
    DialState.WAIT_CALLBACK: RecordState.CALLBACK,
    DialState.DIALING: RecordState.PROCESSING,
    DialState.CONNECTED: RecordState.PROCESSING,
    DialState.CLOSED: RecordState.CLOSED,
}


def dial_states(state: RecordState) -> tuple[DialState, ...]:
    """The dial states that a record state stands for; none for INACTIVE, whatever they are in."""
    return tuple(dial for dial, record in RECORD_STATES.items() if record is state)
