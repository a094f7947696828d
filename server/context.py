# SPDX-License-Identifier: Apache-2.0
"""What a request carries: who asks, in which language, and the one way to the database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Permission, Viewer
from server.settings import Settings


@lru_cache(maxsize=1)
def defaults() -> Settings:
    """The settings where nobody hands any on: those of the environment."""
    return Settings()


@dataclass(slots=True, kw_only=True)
class Context:
    """One request. `viewer` is None while nobody is signed in."""

    database: Database
    viewer: Viewer | None
    locale: str = "en"
    ip: str = ""
    user_agent: str = ""
    # Reads the viewer again where rights have changed since; None once the sign-in has ended.
    refresh: Callable[[], Awaitable[Viewer | None]] | None = None
    settings: Settings = field(default_factory=defaults)
    loaders: dict[object, object] = field(default_factory=dict)

    def require(self, permission: Permission | None) -> Viewer:
        """The viewer, if signed in and permitted; `None` asks only for a sign-in."""
        if self.viewer is None:
            raise DomainError(ErrorCode.UNAUTHENTICATED)
        if permission is not None and not self.viewer.may(permission):
            raise DomainError(ErrorCode.FORBIDDEN, permission=permission.value)
        return self.viewer

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """The one place that commits: a mutation is a transaction of the viewer's tenant."""
        tenant_id = None if self.viewer is None else self.viewer.tenant_id
        async with self.database.transaction(tenant_id) as session:
            yield session
