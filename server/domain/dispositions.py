# SPDX-License-Identifier: Apache-2.0
"""What an agent can say of a call, and what follows from it (dial-machine sections 4 and 8)."""

from enum import StrEnum

LEVELS = 3
SEPARATOR = " / "
"""Between the names of a path, as an attempt stores it: `Not interested / Too expensive`."""


class DispositionAction(StrEnum):
    """What follows when a call gets this disposition."""

    CLOSE = "CLOSE"  # nothing more: the contact stays closed in the campaign
    RECALL = "RECALL"  # a callback, which the agent of the call gets if ready
    RESCHEDULE = "RESCHEDULE"  # a callback for any agent
    OPT_OUT = "OPT_OUT"  # the person is never called again


CALLBACKS = frozenset({DispositionAction.RECALL, DispositionAction.RESCHEDULE})
"""Those that need a time."""
