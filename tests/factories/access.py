# SPDX-License-Identifier: Apache-2.0
"""Accounts that can sign in: users with profile and password, and the viewer of their session."""

import itertools
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import asyncpg
from argon2 import PasswordHasher
from sqlalchemy import func, insert

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.domain.text import name_key
from server.models import Profile, Session, User
from server.services.access import ViewerCache, token_digest
from server.services.account.passwords import HASHER

PASSWORD = "violet-anchor-92"
_numbers = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Account:
    """A user as tests speak of one; `profile_id` is theirs alone."""

    user_id: int
    tenant_id: int
    name: str
    profile_id: int | None


@cache
def password_hash(hasher: PasswordHasher = HASHER) -> str:
    return hasher.hash(PASSWORD)


async def make_account(
    database: Database,
    tenant_id: int,
    role: Role = Role.ADMIN,
    permissions: tuple[Permission, ...] | None = None,
    *,
    active: bool = True,
    hashed: str | None = "",
) -> Account:
    """A user whose password is PASSWORD, with a profile of these permissions if any are given."""
    number = next(_numbers)
    async with database.transaction(tenant_id) as session:
        profile_id = None
        if permissions is not None:
            profile = Profile(
                name=f"Profile {number}",
                name_key=f"profile {number}",
                permissions=[permission.value for permission in permissions],
            )
            session.add(profile)
            await session.flush()
            profile_id = profile.id
        name = f"Account {number}"
        user = User(
            name=name,
            name_key=name_key(name),
            full_name=f"Person {number}",
            role=role,
            profile_id=profile_id,
            password_hash=password_hash() if hashed == "" else hashed,
            is_active=active,
        )
        session.add(user)
        await session.flush()
        return Account(user_id=user.id, tenant_id=tenant_id, name=name, profile_id=profile_id)


async def sign_in(database: Database, account: Account) -> tuple[str, Viewer]:
    """A session's token and viewer; the session is simply there, as hashing takes its time."""
    token = secrets.token_urlsafe(32)
    async with database.transaction(account.tenant_id) as session:
        await session.execute(
            insert(Session).values(
                user_id=account.user_id,
                token_hash=token_digest(token),
                expires_at=func.clock_timestamp() + timedelta(hours=24),
            )
        )
    viewer = await ViewerCache().viewer_of_session(database, token)
    assert viewer is not None
    return token, viewer


async def viewer_of(
    database: Database,
    tenant_id: int,
    role: Role = Role.ADMIN,
    permissions: tuple[Permission, ...] | None = None,
) -> Viewer:
    """The viewer of a new account that has just signed in."""
    account = await make_account(database, tenant_id, role, permissions)
    return (await sign_in(database, account))[1]


async def events_of(owner: asyncpg.Connection, tenant_id: int) -> list[tuple[str, int | None]]:
    """The audit of a tenant in its order, as pairs of name and subject."""
    rows = await owner.fetch(
        "SELECT name, subject_id FROM events WHERE tenant_id = $1 ORDER BY id", tenant_id
    )
    return [(row["name"], row["subject_id"]) for row in rows]
