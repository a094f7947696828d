# SPDX-License-Identifier: Apache-2.0
"""Merging contacts: numbers, tags, lists and values are united, nothing is lost (X-25 to X-27)."""

from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.fields import FieldType
from server.domain.merging import MergeConflictKind, custom_name
from server.domain.permissions import Role, Viewer
from server.models import (
    AdditionalPhone,
    Contact,
    ContactMerge,
    ContactTag,
    HopperEntry,
    MergedContact,
)
from server.services import contacts
from server.services.contacts import ContactEdit, ValueInput
from server.services.contacts.merging import merge_contacts, preview_merge
from server.services.fields import FieldInput, create_field
from tests.factories.contacts import make_contact, phones
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.merges import merge
from tests.factories.people import documents, make_field, make_tag, make_whole_contact, set_value
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer

ONE, TWO, THREE, FOUR, FIVE = (f"+39061234500{digit}" for digit in range(1, 6))


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def numbers(session: AsyncSession, contact_id: int) -> list[str | None]:
    [document] = (await documents(session, contact_id)).values()
    return [document["contact"]["phone"], *(row["number"] for row in document["phones"])]


async def test_two_contacts_with_a_number_in_common_hold_each_number_once(
    database: Database, viewer: Viewer
) -> None:
    """X-25: A {primary 1, additional 2 Office, 3} with B {primary 4, additional 2 Home, 5}."""
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office", 1)
        home = await make_item_type(session, viewer, "Home", 2)
        first = await make_contact(
            session, viewer, "A", phone=ONE, additional=phones((TWO, office.id), THREE)
        )
        second = await make_contact(
            session, viewer, "B", phone=FOUR, additional=phones((TWO, home.id), FIVE)
        )
    async with database.transaction(viewer.tenant_id) as session:
        preview = await preview_merge(session, viewer, [first.id, second.id])
        told = {(one.kind, one.number) for one in preview.conflicts}
        assert told == {
            (MergeConflictKind.PRIMARY_MOVES, FOUR),
            (MergeConflictKind.TYPES_DIFFER, TWO),
        }
        merged = await merge(session, viewer, first.id, second.id)
    async with database.transaction(viewer.tenant_id) as session:
        assert merged.contact_id == first.id
        assert await numbers(session, first.id) == [ONE, TWO, THREE, FOUR, FIVE]
        rows = await session.execute(
            select(AdditionalPhone.number, AdditionalPhone.item_type_id).order_by(
                AdditionalPhone.position
            )
        )
        assert rows.all() == [
            (TWO, office.id),
            (THREE, None),
            (FOUR, None),
            (FIVE, None),
        ]
        assert await session.get(Contact, second.id) is None


async def test_equal_secondary_keys_on_both_contacts_do_not_crash_the_merge(
    database: Database, viewer: Viewer
) -> None:
    """X-26, the crash of the old product: both carry the tag VIP, phone 2 and stand on one list."""
    async with database.transaction(viewer.tenant_id) as session:
        spring = await make_list(session, viewer)
        summer = await make_list(session, viewer, "Summer")
        field = await make_field(session)
        first = await make_contact(
            session, viewer, "A", phone=ONE, additional=phones(TWO), list_ids=[spring.id]
        )
        second = await make_contact(
            session,
            viewer,
            "B",
            phone=FOUR,
            additional=phones(TWO, THREE),
            list_ids=[spring.id, summer.id],
        )
        vip = await make_tag(session, "VIP", first.id, second.id)
        late = await make_tag(session, "Late payer", second.id)
        for contact, text in ((first, "one"), (second, "two")):
            await set_value(session, field, contact.id, text)
        other = await make_field(session, "Only the second has it", is_unique=True)
        await set_value(session, other, second.id, "C-17")
    async with database.transaction(viewer.tenant_id) as session:
        await merge(session, viewer, first.id, second.id)
    async with database.transaction(viewer.tenant_id) as session:
        tags = await session.execute(select(ContactTag.contact_id, ContactTag.tag_id))
        assert set(tags.all()) == {(first.id, vip), (first.id, late)}
        [document] = (await documents(session, first.id)).values()
        assert [row["list_id"] for row in document["lists"]] == [spring.id, summer.id]
        assert await numbers(session, first.id) == [ONE, TWO, FOUR, THREE]
        values = {row["field_id"]: row["text_value"] for row in document["values"]}
        assert values == {field.id: "one", other.id: "C-17"}  # nothing is wiped


