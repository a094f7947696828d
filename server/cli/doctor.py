# SPDX-License-Identifier: Apache-2.0
"""`rubrica doctor`: is everything in place, and if not, what to do."""

import asyncio
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from server.settings import Settings, SetupError

from .options import DataDir, database_url, settings_of

ROOT = Path(__file__).resolve().parents[2]
OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRESQL = 140000
LITTLE_SPACE = 1024**3

_UNPROTECTED = """
SELECT c.relname FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = to_regnamespace('public')
  AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
    SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polwithcheck IS NOT NULL))
ORDER BY 1
"""
_ROLE = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'rubrica_app'"
_OWNED = "SELECT count(*) FROM pg_class WHERE relowner = to_regrole('rubrica_app')"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at: `cure` stands where it is not as it should be."""

    name: str
    found: str
    cure: str | None = None


def doctor(data_dir: DataDir = None) -> None:
    """Check Python, the database and its protection, the pages' files, the disk."""
    settings = settings_of(data_dir=data_dir)
    checks = [*_machine(settings), *_files(), *_database(settings)]
    for check in checks:
        mark = typer.style("✓", fg="green") if check.cure is None else typer.style("✗", fg="red")
        typer.echo(f"{mark} {check.name}: {check.found}")
        if check.cure is not None:
            typer.echo(f"  → {check.cure}")
    if any(check.cure for check in checks):
        raise typer.Exit(1)


def _machine(settings: Settings) -> Iterator[Check]:
    yield Check(
        name="Python",
        found=sys.version.split()[0],
        cure=None if sys.version_info >= OLDEST_PYTHON else "install Python 3.11 or newer",
    )
    folder = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    yield Check(
        name="Disk",
        found=f"{free / 2**30:.1f} GB free",
        cure=None if free > LITTLE_SPACE else f"free some space on the disk of {folder}",
    )


def _files() -> Iterator[Check]:
    vendor = ROOT / "web" / "static" / "vendor"
    count = len([path for path in vendor.glob("*") if path.suffix in (".js", ".css")])
    yield Check(
        name="Pages' files",
        found=f"{count} in {vendor}",
        cure=None if count else "run 'make' (or python hatch_build.py), which brings them",
    )
    sources = sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po"))
    missing = [path for path in sources if not path.with_suffix(".mo").exists()]
    compiled = sorted(ROOT.glob("locale/*/LC_MESSAGES/*.mo"))
    yield Check(
        name="Languages",
        found=", ".join(path.parts[-3] for path in compiled) or "none compiled",
        cure="run 'make messages', which compiles them" if missing or not compiled else None,
    )


def _database(settings: Settings) -> Iterator[Check]:
    try:
        with database_url(settings) as url:
            yield from asyncio.run(_looked_at(url))
    except SetupError as error:
        yield Check(name="Database", found="not reached", cure=str(error))


async def _looked_at(url: str) -> list[Check]:
    from server.database.migrations import connect_as_owner, current, head, is_behind

    connection = await connect_as_owner(url)
    try:
        number = int(await connection.fetchval("SHOW server_version_num"))
        checks = [
            Check(
                name="Database",
                found=f"PostgreSQL {await connection.fetchval('SHOW server_version')}",
                cure=None if number >= OLDEST_POSTGRESQL else "use PostgreSQL 14 or newer",
            )
        ]
        at, wanted = await current(url), head()
        cure = None
        if at is None or is_behind(at):
            cure = "run 'rubrica db migrate'"
        elif at != wanted:
            cure = f"a newer Rubrica made it, this one is at {wanted}: install that version"
        checks.append(Check(name="Schema", found=at or "none", cure=cure))
        if at is None:
            return checks
        bare = [row["relname"] for row in await connection.fetch(_UNPROTECTED)]
        checks.append(
            Check(
                name="Row-level security",
                found=f"missing on {', '.join(bare)}" if bare else "forced on every tenant's table",
                cure="restore the policies from the migrations before anybody signs in"
                if bare
                else None,
            )
        )
        bypasses = await connection.fetchval(_ROLE)
        owned = await connection.fetchval(_OWNED)
        checks.append(
            Check(
                name="Application's role",
                found="can bypass it" if bypasses or owned else "bound by it, owns nothing",
                cure="ALTER ROLE rubrica_app NOSUPERUSER NOBYPASSRLS; it must own no table"
                if bypasses or owned
                else None,
            )
        )
        return checks
    finally:
        await connection.close()
