# SPDX-License-Identifier: Apache-2.0
"""Changes of many contacts: the count that was confirmed, who is passed over, when (D4)."""

import pytest
from sqlalchemy import func, select, update

from server.database import Database
from server.domain.bulk import BulkAction
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Permission, Role, Viewer
from server.models import (
    Contact,
    ContactTag,
    Event,
    HopperEntry,
    ListMember,
    Process,
    ProcessTarget,
    Tag,
    TrashedContact,
)
from server.services import contacts
from server.services.contacts import ContactEdit
from server.services.contacts.bulk import PIECE, BulkInput, Selection, change_contacts
from server.services.contacts.selections import ContactCriteria
from server.services.lists import add_members, remove_members
from tests.factories.campaigns import hopper, make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.lists import make_list
from tests.factories.people import make_tag, make_whole_contact
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer

ALL = ContactCriteria()
TRASH = BulkInput(action=BulkAction.TRASH)


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def some(database: Database, viewer: Viewer, count: int = 3) -> list[int]:
    async with database.transaction(viewer.tenant_id) as session:
        return [(await make_contact(session, viewer, phone=None)).id for _ in range(count)]


async def many(database: Database, viewer: Viewer, count: int = 1_201) -> None:
    await database.read(
        viewer.tenant_id,
        "INSERT INTO contacts (first_name, name_key, given_key) "
        "SELECT 'c', 'c' || n, 'c' FROM generate_series(1, $1) n",
        count,
    )


async def test_all_that_match_are_changed_only_with_the_count_that_was_confirmed(
    database: Database, viewer: Viewer
) -> None:
    ids = await some(database, viewer)
    for count, told in ((None, ErrorCode.REQUIRED), (2, ErrorCode.CONFLICT)):
        selection = Selection(criteria=ALL, count=count)
        with pytest.raises(DomainError) as refused:
            async with database.transaction(viewer.tenant_id) as session:
                await change_contacts(session, viewer, selection, TRASH)
        assert (refused.value.code, refused.value.field) == (told, "count")
        assert refused.value.params.get("present", 3) == 3
    async with database.transaction(viewer.tenant_id) as session:
        done = await change_contacts(session, viewer, Selection(criteria=ALL, count=3), TRASH)
    assert (done.matched, done.changed.done, done.process_id) == (3, 3, None)
    async with database.transaction(viewer.tenant_id) as session:
        assert set(await session.scalars(select(TrashedContact.contact_id))) == set(ids)
        back = BulkInput(action=BulkAction.RESTORE)
        restored = await change_contacts(session, viewer, Selection(ids=ids), back)
        assert restored.changed.contact_ids == ids


async def test_contacts_on_a_call_are_passed_over_and_named(
    database: Database, viewer: Viewer
) -> None:  # D3
    ids = await some(database, viewer, 2)
    async with database.transaction(viewer.tenant_id) as session:
        ada, _, _ = await make_whole_contact(session, viewer)
        await session.execute(update(HopperEntry).values(state="CONNECTED"))
    async with database.transaction(viewer.tenant_id) as session:
        done = await change_contacts(session, viewer, Selection(criteria=ALL, count=3), TRASH)
    assert (done.matched, done.changed.done) == (3, 2)
    [skipped] = done.changed.skipped
    assert (skipped.contact_id, skipped.name) == (ada.id, "Ada Rossi")
    assert skipped.refusal.code is ErrorCode.WRONG_STATE
    async with database.transaction(viewer.tenant_id) as session:
        assert set(await session.scalars(select(TrashedContact.contact_id))) == set(ids)


