# SPDX-License-Identifier: Apache-2.0
"""Contacts with several numbers, created and edited (X-11 to X-17, X-20c)."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from server.database import Database
from server.domain.permissions import Role, Viewer
from server.models import AdditionalPhone, Contact, Event, ListMember
from server.services import contacts, item_types
from server.services.contacts import ContactEdit, ContactInput, PhoneInput
from tests.conftest import MakeTenant
from tests.factories.contacts import PRIMARY, make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer

FIVE = [f"+39061234500{digit}" for digit in range(1, 6)]


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def numbers(database: Database, viewer: Viewer) -> list[tuple[int, str, int | None, str]]:
    """The additional phones of the tenant in their order: id, number, type, description."""
    async with database.transaction(viewer.tenant_id) as session:
        rows = await session.execute(
            select(
                AdditionalPhone.id,
                AdditionalPhone.number,
                AdditionalPhone.item_type_id,
                AdditionalPhone.description,
            ).order_by(AdditionalPhone.contact_id, AdditionalPhone.position)
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]


async def people(database: Database, viewer: Viewer) -> list[Contact]:
    async with database.transaction(viewer.tenant_id) as session:
        return list(await session.scalars(select(Contact).order_by(Contact.id)))


async def test_six_numbers_are_stored_in_their_order(database: Database, viewer: Viewer) -> None:
    #
    when = datetime(2027, 1, 31, 9, tzinfo=UTC)
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office")
        given = ContactInput(
            first_name=" Élodie ",
            last_name="Straße",
            email="Elodie@Example.COM",
            company="Farina",
            phone="06 12345000",
            priority=1,
            scheduled_at=when,
            additional_phones=[
                PhoneInput(number="0039 06 12345005", item_type_id=office.id, description=" desk "),
                *phones("06/12345003", "+39 06 12345004", ("0612345001", office.id), FIVE[1]),
            ],
        )
        row = await contacts.create_contact(session, viewer, given)
        assert row.version == 1
    (stored,) = await people(database, viewer)
    assert (stored.first_name, stored.last_name, stored.email, stored.company) == (
        "Élodie",
        "Straße",
        "elodie@example.com",
        "Farina",
    )
    assert (stored.phone, stored.priority, stored.scheduled_at) == (PRIMARY, 1, when)
    assert (stored.name_key, stored.given_key) == ("strasse elodie", "elodie strasse")
    assert [row[1:] for row in await numbers(database, viewer)] == [
        ("+390612345005", office.id, "desk"),
        ("+390612345003", None, ""),
        ("+390612345004", None, ""),
        ("+390612345001", office.id, ""),
        ("+390612345002", None, ""),
    ]
    async with database.transaction(viewer.tenant_id) as session:
        event = await session.scalar(select(Event).where(Event.name == "contact.created"))
        assert event is not None
        assert (event.subject_id, event.user_id) == (stored.id, viewer.user_id)
        assert event.data == {"phones": 5, "lists": []}


async def test_a_first_name_is_enough(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.create_contact(session, viewer, ContactInput(first_name="Ada"))
    (stored,) = await people(database, viewer)
    assert (stored.phone, stored.email, stored.priority, stored.scheduled_at) == (None, "", 2, None)


async def test_what_belongs_to_another_tenant_looks_missing(
    database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:
    other = await make_viewer(database, await new_tenant())
    async with database.transaction(other.tenant_id) as session:
        office = await make_item_type(session, other)
        theirs = await make_list(session, other)
        contact = await make_contact(
            session, other, additional=phones((FIVE[0], office.id)), list_ids=[theirs.id]
        )
    ((phone_id, *_),) = await numbers(database, other)
    async with database.transaction(viewer.tenant_id) as session:
        with refusals() as told:
            await make_contact(
                session,
                viewer,
                additional=[PhoneInput(number=FIVE[1], item_type_id=office.id, id=phone_id)],
                list_ids=[theirs.id],
            )
    assert told == [
        ("NOT_FOUND", "additionalPhones.0.itemTypeId"),
        ("NOT_FOUND", "additionalPhones.0.id"),
        ("NOT_FOUND", "listIds.0"),
    ]
    async with database.transaction(viewer.tenant_id) as session:
        with refusals() as told:
            await contacts.edit_contact(
                session, viewer, contact.id, ContactEdit(first_name="Mine", version=99)
            )
        assert told == [("NOT_FOUND", "id")]
        with refusals() as told:
            await contacts.delete_contact(session, viewer, contact.id)
        assert told == [("NOT_FOUND", "id")]
    assert [row.first_name for row in await people(database, other)] == ["Ada"]
    assert len(await numbers(database, other)) == 1


async def test_an_edit_leaves_what_it_does_not_name(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_contact(
            session, viewer, "Ada", "Bianchi", email="a@example.com", additional=phones(*FIVE)
        )
    before = await numbers(database, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        edit = ContactEdit(last_name="Rossi", phone=None, version=1)
        edited = await contacts.edit_contact(session, viewer, row.id, edit)
        assert (edited.version, edited.first_name, edited.name_key) == (2, "Ada", "rossi ada")
        assert edited.updated_at > row.updated_at
    (stored,) = await people(database, viewer)
    assert (stored.phone, stored.email, stored.given_key) == (None, "a@example.com", "ada rossi")
    assert await numbers(database, viewer) == before
    async with database.transaction(viewer.tenant_id) as session:
        event = await session.scalar(select(Event).where(Event.name == "contact.edited"))
        assert event is not None
        told = {"fields": ["last_name", "phone"], "changed": ["lastName", "phone"], "version": 2}
        assert event.data == told


async def test_the_same_again_is_no_edit(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_contact(session, viewer, "Ada", additional=phones(*FIVE))
    again = ContactEdit(first_name=" Ada ", additional_phones=phones(*FIVE), tags=[], version=1)
    async with database.transaction(viewer.tenant_id) as session:
        edited = await contacts.edit_contact(session, viewer, row.id, again)
        assert (edited.version, edited.updated_at) == (1, row.updated_at)
        assert await session.scalar(select(Event).where(Event.name == "contact.edited")) is None


async def test_phones_keep_their_ids_through_an_edit(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer)
        row = await make_contact(session, viewer, additional=phones(*FIVE[:4]))
    first, second, third, _ = (stored[0] for stored in await numbers(database, viewer))
    async with database.transaction(viewer.tenant_id) as session:
        wanted = [
            PhoneInput(number="06 12345003"),  # known by its number
            PhoneInput(number=FIVE[1], id=first, item_type_id=office.id),  # swapped with the next
            PhoneInput(number=FIVE[0], id=second, description="evenings"),
            PhoneInput(number=FIVE[4]),  # new; the fourth is gone
        ]
        await contacts.edit_contact(session, viewer, row.id, ContactEdit(additional_phones=wanted))
    stored = await numbers(database, viewer)
    assert stored[:3] == [
        (third, FIVE[2], None, ""),
        (first, FIVE[1], office.id, ""),
        (second, FIVE[0], None, "evenings"),
    ]
    assert stored[3][1] == FIVE[4]
    assert len(stored) == 4


async def test_a_phone_may_take_the_number_of_one_that_goes(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_contact(session, viewer, additional=phones(*FIVE[:2]))
    first = (await numbers(database, viewer))[0][0]
    async with database.transaction(viewer.tenant_id) as session:
        edit = ContactEdit(additional_phones=[PhoneInput(id=first, number=FIVE[1])])
        await contacts.edit_contact(session, viewer, row.id, edit)
    assert await numbers(database, viewer) == [(first, FIVE[1], None, "")]


async def test_primary_and_additional_may_change_places(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_contact(session, viewer, additional=phones(FIVE[0]))
        edit = ContactEdit(phone=FIVE[0], additional_phones=phones(PRIMARY))
        await contacts.edit_contact(session, viewer, row.id, edit)
    assert (await people(database, viewer))[0].phone == FIVE[0]
    assert [stored[1] for stored in await numbers(database, viewer)] == [PRIMARY]


@pytest.mark.parametrize(
    ("edit", "refused"),
    [
        (ContactEdit(first_name=""), [("REQUIRED", "firstName")]),
        (ContactEdit(last_name="New", version=2), [("CONFLICT", "version")]),
        (ContactEdit(last_name="New", phone=FIVE[0]), [("DUPLICATE_NUMBER", "phone")]),
        (
            ContactEdit(last_name="New", additional_phones=phones(FIVE[1], PRIMARY)),
            [("DUPLICATE_NUMBER", "additionalPhones.1.number")],
        ),
        (
            ContactEdit(additional_phones=[PhoneInput(number=FIVE[1], id=2**62)]),
            [("NOT_FOUND", "additionalPhones.0.id")],
        ),
        (ContactEdit(last_name="New", list_ids=[2**62]), [("NOT_FOUND", "listIds.0")]),
    ],
)
async def test_a_refused_edit_changes_nothing(
    database: Database, viewer: Viewer, edit: ContactEdit, refused: list[tuple[str, str]]
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_contact(session, viewer, additional=phones(FIVE[0]))
    before = await numbers(database, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        with refusals() as told:
            await contacts.edit_contact(session, viewer, row.id, edit)
    assert told == refused
    (stored,) = await people(database, viewer)
    assert (stored.first_name, stored.last_name, stored.phone, stored.version) == (
        "Ada",
        "",
        PRIMARY,
        1,
    )
    assert await numbers(database, viewer) == before


async def test_one_stored_phone_cannot_be_given_back_twice(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_contact(session, viewer, additional=phones(FIVE[0]))
    ((phone_id, *_),) = await numbers(database, viewer)
    twice = [PhoneInput(id=phone_id, number=number) for number in FIVE[1:3]]
    async with database.transaction(viewer.tenant_id) as session:
        with refusals() as told:
            await contacts.edit_contact(
                session, viewer, row.id, ContactEdit(additional_phones=twice)
            )
    assert told == [("INVALID", "additionalPhones.1.id")]
    assert [stored[1] for stored in await numbers(database, viewer)] == [FIVE[0]]


async def test_of_two_editors_the_second_is_told(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_contact(session, viewer)
    told = []
    for name in ("Bea", "Cleo"):
        async with database.transaction(viewer.tenant_id) as session:
            with refusals() as told:
                await contacts.edit_contact(
                    session, viewer, row.id, ContactEdit(first_name=name, version=1)
                )
    assert told == [("CONFLICT", "version")]
    assert [stored.first_name for stored in await people(database, viewer)] == ["Bea"]


async def test_a_type_that_goes_during_an_edit_is_refused_as_missing(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        await item_types.delete_item_type(session, viewer, office.id)
        with refusals() as told:
            await make_contact(session, viewer, additional=phones((FIVE[0], office.id)))
    assert told == [("NOT_FOUND", "additionalPhones.0.itemTypeId")]


async def test_a_deleted_contact_takes_its_phones_along(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        row = await make_contact(
            session, viewer, "Ada", "Bianchi", additional=phones(*FIVE), list_ids=[spring.id]
        )
        await make_contact(session, viewer, "Bea", additional=phones(FIVE[0]))
    async with database.transaction(viewer.tenant_id) as session:
        deleted = await contacts.delete_contact(session, viewer, row.id, version=1)
    assert (deleted.id, deleted.name, deleted.entries_closed) == (row.id, "Ada Bianchi", 0)
    assert [stored.first_name for stored in await people(database, viewer)] == ["Bea"]
    assert len(await numbers(database, viewer)) == 1
    async with database.transaction(viewer.tenant_id) as session:
        assert await session.scalar(select(func.count()).select_from(ListMember)) == 0


# an agent works on the contacts of the lists assigned to them, and on no other.


@pytest.fixture
async def agent(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant, Role.AGENT)


async def test_an_agent_sees_and_edits_the_contacts_of_assigned_lists_only(
    database: Database, viewer: Viewer, agent: Viewer
) -> None:
    colleague = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    async with database.transaction(viewer.tenant_id) as session:
        mine = await make_list(session, viewer, "Mine", agent_ids=[agent.user_id])
        other = await make_list(session, viewer, "Other", agent_ids=[colleague.user_id])
        seen = await make_contact(session, viewer, "Seen", list_ids=[mine.id, other.id])
        unseen = await make_contact(session, viewer, "Unseen", list_ids=[other.id])
        await make_contact(session, viewer, "Nowhere")
    async with database.transaction(viewer.tenant_id) as session:
        found = await session.scalars(contacts.visible_contacts(agent))
        assert [row.first_name for row in found] == ["Seen"]
        edit = ContactEdit(additional_phones=phones(FIVE[0]), list_ids=[mine.id])
        await contacts.edit_contact(session, agent, seen.id, edit)
        with refusals() as told:
            await contacts.edit_contact(session, agent, unseen.id, ContactEdit(first_name="Bea"))
        assert told == [("NOT_FOUND", "id")]
    async with database.transaction(viewer.tenant_id) as session:
        # The list that the agent does not see still has the contact.
        lists = await session.scalars(
            select(ListMember.list_id).where(ListMember.contact_id == seen.id)
        )
        assert sorted(lists) == sorted([mine.id, other.id])
    assert [stored[1] for stored in await numbers(database, viewer)] == [FIVE[0]]


async def test_an_agent_puts_a_new_contact_on_an_assigned_list(
    database: Database, viewer: Viewer, agent: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        mine = await make_list(session, viewer, "Mine", agent_ids=[agent.user_id])
        other = await make_list(session, viewer, "Other")
    async with database.transaction(viewer.tenant_id) as session:
        with refusals() as nowhere:
            await make_contact(session, agent)
        with refusals() as foreign:
            await make_contact(session, agent, list_ids=[mine.id, other.id])
        row = await make_contact(session, agent, list_ids=[mine.id])
        with refusals() as left:
            await contacts.edit_contact(session, agent, row.id, ContactEdit(list_ids=[]))
    assert nowhere == [("REQUIRED", "listIds")]
    assert foreign == [("NOT_FOUND", "listIds.1")]
    assert left == [("REQUIRED", "listIds")]
    assert len(await people(database, viewer)) == 1
