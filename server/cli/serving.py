# SPDX-License-Identifier: Apache-2.0
"""The parts of a running Rubrica in one process, and how they begin and end together."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

import structlog
import typer
import uvicorn

from server.database import Database, DatabaseUnavailable, masked
from server.database.embedded import ServerHold
from server.settings import LOOPBACK, Settings, SetupError

log = structlog.get_logger(__name__)

Logins = Sequence[tuple[str, str, str]]  # role, name, password of the demo's people
Worker = Callable[[Database, asyncio.Event], Awaitable[None]]
STOPS = (signal.SIGINT, signal.SIGTERM)
WEB_PATIENCE = 4  # seconds that answers under way may still take when we stop
WORKER_PATIENCE = 7.0  # seconds that workers may take to put down what they hold
WATCH_EVERY = 0.5  # seconds between two looks at the embedded server


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What this process runs."""

    web: bool = False
    workers: Sequence[str] = ()
    demo: bool = False


def listen(host: str, port: int) -> socket.socket:
    """The listening socket, made before all else: a busy port is the likeliest refusal."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind, protocol)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
            made.listen(2048)
        except OSError:
            made.close()
            raise
    except PermissionError as error:
        raise SetupError(f"port {port} is for root only: give one above 1023 (--port)") from error
    except OSError as error:
        if isinstance(error, socket.gaierror) or "assign" in (error.strerror or ""):
            raise SetupError(f"{host} is no address of this machine: correct --host") from error
        raise SetupError(f"port {port} is in use: stop what uses it, or give --port") from error
    made.setblocking(False)
    return made


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """uvloop's event loop, where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def worker(name: str) -> Worker:
    """The worker of that name, imported only where it runs."""
    if name == "dialer":
        from server.dialer.worker import run_dialer

        return run_dialer
    from server.processes.worker import run_processes

    return run_processes


async def serve(
    settings: Settings, url: str, hold: ServerHold | None, parts: Parts, noted: Sequence[int] = ()
) -> None:
    """Run the parts until SIGINT or SIGTERM; a second signal does not wait for anything."""
    stop = asyncio.Event()
    forced = asyncio.Event()
    with _signals(stop, forced, noted), contextlib.ExitStack() as closing:
        bound = listen(settings.host, settings.port) if parts.web else None
        if bound is not None:
            closing.enter_context(bound)
        database = Database(url, pool_size=settings.database_pool)
        await database.start()
        try:
            logins = await _prepare(database, parts)
            web = _Web(settings, database, stop, logins) if bound is not None else None
            sockets = [] if bound is None else [bound]
            await _run(database, hold, parts, web, sockets, stop, forced)
        finally:
            await database.stop()


async def _prepare(database: Database, parts: Parts) -> Logins:
    from server.services.tenants import DEFAULT_TENANT, ensure_tenant

    async with database.transaction(None) as session:
        await ensure_tenant(session, DEFAULT_TENANT)
    return await _seed(database) if parts.demo else []


async def _seed(database: Database) -> Logins:
    from server.services.demo import ensure_demo

    return await ensure_demo(database)


async def _run(
    database: Database,
    hold: ServerHold | None,
    parts: Parts,
    web: "_Web | None",
    sockets: list[socket.socket],
    stop: asyncio.Event,
    forced: asyncio.Event,
) -> None:
    tasks: list[asyncio.Task[None]] = [
        asyncio.create_task(_keep(name, worker(name), database, stop), name=name)
        for name in parts.workers
    ]
    watching = [asyncio.create_task(_watch(hold, stop), name="watch")] if hold else []
    if web is not None:
        tasks.append(asyncio.create_task(web.serve(sockets=sockets), name="web"))
    waiting = asyncio.create_task(_until(stop))
    try:
        await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        if web is not None:
            web.should_exit = True
        pressing = asyncio.create_task(_until(forced))
        ending = asyncio.create_task(_all(tasks))
        await asyncio.wait(
            [pressing, ending], timeout=WORKER_PATIENCE, return_when=asyncio.FIRST_COMPLETED
        )
        if not ending.done():  # uvicorn would tell what is cut off now as failures, with tracebacks
            logging.getLogger("uvicorn.error").disabled = True
        for task in [pressing, waiting, ending, *watching, *tasks]:
            task.cancel()
        await asyncio.gather(pressing, waiting, ending, *watching, *tasks, return_exceptions=True)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


class _Web(uvicorn.Server):
    """uvicorn without its signal handlers: the parts of a process stop together."""

    def __init__(
        self, settings: Settings, database: Database, stop: asyncio.Event, logins: Logins
    ) -> None:
        from server.app import create_app

        self._database_url = database.url
        self._logins = logins
        app = create_app(settings, database, stop)
        # Nothing made so far will become garbage: sweeping it again and again costs each request.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        super().__init__(
            uvicorn.Config(
                app,
                loop="none",
                http="httptools",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws_max_size=settings.graphql_max_body_bytes,
                timeout_graceful_shutdown=WEB_PATIENCE,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:
            raise SetupError("the web part did not start: the reason is in the log") from None
        for bound in sockets or []:
            self._announce(*bound.getsockname()[:2])

    def _announce(self, host: str, port: int) -> None:
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        typer.secho(f"Rubrica   {address}", bold=True)
        typer.echo(f"GraphiQL  {address}/graphiql (signed in as an admin)")
        typer.echo(f"Database  {masked(self._database_url)}")
        for role, name, password in self._logins:
            typer.echo(f"Log-in    {role:<11} {name} / {password}")
        if self._logins and host not in LOOPBACK:
            typer.secho(
                "Warning   the demo's passwords are public: change them, or run with --no-demo",
                fg=typer.colors.YELLOW,
            )


async def _keep(name: str, run: Worker, database: Database, stop: asyncio.Event) -> None:
    """A worker that fails is begun again: what it held comes back by its lease."""
    while not stop.is_set():
        try:
            await run(database, stop)
        except DatabaseUnavailable as error:
            log.warning("worker.waits", worker=name, reason=str(error))
        except Exception:
            log.exception("worker.failed", worker=name)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await stop.wait()


async def _until(event: asyncio.Event) -> None:
    await event.wait()


async def _all(tasks: Sequence[asyncio.Task[None]]) -> None:
    if tasks:
        await asyncio.wait(tasks)


async def _watch(hold: ServerHold, stop: asyncio.Event) -> None:
    """Start the embedded server again when it was killed, for it has no other keeper."""
    while not stop.is_set():
        await asyncio.sleep(WATCH_EVERY)
        try:
            if await asyncio.to_thread(hold.recover):
                log.warning("database.restarted")
        except SetupError as error:
            log.error("database.lost", reason=str(error))


def note_signals() -> Sequence[int]:
    """From here on they only fill the answer: one that raised could break the loop anywhere."""
    noted: list[int] = []
    for number in STOPS:
        signal.signal(number, lambda told, _: noted.append(told))
    return noted


@contextlib.contextmanager
def _signals(stop: asyncio.Event, forced: asyncio.Event, noted: Sequence[int]) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if forced.is_set():
            os._exit(1)  # the third time: nothing is waited for, not even the database
        (forced if stop.is_set() else stop).set()

    for number in STOPS:
        loop.add_signal_handler(number, asked)
    if noted:
        stop.set()
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # removing puts the default back, which
        for number in STOPS:  # would end us before the database
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
