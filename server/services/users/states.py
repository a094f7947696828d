# SPDX-License-Identifier: Apache-2.0
"""Letting users in and out: activation, passwords set for them, sessions ended for them."""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import User
from server.services.account.passwords import choose_password, hash_password
from server.services.account.sessions import revoke_sessions
from server.services.account.tokens import revoke_tokens
from server.services.events import record
from server.services.users.accounts import locked_user, require_other_admin, visible_users

log = structlog.get_logger()


async def deactivate_user(
    session: AsyncSession, viewer: Viewer, user_id: int, version: int | None = None
) -> User:
    """Sessions and tokens end at once and stay ended (ASVS 7.4.2). Doing it again changes nothing.

    Raises LAST_ADMIN, and WRONG_STATE for the viewer's own account.
    """
    row = await locked_user(session, viewer, user_id, version)
    if not row.is_active:
        return row
    await require_other_admin(session, row, "id")
    if row.id == viewer.user_id:
        raise DomainError(ErrorCode.WRONG_STATE, "id")
    sessions = await revoke_sessions(session, row.id)
    tokens = await revoke_tokens(session, row.id)
    row.is_active = False
    row.version += 1
    await session.flush()
    record(session, viewer, "user.deactivated", row.id, sessions_ended=sessions, tokens=tokens)
    log.info("user.deactivated", user_id=row.id, by=viewer.user_id)
    return row


async def reactivate_user(
    session: AsyncSession, viewer: Viewer, user_id: int, version: int | None = None
) -> User:
    """They may log in again with the password they had."""
    row = await locked_user(session, viewer, user_id, version)
    if row.is_active:
        return row
    row.is_active = True
    row.version += 1
    await session.flush()
    record(session, viewer, "user.reactivated", row.id)
    log.info("user.reactivated", user_id=row.id, by=viewer.user_id)
    return row


async def set_password(session: AsyncSession, viewer: Viewer, user_id: int, password: str) -> User:
    """For somebody else; one's own is changed against the present one (WRONG_STATE)."""
    name = await session.scalar(
        visible_users(viewer).where(User.id == user_id).with_only_columns(User.name)
    )
    if name is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    if user_id == viewer.user_id:
        raise DomainError(ErrorCode.WRONG_STATE, "id")
    # Hashed before the lock, which would hold up every other change of rights for as long.
    hashed = await hash_password(choose_password(password, name=name))
    row = await locked_user(session, viewer, user_id)
    row.password_hash = hashed
    row.version += 1
    await session.flush()
    ended = await revoke_sessions(session, row.id)
    record(session, viewer, "user.password_set", row.id, sessions_ended=ended)
    log.info("user.password_set", user_id=row.id, by=viewer.user_id)
    return row


async def end_sessions(session: AsyncSession, viewer: Viewer, user_id: int) -> int:
    """Sign a user out everywhere (ASVS 7.4.5); how many sessions there were."""
    row = await locked_user(session, viewer, user_id)
    ended = await revoke_sessions(session, row.id)
    record(session, viewer, "user.sessions_ended", row.id, sessions_ended=ended)
    log.info("user.sessions_ended", user_id=row.id, sessions=ended, by=viewer.user_id)
    return ended
