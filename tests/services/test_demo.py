# SPDX-License-Identifier: Apache-2.0
"""The demo centre, and synthetic contacts by the million."""

from collections import Counter

import asyncpg
import phonenumbers
import pytest
from sqlalchemy import func, select

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Permission, Role
from server.models import (
    AdditionalPhone,
    Campaign,
    Contact,
    ContactItemType,
    ContactList,
    Event,
    HopperEntry,
    HopperPhone,
    ListMember,
    User,
)
from server.services import agents
from server.services.contacts import name_keys, visible_contacts
from server.services.demo import ensure_demo, load_synthetic
from server.services.demo.centre import LOGINS, NAMED
from server.services.demo.people import CHUNK, make_people
from server.services.numbers import normalize_many
from tests.factories.campaigns import make_campaign
from tests.factories.item_types import make_item_type
from tests.factories.users import make_viewer
from tests.world import make_world

TYPES = [11, 12, 13, 14]


def test_the_same_seed_makes_the_same_people() -> None:
    assert make_people(7, 1, TYPES) == make_people(7, 1, TYPES)
    assert make_people(7, 1, TYPES).numbers != make_people(8, 1, TYPES).numbers
    assert make_people(7, 1, TYPES).first_names != make_people(7, 0, TYPES).first_names


def test_synthetic_people_are_many_different_ones_with_valid_numbers() -> None:
    chunks = [make_people(1, chunk, TYPES) for chunk in (0, 1, 49)]
    numbers = [number for chunk in chunks for number in chunk.numbers + chunk.phone_numbers]
    assert len(set(numbers)) == len(numbers)
    assert normalize_many(numbers, "IT") == numbers
    sample = numbers[:: len(numbers) // 500]
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(number)) for number in sample)
    assert {number[1:3] for number in numbers} == {"39", "48", "44"}
    first = chunks[0]
    assert 1.45 < len(first.phone_numbers) / CHUNK < 1.55
    assert len(set(zip(first.first_names, first.last_names, strict=True))) > CHUNK * 0.8
    kinds = Counter(first.phone_types)
    assert set(kinds) == {None, *TYPES}
    assert 0.05 < kinds[None] / len(first.phone_types) < 0.15


async def test_synthetic_contacts_come_onto_a_list_of_their_own(
    database: Database, tenant: int
) -> None:
    told: list[int] = []
    made = await load_synthetic(database, tenant, contacts=500, seed=3, progress=told.append)
    assert (made.list_name, made.contacts, made.present) == ("Synthetic 3", 500, 0)
    assert told == [0, 500]
    people = make_people(3, 0, [])
    async with database.transaction(tenant) as session:
        rows = (await session.scalars(select(Contact).order_by(Contact.id))).all()
        assert [row.first_name for row in rows] == people.first_names[:500]
        assert [row.phone for row in rows] == people.numbers[:500]
        assert [row.email for row in rows] == people.emails[:500]
        assert all(
            (row.name_key, row.given_key) == name_keys(row.first_name, row.last_name)
            for row in rows
        )
        phones = await session.execute(
            select(AdditionalPhone.contact_id, AdditionalPhone.number, AdditionalPhone.position)
        )
        ids = [row.id for row in rows]
        expected = {
            (ids[owner], number, position)
            for owner, number, position in zip(
                people.phone_owners,
                people.phone_numbers,
                people.phone_positions,
                strict=True,
            )
            if owner < 500
        }
        assert {(row[0], row[1], row[2]) for row in phones} == expected
        assert made.phones == len(expected)
        members = await session.scalars(
            select(ListMember.contact_id).where(ListMember.list_id == made.list_id)
        )
        assert sorted(members) == ids
        types = await session.scalars(
            select(ContactItemType.name).order_by(ContactItemType.order_by)
        )
        assert types.all() == ["Office", "Mobile", "Home", "Holiday Home"]
        event = await session.scalar(select(Event).where(Event.name == "contacts.synthesized"))
        assert event is not None
        assert event.data == {"contacts": 500, "seed": 3}


async def test_a_second_run_adds_only_what_is_missing(database: Database, tenant: int) -> None:
    first = await load_synthetic(database, tenant, contacts=30, seed=4)
    again = await load_synthetic(database, tenant, contacts=30, seed=4)
    more = await load_synthetic(database, tenant, contacts=50, seed=4)
    assert [(made.contacts, made.present) for made in (first, again, more)] == [
        (30, 0),
        (0, 30),
        (20, 30),
    ]
    async with database.transaction(tenant) as session:
        phones = await session.scalars(select(Contact.phone).order_by(Contact.id))
        assert phones.all() == make_people(4, 0, []).numbers[:50]
        assert await session.scalar(select(func.count()).select_from(ContactList)) == 1


async def test_synthetic_contacts_of_an_attached_list_are_loaded(
    database: Database, tenant: int
) -> None:
    viewer = await make_viewer(database, tenant)
    made = await load_synthetic(database, tenant, contacts=10, seed=5)
    async with database.transaction(tenant) as session:
        campaign = await make_campaign(session, viewer, list_ids=[made.list_id])
    more = await load_synthetic(database, tenant, contacts=25, seed=5)
    async with database.transaction(tenant) as session:
        entries = select(func.count()).select_from(HopperEntry)
        assert await session.scalar(entries.where(HopperEntry.campaign_id == campaign.id)) == 25
        phones = await session.scalar(select(func.count()).select_from(HopperPhone))
        assert phones == 25 + made.phones + more.phones


