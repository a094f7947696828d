# SPDX-License-Identifier: Apache-2.0
"""Sessions end at the server; people set their own password and preferences (ASVS 7.4, 7.5)."""

import asyncpg
import pytest

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import Session
from server.services import account
from server.services.access import ViewerCache
from server.services.account import PreferencesEdit
from tests.factories.access import (
    PASSWORD,
    Account,
    events_of,
    make_account,
    sign_in,
    viewer_of,
)
from tests.factories.refusals import refusals

NEW_PASSWORD = "copper-window-31"


@pytest.fixture
async def person(database: Database, tenant: int) -> Account:
    return await make_account(database, tenant)


async def seen(database: Database, token: str) -> Viewer | None:
    """What another process, which knows nothing yet, makes of the cookie."""
    return await ViewerCache().viewer_of_session(database, token)


async def own_sessions(database: Database, viewer: Viewer) -> list[int]:
    async with database.transaction(viewer.tenant_id) as session:
        found = await session.scalars(account.visible_sessions(viewer).order_by(Session.id))
        return [row.id for row in found]


async def test_a_log_out_ends_the_session_wherever_its_cookie_is(
    database: Database, person: Account, owner: asyncpg.Connection
) -> None:
    """ASVS 7.4.1."""
    cache = ViewerCache()
    token, viewer = await sign_in(database, person)
    kept, _ = await sign_in(database, person)
    cached = await cache.viewer_of_session(database, token)
    assert cached is not None
    async with database.transaction(person.tenant_id) as session:
        await account.log_out(session, viewer)
    assert await cache.current(database, cached) is None
    assert await cache.viewer_of_session(database, token) is None
    assert await seen(database, token) is None
    assert await seen(database, kept) is not None
    assert (await events_of(owner, person.tenant_id))[-1] == (
        "account.logged_out",
        person.user_id,
    )


async def test_people_see_and_end_their_own_sessions_only(
    database: Database, person: Account, tenant: int, owner: asyncpg.Connection
) -> None:
    """ASVS 7.5.2."""
    _, first = await sign_in(database, person)
    away, second = await sign_in(database, person)
    _, ended = await sign_in(database, person)
    other = await viewer_of(database, tenant)
    assert None not in (first.session_id, second.session_id, other.session_id)
    await owner.execute("UPDATE sessions SET expires_at = now() WHERE id = $1", ended.session_id)
    assert await own_sessions(database, first) == [first.session_id, second.session_id]
    async with database.transaction(tenant) as session:
        with refusals() as told:
            await account.end_session(session, first, other.session_id or 0)
        assert told == [("NOT_FOUND", "id")]
        await account.end_session(session, first, second.session_id or 0)
    assert await own_sessions(database, first) == [first.session_id]
    assert await own_sessions(database, other) == [other.session_id]
    assert await seen(database, away) is None
    assert ("session.ended", second.session_id) in await events_of(owner, tenant)


async def test_all_other_sessions_end_at_a_stroke(
    database: Database, person: Account, tenant: int
) -> None:
    tokens = [(await sign_in(database, person))[0] for _ in range(3)]
    _, viewer = await sign_in(database, person)
    async with database.transaction(tenant) as session:
        assert await account.end_other_sessions(session, viewer) == 3
    assert [await seen(database, token) for token in tokens] == [None] * 3
    assert await own_sessions(database, viewer) == [viewer.session_id]


async def test_a_changed_password_ends_the_other_sessions(
    database: Database, person: Account, tenant: int, owner: asyncpg.Connection
) -> None:
    other, _ = await sign_in(database, person)
    token, viewer = await sign_in(database, person)
    assert await account.change_password(database, viewer, PASSWORD, NEW_PASSWORD) == 1
    assert await seen(database, other) is None
    assert await seen(database, token) is not None
    await account.log_in(database, person.name, NEW_PASSWORD)
    with refusals() as told:
        await account.log_in(database, person.name, PASSWORD)
    assert told == [("CREDENTIALS", None)]
    assert ("account.password_changed", person.user_id) in await events_of(owner, tenant)


async def test_a_password_is_changed_only_against_the_present_one(
    database: Database, person: Account
) -> None:
    token, viewer = await sign_in(database, person)
    other, _ = await sign_in(database, person)
    with refusals() as told:
        await account.change_password(database, viewer, PASSWORD, "password1")
    assert told == [("WEAK_PASSWORD", "newPassword")]
    for _ in range(5):
        with refusals() as told:
            await account.change_password(database, viewer, "guess", NEW_PASSWORD)
        assert told == [("CREDENTIALS", "currentPassword")]
    # An unattended browser is no way round the throttle of the log-in (ASVS 6.3.1).
    for _ in range(2):
        with refusals() as told:
            await account.change_password(database, viewer, PASSWORD, NEW_PASSWORD)
        assert told == [("THROTTLED", "currentPassword")]
    assert await seen(database, token) is not None
    assert await seen(database, other) is not None


async def test_preferences_act_on_the_next_request_of_every_session(
    database: Database, person: Account, tenant: int, owner: asyncpg.Connection
) -> None:
    cache = ViewerCache()
    token, viewer = await sign_in(database, person)
    other, _ = await sign_in(database, person)
    before = await cache.viewer_of_session(database, other)
    assert before is not None
    edit = PreferencesEdit(
        locale="it",
        timezone="America/New_York",
        theme="dark",
        density="compact",
        full_name=" Ada  Conti ",
    )
    async with database.transaction(tenant) as session:
        await account.edit_preferences(session, viewer, edit)
    for found in (await cache.current(database, before), await seen(database, token)):
        assert found is not None
        assert (found.locale, found.timezone, found.theme, found.density, found.full_name) == (
            *("it", "America/New_York", "dark", "compact", "Ada  Conti"),
        )
    assert (await events_of(owner, tenant))[-1] == (
        "account.preferences_changed",
        person.user_id,
    )


async def test_preferences_outside_their_lists_are_refused_together(
    database: Database, person: Account, tenant: int
) -> None:
    token, viewer = await sign_in(database, person)
    edit = PreferencesEdit(
        locale="xx", timezone="Europe/Atlantis", theme="pink", density="", full_name="a\x00"
    )
    with refusals() as told:
        async with database.transaction(tenant) as session:
            await account.edit_preferences(session, viewer, edit)
    assert told == [
        ("INVALID", "locale"),
        ("UNKNOWN_TIMEZONE", "timezone"),
        ("INVALID", "theme"),
        ("INVALID", "density"),
        ("INVALID_CHARACTER", "fullName"),
    ]
    after = await seen(database, token)
    assert after is not None
    assert (after.locale, after.timezone, after.theme) == ("en", "Europe/Rome", "auto")


async def test_a_token_has_no_session_to_log_out_of(database: Database, person: Account) -> None:
    _, viewer = await sign_in(database, person)
    async with database.transaction(person.tenant_id) as session:
        made = await account.create_token(session, viewer, account.TokenInput(name="script"))
    bearer = await ViewerCache().viewer_of_token(database, made.secret)
    assert bearer is not None
    async with database.transaction(person.tenant_id) as session:
        with pytest.raises(DomainError) as refusal:
            await account.log_out(session, bearer)
    assert refusal.value.code is ErrorCode.WRONG_STATE
