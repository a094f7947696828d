# SPDX-License-Identifier: Apache-2.0
"""Scheduled tasks: callbacks, from their agreement to their delivery or their end (C-30 to C-38).

A callback is a stay in the hopper with one number; the task beside it says who agreed what. Times
are the campaign's clock.
"""

from server.services.tasks.agents import callback_agents
from server.services.tasks.carrying import carry_tasks
from server.services.tasks.changing import edit_task, reassign_tasks
from server.services.tasks.checks import Fields
from server.services.tasks.closing import (
    EXPIRING,
    callbacks_of,
    close_campaign_tasks,
    close_tasks,
    expire_tasks,
    reopen_tasks,
)
from server.services.tasks.inputs import (
    CallbackEdit,
    CallbackInput,
    ClosedTasks,
    Reassigned,
    Scheduled,
)
from server.services.tasks.reading import visible_tasks
from server.services.tasks.scheduling import schedule_callback

__all__ = [
    "EXPIRING",
    "CallbackEdit",
    "CallbackInput",
    "ClosedTasks",
    "Fields",
    "Reassigned",
    "Scheduled",
    "callback_agents",
    "callbacks_of",
    "carry_tasks",
    "close_campaign_tasks",
    "close_tasks",
    "edit_task",
    "expire_tasks",
    "reassign_tasks",
    "reopen_tasks",
    "schedule_callback",
    "visible_tasks",
]
