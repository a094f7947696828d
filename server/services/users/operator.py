# SPDX-License-Identifier: Apache-2.0
"""Users as the operator makes them at the machine's own console: nobody's viewer, all permitted.

The web has no way here: only the command line and the demo call these.
"""

from dataclasses import replace

import structlog
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.text import name_key
from server.models import Profile, Tenant, User
from server.services.access import Store, change_rights
from server.services.account.passwords import choose_password, hash_password
from server.services.account.sessions import revoke_sessions
from server.services.account.throttle import give_back, name_counter
from server.services.events import record
from server.services.users.accounts import UserInput, new_user

log = structlog.get_logger()


async def find_user(session: AsyncSession, name: str) -> User:
    """By log-in name within the session's tenant."""
    user = await session.scalar(select(User).where(User.name_key == name_key(name)))
    if user is None:
        raise DomainError(ErrorCode.NOT_FOUND, "user")
    return user


async def find_tenant_of(store: Store, name: str, *, tenant: str | None = None) -> int:
    """The centre of the user with this log-in name, which is unique over the installation."""
    async with store.transaction(None) as session:
        await session.execute(
            text("SELECT set_config('rubrica.login_name', :key, true)"), {"key": name_key(name)}
        )
        query = select(User.tenant_id).where(User.name_key == name_key(name))
        if tenant is not None:
            query = query.join(Tenant, Tenant.id == User.tenant_id).where(Tenant.name == tenant)
        found = await session.scalar(query)
    if found is None:
        raise DomainError(ErrorCode.NOT_FOUND, "user")
    return found


async def install_user(
    session: AsyncSession, given: UserInput, *, profile: str | None = None
) -> User:
    """A user with the profile of that name, which must exist."""
    await change_rights(session)
    if profile is not None:
        query = select(Profile.id).where(Profile.name_key == name_key(profile))
        profile_id = await session.scalar(query)
        if profile_id is None:
            raise DomainError(ErrorCode.NOT_FOUND, "profile")
        given = replace(given, profile_id=profile_id)
    row = await new_user(session, None, given)
    log.info("user.created", user_id=row.id, role=row.role, by="operator")
    return row


async def reset_password(session: AsyncSession, user: User, password: str) -> None:
    """Ends the user's sessions, and forgets failed tries so that they are not locked out."""
    user.password_hash = await hash_password(choose_password(password, name=user.name))
    user.version += 1
    await change_rights(session)
    await session.flush()
    ended = await revoke_sessions(session, user.id)
    await give_back(session, name_counter(user.name_key), None)
    record(session, None, "user.password_set", user.id, sessions_ended=ended)
    log.info("user.password_set", user_id=user.id, by="operator")
