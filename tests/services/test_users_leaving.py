# SPDX-License-Identifier: Apache-2.0
"""Users who leave: deactivation, passwords set for them, sessions ended for them."""

import asyncio

import asyncpg

from server.database import Database
from server.domain.permissions import Permission, Role, Viewer
from server.models import User
from server.services import account, users
from server.services.access import ViewerCache
from server.services.users import UserEdit, UserInput
from tests.factories.access import (
    PASSWORD,
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


async def test_a_deactivated_users_sessions_and_tokens_end_and_stay_ended(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    """ASVS 7.4.2."""
    admin = await viewer_of(database, tenant)
    person = await make_account(database, tenant, Role.SUPERVISOR, STAFF)
    token, viewer = await sign_in(database, person)
    async with database.transaction(tenant) as session:
        made = await account.create_token(session, viewer, account.TokenInput(name="script"))
    cache = ViewerCache()
    assert await cache.viewer_of_session(database, token) is not None
    assert (await deactivate(database, admin, person.user_id)).is_active is False
    assert await cache.current(database, viewer) is None
    assert await cache.viewer_of_token(database, made.secret) is None
    with refusals() as told:
        await account.log_in(database, person.name, PASSWORD)
    assert told == [("CREDENTIALS", None)]
    async with database.transaction(tenant) as session:
        back = await users.reactivate_user(session, admin, person.user_id)
    assert (back.is_active, back.version) == (True, 3)
    assert await ViewerCache().viewer_of_session(database, token) is None
    assert await ViewerCache().viewer_of_token(database, made.secret) is None
    await account.log_in(database, person.name, PASSWORD)
    names = [name for name, _ in await events_of(owner, tenant)]
    assert names == [
        "token.created",
        "user.deactivated",
        "account.login_failed",
        "user.reactivated",
        "account.logged_in",
    ]


async def test_a_password_set_by_an_administrator_ends_the_sessions(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    admin = await viewer_of(database, tenant)
    person = await make_account(database, tenant, Role.AGENT)
    token, _ = await sign_in(database, person)
    async with database.transaction(tenant) as session:
        for user_id, password, expected in (
            (person.user_id, "password1", ("WEAK_PASSWORD", "password")),
            (person.user_id, f"{person.name}!", ("WEAK_PASSWORD", "password")),
            (admin.user_id, NEW_PASSWORD, ("WRONG_STATE", "id")),
        ):
            with refusals() as told:
                await users.set_password(session, admin, user_id, password)
            assert told == [expected]
        await users.set_password(session, admin, person.user_id, NEW_PASSWORD)
    assert await ViewerCache().viewer_of_session(database, token) is None
    await account.log_in(database, person.name, NEW_PASSWORD)
    data = await owner.fetch("SELECT data::text AS data FROM events WHERE tenant_id = $1", tenant)
    assert not [row for row in data if NEW_PASSWORD in row["data"] or "argon2" in row["data"]]
    assert ("user.password_set", person.user_id) in await events_of(owner, tenant)


async def test_an_administrator_signs_a_user_out_everywhere(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    """ASVS 7.4.5."""
    admin = await viewer_of(database, tenant)
    person = await make_account(database, tenant, Role.AGENT)
    tokens = [(await sign_in(database, person))[0] for _ in range(2)]
    async with database.transaction(tenant) as session:
        assert await users.end_sessions(session, admin, person.user_id) == 2
    assert [await ViewerCache().viewer_of_session(database, token) for token in tokens] == [
        None,
        None,
    ]
    assert await events_of(owner, tenant) == [("user.sessions_ended", person.user_id)]


async def test_signing_out_while_being_deactivated_does_not_deadlock(
    database: Database, tenant: int
) -> None:
    admin = await viewer_of(database, tenant)
    people = [await make_account(database, tenant, Role.AGENT) for _ in range(3)]

    async def leave(viewer: Viewer) -> None:
        async with database.transaction(tenant) as session:
            await account.log_out(session, viewer)

    viewers = [(await sign_in(database, person))[1] for person in people]
    await asyncio.gather(
        *(leave(viewer) for viewer in viewers),
        *(deactivate(database, admin, person.user_id) for person in people),
    )
