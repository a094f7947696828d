# SPDX-License-Identifier: Apache-2.0
"""The planner's own statement for a query, its values written in, so that pgbench can run it."""

import asyncpg

from server.context import Context
from server.database import Database
from server.domain.permissions import ALL_PERMISSIONS, Role, Viewer
from server.limits import Documents, Limits
from server.schema import build_schema
from server.schema.execution import SchemaExecutor


class Recording:
    """The real database, keeping the statements that it was asked."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.asked: list[tuple[str, tuple[object, ...]]] = []

    async def read(
        self, tenant_id: int | None, sql: str, *args: object, **options: bool
    ) -> list[asyncpg.Record]:
        self.asked.append((sql, args))
        return await self.database.read(tenant_id, sql, *args, **options)


async def statement_of(url: str, tenant_id: int, query: str) -> str:
    """The one statement that answers the query for an administrator of the tenant."""
    database = Database(url)
    await database.start()
    [row] = await database.read(tenant_id, "SELECT access_epoch()")
    viewer = Viewer(
        user_id=0,
        tenant_id=tenant_id,
        name="bench",
        full_name="",
        role=Role.ADMIN,
        permissions=ALL_PERMISSIONS,
        epoch=row[0],
    )
    schema = build_schema()
    recording = Recording(database)
    checked = Documents(schema._schema, Limits()).checked(query)
    context = Context(database=recording, viewer=viewer)  # type: ignore[arg-type]
    await SchemaExecutor(schema).execute(checked, None, {}, context)
    await database.stop()
    [(sql, args)] = recording.asked
    for number in range(len(args), 0, -1):
        sql = sql.replace(f"${number}", repr(args[number - 1]))
    return " ".join(sql.split()) + ";"
