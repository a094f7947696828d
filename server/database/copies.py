# SPDX-License-Identifier: Apache-2.0
"""Copies of a whole database, by PostgreSQL's own programs (F25)."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from server.settings import SetupError

from .address import plain_url
from .ddl import CREATE_APP_ROLE
from .embedded import programs
from .migrations import connect_as_owner


def dump(url: str, file: Path) -> None:
    """Write a compressed archive; the file appears when it is whole."""
    making = file.with_name(f"{file.name}.part")
    try:
        making.touch(mode=0o600)
        _run(url, "pg_dump", "--format=custom", "--no-owner", "--file", str(making))
        making.replace(file)
    except OSError as error:
        raise SetupError(f"{file} cannot be written ({error.strerror}): give another") from error
    finally:
        making.unlink(missing_ok=True)


def restore(url: str, file: Path, *, replace: bool = False) -> None:
    """Read an archive in one transaction; what a database holds is only replaced on demand."""
    if not file.is_file():
        raise SetupError(f"{file} is no file: give one that 'rubrica db dump' wrote")
    asyncio.run(_make_ready(url, replace))
    _run(url, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", str(file))


async def _make_ready(url: str, replace: bool) -> None:
    connection = await connect_as_owner(url)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is not None:
            if not replace:
                raise SetupError(
                    "the database holds data already: give --replace to lose it, or restore into a "
                    "new --data-dir"
                )
            await connection.execute("DROP OWNED BY rubrica_app")
            await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await connection.execute(CREATE_APP_ROLE)
    finally:
        await connection.close()


def _program(name: str) -> str:
    try:
        bundled = programs() / name
    except SetupError:
        bundled = Path(name)
    found = str(bundled) if bundled.is_file() else shutil.which(name)
    if found is None:
        raise SetupError(f"{name} is not installed: install PostgreSQL's client programs")
    return found


def _run(url: str, name: str, *arguments: str) -> None:
    parts = urlsplit(plain_url(url))
    # The password goes by the environment: arguments are seen by everybody on the machine.
    shown = plain_url(url).replace(f":{parts.password}@", "@", 1) if parts.password else url
    secret = {"PGPASSWORD": unquote(parts.password)} if parts.password else {}
    done = subprocess.run(  # noqa: S603
        [_program(name), *arguments, "--dbname", shown],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | secret,
    )
    if done.returncode == 0:
        return
    if "row-level security" in done.stderr:
        raise SetupError(
            f"{name} may not see every tenant's rows: use a DATABASE_URL whose user is a superuser "
            "or has BYPASSRLS"
        )
    raise SetupError(f"{name} failed: {(done.stderr.strip().splitlines() or ['no reason'])[-1]}")
