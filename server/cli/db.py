# SPDX-License-Identifier: Apache-2.0
"""`rubrica db`: the embedded server's life, migrations, and copies of the data."""

from pathlib import Path
from typing import Annotated

import typer

from .options import DataDir, database_url, embedded_only, settings_of

app = typer.Typer(no_args_is_help=True, help="Start, stop, migrate, copy the database.")


@app.command()
def start(data_dir: DataDir = None) -> None:
    """Start the embedded database, to stay until `rubrica db stop`."""
    from server.database.embedded import pin_server

    settings = settings_of(data_dir=data_dir)
    pin_server(embedded_only(settings, "start"), durable=settings.database_fsync)
    typer.echo(f"The database in {settings.data_dir} is running.")


@app.command()
def stop(data_dir: DataDir = None) -> None:
    """Stop the embedded database, even one that a killed app has left running."""
    from server.database.embedded import server_status, stop_server

    folder = embedded_only(settings_of(data_dir=data_dir), "stop")
    if server_status(folder).in_use:
        typer.secho("An app is still using it and will lose its connections.", err=True)
    stopped = stop_server(folder)
    typer.echo(f"The database in {folder} " + ("is stopped." if stopped else "was not running."))


@app.command()
def url(data_dir: DataDir = None) -> None:
    """Print the URL of the database, its password included."""
    from server.database import plain_url
    from server.database.embedded import server_status
    from server.settings import SetupError

    settings = settings_of(data_dir=data_dir)
    if settings.database_url is not None:
        typer.echo(plain_url(settings.database_url.get_secret_value()))
        return
    status = server_status(settings.data_dir)
    if status.url is None and status.major is not None:
        raise SetupError(f"the password in {settings.data_dir} cannot be read: run as its owner")
    if status.url is None:
        raise SetupError(f"{settings.data_dir} holds no database yet: run 'rubrica db start'")
    typer.echo(status.url)
    if not status.running:
        typer.secho("It is not running: 'rubrica db start' starts it.", err=True)


@app.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the schema to this version of Rubrica; run it from any number of places at once."""
    from server.database.migrations import head
    from server.database.migrations import migrate as to_head

    with database_url(settings_of(data_dir=data_dir)) as address:
        to_head(address)
    typer.echo(f"The database is at {head()}.")


@app.command()
def dump(
    file: Annotated[Path, typer.Argument(help="File to write.", show_default=False)],
    data_dir: DataDir = None,
) -> None:
    """Write all of the database into one file, while it is in use."""
    from server.database.copies import dump as write

    with database_url(settings_of(data_dir=data_dir)) as address:
        write(address, file)
    typer.echo(f"{file} holds the database ({file.stat().st_size / 2**20:.1f} MB).")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file of `rubrica db dump`.", show_default=False)],
    data_dir: DataDir = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what the database holds now.")
    ] = False,
) -> None:
    """Read a dump into the database and migrate it; all of it or nothing."""
    from server.database.copies import restore as read
    from server.database.migrations import migrate as to_head

    with database_url(settings_of(data_dir=data_dir)) as address:
        read(address, file, replace=replace)
        to_head(address)
    typer.echo(f"The database holds what {file} held.")
