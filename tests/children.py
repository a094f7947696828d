# SPDX-License-Identifier: Apache-2.0
"""Child processes without the cost of starting Python anew."""

import os
from collections.abc import Callable


def fork(act: Callable[[], object], *, user: int | None = None) -> int:
    """A child process, as another user where one is given; it exits with 0 where `act` is true."""
    child = os.fork()
    if child:
        return child
    try:
        if user is not None:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        os._exit(0 if act() else 1)
    finally:
        os._exit(2)


def ended(child: int) -> int:
    """Wait for a child: its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
