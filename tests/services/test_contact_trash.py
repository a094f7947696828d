# SPDX-License-Identifier: Apache-2.0
"""Deleting into the trash and coming back, onto a world that has changed meanwhile (D3, D4)."""

import asyncpg
import pytest
from sqlalchemy import delete, func, select, update

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.trash import ContactPlace, LeftOutKind
from server.models import (
    Campaign,
    Contact,
    ContactItemType,
    ContactMerge,
    Event,
    HopperEntry,
    ListMember,
    MasterDataField,
    Tag,
    TrashedContact,
)
from server.processes.worker import empty_trash
from server.services import campaigns, contacts, lists
from server.services.contacts.deleted import find_whereabouts
from server.services.contacts.snapshots import PHONES, insert_rows
from tests.factories.campaigns import closed, hopper, make_campaign
from tests.factories.contacts import PRIMARY, make_contact, phones
from tests.factories.merges import merge
from tests.factories.people import documents, make_field, make_whole_contact, plain, set_value
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer

LIVE = ("contacts", "additional_phones", "list_members", "contact_tags", "field_values")
LIVE += ("hopper_entries", "hopper_phones")


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def left_out(
    database: Database, viewer: Viewer, contact_id: int
) -> list[tuple[LeftOutKind, str]]:
    """What a restoration could not bring back."""
    async with database.transaction(viewer.tenant_id) as session:
        back = await contacts.restore_contacts(session, viewer, [contact_id])
    assert back.contact_ids == [contact_id]
    return sorted((one.kind, one.name) for one in back.left_out)


async def test_a_restored_contact_is_the_same_row_for_row(
    database: Database, viewer: Viewer, owner: asyncpg.Connection
) -> None:  # D4
    async with database.transaction(viewer.tenant_id) as session:
        ada, _, _ = await make_whole_contact(session, viewer)
        before = await documents(session, ada.id)
    async with database.transaction(viewer.tenant_id) as session:
        gone = await contacts.delete_contact(session, viewer, ada.id, ada.version)
    assert (gone.name, gone.entries_closed) == ("Ada Rossi", 1)
    for table in LIVE:
        query = f"SELECT count(*) FROM {table} WHERE tenant_id = $1"
        assert await owner.fetchval(query, viewer.tenant_id) == 0, table
    assert await left_out(database, viewer, ada.id) == []
    async with database.transaction(viewer.tenant_id) as session:
        after = await documents(session, ada.id)
        assert (await session.scalar(select(func.count()).select_from(TrashedContact))) == 0
    assert plain(after[ada.id]) == plain(before[ada.id])


async def test_what_is_gone_meanwhile_is_left_out_and_named(
    database: Database, viewer: Viewer
) -> None:  # D4
    async with database.transaction(viewer.tenant_id) as session:
        ada, campaign_id, list_id = await make_whole_contact(session, viewer)
        await contacts.delete_contact(session, viewer, ada.id)
    async with database.transaction(viewer.tenant_id) as session:
        await campaigns.detach_lists(session, viewer, campaign_id, [list_id])
        await session.execute(delete(Campaign).where(Campaign.id == campaign_id))
        await lists.delete_list(session, viewer, list_id)
        for model in (Tag, ContactItemType, MasterDataField):
            await session.execute(delete(model))
    assert await left_out(database, viewer, ada.id) == [
        (LeftOutKind.CAMPAIGN, "Spring offers"),
        (LeftOutKind.FIELD, "Customer number"),
        (LeftOutKind.ITEM_TYPE, "Office"),
        (LeftOutKind.LIST, "Spring"),
        (LeftOutKind.TAG, "VIP"),
    ]
    async with database.transaction(viewer.tenant_id) as session:
        [back] = (await documents(session, ada.id)).values()
    assert [(phone["number"], phone["item_type_id"]) for phone in back["phones"]] == [
        ("+390612345001", None),
        ("+390612345002", None),
    ]
    assert (back["contact"]["email"], back["lists"]) == ("ada@example.com", [])


async def test_a_unique_value_that_somebody_else_has_by_now_stays_out(
    database: Database, viewer: Viewer
) -> None:  # C-22
    async with database.transaction(viewer.tenant_id) as session:
        field = await make_field(session, is_unique=True)
        ada = await make_contact(session, viewer)
        await set_value(session, field, ada.id, "C-17")
        await contacts.delete_contact(session, viewer, ada.id)
        other = await make_contact(session, viewer, "Bob", phone=None)
        await set_value(session, field, other.id, "C-17")
    assert await left_out(database, viewer, ada.id) == [(LeftOutKind.VALUE, "Customer number")]


