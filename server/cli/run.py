# SPDX-License-Identifier: Apache-2.0
"""`rubrica run`, and its parts on their own: `serve`, `dialer`, `processes`."""

import signal
from typing import Annotated

import typer

from server.settings import Settings

from .options import DataDir, Host, Port, settings_of


def run(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    no_demo: Annotated[
        bool, typer.Option("--no-demo", help="Without the demo centre.", show_default=False)
    ] = False,
    no_workers: Annotated[
        bool, typer.Option("--no-workers", help="The web alone.", show_default=False)
    ] = False,
) -> None:
    """Run everything in one process: database, migrations, demo, web, dialer, processes."""
    workers = () if no_workers else ("dialer", "processes")
    _serve(
        settings_of(host=host, port=port, data_dir=data_dir),
        web=True,
        workers=workers,
        demo=not no_demo,
    )


def serve(host: Host = None, port: Port = None, data_dir: DataDir = None) -> None:
    """Run the web alone: pages and GraphQL."""
    _serve(settings_of(host=host, port=port, data_dir=data_dir), web=True)


def dialer(data_dir: DataDir = None) -> None:
    """Run one dialer worker; any number of them share the campaigns."""
    _serve(settings_of(data_dir=data_dir), workers=("dialer",))


def processes(data_dir: DataDir = None) -> None:
    """Run one process worker: imports and other long work."""
    _serve(settings_of(data_dir=data_dir), workers=("processes",))


def _serve(
    settings: Settings, *, web: bool = False, workers: tuple[str, ...] = (), demo: bool = False
) -> None:
    import asyncio

    from server.database import plain_url
    from server.database.embedded import ServerHold
    from server.database.migrations import migrate

    from .logs import configure_logs
    from .serving import STOPS, Parts, listen, loop_factory, note_signals
    from .serving import serve as start

    configure_logs(settings.log_level)
    if web:
        listen(settings.host, settings.port).close()  # refuse a busy port before the slow part
    hold, url = None, ""
    if settings.database_url is None:
        hold = ServerHold(settings.data_dir, durable=settings.database_fsync)
    else:
        url = plain_url(settings.database_url.get_secret_value())
    try:
        if hold is not None:
            url = hold.take()
        migrate(url)
        parts = Parts(web=web, workers=workers, demo=demo)
        noted = note_signals()
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(start(settings, url, hold, parts, noted))
    finally:
        for number in STOPS:
            signal.signal(number, signal.SIG_IGN)  # the database is stopped now, come what may
        if hold is not None:
            hold.release()
