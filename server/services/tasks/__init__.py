# SPDX-License-Identifier: Apache-2.0
"""Scheduled tasks: callbacks, from their agreement to their delivery or their end (C-30 to C-38).

A callback is a stay in the hopper with one number; the task beside it says who agreed what. Times
are the campaign's clock.
"""

from server.services.tasks.checks import Fields
from server.services.tasks.inputs import (
    CallbackEdit,
    CallbackInput,
    ClosedTasks,
    Reassigned,
    Scheduled,
)
from server.services.tasks.scheduling import schedule_callback

__all__ = [
    "CallbackEdit",
    "CallbackInput",
    "ClosedTasks",
    "Fields",
    "Reassigned",
    "Scheduled",
    "schedule_callback",
]
