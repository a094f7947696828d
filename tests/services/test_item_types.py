# SPDX-License-Identifier: Apache-2.0
"""Contact item types as the business keeps them (X-01, X-02, X-03, X-08, X-10)."""

import asyncio

import pytest
from sqlalchemy import select

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.models import AdditionalPhone, Contact, ContactItemType, Event
from server.services import item_types
from server.services.item_types import ItemTypeEdit
from tests.conftest import MakeTenant
from tests.factories.item_types import make_item_type
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def rows(database: Database, viewer: Viewer) -> list[tuple[str, int, str]]:
    async with database.transaction(viewer.tenant_id) as session:
        found = await session.execute(
            select(ContactItemType.name, ContactItemType.order_by, ContactItemType.color).order_by(
                ContactItemType.order_by, ContactItemType.name_key
            )
        )
        return [(name, order_by, color) for name, order_by, color in found]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("#AABBCC", "#AABBCC"), ("#aabbcc", "#AABBCC"), ("#abc", "#AABBCC"), ("#09f", "#0099FF")],
)
async def test_a_type_is_stored_as_it_was_given(
    database: Database, viewer: Viewer, typed: str, stored: str
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        row = await make_item_type(session, viewer, " Office ", 1, typed)
        assert (row.name, row.order_by, row.color, row.version) == ("Office", 1, stored, 1)
    assert await rows(database, viewer) == [("Office", 1, stored)]
    async with database.transaction(viewer.tenant_id) as session:
        event = await session.scalar(select(Event))
        assert event is not None
        assert (event.name, event.subject_id, event.user_id) == (
            "item_type.created",
            row.id,
            viewer.user_id,
        )


@pytest.mark.parametrize(
    ("name", "order_by", "color", "refused"),
    [
        ("", 1, "#AABBCC", [("REQUIRED", "name")]),
        (" \t ", 1, "#AABBCC", [("REQUIRED", "name")]),
        ("Off\x00ice", 1, "#AABBCC", [("INVALID_CHARACTER", "name")]),
        ("Off\ud800ice", 1, "#AABBCC", [("INVALID_CHARACTER", "name")]),
        ("x" * 100_000, 1, "#AABBCC", [("TOO_LONG", "name")]),
        ("x" * 101, 1, "#AABBCC", [("TOO_LONG", "name")]),
        ("Office", 0, "#AABBCC", [("OUT_OF_RANGE", "orderBy")]),
        ("Office", -1, "#AABBCC", [("OUT_OF_RANGE", "orderBy")]),
        ("Office", 2**31, "#AABBCC", [("OUT_OF_RANGE", "orderBy")]),
        ("Office", 1, "blue", [("INVALID", "color")]),
        ("Office", 1, "#AABBC", [("INVALID", "color")]),
        ("Office", 1, "#GGGGGG", [("INVALID", "color")]),
        ("Office", 1, "", [("REQUIRED", "color")]),
        ("Office", 1, "#" * 100_000, [("TOO_LONG", "color")]),
        ("", 0, "no", [("REQUIRED", "name"), ("OUT_OF_RANGE", "orderBy"), ("INVALID", "color")]),
    ],
)
async def test_every_fault_is_named_by_its_field_and_nothing_is_stored(
    database: Database,
    viewer: Viewer,
    name: str,
    order_by: int,
    color: str,
    refused: list[tuple[str, str]],
) -> None:
    with refusals() as told:
        async with database.transaction(viewer.tenant_id) as session:
            await make_item_type(session, viewer, name, order_by, color)
    assert told == refused
    assert await rows(database, viewer) == []


async def test_two_types_may_share_an_order(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await make_item_type(session, viewer, "Office", 1)
        await make_item_type(session, viewer, "Mobile", 1)
    assert [name for name, _, _ in await rows(database, viewer)] == ["Mobile", "Office"]


@pytest.mark.parametrize("second", ["Holiday Home", "holiday home", "HOLIDAY  HOME"])
async def test_a_name_is_taken_once_in_any_case(
    database: Database, viewer: Viewer, second: str
) -> None:
    with refusals() as told:
        async with database.transaction(viewer.tenant_id) as session:
            await make_item_type(session, viewer, "Holiday Home")
            with pytest.raises(DomainError) as taken:
                await make_item_type(session, viewer, second)
            # The transaction is still good: the first type stays.
            assert (taken.value.code, taken.value.field) == (ErrorCode.TAKEN, "name")
    assert told == []
    assert [name for name, _, _ in await rows(database, viewer)] == ["Holiday Home"]


async def test_two_who_take_a_name_at_once_are_told_apart(
    database: Database, viewer: Viewer
) -> None:
    async def take() -> str:
        try:
            async with database.transaction(viewer.tenant_id) as session:
                await make_item_type(session, viewer, "Office")
                await asyncio.sleep(0.05)
        except DomainError as refusal:
            return refusal.code
        return "created"

    assert sorted(await asyncio.gather(take(), take())) == ["TAKEN", "created"]
    assert len(await rows(database, viewer)) == 1


async def test_another_tenant_may_use_the_same_name(
    database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:
    other = await make_viewer(database, await new_tenant())
    for each in (viewer, other):
        async with database.transaction(each.tenant_id) as session:
            await make_item_type(session, each, "Office")
    assert len(await rows(database, viewer)) == len(await rows(database, other)) == 1


async def test_an_edit_changes_what_it_names_and_counts_the_version(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office", 1, "#AABBCC")
    async with database.transaction(viewer.tenant_id) as session:
        edit = ItemTypeEdit(order_by=3, color="#000", version=1)
        row = await item_types.edit_item_type(session, viewer, office.id, edit)
        assert row.version == 2
    assert await rows(database, viewer) == [("Office", 3, "#000000")]
    async with database.transaction(viewer.tenant_id) as session:
        edit = ItemTypeEdit(name="office")  # its own name in another case is not taken
        await item_types.edit_item_type(session, viewer, office.id, edit)
        changes = [event.data for event in await session.scalars(select(Event).order_by(Event.id))]
    assert changes[1:] == [
        {"changed": {"order_by": 3, "color": "#000000"}},
        {"changed": {"name": "office"}},
    ]


@pytest.mark.parametrize(
    ("edit", "refused"),
    [
        (ItemTypeEdit(name=""), [("REQUIRED", "name")]),
        (ItemTypeEdit(name="MOBILE"), [("TAKEN", "name")]),
        (ItemTypeEdit(order_by=0), [("OUT_OF_RANGE", "orderBy")]),
        (ItemTypeEdit(name="Work", color="red"), [("INVALID", "color")]),
        (ItemTypeEdit(name="Work", version=7), [("CONFLICT", "version")]),
    ],
)
async def test_a_refused_edit_changes_nothing(
    database: Database, viewer: Viewer, edit: ItemTypeEdit, refused: list[tuple[str, str]]
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office", 1)
        await make_item_type(session, viewer, "Mobile", 2)
    before = await rows(database, viewer)
    async with database.transaction(viewer.tenant_id) as session:
        with refusals() as told:
            await item_types.edit_item_type(session, viewer, office.id, edit)
    # Even though that transaction was committed.
    assert told == refused
    assert await rows(database, viewer) == before


async def test_phones_of_a_deleted_type_stay_and_become_untyped(
    database: Database, viewer: Viewer
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office", 1)
        mobile = await make_item_type(session, viewer, "Mobile", 2)
        contact = Contact(first_name="Ada", name_key="ada", given_key="ada")
        session.add(contact)
        await session.flush()
        for position, row in enumerate((office, mobile, office, None)):
            session.add(
                AdditionalPhone(
                    contact_id=contact.id,
                    number=f"+39061234500{position}",
                    item_type_id=row and row.id,
                    position=position,
                )
            )
    async with database.transaction(viewer.tenant_id) as session:
        deleted = await item_types.delete_item_type(session, viewer, office.id)
    assert deleted == item_types.DeletedItemType(id=office.id, name="Office", phones_untyped=2)
    async with database.transaction(viewer.tenant_id) as session:
        types = await session.scalars(
            select(AdditionalPhone.item_type_id).order_by(AdditionalPhone.position)
        )
        assert types.all() == [None, mobile.id, None, None]
        last = await session.scalar(select(Event).order_by(Event.id.desc()).limit(1))
        assert last is not None
        assert (last.name, last.data) == (
            "item_type.deleted",
            {"name": "Office", "phones_untyped": 2},
        )
    assert [name for name, _, _ in await rows(database, viewer)] == ["Mobile"]


async def test_a_foreign_type_looks_like_a_missing_one(
    database: Database, viewer: Viewer, new_tenant: MakeTenant
) -> None:
    other = await make_viewer(database, await new_tenant())
    async with database.transaction(other.tenant_id) as session:
        theirs = await make_item_type(session, other, "Office")
    for item_type_id in (theirs.id, 2**62):
        async with database.transaction(viewer.tenant_id) as session:
            with refusals() as told:
                await item_types.edit_item_type(
                    session, viewer, item_type_id, ItemTypeEdit(name="Mine", version=99)
                )
            assert told == [("NOT_FOUND", "id")]
            with refusals() as told:
                await item_types.delete_item_type(session, viewer, item_type_id)
            assert told == [("NOT_FOUND", "id")]
    assert await rows(database, other) == [("Office", 1, "#AABBCC")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["Holiday Home", "Office", "50%_"]),
        ("office", ["Office"]),
        ("FIC", ["Office"]),
        ("day  ho", ["Holiday Home"]),
        ("12", ["Office"]),  # an Order by
        ("1", ["Holiday Home"]),  # as a whole: 12 is another one
        ("#00ff", ["Office"]),  # a colour
        ("%_", ["50%_"]),
        ("zzz", []),
        ("\x00", []),
        ("\ud800", []),
        ("x" * 100_000, []),
    ],
)
async def test_search_finds_parts_of_names_orders_and_colours(
    database: Database, viewer: Viewer, text: str, found: list[str]
) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        await make_item_type(session, viewer, "Holiday Home", 1, "#ABCDEF")
        await make_item_type(session, viewer, "Office", 12, "#00FF00")
        await make_item_type(session, viewer, "50%_", 31, "#FFFFFF")
        condition = item_types.matching(text, viewer)(ContactItemType.__table__)
        names = await session.scalars(
            item_types.visible_item_types(viewer)
            .where(condition)
            .order_by(ContactItemType.order_by)
            .with_only_columns(ContactItemType.name)
        )
        assert sorted(names) == sorted(found)


async def test_a_type_knows_how_many_phones_have_it(database: Database, viewer: Viewer) -> None:
    async with database.transaction(viewer.tenant_id) as session:
        office = await make_item_type(session, viewer, "Office")
        contact = Contact(first_name="Ada", name_key="ada", given_key="ada")
        session.add(contact)
        await session.flush()
        for number in ("+390612345000", "+390612345001"):
            session.add(
                AdditionalPhone(
                    contact_id=contact.id, number=number, item_type_id=office.id, position=0
                )
            )
        await session.flush()
        count = item_types.phone_count(ContactItemType.__table__)
        assert await session.scalar(select(count).select_from(ContactItemType.__table__)) == 2
