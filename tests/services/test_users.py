# SPDX-License-Identifier: Apache-2.0
"""Users: unique names, an administrator always, and nobody grants what they do not have."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer
from server.models import User
from server.services import account, users
from server.services.access import ViewerCache
from server.services.users import UserEdit, UserInput
from tests.conftest import MakeTenant
from tests.factories.access import (
    events_of,
    make_account,
    sign_in,
    viewer_of,
)
from tests.factories.refusals import refusals

NEW_PASSWORD = "copper-window-31"
STAFF = (Permission.CONTACTS_VIEW, Permission.USERS_CREATE, Permission.USERS_EDIT)


async def create(database: Database, viewer: Viewer, given: UserInput) -> User:
    async with database.transaction(viewer.tenant_id) as session:
        return await users.create_user(session, viewer, given)


async def edit(database: Database, viewer: Viewer, user_id: int, changes: UserEdit) -> User:
    async with database.transaction(viewer.tenant_id) as session:
        return await users.edit_user(session, viewer, user_id, changes)


async def deactivate(database: Database, viewer: Viewer, user_id: int) -> User:
    async with database.transaction(viewer.tenant_id) as session:
        return await users.deactivate_user(session, viewer, user_id)


async def stored(owner: asyncpg.Connection, user_id: int) -> asyncpg.Record:
    return await owner.fetchrow("SELECT * FROM users WHERE id = $1", user_id)


def unused(suffix: str, tenant: int) -> str:
    return f"{suffix} {tenant}"


async def test_an_administrator_creates_a_user_who_can_log_in(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    admin = await viewer_of(database, tenant)
    profile = await make_account(database, tenant, Role.AGENT, (Permission.CONTACTS_VIEW,))
    given = UserInput(
        name=f"  {unused('Élodie  Rossi', tenant)} ",
        role="SUPERVISOR",
        full_name=" Élodie ",
        profile_id=profile.profile_id,
        password=NEW_PASSWORD,
        locale="it",
        timezone="Europe/Paris",
    )
    user = await create(database, admin, given)
    row = await stored(owner, user.id)
    assert (row["name"], row["name_key"]) == (
        unused("Élodie  Rossi", tenant),
        unused("élodie rossi", tenant),
    )
    assert (row["role"], row["full_name"], row["profile_id"], row["tenant_id"]) == (
        *("SUPERVISOR", "Élodie", profile.profile_id, tenant),
    )
    assert (row["locale"], row["timezone"], row["version"]) == ("it", "Europe/Paris", 1)
    _, viewer = await account.log_in(database, given.name.upper(), NEW_PASSWORD)
    assert viewer.permissions == {Permission.CONTACTS_VIEW}
    assert ("user.created", user.id) in await events_of(owner, tenant)


async def test_a_name_is_taken_over_the_whole_installation(
    database: Database, tenant: int, new_tenant: MakeTenant
) -> None:
    """A log-in names no centre, so a name must be one person's."""
    admin = await viewer_of(database, tenant)
    foreign = await make_account(database, await new_tenant())
    own = await make_account(database, tenant)
    for name in (foreign.name, own.name.upper(), own.name.replace(" ", "   ")):
        with refusals() as told:
            await create(database, admin, UserInput(name=name, role="AGENT"))
        assert told == [("TAKEN", "name")]
        with refusals() as told:
            await edit(database, admin, admin.user_id, UserEdit(name=name))
        assert told == [("TAKEN", "name")]


async def test_of_two_who_take_a_name_at_once_one_has_it(database: Database, tenant: int) -> None:
    admin = await viewer_of(database, tenant)
    given = UserInput(name=unused("wanted", tenant), role="AGENT")
    answers = await asyncio.gather(
        *(create(database, admin, given) for _ in range(4)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, DomainError)]
    assert [(error.code, error.field) for error in refused] == [(ErrorCode.TAKEN, "name")] * 3


