# SPDX-License-Identifier: Apache-2.0
"""What an agent can say of a call, and what follows from it (dial-machine sections 4 and 8)."""

from dataclasses import dataclass
from enum import StrEnum

LEVELS = 3
SEPARATOR = " / "
"""Between the names of a path, as an attempt stores it: `Not interested / Too expensive`."""


class DispositionAction(StrEnum):
    """What follows when a call gets this disposition."""

    CLOSE = "CLOSE"  # nothing more: the contact stays closed in the campaign
    RECALL = "RECALL"  # a callback, which the agent of the call gets if ready
    RESCHEDULE = "RESCHEDULE"  # a callback for any agent
    REFUSE = "REFUSE"  # the person declined: closed, and some laws forbid to call for a while
    OPT_OUT = "OPT_OUT"  # the person is never called again


CALLBACKS = frozenset({DispositionAction.RECALL, DispositionAction.RESCHEDULE})
"""Those that need a time."""
REFUSALS = frozenset({DispositionAction.REFUSE, DispositionAction.OPT_OUT})
"""Those of a person who declined."""


@dataclass(frozen=True)
class Default:
    """A disposition that a centre begins with, and those beneath it."""

    name: str
    action: DispositionAction = DispositionAction.CLOSE
    beneath: tuple["Default", ...] = ()


DEFAULTS: tuple[Default, ...] = (
    Default(
        "Success",
        beneath=(Default("Sale"), Default("Appointment"), Default("Information given")),
    ),
    Default("Call back", DispositionAction.RECALL),
    Default("Call back, any agent", DispositionAction.RESCHEDULE),
    Default(
        "Not interested",
        DispositionAction.REFUSE,
        beneath=(
            Default("Too expensive", DispositionAction.REFUSE),
            Default("Has another supplier", DispositionAction.REFUSE),
            Default("No need", DispositionAction.REFUSE),
        ),
    ),
    Default("Wrong person"),
    Default("Wrong number"),
    Default("Does not want to be called", DispositionAction.OPT_OUT),
)
"""In English; whoever seeds them translates."""
