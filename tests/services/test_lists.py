# SPDX-License-Identifier: Apache-2.0
"""Contact lists: who stands on them, who sees them, and what campaigns make of it (X-17, X-23)."""

import asyncio

import pytest
from sqlalchemy import func, select

from server.database import Database
from server.domain.permissions import Role, Viewer
from server.models import Contact, ContactList, Event, ListAgent, ListMember
from server.services import campaigns, contacts, lists
from server.services.contacts import ContactEdit
from server.services.lists import ListEdit, ListInput
from tests.conftest import MakeTenant
from tests.factories.campaigns import closed, hopper, make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


@pytest.fixture
async def agent(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant, Role.AGENT)


async def names(database: Database, viewer: Viewer) -> list[str]:
    async with database.transaction(viewer.tenant_id) as session:
        found = await session.scalars(select(ContactList.name).order_by(ContactList.name_key))
        return list(found)


async def test_a_list_is_made_and_edited(database: Database, viewer: Viewer, agent: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        given = ListInput(name=" Spring ", description="all", agent_ids=[agent.user_id] * 2)
        row = await lists.create_list(session, viewer, given)
        assert (row.name, row.description, row.version) == ("Spring", "all", 1)
    async with database.transaction(viewer.tenant_id) as session:
        edit = ListEdit(name="Summer", agent_ids=[], version=1)
        row = await lists.edit_list(session, viewer, row.id, edit)
        assert (row.name, row.description, row.version) == ("Summer", "all", 2)
        assert await session.scalar(select(func.count()).select_from(ListAgent)) == 0
        events = await session.scalars(select(Event.name).order_by(Event.id))
        assert events.all() == ["list.created", "list.edited"]


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        (ListInput(name=""), [("REQUIRED", "name")]),
        (ListInput(name="spring"), [("TAKEN", "name")]),
        (ListInput(name="\x00"), [("INVALID_CHARACTER", "name")]),
        (ListInput(name="x" * 100_000), [("TOO_LONG", "name")]),
        (ListInput(name="New", description="x" * 100_000), [("TOO_LONG", "description")]),
        (
            ListInput(name="\ud800", agent_ids=[2**62]),
            [("INVALID_CHARACTER", "name"), ("NOT_FOUND", "agentIds.0")],
        ),
    ],
)
async def test_a_refused_list_is_not_stored(
    database: Database, viewer: Viewer, given: ListInput, refused: list[tuple[str, str]]
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_list(session, viewer, "Spring")
        other = await make_list(session, viewer, "Other")
    async with database.transaction(viewer.tenant_id) as session:
        with refusals() as told:
            await lists.create_list(session, viewer, given)
        assert told == refused
        edit = ListEdit(name=given.name, description=given.description, agent_ids=given.agent_ids)
        with refusals() as told:
            await lists.edit_list(session, viewer, other.id, edit)
        assert told == refused
        with refusals() as told:
            await lists.edit_list(session, viewer, row.id, ListEdit(name="New", version=5))
        assert told == [("CONFLICT", "version")]
    assert await names(database, viewer) == ["Other", "Spring"]


async def test_only_agents_of_the_tenant_are_assigned(
    database: Database, viewer: Viewer, agent: Viewer, new_tenant: MakeTenant
) -> None:
    foreign = await make_viewer(database, await new_tenant(), Role.AGENT)
    async with database.transaction(viewer.tenant_id) as session:
        with refusals() as told:
            await make_list(
                session,
                viewer,
                agent_ids=[agent.user_id, viewer.user_id, foreign.user_id],
            )
    assert told == [("NOT_FOUND", "agentIds.1"), ("NOT_FOUND", "agentIds.2")]


async def test_an_agent_sees_assigned_lists_only(
    database: Database, viewer: Viewer, agent: Viewer
) -> None:
    colleague = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    async with database.transaction(viewer.tenant_id) as session:
        await make_list(session, viewer, "Mine", agent_ids=[agent.user_id])
        await make_list(session, viewer, "Other", agent_ids=[colleague.user_id])
        seen = [row.name for row in await session.scalars(lists.visible_lists(agent))]
        everything = [row.name for row in await session.scalars(lists.visible_lists(viewer))]
    assert (seen, sorted(everything)) == (["Mine"], ["Mine", "Other"])


async def test_a_list_goes_and_its_contacts_stay(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_list(session, viewer)
        await make_contact(session, viewer, list_ids=[row.id])
    async with database.transaction(viewer.tenant_id) as session:
        deleted = await lists.delete_list(session, viewer, row.id)
    assert deleted == lists.DeletedList(id=row.id, name="Spring", members=1)
    async with database.transaction(viewer.tenant_id) as session:
        assert await session.scalar(select(func.count()).select_from(Contact)) == 1
    assert await names(database, viewer) == []


async def test_a_list_that_a_campaign_calls_is_not_deleted(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_list(session, viewer)
        await make_campaign(session, viewer, "Offers", list_ids=[row.id])
    async with database.transaction(viewer.tenant_id) as session:
        with pytest.raises(lists.DomainError) as refused:
            await lists.delete_list(session, viewer, row.id)
    assert (refused.value.code, refused.value.params) == ("IN_USE", {"used_by": "Offers"})
    assert await names(database, viewer) == ["Spring"]


async def test_a_foreign_list_looks_like_a_missing_one(
    database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:
    other = await make_viewer(database, await new_tenant())
    async with database.transaction(other.tenant_id) as session:
        theirs = await make_list(session, other)
        person = await make_contact(session, other)
    async with database.transaction(viewer.tenant_id) as session:
        mine = await make_list(session, viewer)
        with refusals() as edited:
            await lists.edit_list(session, viewer, theirs.id, ListEdit(name="Mine"))
        with refusals() as deleted:
            await lists.delete_list(session, viewer, theirs.id)
        with refusals() as joined:
            await lists.add_members(session, viewer, theirs.id, [])
        with refusals() as added:
            await lists.add_members(session, viewer, mine.id, [person.id, 2**62])
        with refusals() as removed:
            await lists.remove_members(session, viewer, mine.id, [person.id])
    assert edited == deleted == [("NOT_FOUND", "id")]
    assert joined == [("NOT_FOUND", "listId")]
    assert added == [("NOT_FOUND", "contactIds.0"), ("NOT_FOUND", "contactIds.1")]
    assert removed == [("NOT_FOUND", "contactIds.0")]
    assert await names(database, other) == ["Spring"]


async def test_a_thousand_members_come_at_once_and_more_by_import(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_list(session, viewer)
        with refusals() as told:
            await lists.add_members(session, viewer, row.id, list(range(1001)))
    assert told == [("OUT_OF_RANGE", "contactIds")]


async def test_members_are_counted(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_list(session, viewer)
        ids = [(await make_contact(session, viewer, phone=None)).id for _ in range(3)]
        assert await lists.add_members(session, viewer, row.id, ids[:2]) == 2
        assert await lists.add_members(session, viewer, row.id, ids + ids) == 1
        assert await lists.remove_members(session, viewer, row.id, ids[:1]) == 1
        assert await lists.remove_members(session, viewer, row.id, ids[:1]) == 0
        table = ContactList.__table__
        count = await session.scalar(select(lists.member_count(table)).select_from(table))
    assert count == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [("", ["Autumn", "Spring 100%"]), ("PRI", ["Spring 100%"]), ("%", ["Spring 100%"]), ("\0", [])],
)
async def test_lists_are_found_by_any_part_of_their_name(
    database: Database, viewer: Viewer, text: str, found: list[str]
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await make_list(session, viewer, "Spring 100%")
        await make_list(session, viewer, "Autumn")
        condition = lists.matching(text, viewer)(ContactList.__table__)
        rows = await session.scalars(lists.visible_lists(viewer).where(condition))
        assert sorted(row.name for row in rows) == found


# whoever comes onto an attached list comes into the campaign, by whatever way.


async def test_a_contact_that_joins_an_attached_list_is_loaded_in_dial_order(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office", 1)
        home = await make_item_type(session, viewer, "Home", 2)
        row = await make_list(session, viewer)
        campaign = await make_campaign(session, viewer, list_ids=[row.id])
        numbers = phones("+390612345003", ("+390612345002", home.id), ("+390612345001", office.id))
        created = await make_contact(session, viewer, additional=numbers, list_ids=[row.id])
        added = await make_contact(session, viewer, phone="+390612345010")
        await lists.add_members(session, viewer, row.id, [added.id])
        edited = await make_contact(session, viewer, phone="+390612345020")
        await contacts.edit_contact(session, viewer, edited.id, ContactEdit(list_ids=[row.id]))
        # by the order of the types, whatever the order of entry
        assert await hopper(session, campaign.id) == {
            created.id: [f"+39061234500{digit}" for digit in (0, 1, 2, 3)],
            added.id: ["+390612345010"],
            edited.id: ["+390612345020"],
        }


async def test_attaching_first_or_last_gives_the_same_hopper(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_list(session, viewer)
        before = await make_campaign(session, viewer, "Before", list_ids=[row.id])
        for number in range(5):
            await make_contact(
                session,
                viewer,
                phone=f"+3906123450{number}0",
                additional=phones(f"+3906123450{number}1"),
                list_ids=[row.id],
            )
        after = await make_campaign(session, viewer, "After", list_ids=[row.id])
        first, last = await hopper(session, before.id), await hopper(session, after.id)
    assert first == last
    assert len(first) == 5


async def test_who_leaves_a_list_leaves_its_campaigns(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_list(session, viewer)
        campaign = await make_campaign(session, viewer, list_ids=[row.id])
        stays = await make_contact(session, viewer, list_ids=[row.id])
        removed = await make_contact(session, viewer, phone="+390612345001", list_ids=[row.id])
        edited = await make_contact(session, viewer, phone="+390612345002", list_ids=[row.id])
        await lists.remove_members(session, viewer, row.id, [removed.id])
        await contacts.edit_contact(session, viewer, edited.id, ContactEdit(list_ids=[]))
        assert list(await hopper(session, campaign.id)) == [stays.id]
        assert await closed(session, campaign.id) == [
            (removed.id, "LIST_DETACHED"),
            (edited.id, "LIST_DETACHED"),
        ]


async def test_who_joins_while_the_list_is_attached_is_loaded_by_one_of_the_two(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_list(session, viewer)
        campaign = await make_campaign(session, viewer)

    async def join(number: int) -> None:
        async with database.transaction(viewer.tenant_id) as session:
            await make_contact(session, viewer, phone=f"+39061234500{number}", list_ids=[row.id])
            await asyncio.sleep(0.02)

    async def attach() -> None:
        async with database.transaction(viewer.tenant_id) as session:
            await campaigns.attach_lists(session, viewer, campaign.id, [row.id])
            await asyncio.sleep(0.02)

    await asyncio.gather(join(1), join(2), attach(), join(3))
    async with database.transaction(viewer.tenant_id) as session:
        members = set(await session.scalars(select(ListMember.contact_id)))
        assert set(await hopper(session, campaign.id)) == members
        assert len(members) == 3