async def test_an_open_stay_goes_on_only_where_the_campaign_has_room_for_it(
    database: Database, viewer: Viewer
) -> None:
    """A campaign that ended, that lost the list, and that loaded the number from somebody else."""
    async with database.transaction(viewer.tenant_id) as session:
        ada, campaign_id, list_id = await make_whole_contact(session, viewer)
        given = [await make_campaign(session, viewer, name) for name in ("Ended", "Detached", "On")]
        for campaign in given:
            await campaigns.attach_lists(session, viewer, campaign.id, [list_id])
        ended, detached, on = (campaign.id for campaign in given)
        await contacts.delete_contact(session, viewer, ada.id)
        changed = update(Campaign).where(Campaign.id == ended).values(state="ENDED")
        await session.execute(changed)
        await campaigns.detach_lists(session, viewer, detached, [list_id])
        # With the final result of the deletion in mind it would be no duplicate at all.
        twice = update(Campaign).where(Campaign.id == campaign_id)
        await session.execute(twice.values(check_duplicate="ONLY_IF_OPEN"))
        twin = await make_contact(session, viewer, "Twin", phone=PRIMARY, list_ids=[list_id])
    assert await left_out(database, viewer, ada.id) == [
        (LeftOutKind.CAMPAIGN, "Detached"),
        (LeftOutKind.CAMPAIGN, "Ended"),
        (LeftOutKind.DUPLICATE, "Spring offers"),
    ]
    async with database.transaction(viewer.tenant_id) as session:
        assert list(await hopper(session, on)) == [ada.id]
        assert list(await hopper(session, campaign_id)) == [twin.id]
        assert await hopper(session, ended) == await hopper(session, detached) == {}
        assert (ada.id, "CONTACT_DELETED") in await closed(session, on)