async def test_all_faults_of_a_new_user_are_told_at_once(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    admin = await viewer_of(database, tenant)
    given = UserInput(
        name=" ",
        role="BOSS",
        full_name="x" * 201,
        profile_id=2**40,
        password="short",
        locale="tlh",
        timezone="Mars/Olympus",
    )
    with refusals() as told:
        await create(database, admin, given)
    assert sorted(told) == [
        ("INVALID", "locale"),
        ("INVALID", "role"),
        ("NOT_FOUND", "profileId"),
        ("REQUIRED", "name"),
        ("TOO_LONG", "fullName"),
        ("UNKNOWN_TIMEZONE", "timezone"),
        ("WEAK_PASSWORD", "password"),
    ]
    assert await owner.fetchval("SELECT count(*) FROM users WHERE tenant_id = $1", tenant) == 1


async def test_an_edit_changes_what_it_names_and_acts_on_the_next_request(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    """X-09: a changed profile needs no new log-in."""
    admin = await viewer_of(database, tenant)
    wide = await make_account(database, tenant, Role.AGENT, (Permission.ITEM_TYPES_VIEW,))
    person = await make_account(database, tenant, Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))
    token, viewer = await sign_in(database, person)
    cache = ViewerCache()
    await cache.viewer_of_session(database, token)
    before = await stored(owner, person.user_id)
    user = await edit(
        database, admin, person.user_id, UserEdit(profile_id=wide.profile_id, version=1)
    )
    assert user.version == 2
    now = await cache.current(database, viewer)
    assert now is not None
    assert now.permissions == {Permission.ITEM_TYPES_VIEW}
    after = await stored(owner, person.user_id)
    unchanged = set(before.keys()) - {"profile_id", "version"}
    assert {key: after[key] for key in unchanged} == {key: before[key] for key in unchanged}
    with refusals() as told:
        await edit(database, admin, person.user_id, UserEdit(full_name="late", version=1))
    assert told == [("CONFLICT", "version")]
    await edit(database, admin, person.user_id, UserEdit(profile_id=None))
    assert (await stored(owner, person.user_id))["profile_id"] is None
    assert ("user.edited", person.user_id) in await events_of(owner, tenant)


async def test_another_centres_user_is_missing(
    database: Database, tenant: int, new_tenant: MakeTenant
) -> None:
    admin = await viewer_of(database, tenant)
    foreign = await make_account(database, await new_tenant(), Role.AGENT, ())
    acts = (
        lambda s, i: users.edit_user(s, admin, i, UserEdit(full_name="mine")),
        lambda s, i: users.deactivate_user(s, admin, i),
        lambda s, i: users.reactivate_user(s, admin, i),
        lambda s, i: users.set_password(s, admin, i, NEW_PASSWORD),
        lambda s, i: users.end_sessions(s, admin, i),
    )
    for act in acts:
        for user_id in (foreign.user_id, 2**40):
            async with database.transaction(tenant) as session:
                with refusals() as told:
                    await act(session, user_id)
            assert told == [("NOT_FOUND", "id")]
    with refusals() as told:
        await edit(database, admin, admin.user_id, UserEdit(profile_id=foreign.profile_id))
    assert told == [("NOT_FOUND", "profileId")]


async def test_nobody_but_an_administrator_makes_one_or_touches_one(
    database: Database, tenant: int
) -> None:
    supervisor = await viewer_of(database, tenant, Role.SUPERVISOR, tuple(Permission))
    admin = await make_account(database, tenant)
    agent = await make_account(database, tenant, Role.AGENT)
    given = UserInput(name=unused("climber", tenant), role="ADMIN")
    with refusals() as told:
        await create(database, supervisor, given)
    assert told == [("ESCALATION", "role")]
    for user_id in (agent.user_id, supervisor.user_id):
        with refusals() as told:
            await edit(database, supervisor, user_id, UserEdit(role="ADMIN"))
        assert told == [("ESCALATION", "role")]
    acts = (
        lambda s: users.edit_user(s, supervisor, admin.user_id, UserEdit(full_name="x")),
        lambda s: users.deactivate_user(s, supervisor, admin.user_id),
        lambda s: users.set_password(s, supervisor, admin.user_id, NEW_PASSWORD),
        lambda s: users.end_sessions(s, supervisor, admin.user_id),
    )
    for act in acts:
        async with database.transaction(tenant) as session:
            with refusals() as told:
                await act(session)
        assert told == [("ESCALATION", "id")]


async def test_a_supervisor_hands_on_only_what_the_own_profile_holds(
    database: Database, tenant: int
) -> None:
    supervisor = await viewer_of(database, tenant, Role.SUPERVISOR, STAFF)
    within = await make_account(database, tenant, Role.AGENT, STAFF[:1])
    beyond = await make_account(
        database, tenant, Role.SUPERVISOR, (*STAFF, Permission.CONTACTS_DELETE)
    )
    given = UserInput(name=unused("new", tenant), role="AGENT", profile_id=within.profile_id)
    user = await create(database, supervisor, given)
    with refusals() as told:
        await create(database, supervisor, replace(given, profile_id=beyond.profile_id))
    assert told == [("ESCALATION", "profileId")]
    with refusals() as told:
        await edit(database, supervisor, user.id, UserEdit(profile_id=beyond.profile_id))
    assert told == [("ESCALATION", "profileId")]
    with refusals() as told:
        await edit(database, supervisor, supervisor.user_id, UserEdit(profile_id=beyond.profile_id))
    assert told == [("ESCALATION", "profileId")]
    # A colleague who may more: setting their password would be a way to act as them.
    async with database.transaction(tenant) as session:
        with pytest.raises(DomainError) as refusal:
            await users.set_password(session, supervisor, beyond.user_id, NEW_PASSWORD)
    assert (refusal.value.code, refusal.value.field, refusal.value.params) == (
        ErrorCode.ESCALATION,
        "id",
        {"permission": Permission.CONTACTS_DELETE},
    )


async def test_an_agents_wide_profile_is_not_unlocked_by_another_role(
    database: Database, tenant: int
) -> None:
    """The agent's ceiling hides what the profile would give to a supervisor."""
    supervisor = await viewer_of(database, tenant, Role.SUPERVISOR, STAFF)
    agent = await make_account(
        database, tenant, Role.AGENT, (Permission.CONTACTS_VIEW, Permission.LISTS_DELETE)
    )
    with refusals() as told:
        await edit(database, supervisor, agent.user_id, UserEdit(role="SUPERVISOR"))
    assert told == [("ESCALATION", "profileId")]


async def test_a_narrow_token_of_an_administrator_makes_no_administrator(
    database: Database, tenant: int
) -> None:
    admin = await viewer_of(database, tenant)
    token = replace(admin, session_id=None, token_id=1, permissions=frozenset(STAFF))
    assert admin.permissions == ALL_PERMISSIONS
    with refusals() as told:
        await create(database, token, UserInput(name=unused("robot", tenant), role="ADMIN"))
    assert told == [("ESCALATION", "role")]
    with refusals() as told:
        await edit(database, token, admin.user_id, UserEdit(full_name="Robot"))
    assert told == [("ESCALATION", "id")]


async def test_the_last_active_administrator_stays_one(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    admin = await viewer_of(database, tenant)
    await make_account(database, tenant, active=False)
    for act in (
        deactivate(database, admin, admin.user_id),
        edit(database, admin, admin.user_id, UserEdit(role="SUPERVISOR")),
    ):
        with refusals() as told:
            await act
        assert told in ([("LAST_ADMIN", "id")], [("LAST_ADMIN", "role")])
    row = await stored(owner, admin.user_id)
    assert (row["role"], row["is_active"], row["version"]) == ("ADMIN", True, 1)
    other = await make_account(database, tenant)
    await edit(database, admin, admin.user_id, UserEdit(role="SUPERVISOR"))
    assert (await stored(owner, other.user_id))["role"] == "ADMIN"


async def test_administrators_who_demote_each_other_leave_one(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    for _ in range(3):
        one, two = await viewer_of(database, tenant), await viewer_of(database, tenant)
        answers = await asyncio.gather(
            deactivate(database, one, two.user_id),
            edit(database, two, one.user_id, UserEdit(role="AGENT")),
            return_exceptions=True,
        )
        refused = [answer for answer in answers if isinstance(answer, BaseException)]
        assert [getattr(error, "code", error) for error in refused] == [ErrorCode.LAST_ADMIN]
        left = await owner.fetch(
            "DELETE FROM users WHERE tenant_id = $1 AND role = 'ADMIN' AND is_active RETURNING id",
            tenant,
        )
        assert len(left) == 1


async def test_nobody_deactivates_themself(database: Database, tenant: int) -> None:
    admin = await viewer_of(database, tenant)
    await make_account(database, tenant)
    with refusals() as told:
        await deactivate(database, admin, admin.user_id)
    assert told == [("WRONG_STATE", "id")]
