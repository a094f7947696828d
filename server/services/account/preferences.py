# SPDX-License-Identifier: Apache-2.0
"""What people set for themselves: language, time zone, looks and their own password."""

from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.domain.text import UNSET, Unset, name_key
from server.models import User
from server.services.access import Store, change_rights
from server.services.account.passwords import choose_password, hash_password, verify_password
from server.services.account.sessions import revoke_sessions
from server.services.account.throttle import charge, give_back, name_counter
from server.services.events import record

log = structlog.get_logger()

LOCALES = ("en", "it")
THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "compact")


@dataclass(frozen=True, kw_only=True)
class PreferencesEdit:
    """`timezone` is an IANA name, the others one of the tuples above."""

    full_name: str | Unset = UNSET
    locale: str | Unset = UNSET
    timezone: str | Unset = UNSET
    theme: str | Unset = UNSET
    density: str | Unset = UNSET


async def edit_preferences(session: AsyncSession, viewer: Viewer, edit: PreferencesEdit) -> User:
    """In effect on the next request, in every session of the user."""
    await change_rights(session)
    user = await _self(session, viewer)
    refusals = Refusals()
    chosen: dict[str, str | Unset] = {
        "locale": one_of(edit.locale, LOCALES, "locale", refusals),
        "timezone": check_timezone(edit.timezone, refusals),
        "theme": one_of(edit.theme, THEMES, "theme", refusals),
        "density": one_of(edit.density, DENSITIES, "density", refusals),
    }
    if not isinstance(edit.full_name, Unset):
        chosen["full_name"] = refusals.text(edit.full_name, "fullName")
    refusals.check()
    changed = {
        key: value
        for key, value in chosen.items()
        if not isinstance(value, Unset) and getattr(user, key) != value
    }
    for key, value in changed.items():
        setattr(user, key, value)
    if changed:
        user.version += 1
        record(session, viewer, "account.preferences_changed", user.id, changed=changed)
        await session.flush()
    return user


def one_of(
    value: str | Unset, allowed: tuple[str, ...], field: str, refusals: Refusals
) -> str | Unset:
    if not isinstance(value, Unset) and value not in allowed:
        refusals.add(ErrorCode.INVALID, field, value=value[:100], expected=", ".join(allowed))
    return value


def check_timezone(value: str | Unset, refusals: Refusals) -> str | Unset:
    if not isinstance(value, Unset) and value not in _timezones():
        refusals.add(ErrorCode.UNKNOWN_TIMEZONE, "timezone", value=value[:100])
    return value


async def change_password(store: Store, viewer: Viewer, current: str, new: str) -> int:
    """The viewer's own, against the present one; ends their other sessions and says how many.

    Wrong guesses count as failed log-ins do, so an unattended browser gives no more tries.
    """
    chosen = choose_password(new, name=viewer.name, field="newPassword")
    counter = name_counter(name_key(viewer.name))
    async with store.transaction(viewer.tenant_id) as session:
        wait = await charge(session, counter, None)
        user = await _self(session, viewer, lock=False)
    if wait:
        raise DomainError(ErrorCode.THROTTLED, "currentPassword", seconds=wait)
    if not await verify_password(user.password_hash, current):
        log.warning("account.password_refused", user_id=viewer.user_id)
        raise DomainError(ErrorCode.CREDENTIALS, "currentPassword")
    hashed = await hash_password(chosen)
    async with store.transaction(viewer.tenant_id) as session:
        await change_rights(session)
        row = await _self(session, viewer)
        if row.password_hash != user.password_hash:  # changed by another request meanwhile
            raise DomainError(ErrorCode.CONFLICT, "currentPassword")
        row.password_hash = hashed
        await give_back(session, counter, None)
        ended = await revoke_sessions(session, row.id, keep=viewer.session_id)
        record(session, viewer, "account.password_changed", row.id, sessions_ended=ended)
    log.info("account.password_changed", user_id=viewer.user_id)
    return ended


async def _self(session: AsyncSession, viewer: Viewer, *, lock: bool = True) -> User:
    query = select(User).where(User.id == viewer.user_id, User.is_active)
    user = await session.scalar(query.with_for_update(key_share=True) if lock else query)
    if user is None:
        raise DomainError(ErrorCode.UNAUTHENTICATED)
    return user


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())
