# SPDX-License-Identifier: Apache-2.0
"""API tokens: bearer secrets of a user, shown once, with scopes and an end."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, FromClause, Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Permission, Role, Viewer
from server.domain.refusals import Refusals
from server.models import ApiToken, User
from server.services.access import change_rights, require_held, token_digest
from server.services.access.grants import first_of, held_by, is_full_admin, parse_permissions
from server.services.access.viewers import BEARER_PREFIX
from server.services.events import record

log = structlog.get_logger()

DEFAULT_DAYS, MOST_DAYS = 90, 365
LONGEST_NAME = 100


@dataclass(frozen=True, kw_only=True)
class TokenInput:
    """`scopes` None: all that the user may; `user_id` None: the viewer's own."""

    name: str
    scopes: Sequence[str] | None = None
    days: int = DEFAULT_DAYS
    user_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CreatedToken:
    """The one moment at which the secret is known."""

    token: ApiToken
    secret: str


def visible_tokens(viewer: Viewer) -> Select[ApiToken]:
    """An administrator sees everybody's, anybody else their own; revoked ones too."""
    if viewer.role is Role.ADMIN:
        return select(ApiToken).where(ApiToken.tenant_id == viewer.tenant_id)
    return select(ApiToken).where(ApiToken.user_id == viewer.user_id)


def owner_name(tokens: FromClause) -> ColumnElement[str]:
    """The log-in name of the user whom the token stands for."""
    users = User.__table__.alias()
    return (
        select(users.c.name)
        .where(users.c.id == tokens.c.user_id)
        .correlate(tokens)
        .scalar_subquery()
    )


def is_usable(tokens: FromClause) -> ColumnElement[bool]:
    """Neither revoked nor past its end."""
    lasts = tokens.c.expires_at.is_(None) | (tokens.c.expires_at > func.clock_timestamp())
    return tokens.c.revoked_at.is_(None) & lasts


async def create_token(session: AsyncSession, viewer: Viewer, given: TokenInput) -> CreatedToken:
    """A token holds no more than its user, and none made by a token more than that one.

    Only an administrator makes one for somebody else, as it acts in their name.
    """
    await change_rights(session)
    user = await _owner(session, viewer, given.user_id)
    refusals = Refusals()
    name = refusals.text(given.name, "name", longest=LONGEST_NAME, required=True)
    days = refusals.within(given.days, "days", 1, MOST_DAYS)
    held = await held_by(session, user)
    scopes = _scopes(given.scopes, held, refusals)
    with refusals.noting():
        require_held(viewer, held if scopes is None else scopes, "scopes")
    with refusals.noting():
        await _require_no_longer(session, viewer, days)
    refusals.check()
    created = await _store(session, user.id, name, scopes, days)
    record(
        session,
        viewer,
        "token.created",
        created.token.id,
        name=name,
        user_id=user.id,
        scopes=created.token.scopes,
        days=days,
    )
    log.info("token.created", token_id=created.token.id, user_id=user.id, by=viewer.user_id)
    return created


async def install_token(
    session: AsyncSession,
    user: User,
    *,
    name: str,
    scopes: Sequence[str] | None = None,
    days: int = DEFAULT_DAYS,
) -> CreatedToken:
    """For the operator at the machine's own console, who is nobody's viewer."""
    refusals = Refusals()
    name = refusals.text(name, "name", longest=LONGEST_NAME, required=True)
    days = refusals.within(days, "days", 1, MOST_DAYS)
    wanted = _scopes(scopes, await held_by(session, user), refusals)
    refusals.check()
    created = await _store(session, user.id, name, wanted, days)
    record(session, None, "token.created", created.token.id, name=name, user_id=user.id)
    return created


async def revoke_token(session: AsyncSession, viewer: Viewer, token_id: int) -> ApiToken:
    """It stops at once and for good; revoking it again changes nothing."""
    await change_rights(session)
    token = await session.scalar(
        visible_tokens(viewer).where(ApiToken.id == token_id).with_for_update()
    )
    if token is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    if token.revoked_at is None:
        await _revoke(session, ApiToken.id == token_id)
        await session.refresh(token)
        record(session, viewer, "token.revoked", token_id, name=token.name)
        log.info("token.revoked", token_id=token_id, by=viewer.user_id)
    return token


async def revoke_tokens(session: AsyncSession, user_id: int) -> int:
    """All of a user; the caller holds `change_rights` and records why."""
    return await _revoke(session, ApiToken.user_id == user_id)


async def _owner(session: AsyncSession, viewer: Viewer, user_id: int | None) -> User:
    if user_id not in (None, viewer.user_id) and not is_full_admin(viewer):
        raise DomainError(ErrorCode.ESCALATION, "userId")
    user = await session.scalar(
        select(User).where(
            User.id == (viewer.user_id if user_id is None else user_id),
            User.tenant_id == viewer.tenant_id,
            User.is_active,
        )
    )
    if user is None:
        raise DomainError(ErrorCode.NOT_FOUND, "userId")
    return user


def _scopes(
    names: Sequence[str] | None, held: frozenset[Permission], refusals: Refusals
) -> frozenset[Permission] | None:
    if names is None:
        return None
    scopes = parse_permissions(names, "scopes", refusals)
    if beyond := first_of(scopes - held):
        refusals.add(ErrorCode.ESCALATION, "scopes", permission=beyond)
    return scopes & held


async def _require_no_longer(session: AsyncSession, viewer: Viewer, days: int) -> None:
    """A token that outlived the one it was made with would make that one's end worth nothing."""
    if viewer.token_id is None:
        return
    longer = await session.scalar(
        select(ApiToken.id).where(
            ApiToken.id == viewer.token_id,
            ApiToken.expires_at < func.clock_timestamp() + timedelta(days=days),
        )
    )
    if longer is not None:
        raise DomainError(ErrorCode.ESCALATION, "days")


async def _store(
    session: AsyncSession,
    user_id: int,
    name: str,
    scopes: frozenset[Permission] | None,
    days: int,
) -> CreatedToken:
    secret = BEARER_PREFIX + secrets.token_urlsafe(32)
    stored = None if scopes is None else [p.value for p in Permission if p in scopes]
    token = await session.scalar(
        insert(ApiToken)
        .values(
            user_id=user_id,
            name=name,
            token_hash=token_digest(secret),
            hint=secret[-4:],
            scopes=stored,
            expires_at=func.clock_timestamp() + timedelta(days=days),
        )
        .returning(ApiToken)
    )
    assert token is not None
    return CreatedToken(token=token, secret=secret)


async def _revoke(session: AsyncSession, condition: ColumnElement[bool]) -> int:
    revoked = await session.scalars(
        update(ApiToken)
        .where(condition, ApiToken.revoked_at.is_(None))
        .values(revoked_at=func.clock_timestamp())
        .returning(ApiToken.id)
        .execution_options(synchronize_session=False)
    )
    return len(revoked.all())
