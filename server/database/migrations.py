# SPDX-License-Identifier: Apache-2.0
"""Bring a database to the newest schema, once however many processes start at once (F14)."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from server.settings import SetupError

from .address import CONNECT_TIMEOUT, masked, plain_url

FOLDER = Path(__file__).resolve().parents[2] / "migrations"
PATIENCE = 5.0  # seconds; a server that was killed just now is not up at once
LOCK_TRIES = 60  # a table in use is waited for one second at a time, so that nobody queues behind


def configuration(url: str) -> Config:
    """Alembic's configuration for one database; installed or not, no file is read."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["url"] = plain_url(url)
    return config


@cache
def head() -> str:
    """The revision that this program needs; the files are read once, as that takes a while."""
    found = ScriptDirectory(str(FOLDER)).get_current_head()
    if found is None:
        raise SetupError(f"{FOLDER} holds no migrations: install Rubrica again")
    return found


@cache
def is_behind(revision: str) -> bool:
    """Whether a database at this revision lacks what this program needs.

    One at a revision unknown here was migrated by a newer program, which leaves the older ones what
    they use: they go on serving until they are replaced (F13).
    """
    known = {script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions()}
    return revision in known and revision != head()


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade as the owner of the tables. Blocks: call it in a thread from a running event loop."""
    for left in range(LOCK_TRIES - 1, -1, -1):
        try:
            with _in_one_line(url):
                command.upgrade(configuration(url), revision)
            return
        except LockedOutError as error:
            if not left:
                raise SetupError(
                    "the migration waited a minute for a table in use: stop what uses it, try again"
                ) from error
            time.sleep(1)


def downgrade(url: str, revision: str) -> None:
    """Undo migrations down to (not including) `revision`, or all with "base"."""
    with _in_one_line(url):
        command.downgrade(configuration(url), revision)


async def current(url: str) -> str | None:
    """The revision a database is at; None where it was never migrated."""
    connection = await connect_as_owner(url)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return found
    finally:
        await connection.close()


async def connect_as_owner(url: str) -> asyncpg.Connection:
    """A connection as the URL's own user, trying while a killed server comes back."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return await asyncpg.connect(plain_url(url), timeout=CONNECT_TIMEOUT)
        except (OSError, asyncpg.CannotConnectNowError) as error:
            if time.monotonic() > deadline:
                raise unreached(url, error) from error
            await asyncio.sleep(0.1)
        except (asyncpg.PostgresError, asyncpg.ClientConfigurationError, ValueError) as error:
            raise unreached(url, error) from error


def unreached(url: str, error: BaseException) -> SetupError:
    """One line for a database that cannot be connected to."""
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return SetupError(
        f"the database does not answer ({reason}): start it, or correct DATABASE_URL, "
        f"now {masked(url)}"
    )


class LockedOutError(Exception):
    """A lock was not to be had within `lock_timeout`."""


@contextmanager
def _in_one_line(url: str) -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        if not isinstance(error.__cause__, ResolutionError):
            raise
        raise SetupError(
            f"the database was migrated by a newer Rubrica, to {error.__cause__.argument}: install "
            "that version, or restore a dump of before"
        ) from error
    except DBAPIError as error:
        cause = error.orig.__cause__ if error.orig is not None else None
        if isinstance(cause, asyncpg.LockNotAvailableError):
            raise LockedOutError from error
        if isinstance(cause, asyncpg.InsufficientPrivilegeError):
            raise SetupError(
                f"the migration may not do that ({cause}): DATABASE_URL must name a user who owns "
                "the database and may create roles (ALTER ROLE … CREATEROLE)"
            ) from error
        raise SetupError(f"the migration failed: {cause or error}") from error
