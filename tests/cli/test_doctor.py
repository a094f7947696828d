# SPDX-License-Identifier: Apache-2.0
"""`rubrica doctor` finds what is not as it should be, and says what to do."""

import asyncio

import pytest

from server.database.migrations import downgrade
from tests.cli.conftest import Rubrica
from tests.conftest import as_owner


async def execute(url: str, sql: str) -> None:
    async with as_owner(url) as owner:
        await owner.execute(sql)


def test_a_sound_database_is_found_sound(
    rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch, own_database: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", own_database)
    said = rubrica("doctor").out
    for name in (
        "Python",
        "Disk",
        "Database",
        "Schema",
        "Row-level security",
        "Application's role",
    ):
        assert f"✓ {name}: " in said


@pytest.mark.parametrize(
    "harm",
    [
        "ALTER TABLE contacts NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE contacts DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant_isolation ON contacts",
    ],
)
def test_a_table_without_protection_is_named(
    rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch, own_database: str, harm: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", own_database)
    with asyncio.Runner() as runner:
        runner.run(execute(own_database, harm))
    said = rubrica("doctor")
    assert said.code == 1
    assert "✗ Row-level security: missing on contacts" in said.out


def test_a_schema_that_is_behind_is_seen(
    rubrica: Rubrica, monkeypatch: pytest.MonkeyPatch, own_database: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", own_database)
    downgrade(own_database, "-1")
    said = rubrica("doctor")
    assert said.code == 1
    assert "→ run 'rubrica db migrate'" in said.out
    assert rubrica("db", "migrate").code == 0
    assert "✓ Schema" in rubrica("doctor").out
