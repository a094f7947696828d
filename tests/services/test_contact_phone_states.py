# SPDX-License-Identifier: Apache-2.0
"""The state of each number of a contact, and what an edit of its digits does to it (C-06, C-08)."""

import pytest
from sqlalchemy import select, update

from server.database import Database
from server.domain.contacts import PhoneState
from server.domain.permissions import Viewer
from server.models import AdditionalPhone, Contact, HopperPhone
from server.services import contacts
from server.services.contacts import ContactEdit, PhoneInput
from tests.factories.campaigns import closed, hopper, make_campaign
from tests.factories.contacts import PRIMARY, make_contact, phones
from tests.factories.lists import make_list
from tests.factories.users import make_viewer

FIRST, SECOND, THIRD = (f"+39061234500{digit}" for digit in (1, 2, 3))
INACTIVE, EXCLUDED, BLOCKED = PhoneState.INACTIVE, PhoneState.EXCLUDED, PhoneState.BLOCKED


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


@pytest.fixture
async def contact(database: Database, viewer: Viewer) -> Contact:
    """Its primary is EXCLUDED and its two additional numbers are INACTIVE and BLOCKED."""
    async with database.transaction(viewer.tenant_id) as session:
        given = contacts.ContactInput(
            first_name="Ada",
            phone=PRIMARY,
            phone_state=EXCLUDED,
            additional_phones=[
                PhoneInput(number=FIRST, state=INACTIVE),
                PhoneInput(number=SECOND, state=BLOCKED),
            ],
        )
        return await contacts.create_contact(session, viewer, given)


async def states(database: Database, viewer: Viewer, contact: Contact) -> dict[str, str]:
    """By number, the primary first."""
    async with database.transaction(viewer.tenant_id) as session:
        row = await session.get_one(Contact, contact.id)
        further = await session.execute(
            select(AdditionalPhone.number, AdditionalPhone.state)
            .where(AdditionalPhone.contact_id == contact.id)
            .order_by(AdditionalPhone.position)
        )
        return {str(row.phone): row.phone_state} | {row[0]: row[1] for row in further}


async def edited(database: Database, viewer: Viewer, contact: Contact, edit: ContactEdit) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.edit_contact(session, viewer, contact.id, edit)


async def ids(database: Database, viewer: Viewer, contact: Contact) -> list[int]:
    async with database.transaction(viewer.tenant_id) as session:
        found = select(AdditionalPhone.id).where(AdditionalPhone.contact_id == contact.id)
        return list(await session.scalars(found.order_by(AdditionalPhone.position)))


async def test_numbers_are_made_in_the_state_that_is_given(
    database: Database, viewer: Viewer, contact: Contact
) -> None:  # C-08
    assert await states(database, viewer, contact) == {
        PRIMARY: "EXCLUDED",
        FIRST: "INACTIVE",
        SECOND: "BLOCKED",
    }


async def test_changed_digits_are_available(
    database: Database, viewer: Viewer, contact: Contact
) -> None:  # C-06
    first, second = await ids(database, viewer, contact)
    further = [PhoneInput(number=THIRD, id=first), PhoneInput(number=SECOND, id=second)]
    edit = ContactEdit(phone="+390612345999", additional_phones=further)
    await edited(database, viewer, contact, edit)
    assert await states(database, viewer, contact) == {
        "+390612345999": "AVAILABLE",
        THIRD: "AVAILABLE",
        SECOND: "BLOCKED",
    }


async def test_a_state_in_the_same_request_wins(
    database: Database, viewer: Viewer, contact: Contact
) -> None:  # C-06
    first, second = await ids(database, viewer, contact)
    further = [
        PhoneInput(number=THIRD, id=first, state=INACTIVE),
        PhoneInput(number=SECOND, id=second, state=PhoneState.AVAILABLE),
    ]
    edit = ContactEdit(phone="+390612345999", phone_state=BLOCKED, additional_phones=further)
    await edited(database, viewer, contact, edit)
    assert await states(database, viewer, contact) == {
        "+390612345999": "BLOCKED",
        THIRD: "INACTIVE",
        SECOND: "AVAILABLE",
    }


async def test_another_spelling_of_the_same_digits_changes_nothing(
    database: Database, viewer: Viewer, contact: Contact
) -> None:  # C-06
    edit = ContactEdit(phone="06 1234 5000", additional_phones=phones("06 12345001", SECOND))
    await edited(database, viewer, contact, edit)
    assert list((await states(database, viewer, contact)).values()) == [
        "EXCLUDED",
        "INACTIVE",
        "BLOCKED",
    ]


async def test_a_blocked_number_stays_blocked_as_it_becomes_the_primary(
    database: Database, viewer: Viewer, contact: Contact
) -> None:
    """The state belongs to the digits: moving them is no way around it."""
    edit = ContactEdit(phone=SECOND, additional_phones=phones(FIRST, PRIMARY))
    await edited(database, viewer, contact, edit)
    assert await states(database, viewer, contact) == {
        SECOND: "BLOCKED",
        FIRST: "INACTIVE",
        PRIMARY: "EXCLUDED",
    }


async def test_a_number_that_was_taken_away_and_comes_again_is_a_new_one(
    database: Database, viewer: Viewer, contact: Contact
) -> None:
    await edited(database, viewer, contact, ContactEdit(phone=None))
    await edited(database, viewer, contact, ContactEdit(phone=PRIMARY))
    assert (await states(database, viewer, contact))[PRIMARY] == "AVAILABLE"


async def test_a_state_takes_effect_at_once_where_the_contact_is_open(
    database: Database, viewer: Viewer
) -> None:  # C-08
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_list(session, viewer)
        campaign = await make_campaign(session, viewer, list_ids=[row.id])
        contact = await make_contact(
            session, viewer, additional=phones(FIRST, SECOND), list_ids=[row.id]
        )
        await session.execute(update(HopperPhone).values(no_answer=2))
        await contacts.edit_contact(session, viewer, contact.id, ContactEdit(phone_state=INACTIVE))
        # Set aside: behind those that are dialed, with its counters.
        assert await hopper(session, campaign.id) == {contact.id: [FIRST, SECOND, PRIMARY]}
        dialed = select(HopperPhone.number).where(HopperPhone.is_available)
        assert set(await session.scalars(dialed)) == {FIRST, SECOND}
        await contacts.edit_contact(
            session, viewer, contact.id, ContactEdit(phone_state=PhoneState.AVAILABLE)
        )
        assert await hopper(session, campaign.id) == {contact.id: [PRIMARY, FIRST, SECOND]}
        assert set(await session.scalars(select(HopperPhone.no_answer))) == {2}


async def test_the_last_available_number_takes_the_contact_out_of_its_campaigns(
    database: Database, viewer: Viewer
) -> None:  # C-08
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_list(session, viewer)
        campaign = await make_campaign(session, viewer, list_ids=[row.id])
        contact = await make_contact(session, viewer, list_ids=[row.id])
        await contacts.edit_contact(session, viewer, contact.id, ContactEdit(phone_state=BLOCKED))
        assert await hopper(session, campaign.id) == {}
        assert await closed(session, campaign.id) == [(contact.id, "NO_DIALABLE_PHONE")]
