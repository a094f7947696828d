# SPDX-License-Identifier: Apache-2.0
"""The real database, and a count of what is asked of it."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database


class Watched(Database):
    """Every door of `Database`, and how often one was opened."""

    def __init__(self, real: Database) -> None:
        self.real = real
        self.opened = 0

    async def read(
        self, tenant_id: int | None, sql: str, *args: object, **options: Any
    ) -> list[asyncpg.Record]:
        self.opened += 1
        return await self.real.read(tenant_id, sql, *args, **options)

    def transaction(self, tenant_id: int | None) -> AbstractAsyncContextManager[AsyncSession]:
        self.opened += 1
        return self.real.transaction(tenant_id)

    def connection(self, *args: Any, **options: Any) -> AbstractAsyncContextManager[Any]:
        self.opened += 1
        return self.real.connection(*args, **options)
