# SPDX-License-Identifier: Apache-2.0
"""A merge taken back: each contact as it was, and nothing that was done since is lost (D2)."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from server.database import Database
from server.domain.contacts import PhoneState
from server.domain.errors import DomainError, ErrorCode
from server.domain.merging import ChangeOutcome, MergeState
from server.domain.permissions import Role, Viewer
from server.models import (
    AdditionalPhone,
    Campaign,
    Contact,
    ContactMerge,
    Event,
    FieldValue,
    HopperEntry,
    HopperPhone,
    MergedContact,
)
from server.services import contacts
from server.services.contacts import ContactEdit
from server.services.contacts.inputs import PhoneInput
from server.services.contacts.merging import Unmerged, changes_since_merge, undo_merge
from tests.factories.campaigns import CAMPAIGN, closed, make_campaign
from tests.factories.contacts import make_contact, phones
from tests.factories.lists import make_list
from tests.factories.merges import merge
from tests.factories.people import (
    documents,
    make_field,
    make_tag,
    make_whole_contact,
    plain,
    set_value,
)
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer

ONE, TWO, THREE, FOUR, FIVE, SIX = (f"+3906123450{digit}0" for digit in range(1, 7))
STAYS, BACK = ChangeOutcome.STAYS, ChangeOutcome.COMES_BACK


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def undone(database: Database, viewer: Viewer, merge_id: int) -> Unmerged:
    async with database.transaction(viewer.tenant_id) as session:
        told = await changes_since_merge(session, viewer, merge_id)
        unmerged = await undo_merge(session, viewer, merge_id)
    assert list(unmerged.changes) == told  # what the preview has said
    return unmerged


async def refusal(database: Database, viewer: Viewer, merge_id: int) -> tuple[object, ...]:
    with pytest.raises(DomainError) as refused:
        await undone(database, viewer, merge_id)
    return refused.value.code, refused.value.field, refused.value.params.get("state")


def changes(unmerged: Unmerged) -> list[tuple[object, ...]]:
    return [(one.field, one.merged, one.now, one.outcome) for one in unmerged.changes]


async def test_every_row_is_as_it_was(database: Database, viewer: Viewer) -> None:
    """Two contacts that have a number, a tag, a list and a campaign in common."""
    async with database.transaction(viewer.tenant_id) as session:
        first, _, list_id = await make_whole_contact(session, viewer)
        second = await make_contact(
            session, viewer, "B", phone=FOUR, additional=phones("+390612345001", FIVE)
        )
        await contacts.edit_contact(session, viewer, second.id, ContactEdit(list_ids=[list_id]))
        await make_tag(session, "VIP", second.id)
        await set_value(session, await make_field(session, "Other"), second.id, "x")
        before = await documents(session, first.id, second.id)
    async with database.transaction(viewer.tenant_id) as session:
        merged = await merge(session, viewer, first.id, second.id)
    unmerged = await undone(database, viewer, merged.merge_id)
    assert unmerged.contact_ids == [first.id, second.id]
    assert (list(unmerged.changes), unmerged.left_out) == ([], [])
    async with database.transaction(viewer.tenant_id) as session:
        after = await documents(session, first.id, second.id)
        for key, document in after.items():
            for one in (document, before[key]):
                del one["contact"]["updated_at"], one["contact"]["version"]
            assert plain(document) == plain(before[key])
        assert (await session.scalar(select(func.count()).select_from(MergedContact))) == 0
        [event] = await session.scalars(select(Event).where(Event.name == "contact.unmerged"))
        assert (event.subject_id, event.data["contacts"]) == (first.id, [second.id])


async def test_stays_are_as_they_were_though_the_merge_had_ended_them(
    database: Database, viewer: Viewer
) -> None:
    """Together they had reached the campaign's limit of attempts: apart neither has."""
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        capped = replace(CAMPAIGN, max_attempts_per_contact=4)
        both = [
            await make_campaign(session, viewer, "Capped", list_ids=[spring.id], given=capped),
            await make_campaign(session, viewer, list_ids=[spring.id]),
        ]
        ids: list[int] = []
        for number in (ONE, TWO):
            contact = await make_contact(session, viewer, phone=number, list_ids=[spring.id])
            rows = update(HopperEntry).where(HopperEntry.contact_id == contact.id)
            called = {"state": "WAIT_RETRY", "bucket": 3, "round": 3, "total_attempts": 2}
            await session.execute(rows.values(priority=len(ids) + 1, **called))
            ids.append(contact.id)
        before = await documents(session, *ids)
    async with database.transaction(viewer.tenant_id) as session:
        merged = await merge(session, viewer, *ids)
        [document] = (await documents(session, *ids)).values()
        assert [entry["total_attempts"] for entry in document["entries"]] == [4]
        finals = [await closed(session, campaign.id) for campaign in both]
        assert finals == [[(ids[1], "MERGED"), (ids[0], "CONTACT_CAP")], [(ids[1], "MERGED")]]
    unmerged = await undone(database, viewer, merged.merge_id)
    assert unmerged.left_out == []
    async with database.transaction(viewer.tenant_id) as session:
        after = await documents(session, *ids)
        assert [await closed(session, campaign.id) for campaign in both] == [[], []]
    for key, document in after.items():
        assert plain(document["entries"]) == plain(before[key]["entries"])


