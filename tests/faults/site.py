# SPDX-License-Identifier: Apache-2.0
"""A centre as processes of their own: a database that can be killed, servers, dialer workers."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx

from server.database.embedded import ensure_server, server_status, stop_server
from tests.cli.running import ENVIRONMENT
from tests.faults.proxy import Proxy


class Site:
    """One installation behind a wire. Times are seconds."""

    def __init__(self, folder: Path, url: str, proxy: Proxy) -> None:
        self.url = url  # past the wire, for looking behind it
        self.proxy = proxy
        self._folder = folder
        parts = urlsplit(url)
        self._beyond = f"postgresql://{parts.username}:{parts.password}@127.0.0.1"
        self._base = parts.path
        self.processes: list[asyncio.subprocess.Process] = []

    async def serve(self) -> tuple[asyncio.subprocess.Process, str]:
        """A web server and its address, once it is ready."""
        process = await self._run("serve", "--port", "0")
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        address = line.split()[1]
        await ready(address, 20)
        return process, address

    async def dial(self) -> asyncio.subprocess.Process:
        """A dialer worker, which also ends the leases that run out."""
        return await self._run("dialer")

    async def rows(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """What stands in the database, seen by its owner behind the wire."""
        connection = await asyncpg.connect(self.url)
        try:
            found: list[asyncpg.Record] = await connection.fetch(sql, *args)
            return found
        finally:
            await connection.close()

    async def restart_database(self, how: signal.Signals, down: float = 0.0) -> None:
        """SIGINT is a fast stop, SIGQUIT a crash; it comes back after `down` seconds."""
        pid = server_status(self._folder).pid
        assert pid is not None
        os.kill(pid, how)
        await asyncio.to_thread(_until_gone, pid)
        await asyncio.sleep(down)
        await asyncio.to_thread(ensure_server, self._folder, durable=True)

    async def _run(self, *arguments: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server.cli", *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=ENVIRONMENT
            | {"DATABASE_URL": f"{self._beyond}:{self.proxy.port}{self._base}"},
        )  # fmt: skip
        self.processes.append(process)
        return process


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    """With a PostgreSQL of its own."""
    with tempfile.TemporaryDirectory(prefix="rubrica-faults-") as name:
        os.chmod(name, 0o755)  # the server may run as another user
        folder = Path(name)
        url = await asyncio.to_thread(ensure_server, folder / "data", durable=True)
        proxy = Proxy(f"{parse_qs(urlsplit(url).query)['host'][0]}/.s.PGSQL.5432")
        await proxy.start()
        found = Site(folder / "data", url, proxy)
        try:
            yield found
        finally:
            for process in found.processes:
                if process.returncode is None:
                    process.kill()
                await process.wait()
            await proxy.stop()
            await asyncio.to_thread(stop_server, folder / "data")


async def ready(address: str, within: float) -> float:
    """Seconds until `/readyz` says so."""
    began = monotonic()
    async with httpx.AsyncClient(timeout=5) as client:
        while True:
            try:
                if (await client.get(f"{address}/readyz")).status_code == 200:
                    return monotonic() - began
            except httpx.HTTPError:
                pass
            assert monotonic() - began < within, "not ready in time"
            await asyncio.sleep(0.05)


def _until_gone(pid: int) -> None:
    """Until the process has ended; one that nobody waits for stays a zombie."""
    state = Path(f"/proc/{pid}/status")
    with suppress(OSError):
        while "State:\tZ" not in state.read_text():
            sleep(0.02)
