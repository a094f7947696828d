# SPDX-License-Identifier: Apache-2.0
"""`rubrica db dump` and `restore`: everything comes back, and nothing is lost unasked (F25)."""

import asyncio
from pathlib import Path

import pytest

from server.database import Database
from tests.cli.conftest import Rubrica
from tests.conftest import as_owner

EVERYTHING = """
SELECT t.name, i.name, i.name_key, i.order_by, i.color
FROM contact_item_types i JOIN tenants t ON t.id = i.tenant_id ORDER BY 1, 2
"""


async def fill(url: str) -> None:
    database = Database(url, pool_size=2)
    await database.start()
    for name in ("one", "two"):
        (tenant,) = await database.read(
            None, "INSERT INTO tenants (name) VALUES ($1) RETURNING id", name
        )
        await database.read(
            tenant["id"],
            "INSERT INTO contact_item_types (name, name_key, order_by, color) "
            "VALUES ('Ufficio', 'ufficio', 1, '#00FF00')",
        )
    await database.stop()


async def rows(url: str) -> list[tuple[object, ...]]:
    async with as_owner(url) as owner:
        return [tuple(row) for row in await owner.fetch(EVERYTHING)]


def run(act: object) -> object:
    with asyncio.Runner() as runner:
        return runner.run(act)  # type: ignore[arg-type]


def test_a_dump_brings_every_tenants_rows_back(
    rubrica: Rubrica,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    own_database: str,
    empty_database: str,
) -> None:
    file = tmp_path / "centre.dump"
    run(fill(own_database))
    before = run(rows(own_database))
    monkeypatch.setenv("DATABASE_URL", own_database)
    assert rubrica("db", "dump", file).code == 0
    assert file.stat().st_mode & 0o077 == 0  # it holds everybody's numbers
    assert list(tmp_path.iterdir()) == [file]

    monkeypatch.setenv("DATABASE_URL", empty_database)
    assert rubrica("db", "restore", file) == (0, f"The database holds what {file} held.\n", "")
    assert run(rows(empty_database)) == before
    said = rubrica("doctor")
    assert "✓ Row-level security" in said.out
    assert "✓ Application's role" in said.out

    said = rubrica("db", "restore", file)
    assert (said.code, "give --replace" in said.err) == (2, True)
    run(fill_more(empty_database))
    assert rubrica("db", "restore", file, "--replace").code == 0
    assert run(rows(empty_database)) == before


async def fill_more(url: str) -> None:
    async with as_owner(url) as owner:
        await owner.execute("UPDATE contact_item_types SET name = 'changed'")


def test_what_is_no_dump_changes_nothing(
    rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_database: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", own_database)
    assert "is no file" in rubrica("db", "restore", tmp_path / "none").err
    (tmp_path / "text").write_text("not a dump")
    run(fill(own_database))
    before = run(rows(own_database))
    said = rubrica("db", "restore", tmp_path / "text", "--replace")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert run(rows(own_database)) == before


def test_a_dump_that_cannot_be_written_is_refused(
    rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_database: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", own_database)
    said = rubrica("db", "dump", tmp_path / "none" / "file")
    assert (said.code, "cannot be written (No such file" in said.err) == (2, True)