async def test_a_stay_that_cannot_go_on_keeps_the_final_result_that_the_merge_gave_it(
    database: Database, viewer: Viewer
) -> None:
    """And final results that have another cause stay, though the stay is open again."""
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        ended, open_ = [
            await make_campaign(session, viewer, name, list_ids=[spring.id])
            for name in ("Ended", "Open")
        ]
        first, second = [
            (await make_contact(session, viewer, phone=number, list_ids=[spring.id])).id
            for number in (ONE, TWO)
        ]
        await contacts.trash_contacts(session, viewer, [second])
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.restore_contacts(session, viewer, [second])
    async with database.transaction(viewer.tenant_id) as session:
        merged = await merge(session, viewer, first, second)
        await session.execute(update(Campaign).where(Campaign.id == ended.id).values(state="ENDED"))
    unmerged = await undone(database, viewer, merged.merge_id)
    assert [(one.contact_id, one.name) for one in unmerged.left_out] == [(second, "Ended")]
    async with database.transaction(viewer.tenant_id) as session:
        deleted = (second, "CONTACT_DELETED")
        assert await closed(session, ended.id) == [deleted, (second, "MERGED")]
        assert await closed(session, open_.id) == [deleted]


async def test_calls_since_count_for_whoever_has_the_number_and_no_others(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        await make_campaign(session, viewer, list_ids=[spring.id])
        ids = []
        for number in (ONE, FOUR):
            contact = await make_contact(
                session, viewer, phone=number, additional=phones(TWO), list_ids=[spring.id]
            )
            ids.append(contact.id)
        theirs = select(HopperEntry.id).where(HopperEntry.contact_id == ids[1])
        owned = update(HopperEntry).where(HopperEntry.contact_id == ids[1])
        await session.execute(owned.values(owner_id=viewer.user_id))
        await session.execute(
            update(HopperPhone)
            .where(HopperPhone.entry_id.in_(theirs), HopperPhone.number == TWO)
            .values(busy=3)
        )
    async with database.transaction(viewer.tenant_id) as session:
        merged = await merge(session, viewer, *ids)
        assert await session.scalar(select(HopperEntry.owner_id)) == viewer.user_id
    async with database.transaction(viewer.tenant_id) as session:
        row = update(HopperPhone).where(HopperPhone.number == TWO)
        await session.execute(row.values(busy=HopperPhone.busy + 1, last_status="BUSY"))
        since = {"state": "WAIT_RETRY", "bucket": 3, "total_attempts": 1}
        await session.execute(update(HopperEntry).values(**since))
    await undone(database, viewer, merged.merge_id)
    async with database.transaction(viewer.tenant_id) as session:
        found = await documents(session, *ids)
    counted = {
        key: [phone["busy"] for phone in one["entries"][0]["phones"] if phone["number"] == TWO]
        for key, one in found.items()
    }
    assert counted == {ids[0]: [1], ids[1]: [4]}
    owners = [found[key]["entries"][0]["owner_id"] for key in ids]
    assert owners == [None, viewer.user_id]


async def test_an_undo_that_a_later_merge_overtakes_is_refused(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        a, b, c = [(await make_contact(session, viewer, phone=None)).id for _ in range(3)]
        first = await merge(session, viewer, a, b)
    async with database.transaction(viewer.tenant_id) as session:
        await merge(session, viewer, c, a)  # holds the contacts, and is not committed yet
        overtaken = asyncio.create_task(refusal(database, viewer, first.merge_id))
        await asyncio.sleep(0.3)
    assert await overtaken == (ErrorCode.WRONG_STATE, "mergeId", MergeState.FOLLOWED)


async def test_what_was_done_since_stays_with_the_master_and_is_told(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        first = await make_contact(
            session, viewer, "A", phone=ONE, additional=phones(TWO), list_ids=[spring.id]
        )
        second = await make_contact(session, viewer, "B", phone=FOUR, additional=phones(FIVE))
        vip = await make_tag(session, "VIP", second.id)
        field = await make_field(session)
        await set_value(session, field, second.id, "theirs")
    async with database.transaction(viewer.tenant_id) as session:
        merged = await merge(session, viewer, first.id, second.id)
    async with database.transaction(viewer.tenant_id) as session:
        row = update(AdditionalPhone).where(AdditionalPhone.number == FIVE)
        await session.execute(row.values(state="BLOCKED"))
        kept = {
            number: key
            for key, number in await session.execute(
                select(AdditionalPhone.id, AdditionalPhone.number)
            )
        }
        # TWO and FOUR are taken off, THREE is new; FIVE stays; the name is corrected.
        wanted = [PhoneInput(number=FIVE, id=kept[FIVE]), PhoneInput(number=THREE)]
        edit = ContactEdit(first_name="Ada", additional_phones=wanted, tags=["VIP", "Late payer"])
        await contacts.edit_contact(session, viewer, first.id, edit)
    unmerged = await undone(database, viewer, merged.merge_id)
    told = changes(unmerged)
    assert sorted(told, key=str) == sorted(
        [
            ("firstName", "A", "Ada", STAYS),
            ("additionalPhones", None, THREE, STAYS),
            ("additionalPhones", TWO, None, STAYS),
            ("additionalPhones", FOUR, None, BACK),
            ("additionalPhones", FIVE, FIVE, STAYS),
            ("tags", None, "Late payer", STAYS),
        ],
        key=str,
    )
    async with database.transaction(viewer.tenant_id) as session:
        found = await documents(session, first.id, second.id)
    mine, theirs = found[first.id], found[second.id]
    assert (mine["contact"]["first_name"], mine["contact"]["phone"]) == ("Ada", ONE)
    assert [row["number"] for row in mine["phones"]] == [THREE]
    assert [row["_name"] for row in mine["tags"]] == ["Late payer"]
    assert [row["list_id"] for row in mine["lists"]] == [spring.id]
    assert mine["values"] == []
    assert (theirs["contact"]["first_name"], theirs["contact"]["phone"]) == ("B", FOUR)
    # Blocked meanwhile: the stricter state holds for whoever has the number.
    assert [(row["number"], row["state"]) for row in theirs["phones"]] == [
        (FIVE, PhoneState.BLOCKED)
    ]
    assert [row["tag_id"] for row in theirs["tags"]] == [vip]
    assert [row["text_value"] for row in theirs["values"]] == ["theirs"]


async def test_a_new_primary_number_stays_with_the_master(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        first = await make_contact(session, viewer, "A", phone=ONE, additional=phones(TWO))
        second = await make_contact(session, viewer, "B", phone=FOUR)
        merged = await merge(session, viewer, first.id, second.id)
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.edit_contact(session, viewer, first.id, ContactEdit(phone=SIX))
    assert changes(await undone(database, viewer, merged.merge_id)) == [
        ("phone", ONE, SIX, STAYS),
    ]
    async with database.transaction(viewer.tenant_id) as session:
        found = await documents(session, first.id, second.id)
    assert found[first.id]["contact"]["phone"] == SIX
    assert [row["number"] for row in found[first.id]["phones"]] == [TWO]
    assert found[second.id]["contact"]["phone"] == FOUR


async def test_a_changed_value_stays_though_another_contact_had_brought_it(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        field = await make_field(session)
        first, second = [await make_contact(session, viewer, phone=None) for _ in range(2)]
        await set_value(session, field, second.id, "theirs")
        merged = await merge(session, viewer, first.id, second.id)
        [row] = (await documents(session, first.id))[first.id]["values"]
        changed = update(FieldValue).where(FieldValue.id == row["id"])
        await session.execute(changed.values(text_value="corrected", text_key="corrected"))
    unmerged = await undone(database, viewer, merged.merge_id)
    assert [(one.field, one.outcome) for one in unmerged.changes] == [(f"custom_{field.id}", STAYS)]
    async with database.transaction(viewer.tenant_id) as session:
        found = await documents(session, first.id, second.id)
    texts = {key: [row["text_value"] for row in one["values"]] for key, one in found.items()}
    assert texts == {first.id: ["corrected"], second.id: ["theirs"]}


async def test_merges_of_one_contact_are_undone_the_last_first(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        a, b, c, d = [(await make_contact(session, viewer, phone=None)).id for _ in range(4)]
        into_b = await merge(session, viewer, b, a)
        into_c = await merge(session, viewer, c, b)
        again = await merge(session, viewer, c, d)
    wrong = (ErrorCode.WRONG_STATE, "mergeId", MergeState.FOLLOWED)
    assert await refusal(database, viewer, into_b.merge_id) == wrong
    assert await refusal(database, viewer, into_c.merge_id) == wrong
    await undone(database, viewer, again.merge_id)
    await undone(database, viewer, into_c.merge_id)
    async with database.transaction(viewer.tenant_id) as session:
        rows = await session.execute(select(MergedContact.contact_id, MergedContact.master_id))
        assert rows.all() == [(a, b)]  # links to it lead to the right contact again
    await undone(database, viewer, into_b.merge_id)
    async with database.transaction(viewer.tenant_id) as session:
        assert set(await session.scalars(select(Contact.id))) == {a, b, c, d}
    twice = await refusal(database, viewer, into_b.merge_id)
    assert twice == (ErrorCode.WRONG_STATE, "mergeId", MergeState.UNDONE)


async def test_what_stands_in_the_way_is_named(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        ids = [(await make_contact(session, viewer, phone=None)).id for _ in range(6)]
        old, gone, deleted = [
            (await merge(session, viewer, *ids[place : place + 2])).merge_id
            for place in range(0, 6, 2)
        ]
        aged = update(ContactMerge).where(ContactMerge.id == old)
        await session.execute(aged.values(expires_at=func.clock_timestamp()))
        await contacts.trash_contacts(session, viewer, [ids[2], ids[4]])
        state = update(ContactMerge).where(ContactMerge.id == gone)
        await session.execute(state.values(master_id=2**40))
    states = [(await refusal(database, viewer, key))[2] for key in (old, gone, deleted)]
    assert states == [MergeState.EXPIRED, MergeState.GONE, MergeState.TRASHED]
    agent = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    for who, key in ((viewer, 2**40), (agent, old)):
        with refusals() as told:
            await undone(database, who, key)
        assert told == [("NOT_FOUND", "mergeId")]
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.sweep_trash(session)
    async with database.transaction(viewer.tenant_id) as session:
        kept = select(ContactMerge.before, ContactMerge.after).where(ContactMerge.id == old)
        assert (await session.execute(kept)).one() == ([], {})
        assert (await session.scalar(select(func.count()).select_from(MergedContact))) == 3


async def test_a_contact_on_a_call_is_not_taken_apart(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        first, _, _ = await make_whole_contact(session, viewer)
        second = await make_contact(session, viewer, "B", phone=FOUR)
        merged = await merge(session, viewer, first.id, second.id)
        await session.execute(update(HopperEntry).values(state="DIALING"))
    code, field, state = await refusal(database, viewer, merged.merge_id)
    assert (code, field, state) == (ErrorCode.WRONG_STATE, "mergeId", "DIALING")