async def test_lists_load_who_comes_and_end_the_stays_of_who_goes(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        campaign = await make_campaign(session, viewer, list_ids=[spring.id])
        ids = [(await make_contact(session, viewer, phone=f"+39061234500{n}")).id for n in range(3)]
    joining = BulkInput(action=BulkAction.ADD_TO_LIST, list_id=spring.id)
    leaving = BulkInput(action=BulkAction.TAKE_OFF_LIST, list_id=spring.id)
    for given, count, open_ids in ((joining, 3, ids), (leaving, 2, ids[2:])):
        async with database.transaction(viewer.tenant_id) as session:
            done = await change_contacts(session, viewer, Selection(ids=ids[:count]), given)
            assert (done.changed.done, done.changed.unchanged) == (count, 0)
            assert list(await hopper(session, campaign.id)) == open_ids
            assert set(await session.scalars(select(ListMember.contact_id))) == set(open_ids)
    async with database.transaction(viewer.tenant_id) as session:
        again = await change_contacts(session, viewer, Selection(ids=ids), leaving)
        assert (again.changed.done, again.changed.unchanged) == (1, 2)


async def test_tags_are_given_besides_those_that_are_there(
    database: Database, viewer: Viewer
) -> None:
    ids = await some(database, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        await make_tag(session, "VIP", ids[0])
        tagging = BulkInput(action=BulkAction.TAG, tags=["vip", "Late  payer"])
        done = await change_contacts(session, viewer, Selection(ids=ids), tagging)
        assert (done.changed.done, done.changed.unchanged) == (3, 0)
        again = await change_contacts(session, viewer, Selection(ids=ids), tagging)
        assert (again.changed.done, again.changed.unchanged) == (0, 3)
    async with database.transaction(viewer.tenant_id) as session:
        assert sorted(await session.scalars(select(Tag.name))) == ["Late payer", "VIP"]
        assert (await session.scalar(select(func.count()).select_from(ContactTag))) == 6
        assert set(await session.scalars(select(Contact.version))) == {2}
        untagging = BulkInput(action=BulkAction.UNTAG, tags=["VIP", "nobody has it"])
        undone = await change_contacts(session, viewer, Selection(ids=ids[:2]), untagging)
        assert (undone.changed.done, undone.changed.unchanged) == (2, 0)
        assert (await session.scalar(select(func.count()).select_from(ContactTag))) == 4
        edits = await session.scalars(
            select(Event.subject_id).where(Event.name == "contact.edited")
        )
        assert sorted(edits) == sorted([*ids, *ids[:2]])


async def test_a_page_that_was_open_does_not_take_a_contact_off_the_list_it_joined(
    database: Database, viewer: Viewer
) -> None:
    """A form sends all of the lists that it knows: it has to know that there is one more (D1)."""
    [key] = await some(database, viewer, 1)
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        opened = (await session.get_one(Contact, key)).version
    adding = BulkInput(action=BulkAction.ADD_TO_LIST, list_id=spring.id)
    leaving = BulkInput(action=BulkAction.TAKE_OFF_LIST, list_id=spring.id)
    known: list[int] = []
    for change in (adding, leaving):
        async with database.transaction(viewer.tenant_id) as session:
            await change_contacts(session, viewer, Selection(ids=[key]), change)
            [latest] = (await contacts.changes_since(session, key, opened))[:1]
            assert latest.fields == ["listIds"]
        with refusals() as told:
            async with database.transaction(viewer.tenant_id) as session:
                edit = ContactEdit(list_ids=known, version=opened)
                await contacts.edit_contact(session, viewer, key, edit)
        assert told == [("CONFLICT", "version")]
        opened, known = latest.version, [spring.id]
    for move, count in ((add_members, 1), (remove_members, 1)):
        async with database.transaction(viewer.tenant_id) as session:
            assert await move(session, viewer, spring.id, [key]) == count
            [latest] = (await contacts.changes_since(session, key, opened))[:1]
            assert (latest.version, latest.fields) == (opened + 1, ["listIds"])
            opened = latest.version


async def test_a_contact_that_has_all_the_tags_it_can_have_is_passed_over(
    database: Database, viewer: Viewer
) -> None:
    [full, free] = await some(database, viewer, 2)
    async with database.transaction(viewer.tenant_id) as session:
        for number in range(50):
            await make_tag(session, f"tag {number}", full)
        tagging = BulkInput(action=BulkAction.TAG, tags=["one more"])
        done = await change_contacts(session, viewer, Selection(ids=[full, free]), tagging)
    assert (done.changed.done, [one.contact_id for one in done.changed.skipped]) == (1, [full])


async def test_a_priority_reaches_whom_it_is_new_for(database: Database, viewer: Viewer) -> None:
    ids = await some(database, viewer)
    first = BulkInput(action=BulkAction.SET_PRIORITY, priority=1)
    async with database.transaction(viewer.tenant_id) as session:
        await change_contacts(session, viewer, Selection(ids=ids[:1]), first)
        done = await change_contacts(session, viewer, Selection(criteria=ALL, count=3), first)
        assert (done.changed.done, done.changed.unchanged) == (2, 1)
    async with database.transaction(viewer.tenant_id) as session:
        assert set(await session.scalars(select(Contact.priority))) == {1}


async def test_more_than_a_thousand_are_a_process_for_exactly_those_that_match_now(
    database: Database, viewer: Viewer
) -> None:
    await many(database, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        done = await change_contacts(session, viewer, Selection(criteria=ALL, count=1_201), TRASH)
        assert (done.matched, done.changed.done) == (1_201, 0)
        process = await session.get_one(Process, done.process_id)
        assert (process.kind, process.state, process.total) == ("DELETE", "PENDING", 1_201)
        pieces = list(
            await session.scalars(
                select(ProcessTarget.contact_ids).order_by(ProcessTarget.position)
            )
        )
        assert [len(piece) for piece in pieces] == [PIECE, PIECE, 201]
        ids = sorted(await session.scalars(select(Contact.id)))
        assert [key for piece in pieces for key in piece] == ids


@pytest.mark.parametrize(
    ("selection", "given", "told"),
    [
        (Selection(), TRASH, [("REQUIRED", "ids")]),
        (Selection(ids=[]), TRASH, [("OUT_OF_RANGE", "ids")]),
        (Selection(ids=[0] * 1001), TRASH, [("OUT_OF_RANGE", "ids")]),
        (Selection(ids=[0, 2**40]), TRASH, [("NOT_FOUND", "ids.0"), ("NOT_FOUND", "ids.1")]),
        (
            Selection(criteria=ALL, count=0),
            BulkInput(action=BulkAction.ADD_TO_LIST, list_id=2**40),
            [("NOT_FOUND", "listId")],
        ),
        (
            Selection(criteria=ALL, count=0),
            BulkInput(action=BulkAction.SET_PRIORITY, priority=4),
            [("OUT_OF_RANGE", "priority")],
        ),
        (
            Selection(criteria=ALL, count=0),
            BulkInput(action=BulkAction.TAG, tags=["a,b", "\x00", "x" * 60]),
            [("INVALID", "tags.0"), ("INVALID_CHARACTER", "tags.1"), ("TOO_LONG", "tags.2")],
        ),
        (
            Selection(criteria=ALL, count=0),
            BulkInput(action=BulkAction.TAG),
            [("OUT_OF_RANGE", "tags")],
        ),
        (
            Selection(process_id=2**40, count=1),
            BulkInput(action=BulkAction.RESTORE),
            [("CONFLICT", "count")],
        ),
    ],
)
async def test_bad_input_is_refused_at_its_place(
    database: Database,
    viewer: Viewer,
    selection: Selection,
    given: BulkInput,
    told: list[tuple[str, str]],
) -> None:
    with refusals() as refused:
        async with database.transaction(viewer.tenant_id) as session:
            await change_contacts(session, viewer, selection, given)
    assert refused == told


async def test_agents_reach_only_contacts_that_they_see(database: Database, viewer: Viewer) -> None:
    agent = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    async with database.transaction(viewer.tenant_id) as session:
        mine = await make_list(session, viewer, agent_ids=[agent.user_id])
        seen = await make_contact(session, viewer, phone=None, list_ids=[mine.id])
        hidden = await make_contact(session, viewer, phone=None, additional=phones("+390612345001"))
    tagging = BulkInput(action=BulkAction.TAG, tags=["mine"])
    async with database.transaction(viewer.tenant_id) as session:
        done = await change_contacts(session, agent, Selection(criteria=ALL, count=1), tagging)
        assert done.changed.done == 1
        assert list(await session.scalars(select(ContactTag.contact_id))) == [seen.id]
    with refusals() as refused:
        async with database.transaction(viewer.tenant_id) as session:
            await change_contacts(session, agent, Selection(ids=[hidden.id]), tagging)
    assert refused == [("NOT_FOUND", "ids.0")]
    with pytest.raises(DomainError) as forbidden:
        async with database.transaction(viewer.tenant_id) as session:
            await change_contacts(session, agent, Selection(ids=[seen.id]), TRASH)
    assert forbidden.value.params == {"permission": Permission.CONTACTS_DELETE.value}
