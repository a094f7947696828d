# SPDX-License-Identifier: Apache-2.0
"""The centres of an installation; their registry is the one table that all of them share."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from server.models.tenants import Tenant

DEFAULT_TENANT = "default"


async def ensure_tenant(session: AsyncSession, name: str) -> int:
    """The id of the centre of that name, made where there is none; two at once make one."""
    found = await find_tenant(session, name)
    if found is None:
        await session.execute(insert(Tenant).values(name=name).on_conflict_do_nothing())
        found = await find_tenant(session, name)
    if found is None:
        raise LookupError(f"the tenant {name!r} was removed while it was made")
    return found


async def enter_new_tenant(session: AsyncSession, name: str) -> int:
    """The rest of the transaction is that centre's; one that was made goes with a roll-back."""
    tenant_id = await ensure_tenant(session, name)
    await session.execute(select(func.set_config("rubrica.tenant_id", str(tenant_id), True)))
    return tenant_id


async def find_tenant(session: AsyncSession, name: str) -> int | None:
    """The id of the centre of that name, if there is one."""
    found: int | None = await session.scalar(select(Tenant.id).where(Tenant.name == name))
    return found


async def centre_name(session: AsyncSession, tenant_id: int | None) -> str | None:
    """What the centre calls itself; before a log-in that of the only one, if there is only one."""
    query = (
        select(Tenant.name)
        if tenant_id is None
        else select(Tenant.name).where(Tenant.id == tenant_id)
    )
    names = (await session.scalars(query.limit(2))).all()
    return names[0] if len(names) == 1 and names[0] != DEFAULT_TENANT else None
