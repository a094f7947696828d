# SPDX-License-Identifier: Apache-2.0
"""User profiles: which permissions the users who carry one have (X-09)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import ColumnElement, FromClause, Select, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import PERMISSION_TREE, Permission, Viewer
from server.domain.refusals import Refusals
from server.domain.text import UNSET, Unset, clean, name_key
from server.models import Profile, User
from server.services.access import change_rights, require_held
from server.services.access.grants import parse_permissions, permissions_of
from server.services.constraints import refusing
from server.services.events import record
from server.services.versions import locked_row

log = structlog.get_logger()

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 500


@dataclass(frozen=True, kw_only=True)
class ProfileInput:
    """`permissions` are values of `Permission`, in any order."""

    name: str
    description: str = ""
    permissions: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class ProfileEdit:
    """What stays UNSET is left as it is; `version` is the one that the editor saw."""

    name: str | Unset = UNSET
    description: str | Unset = UNSET
    permissions: Sequence[str] | Unset = UNSET
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class DeletedProfile:
    id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class SubjectBranch:
    """A subject's permissions in the order view, create, edit, delete."""

    name: str
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, kw_only=True)
class GroupBranch:
    """A group of the tree, such as Tools, with its subjects (`Tools > Contact item types`)."""

    name: str
    subjects: tuple[SubjectBranch, ...]


def permission_tree() -> tuple[GroupBranch, ...]:
    """The whole tree that a profile's page shows, every permission once."""
    return tuple(
        GroupBranch(
            name=group,
            subjects=tuple(
                SubjectBranch(
                    name=subject, permissions=tuple(p for p in Permission if p.subject == subject)
                )
                for subject in subjects
            ),
        )
        for group, subjects in PERMISSION_TREE.items()
    )


def visible_profiles(viewer: Viewer) -> Select[Profile]:
    return select(Profile).where(Profile.tenant_id == viewer.tenant_id)


def user_count(profiles: FromClause) -> ColumnElement[int]:
    """How many users carry the profile, whether active or not."""
    users = User.__table__.alias()
    return (
        select(func.count())
        .select_from(users)
        .where(users.c.profile_id == profiles.c.id)
        .scalar_subquery()
    )


def matching(text: str, viewer: Viewer) -> Callable[[FromClause], ColumnElement[bool]]:
    """The text stands in the name, whatever its case."""
    try:
        key = name_key(clean(text, "search"))
    except DomainError:
        return lambda profiles: false()
    return lambda profiles: profiles.c.name_key.contains(key, autoescape=True)


async def create_profile(session: AsyncSession, viewer: Viewer, given: ProfileInput) -> Profile:
    """Raises TAKEN, INVALID for an unknown permission, ESCALATION for one the viewer lacks."""
    await change_rights(session)
    row = Profile(permissions=[])
    edit = ProfileEdit(
        name=given.name, description=given.description, permissions=given.permissions
    )
    _fill(row, viewer, edit)
    async with refusing(session, _name_taken(row.name)):
        session.add(row)
    await session.refresh(row)
    record(session, viewer, "profile.created", row.id, name=row.name, permissions=row.permissions)
    log.info("profile.created", profile_id=row.id, by=viewer.user_id)
    return row


async def edit_profile(
    session: AsyncSession, viewer: Viewer, profile_id: int, edit: ProfileEdit
) -> Profile:
    """Acts on the next request of everybody who carries it, without a new log-in (X-09)."""
    await change_rights(session)
    row = await _locked(session, viewer, profile_id, edit.version)
    before = set(row.permissions)
    with session.no_autoflush:
        _fill(row, viewer, edit)
        row.version += 1
        name = row.name
        async with refusing(session, _name_taken(name)):
            await session.flush()
    after = set(row.permissions)
    granted, taken = sorted(after - before), sorted(before - after)
    record(session, viewer, "profile.edited", row.id, name=name, granted=granted, taken=taken)
    log.info("profile.edited", profile_id=row.id, granted=granted, taken=taken, by=viewer.user_id)
    return row


async def delete_profile(
    session: AsyncSession, viewer: Viewer, profile_id: int, version: int | None = None
) -> DeletedProfile:
    """IN_USE while somebody carries it: their rights would vanish unseen."""
    await change_rights(session)
    row = await _locked(session, viewer, profile_id, version)
    carrier = await session.scalar(
        select(User.name).where(User.profile_id == row.id).order_by(User.name_key).limit(1)
    )
    if carrier is not None:
        raise DomainError(ErrorCode.IN_USE, "id", used_by=carrier)
    await session.delete(row)
    record(session, viewer, "profile.deleted", row.id, name=row.name)
    await session.flush()
    log.info("profile.deleted", profile_id=row.id, by=viewer.user_id)
    return DeletedProfile(id=row.id, name=row.name)


async def _locked(
    session: AsyncSession, viewer: Viewer, profile_id: int, version: int | None
) -> Profile:
    found = visible_profiles(viewer).where(Profile.id == profile_id).with_for_update()
    return await locked_row(session, found, version)


def _fill(row: Profile, viewer: Viewer, edit: ProfileEdit) -> None:
    refusals = Refusals()
    name, description, permissions = edit.name, edit.description, edit.permissions
    if not isinstance(name, Unset):
        name = refusals.text(name, "name", longest=LONGEST_NAME, required=True)
    if not isinstance(description, Unset):
        description = refusals.text(description, "description", longest=LONGEST_DESCRIPTION)
    if not isinstance(permissions, Unset):
        wanted = parse_permissions(permissions, "permissions", refusals)
        permissions = [permission.value for permission in Permission if permission in wanted]
        with refusals.noting():
            # What the profile has already was somebody else's to grant.
            require_held(viewer, wanted - permissions_of(row.permissions), "permissions")
    refusals.check()
    if not isinstance(name, Unset):
        row.name, row.name_key = name, name_key(name)
    if not isinstance(description, Unset):
        row.description = description
    if not isinstance(permissions, Unset):
        row.permissions = list(permissions)


def _name_taken(name: str) -> dict[str, DomainError]:
    refusal = DomainError(ErrorCode.TAKEN, "name", value=name)
    return {"uq_profiles_tenant_id_name_key": refusal}
