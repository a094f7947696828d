# SPDX-License-Identifier: Apache-2.0
"""What a worker does while the database is away: wait longer each time, and say it once."""

import asyncio

import structlog

from server.database import DatabaseUnavailable
from server.services.dialer.faults import belongs_to_entry

log = structlog.get_logger(__name__)
FIRST, LONGEST = 0.1, 1.0  # seconds; so that dialing goes on well within five after an outage


def belongs_to_rows(error: Exception) -> bool:
    """Whether these rows cannot be written, so that others can be; else nothing can, for now."""
    return belongs_to_entry(error) and not isinstance(error, DatabaseUnavailable)


class Outage:
    """Of one loop. `failed` waits after a fault, `over` is told of each success."""

    def __init__(self, loop: str) -> None:
        self._loop = loop
        self._pause = FIRST
        self._reason: str | None = None

    async def failed(self, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        if belongs_to_rows(error):
            # A bug must not end the worker, and be seen; but not in every log line of the day.
            if reason != self._reason:
                log.error("dialer.failed", loop=self._loop, exc_info=error)
        elif self._reason is None:
            log.warning("dialer.database_away", loop=self._loop, reason=str(error))
        self._reason = reason
        await asyncio.sleep(self._pause)
        self._pause = min(2 * self._pause, LONGEST)

    def over(self) -> None:
        if self._reason is not None:
            log.info("dialer.recovered", loop=self._loop)
        self._reason, self._pause = None, FIRST
