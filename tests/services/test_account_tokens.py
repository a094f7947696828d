# SPDX-License-Identifier: Apache-2.0
"""API tokens: shown once, hashed, bounded by scopes, user and time."""

import hashlib
from dataclasses import replace

import asyncpg
import pytest

from server.database import Database
from server.domain.permissions import ALL_PERMISSIONS, Permission, Role, Viewer
from server.models import ApiToken
from server.services import account
from server.services.access import ViewerCache
from server.services.account import CreatedToken, TokenInput
from tests.conftest import MakeTenant
from tests.factories.access import events_of, make_account, viewer_of
from tests.factories.refusals import refusals

VIEW, EDIT = Permission.CONTACTS_VIEW, Permission.CONTACTS_EDIT


async def create(database: Database, viewer: Viewer, **given: object) -> CreatedToken:
    async with database.transaction(viewer.tenant_id) as session:
        return await account.create_token(
            session,
            viewer,
            replace(TokenInput(name="script"), **given),  # type: ignore[arg-type]
        )


async def bearer(database: Database, secret: str) -> Viewer | None:
    return await ViewerCache().viewer_of_token(database, secret)


async def seen_by(database: Database, viewer: Viewer) -> list[str]:
    async with database.transaction(viewer.tenant_id) as session:
        found = await session.scalars(account.visible_tokens(viewer).order_by(ApiToken.id))
        return [token.name for token in found]


async def test_a_token_stands_for_its_user_for_ninety_days(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    viewer = await viewer_of(database, tenant, Role.SUPERVISOR, (VIEW, EDIT))
    made = await create(database, viewer, name=" nightly  export ")
    row = await owner.fetchrow(
        "SELECT *, expires_at::date - created_at::date AS days FROM api_tokens WHERE user_id = $1",
        viewer.user_id,
    )
    assert made.secret.startswith("rub_")
    assert len(made.secret) == 47
    assert row["token_hash"] == hashlib.sha256(made.secret.encode()).digest()
    assert (row["name"], row["hint"], row["scopes"]) == (
        "nightly  export",
        made.secret[-4:],
        None,
    )
    assert row["days"] in (89, 90, 91)
    found = await bearer(database, made.secret)
    assert found is not None
    assert (found.user_id, found.session_id, found.token_id) == (viewer.user_id, None, row["id"])
    assert found.permissions == {VIEW, EDIT}
    assert (await events_of(owner, tenant))[-1] == ("token.created", made.token.id)
    data = await owner.fetchval("SELECT string_agg(data::text, '') FROM events")
    assert made.secret not in data


async def test_scopes_narrow_a_token_and_the_users_rights_bound_it_later_too(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    viewer = await viewer_of(database, tenant, Role.SUPERVISOR, (VIEW, EDIT))
    made = await create(database, viewer, scopes=["contacts.edit"])
    narrowed = await bearer(database, made.secret)
    assert narrowed is not None
    assert narrowed.permissions == {EDIT}
    await owner.execute(
        "UPDATE profiles SET permissions = '{contacts.view}' WHERE tenant_id = $1", tenant
    )
    less = await bearer(database, made.secret)
    assert less is not None
    assert less.permissions == frozenset()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"scopes": ["contacts.view", "contacts.delete"]}, [("ESCALATION", "scopes")]),
        ({"scopes": ["contacts.view", "contacts.fly"]}, [("INVALID", "scopes.1")]),
        ({"days": 366}, [("OUT_OF_RANGE", "days")]),
        ({"days": 0}, [("OUT_OF_RANGE", "days")]),
        ({"name": "  "}, [("REQUIRED", "name")]),
        ({"name": "\x00", "days": -1}, [("INVALID_CHARACTER", "name"), ("OUT_OF_RANGE", "days")]),
        ({"user_id": 2**40}, [("ESCALATION", "userId")]),
    ],
)
async def test_a_token_is_refused(
    database: Database,
    tenant: int,
    owner: asyncpg.Connection,
    given: dict[str, object],
    expected: list[tuple[str, str]],
) -> None:
    viewer = await viewer_of(database, tenant, Role.SUPERVISOR, (VIEW, EDIT))
    with refusals() as told:
        await create(database, viewer, **given)
    assert told == expected
    assert await owner.fetchval("SELECT count(*) FROM api_tokens WHERE tenant_id = $1", tenant) == 0


