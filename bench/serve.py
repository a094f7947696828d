# SPDX-License-Identifier: Apache-2.0
"""The yardstick's server process: `python -m bench.serve URL PORT`."""

import asyncio
import sys

import uvicorn
import uvloop

from bench.yardstick import create_app


async def serve(url: str, port: int) -> None:
    config = uvicorn.Config(
        create_app(url), port=port, http="httptools", log_level="error", access_log=False
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    runner.run(serve(sys.argv[1], int(sys.argv[2])))
