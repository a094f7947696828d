# SPDX-License-Identifier: Apache-2.0
"""A person's viewer by the user's row, for work that goes on behind the request (C-10)."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.permissions import Role, Viewer
from server.models import Tenant, User
from server.services.access.grants import held_by


async def viewer_of_user(session: AsyncSession, user_id: int | None) -> Viewer | None:
    """With the rights of this moment; None where the person is gone, or may not sign in."""
    user = await session.scalar(select(User).where(User.id == user_id, User.is_active))
    if user is None:
        return None
    region = await session.scalar(select(Tenant.default_region).where(Tenant.id == user.tenant_id))
    return Viewer(
        user_id=user.id,
        tenant_id=user.tenant_id,
        name=user.name,
        full_name=user.full_name,
        role=Role(user.role),
        permissions=await held_by(session, user),
        locale=user.locale,
        timezone=user.timezone,
        region=region or "IT",
    )