async def test_synthetic_phones_have_the_types_of_the_centre(
    database: Database, tenant: int
) -> None:
    viewer = await make_viewer(database, tenant)
    async with database.transaction(tenant) as session:
        boat = await make_item_type(session, viewer, "Boat")
    await load_synthetic(database, tenant, contacts=40, seed=6)
    async with database.transaction(tenant) as session:
        types = set(await session.scalars(select(AdditionalPhone.item_type_id)))
    assert types == {None, boat.id}


@pytest.mark.parametrize(
    ("contacts", "seed", "field"), [(-1, 1, "contacts"), (10**8, 1, "contacts"), (1, -1, "seed")]
)
async def test_counts_and_seeds_have_bounds(
    database: Database, tenant: int, contacts: int, seed: int, field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await load_synthetic(database, tenant, contacts=contacts, seed=seed)
    assert (refused.value.code, refused.value.field) == (ErrorCode.OUT_OF_RANGE, field)
    async with database.transaction(tenant) as session:
        assert await session.scalar(select(func.count()).select_from(ContactList)) == 0


async def test_the_demo_centre_has_a_campaign_that_runs_a_minute_a_second(
    database: Database, tenant: int
) -> None:
    world = await make_world(database, tenant, people=20)
    async with database.transaction(tenant) as session:
        campaign = await session.get_one(Campaign, world.centre.campaign_id)
        assert (campaign.state, campaign.clock_rate, campaign.driver) == (
            "RUNNING",
            60,
            "SIMULATED",
        )
        assert campaign.window_from is None
        open_entries = await session.scalar(
            select(func.count())
            .select_from(HopperEntry)
            .where(HopperEntry.campaign_id == campaign.id)
        )
        assert open_entries == len(NAMED) + 20
        draft = await session.get_one(Campaign, world.centre.draft_id)
        assert draft.state == "DRAFT"
        types = await session.scalars(select(ContactItemType).order_by(ContactItemType.order_by))
        assert [(row.name, row.order_by) for row in types] == [
            ("Office", 1),
            ("Mobile", 2),
            ("Home", 3),
            ("Holiday Home", 4),
        ]
        ada = await session.scalar(select(Contact).where(Contact.last_name == "Farinelli"))
        assert ada is not None
        numbers = await session.scalars(
            select(HopperPhone.number)
            .join(HopperEntry, HopperEntry.id == HopperPhone.entry_id)
            .where(HopperEntry.contact_id == ada.id)
            .order_by(HopperPhone.position)
        )
        # The seed's example: primary, Office, Holiday Home.
        assert numbers.all() == [f"+39061234500{digit}" for digit in (0, 1, 2)]


async def test_the_demo_people_may_what_their_profiles_say(
    database: Database, tenant: int
) -> None:
    world = await make_world(database, tenant, people=0)
    assert world.supervisor.may(Permission.ITEM_TYPES_CREATE)
    assert world.supervisor.may(Permission.CAMPAIGNS_EDIT)
    assert not world.supervisor.may(Permission.USERS_CREATE)
    assert world.agent.may(Permission.CONTACTS_EDIT)
    assert not world.agent.may(Permission.CONTACTS_DELETE)  # C-04
    async with database.transaction(tenant) as session:
        seen = await session.scalars(visible_contacts(world.agent))
        newcomers = await session.scalar(
            select(func.count())
            .select_from(ListMember)
            .where(ListMember.list_id == world.centre.list_ids["Newcomers"])
        )
        assert newcomers == 40
        assert len(seen.all()) == 40 + 24  # and those of the campaign whose calls are previewed


async def test_the_demo_agents_have_somebody_to_call_at_once(
    database: Database, tenant: int
) -> None:
    """X-39, R-07: a preview in the first minute, and customers to obtain."""
    world = await make_world(database, tenant, people=0)
    for agent in (world.agent, world.agent2):
        async with database.transaction(tenant) as session:
            await agents.start_work(session, agent)
            assert await agents.preview_next(session, agent)
            desk = await agents.read_desk(session, agent)
            got = await agents.obtain_contacts(session, agent, world.centre.auto_id)
        assert desk.call is not None
        assert desk.call.campaign_id == world.centre.preview_id
        assert (got.taken, got.most_owned) == (5, 20)


async def test_the_demo_is_built_once_and_tells_the_log_ins_that_work(
    own_database: str,
) -> None:
    database = Database(own_database, pool_size=2)
    await database.start()
    try:
        logins = await ensure_demo(database)
        assert logins == [
            (role.value.lower(), name, password) for name, _, role, password in LOGINS
        ]
        assert await ensure_demo(database) == logins
        owner = await asyncpg.connect(own_database)
        try:
            assert await owner.fetchval("SELECT count(*) FROM users") == len(LOGINS)
            assert await owner.fetchval("SELECT count(*) FROM campaigns") == 4
            assert await owner.fetchval("SELECT count(*) FROM contacts") == 364
            changed = "UPDATE users SET password_hash = 'other' WHERE name = 'supervisor'"
            await owner.execute(changed)
            await owner.execute("UPDATE users SET is_active = false WHERE name = 'agent'")
        finally:
            await owner.close()
        assert await ensure_demo(database) == [
            logins[0],
            ("supervisor", "supervisor", KEPT),
            logins[3],
        ]
    finally:
        await database.stop()


KEPT = "(as you set it)"


async def test_a_centre_with_users_of_its_own_gets_no_demo(own_database: str) -> None:
    database = Database(own_database, pool_size=2)
    await database.start()
    try:
        rows = await database.read(
            None, "INSERT INTO tenants (name) VALUES ('default') RETURNING id"
        )
        viewer = await make_viewer(database, rows[0]["id"], Role.SUPERVISOR)
        assert await ensure_demo(database) == []
        async with database.transaction(viewer.tenant_id) as session:
            assert (await session.scalars(select(User.id))).all() == [viewer.user_id]
    finally:
        await database.stop()
