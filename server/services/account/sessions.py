# SPDX-License-Identifier: Apache-2.0
"""Sessions after the log-in: seen by their owner, ended at the server (ASVS 7.4.1 to 7.5.2)."""

import structlog
from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import Session
from server.services.access import change_rights
from server.services.events import record

log = structlog.get_logger()


def visible_sessions(viewer: Viewer) -> Select[Session]:
    """The viewer's own that have not ended; whether one has idled out only its use can tell."""
    return select(Session).where(
        Session.user_id == viewer.user_id,
        Session.revoked_at.is_(None),
        Session.expires_at > func.clock_timestamp(),
    )


async def log_out(session: AsyncSession, viewer: Viewer) -> None:
    """The session ends here and now, wherever a copy of its cookie is (ASVS 7.4.1)."""
    if viewer.session_id is None:
        raise DomainError(ErrorCode.WRONG_STATE)
    await change_rights(session)
    await _revoke(session, Session.id == viewer.session_id)
    record(session, viewer, "account.logged_out", viewer.user_id, session_id=viewer.session_id)
    log.info("account.logged_out", user_id=viewer.user_id)


async def end_session(session: AsyncSession, viewer: Viewer, session_id: int) -> int:
    """One of the viewer's own sessions, say of a computer left behind (ASVS 7.5.2)."""
    await change_rights(session)
    found = await session.scalar(visible_sessions(viewer).where(Session.id == session_id))
    if found is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    await _revoke(session, Session.id == session_id)
    record(session, viewer, "session.ended", session_id)
    return session_id


async def end_other_sessions(session: AsyncSession, viewer: Viewer) -> int:
    """All of the viewer's own but the present one; how many there were."""
    await change_rights(session)
    ended = await revoke_sessions(session, viewer.user_id, keep=viewer.session_id)
    record(session, viewer, "account.sessions_ended", viewer.user_id, sessions=ended)
    return ended


async def revoke_sessions(session: AsyncSession, user_id: int, keep: int | None = None) -> int:
    """End a user's sessions but `keep`; the caller holds `change_rights` and records why."""
    mine = Session.user_id == user_id
    return await _revoke(session, mine if keep is None else mine & (Session.id != keep))


async def _revoke(session: AsyncSession, condition: ColumnElement[bool]) -> int:
    ended = await session.scalars(
        update(Session)
        .where(condition, Session.revoked_at.is_(None))
        .values(revoked_at=func.clock_timestamp())
        .returning(Session.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())
