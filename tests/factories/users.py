# SPDX-License-Identifier: Apache-2.0
"""People who ask: rows of users, and the viewers that their requests would carry."""

import itertools

from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer, effective
from server.models import User

_numbers = itertools.count(1)


async def make_viewer(
    database: Database,
    tenant_id: int,
    role: Role = Role.ADMIN,
    *,
    permissions: frozenset[Permission] = ALL_PERMISSIONS,
    region: str = "IT",
) -> Viewer:
    """A new user of the tenant, as the viewer of a request; the profile grants `permissions`."""
    async with database.transaction(tenant_id) as session:
        user = await make_user(session, role)
    return Viewer(
        user_id=user.id,
        tenant_id=tenant_id,
        name=user.name,
        full_name=user.full_name,
        role=role,
        permissions=effective(role, permissions),
        region=region,
    )


async def make_user(session: AsyncSession, role: Role = Role.AGENT) -> User:
    name = f"{role.value.lower()}-{next(_numbers)}"
    user = User(name=name, name_key=f"{name}-{id(session)}", full_name=name.title(), role=role)
    session.add(user)
    await session.flush()
    return user
