# SPDX-License-Identifier: Apache-2.0
"""Logging in by name and password: one answer and one duration for every way of being wrong."""

import asyncio
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.text import clean, name_key
from server.services.access import Store, ViewerCache, token_digest
from server.services.access.viewers import ABSOLUTE
from server.services.account.passwords import hash_password, outdated, verify_password
from server.services.account.throttle import address_counter, charge, give_back, name_counter

log = structlog.get_logger()

LONGEST_NAME = 100
_AT_ONCE = 4  # log-ins under way in a process: memory for hashes, and tries charged but undecided
_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """What is known of the name given; of an unknown one nothing, and all goes the same way."""

    user_id: int | None = None
    tenant_id: int | None = None
    password_hash: str | None = None
    is_active: bool = False


_NOBODY = _Candidate()


async def log_in(
    store: Store,
    name: str,
    password: str,
    *,
    ip: str = "",
    user_agent: str = "",
    absolute: timedelta = ABSOLUTE,
) -> tuple[str, Viewer]:
    """A new session's token (256 random bits, for the cookie) and its viewer.

    Raises CREDENTIALS for an unknown name, a wrong password and a user who is not active alike,
    THROTTLED with `seconds` once name or address has had its tries (ASVS 6.3.1, 7.2.4).
    """
    key = _key(name)
    counters = (name_counter(key), address_counter(ip))
    async with _gate():
        async with store.transaction(None) as session:
            wait = await charge(session, *counters)
            candidate = _NOBODY if wait else await _candidate(session, key)
        if wait:
            log.warning("account.login_throttled", name=shown(name), ip=shown(ip), seconds=wait)
            raise DomainError(ErrorCode.THROTTLED, seconds=wait)
        fits = await verify_password(candidate.password_hash, password)
    if fits and candidate.is_active:
        token = secrets.token_urlsafe(32)
        renewed = await hash_password(password) if outdated(candidate.password_hash or "") else None
        async with store.transaction(candidate.tenant_id) as session:
            opened = await _open(session, candidate, token, ip, user_agent, absolute, renewed)
            if opened:
                await give_back(session, *counters)
        viewer = await ViewerCache().viewer_of_session(store, token) if opened else None
        if viewer is not None:
            log.info("account.logged_in", user_id=viewer.user_id, ip=shown(ip))
            return token, viewer
    await _note_failure(store, candidate, ip)
    log.warning("account.login_failed", name=shown(name), ip=shown(ip))
    raise DomainError(ErrorCode.CREDENTIALS)


def shown(value: str) -> str:
    """Text of a stranger as a log line may carry it: short, and nothing in it can forge a line."""
    return value[:64].encode("unicode_escape").decode("ascii")


def _gate() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    return _gates.setdefault(loop, asyncio.Semaphore(_AT_ONCE))


def _key(name: str) -> str:
    """What the name is looked up by; "" is nobody's."""
    try:
        return name_key(clean(name, "name", longest=LONGEST_NAME))
    except DomainError:
        return ""


async def _candidate(session: AsyncSession, key: str) -> _Candidate:
    """The policy `by_login_name` shows the one user of that name, of whichever tenant."""
    await session.execute(text("SELECT set_config('rubrica.login_name', :key, true)"), {"key": key})
    row = (
        await session.execute(
            text("SELECT id, tenant_id, password_hash, is_active FROM users WHERE name_key = :key"),
            {"key": key},
        )
    ).one_or_none()
    if row is None:
        return _NOBODY
    return _Candidate(
        user_id=row.id,
        tenant_id=row.tenant_id,
        password_hash=row.password_hash,
        is_active=row.is_active,
    )


async def _open(
    session: AsyncSession,
    candidate: _Candidate,
    token: str,
    ip: str,
    user_agent: str,
    absolute: timedelta,
    renewed: str | None,
) -> bool:
    """The session's row, unless the user was deactivated or the password changed meanwhile."""
    still = await session.execute(
        text(
            "UPDATE users SET last_login_at = clock_timestamp(),"
            " password_hash = coalesce(:renewed, password_hash)"
            " WHERE id = :id AND is_active AND password_hash = :hash RETURNING id"
        ),
        {"id": candidate.user_id, "hash": candidate.password_hash, "renewed": renewed},
    )
    if still.one_or_none() is None:
        return False
    opened = await session.execute(
        text(
            "INSERT INTO sessions (user_id, token_hash, ip, user_agent, expires_at) VALUES"
            " (:user_id, :digest, :ip, :agent,"
            " clock_timestamp() + make_interval(secs => :absolute)) RETURNING id"
        ),
        {
            "user_id": candidate.user_id,
            "digest": token_digest(token),
            "ip": _stored(ip, 64),
            "agent": _stored(user_agent, 300),
            "absolute": absolute.total_seconds(),
        },
    )
    data = {"ip": _stored(ip, 64), "session_id": opened.scalar_one()}
    await _record(session, "account.logged_in", candidate, candidate.user_id, data)
    return True


async def _note_failure(store: Store, candidate: _Candidate, ip: str) -> None:
    """The audit row of a known name. For an unknown one the same statement writes no row."""
    async with store.transaction(candidate.tenant_id) as session:
        await _record(session, "account.login_failed", candidate, None, {"ip": _stored(ip, 64)})


async def _record(
    session: AsyncSession,
    name: str,
    candidate: _Candidate,
    user_id: int | None,
    data: dict[str, object],
) -> None:
    await session.execute(
        text(
            "INSERT INTO events (user_id, name, subject_id, data)"
            " SELECT CAST(:user_id AS bigint), :name, CAST(:subject_id AS bigint),"
            " CAST(:data AS jsonb) WHERE rubrica_tenant() IS NOT NULL"
        ),
        {
            "user_id": user_id,
            "name": name,
            "subject_id": candidate.user_id,
            "data": json.dumps(data),
        },
    )


def _stored(value: str, longest: int) -> str:
    return value[:longest].encode("utf-8", "replace").decode().replace("\x00", "")
