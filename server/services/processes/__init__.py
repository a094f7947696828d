# SPDX-License-Identifier: Apache-2.0
"""Processes: seen, started and cancelled by people, carried on by workers (C-10 to C-14)."""

from server.services.processes.attempts import (
    Attempt,
    Counts,
    SupersededError,
    begin_attempt,
    fail_attempt,
    finish_attempt,
    is_current,
    leave_attempt,
    record_chunk,
)
from server.services.processes.people import (
    about_list,
    cancel_process,
    find_process,
    in_state,
    of_kind,
    visible_processes,
)
from server.services.processes.queue import add_process, entrypoint, queue_missing, read_job
from server.services.processes.rejections import (
    RejectedRow,
    add_rejections,
    read_rejections,
    visible_rejections,
)
from server.services.processes.topics import process_topic, tell_process
from server.services.processes.watching import watch_process

__all__ = [
    "Attempt",
    "Counts",
    "RejectedRow",
    "SupersededError",
    "about_list",
    "add_process",
    "add_rejections",
    "begin_attempt",
    "cancel_process",
    "entrypoint",
    "fail_attempt",
    "find_process",
    "finish_attempt",
    "in_state",
    "is_current",
    "leave_attempt",
    "of_kind",
    "process_topic",
    "queue_missing",
    "read_job",
    "read_rejections",
    "record_chunk",
    "tell_process",
    "visible_processes",
    "visible_rejections",
    "watch_process",
]