async def test_campaigns_that_came_to_the_list_meanwhile_load_the_contact(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        ada, first, list_id = await make_whole_contact(session, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        closing = update(HopperEntry).values(state="READY")
        await session.execute(closing)
        await contacts.delete_contact(session, viewer, ada.id)
    async with database.transaction(viewer.tenant_id) as session:
        second = await make_campaign(session, viewer, "Summer", list_ids=[list_id])
    assert await left_out(database, viewer, ada.id) == []
    async with database.transaction(viewer.tenant_id) as session:
        for campaign_id in (first, second.id):
            assert list(await hopper(session, campaign_id)) == [ada.id]
            numbers = (await hopper(session, campaign_id))[ada.id]
            assert numbers == [PRIMARY, "+390612345001", "+390612345002"]


async def test_who_was_merged_into_one_in_the_trash_is_found_there(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        ada = await make_contact(session, viewer, "Ada")
        bea = await make_contact(session, viewer, "Bea", phone=None)
        await merge(session, viewer, ada.id, bea.id)
        await contacts.delete_contact(session, viewer, ada.id)
        found = await find_whereabouts(session, viewer, bea.id)
    assert (found.place, found.contact_id, found.name) == (ContactPlace.TRASH, ada.id, "Ada")


async def test_a_contact_on_a_call_stays(database: Database, viewer: Viewer) -> None:  # D3
    async with database.transaction(viewer.tenant_id) as session:
        ada, _, _ = await make_whole_contact(session, viewer)
        await session.execute(update(HopperEntry).values(state="DIALING"))
        bob = await make_contact(session, viewer, "Bob", phone=None)
    with pytest.raises(DomainError) as refused:
        async with database.transaction(viewer.tenant_id) as session:
            await contacts.delete_contact(session, viewer, ada.id)
    assert (refused.value.code, refused.value.params) == (
        ErrorCode.WRONG_STATE,
        {"state": "DIALING"},
    )
    async with database.transaction(viewer.tenant_id) as session:
        done = await contacts.trash_contacts(session, viewer, [bob.id, ada.id, bob.id, 0])
    assert done.names == {bob.id: "Bob"}
    assert [(one.contact_id, one.name, one.refusal.code) for one in done.skipped] == [
        (ada.id, "Ada Rossi", ErrorCode.WRONG_STATE)
    ]
    async with database.transaction(viewer.tenant_id) as session:
        assert set(await session.scalars(select(Contact.id))) == {ada.id}


async def test_purging_asks_for_the_count_and_is_audited(
    database: Database, viewer: Viewer, new_tenant: object
) -> None:  # D4
    async with database.transaction(viewer.tenant_id) as session:
        gone = [(await make_contact(session, viewer, phone=None)).id for _ in range(3)]
        await contacts.trash_contacts(session, viewer, gone)
    for count, present in ((2, 3), (4, 3)):
        with pytest.raises(DomainError) as refused:
            async with database.transaction(viewer.tenant_id) as session:
                await contacts.purge_contacts(session, viewer, gone, count)
        assert (refused.value.code, refused.value.params) == (
            ErrorCode.CONFLICT,
            {"present": present},
        )
    with refusals() as told:
        async with database.transaction(viewer.tenant_id) as session:
            await contacts.purge_contacts(session, viewer, [*gone, 0], 4)
    assert told == [("NOT_FOUND", "ids.3")]
    async with database.transaction(viewer.tenant_id) as session:
        assert await contacts.purge_contacts(session, viewer, gone, 3) == 3
    async with database.transaction(viewer.tenant_id) as session:
        assert (await session.scalar(select(func.count()).select_from(TrashedContact))) == 0
        [event] = await session.scalars(select(Event).where(Event.name == "contact.purged"))
        assert (event.user_id, event.data) == (viewer.user_id, {"contacts": gone, "count": 3})


async def test_the_sweep_takes_only_what_is_thirty_days_old(
    database: Database, viewer: Viewer
) -> None:  # D4
    async with database.transaction(viewer.tenant_id) as session:
        old, young = [(await make_contact(session, viewer, phone=None)).id for _ in range(2)]
        await contacts.trash_contacts(session, viewer, [old, young])
        kept = await session.scalars(select(TrashedContact.expires_at - TrashedContact.deleted_at))
        assert {round(time.total_seconds()) for time in kept} == {30 * 86_400}
        passed = update(TrashedContact).where(TrashedContact.contact_id == old)
        await session.execute(passed.values(expires_at=func.clock_timestamp()))
        merge = ContactMerge(master_id=old, name="", before=[], after={}, expires_at=func.now())
        session.add(merge)
    async with database.transaction(viewer.tenant_id) as session:
        assert await contacts.sweep_trash(session) == 1
    async with database.transaction(viewer.tenant_id) as session:
        assert list(await session.scalars(select(TrashedContact.contact_id))) == [young]
        assert list(await session.scalars(select(ContactMerge.id))) == []


async def test_a_document_from_before_a_column_was_added_comes_back_with_its_default(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        ada = await make_contact(session, viewer, additional=phones("+390612345001"))
        [document] = (await documents(session, ada.id)).values()
        [phone] = document["phones"]
        phone |= {"id": phone["id"] + 1_000_000, "number": "+390612345009"}
        del phone["state"], phone["description"]
        connection = (await (await session.connection()).get_raw_connection()).driver_connection
        await insert_rows(connection, PHONES, [phone])
        [_, back] = (await documents(session, ada.id))[ada.id]["phones"]
    assert (back["number"], back["state"], back["description"]) == (
        "+390612345009",
        "AVAILABLE",
        "",
    )


async def test_nobody_reaches_into_another_tenants_trash(
    database: Database, viewer: Viewer, new_tenant: object
) -> None:  # D9
    async with database.transaction(viewer.tenant_id) as session:
        ada = await make_contact(session, viewer)
        await contacts.delete_contact(session, viewer, ada.id)
    stranger = await make_viewer(database, await new_tenant())  # type: ignore[operator]
    for call in (
        lambda session: contacts.restore_contacts(session, stranger, [ada.id]),
        lambda session: contacts.purge_contacts(session, stranger, [ada.id], 1),
    ):
        with refusals() as told:
            async with database.transaction(stranger.tenant_id) as session:
                await call(session)
        assert told == [("NOT_FOUND", "ids.0")]
    async with database.transaction(viewer.tenant_id) as session:
        assert (await session.scalar(select(func.count()).select_from(ListMember))) == 0
        assert (await session.scalar(select(TrashedContact.contact_id))) == ada.id


async def test_the_workers_tick_empties_the_trash_of_every_age_at_once(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        gone = [(await make_contact(session, viewer, phone=None)).id for _ in range(3)]
        await contacts.trash_contacts(session, viewer, gone)
        passed = update(TrashedContact).where(TrashedContact.contact_id != gone[0])
        await session.execute(passed.values(expires_at=func.clock_timestamp()))
    await empty_trash(database, viewer.tenant_id)
    async with database.transaction(viewer.tenant_id) as session:
        assert list(await session.scalars(select(TrashedContact.contact_id))) == gone[:1]