async def test_only_an_administrator_makes_tokens_for_somebody_else(
    database: Database, tenant: int, new_tenant: MakeTenant
) -> None:
    admin = await viewer_of(database, tenant)
    agent = await viewer_of(database, tenant, Role.AGENT, (VIEW,))
    foreign = await make_account(database, await new_tenant())
    made = await create(database, admin, name="for the agent", user_id=agent.user_id)
    found = await bearer(database, made.secret)
    assert found is not None
    assert (found.user_id, found.role, found.permissions) == (agent.user_id, Role.AGENT, {VIEW})
    with refusals() as told:
        await create(database, admin, user_id=foreign.user_id)
    assert told == [("NOT_FOUND", "userId")]
    with refusals() as told:
        await create(database, admin, user_id=agent.user_id, scopes=["contacts.delete"])
    assert told == [("ESCALATION", "scopes")]
    await create(database, admin, name="own")
    assert await seen_by(database, admin) == ["for the agent", "own"]
    assert await seen_by(database, agent) == ["for the agent"]


async def test_a_token_makes_none_that_is_wider_or_lives_longer(
    database: Database, tenant: int
) -> None:
    admin = await viewer_of(database, tenant)
    made = await create(database, admin, days=10, scopes=["contacts.view", "tokens.create"])
    narrow = await bearer(database, made.secret)
    assert narrow is not None
    with refusals() as told:
        await create(database, narrow, days=10)
    assert told == [("ESCALATION", "scopes"), ("ESCALATION", "days")]
    with refusals() as told:
        await create(database, narrow, days=9, scopes=["contacts.edit"])
    assert told == [("ESCALATION", "scopes")]
    with refusals() as told:
        await create(database, narrow, days=9, scopes=["contacts.view"], user_id=1)
    assert told == [("ESCALATION", "userId")]
    child = await create(database, narrow, days=9, scopes=["contacts.view"])
    found = await bearer(database, child.secret)
    assert found is not None
    assert found.permissions == {VIEW}


async def test_a_revoked_token_stops_at_once_and_stays_revoked(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    admin = await viewer_of(database, tenant)
    other = await viewer_of(database, tenant, Role.SUPERVISOR, (VIEW,))
    made = await create(database, admin)
    cache = ViewerCache()
    known = await cache.viewer_of_token(database, made.secret)
    assert known is not None
    assert known.permissions == ALL_PERMISSIONS
    async with database.transaction(tenant) as session:
        with refusals() as told:
            await account.revoke_token(session, other, made.token.id)
    assert told == [("NOT_FOUND", "id")]
    for _ in range(2):
        async with database.transaction(tenant) as session:
            revoked = await account.revoke_token(session, admin, made.token.id)
        assert revoked.revoked_at is not None
    assert await cache.current(database, known) is None
    assert await cache.viewer_of_token(database, made.secret) is None
    events = [name for name, _ in await events_of(owner, tenant)]
    assert events.count("token.revoked") == 1


async def test_an_expired_token_stands_for_nobody(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    admin = await viewer_of(database, tenant)
    made = await create(database, admin)
    cache = ViewerCache()
    assert await cache.viewer_of_token(database, made.secret) is not None
    await owner.execute("UPDATE api_tokens SET expires_at = now() WHERE id = $1", made.token.id)
    assert await bearer(database, made.secret) is None


@pytest.mark.parametrize("secret", ["", "rub_", "rub_\ud800", "rub_" + "x" * 10_000, "Bearer x"])
async def test_what_is_no_token_stands_for_nobody(database: Database, secret: str) -> None:
    assert await bearer(database, secret) is None
    assert await ViewerCache().viewer_of_session(database, secret) is None
