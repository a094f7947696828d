# SPDX-License-Identifier: Apache-2.0
"""Copies of a whole database, by PostgreSQL's own programs (F25)."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from server.settings import SetupError

from .address import plain_url
from .ddl import CREATE_APP_ROLE
from .embedded import programs
from .migrations import connect_as_owner

HEAD = 4096  # bytes; the settings that a restored script begins with
_NEW_SETTING = b"SET transaction_timeout = 0;\n"  # which servers before 17 do not know
_DUMP = ("--format=custom", "--no-owner")
_BEGIN = f"""
BEGIN;
SET LOCAL lock_timeout = '10s';
SET LOCAL client_min_messages = warning;
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
{CREATE_APP_ROLE};
"""


def dump(url: str, file: Path) -> None:
    """Write a compressed archive; the file appears when it is whole."""
    making = file.with_name(f"{file.name}.part")
    try:
        making.touch(mode=0o600)
        shown, environment = _connecting(url)
        done = subprocess.run(  # noqa: S603
            [_program("pg_dump"), *_DUMP, "--file", str(making), "--dbname", shown],
            check=False,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        if done.returncode != 0:
            raise _failed("pg_dump", done.stderr)
        making.replace(file)
    except OSError as error:
        raise SetupError(f"{file} cannot be written ({error.strerror}): give another") from error
    finally:
        making.unlink(missing_ok=True)


def restore(url: str, file: Path, *, replace: bool = False) -> None:
    """Read an archive in one transaction: a broken one leaves everything as it was.

    A database that holds tables is only replaced on demand.
    """
    if not file.is_file():
        raise SetupError(f"{file} is no file: give one that 'rubrica db dump' wrote")
    if asyncio.run(_holds_tables(url)) and not replace:
        raise SetupError(
            "the database holds data already: give --replace to lose it, or restore into a new "
            "--data-dir"
        )
    shown, environment = _connecting(url)
    psql = [_program("psql"), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--output"]
    reading = [_program("pg_restore"), "--no-owner", "--file", "-", str(file)]
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(reading, stdout=subprocess.PIPE, stderr=said) as reader,  # noqa: S603
        subprocess.Popen(  # noqa: S603
            [*psql, os.devnull, "--dbname", shown],
            stdin=subprocess.PIPE,
            stderr=said,
            env=environment,
        ) as writer,
    ):
        if reader.stdout is None or writer.stdin is None:
            raise SetupError("pipes cannot be made: close some programs")
        with contextlib.suppress(BrokenPipeError):  # psql stopped at the first error and says why
            writer.stdin.write(_BEGIN.encode())
            head = reader.stdout.read(HEAD)
            writer.stdin.write(head.replace(_NEW_SETTING, b""))
            shutil.copyfileobj(reader.stdout, writer.stdin, 1024 * 1024)
            if reader.wait() == 0:  # without the last word psql's end undoes all
                writer.stdin.write(b"COMMIT;\n")
            writer.stdin.close()
        reader.stdout.close()
        if reader.wait() != 0 or writer.wait() != 0:
            said.seek(0)
            raise _failed("pg_restore", said.read())


async def _holds_tables(url: str) -> bool:
    connection = await connect_as_owner(url)
    try:
        return await connection.fetchval("SELECT to_regclass('alembic_version')") is not None
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


def _connecting(url: str) -> tuple[str, dict[str, str]]:
    """The URL without its password, which goes by the environment: arguments are seen by all."""
    plain = plain_url(url)
    password = urlsplit(plain).password
    if not password:
        return plain, dict(os.environ)
    shown = plain.replace(f":{password}@", "@", 1)
    return shown, os.environ | {"PGPASSWORD": unquote(password)}


def _failed(name: str, said: str) -> SetupError:
    if "row-level security" in said:
        return SetupError(
            f"{name} may not see every tenant's rows: use a DATABASE_URL whose user is a superuser "
            "or has BYPASSRLS"
        )
    lines = [line for line in said.splitlines() if "rror" in line] or said.splitlines()
    return SetupError(f"{name} failed: {(lines or ['no reason told'])[0]}")
