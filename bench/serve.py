# SPDX-License-Identifier: Apache-2.0
"""One server process on one core: `python -m bench.serve rubrica|yardstick URL PORT`."""

import asyncio
import gc
import os
import sys
from typing import Any

import uvicorn
import uvloop


async def serve(kind: str, url: str, port: int) -> None:
    app: Any
    if kind == "rubrica":
        from server.app import create_app
        from server.database import Database
        from server.settings import Settings

        database = Database(url)
        await database.start()
        app = create_app(Settings(), database)
    else:
        from bench.yardstick import create_app as create_yardstick

        app = create_yardstick(url)
    gc.freeze()  # as `rubrica serve` does, and kinder to the yardstick than to us
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, http="httptools", log_level="error", access_log=False
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    os.sched_setaffinity(0, {0})
    asyncio.Runner(loop_factory=uvloop.new_event_loop).run(
        serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    )
