# SPDX-License-Identifier: Apache-2.0
"""The named demo centre, the same that `rubrica run` sets up, in a tenant of the test's own."""

from dataclasses import dataclass

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer, effective
from server.models import User
from server.services.access.grants import permissions_of
from server.services.demo.centre import LOGINS, NAMED, PROFILES, Centre, build_centre

__all__ = ["LOGINS", "NAMED", "PROFILES", "World", "make_world"]


@dataclass(frozen=True, kw_only=True)
class World:
    """A tenant with the demo centre in it; the viewers are those of the log-ins."""

    tenant_id: int
    centre: Centre
    admin: Viewer
    supervisor: Viewer
    agent: Viewer
    agent2: Viewer


async def make_world(database: Database, tenant_id: int, *, people: int = 12) -> World:
    """`people` synthetic contacts besides the named ones; log-in names end in the tenant's id."""
    async with database.transaction(tenant_id) as session:
        centre = await build_centre(session, tenant_id, suffix=f"-{tenant_id}", people=people)
    granted = {title: permissions_of(names) for title, _, names in PROFILES}
    viewers = {}
    async with database.transaction(tenant_id) as session:
        for name, _, role, _ in LOGINS:
            user = await session.get_one(User, centre.user_ids[name])
            rights = granted.get(role.value.title(), frozenset(Permission))
            viewers[name] = _viewer(user, role, effective(role, rights))
    return World(tenant_id=tenant_id, centre=centre, **viewers)


def _viewer(user: User, role: Role, permissions: frozenset[Permission]) -> Viewer:
    return Viewer(
        user_id=user.id,
        tenant_id=user.tenant_id,
        name=user.name,
        full_name=user.full_name,
        role=role,
        permissions=permissions,
    )
