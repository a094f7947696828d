# SPDX-License-Identifier: Apache-2.0
"""Files in shared storage (C-14, C-15; reliability D6, D9)."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.files import CHUNK, safe_file_name
from server.domain.permissions import Permission, Role, Viewer
from server.downloads import open_file
from server.uploads import store_upload
from tests.conftest import MakeTenant
from tests.factories.imports import in_pieces, upload
from tests.factories.users import make_viewer


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def stored(owner: asyncpg.Connection, tenant: int) -> tuple[int, int]:
    """How many files and pieces the tenant has."""
    counts = await owner.fetchrow(
        "SELECT (SELECT count(*) FROM stored_files WHERE tenant_id = $1),"
        " (SELECT count(*) FROM file_chunks WHERE tenant_id = $1)",
        tenant,
    )
    return counts[0], counts[1]


async def read(database: Database, viewer: Viewer, file_id: int) -> bytes:
    found = await open_file(database, viewer, file_id)
    return b"".join([piece async for piece in found.content])


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK + 500])
async def test_a_file_comes_back_byte_for_byte(
    database: Database, viewer: Viewer, owner: asyncpg.Connection, size: int
) -> None:  # C-14
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    file = await upload(database, viewer, content, "people.csv")
    assert (file.size, file.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert await read(database, viewer, file.id) == content
    assert await stored(owner, viewer.tenant_id) == (1, -(-size // CHUNK))
    found = await open_file(database, viewer, file.id)
    assert (found.name, found.content_type, found.size) == ("people.csv", "text/csv", size)


async def test_a_file_over_the_limit_leaves_nothing(
    database: Database, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1000
            yield b"x" * 1000

    with pytest.raises(DomainError) as refused:
        await store_upload(database, viewer, "a.csv", endless(), limit=5000)
    assert (refused.value.code, refused.value.field) == (ErrorCode.FILE_TOO_LARGE, "file")
    assert taken == 6000  # not a piece more than needed to know
    assert await stored(owner, viewer.tenant_id) == (0, 0)
    await store_upload(database, viewer, "a.csv", in_pieces(b"x" * 5000), limit=5000)


async def test_an_upload_that_breaks_off_leaves_nothing(
    database: Database, viewer: Viewer, owner: asyncpg.Connection
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * (CHUNK * 5)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store_upload(database, viewer, "a.csv", broken())
    assert await stored(owner, viewer.tenant_id) == (0, 0)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("people.csv", "people.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\Elenco è.csv", "Elenco è.csv"),
        ("a\r\nSet-Cookie: x.csv", "aSet-Cookie_ x.csv"),
        ("evil\u202excsv.exe", "evilxcsv.exe"),
        ("nul\x00.csv", "nul.csv"),
        ("..", "file.csv"),
        ("", "file.csv"),
        ("x" * 300 + ".csv", "x" * 146 + ".csv"),
        ('<b>"|?*.csv', "_b_____.csv"),
    ],
)
def test_a_file_name_keeps_no_path_and_no_trick(given: str, kept: str) -> None:  # D6
    assert safe_file_name(given) == kept


async def test_a_file_is_its_senders_alone(
    database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:  # D9
    file = await upload(database, viewer, "a")
    colleague = await make_viewer(database, viewer.tenant_id, Role.SUPERVISOR)
    foreigner = await make_viewer(database, await new_tenant())
    for other in (colleague, foreigner):
        with pytest.raises(DomainError) as refused:
            await open_file(database, other, file.id)
        assert (refused.value.code, refused.value.field) == (ErrorCode.NOT_FOUND, "id")


async def test_only_who_may_import_may_upload(database: Database, viewer: Viewer) -> None:
    rights = viewer.permissions - {Permission.PROCESSES_CREATE}
    with pytest.raises(DomainError) as refused:
        await upload(database, replace(viewer, permissions=rights), "a")
    assert refused.value.code is ErrorCode.FORBIDDEN
