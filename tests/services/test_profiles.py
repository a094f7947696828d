# SPDX-License-Identifier: Apache-2.0
"""Profiles: the permission tree, and what somebody may put into one (X-09)."""

import asyncio

import asyncpg
import pytest

from server.database import Database
from server.domain.errors import DomainError, ErrorCode, RefusalsError
from server.domain.permissions import Permission, Role, Viewer
from server.models import Profile
from server.services import profiles
from server.services.access import ViewerCache
from server.services.profiles import ProfileEdit, ProfileInput
from tests.conftest import MakeTenant
from tests.factories.access import events_of, make_account, sign_in, viewer_of
from tests.factories.refusals import refusals


async def create(database: Database, viewer: Viewer, given: ProfileInput) -> Profile:
    async with database.transaction(viewer.tenant_id) as session:
        return await profiles.create_profile(session, viewer, given)


async def edit(database: Database, viewer: Viewer, profile_id: int, changes: ProfileEdit) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await profiles.edit_profile(session, viewer, profile_id, changes)


async def stored(owner: asyncpg.Connection, profile_id: int | None) -> tuple[object, ...]:
    row = await owner.fetchrow(
        "SELECT name, description, permissions, version FROM profiles WHERE id = $1", profile_id
    )
    return tuple(row)


def test_the_tree_holds_every_permission_once_item_types_under_tools() -> None:
    """X-09: Permission > Tools > Contact item types, view, create, edit, delete each."""
    tree = profiles.permission_tree()
    subjects = {subject.name: subject.permissions for group in tree for subject in group.subjects}
    assert [group.name for group in tree] == [
        *("contacts", "campaigns", "processes", "tools", "staff", "audit"),
    ]
    assert [s.name for group in tree if group.name == "tools" for s in group.subjects] == [
        *("item_types", "fields", "telephony"),
    ]
    assert [permission.verb for permission in subjects["item_types"]] == [
        *("view", "create", "edit", "delete"),
    ]
    assert sorted(p for of_subject in subjects.values() for p in of_subject) == sorted(Permission)


