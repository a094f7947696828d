# SPDX-License-Identifier: Apache-2.0
"""Options that several commands take, and the database that they lead to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from server.settings import Settings, SetupError, load

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Folder of the embedded database; goes before DATABASE_URL.",
        show_default=False,
    ),
]
Host = Annotated[
    str | None, typer.Option("--host", help="Address to listen on.", show_default=False)
]
Port = Annotated[
    int | None,
    typer.Option("--port", help="Port to listen on; 0 takes any.", show_default=False),
]
Tenant = Annotated[str, typer.Option("--tenant", help="The centre, by its name.")]


def settings_of(**given: object) -> Settings:
    """The settings, with a command's options before environment and file.

    A folder named on the command line is the database meant, whatever DATABASE_URL says.
    """
    settings = load(**given)
    if given.get("data_dir") is not None:
        settings = settings.model_copy(update={"database_url": None})
    return settings


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """The owner's URL; the embedded server runs meanwhile, and is left to others that use it."""
    from server.database import plain_url
    from server.database.embedded import ServerHold

    if settings.database_url is not None:
        yield plain_url(settings.database_url.get_secret_value())
        return
    with ServerHold(settings.data_dir, durable=settings.database_fsync) as hold:
        yield hold.url


def embedded_only(settings: Settings, verb: str) -> Path:
    """The data folder, for commands that make sense with the embedded database alone."""
    if settings.database_url is not None:
        raise SetupError(
            f"DATABASE_URL is set, and that server is not ours to {verb}: unset it for the "
            "embedded database"
        )
    return settings.data_dir
