# SPDX-License-Identifier: Apache-2.0
"""What an import brings is in the index of the search at its end; a fault there costs no row."""

import pytest

from server.database import Database
from server.domain.permissions import Viewer
from server.domain.search import SearchType
from server.processes import imports
from server.services.search import search_everything
from server.services.search.indexing import index_new
from tests.conftest import as_owner
from tests.factories.imports import import_file
from tests.factories.users import make_viewer
from tests.factories.working import working

ROWS = 40
PEOPLE = "First name,Last name,Phone,E-mail\n" + "".join(
    f"Rosalba,Quirino{n},+3906123{n:05},r{n}@example.org\n" for n in range(ROWS)
)
STATE = "SELECT (SELECT count(*) FROM contact_search), (SELECT count(*) FROM search_backlog)"


async def found(database: Database, viewer: Viewer, typed: str) -> int:
    return len(await search_everything(database, viewer, typed, [SearchType.CONTACT], ROWS))


async def test_an_import_that_is_done_has_nobody_left_to_index(
    database: Database, tenant: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More chunks than the index may be behind."""
    monkeypatch.setattr(imports, "CHUNK_ROWS", 4)
    viewer = await make_viewer(database, tenant)
    async with working(database):
        process = await import_file(database, viewer, PEOPLE)
    assert (process.state, process.succeeded) == ("FINISHED", ROWS)
    [state] = await database.read(tenant, STATE)
    assert tuple(state) == (ROWS, 0)
    assert await found(database, viewer, "uirin") == ROWS


async def test_rows_come_in_and_are_found_where_the_index_fails(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK_ROWS", 4)
    database = Database(own_database, pool_size=4)
    await database.start()
    [tenant] = await database.read(None, "INSERT INTO tenants (name) VALUES ('t') RETURNING id")
    viewer = await make_viewer(database, tenant["id"])
    async with as_owner(own_database) as owner:
        await owner.execute("ALTER FUNCTION rubrica_index_later() RENAME TO away")
        async with working(database):
            process = await import_file(database, viewer, PEOPLE)
        assert (process.state, process.succeeded) == ("FINISHED", ROWS)
        assert await found(database, viewer, "uirin") > 0
        await owner.execute("ALTER FUNCTION away() RENAME TO rubrica_index_later")
    await index_new(database, viewer.tenant_id)
    assert await found(database, viewer, "uirin") == ROWS
    await database.stop()
