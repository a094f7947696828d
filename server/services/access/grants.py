# SPDX-License-Identifier: Apache-2.0
"""Nobody grants what they do not have: the one rule behind users, profiles and tokens (X-09)."""

from collections.abc import Iterable, Set

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer, effective
from server.domain.refusals import Refusals
from server.models import Profile, User

_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('rubrica.rights'), rubrica_tenant()::int)")

_FOR_EXAMPLE = f"{Permission.CONTACTS_VIEW}, {Permission.CONTACTS_EDIT}, …"


def permissions_of(names: Iterable[str] | None) -> frozenset[Permission]:
    """Stored permissions as members; one that a later version took away grants nothing."""
    stored = set(names or ())
    return frozenset(permission for permission in Permission if permission.value in stored)


def is_full_admin(viewer: Viewer) -> bool:
    """An administrator in person, or by a token without narrower scopes."""
    return viewer.role is Role.ADMIN and viewer.permissions == ALL_PERMISSIONS


def parse_permissions(
    names: Iterable[str], field: str, refusals: Refusals
) -> frozenset[Permission]:
    """Permissions as a form or a script names them; each unknown one is a refusal."""
    found = set()
    for index, name in enumerate(names):
        try:
            found.add(Permission(name))
        except ValueError:
            refusals.add(
                ErrorCode.INVALID, f"{field}.{index}", value=name[:100], expected=_FOR_EXAMPLE
            )
    return frozenset(found)


def first_of(permissions: Set[Permission]) -> Permission | None:
    """The first in the tree's order, so that one fault is always told the same way."""
    return next((permission for permission in Permission if permission in permissions), None)


def require_held(viewer: Viewer, granted: Set[Permission], field: str) -> None:
    """ESCALATION, naming the first permission that the viewer would give without having it."""
    if beyond := first_of(granted - viewer.permissions):
        raise DomainError(ErrorCode.ESCALATION, field, permission=beyond)


def require_above(
    viewer: Viewer, role: Role, held: frozenset[Permission], field: str = "id"
) -> None:
    """Who edits somebody or sets their password can act as them, so must hold what they hold."""
    if role is Role.ADMIN and not is_full_admin(viewer):
        raise DomainError(ErrorCode.ESCALATION, field)
    require_held(viewer, held, field)


async def held_by(session: AsyncSession, user: User) -> frozenset[Permission]:
    """What a user holds by role and profile."""
    role = Role(user.role)
    if role is Role.ADMIN or user.profile_id is None:
        return effective(role, frozenset())
    names = await session.scalar(select(Profile.permissions).where(Profile.id == user.profile_id))
    return effective(role, permissions_of(names))


async def change_rights(session: AsyncSession) -> None:
    """One change of rights in a tenant at a time, to the transaction's end.

    Two administrators who demote each other at the same moment would leave none; and the rows that
    such changes touch, in differing order, would end in deadlocks.
    """
    await session.execute(_ALONE)
