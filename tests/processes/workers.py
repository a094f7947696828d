# SPDX-License-Identifier: Apache-2.0
"""A worker as a process of its own, for tests that kill it."""

import asyncio
import signal
import sys
from datetime import timedelta
from subprocess import Popen

from server.database import Database
from server.processes import imports, run_processes, worker

CHUNK_ROWS = 100


def start_worker(url: str) -> "Popen[bytes]":
    """Chunks are small and dead workers are missed soon, so that a test takes seconds."""
    return Popen([sys.executable, "-m", "tests.processes.workers", url])


async def main(url: str) -> None:
    imports.CHUNK_ROWS = CHUNK_ROWS
    worker.STALE = timedelta(seconds=1)
    worker.POLL = timedelta(seconds=0.3)
    database, stop = Database(url, pool_size=3), asyncio.Event()
    await database.start()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await run_processes(database, stop)
    await database.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
