# SPDX-License-Identifier: Apache-2.0
"""A field that is changed while its values are written: never half (C-22)."""

import asyncio

import pytest

from server.database import Database
from server.domain.errors import DomainError, ErrorCode
from server.domain.fields import FieldScope, FieldType
from server.domain.permissions import Viewer
from server.models import MasterDataField
from server.services import contacts, fields
from server.services.contacts import ContactEdit, ValueInput, values_of_contacts
from server.services.fields import FieldEdit, FieldInput, changing
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact
from tests.factories.refusals import refusals
from tests.factories.users import make_viewer


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    return await make_viewer(database, tenant)


async def make_field(database: Database, viewer: Viewer, **given: object) -> MasterDataField:
    asked = {"name": "code", "type": FieldType.TEXT} | given
    async with database.transaction(viewer.tenant_id) as session:
        made: MasterDataField = await fields.create_field(
            session,
            viewer,
            FieldInput(**asked),  # type: ignore[arg-type]
        )
    return made


async def people(database: Database, viewer: Viewer, count: int) -> list[int]:
    async with database.transaction(viewer.tenant_id) as session:
        made = [await make_contact(session, viewer, phone=None) for _ in range(count)]
    return [one.id for one in made]


def given(field: MasterDataField, text: str, campaign_id: int | None = None) -> ContactEdit:
    return ContactEdit(values=[ValueInput(field_id=field.id, value=text, campaign_id=campaign_id)])


async def values(database: Database, viewer: Viewer, keys: list[int]) -> list[list[str]]:
    async with database.transaction(viewer.tenant_id) as session:
        found = await values_of_contacts(session, viewer, keys)
    return [list(found[key].values()) for key in keys]


async def test_a_change_waits_for_a_value_that_is_being_written(
    database: Database, viewer: Viewer
) -> None:
    code = await make_field(database, viewer)
    [ada] = await people(database, viewer, 1)

    async def change() -> None:
        async with database.transaction(viewer.tenant_id) as session:
            await fields.edit_field(session, viewer, code.id, FieldEdit(type=FieldType.NUMBER))

    async with database.transaction(viewer.tenant_id) as writer:
        await contacts.edit_contact(writer, viewer, ada, given(code, "A-1"))
        changing_it = asyncio.create_task(change())
        await asyncio.sleep(0.3)
        assert not changing_it.done()
    with pytest.raises(DomainError) as refused:
        await changing_it
    assert (refused.value.code, refused.value.params["unfit"]) == (ErrorCode.IN_USE, 1)
    assert await values(database, viewer, [ada]) == [["A-1"]]


async def test_a_value_waits_for_a_change_of_its_field(database: Database, viewer: Viewer) -> None:
    code = await make_field(database, viewer)
    [ada] = await people(database, viewer, 1)
    told: list[tuple[str, str | None]] = []

    async def write() -> None:
        with refusals() as found:
            async with database.transaction(viewer.tenant_id) as session:
                await contacts.edit_contact(session, viewer, ada, given(code, "A-1"))
        told.extend(found)

    async with database.transaction(viewer.tenant_id) as editor:
        await fields.edit_field(editor, viewer, code.id, FieldEdit(type=FieldType.NUMBER))
        writing = asyncio.create_task(write())
        await asyncio.sleep(0.3)
        assert not writing.done()
    await writing
    assert told == [("INVALID", "values.0.value")]
    assert await values(database, viewer, [ada]) == [[]]


async def test_many_values_follow_piece_by_piece_and_come_back_so(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys move over each other: 1.0 becomes 1, which another value was."""
    monkeypatch.setattr(changing, "BATCH", 3)
    code = await make_field(database, viewer, is_unique=True)
    keys = await people(database, viewer, 10)
    for place, key in enumerate(keys):
        async with database.transaction(viewer.tenant_id) as session:
            text = f"{10 - place}.0" if place % 2 else f"{10 - place}"
            await contacts.edit_contact(session, viewer, key, given(code, text))
    async with database.transaction(viewer.tenant_id) as session:
        await fields.edit_field(session, viewer, code.id, FieldEdit(type=FieldType.NUMBER))
    whole = [[str(10 - place)] for place in range(10)]
    assert await values(database, viewer, keys) == whole
    async with database.transaction(viewer.tenant_id) as session:
        gone = await fields.delete_field(session, viewer, code.id, values_lost=10)
    assert await values(database, viewer, keys) == [[]] * 10
    async with database.transaction(viewer.tenant_id) as session:
        _, count = await fields.restore_field(session, viewer, gone.trashed_id)
    assert (count, await values(database, viewer, keys)) == (10, whole)


async def test_a_change_that_hardly_fails_has_written_nothing(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "BATCH", 2)
    code = await make_field(database, viewer)
    keys = await people(database, viewer, 7)
    for place, key in enumerate(keys):
        async with database.transaction(viewer.tenant_id) as session:
            text = "x" if place == 6 else str(place)
            await contacts.edit_contact(session, viewer, key, given(code, text))
    with pytest.raises(DomainError):
        async with database.transaction(viewer.tenant_id) as session:
            await fields.edit_field(session, viewer, code.id, FieldEdit(type=FieldType.NUMBER))
    assert await values(database, viewer, keys) == [[*"0"], [*"1"], *map(list, "2345x")]


async def test_a_field_that_leaves_a_structure_waits_for_its_writers(
    database: Database, viewer: Viewer
) -> None:
    offer = await make_field(database, viewer, scope=FieldScope.RECORD)
    [ada] = await people(database, viewer, 1)
    async with database.transaction(viewer.tenant_id) as session:
        campaign = await make_campaign(session, viewer)

    async def leave() -> None:
        async with database.transaction(viewer.tenant_id) as session:
            await fields.set_record_structure(session, viewer, campaign.id, [])

    async with database.transaction(viewer.tenant_id) as writer:
        await contacts.edit_contact(writer, viewer, ada, given(offer, "Plus", campaign.id))
        leaving = asyncio.create_task(leave())
        await asyncio.sleep(0.3)
        assert not leaving.done()
    with refusals() as told:
        await leaving
    assert told == [("IN_USE", "valuesLost")]


async def test_a_unique_value_that_somebody_is_about_to_take_is_taken(
    database: Database, viewer: Viewer
) -> None:  # C-22
    code = await make_field(database, viewer, is_unique=True)
    ada, bob = await people(database, viewer, 2)
    told: list[tuple[str, str | None]] = []

    async def second() -> None:
        with refusals() as found:
            async with database.transaction(viewer.tenant_id) as session:
                await contacts.edit_contact(session, viewer, bob, given(code, "a-1"))
        told.extend(found)

    async with database.transaction(viewer.tenant_id) as first:
        await contacts.edit_contact(first, viewer, ada, given(code, "A-1"))
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.3)
        assert not waiting.done()
    await waiting
    assert told == [("TAKEN", "values.0.value")]
    assert await values(database, viewer, [ada, bob]) == [["A-1"], []]
