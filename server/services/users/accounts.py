# SPDX-License-Identifier: Apache-2.0
"""Making and editing users: names, roles and profiles, under the rule of grants."""

from dataclasses import dataclass

import structlog
from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Role, Viewer
from server.domain.refusals import Refusals
from server.domain.text import UNSET, Unset, name_key
from server.models import Profile, User
from server.services.access import change_rights, require_above, require_held
from server.services.access.grants import held_by, is_full_admin, permissions_of
from server.services.account.passwords import choose_password, hash_password
from server.services.account.preferences import LOCALES, check_timezone, one_of
from server.services.constraints import refusing
from server.services.events import record
from server.services.versions import locked_row

log = structlog.get_logger()

LONGEST_NAME = 100


@dataclass(frozen=True, kw_only=True)
class UserInput:
    """`role` is a value of `Role`; without a password nobody can log in as them yet."""

    name: str
    role: str
    full_name: str = ""
    profile_id: int | None = None
    password: str | None = None
    locale: str | Unset = UNSET
    timezone: str | Unset = UNSET


@dataclass(frozen=True, kw_only=True)
class UserEdit:
    """What stays UNSET is left as it is; `profile_id` None takes the profile away."""

    name: str | Unset = UNSET
    role: str | Unset = UNSET
    full_name: str | Unset = UNSET
    profile_id: int | Unset | None = UNSET
    locale: str | Unset = UNSET
    timezone: str | Unset = UNSET
    version: int | None = None


def visible_users(viewer: Viewer) -> Select[User]:
    """Everybody of the centre, the deactivated too."""
    return select(User).where(User.tenant_id == viewer.tenant_id)


async def create_user(session: AsyncSession, viewer: Viewer, given: UserInput) -> User:
    """Raises TAKEN for a name that anybody of the installation has, ESCALATION as `grants` says."""
    await change_rights(session)
    row = await new_user(session, viewer, given)
    log.info("user.created", user_id=row.id, role=row.role, by=viewer.user_id)
    return row


async def new_user(session: AsyncSession, viewer: Viewer | None, given: UserInput) -> User:
    """`viewer` None: the operator, who may all; only `operator` calls it so."""
    refusals = Refusals()
    edit = UserEdit(
        name=given.name,
        role=given.role,
        full_name=given.full_name,
        profile_id=given.profile_id,
        locale=given.locale,
        timezone=given.timezone,
    )
    row = User()
    values = await _checked(session, viewer, row, edit, refusals)
    password = None
    if given.password is not None:
        with refusals.noting():
            password = choose_password(given.password, name=given.name)
    refusals.check()
    if password is not None:
        row.password_hash = await hash_password(password)
    for key, value in values.items():
        setattr(row, key, value)
    async with refusing(session, name_taken(row.name)):
        session.add(row)
    await session.refresh(row)
    data = {"name": row.name, "role": row.role, "profile_id": row.profile_id}
    record(session, viewer, "user.created", row.id, **data)
    return row


async def edit_user(session: AsyncSession, viewer: Viewer, user_id: int, edit: UserEdit) -> User:
    """A changed role or profile acts on the user's next request (X-09)."""
    row = await locked_user(session, viewer, user_id, edit.version)
    refusals = Refusals()
    values = await _checked(session, viewer, row, edit, refusals)
    refusals.check()
    if values.get("role", row.role) != Role.ADMIN:
        await require_other_admin(session, row, "role")
    changed = {key: value for key, value in values.items() if getattr(row, key) != value}
    with session.no_autoflush:
        for key, value in changed.items():
            setattr(row, key, value)
        row.version += 1
        name = row.name
        async with refusing(session, name_taken(name)):
            await session.flush()
    changed.pop("name_key", None)
    record(session, viewer, "user.edited", row.id, changed=changed)
    log.info("user.edited", user_id=row.id, fields=sorted(changed), by=viewer.user_id)
    return row


async def locked_user(
    session: AsyncSession, viewer: Viewer, user_id: int, version: int | None = None
) -> User:
    """The row to change, if the viewer stands above its user; other changes of rights wait."""
    await change_rights(session)
    found = (
        visible_users(viewer)
        .where(User.id == user_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row = await locked_row(session, found, version)
    require_above(viewer, Role(row.role), await held_by(session, row))
    return row


async def require_other_admin(session: AsyncSession, user: User, field: str) -> None:
    """LAST_ADMIN if without this user the centre had no active administrator."""
    if user.role != Role.ADMIN or not user.is_active:
        return
    another = exists().where(
        User.tenant_id == user.tenant_id,
        User.role == Role.ADMIN.value,
        User.is_active,
        User.id != user.id,
    )
    if not await session.scalar(select(another)):
        raise DomainError(ErrorCode.LAST_ADMIN, field)


def name_taken(name: str) -> dict[str, DomainError]:
    # Another centre's names are invisible here, so only the constraint can tell.
    return {"uq_users_name_key": DomainError(ErrorCode.TAKEN, "name", value=name)}


async def _checked(
    session: AsyncSession, viewer: Viewer | None, row: User, edit: UserEdit, refusals: Refusals
) -> dict[str, object]:
    """The columns to set; what is wrong is noted in `refusals`."""
    values: dict[str, object] = {}
    if not isinstance(edit.name, Unset):
        name = refusals.text(edit.name, "name", longest=LONGEST_NAME, required=True)
        values |= {"name": name, "name_key": name_key(name)}
    if not isinstance(edit.full_name, Unset):
        values["full_name"] = refusals.text(edit.full_name, "fullName")
    if not isinstance(edit.role, Unset):
        values["role"] = one_of(edit.role, tuple(Role), "role", refusals)
        if edit.role == Role.ADMIN != row.role and viewer and not is_full_admin(viewer):
            refusals.add(ErrorCode.ESCALATION, "role")
    if not isinstance(edit.profile_id, Unset):
        values["profile_id"] = edit.profile_id
    if not {"role", "profile_id"}.isdisjoint(values):
        with refusals.noting():
            profile_id = values.get("profile_id", row.profile_id)
            await _require_grantable(session, viewer, profile_id)
    for key, value in (
        ("locale", one_of(edit.locale, LOCALES, "locale", refusals)),
        ("timezone", check_timezone(edit.timezone, refusals)),
    ):
        if not isinstance(value, Unset):
            values[key] = value
    return values


async def _require_grantable(
    session: AsyncSession, viewer: Viewer | None, profile_id: object
) -> None:
    """The profile exists, and gives nothing that the viewer does not have, whatever the role."""
    if profile_id is None:
        return
    names = await session.scalar(select(Profile.permissions).where(Profile.id == profile_id))
    if names is None:
        raise DomainError(ErrorCode.NOT_FOUND, "profileId")
    if viewer is not None and not is_full_admin(viewer):
        require_held(viewer, permissions_of(names), "profileId")
