# SPDX-License-Identifier: Apache-2.0
"""Workers that carry processes on: import now; further kinds only add a handler."""

from server.processes.worker import run_processes

__all__ = ["run_processes"]
