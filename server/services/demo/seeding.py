# SPDX-License-Identifier: Apache-2.0
"""The demo centre at the first start, and its log-ins at every one."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from server.models import User
from server.services.account.passwords import verify_password
from server.services.demo.centre import LOGINS, build_centre
from server.services.tenants import DEFAULT_TENANT, ensure_tenant

_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('rubrica.demo'))")


class Transactions(Protocol):
    """The door of `server.database.Database` for a session in one tenant's transaction."""

    def transaction(self, tenant_id: int | None) -> AbstractAsyncContextManager[AsyncSession]: ...


async def ensure_demo(database: Transactions) -> Sequence[tuple[str, str, str]]:
    """Build the demo centre in the default tenant while nobody has a log-in there.

    Gives role, name and password of the demo log-ins that still work; a password that somebody
    has set since is not told.
    """
    async with database.transaction(None) as session:
        tenant_id = await ensure_tenant(session, DEFAULT_TENANT)
    async with database.transaction(tenant_id) as session:
        await session.execute(_ALONE)  # two processes may start at once
        if await session.scalar(select(User.id).limit(1)) is None:
            await build_centre(session, tenant_id)
    async with database.transaction(tenant_id) as session:
        users = {user.name: user for user in await session.scalars(select(User))}
    logins = []
    for name, _, role, password in LOGINS:
        user = users.get(name)
        if user is not None and user.is_active and user.role == role:
            kept = await verify_password(user.password_hash, password)
            logins.append((role.value.lower(), name, password if kept else "(as you set it)"))
    return logins