async def test_choices_decide_where_the_contacts_differ_and_blanks_are_filled(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        field = await make_field(session)
        first = await make_contact(session, viewer, "A", "Rossi", phone=ONE)
        second = await make_contact(
            session, viewer, "Ada", "Rossi", phone=FOUR, email="ada@example.com", priority=1
        )
        for contact, text in ((first, "one"), (second, "two")):
            await set_value(session, field, contact.id, text)
    async with database.transaction(viewer.tenant_id) as session:
        preview = await preview_merge(session, viewer, [first.id, second.id])
        by_name = {one.name: one for one in (*preview.plan.fields, *preview.plan.values)}
        differing = {name for name, one in by_name.items() if one.differs}
        custom = custom_name(field.id, None)
        assert differing == {"firstName", "phone", "priority", custom}
        assert by_name["email"].chosen == second.id  # the master leaves it blank
        assert by_name["firstName"].chosen == first.id
        choices = {"firstName": second.id, "phone": second.id, custom: second.id}
        await merge(session, viewer, first.id, second.id, **choices)
    async with database.transaction(viewer.tenant_id) as session:
        [document] = (await documents(session, first.id)).values()
        contact = document["contact"]
        assert (contact["first_name"], contact["name_key"]) == ("Ada", "rossi ada")
        assert (contact["email"], contact["priority"]) == ("ada@example.com", 2)
        assert await numbers(session, first.id) == [FOUR, ONE]  # its own primary stays dialable
        assert [row["text_value"] for row in document["values"]] == ["two"]
        assert contact["version"] == 2


async def test_values_of_every_type_are_shown_as_they_are_written_everywhere(
    database: Database, viewer: Viewer
) -> None:
    """A document of JSON tells a whole number otherwise than the column does."""
    written = {
        FieldType.NUMBER: "7",
        FieldType.DATE: "2027-01-31",
        FieldType.DATETIME: "2027-01-31T08:00:00Z",
        FieldType.BOOLEAN: "true",
    }
    async with database.transaction(viewer.tenant_id) as session:
        ids = [(await make_contact(session, viewer, phone=None)).id for _ in range(2)]
        fields = {
            kind: await create_field(session, viewer, FieldInput(name=kind, type=kind))
            for kind in written
        }
        values = [
            ValueInput(field_id=fields[kind].id, value=text) for kind, text in written.items()
        ]
        await contacts.edit_contact(session, viewer, ids[1], ContactEdit(values=values))
    async with database.transaction(viewer.tenant_id) as session:
        preview = await preview_merge(session, viewer, ids)
    shown = {one.field_id: preview.text_of(one.values[ids[1]]) for one in preview.plan.values}
    assert shown == {fields[kind].id: text for kind, text in written.items()}


async def test_the_stricter_state_of_a_number_holds(database: Database, viewer: Viewer) -> None:
    """C-08: excluded on one of them, it is excluded on the merged contact."""
    async with database.transaction(viewer.tenant_id) as session:
        first = await make_contact(session, viewer, "A", phone=ONE, additional=phones(TWO, THREE))
        second = await make_contact(session, viewer, "B", phone=TWO, additional=phones(ONE))
        await session.execute(
            update(Contact).where(Contact.id == second.id).values(phone_state="EXCLUDED")
        )
        await session.execute(
            update(AdditionalPhone).where(AdditionalPhone.number == ONE).values(state="BLOCKED")
        )
    async with database.transaction(viewer.tenant_id) as session:
        await merge(session, viewer, first.id, second.id)
    async with database.transaction(viewer.tenant_id) as session:
        [document] = (await documents(session, first.id)).values()
        assert document["contact"]["phone_state"] == "BLOCKED"
        states = [(row["number"], row["state"]) for row in document["phones"]]
        assert states == [(TWO, "EXCLUDED"), (THREE, "AVAILABLE")]


async def test_a_merge_of_something_that_has_changed_is_refused(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        first, _, list_id = await make_whole_contact(session, viewer)
        second = await make_contact(session, viewer, "B", phone=FOUR)
        ids = [first.id, second.id]
        seen = (await preview_merge(session, viewer, ids)).fingerprint
        other = (await preview_merge(session, viewer, ids, second.id)).fingerprint
        await session.execute(
            update(HopperEntry).values(total_attempts=3)
        )  # a call changes nothing
        assert (await preview_merge(session, viewer, ids)).fingerprint == seen != other
    async with database.transaction(viewer.tenant_id) as session:
        await contacts.edit_contact(session, viewer, second.id, ContactEdit(list_ids=[list_id]))
    with refusals() as told:
        async with database.transaction(viewer.tenant_id) as session:
            await merge_contacts(session, viewer, ids, first.id, seen=seen)
    assert told == [("CONFLICT", "fingerprint")]
    async with database.transaction(viewer.tenant_id) as session:
        assert set(await session.scalars(select(Contact.id))) == set(ids)


@pytest.mark.parametrize(
    ("ids", "master", "told"),
    [
        ([0], 0, [("OUT_OF_RANGE", "ids")]),
        ([], None, [("OUT_OF_RANGE", "ids")]),
        ([0, 0], None, [("INVALID", "ids.1")]),
        ([0, 1, 0], 0, [("INVALID", "ids.2")]),
        ([*range(1000, 1021)], None, [("OUT_OF_RANGE", "ids")]),
        ([0] * 1000, None, [("OUT_OF_RANGE", "ids")]),
        ([0, 7], None, [("NOT_FOUND", "ids.1")]),
        ([0, 8], None, [("NOT_FOUND", "ids.1")]),
        ([0, 1], 8, [("NOT_FOUND", "masterId")]),
    ],
)
async def test_what_cannot_be_merged_is_refused_at_its_place(
    database: Database,
    viewer: Viewer,
    new_tenant: Any,
    ids: list[int],
    master: int | None,
    told: list[tuple[str, str]],
) -> None:
    """0 and 1 are contacts here, 8 is one of another tenant, and 7 is nobody."""
    stranger = await make_viewer(database, await new_tenant())
    async with database.transaction(stranger.tenant_id) as session:
        foreign = await make_contact(session, stranger)
    async with database.transaction(viewer.tenant_id) as session:
        mine = [await make_contact(session, viewer, phone=None) for _ in range(2)]
    known = {0: mine[0].id, 1: mine[1].id, 7: 2**40, 8: foreign.id}
    given = [known.get(one, one) for one in ids]
    chosen = None if master is None else known[master]
    for act in ("preview", "merge"):
        with refusals() as refused:
            async with database.transaction(viewer.tenant_id) as session:
                if act == "preview":
                    await preview_merge(session, viewer, given, chosen)
                else:
                    main = given[0] if chosen is None and given else chosen or 0
                    await merge_contacts(session, viewer, given, main, seen="")
        assert refused == told, act


async def test_agents_merge_only_contacts_that_they_see(database: Database, viewer: Viewer) -> None:
    agent = await make_viewer(database, viewer.tenant_id, Role.AGENT)
    async with database.transaction(viewer.tenant_id) as session:
        mine = await make_list(session, viewer, agent_ids=[agent.user_id])
        hidden = await make_list(session, viewer, "Hidden")
        seen = [
            (await make_contact(session, viewer, phone=None, list_ids=[mine.id, hidden.id])).id
            for _ in range(2)
        ]
        unseen = await make_contact(session, viewer, phone=None, list_ids=[hidden.id])
    with refusals() as refused:
        async with database.transaction(viewer.tenant_id) as session:
            await preview_merge(session, agent, [seen[0], unseen.id])
    assert refused == [("NOT_FOUND", "ids.1")]
    async with database.transaction(viewer.tenant_id) as session:
        preview = await preview_merge(session, agent, seen)
        assert preview.lists == {mine.id}
        await merge(session, agent, *seen)
        [document] = (await documents(session, seen[0])).values()
        assert {row["list_id"] for row in document["lists"]} == {mine.id, hidden.id}


async def test_nobody_is_merged_during_a_call(database: Database, viewer: Viewer) -> None:  # D3
    async with database.transaction(viewer.tenant_id) as session:
        first, _, _ = await make_whole_contact(session, viewer)
        second = await make_contact(session, viewer, "B", phone=FOUR)
        await session.execute(update(HopperEntry).values(state="CONNECTED"))
    async with database.transaction(viewer.tenant_id) as session:
        preview = await preview_merge(session, viewer, [second.id, first.id])
    assert not preview.is_possible
    assert [one.kind for one in preview.conflicts if one.is_blocking] == [MergeConflictKind.ON_CALL]
    ids, seen = [second.id, first.id], preview.fingerprint
    with pytest.raises(DomainError) as refused:
        async with database.transaction(viewer.tenant_id) as session:
            await merge_contacts(session, viewer, ids, second.id, seen=seen)
    error = refused.value
    assert (error.code, error.field) == (ErrorCode.WRONG_STATE, "ids.1")
    assert error.params == {"state": "CONNECTED"}


async def test_more_numbers_than_a_contact_can_have_are_refused(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        many = [f"+3902{number:07}" for number in range(5551000, 5551102)]
        first = await make_contact(session, viewer, phone=None, additional=phones(*many[:51]))
        second = await make_contact(session, viewer, phone=None, additional=phones(*many[51:]))
        preview = await preview_merge(session, viewer, [first.id, second.id])
    assert not preview.is_possible
    with refusals() as refused:
        async with database.transaction(viewer.tenant_id) as session:
            await merge(session, viewer, first.id, second.id)
    assert refused == [("OUT_OF_RANGE", "ids")]


async def test_of_more_tags_than_fit_the_masters_stay_and_the_preview_says_which(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        first, second = [(await make_contact(session, viewer, phone=None)).id for _ in range(2)]
        own = [await make_tag(session, f"a{number:02}", first) for number in range(30)]
        others = [await make_tag(session, f"b{number:02}", second) for number in range(30)]
        preview = await preview_merge(session, viewer, [first, second])
        assert {word.id for word in preview.plan.tags} == {*own, *others[:20]}
        await merge(session, viewer, first, second)
        kept = await session.scalars(select(ContactTag.tag_id))
        assert set(kept) == {*own, *others[:20]}


async def test_links_to_those_that_were_merged_twice_lead_to_the_last_master(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        first, second, third = [
            (await make_contact(session, viewer, phone=None)).id for _ in range(3)
        ]
        await merge(session, viewer, second, first)
        await merge(session, viewer, third, second)
        rows = await session.execute(select(MergedContact.contact_id, MergedContact.master_id))
        assert set(rows.all()) == {(first, third), (second, third)}
        assert (await session.scalar(select(func.count()).select_from(ContactMerge))) == 2
