# SPDX-License-Identifier: Apache-2.0
"""`rubrica simulate`: scenarios in, what a campaign would do out; pure, or through the database."""

import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.settings import Settings, SetupError

from .options import DataDir, database_url, settings_of

if TYPE_CHECKING:
    from server.database import Database

File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="JSON Lines, one scenario a line; - is standard input."),
]
# The simulator tells types apart whose names differ in case only; the product refuses the second.
_LOOSEN = """
ALTER TABLE contact_item_types DROP CONSTRAINT uq_contact_item_types_tenant_id_name_key
"""


def simulate(
    file: File,
    live: Annotated[
        bool,
        typer.Option(
            "--live", help="Run them through a database of their own.", show_default=False
        ),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Run campaigns against a clock that is not real: one line of JSON a scenario.

    Needs no database. With --live each scenario runs through a database that is made for it and
    dropped: on the server of DATABASE_URL or --data-dir, else on an embedded one of its own.
    Exit status 1 when a line was no valid scenario.
    """
    from server.domain.simulation import simulate_lines

    with _lines(file) as lines:
        sound = True
        answers = _live(lines, data_dir) if live else simulate_lines(lines)
        for line, is_scenario in answers:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
            sound = sound and is_scenario
    raise typer.Exit(0 if sound else 1)


@contextmanager
def _lines(file: str) -> Iterator[Iterable[str]]:
    """The lines of a file; what is not UTF-8 is refused where it stands, and not as a whole."""
    try:
        source = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115
    except OSError as error:
        raise SetupError(f"{file} cannot be read ({error.strerror}): give a file, or -") from error
    with source:
        yield (line.decode(errors="surrogateescape") for line in source)


def _live(lines: Iterable[str], data_dir: Path | None) -> Iterator[tuple[str, bool]]:
    import asyncio
    import itertools
    import json

    from server.dialer.simulation import simulate_live
    from server.domain.simulation import ScenarioRefused, read_line, refusal_line

    with ExitStack() as stack:
        url = stack.enter_context(_server(settings_of(data_dir=data_dir), data_dir is None))
        runner = stack.enter_context(asyncio.Runner())
        made = own_database(url)
        database = runner.run(made.__aenter__())
        stack.callback(lambda: runner.run(made.__aexit__(None, None, None)))
        for tenant_id, line in zip(itertools.count(1), lines, strict=False):
            try:
                scenario = read_line(line)
            except ScenarioRefused as refusal:
                yield refusal_line(refusal), False
                continue
            answer = runner.run(simulate_live(database, tenant_id, scenario))
            yield json.dumps(answer, ensure_ascii=False), True


@contextmanager
def _server(settings: Settings, is_own: bool) -> Iterator[str]:
    import tempfile

    from server.database.embedded import ServerHold

    if settings.database_url is not None or not is_own:
        with database_url(settings) as url:
            yield url
        return
    with tempfile.TemporaryDirectory(prefix="rubrica-simulate-") as folder:
        Path(folder).chmod(0o755)  # started by root, the server runs as another user
        with ServerHold(Path(folder) / "data", durable=False) as hold:
            yield hold.url


@asynccontextmanager
async def own_database(url: str) -> "AsyncIterator[Database]":
    """A database made on that server for this use, and dropped after it."""
    import asyncio
    import uuid

    from server.database import Database, of_database
    from server.database.migrations import connect_as_owner, migrate

    name = f"rubrica_simulation_{uuid.uuid4().hex[:12]}"
    owner = await connect_as_owner(url)
    try:
        await owner.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            made = of_database(url, name)
            await asyncio.to_thread(migrate, made)
            inside = await connect_as_owner(made)
            await inside.execute(_LOOSEN)
            await inside.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
            await inside.close()
            database = Database(made, pool_size=2)
            await database.start()
            try:
                yield database
            finally:
                await database.stop()
        finally:
            await owner.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        await owner.close()