async def test_a_profile_keeps_its_permissions_in_the_trees_order_each_once(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    admin = await viewer_of(database, tenant)
    given = ProfileInput(
        name="  Team  leads ",
        description=" All but users ",
        permissions=["item_types.view", "contacts.edit", "contacts.view", "item_types.view"],
    )
    row = await create(database, admin, given)
    assert await stored(owner, row.id) == (
        "Team  leads",
        "All but users",
        ["contacts.view", "contacts.edit", "item_types.view"],
        1,
    )
    assert await events_of(owner, tenant) == [("profile.created", row.id)]


async def test_a_right_granted_in_a_profile_is_there_on_the_next_request(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    """X-09, X-16."""
    admin = await viewer_of(database, tenant)
    person = await make_account(database, tenant, Role.SUPERVISOR, (Permission.CONTACTS_VIEW,))
    token, viewer = await sign_in(database, person)
    cache = ViewerCache()
    await cache.viewer_of_session(database, token)
    assert person.profile_id is not None
    for permissions in (["item_types.view", "item_types.edit"], []):
        await edit(database, admin, person.profile_id, ProfileEdit(permissions=permissions))
        now = await cache.current(database, viewer)
        assert now is not None
        assert sorted(now.permissions) == sorted(permissions)
    data = await owner.fetchval(
        "SELECT data::text FROM events WHERE name = 'profile.edited' AND subject_id = $1"
        " ORDER BY id LIMIT 1",
        person.profile_id,
    )
    assert '"granted": ["item_types.edit", "item_types.view"]' in data
    assert '"taken": ["contacts.view"]' in data


async def test_nobody_puts_into_a_profile_what_they_do_not_have(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    held = (Permission.CONTACTS_VIEW, Permission.PROFILES_CREATE, Permission.PROFILES_EDIT)
    supervisor = await viewer_of(database, tenant, Role.SUPERVISOR, held)
    wide = await make_account(database, tenant, Role.SUPERVISOR, tuple(Permission))
    more = ProfileInput(name="More", permissions=["users.edit", "contacts.delete"])
    with pytest.raises(RefusalsError) as refusal:
        await create(database, supervisor, more)
    (error,) = refusal.value.errors
    assert (error.code, error.field, error.params) == (
        ErrorCode.ESCALATION,
        "permissions",
        {"permission": Permission.CONTACTS_DELETE},
    )
    row = await create(
        database, supervisor, ProfileInput(name="Same", permissions=[*map(str, held)])
    )
    with refusals() as told:
        await edit(
            database, supervisor, row.id, ProfileEdit(permissions=[*held, "contacts.delete"])
        )
    assert told == [("ESCALATION", "permissions")]
    assert (await stored(owner, row.id))[2:] == ([*map(str, held)], 1)
    # What somebody else granted may stay, and be taken away, but not come back.
    assert wide.profile_id is not None
    rest = [p.value for p in Permission if p is not Permission.CONTACTS_DELETE]
    await edit(database, supervisor, wide.profile_id, ProfileEdit(permissions=rest))
    with refusals() as told:
        await edit(database, supervisor, wide.profile_id, ProfileEdit(permissions=[*Permission]))
    assert told == [("ESCALATION", "permissions")]
    assert (await stored(owner, wide.profile_id))[2] == rest


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (ProfileInput(name=" "), [("REQUIRED", "name")]),
        (ProfileInput(name="x" * 101), [("TOO_LONG", "name")]),
        (
            ProfileInput(name="a\x00", description="\ud800", permissions=["users.fly"]),
            [
                ("INVALID_CHARACTER", "name"),
                ("INVALID_CHARACTER", "description"),
                ("INVALID", "permissions.0"),
            ],
        ),
    ],
)
async def test_a_profile_is_refused_with_all_its_faults(
    database: Database,
    tenant: int,
    owner: asyncpg.Connection,
    given: ProfileInput,
    expected: list[tuple[str, str]],
) -> None:
    admin = await viewer_of(database, tenant)
    with refusals() as told:
        await create(database, admin, given)
    assert told == expected
    assert await owner.fetchval("SELECT count(*) FROM profiles WHERE tenant_id = $1", tenant) == 0


async def test_a_profiles_name_is_taken_in_its_centre_only(
    database: Database, tenant: int, new_tenant: MakeTenant
) -> None:
    admin = await viewer_of(database, tenant)
    other = await viewer_of(database, await new_tenant())
    await create(database, admin, ProfileInput(name="Leads"))
    await create(database, other, ProfileInput(name="Leads"))
    second = await create(database, admin, ProfileInput(name="Others"))
    with refusals() as told:
        await create(database, admin, ProfileInput(name="LEADS "))
    assert told == [("TAKEN", "name")]
    with refusals() as told:
        await edit(database, admin, second.id, ProfileEdit(name="leads"))
    assert told == [("TAKEN", "name")]


async def test_of_two_editors_one_wins(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    admin = await viewer_of(database, tenant)
    row = await create(database, admin, ProfileInput(name="Leads"))
    answers = await asyncio.gather(
        *(
            edit(database, admin, row.id, ProfileEdit(description=text, version=1))
            for text in ("one", "two", "three")
        ),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, DomainError)]
    assert [(e.code, e.field) for e in refused] == [(ErrorCode.CONFLICT, "version")] * 2
    assert (await stored(owner, row.id))[3] == 2


async def test_a_profile_that_somebody_carries_stays(
    database: Database, tenant: int, owner: asyncpg.Connection
) -> None:
    admin = await viewer_of(database, tenant)
    carrier = await make_account(database, tenant, Role.AGENT, (), active=False)
    free = await create(database, admin, ProfileInput(name="Free"))
    assert carrier.profile_id is not None
    with pytest.raises(DomainError) as refusal:
        async with database.transaction(tenant) as session:
            await profiles.delete_profile(session, admin, carrier.profile_id)
    assert (refusal.value.code, refusal.value.field, refusal.value.params) == (
        ErrorCode.IN_USE,
        "id",
        {"used_by": carrier.name},
    )
    async with database.transaction(tenant) as session:
        deleted = await profiles.delete_profile(session, admin, free.id, version=1)
    assert (deleted.id, deleted.name) == (free.id, "Free")
    left = await owner.fetch("SELECT id FROM profiles WHERE tenant_id = $1", tenant)
    assert [row["id"] for row in left] == [carrier.profile_id]
    assert (await events_of(owner, tenant))[-1] == ("profile.deleted", free.id)


async def test_another_centres_profile_is_missing(
    database: Database, tenant: int, new_tenant: MakeTenant, owner: asyncpg.Connection
) -> None:
    admin = await viewer_of(database, tenant)
    other = await viewer_of(database, await new_tenant())
    foreign = await create(database, other, ProfileInput(name="Foreign"))
    for profile_id in (foreign.id, 2**40):
        with refusals() as told:
            await edit(database, admin, profile_id, ProfileEdit(name="Mine"))
        assert told == [("NOT_FOUND", "id")]
        with refusals() as told:
            async with database.transaction(tenant) as session:
                await profiles.delete_profile(session, admin, profile_id)
        assert told == [("NOT_FOUND", "id")]
    assert (await stored(owner, foreign.id))[0] == "Foreign"
