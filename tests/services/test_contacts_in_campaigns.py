# SPDX-License-Identifier: Apache-2.0
"""What an edit or the end of a contact does to its open stays (C-06, X-35, section 4)."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from server.database import Database
from server.domain.bulk import BulkAction
from server.domain.permissions import Viewer
from server.models import (
    CallAttempt,
    Campaign,
    Contact,
    FinalResult,
    HopperEntry,
    HopperPhone,
)
from server.services import contacts, item_types
from server.services.contacts import ContactEdit
from server.services.contacts.bulk.changes import BulkChange, apply_change
from server.services.item_types import ItemTypeEdit
from tests.factories.campaigns import closed, hopper, make_campaign
from tests.factories.contacts import PRIMARY, make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer

FIRST, SECOND, THIRD = (f"+39061234500{digit}" for digit in (1, 2, 3))


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


@pytest.fixture
async def open_contact(database: Database, viewer: Viewer) -> tuple[Contact, Campaign]:
    """A contact with three numbers that is open in a campaign."""
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_list(session, viewer)
        campaign = await make_campaign(session, viewer, list_ids=[row.id])
        contact = await make_contact(
            session, viewer, additional=phones(FIRST, SECOND), list_ids=[row.id]
        )
        return contact, campaign


async def failures(database: Database, viewer: Viewer) -> dict[str, int]:
    async with database.transaction(viewer.tenant_id) as session:
        rows = await session.execute(select(HopperPhone.number, HopperPhone.no_answer))
        return {row[0]: row[1] for row in rows}


async def test_a_changed_number_starts_from_zero_and_the_others_go_on(
    database: Database, viewer: Viewer, open_contact: tuple[Contact, Campaign]
) -> None:  # C-06
    contact, campaign = open_contact
    async with database.transaction(viewer.tenant_id) as session:
        await session.execute(update(HopperPhone).values(no_answer=2))
        edit = ContactEdit(additional_phones=phones(THIRD, SECOND))
        await contacts.edit_contact(session, viewer, contact.id, edit)
        assert await hopper(session, campaign.id) == {contact.id: [PRIMARY, THIRD, SECOND]}
    assert await failures(database, viewer) == {PRIMARY: 2, THIRD: 0, SECOND: 2}


async def test_a_changed_primary_is_dialed_in_its_place(
    database: Database, viewer: Viewer, open_contact: tuple[Contact, Campaign]
) -> None:
    contact, campaign = open_contact
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.edit_contact(session, viewer, contact.id, ContactEdit(phone=THIRD))
        assert await hopper(session, campaign.id) == {contact.id: [THIRD, FIRST, SECOND]}
        entry = await session.scalar(select(HopperEntry))
        assert entry is not None
        assert (entry.current_number, entry.primary_number) == (THIRD, THIRD)


async def test_an_edit_without_numbers_leaves_the_hopper_alone(
    database: Database, viewer: Viewer, open_contact: tuple[Contact, Campaign]
) -> None:
    contact, _ = open_contact
    async with database.transaction(viewer.tenant_id) as session:
        await session.execute(update(HopperPhone).values(no_answer=2))
        edit = ContactEdit(last_name="Rossi", additional_phones=phones(SECOND, FIRST))
        await contacts.edit_contact(session, viewer, contact.id, edit)
    assert set((await failures(database, viewer)).values()) == {2}


async def test_a_type_order_does_not_reach_into_a_round(
    database: Database, viewer: Viewer
) -> None:  # dial-machine section 2
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office", 1)
        home = await make_item_type(session, viewer, "Home", 2)
        row = await make_list(session, viewer)
        campaign = await make_campaign(session, viewer, list_ids=[row.id])
        contact = await make_contact(
            session,
            viewer,
            additional=phones((FIRST, home.id), (SECOND, office.id)),
            list_ids=[row.id],
        )
        before = await hopper(session, campaign.id)
        await item_types.edit_item_type(session, viewer, office.id, ItemTypeEdit(order_by=9))
        await item_types.delete_item_type(session, viewer, home.id)
        assert await hopper(session, campaign.id) == before
        assert before == {contact.id: [PRIMARY, SECOND, FIRST]}


async def test_a_deleted_contact_leaves_its_history_and_a_final_result(
    database: Database, viewer: Viewer, open_contact: tuple[Contact, Campaign]
) -> None:
    contact, campaign = open_contact
    now = datetime.now(UTC)
    async with database.transaction(viewer.tenant_id) as session:
        session.add(
            CallAttempt(
                campaign_id=campaign.id,
                contact_id=contact.id,
                entry_id=1,
                round=1,
                position=0,
                number=PRIMARY,
                status="NO_ANSWER",
                started_at=now,
                ended_at=now,
                policy_version=1,
            )
        )
    async with database.transaction(viewer.tenant_id) as session:
        deleted = await contacts.delete_contact(session, viewer, contact.id)
        assert deleted.entries_closed == 1
    async with database.transaction(viewer.tenant_id) as session:
        assert await hopper(session, campaign.id) == {}
        assert await closed(session, campaign.id) == [(contact.id, "CONTACT_DELETED")]
        attempts = await session.scalars(select(CallAttempt.contact_id))
        assert attempts.all() == [contact.id]
        final = await session.scalar(select(FinalResult))
        assert final is not None
        assert final.primary_number == PRIMARY


@pytest.mark.parametrize("state", ["DIALING", "CONNECTED"])
async def test_a_contact_in_a_call_is_not_deleted(
    database: Database, viewer: Viewer, open_contact: tuple[Contact, Campaign], state: str
) -> None:
    contact, campaign = open_contact
    async with database.transaction(viewer.tenant_id) as session:
        await session.execute(update(HopperEntry).values(state=state))
        with refusals() as told:
            await contacts.delete_contact(session, viewer, contact.id)
    assert told == [("WRONG_STATE", "id")]
    async with database.transaction(viewer.tenant_id) as session:
        assert len(await hopper(session, campaign.id)) == 1
        assert await closed(session, campaign.id) == []
        assert await session.get(Contact, contact.id) is not None


async def test_a_contact_is_not_called_before_its_own_time(
    database: Database, viewer: Viewer
) -> None:
    later = datetime(2099, 1, 1, tzinfo=UTC)
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_list(session, viewer)
        await make_campaign(session, viewer, list_ids=[row.id])
        await make_contact(session, viewer, list_ids=[row.id], scheduled_at=later, priority=1)
        entry = await session.scalar(select(HopperEntry))
        assert entry is not None
        assert (entry.scheduled_at, entry.priority) == (later, 1)


async def test_a_time_that_a_contact_is_given_later_puts_its_calls_off(
    database: Database, viewer: Viewer, open_contact: tuple[Contact, Campaign]
) -> None:
    """Never forward: a wait that is longer stays."""
    contact, _ = open_contact
    later, sooner = datetime(2099, 1, 1, tzinfo=UTC), datetime(2098, 1, 1, tzinfo=UTC)
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.edit_contact(session, viewer, contact.id, ContactEdit(scheduled_at=later))
        assert await session.scalar(select(HopperEntry.scheduled_at)) == later
    async with database.transaction(viewer.tenant_id) as session:
        await session.execute(update(Contact).values(scheduled_at=None))
        await contacts.edit_contact(session, viewer, contact.id, ContactEdit(scheduled_at=sooner))
        assert await session.scalar(select(HopperEntry.scheduled_at)) == later


async def test_what_waits_for_a_contacts_own_time_follows_it(
    database: Database, viewer: Viewer, open_contact: tuple[Contact, Campaign]
) -> None:
    """To a sooner one, and to none; and its priority is the contact's, one by one or of many."""
    contact, _ = open_contact
    later, sooner = datetime(2099, 1, 1, tzinfo=UTC), datetime(2098, 1, 1, tzinfo=UTC)
    told = []
    for edit in (
        ContactEdit(scheduled_at=later, priority=3),
        ContactEdit(scheduled_at=sooner),
        ContactEdit(scheduled_at=None, priority=1),
    ):
        async with database.transaction(viewer.tenant_id) as session:
            await contacts.edit_contact(session, viewer, contact.id, edit)
            entry = (await session.scalars(select(HopperEntry))).one()
            told.append((entry.scheduled_at, entry.priority))
    assert told[:2] == [(later, 3), (sooner, 3)]
    assert told[2][0] <= datetime.now(UTC)
    assert told[2][1] == 1
    async with database.transaction(viewer.tenant_id) as session:
        change = BulkChange(action=BulkAction.SET_PRIORITY, priority=2)
        await apply_change(session, viewer, change, [contact.id])
        assert await session.scalar(select(HopperEntry.priority)) == 2
